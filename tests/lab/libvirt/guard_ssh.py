"""Keep or go back over a line that ends: the countdown's screen runs behind an sshd of ours, and the client, or
sshd's own process of that session, is killed."""
import pathlib
import signal
import tempfile

import guarded
from guarded import LIMIT, LOWER, LXC, Case, Domain, guards
from guards import SECONDS, alive, kill, the_one
from host import PATIENCE, until
from screen import DEAF, REVIEW, Player, choose, focus, for_writing
from sshd import Sshd

host = None  # set by lab.py
sshd = None


def setUpModule():
    global sshd
    guarded.begin(host)
    sshd = Sshd(tempfile.mkdtemp(prefix="ssh-", dir=host.directory))


def tearDownModule():
    sshd.end()


def parent(pid):
    return int(pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[1])


def word(pid):
    return pathlib.Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip()


def session_of(pid):
    """sshd's process of the session that a process runs in."""
    while word(pid) != "sshd":
        pid = parent(pid)
    return pid


class Line(Case):
    def setUp(self):
        self.domain = Domain.take()
        self.addCleanup(self.domain.give)

    def there(self, *words):
        """A command on a terminal behind ssh."""
        return Player(sshd.client("env", f"VIRT_MEMTUNE_JOURNAL={guards.journal}", "LC_ALL=C.UTF-8", *words), 100, 30)

    def count_down(self, screen):
        """By keys, until the new limit is read back; the ID."""
        screen.until(lambda text: self.domain.name in text and "connecting" not in text, 30 * PATIENCE)
        choose(screen, self.domain.name)
        for_writing(screen)
        focus(screen, "Hard limit")
        screen.keys(f"{LOWER}m{REVIEW}")
        screen.until("Review")
        screen.keys("c")
        screen.until("Enter =")
        screen.settle(DEAF)
        before = guards.batches()
        screen.keys("<Enter>")
        screen.until(f"read back {LOWER} MiB", 30 * PATIENCE)
        batch, = guards.batches() - before
        self.values(self.domain, LOWER, LIMIT)
        return batch

    def killed(self, victim):
        """The screen over ssh in a countdown, and then the end of what victim() says."""
        words = [host.program, "-c", LXC]
        with self.there(*words) as screen:
            batch = self.count_down(screen)
            program = the_one(words)
            kill(victim(screen, program))
            guards.ended(batch, "gone_back", 30, why="whoever made the change is gone")
            self.is_back(self.domain)
            until(lambda: not alive(program), "the program behind the line ends")
        self.assertIn("from 127.0.0.1", guards.tool("journal", batch).stdout)

    def test_the_clients_end_goes_back(self):
        self.killed(lambda screen, program: screen.pid)

    def test_the_end_of_sshds_session_goes_back(self):
        self.killed(lambda screen, program: session_of(program))

    def test_the_programs_own_end_goes_back_and_leaves_the_line(self):
        self.killed(lambda screen, program: program)

    def test_one_that_counts_alone_outlives_the_line(self):
        script = 'id=$("$@") && echo "$id" && exec sleep 1000'
        with self.there("sh", "-c", script, "sh", host.program, "-c", LXC, "set", "--json", "--confirm", SECONDS,
                        self.domain.name, f"hard={LOWER}M") as screen:
            screen.until('"results"', 30 * PATIENCE)
            batch, = guards.batches()
            guard = guards.process(batch)
            screen.kill(signal.SIGKILL)
            until(lambda: b"sleep\0001000" not in b"".join(
                path.read_bytes() for path in pathlib.Path("/proc").glob("[0-9]*/cmdline")), "the session has ended")
            self.assertTrue(alive(guard))
            self.values(self.domain, LOWER, LIMIT)
        guards.ended(batch, "gone_back", why="the time is over")
        self.is_back(self.domain)
