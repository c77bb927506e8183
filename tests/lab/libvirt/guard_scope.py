"""Keep or go back where systemd ends a login: the scope that the program runs in is stopped, and the guard lives in
one of its own. For the emulated guest with systemd."""
import pathlib
import re
import signal
import subprocess
import tempfile

import guarded
from guarded import LIMIT, LOWER, LXC, Case, Domain, guards, hold
from guards import SECONDS, alive, the_one
from host import TAG, run, until
from sshd import Sshd

host = None  # set by lab.py
BYSTANDER = "setsid sleep 1000"  # what leaves its terminal, and not its scope


def setUpModule():
    guarded.begin(host)


def group(pid):
    """The last words of its control group: "system.slice/NAME.scope"."""
    path = pathlib.Path(f"/proc/{pid}/cgroup").read_text(encoding="utf-8").strip().rsplit(":", 1)[1]
    return path.lstrip("/")


def members(unit):
    """The processes of a scope in system.slice."""
    try:
        return pathlib.Path(f"/sys/fs/cgroup/system.slice/{unit}/cgroup.procs").read_text(encoding="ascii").split()
    except OSError:
        return []


class Login(Case):
    """A session of logind, through PAM."""

    def setUp(self):
        self.domain = Domain.take()
        self.addCleanup(self.domain.give)
        run("systemctl", "start", "systemd-logind")
        self.sshd = Sshd(tempfile.mkdtemp(prefix="ssh-", dir=host.directory), "UsePAM yes")
        self.addCleanup(self.sshd.end)

    def test_the_end_of_the_session_goes_back(self):
        there = [*self.sshd.client(), "env", f"VIRT_MEMTUNE_JOURNAL={guards.journal}"]
        holder = hold(self.domain, seconds=600, inside=there)
        self.addCleanup(holder.process.wait)
        self.addCleanup(holder.process.kill)
        writer = the_one([guards.hold_program, LXC, 600, self.domain.name, f"hard={LOWER}M"])
        session = group(writer)
        self.assertRegex(session, r"^user\.slice/user-0\.slice/session-[0-9]+\.scope$")
        self.assertEqual(group(holder.pid), f"system.slice/virt-memtune-guard-{holder.pid}.scope")
        self.values(self.domain, LOWER, LIMIT)
        run("loginctl", "terminate-session", session.rsplit("-", 1)[1].split(".")[0])
        until(lambda: not alive(writer), "the session has ended")
        guards.ended(holder.batch, "gone_back", 30, why="whoever made the change is gone")
        self.is_back(self.domain)


class User(Case):
    """Somebody of the group libvirt, whose leftovers logind ends."""
    NAME = "memtuner"
    ENDS = "logind ends it with your last login: `loginctl enable-linger` lets it live"

    @classmethod
    def setUpClass(cls):
        run("useradd", "--create-home", "--groups", "libvirt", "--shell", "/bin/sh", cls.NAME)
        settings = pathlib.Path("/etc/systemd/logind.conf.d/lab.conf")
        settings.parent.mkdir(exist_ok=True)
        settings.write_text("[Login]\nKillUserProcesses=yes\n", encoding="ascii")
        run("systemctl", "restart", "systemd-logind")
        cls.sshd = Sshd(tempfile.mkdtemp(prefix="ssh-"), "UsePAM yes")
        cls.sshd.directory.chmod(0o755)
        cls.addClassCleanup(cls.sshd.end)

    def setUp(self):
        self.domain = Domain.take()
        self.addCleanup(self.domain.give)

    def login(self, *words, status=0):
        """The words run in a login of this user's own, which is over then; what they say."""
        done = run(*self.sshd.client(*words, user=self.NAME), status=status, timeout=240)
        return done.stdout.replace("\r", "")

    def confirm(self):
        """The ID and all that was said."""
        said = self.login(host.program, "-c", LXC, "--timeout", 240, "set", "--confirm", 600, self.domain.name,
                          f"hard={LOWER}M")
        batch, = re.findall(r"virt-memtune keep (\S+)", said) or [None]
        self.assertIsNotNone(batch, said)
        return batch, said

    def answer(self, word, batch, status=0):
        return self.login(host.program, word, batch, "--timeout", 240, status=status)

    def nobody_is_there(self):
        return run("pgrep", "-u", self.NAME, "-f", "virt-memtune guard", status=None).returncode == 1

    def test_without_linger_it_is_told_before_and_goes_back_with_the_login(self):
        batch, said = self.confirm()
        self.assertIn(self.ENDS, said)
        self.assertLess(said.index(self.ENDS), said.index("changed"), "before it is written")
        until(self.nobody_is_there, "logind ends the guard with the login")
        self.is_back(self.domain)
        self.assertIn("gone_back", self.login(host.program, "journal", "--json", batch))

    def test_who_lingers_has_a_scope_that_outlives_the_login(self):
        run("loginctl", "enable-linger", self.NAME)
        self.addCleanup(run, "loginctl", "disable-linger", self.NAME)
        batch, said = self.confirm()
        self.assertNotIn("logind ends", said)
        until(lambda: "closing" not in run("loginctl", "list-sessions", "--no-legend").stdout, "the login is over")
        guard, = run("pgrep", "-u", self.NAME, "-f", "virt-memtune guard").stdout.split()
        self.assertRegex(group(guard), rf"^user\.slice/.*/user@[0-9]+\.service/.*virt-memtune-guard-{guard}\.scope$")
        self.answer("keep", batch)
        self.values(self.domain, LOWER, LOWER)
        until(self.nobody_is_there, "the guard has ended")


class Scope(Case):
    """Any scope, as a session is one."""
    count = 0

    def setUp(self):
        self.domain = Domain.take()
        self.addCleanup(self.domain.give)
        Scope.count += 1
        self.unit = f"login{Scope.count}-{TAG}.scope"

    def inside(self):
        """Words that begin a command in the scope, beside a bystander."""
        return ["systemd-run", "--quiet", "--scope", "--collect", "--slice=system.slice", f"--unit={self.unit}",
                "sh", "-c", f'{BYSTANDER} </dev/null >/dev/null 2>&1 & exec "$@"', "sh"]

    def stop(self):
        """Ends the scope with all that is in it."""
        self.assertGreaterEqual(len(members(self.unit)), 2, "the program and the bystander")
        inside = members(self.unit)
        run("systemctl", "stop", self.unit)
        until(lambda: not any(alive(pid) for pid in inside), "what was in the scope has ended")

    def has_its_own(self, guard):
        self.assertEqual(group(guard), f"system.slice/virt-memtune-guard-{guard}.scope")

    def alone(self, seconds):
        """`set --confirm` in the scope, which then goes on with something else; the ID and the guard."""
        out = tempfile.NamedTemporaryFile("r", encoding="utf-8")
        words = [host.program, "-c", LXC, "set", "--json", "--confirm", seconds, self.domain.name, f"hard={LOWER}M"]
        self.process = subprocess.Popen(
            [str(word) for word in (*self.inside(), "sh", "-c", '"$@" >$OUT; exec sleep 1000', "sh", *words)],
            env=dict(guards.environment(), OUT=out.name))
        self.addCleanup(self.process.wait)
        self.addCleanup(self.process.kill)
        until(lambda: '"results"' in pathlib.Path(out.name).read_text(encoding="utf-8"), "it is written")
        batch, = guards.batches()
        return batch, guards.process(batch)

    def test_the_writer_ends_with_it_and_the_guard_goes_back(self):
        holder = hold(self.domain, seconds=600, inside=self.inside())
        self.assertEqual(group(holder.process.pid), f"system.slice/{self.unit}")
        self.has_its_own(holder.pid)
        self.values(self.domain, LOWER, LIMIT)
        self.stop()
        self.assertEqual(holder.process.wait(), -signal.SIGTERM)
        guards.ended(holder.batch, "gone_back", 30, why="whoever made the change is gone")
        self.is_back(self.domain)

    def test_a_guard_that_counts_alone_lives_on_until_the_time_is_over(self):
        batch, guard = self.alone(SECONDS)
        self.has_its_own(guard)
        self.stop()
        self.assertTrue(alive(guard))
        guards.ended(batch, "gone_back", why="the time is over")
        self.is_back(self.domain)

    def test_a_guard_that_counts_alone_still_keeps(self):
        batch, guard = self.alone(600)
        self.stop()
        self.assertTrue(alive(guard))
        self.assertEqual(guards.answer("keep", batch)["ending"], "kept")
        guards.ended(batch, "kept")
        self.values(self.domain, LOWER, LOWER)
