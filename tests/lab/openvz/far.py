#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""openvz+ssh:// to stand-ins behind an sshd of our own on 127.0.0.1.

  far.py VIRT_MEMTUNE [NAME of a test]...
"""
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from urllib.parse import quote

sys.dont_write_bytecode = True
sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import world
from drive import PROGRAM, Host, check, same_limits, shown
from sshd import Sshd

MARK = "ran-%d" % os.getpid()
# What a shell, or ssh, or vzctl could take for something else; a name has no slash.
NAMES = ["$(touch %s)" % MARK, "`touch %s`" % MARK, ";touch %s;" % MARK, "a'b\"; touch %s #" % MARK,
         "new\ntouch %s\n" % MARK, "&& touch %s" % MARK, "--save", "-oProxyCommand=touch %s" % MARK,
         "two words", "back\\slash", "*"]


def ran():
    """Where a command smuggled in would have left its file."""
    places = [os.getcwd(), os.path.expanduser("~root"), "/"]
    return [p for p in (os.path.join(place, MARK) for place in places) if os.path.exists(p)]


class Remote(Sshd):
    def __init__(self, directory):
        # bash reads root's own .bashrc there, whatever that does
        super().__init__(directory, "SetEnv HOME=%s" % directory)

    def uri(self, root, key="user", known="known"):
        return "openvz+ssh://root@127.0.0.1:%d/system?root=%s&keyfile=%s&known_hosts=%s" % (
            self.port, quote(root, safe="/"), self.path(key), self.path(known))

    def end_shared(self):
        """The connection that ssh keeps for a minute."""
        sockets = self.path("virt-memtune")
        for name in os.listdir(sockets) if os.path.isdir(sockets) else []:
            subprocess.run(["ssh", "-o", "ControlPath=" + os.path.join(sockets, name), "-O", "exit",
                            "127.0.0.1"], capture_output=True, check=False)

    def end(self):
        self.end_shared()
        super().end()


def far(sshd, there, **options):
    return Host(there, sshd.uri(there.root, **options), {"XDG_RUNTIME_DIR": sshd.directory})


def test_list_show_and_set_over_one_connection(sshd, root):
    host = far(sshd, world.legacy(root))
    sshd.end_shared()
    before = sshd.accepted()
    listing = host.run("list")
    check(listing.returncode == 0 and "web" in listing.stdout, listing.stdout, listing.stderr)
    host.set("web", "privvmpages=70000:75000", "vmguarpages=34000", "--both")
    check(host.listed("101", "privvmpages") == [70000, 75000], host.listed("101", "privvmpages"))
    check(host.listed("101", "vmguarpages") == [34000, world.LONG_MAX])
    check(same_limits(host.saved("101", "privvmpages"), [70000, 75000]))
    check(shown(host.show("101"), "privvmpages", "config") == [70000 * 4096, 75000 * 4096])
    host.set("103", "lockedpages=77")
    check(same_limits(host.saved("103", "lockedpages"), [77, 77]), "by its CTID, stopped")
    check(sshd.accepted() == before + 1, "not one shared connection:", sshd.accepted() - before)


def test_each_generation(sshd, root):
    for generation in (7, 9):
        host = far(sshd, world.seven("%s-%d" % (root, generation), generation=generation))
        host.set(world.SEVEN_ID, "ram=1G", "swap=512M", "--both")
        check(host.listed(world.SEVEN_ID, "physpages") == [262144, 262144], generation)
        check(same_limits(host.saved(world.SEVEN_ID, "swappages"), [131072, 131072]), generation)


def test_hostile_names_run_nothing(sshd, root):
    there = world.legacy(root)
    for i, name in enumerate(NAMES):
        ctid = str(201 + i)
        there.container(ctid, world.fixture("conf/legacy-ve-light.conf-sample"))
        os.symlink("../conf/%s.conf" % ctid, there.path("etc/vz/names", name))
    host = far(sshd, there)
    for i, name in enumerate(NAMES):
        host.set("--domain", name, "lockedpages=%d" % (10 + i))
        check(same_limits(host.saved(str(201 + i), "lockedpages"), [10 + i] * 2), repr(name))
        check(there.calls()[-1][1] == str(201 + i), "the name reached vzctl", repr(name))
    for name in NAMES[:3]:
        result = host.run("set", "--domain", name + " no such", "lockedpages=1")
        check(result.returncode == 11, "a name that nobody has:", repr(name), result.stderr)
    check(not ran(), "a name was run:", ran())


def test_hostile_arguments_run_nothing(sshd, root):
    """A path is what reaches the remote shell as it was typed."""
    for i, name in enumerate((NAMES[0], NAMES[2], NAMES[3])):
        there = world.legacy(os.path.join(root + "-%d" % i, name))
        host = far(sshd, there)
        host.set("103", "lockedpages=%d" % (30 + i))
        check(same_limits(host.saved("103", "lockedpages"), [30 + i] * 2), repr(name))
    result = far(sshd, there).run("list")
    check(result.returncode == 0, result.stderr)
    uri = sshd.uri("/nowhere\ntouch " + MARK)
    result = subprocess.run([PROGRAM, "-c", uri, "--timeout", "120", "list"],
                                capture_output=True, text=True, timeout=180)
    check(result.returncode in (2, 6) and "cannot be used" in result.stderr, result.stderr)
    for part in ("-oProxyCommand=touch%20x", "$(touch%20" + MARK + ")", ";touch%20" + MARK):
        result = subprocess.run([PROGRAM, "-c", "openvz+ssh://root@%s/system" % part, "list"],
                                capture_output=True, text=True, timeout=180)
        check(result.returncode in (2, 6), part, result.returncode, result.stderr)
    check(not ran(), "an argument was run:", ran())


def test_a_check_writes_nothing(sshd, root):
    there = world.legacy(root)
    host = far(sshd, there)
    result = host.set("103", "lockedpages=88", "--check", "--json")
    text = [json.loads(line) for line in result.stdout.split("\n") if line]
    check(host.saved("103", "lockedpages") != "88:88" and text, "a check wrote")


def test_refusals_are_clear_and_ask_nothing(sshd, root):
    there = world.legacy(root)
    result = far(sshd, there, key="other").run("list")
    check(result.returncode in (4, 6) and "ermission denied" in result.stderr, result.stderr)
    open(sshd.path("empty"), "w").close()
    sshd.end_shared()
    result = far(sshd, there, known="empty").run("list")
    check(result.returncode in (4, 6) and "Host key" in result.stderr, result.stderr)
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        uri = "openvz+ssh://root@127.0.0.1:%d/system" % nobody.getsockname()[1]
        result = subprocess.run([PROGRAM, "-c", uri, "--timeout", "120", "list"],
                                capture_output=True, text=True, timeout=180)
    check(result.returncode == 6 and "refused" in result.stderr, result.returncode, result.stderr)


def main():
    wanted = sys.argv[2:]
    missing = "root" if os.geteuid() != 0 else None if os.path.exists("/usr/sbin/sshd") else "sshd"
    if missing:
        print(("Bail out! needs " if os.environ.get("CI") == "true" else "1..0 # SKIP needs ") + missing)
        return 0
    failed = 0
    directory = tempfile.mkdtemp(prefix="ovz-", dir="/tmp")
    os.chmod(directory, 0o755)
    os.mkdir(directory + "/s", 0o700)
    sshd = Remote(directory + "/s")
    tests = [t for t in sorted(globals()) if t.startswith("test_") and (not wanted or t in wanted)]
    print("1..%d" % len(tests))
    try:
        for number, name in enumerate(tests, 1):
            try:
                globals()[name](sshd, os.path.join(directory, str(number)))
                print("ok %d %s" % (number, name[5:]), flush=True)
            except Exception as error:  # a test that breaks is a test that fails
                failed += 1
                print("not ok %d %s" % (number, name[5:]))
                print("# " + repr(error).replace("\\n", "\n# "), flush=True)
    finally:
        sshd.end()
        shutil.rmtree(directory)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
