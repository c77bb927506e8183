"""Safe shrink of a balloon, judged by virsh and QEMU itself."""
import unittest

import domains
import tiny
from host import TAG

host = None  # set by lab.py
GUEST = f"follows-{TAG}"
BARE = f"ignores-{TAG}"


class Balloon(unittest.TestCase):
    """A balloon goes down as its guest follows; one that has no driver for it does not."""

    @classmethod
    def setUpClass(cls):
        image = tiny.build(host.directory)
        for name, system in ((GUEST, image), (BARE, None)):
            host.define("qemu", domains.machine(name, system))
            host.virsh("qemu", "start", name)
        cls.addClassCleanup(cls.end)
        host.wait_for_guest(GUEST)

    @staticmethod
    def end():
        for name in (GUEST, BARE):
            host.virsh("qemu", "destroy", name, status=None)
            host.virsh("qemu", "undefine", name)

    def shrink(self, name, status):
        return host.tool("-c", "qemu:///system", "set", "--safe-shrink", "--allow=danger", name, "memory=150M", "--live",
                         status=status, timeout=300)

    @staticmethod
    def size(name):
        lines = host.virsh("qemu", "dommemstat", name).splitlines()
        return int(dict(line.split() for line in lines)["actual"])

    def test_arrives_where_the_guest_follows(self):
        self.assertIn("changed", self.shrink(GUEST, 0).stdout)
        self.assertEqual(self.size(GUEST), 150 * 1024)

    def test_is_what_it_was_where_it_does_not(self):
        done = self.shrink(BARE, 9)
        self.assertIn("does not come to", done.stdout)
        # Nobody can read what it was asked for: it is what it would grow to.
        self.assertEqual(self.size(BARE), 192 * 1024)
        self.assertIn("192", host.virsh("qemu", "qemu-monitor-command", BARE, "--hmp", "info", "balloon"))
