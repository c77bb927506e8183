"""What only control groups v1 have, judged by the control files and virsh."""
import json
import unittest

import groups
from groups import MIB, WEB, change, eat, read, show, watch
from host import run

host = None  # set by lab.py


def setUpModule():
    groups.host = host
    groups.setUpModule()


class Swappiness(unittest.TestCase):
    def test_is_set_and_read_back(self):
        change("swappiness=20", "--live")
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

    def test_at_the_ends_of_its_range_says_what_it_does(self):
        self.assertIn("never swaps, even at the limit: it kills", change("swappiness=0", "--check").stderr)
        self.assertIn("before 5.8", change("swappiness=101", "--check").stderr)
        self.assertNotIn("5.8", change("swappiness=100", "--check").stderr)

    def test_kept_for_the_next_start_says_that_the_hook_is_missing(self):
        self.assertIn("virt-memtune hook install lxc", change("swappiness=11", "--config", "--check").stderr)
        self.assertNotIn("hook", change("swappiness=11", "--live", "--check").stderr)

    def test_kept_by_the_command_that_a_review_shows(self):
        change("swappiness=60", "--config")
        before = host.virsh("lxc", "dumpxml", "--inactive", WEB)
        self.assertIn(">60</", before)
        for line in run(host.build / "tests/lab/steps", "lxc:///system", WEB, "swappiness=12", "--config").stdout.splitlines():
            run("sh", "-ec", line)
        self.assertEqual(show()["tunables"]["swappiness"]["config"], 12)


class Counts(unittest.TestCase):
    def test_are_set_back_though_they_count_on(self):
        eat(50)
        eat(0)
        self.assertGreater(int(read("memory.max_usage_in_bytes")), 50 * MIB)
        done = change("peak=reset", "memsw_peak=reset", "failcnt=reset", "memsw_failcnt=reset", "--json")
        results = json.loads(done.stdout)["results"]
        self.assertEqual([r["outcome"] for r in results], ["changed"] * 4)
        self.assertLess(int(read("memory.max_usage_in_bytes")), 40 * MIB)
        self.assertLess(int(read("memory.memsw.max_usage_in_bytes")), 40 * MIB)

    def test_take_no_value(self):
        self.assertIn("only reset", change("peak=100M", status=7).stdout)


class Limits(unittest.TestCase):
    def setUp(self):
        eat(0)

    def tearDown(self):
        groups.revive()

    def test_held_at_the_hard_limit_and_killed_there_is_told_as_it_happens(self):
        change("hard=64M", "--live")
        eat(61)
        self.assertRegex(watch("near_limit"), r"left|full")
        more = host.directory / "root/tmp/eat"
        told = watch("died", "oom_kill", then=lambda: more.write_text("200\n"))
        self.assertRegex(told, "oom-kill|out of memory")

    def test_a_container_that_the_kernel_killed_did_not_shut_down_by_itself(self):
        change("hard=64M", "--live")
        told = watch("died", then=lambda: (host.directory / "root/tmp/grow").write_text(""))
        self.assertRegex(told, r"^died \d\d:\d\d: the kernel killed its busybox: out of memory")
        self.assertEqual(host.virsh("lxc", "domstate", WEB), "shut off")

    def test_headroom_under_a_limited_parent(self):
        parent = host.group("lxc", WEB).parent
        limit = parent / "memory.limit_in_bytes"
        change("hard=8G", "--live")
        eat(20)
        used = int((parent / "memory.usage_in_bytes").read_text())
        limit.write_text(str(used + 1024 * MIB))  # far: others may live in it
        try:
            domain = show()
            self.assertLess(domain["figures"]["left"], 1100 * MIB)
            self.assertGreater(domain["figures"]["left"], 700 * MIB)
        finally:
            limit.write_text("-1")
