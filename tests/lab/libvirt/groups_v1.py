"""What only control groups v1 have, judged by the control files and virsh."""
import unittest

import groups
from groups import WEB, change, read, show

host = None  # set by lab.py


def setUpModule():
    groups.host = host
    groups.setUpModule()


class Swappiness(unittest.TestCase):
    def test_is_set_and_read_back(self):
        done = change("swappiness=10", "--live")
        self.assertIn("changed", done.stdout)
        self.assertEqual(read("memory.swappiness"), "10")

    def test_is_kept_in_the_metadata(self):
        change("swappiness=20", "--config")
        self.assertIn(">20</", host.virsh("lxc", "dumpxml", "--inactive", WEB))
        self.assertEqual(show()["tunables"]["swappiness"]["config"], 20)

    def test_of_a_kept_value_that_is_not_applied_is_told(self):
        change("swappiness=60", "--live")
        change("swappiness=10", "--config")
        self.assertEqual(show()["trouble"][0]["text"], "swappiness 10 not applied")

    def test_above_the_range_is_refused(self):
        self.assertIn("200", change("swappiness=201", status=2).stderr)
