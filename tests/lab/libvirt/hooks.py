"""The hook that gives starting domains what libvirt forgets; and the hook, broken in every way."""
import os
import pathlib
import subprocess
import unittest

import domains
import groups
from groups import WEB, change, read
from host import GROUPS_V2, SYSTEMD, TAG, only_if, run, until

host = None  # set by lab.py
HOOKS = {kind: pathlib.Path(f"/etc/libvirt/hooks/{kind}.d/virt-memtune") for kind in ("lxc", "qemu")}
HOOK = HOOKS["lxc"]
MACHINE = f"hooked-{TAG}"
PID_FILE = pathlib.Path("/run/libvirtd.pid")


def setUpModule():
    groups.host = host
    groups.setUpModule()
    host.define("qemu", domains.machine(MACHINE, None, mib=64))
    host.virsh("qemu", "start", MACHINE)


def tearDownModule():
    host.virsh("qemu", "destroy", MACHINE, status=None)
    host.virsh("qemu", "undefine", MACHINE, status=None)


def restart_libvirtd():
    """libvirtd reads its hooks when it starts."""
    if SYSTEMD:
        run("systemctl", "restart", "libvirtd.service")
        host.wait_for_libvirtd()
    else:
        host.libvirtd.terminate()
        host.libvirtd.wait()
        host.start_libvirtd()


def restart(kind="lxc", name=WEB):
    host.virsh(kind, "destroy", name)
    host.virsh(kind, "start", name)


def restarted(kind, name):
    """How many of its kept values a domain has after a restart."""
    restart(kind, name)
    return sum(read(file, name, kind) == text for file, text in kept().values())


def kept():
    """Tunables that libvirt forgets: as typed, and what their control file says then."""
    if GROUPS_V2:
        return {"low=40M": ("memory.low", str(40 << 20)), "min=20M": ("memory.min", str(20 << 20)),
                "swap_max=0": ("memory.swap.max", "0")}
    return {"swappiness=10": ("memory.swappiness", "10")}


class Hook(unittest.TestCase):
    def tearDown(self):
        for path in HOOKS.values():
            path.unlink(missing_ok=True)

    def test_shows_the_file_before_it_is_written(self):
        shown = host.tool("hook", "show", "lxc").stdout
        self.assertIn(str(HOOK), shown)
        host.tool("hook", "install", "lxc", status=130)
        self.assertFalse(HOOK.exists(), "nobody was asked, nothing is written")
        host.tool("hook", "install", "--yes", "lxc")
        self.assertIn(HOOK.read_text(), shown)
        self.assertTrue(os.access(HOOK, os.X_OK))
        self.assertIn("installed", host.tool("hook", "status", "lxc").stdout)
        host.tool("hook", "remove", "--yes", "lxc")
        self.assertFalse(HOOK.exists())

    def test_of_somebody_else_is_left_alone(self):
        HOOK.parent.mkdir(parents=True, exist_ok=True)
        HOOK.write_text("#!/bin/sh\n")
        for verb in ("install", "remove"):
            self.assertIn("look at it", host.tool("hook", verb, "--yes", "lxc", status=5).stderr)
        self.assertEqual(HOOK.read_text(), "#!/bin/sh\n")

    def test_gives_a_restarted_domain_what_is_kept_with_no_program_running(self):
        for kind, name in (("lxc", WEB), ("qemu", MACHINE)):
            with self.subTest(domain=name):
                self.assertNotIn("No daemon was told", host.tool("hook", "install", "--yes", kind).stdout)
                change(*kept(), name=name, kind=kind)
                # The daemon reads its hooks in a thread of its own, and in its own time.
                until(lambda: restarted(kind, name) == len(kept()), f"{name} has all after a restart")
                host.tool("hook", "remove", "--yes", kind)
                until(lambda: restarted(kind, name) == 0, f"{name} has none without the hook")
                host.tool("reapply", name)
                for typed, (file, text) in kept().items():
                    self.assertEqual(read(file, name, kind), text, f"{typed} by hand")

    @only_if(not SYSTEMD)
    def test_tells_nobody_else_when_the_daemons_pid_is_anothers_now(self):
        own = PID_FILE.read_text(encoding="ascii")
        with subprocess.Popen(["sleep", "1000"]) as other:
            try:
                PID_FILE.write_text(str(other.pid), encoding="ascii")
                self.assertIn("No daemon was told", host.tool("hook", "install", "--yes", "lxc").stdout)
                self.assertIsNone(other.poll(), "a sleep dies of SIGHUP")
            finally:
                PID_FILE.write_text(own, encoding="ascii")
                other.kill()

    def test_broken_in_every_way_lets_domains_live_and_start(self):
        before = host.virsh("lxc", "domid", WEB)
        own = host.tool("hook", "show", "lxc").stdout.split("\n", 1)[1]
        ways = {"without its program": own.replace(str(host.program), "/nonexistent"),
                "program that fails": own.replace(str(host.program), "/bin/false"),
                "program that hangs": own.replace(f"{host.program} restore", "sleep 600 #"),
                "program that talks": own.replace(f"{host.program} restore", "yes #")}
        HOOK.parent.mkdir(parents=True, exist_ok=True)
        for way, text in ways.items():
            with self.subTest(hook=way):
                self.assertNotEqual(text, own)
                HOOK.write_text(text)
                HOOK.chmod(0o755)
                restart_libvirtd()
                self.assertEqual(host.virsh("lxc", "domid", WEB), before, "it lives")
                restart()
                before = host.virsh("lxc", "domid", WEB)

    def test_restore_ends_well_whatever_it_is_given(self):
        for words in (("--hook", "lxc", "nosuch"), ("--hook", "nosuch", WEB), (), ("--hook", "lxc", "../../etc/passwd")):
            for text in ("", "<domain", "<domain/>", "\0" * 100, "x" * 100000):
                done = run(host.program, "restore", *words, input=text)
                self.assertEqual((done.stdout, done.stderr), ("", ""))
