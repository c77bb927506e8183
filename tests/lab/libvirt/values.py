"""Every tunable, live, config and both, written by `set` and judged by others' tools."""
import json
import subprocess
import unittest

import domains
from host import GROUPS_V2, TAG, run, until

host = None  # set by lab.py
EATER, OFF, GUEST, BARE = (f"{name}-{TAG}" for name in ("eater", "off", "guest", "bare"))
KIB = 1024
MIB = 1024 * KIB
SWAP = "swap_max" if GROUPS_V2 else "swap_hard_limit"
FILES = ({"hard_limit": "memory.max", "soft_limit": "memory.high", "swap_max": "memory.swap.max"} if GROUPS_V2 else
         {"hard_limit": "memory.limit_in_bytes", "soft_limit": "memory.soft_limit_in_bytes",
          "swap_hard_limit": "memory.memsw.limit_in_bytes"})


def setUpModule():
    host.define_all()


def uri(kind):
    return f"{kind}:///system"


def change(kind, name, *words, status=0):
    """`set` with its result, by tunable and scope."""
    done = host.tool("-c", uri(kind), "set", "--json", "--allow=danger,kills", name, *words, status=status)
    return {(r["tunable"], r["scope"]): r for r in json.loads(done.stdout)["results"]} if done.stdout else {}


def virsh_name(tunable):
    return "swap_hard_limit" if tunable == "swap_max" else tunable


def read_file(kind, name, tunable):
    text = (host.group(kind, name) / FILES[tunable]).read_text().strip()
    return None if text == "max" or int(text) > 1 << 60 else int(text)


class Parameters(unittest.TestCase):
    def judge(self, kind, name, tunable, scope, wanted):
        scopes = ("live", "config") if scope == "both" else (scope,)
        for one in scopes:
            self.assertEqual(host.memtune(kind, name, one)[virsh_name(tunable)], wanted // KIB, f"virsh memtune --{one}")
        if "config" in scopes:
            self.assertIn(f"<{virsh_name(tunable)} unit='KiB'>{wanted // KIB}</",
                          host.virsh(kind, "dumpxml", "--inactive", name))
        if "live" in scopes:
            self.assertEqual(read_file(kind, name, tunable), wanted, "the control file")

    def test_every_parameter_goes_where_it_was_sent(self):
        sizes = {"hard_limit": 400, "soft_limit": 300, SWAP: 500}
        more = 0
        for kind, name in (("lxc", EATER), ("qemu", GUEST)):
            for scope in ("live", "config", "both"):
                for tunable in ("hard_limit", "soft_limit", SWAP):
                    more += 1
                    wanted = (sizes[tunable] + more) * MIB
                    # The swap limit comes with a hard limit below it.
                    words = [f"{tunable}={wanted}B", f"--{scope}"]
                    if tunable == SWAP:
                        words.insert(0, "hard_limit=400M")
                    with self.subTest(domain=name, tunable=tunable, scope=scope):
                        results = change(kind, name, *words)
                        for one in ("live", "config") if scope == "both" else (scope,):
                            self.assertEqual(results[tunable, one]["outcome"], "changed")
                            self.assertEqual(results[tunable, one]["after"], wanted)
                        self.judge(kind, name, tunable, scope, wanted)
                    if tunable == SWAP:
                        change(kind, name, f"{SWAP}=none", f"--{scope}")

    def test_unlimited_is_unlimited(self):
        change("qemu", GUEST, "soft_limit=none", f"{SWAP}=none", "hard_limit=none", "--both")
        for scope in ("live", "config"):
            self.assertEqual(set(host.memtune("qemu", GUEST, scope).values()), {None})
        self.assertIsNone(read_file("qemu", GUEST, "hard_limit"))
        self.assertNotIn("<hard_limit", host.virsh("qemu", "dumpxml", "--inactive", GUEST))

    def test_what_is_there_already_is_unchanged(self):
        change("lxc", EATER, "hard_limit=500M")
        results = change("lxc", EATER, "hard_limit=500M")
        self.assertEqual({r["outcome"] for r in results.values()}, {"unchanged"})

    def test_sizes_are_rounded_to_pages_in_both_scopes(self):
        change("lxc", EATER, "soft_limit=300001K")
        self.assertEqual(host.memtune("lxc", EATER, "live")["soft_limit"], 300000)
        self.assertEqual(host.memtune("lxc", EATER, "config")["soft_limit"], 300000)

    def test_a_stopped_domain_takes_config_alone(self):
        results = change("lxc", OFF, "soft_limit=77M")
        self.assertEqual(list(results), [("soft_limit", "config")])
        self.assertEqual(host.memtune("lxc", OFF, "config")["soft_limit"], 77 * 1024)
        change("lxc", OFF, "soft_limit=78M", "--live", status=7)

    def test_a_container_without_a_hard_limit_is_shown_with_its_memory(self):
        shown = json.loads(host.tool("-c", uri("lxc"), "show", "--json", OFF).stdout)
        self.assertEqual(shown["domains"][0]["tunables"]["hard_limit"]["config"], 256 * MIB)
        change("lxc", OFF, "hard_limit=none", status=8)

    def test_the_other_swap_row_is_not_offered(self):
        other = "swap_hard_limit" if GROUPS_V2 else "swap_max"
        change("qemu", BARE, f"{other}=1G", status=7)

    def test_a_hard_limit_above_the_swap_limit_is_refused_before_libvirt_does(self):
        change("qemu", BARE, "hard_limit=300M", f"{SWAP}=400M", "--config")
        change("qemu", BARE, "hard_limit=500M", "--config", status=8)
        self.assertEqual(host.memtune("qemu", BARE, "config")["hard_limit"], 300 * 1024)
        change("qemu", BARE, "hard_limit=500M", f"{SWAP}=500M", "--config")
        self.assertEqual(host.memtune("qemu", BARE, "config")["hard_limit"], 500 * 1024)
        change("qemu", BARE, "hard_limit=none", f"{SWAP}=none", "--config")


class Guest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        host.wait_for_guest(GUEST)

    def test_1_the_balloon_gives_memory_back(self):
        results = change("qemu", GUEST, "memory=128M", "--live", "--wait", "60")
        self.assertIn(results["memory", "live"]["outcome"], ("changed", "pending"))

        def small():
            return int(host.virsh("qemu", "dommemstat", GUEST).split("actual ")[1].split()[0]) <= 132 * 1024
        until(small, "virsh dommemstat says at most 132 MiB", 60)
        self.assertIn("<currentMemory unit='KiB'>196608<", host.virsh("qemu", "dumpxml", "--inactive", GUEST))
        change("qemu", GUEST, "memory=192M", "--live", "--wait", "60")

    def test_2_a_balloon_without_a_guest_never_moves_and_that_is_said(self):
        results = change("qemu", BARE, "memory=128M", "--live", "--wait", "2")
        self.assertEqual(results["memory", "live"]["outcome"], "pending")
        self.assertIn("actual 196608", host.virsh("qemu", "dommemstat", BARE))

    def test_3_configured_memory_and_maximum(self):
        change("qemu", GUEST, "maximum=256M", "memory=160M", "--config")
        xml = host.virsh("qemu", "dumpxml", "--inactive", GUEST)
        self.assertIn("<memory unit='KiB'>262144<", xml)
        self.assertIn("<currentMemory unit='KiB'>163840<", xml)
        change("qemu", GUEST, "maximum=192M", "memory=192M", "--config")
        xml = host.virsh("qemu", "dumpxml", "--inactive", GUEST)
        self.assertIn("<memory unit='KiB'>196608<", xml)
        self.assertIn("<currentMemory unit='KiB'>196608<", xml)

    def test_4_a_running_guest_keeps_its_maximum(self):
        change("qemu", GUEST, "maximum=256M", "--live", status=7)
        self.assertIn("<memory unit='KiB'>196608<", host.virsh("qemu", "dumpxml", GUEST))

    def test_5_the_statistics_period_brings_the_guests_figures(self):
        change("qemu", GUEST, "stats_period=1")
        for words in ((), ("--inactive",)):
            self.assertIn("<stats period='1'/>", host.virsh("qemu", "dumpxml", *words, GUEST))

        def guest_figure():
            shown = json.loads(host.tool("-c", uri("qemu"), "show", "--json", GUEST).stdout)
            return shown["domains"][0]["figures"].get("guest")
        used = until(guest_figure, "the guest's use is shown", 30)
        self.assertLess(used, 192 * MIB)

    def test_6_why_figures_are_missing(self):
        shown = json.loads(host.tool("-c", uri("qemu"), "show", "--json", BARE).stdout)
        self.assertEqual(shown["domains"][0]["missing"]["guest"]["code"], "stats_period_0")


class Backing(unittest.TestCase):
    """Memory that a limit does not act on, or that cannot be taken back: told before it matters."""

    def check(self, backing, *words):
        name = f"backed-{TAG}"
        host.define("qemu", domains.machine(name, None, extra=f"<memoryBacking>{backing}</memoryBacking>"))
        try:
            shown = json.loads(host.tool("-c", uri("qemu"), "show", "--json", name).stdout)["domains"][0]
            done = host.tool("-c", uri("qemu"), "set", "--check", "--config", name, *words, status=None)
            return shown["figures"], done
        finally:
            host.virsh("qemu", "undefine", name)

    def test_locked_memory_takes_a_hard_limit_for_its_own(self):
        figures, done = self.check("<locked/>", "hard=100M")
        self.assertEqual((figures["locked"], figures["hugepages"]), (True, 0))
        self.assertIn("also the limit for locked memory: below 192 MiB the VM does not start", done.stderr)
        self.assertEqual(done.returncode, 8)

    def test_huge_pages_are_not_counted(self):
        figures, done = self.check("<hugepages/>", "hard=100M")
        self.assertEqual((figures["locked"], figures["hugepages"]), (False, 192 * MIB))
        self.assertIn("192 MiB are huge pages, not counted here", done.stderr)
        self.assertEqual(done.returncode, 0, done.stderr)


class Commands(unittest.TestCase):
    """What a review shows really runs in a shell, with the result that `set` has."""

    def test_the_equivalent_commands_do_the_same(self):
        cases = [("lxc", EATER, ["hard_limit=410M", "soft_limit=310M"]),
                 ("lxc", EATER, ["soft_limit=none"]),
                 ("lxc", EATER, ["hard_limit=420M", f"{SWAP}=520M"]),
                 ("lxc", EATER, [f"{SWAP}=none"]),
                 ("qemu", BARE, ["hard_limit=2G", "soft_limit=1G", "--config"]),
                 ("qemu", BARE, ["hard_limit=none", "soft_limit=none", "--config"]),
                 ("qemu", GUEST, ["stats_period=3"]),
                 ("qemu", GUEST, ["maximum=320M", "memory=100M", "--config"]),
                 ("qemu", GUEST, ["maximum=192M", "memory=192M", "--config"])]
        for kind, name, words in cases:
            with self.subTest(domain=name, words=words):
                before = self.state(kind, name)
                plan = run(host.build / "tests/lab/steps", uri(kind), name, *words).stdout.splitlines()
                self.assertTrue(plan)
                for command in plan:
                    subprocess.run(["sh", "-ec", command], check=True, stdout=subprocess.DEVNULL)
                by_hand = self.state(kind, name)
                self.assertNotEqual(before, by_hand, "the commands change something")
                results = change(kind, name, *words)
                self.assertEqual({r["outcome"] for r in results.values()}, {"unchanged"})
                self.assertEqual(self.state(kind, name), by_hand)

    def state(self, kind, name):
        return (host.memtune(kind, name, "live"), host.memtune(kind, name, "config"),
                [line for line in host.virsh(kind, "dumpxml", "--inactive", name).splitlines()
                 if "emory" in line or "limit" in line or "stats" in line],
                "stats period" in host.virsh(kind, "dumpxml", name))
