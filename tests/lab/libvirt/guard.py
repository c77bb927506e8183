"""Keep or go back: every end of a change that is guarded, on domains of its own, judged by virsh and the
control files. Ends that pass by themselves are waited for side by side: each case runs three times at once.
With VIRT_MEMTUNE_SOAK=N the same at random moments, N times; VIRT_MEMTUNE_ENDS="NAME..." takes those ends alone."""
import concurrent.futures
import contextlib
import json
import os
import pathlib
import random
import signal
import socket
import subprocess
import time

import guarded
from guarded import LIMIT, LOWER, LXC, Case, Domain, confirm, guards, hold
from guards import SECONDS, kill
from host import GROUPS_V2, GUEST, SYSTEMD, TAG, Failed, only_if, until

host = None  # set by lab.py
SOAK = int(os.environ.get("VIRT_MEMTUNE_SOAK", "0"))
RUNS = SOAK or (1 if GUEST else 3)
ONLY = os.environ.get("VIRT_MEMTUNE_ENDS", "").split()
AT_ONCE = 6 if GUEST else 24


def setUpModule():
    guarded.begin(host)
    host.define_all()


def moment(most=3.0):
    """In a soak something happens at any time, else at once."""
    if SOAK:
        time.sleep(random.uniform(0, most))


# --- each end ---

def time_passes(case, domain):
    batch = confirm(domain)
    case.values(domain, LOWER, LIMIT)
    guards.ended(batch, "gone_back")
    case.is_back(domain)


def it_is_kept(case, domain):
    batch = confirm(domain)
    moment()
    said = guards.answer("keep", batch)
    case.assertEqual(said["ending"], "kept")
    guards.ended(batch, "kept")
    case.values(domain, LOWER, LOWER)


def it_is_taken_back(case, domain):
    batch = confirm(domain)
    moment()
    case.assertEqual(guards.answer("back", batch)["ending"], "gone_back")
    guards.ended(batch, "gone_back")
    case.is_back(domain)
    guards.answer("keep", batch, status=9)  # too late


def writer_dies(case, domain):
    holder = hold(domain)
    case.values(domain, LOWER, LIMIT)
    moment()
    holder.kill()
    guards.ended(holder.batch, "gone_back", 30)
    case.is_back(domain)


def writer_dies_while_it_writes(case, domain):
    holder = hold(domain, written=False)
    holder.say("begin")
    holder.say("write")
    time.sleep(random.uniform(0, 0.1))
    holder.kill()
    # A call that may still be under way is looked for until it cannot come any more: 30 s.
    until(lambda: not guards.plan(holder.batch).exists(), "the guard ends", 90)
    case.is_back(domain)


def writer_dies_before_it_writes(case, domain):
    holder = hold(domain, written=False)
    holder.kill()
    until(lambda: not guards.plan(holder.batch).exists(), "the guard ends")
    case.is_back(domain)


def guard_dies(case, domain):
    holder = hold(domain)
    moment()
    kill(holder.pid)
    case.assertTrue(holder.wait("ended ").startswith("lost"))
    case.values(domain, LOWER, LIMIT)
    case.assertIn(holder.batch, host.tool("journal", holder.batch).stderr)
    case.assertEqual(guards.answer("back", holder.batch)["ending"], "gone_back")
    guards.ended(holder.batch, "gone_back")
    case.is_back(domain)


def both_die(case, domain):
    holder = hold(domain)
    moment()
    kill(holder.pid)
    holder.kill()
    case.values(domain, LOWER, LIMIT)
    case.assertEqual(guards.answer("keep", holder.batch)["ending"], "kept")
    guards.ended(holder.batch, "kept")
    case.values(domain, LOWER, LOWER)


def guard_is_told_to_stop(case, domain):
    batch = confirm(domain, seconds=600)
    os.kill(guards.process(batch), signal.SIGTERM)
    guards.ended(batch, "gone_back", 30)
    case.is_back(domain)


def domain_is_destroyed(case, domain):
    batch = confirm(domain, seconds=600)
    moment()
    # Where the machine is slow libvirt gives up on a process that still dies.
    until(lambda: host.virsh("lxc", "destroy", domain.name, status=None) == "" or not domain.alive(), "destroyed", 60)
    guards.ended(batch, "gone_back", 60)
    case.assertEqual(domain.hard("config"), LIMIT)


def domain_is_paused(case, domain):
    batch = confirm(domain, seconds=600)
    moment()
    host.virsh("lxc", "suspend", domain.name)
    try:
        guards.ended(batch, "gone_back", 60)
        case.is_back(domain)
    finally:
        host.virsh("lxc", "resume", domain.name)


def somebody_else_changes_it(case, domain):
    batch = confirm(domain, seconds=600)
    moment()
    host.virsh("lxc", "memtune", domain.name, "--live", "--hard-limit", str(222 * 1024))
    said = guards.answer("back", batch, status=3)
    case.assertEqual(said["ending"], "left")
    case.assertIn("somebody else", said["results"][0]["text"])
    guards.ended(batch, "left")
    case.values(domain, 222, LIMIT)


def it_cannot_be_saved(case, domain):
    batch = confirm(domain, seconds=600)
    host.virsh("lxc", "memtune", domain.name, "--config", "--hard-limit", str(999 * 1024))
    said = guards.answer("keep", batch, status=3)
    case.assertEqual(said["ending"], "kept_unsaved")
    guards.ended(batch, "kept_unsaved")
    case.values(domain, LOWER, 999)


def going_back_would_kill(case, domain):
    """A raise among what tightens; the domain grows beyond what it had."""
    host.virsh("lxc", "memtune", domain.name, "--live", "--hard-limit", str(100 * 1024))
    tighter = "soft=250M"  # above what it grows to: v2 slows it there
    batch = confirm(domain, "hard=300M", tighter, "--live", "--allow=danger", seconds=600)
    domain.eat(180)
    # With room in swap it fits into what it had, and nothing dies.
    fits = GROUPS_V2 and len(pathlib.Path("/proc/swaps").read_text().splitlines()) > 1
    ending, limit = ("gone_back", 100) if fits else ("kept_kills", 300)
    said = guards.answer("back", batch, status=0 if fits else 3)
    case.assertEqual(said["ending"], ending)
    guards.ended(batch, ending)
    case.assertEqual((domain.file(), domain.alive()), (limit, True))
    case.assertEqual((domain.root / "tmp/held").read_text().strip(), "180")
    case.assertIsNone(host.memtune("lxc", domain.name, "live")["soft_limit"])


def something_is_killed(case, domain):
    batch = confirm(domain, "hard=60M", seconds=600)
    domain.eat(120, wait=False)
    guards.ended(batch, "gone_back", 60)
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
        guards.ended(batch, code)
        case.values(domain, *((LOWER, LOWER) if code == "kept" else (LIMIT, LIMIT)))
    return a_command_decides


def more_time_is_given(case, domain):
    holder = hold(domain)
    holder.say("extend")
    case.assertEqual(holder.wait("total "), str((SECONDS + 60) * 1000))
    time.sleep(SECONDS + 3)
    case.values(domain, LOWER, LIMIT)
    holder.say("back")
    case.assertTrue(holder.wait("ended ").startswith("gone_back"))
    case.is_back(domain)


def terminal_is_closed(case, domain):
    """The screen's terminal goes away: SIGHUP, and nobody says a word."""
    parent, child = os.openpty()
    process = subprocess.Popen(["setsid", "-c", guards.hold_program, LXC, "600", domain.name,
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
    guards.ended(batch, "gone_back", 60)
    case.is_back(domain)


# Those that take long come first.
ENDS = [time_passes, more_time_is_given, writer_dies_while_it_writes, deciding("exit 0", "kept"),
        deciding("exit 3", "gone_back"), deciding("kill -9 $$", "gone_back"),
        deciding('test "$VIRT_MEMTUNE_BATCH" && grep -qx 0 /proc/self/oom_score_adj', "kept"), domain_is_destroyed,
        something_is_killed, it_is_kept, it_is_taken_back, writer_dies, writer_dies_before_it_writes, guard_dies, both_die, guard_is_told_to_stop,
        somebody_else_changes_it, it_cannot_be_saved, going_back_would_kill, terminal_is_closed]
if not GROUPS_V2:  # libvirt's containers cannot be paused there
    ENDS.append(domain_is_paused)


class Ends(Case):
    def test_every_end_leaves_the_old_the_kept_or_a_reported_value(self):
        def once(end):
            try:
                domain = Domain.take()
            except Exception as error:
                return f"{end.__name__}: no domain for it: {error}"
            made = time.monotonic()
            try:
                end(self, domain)
                print(f"{end.__name__} {domain.name}: {time.monotonic() - made:.0f} s", flush=True)
                return None
            except Exception as error:  # every end is told of, not the first that fails alone
                return f"{end.__name__} of {domain.name}: {error}"
            finally:
                domain.give()
        ends = [end for end in ENDS if not ONLY or end.__name__ in ONLY for _ in range(RUNS)]
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


@only_if(not SYSTEMD)  # there it is everybody's
class SystemLog(Case):
    """A journald that does not read any more: whoever waited for it would never go back."""

    def test_one_that_is_hung_holds_no_guard(self):
        path = pathlib.Path("/run/systemd/journal/socket")
        path.parent.mkdir(parents=True, exist_ok=True)
        self.addCleanup(path.unlink)
        domain = Domain.take()
        self.addCleanup(domain.give)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as log, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as full:
            log.bind(str(path))
            full.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                while True:
                    full.sendto(b"x", str(path))
            # Without a journal by name the system's log is told; its own folders are nobody's but this run's.
            own = 'mount -t tmpfs tmpfs /var/lib; mount -t tmpfs tmpfs /var/log; ' \
                  'exec env VIRT_MEMTUNE_JOURNAL= XDG_STATE_HOME=/var/lib "$@"'
            holder = hold(domain, seconds=600, inside=["unshare", "-m", "sh", "-ec", own, "sh"])
            self.values(domain, LOWER, LIMIT)
            holder.kill()
            until(lambda: domain.hard() == LIMIT, "it goes back", 30)


@only_if(not SYSTEMD)  # there libvirtd is not ours to kill
class Daemon(Case):
    def test_a_daemon_that_was_killed_and_comes_back_is_waited_for(self):
        several = [Domain.take() for _ in range(3)]
        for domain in several:
            self.addCleanup(domain.give)
        batches = [confirm(domain) for domain in several]
        host.kill_libvirtd()
        try:
            time.sleep(SECONDS + 2)
            self.assertTrue(all(guards.plan(batch).exists() for batch in batches), "they wait")
        finally:
            host.start_libvirtd()
        for domain, batch in zip(several, batches):
            guards.ended(batch, "gone_back", 90)
            self.is_back(domain)


class Balloon(Case):
    def test_a_balloon_on_its_way_goes_back(self):
        name = f"guest-{TAG}"
        host.wait_for_guest(name)
        done = host.tool("-c", "qemu:///system", "set", "--json", "--live", "--allow=danger", "--confirm", SECONDS, name,
                         "memory=150M")
        batch = json.loads(done.stdout)["id"]
        guards.ended(batch, "gone_back")
        until(lambda: "actual 196608" in host.virsh("qemu", "dommemstat", name), "the balloon is back")
