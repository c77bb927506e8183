#!/usr/bin/python3
"""A private libvirtd with real domains, and suites of tests on it.

usage: lab.py [--build DIR] SUITE[:CASE]...       a suite is a file of unittest cases beside this one
       lab.py --command COMMAND [ARGUMENT...]     runs a command with the lab up

Everything happens in mount and process namespaces of its own: /run and libvirt's directories are private
(another libvirtd on this machine is neither seen nor disturbed) and every process ends with the lab,
however it ends. In an emulated guest with systemd, which is thrown away afterwards, the guest's own
libvirtd is used. Needs root, libvirtd with the LXC and QEMU drivers, qemu-system-x86, busybox-static.
"""
import argparse
import os
import pathlib
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
from host import SYSTEMD, Host  # noqa: E402

INSIDE = "VIRT_MEMTUNE_LAB_INSIDE"


def enter():
    """This very command again, in namespaces of its own."""
    if os.environ.get(INSIDE):
        be_init()
        return
    if SYSTEMD:
        return
    environment = dict(os.environ, **{INSIDE: str(os.getpid())})
    # The pid namespace ends with its first process, and with it all that the lab has started.
    os.execvpe("unshare", ["unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child",
                           "--mount-proc", sys.executable, *sys.argv], environment)


def be_init():
    """The first process of the namespace only buries what was left to it: libvirt takes an unburied
    QEMU for a living one, and waits for its end."""
    if os.getpid() != 1:
        return
    child = os.fork()
    while child:
        pid, status = os.wait()
        if pid == child:
            sys.exit(os.waitstatus_to_exitcode(status) & 0xff)


def cannot_run(why):
    print(f"the lab cannot run here: {why}", file=sys.stderr)
    sys.exit(1 if os.environ.get("CI") == "true" else 77)


def arguments():
    parser = argparse.ArgumentParser(description="tests on real domains of a private libvirtd")
    parser.add_argument("--build", default=os.environ.get("MESON_BUILD_ROOT", "build"))
    parser.add_argument("--command", nargs=argparse.REMAINDER)
    parser.add_argument("suites", nargs="*")
    return parser.parse_args()


def run_suites(host, names):
    suites = unittest.TestSuite()
    for name in names:
        name, _, case = name.partition(":")
        module = __import__(pathlib.Path(name).stem)
        module.host = host
        loader = unittest.defaultTestLoader
        suites.addTests(loader.loadTestsFromName(case, module) if case else loader.loadTestsFromModule(module))
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2, failfast=False).run(suites)
    if result.skipped and os.environ.get("CI") == "true":
        print("with CI=true nothing may be skipped")
        return 1
    return 0 if result.wasSuccessful() else 1


def main():
    options = arguments()
    if os.geteuid() != 0:
        cannot_run("not root")
    missing = [p for p in ("libvirtd", "virtlogd", "virsh", "qemu-system-x86_64", "busybox", "unshare")
               if not any((pathlib.Path(d) / p).exists() for d in ("/usr/sbin", "/usr/bin", "/sbin", "/bin"))]
    if missing:
        cannot_run("missing " + ", ".join(missing))
    enter()
    with Host(pathlib.Path(options.build).resolve()) as host:
        if options.command:
            host.define_all()
            return host.call(options.command)
        return run_suites(host, options.suites)


if __name__ == "__main__":
    sys.exit(main())
