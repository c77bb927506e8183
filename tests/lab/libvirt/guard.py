"""Keep or go back: every end of a change that is guarded, on domains of its own, judged by virsh and the
control files. Ends that pass by themselves are waited for side by side: each case runs three times at once.
With VIRT_MEMTUNE_SOAK=N the same at random moments, N times."""
import concurrent.futures
import contextlib
import json
import os
import pathlib
import random
import signal
import subprocess
import tempfile
import threading
import time
import unittest

import domains
from host import GROUPS_V2, GUEST, PATIENCE, TAG, Failed, only_if, run, until

host = None  # set by lab.py
LXC = "lxc:///system"
MIB = 1 << 20
SOAK = int(os.environ.get("VIRT_MEMTUNE_SOAK", "0"))
RUNS = SOAK or (1 if GUEST else 3)
AT_ONCE = 24
SECONDS = 60 if GUEST else 15  # 15: the shortest countdown there is
LIMIT, LOWER = 256, 200  # MiB

journal = tempfile.TemporaryDirectory(prefix="guard-journal-")
os.environ["VIRT_MEMTUNE_JOURNAL"] = journal.name


def setUpModule():
    host.define_all()


class Domain:
    """A container of its own with a hard limit of 256 MiB, live and persistent. They are used again: the making is
    what takes time."""
    count = 0
    lock = threading.Lock()
    idle = []

    def __init__(self):
        with Domain.lock:
            Domain.count += 1
            self.name = f"guarded{Domain.count}-{TAG}"
        directory = host.directory / self.name
        directory.mkdir()
        self.root = domains.container_root(directory)
        xml = directory / "domain.xml"
        xml.write_text(domains.container(self.name, self.root, f"""
  <memtune><hard_limit unit='MiB'>{LIMIT}</hard_limit></memtune>"""), encoding="utf-8")
        host.virsh("lxc", "define", xml)

    @staticmethod
    def take():
        """One as it was when it was made."""
        with Domain.lock:
            domain = Domain.idle.pop() if Domain.idle else None
        domain = domain or Domain()
        domain.reset()
        return domain

    def give(self):
        with Domain.lock:
            Domain.idle.append(self)

    def reset(self):
        if not self.alive():
            for file in ("eat", "held"):
                (self.root / "tmp" / file).unlink(missing_ok=True)
            host.virsh("lxc", "start", self.name)
        else:
            host.virsh("lxc", "memtune", self.name, "--live", "--hard-limit", str(LIMIT * 1024), "--soft-limit", "-1")
        host.virsh("lxc", "memtune", self.name, "--config", "--hard-limit", str(LIMIT * 1024))
        self.eat(1)

    def eat(self, mib, wait=True):
        (self.root / "tmp/eat").write_text(str(mib), encoding="ascii")
        if wait:
            until(lambda: (self.root / "tmp/held").exists() and (self.root / "tmp/held").read_text().strip() == str(mib),
                  f"{self.name} holds {mib} MiB")

    def hard(self, scope="live"):
        """MiB, by virsh."""
        value = host.memtune("lxc", self.name, scope)["hard_limit"]
        return value // 1024 if value is not None else None

    def file(self):
        """MiB, by the control file."""
        name = "memory.max" if GROUPS_V2 else "memory.limit_in_bytes"
        return int((host.group("lxc", self.name) / name).read_text()) // MIB

    def state(self):
        return host.virsh("lxc", "domstate", self.name, status=None).strip()

    def alive(self):
        return self.state() == "running"


def confirm(domain, *words, seconds=SECONDS, status=0):
    """`set --confirm`; its ID."""
    done = host.tool("-c", LXC, "set", "--json", "--confirm", seconds, domain.name,
                     *(words or [f"hard={LOWER}M"]), status=status)
    return json.loads(done.stdout).get("id") if done.stdout else None


def answer(word, batch, status=0, timeout=60):
    done = host.tool(word, "--json", batch, "--timeout", timeout, status=status, timeout=timeout + 30)
    return json.loads(done.stdout)


def plan(batch):
    return pathlib.Path(journal.name) / f"guards/{batch}.guard"


def notes(batch):
    """The codes of the journal's notes of a batch."""
    done = host.tool("journal", "--json", batch)
    return [entry["code"] for entry in map(json.loads, done.stdout.splitlines()) if entry["record"] == "note"]


def ended(batch, code, seconds=SECONDS + 60):
    """The guard has ended, and the journal says how."""
    until(lambda: not plan(batch).exists(), f"the guard of {batch} ends", seconds)
    found = notes(batch)
    if not found or found[-1] != code:
        raise Failed(f"{batch}: {code} expected, the journal has {found}")


def guard_of(batch):
    """Its process: the one that has its plan open."""
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (process / "cmdline").read_bytes().startswith(b"virt-memtune\0guard\0") and \
                    any(os.readlink(fd) == str(plan(batch)) for fd in (process / "fd").iterdir()):
                return int(process.name)
    raise Failed(f"{batch} has no guard")


class Hold:
    """The stand-in for the screen."""

    def __init__(self, domain, *words, seconds=SECONDS, written=True):
        self.process = subprocess.Popen([host.build / "tests/lab/guard-hold", LXC, str(seconds), domain.name,
                                         *(words or [f"hard={LOWER}M"])],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.batch = self.wait("batch ")
        self.pid = int(self.wait("phase armed "))
        if written:
            self.say("begin")
            self.wait("phase counting ")
            self.say("write")
            self.wait("wrote changed")

    def say(self, word):
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()

    def wait(self, begin):
        """What follows `begin` on the next line that begins so."""
        for line in self.process.stdout:
            if line.startswith(begin):
                return line[len(begin):].strip()
        raise Failed(f"no line {begin!r}")

    def kill(self):
        self.process.kill()
        self.process.wait()


def kill(pid):
    def gone():
        try:
            return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
        except OSError:
            return True
    os.kill(pid, signal.SIGKILL)
    until(gone, f"{pid} has ended")


def moment(most=3.0):
    """In a soak something happens at any time, else at once."""
    if SOAK:
        time.sleep(random.uniform(0, most))


class Case(unittest.TestCase):
    def values(self, domain, live, config):
        self.assertEqual((domain.hard(), domain.file(), domain.hard("config")), (live, live, config))


def is_back(case, domain):
    case.values(domain, LIMIT, LIMIT)


# --- each end ---

def time_passes(case, domain):
    batch = confirm(domain)
    case.values(domain, LOWER, LIMIT)
    ended(batch, "gone_back")
    is_back(case, domain)


def it_is_kept(case, domain):
    batch = confirm(domain)
    moment()
    said = answer("keep", batch)
    case.assertEqual(said["ending"], "kept")
    ended(batch, "kept")
    case.values(domain, LOWER, LOWER)


def it_is_taken_back(case, domain):
    batch = confirm(domain)
    moment()
    case.assertEqual(answer("back", batch)["ending"], "gone_back")
    ended(batch, "gone_back")
    is_back(case, domain)
    answer("keep", batch, status=9)  # too late


def writer_dies(case, domain):
    hold = Hold(domain)
    case.values(domain, LOWER, LIMIT)
    moment()
    hold.kill()
    ended(hold.batch, "gone_back", 30)
    is_back(case, domain)


def writer_dies_while_it_writes(case, domain):
    hold = Hold(domain, written=False)
    hold.say("begin")
    hold.say("write")
    time.sleep(random.uniform(0, 0.1))
    hold.kill()
    # A call that may still be under way is looked for until it cannot come any more: 30 s.
    until(lambda: not plan(hold.batch).exists(), "the guard ends", 90)
    is_back(case, domain)


def writer_dies_before_it_writes(case, domain):
    hold = Hold(domain, written=False)
    hold.kill()
    until(lambda: not plan(hold.batch).exists(), "the guard ends")
    is_back(case, domain)


def guard_dies(case, domain):
    hold = Hold(domain)
    moment()
    kill(hold.pid)
    case.assertTrue(hold.wait("ended ").startswith("lost"))
    case.values(domain, LOWER, LIMIT)
    case.assertIn(hold.batch, host.tool("journal", hold.batch).stderr)
    case.assertEqual(answer("back", hold.batch)["ending"], "gone_back")
    ended(hold.batch, "gone_back")
    is_back(case, domain)


def both_die(case, domain):
    hold = Hold(domain)
    moment()
    kill(hold.pid)
    hold.kill()
    case.values(domain, LOWER, LIMIT)
    case.assertEqual(answer("keep", hold.batch)["ending"], "kept")
    ended(hold.batch, "kept")
    case.values(domain, LOWER, LOWER)


def guard_is_told_to_stop(case, domain):
    batch = confirm(domain, seconds=600)
    os.kill(guard_of(batch), signal.SIGTERM)
    ended(batch, "gone_back", 30)
    is_back(case, domain)


def domain_is_destroyed(case, domain):
    batch = confirm(domain, seconds=600)
    moment()
    host.virsh("lxc", "destroy", domain.name)
    ended(batch, "gone_back", 60)
    case.assertEqual(domain.hard("config"), LIMIT)


def domain_is_paused(case, domain):
    batch = confirm(domain, seconds=600)
    moment()
    host.virsh("lxc", "suspend", domain.name)
    try:
        ended(batch, "gone_back", 60)
        is_back(case, domain)
    finally:
        host.virsh("lxc", "resume", domain.name)


def somebody_else_changes_it(case, domain):
    batch = confirm(domain, seconds=600)
    moment()
    host.virsh("lxc", "memtune", domain.name, "--live", "--hard-limit", str(222 * 1024))
    said = answer("back", batch, status=3)
    case.assertEqual(said["ending"], "left")
    case.assertIn("somebody else", said["results"][0]["text"])
    ended(batch, "left")
    case.values(domain, 222, LIMIT)


def it_cannot_be_saved(case, domain):
    batch = confirm(domain, seconds=600)
    host.virsh("lxc", "memtune", domain.name, "--config", "--hard-limit", str(999 * 1024))
    said = answer("keep", batch, status=3)
    case.assertEqual(said["ending"], "kept_unsaved")
    ended(batch, "kept_unsaved")
    case.values(domain, LOWER, 999)


def going_back_would_kill(case, domain):
    """A raise among what tightens; the domain grows beyond what it had."""
    host.virsh("lxc", "memtune", domain.name, "--live", "--hard-limit", str(100 * 1024))
    tighter = "soft=150M"
    batch = confirm(domain, "hard=300M", tighter, "--live", "--allow=danger", seconds=600)
    domain.eat(180)
    said = answer("back", batch, status=3)
    case.assertEqual(said["ending"], "kept_kills")
    ended(batch, "kept_kills")
    case.assertEqual((domain.file(), domain.alive()), (300, True))
    case.assertEqual((domain.root / "tmp/held").read_text().strip(), "180")
    case.assertIsNone(host.memtune("lxc", domain.name, "live")["soft_limit"])


def something_is_killed(case, domain):
    batch = confirm(domain, "hard=60M", seconds=600)
    domain.eat(120, wait=False)
    ended(batch, "gone_back", 60)
    # What was killed may have been the container's first process, and it may be ending just now.
    def is_old_or_gone():
        with contextlib.suppress(Failed):
            return domain.hard() == LIMIT
        return not domain.alive()
    until(is_old_or_gone, "the value is back, or the domain is gone")
    host.virsh("lxc", "destroy", domain.name, status=None)
    until(lambda: not domain.alive(), "it has ended")


def deciding(command, code):
    def a_command_decides(case, domain):
        batch = confirm(domain, f"hard={LOWER}M", "--keep-if", command)
        ended(batch, code)
        case.values(domain, *((LOWER, LOWER) if code == "kept" else (LIMIT, LIMIT)))
    return a_command_decides


def more_time_is_given(case, domain):
    hold = Hold(domain)
    hold.say("extend")
    case.assertEqual(hold.wait("total "), str((SECONDS + 60) * 1000))
    time.sleep(SECONDS + 3)
    case.values(domain, LOWER, LIMIT)
    hold.say("back")
    case.assertTrue(hold.wait("ended ").startswith("gone_back"))
    is_back(case, domain)


def terminal_is_closed(case, domain):
    """The screen's terminal goes away: SIGHUP, and nobody says a word."""
    parent, child = os.openpty()
    process = subprocess.Popen(["setsid", "-c", host.build / "tests/lab/guard-hold", LXC, "600", domain.name,
                                f"hard={LOWER}M"], stdin=child, stdout=child, stderr=child)
    os.close(child)
    said = b""

    def until_said(word):
        nonlocal said
        while word not in said:
            said += os.read(parent, 4096)
    until_said(b"phase armed")
    os.write(parent, b"begin\nwrite\n")
    until_said(b"wrote changed")
    batch = next(line.split()[1] for line in said.decode().splitlines() if line.startswith("batch "))
    os.close(parent)
    process.wait()
    ended(batch, "gone_back", 60)
    is_back(case, domain)


# Those that take long come first.
ENDS = [time_passes, more_time_is_given, writer_dies_while_it_writes, deciding("exit 0", "kept"),
        deciding("exit 3", "gone_back"), deciding("kill -9 $$", "gone_back"),
        deciding('test "$VIRT_MEMTUNE_BATCH"', "kept"), domain_is_destroyed, something_is_killed, it_is_kept,
        it_is_taken_back, writer_dies, writer_dies_before_it_writes, guard_dies, both_die, guard_is_told_to_stop,
        domain_is_paused, somebody_else_changes_it, it_cannot_be_saved, going_back_would_kill, terminal_is_closed]


class Ends(Case):
    def test_every_end_leaves_the_old_the_kept_or_a_reported_value(self):
        def once(end):
            domain = Domain.take()
            made = time.monotonic()
            try:
                end(self, domain)
                print(f"{end.__name__} {domain.name}: {time.monotonic() - made:.0f} s", flush=True)
                return None
            except Exception as error:  # every end is told of, not the first that fails alone
                return f"{end.__name__} of {domain.name}: {error}"
            finally:
                domain.give()
        ends = [end for end in ENDS for _ in range(RUNS)]
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            failures = [failure for failure in pool.map(once, ends) if failure]
        self.assertEqual(failures, [], "\n".join(failures))


class Refusals(Case):
    def setUp(self):
        self.domain = Domain.take()
        self.addCleanup(self.domain.give)

    def test_what_would_kill_gets_no_countdown(self):
        self.domain.eat(100)
        confirm(self.domain, "hard=50M", status=8)
        confirm(self.domain, "hard=50M", "--allow=kills", status=8)
        self.values(self.domain, LIMIT, LIMIT)

    def test_what_takes_nothing_away_gets_none(self):
        confirm(self.domain, "hard=300M", status=2)
        self.values(self.domain, LIMIT, LIMIT)

    def test_a_guard_that_cannot_write_its_plan_lets_nothing_be_written(self):
        os.environ["VIRT_MEMTUNE_JOURNAL"], kept = "/proc/nowhere", os.environ["VIRT_MEMTUNE_JOURNAL"]
        try:
            done = host.tool("-c", LXC, "set", "--allow=no_journal", "--confirm", SECONDS, self.domain.name,
                             "hard=190M", status=1)
        finally:
            os.environ["VIRT_MEMTUNE_JOURNAL"] = kept
        self.assertIn("no guard, so nothing was written", done.stderr)
        self.assertNotEqual(self.domain.hard(), 190)


class Daemon(Case):
    def test_a_daemon_that_was_killed_and_comes_back_is_waited_for(self):
        several = [Domain.take() for _ in range(3)]
        for domain in several:
            self.addCleanup(domain.give)
        batches = [confirm(domain) for domain in several]
        host.kill_libvirtd()
        try:
            time.sleep(SECONDS + 2)
            self.assertTrue(all(plan(batch).exists() for batch in batches), "they wait")
        finally:
            host.start_libvirtd()
        for domain, batch in zip(several, batches):
            ended(batch, "gone_back", 90)
            is_back(self, domain)


class Balloon(Case):
    def test_a_balloon_on_its_way_goes_back(self):
        name = f"guest-{TAG}"
        host.wait_for_guest(name)
        done = host.tool("-c", "qemu:///system", "set", "--json", "--live", "--allow=danger", "--confirm", SECONDS, name,
                         "memory=150M")
        batch = json.loads(done.stdout)["id"]
        ended(batch, "gone_back")
        until(lambda: "actual 196608" in host.virsh("qemu", "dommemstat", name), "the balloon is back")
