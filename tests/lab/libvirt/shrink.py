"""Safe shrink of a container with a real eater in its control group, judged by the control files."""
import contextlib
import os
import pathlib
import signal
import subprocess
import sys
import unittest

import groups
from groups import MIB, WEB, read
from host import Failed, GROUPS_V2, only_if, run, until

host = None  # set by lab.py
LIMIT = "memory.max" if GROUPS_V2 else "memory.limit_in_bytes"
HELD = "memory.current" if GROUPS_V2 else "memory.usage_in_bytes"
HAS_SWAP = GROUPS_V2 and len(pathlib.Path("/proc/swaps").read_text(encoding="ascii").splitlines()) > 1
# Big files that nobody has read yet: in the emulated guest only tmpfs can be written.
BIG = [path for path in pathlib.Path("/usr/lib/gcc").rglob("*") if path.is_file() and path.stat().st_size > 5 * MIB]

# Obeys lines: "anon MIB" holds so much that can only be swapped; "read FILE..." fills the page cache.
EATER = """
import sys
held = []
for line in sys.stdin:
    word, *rest = line.split()
    if word == "anon":
        held = [bytearray(b"x" * (1 << 20)) for _ in range(int(rest[0]))]
    elif word == "more":
        held += [bytearray(b"x" * (1 << 20)) for _ in range(int(rest[0]))]
    elif word == "write":
        with open(rest[0], "wb") as file:
            for _ in range(int(rest[1])):
                file.write(bytes(1 << 20))
            file.flush()
            __import__("os").fsync(file.fileno())
    else:
        for name in rest:
            with open(name, "rb") as file:
                while file.read(1 << 20):
                    pass
    print("done", flush=True)
"""


def setUpModule():
    groups.host = host
    groups.setUpModule()
    groups.eat(1)


class Eater:
    """A process in the container's control group."""

    def __init__(self):
        self.process = subprocess.Popen([sys.executable, "-c", EATER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        (host.group("lxc", WEB) / "cgroup.procs").write_text(str(self.process.pid))

    def tell(self, *words):
        self.process.stdin.write(" ".join(str(word) for word in words) + "\n")
        self.process.stdin.flush()

    def do(self, *words):
        self.tell(*words)
        if self.process.stdout.readline() != "done\n":
            raise Failed(f"the eater ended: {self.process.wait()}")

    def cache(self, mib):
        """Fills the page cache with what can be dropped."""
        if GROUPS_V2:
            taken, files = 0, []
            for path in BIG:
                if taken < mib * MIB:
                    files.append(path)
                    taken += path.stat().st_size
            self.do("read", *files)
        else:
            self.do("write", self.path(), mib)

    def path(self):
        return f"/var/tmp/shrink-{self.process.pid}"

    def alive(self):
        return self.process.poll() is None

    def end(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.path())


def kills():
    if GROUPS_V2:
        return int(dict(line.split() for line in read("memory.events").splitlines())["oom_kill"])
    return int(dict(line.split() for line in read("memory.oom_control").splitlines())["oom_kill"])


def shrink(*words, status=0):
    return host.tool("-c", "lxc:///system", "set", "--safe-shrink", "--allow=danger", WEB, *words, status=status, timeout=300)


def limit():
    return int(read(LIMIT))


class Shrink(unittest.TestCase):
    def setUp(self):
        self.raised()
        if GROUPS_V2:
            groups.change("swap_max=0", "--live")
        self.kills = kills()
        self.eater = Eater()
        self.addCleanup(self.eater.end)

    def raised(self):
        """As it is at the start of every case."""
        if GROUPS_V2:
            groups.change("soft=none", "swap_max=none", "--live")
        else:
            groups.change("swap_hard_limit=none", "--live")
        groups.change("hard=256M")

    def assert_as_it_was(self):
        self.assertEqual(limit(), 256 * MIB)
        self.assertIn(host.memtune("lxc", WEB, "config")["hard_limit"], (None, 256 * 1024))
        if GROUPS_V2:
            self.assertEqual(read("memory.high"), "max")

    def test_what_kills_or_fails_as_one_write_is_refused_before_it(self):
        self.eater.do("anon", 80)
        refused = host.tool("-c", "lxc:///system", "set", "--safe-shrink", "--allow=danger,kills", WEB, "hard=60M", status=8)
        self.assertIn("lowest that would do now", refused.stderr)
        self.assertIn("no swap", refused.stderr)
        self.assert_as_it_was()
        self.assertTrue(self.eater.alive())
        naive = run("virsh", "-c", "lxc:///system", "memtune", WEB, "--live", "--hard-limit", 60 * 1024, status=None)
        if GROUPS_V2:
            self.assertEqual(naive.returncode, 0)
            until(lambda: kills() > self.kills, "the naive write kills")
        else:
            self.assertIn("busy", naive.stderr)
            self.assertEqual(limit(), 256 * MIB)
            self.assertEqual(kills(), self.kills)

    def test_cache_goes_and_nothing_is_killed(self):
        self.eater.do("anon", 40)
        self.eater.cache(60)
        self.assertGreater(int(read(HELD)), 90 * MIB)
        done = shrink("hard=64M")
        self.assertIn("shrunk in", done.stdout)
        self.assertEqual(limit(), 64 * MIB)
        self.assertLessEqual(int(read(HELD)), 64 * MIB)
        self.assertEqual(kills(), self.kills)
        self.assertTrue(self.eater.alive())
        self.assertEqual(host.memtune("lxc", WEB, "config")["hard_limit"], 64 * 1024)
        if GROUPS_V2:
            self.assertEqual(read("memory.high"), "max")
            self.assertIsNone(host.memtune("lxc", WEB, "config")["soft_limit"])

    @only_if(not GROUPS_V2)
    def test_memory_and_swap_go_down_after_memory_and_up_before_it(self):
        self.eater.do("anon", 30)
        groups.change("swap_hard_limit=256M", "--live")
        shrink("hard=64M", "swap_hard_limit=70M", "--live")
        self.assertEqual((limit(), int(read("memory.memsw.limit_in_bytes"))), (64 * MIB, 70 * MIB))
        self.assertEqual(kills(), self.kills)

    @only_if(HAS_SWAP)
    def test_what_can_only_be_swapped_is_swapped(self):
        groups.change("swap_max=none", "--live")
        self.eater.do("anon", 100)
        shrink("hard=70M", "--live")
        self.assertEqual(limit(), 70 * MIB)
        self.assertGreater(int(read("memory.swap.current")), 20 * MIB)
        self.assertEqual(kills(), self.kills)
        self.assertTrue(self.eater.alive())

    def start(self, *words):
        return subprocess.Popen([host.program, "-c", "lxc:///system", "set", "--safe-shrink", "--allow=danger", WEB, *words],
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def on_the_way(self):
        if GROUPS_V2:
            return read("memory.high") != "max"
        return limit() < 256 * MIB

    def end_of(self, program, status):
        out, error = program.communicate(timeout=200)
        self.assertEqual(program.returncode, status, out + error)
        return out + error

    def test_cancelled_on_the_way_it_is_as_it_was(self):
        self.eater.do("anon", 30)
        self.eater.cache(60)
        with self.start("hard=64M") as program:
            until(self.on_the_way, "it goes down")
            program.send_signal(signal.SIGINT)
            self.assertIn("cancelled", self.end_of(program, 130))
        self.assert_as_it_was()
        self.assertEqual(kills(), self.kills)

    def test_an_eater_that_grows_on_the_way_stops_it_alive(self):
        self.eater.do("anon", 30)
        self.eater.cache(60)
        with self.start("hard=48M") as program:
            until(self.on_the_way, "it goes down")
            self.eater.tell("more", 30)
            said = self.end_of(program, 9)
            self.assertIn("gone-back", said)
        self.assert_as_it_was()
        self.assertEqual(kills(), self.kills)
        self.assertTrue(self.eater.alive())

    def test_killed_in_while_it_is_watched_it_goes_back(self):
        self.eater.do("anon", 30)
        with self.start("hard=64M") as program:
            until(lambda: limit() == 64 * MIB and (not GROUPS_V2 or read("memory.high") == "max"), "it is there")
            self.eater.tell("more", 60)
            said = self.end_of(program, 9)
            self.assertIn("killed", said)
        self.assert_as_it_was()
