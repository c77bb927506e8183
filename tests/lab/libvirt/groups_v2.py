"""What only control groups v2 have, judged by the control files and virsh."""
import subprocess
import unittest

import domains
import groups
from groups import MIB, WEB, change, eat, read, show, watch
from host import SYSTEMD, TAG

host = None  # set by lab.py


def setUpModule():
    groups.host = host
    groups.setUpModule()


def levels():
    """The groups above the domain's, nearest first."""
    path = host.group("lxc", WEB).parent
    while path.name != "cgroup":
        yield path
        path = path.parent


class Locked(unittest.TestCase):
    """Here a machine may lock its memory: on the other lab's host it would not start."""
    NAME = f"locked-{TAG}"

    def setUp(self):
        host.define("qemu", domains.machine(self.NAME, None, extra="<memoryBacking><locked/></memoryBacking>", mib=64))
        host.virsh("qemu", "start", self.NAME)

    def tearDown(self):
        for verb in ("destroy", "undefine"):
            host.virsh("qemu", verb, self.NAME, status=None)

    def test_is_shown_and_known_to_the_checks(self):
        domain = show(self.NAME, "qemu")
        self.assertEqual(domain["figures"]["locked"], True)
        self.assertGreaterEqual(domain["figures"]["held"], 64 * MIB, "all of it is there from the start")
        done = host.tool("-c", "qemu:///system", "set", self.NAME, "hard=60M", "--check", status=8)
        self.assertIn("also the limit for locked memory", done.stderr)
        self.assertIn("the balloon may give nothing back", host.tool(
            "-c", "qemu:///system", "set", self.NAME, "memory=32M", "--live", "--check", status=None).stderr)


class Limits(unittest.TestCase):
    def setUp(self):
        if host.virsh("lxc", "domstate", WEB) != "running":
            host.virsh("lxc", "start", WEB)
        eat(0)
        change("hard=200M", "soft=none", "--live")

    def test_no_swap_is_written_where_libvirt_refuses_it(self):
        host.virsh("lxc", "memtune", WEB, "--live", "--swap-hard-limit", "0", status=1)
        change("swap_max=0")
        self.assertEqual(read("memory.swap.max"), "0")
        self.assertEqual(show()["tunables"]["swap_max"]["config"], 0)
        change("swap_max=none")
        self.assertEqual(read("memory.swap.max"), "max")
        self.assertEqual(show()["tunables"]["swap_max"]["config"], "unlimited")

    def test_throttling_at_the_soft_limit_is_told_with_its_rate(self):
        change("swap_max=0", "soft=30M", "--live")
        (host.directory / "root/tmp/eat").write_text("60\n")
        self.assertRegex(watch("throttled"), r"^throttled \d+/s")
        change("soft=none", "swap_max=none", "--live")

    def test_a_limit_forced_below_what_is_needed_kills_and_is_told(self):
        change("swap_max=0", "--live")
        eat(80)
        refused = host.tool("-c", "lxc:///system", "set", WEB, "hard=30M", "--live", status=8)
        self.assertIn("no swap", refused.stderr + refused.stdout)
        told = watch("died", "oom_kill", then=lambda: change("hard=30M", "--live", status=None), seconds=120)
        self.assertRegex(told, "oom-kill|out of memory")
        groups.revive()

    def test_headroom_under_a_limited_parent(self):
        eat(20)
        parent = list(levels())[-1]
        limit = parent / "memory.max"
        limit.write_text(str(100 * MIB))
        try:
            domain = show()
            used = int((parent / "memory.current").read_text())
            self.assertLessEqual(domain["figures"]["left"], 100 * MIB - 20 * MIB)
            self.assertGreaterEqual(domain["figures"]["left"], 100 * MIB - used - MIB)
        finally:
            limit.write_text("max")

    def test_protection_is_on_every_level_and_taken_back(self):
        for name in ("low", "min"):
            change(f"{name}=40M", "--live")
            self.assertEqual(read(f"memory.{name}"), str(40 * MIB))
            for level in levels():
                self.assertEqual((level / f"memory.{name}").read_text().strip(), str(40 * MIB), level)
            if SYSTEMD:
                subprocess.run(["systemctl", "daemon-reload"], check=True)
                for level in levels():
                    self.assertEqual((level / f"memory.{name}").read_text().strip(), str(40 * MIB), level)
            change(f"{name}=0", "--live")
            for level in levels():
                self.assertEqual((level / f"memory.{name}").read_text().strip(), "0", level)

    def test_swappiness_has_no_counterpart(self):
        self.assertEqual(show()["tunables"]["swappiness"]["unsupported"]["text"], "no counterpart on cgroup v2")
        self.assertIn("no counterpart on cgroup v2", change("swappiness=10", status=7).stderr)
