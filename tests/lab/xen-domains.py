#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Targets and maxima of real Xen domains. Boots (resumes) the emulated machine and runs
xen-inside.py in its Domain-0; passes its TAP on.

  xen-domains.py PROGRAM
"""
import os
import pathlib
import shlex
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
# Xen's own tools are in Domain-0's root, the program and python in this machine's: /run is in both.
COMMAND = """mkdir -p /run/tools/log
mount --bind /var/log/xen /run/tools/log
cp /usr/bin/xenstore-read /usr/bin/virsh /usr/lib/xen-4.17/bin/xl /run/tools/
enter env PATH=/usr/sbin:/usr/bin:/sbin:/bin %s /usr/bin/python3 -B %s %s
"""


def main():
    if os.getuid() != 0:
        if os.environ.get("CI"):
            print("1..1\nnot ok 1 needs root")
            return 1
        print("1..0 # SKIP needs root")
        return 0
    program = str(pathlib.Path(sys.argv[1]).resolve())
    settings = " ".join(shlex.quote("%s=%s" % (name, os.environ[name])) for name in
                        ("MESON_SOURCE_ROOT", "MESON_BUILD_ROOT", "ASAN_OPTIONS", "UBSAN_OPTIONS") if name in os.environ)
    with tempfile.TemporaryDirectory(prefix="xen-", dir="/var/tmp") as share:
        pathlib.Path(share, "run.sh").write_text(
            COMMAND % (settings, shlex.quote(str(HERE / "xen-inside.py")), shlex.quote(program)), encoding="utf-8")
        answer = subprocess.run([sys.executable, HERE / "xen/machine.py", "--timeout", "900", "--share", share, ". /mnt/run.sh"],
                                stdout=subprocess.PIPE, text=True, check=False)
    sys.stdout.write(answer.stdout)
    if "1.." not in answer.stdout:
        print("Bail out! the machine ended with status %d" % answer.returncode)
    return answer.returncode


sys.exit(main())
