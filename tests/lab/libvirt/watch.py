"""A watch that cannot write: what it calls, what it holds open, and what is refused from inside."""
import contextlib
import json
import os
import pathlib
import pwd
import re
import shutil
import stat
import subprocess
import sys
import unittest

from host import TAG, only_if, run, until

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "screen"))
from player import Player  # noqa: E402

host = None  # set by lab.py
EATER = f"eater-{TAG}"
URIS = ["-c", "lxc:///system", "-c", "qemu:///system"]
NOBODY = pwd.getpwnam("nobody").pw_uid
SOMEBODY = pwd.getpwnam("www-data").pw_uid  # who called sudo, as sudo would say
# Ways to write, tried from inside; each but the last kind is refused.
REFUSED = ["write_file", "append_file", "read_and_write_file", "truncate_by_opening", "truncate_by_opening_for_nothing",
           "truncate_file", "change_mode",
           "change_mode_of_open", "change_owner", "change_times", "set_attribute", "create_file",
           "create_nameless", "make_folder", "make_pipe", "make_socket", "make_symlink", "make_link", "rename_file",
           "remove_file", "remove_folder", "reopen_for_writing", "write_control_file", "write_by_a_child",
           "write_by_a_program", "gain_rights"]
REFUSED_TO_USERS = ["become_root", "connect_for_writing"]
STILL_DONE = ["connect_for_reading", "read_file", "read_control_file", "write_nothing", "read_inherited"]
LANDLOCK_SCOPES = 6  # the version that knows signals


def setUpModule():
    host.define_all()
    top = host.directory / "virt-memtop"
    if not top.exists():
        top.symlink_to(host.program)


def landlock_version():
    import ctypes
    return ctypes.CDLL(None, use_errno=True).syscall(444, None, 0, 1)


def tree(folder):
    """Every name below with its size and its times."""
    found = {}
    for path, folders, files in os.walk(folder):
        for name in folders + files:
            about = os.lstat(os.path.join(path, name))
            found[os.path.join(path, name)] = (stat.S_IFMT(about.st_mode), about.st_size, about.st_mtime_ns)
    return found


def home(name):
    """A home whose files anybody may write; what a program could keep in it."""
    folder = host.directory / name
    for path in (folder, folder / "config/virt-memtune/themes", folder / "state/virt-memtune", folder / "cache"):
        path.mkdir(parents=True, exist_ok=True)
    (folder / "config/virt-memtune/settings.conf").write_text("[settings]\ntheme=dark\n")
    (folder / "state/virt-memtune/journal.jsonl").write_text("")
    for path, folders, files in os.walk(folder):
        for each in [path] + [os.path.join(path, file) for file in files]:
            os.chmod(each, 0o777)
    os.chmod(host.directory, 0o755)
    environment = {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder / "config"), "XDG_STATE_HOME": str(folder / "state"),
                   "XDG_CACHE_HOME": str(folder / "cache"), "VIRT_MEMTUNE_JOURNAL": ""}
    return folder, environment


def traced(words, name, **about):
    """Runs it under strace in a home of its own; its system calls."""
    trace = host.directory / f"{name}.trace"
    folder, environment = home(name)
    before = tree(folder)
    command = [shutil.which("strace"), "-f", "-qq", "-s", "256", "-o", str(trace), "-e", "trace=connect,%file,openat2,execve,socket", *map(str, words)]
    about["run"](command, environment)
    assert tree(folder) == before, f"files changed: {set(tree(folder).items()) ^ set(before.items())}"
    return trace.read_text(errors="replace").splitlines()


def batch(command, environment):
    done = run(*command, env={**os.environ, **environment})
    assert EATER in done.stdout, done.stdout + done.stderr


def screen(command, environment):
    """Every screen that could save something is opened, and its keys pressed."""
    with Player(command, env=environment) as player:
        player.until(EATER[:8], 60)
        for keys in ("e", "<Esc>", "J", "<Enter>", "<Esc>", "S", "<Right>W", "<Esc>", "<Enter>", "<Esc>", "u", "<Esc>",
                     "v", "w", "<Esc>", "i", "<Esc>"):
            player.keys(keys)
            player.settle()
        player.keys("q")
        player.until_end(30)
        assert player.status == 0, player.text()


class Control(unittest.TestCase):
    """The same keys in a program that may write, so that the other tests mean something."""

    def test_keys_save_settings_where_they_may(self):
        folder, environment = home("control")
        before = tree(folder)
        screen([str(host.program), *URIS], environment)
        self.assertNotEqual(tree(folder), before)


class Traced(unittest.TestCase):
    """What the kernel was asked for, from the first call to the last."""

    def judge(self, calls):
        connected, written = [], []
        for call in calls:
            if "connect(" in call and "sun_path=" in call:
                path = re.search(r'sun_path=@?"([^"]*)"', call).group(1)
                if not path.endswith("/nscd/socket"):  # the C library's own question about a user
                    connected.append(path)
            elif "connect(" in call:
                connected.append(call)
            wants = re.search(r"open(?:at|at2)?\((?:AT_FDCWD, )?\"([^\"]*)\".*O_(?:WRONLY|RDWR|CREAT|TRUNC)", call)
            if wants and not re.match(r"/dev/(tty|pts/\d+|null)$", wants.group(1)):
                written.append(call)
            if re.search(r"\b(creat|mkdir|mkdirat|rename|renameat2?|unlink|unlinkat|rmdir|link|linkat|symlink|symlinkat|mknod"
                         r"|mknodat|truncate|chmod|fchmodat|chown|fchownat|lchown|utimensat|setxattr)\(", call):
                written.append(call)
        self.assertEqual({os.path.realpath(path) for path in connected}, {"/run/libvirt/libvirt-sock-ro"}, connected)
        self.assertEqual(written, [])
        self.assertEqual([call for call in calls if "execve(" in call][1:], [], "no further program is run")

    def test_a_table(self):
        self.judge(traced([host.program, "-r", *URIS, "-b", "-n", "2", "-d", "1"], "table", run=batch))

    def test_a_list(self):
        self.judge(traced([host.program, "-r", *URIS, "list"], "list", run=batch))

    def test_the_other_name(self):
        self.judge(traced([host.directory / "virt-memtop", *URIS, "-b", "-n", "1"], "top", run=batch))

    def test_the_screen(self):
        self.judge(traced([host.program, "-r", *URIS], "screen", run=screen))

    def test_the_screen_of_the_other_name(self):
        self.judge(traced([host.directory / "virt-memtop", *URIS], "top-screen", run=screen))


def descriptors(pid):
    """Those that can be written to: number and what it is."""
    found = {}
    for number in os.listdir(f"/proc/{pid}/fd"):
        with contextlib.suppress(FileNotFoundError):  # closed meanwhile
            flags = re.search(r"flags:\s*(\d+)", pathlib.Path(f"/proc/{pid}/fdinfo/{number}").read_text()).group(1)
            if int(flags, 8) & os.O_ACCMODE != os.O_RDONLY:
                found[int(number)] = os.readlink(f"/proc/{pid}/fd/{number}")
    return found


def status(pid):
    return dict(line.split(":\t", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines() if ":\t" in line)


class Process(unittest.TestCase):
    """The screen, looked at from outside while it runs."""

    def watch(self, user, environment, *, name="virt-memtop"):
        folder, more = home(f"process-{user}")
        leak = os.open(folder / "leaked", os.O_WRONLY | os.O_CREAT, 0o666)
        os.set_inheritable(leak, True)
        with Player([str(host.directory / name), *URIS], env={**more, **environment}) as player:
            player.until(EATER[:8], 60)
            about = status(player.pid)
            self.assertEqual(about["Uid"].split(), [str(user)] * 4)
            self.assertNotIn("0", about["Groups"].split())
            self.assertEqual({int(about[key], 16) for key in ("CapPrm", "CapEff", "CapInh")}, {0})
            self.assertEqual(about["NoNewPrivs"].strip(), "1")
            held = descriptors(player.pid)
            self.assertTrue(held, "the terminal is there")
            for number, what in held.items():
                # The terminal; what stays within the process; libvirt's socket, judged by the trace.
                self.assertRegex(what, r"^(/dev/(tty|pts/\d+)|pipe:|socket:|anon_inode:\[?(eventfd|signalfd)\]?)", f"descriptor {number}")
            self.assertNotIn("/leaked", "".join(held.values()), "what was inherited for writing is closed")
            player.keys("q")
            player.until_end(30)
        os.close(leak)

    def test_root_becomes_nobody(self):
        self.watch(NOBODY, {})

    def test_root_becomes_who_called_sudo(self):
        self.watch(SOMEBODY, {"SUDO_UID": str(SOMEBODY)})

    def test_a_sudo_that_lies_is_nobody(self):
        for lie in ("0", "-1", "4294967295", "x", ""):
            with self.subTest(SUDO_UID=lie):
                self.watch(NOBODY, {"SUDO_UID": lie})


class Inside(unittest.TestCase):
    """The same that the program does to itself, then every way to write."""

    def attempts(self, *uris, environment=None, user=0):
        folder = host.directory / "inside"
        run("rm", "-rf", folder)
        folder.mkdir()
        (folder / "empty").mkdir()
        for name in ("file", "read", "inherited"):
            (folder / name).write_text("as it was\n")
            os.chmod(folder / name, 0o666)
        for path in (folder, folder / "empty"):
            os.chmod(path, 0o777)
        os.chmod(host.directory, 0o755)
        before = tree(folder)
        limit = next(file for file in host.group("lxc", EATER).iterdir() if file.name in ("memory.limit_in_bytes", "memory.max"))
        other = subprocess.Popen(["setpriv", f"--reuid={user}", "sleep", "600"])
        until(lambda: status(other.pid)["Uid"].split()[0] == str(user), "it is that user's")
        command = ["sh", "-c", 'exec 7<"$1/read" 8>>"$1/inherited"; shift; exec "$@"', "sh", folder,
                   host.build / "tests/lab/pinned", folder, limit, other.pid, *uris]
        try:
            done = run(*command, env={**os.environ, **(environment or {})}, stdin=subprocess.DEVNULL)
        finally:
            other.kill()
            other.wait()
        self.assertEqual(tree(folder), before, "nothing changed")
        return dict(line.split(" ", 1) for line in done.stdout.splitlines()), done.stderr

    def judge(self, results, refused):
        self.assertEqual({name: results[name] for name in refused if results[name] not in ("EACCES", "EPERM")}, {})
        self.assertEqual(results["write_inherited"], "EBADF")
        self.assertEqual({name: results[name] for name in STILL_DONE}, dict.fromkeys(STILL_DONE, "done"))

    @only_if(landlock_version() >= 1)
    def test_nothing_can_be_written_as_nobody(self):
        results, notes = self.attempts("lxc:///system", user=NOBODY)
        self.assertEqual((results["user"], notes), (str(NOBODY), ""))
        self.judge(results, REFUSED + REFUSED_TO_USERS)

    @only_if(landlock_version() >= 1)
    def test_nothing_can_be_written_by_who_called_sudo(self):
        results, notes = self.attempts("qemu:///system", environment={"SUDO_UID": str(SOMEBODY)}, user=SOMEBODY)
        self.assertEqual((results["user"], notes), (str(SOMEBODY), ""))
        self.judge(results, REFUSED + REFUSED_TO_USERS)

    @only_if(landlock_version() >= 1)
    def test_no_file_can_be_written_by_a_watch_that_has_to_stay_root(self):
        results, notes = self.attempts("lxc:///system", "openvz:///system")
        self.assertEqual(results["user"], "0")
        self.assertIn("this watch stays root: beancounters are read by root alone", notes)
        self.judge(results, REFUSED)

    @only_if(landlock_version() >= LANDLOCK_SCOPES)
    def test_signals_stay_inside(self):
        results, _ = self.attempts("lxc:///system", user=NOBODY)
        self.assertEqual(results["signal_another"], "EPERM")


class Figures(unittest.TestCase):
    def test_who_cannot_write_sees_the_same(self):
        """All that root sees of a domain and its host is known to a watch that is nobody."""
        def known(*words):
            sample = json.loads(host.tool(*words, *URIS, "list", "--json").stdout)
            return ({c["uri"]: sorted(c["memory"]) for c in sample["connections"]},
                    {d["name"]: (sorted(d["figures"]), sorted(d["tunables"]), sorted(d["missing"])) for d in sample["domains"]})
        self.assertEqual(known("-r"), known())

    def test_limits_are_what_virsh_says(self):
        shown = json.loads(host.tool("-r", *URIS, "show", "--json", EATER).stdout)["domains"][0]
        self.assertGreater(shown["figures"]["held"], 0)
        self.assertEqual(shown["tunables"]["hard_limit"]["live"], host.memtune("lxc", EATER, "live")["hard_limit"] * 1024)


class Refused(unittest.TestCase):
    def test_every_command_that_writes(self):
        before = host.memtune("lxc", EATER, "live"), host.memtune("lxc", EATER, "config")
        for program in ((host.program, "-r"), (host.directory / "virt-memtop",)):
            for words in (["set", EATER, "soft_limit=99M"], ["undo", "20261122T201500-1a2b"], ["apply", "/dev/null"]):
                with self.subTest(program=program, words=words):
                    run(*program, "-c", "lxc:///system", *words, status=4)
        self.assertEqual((host.memtune("lxc", EATER, "live"), host.memtune("lxc", EATER, "config")), before)


class Site(unittest.TestCase):
    """The system's file, where this program looks for it."""

    def tool(self, settings, *words, status=0):
        path = pathlib.Path(re.search(r'SYSCONFDIR "([^"]*)"', (host.build / "config.h").read_text()).group(1))
        script = ('mkdir -p "$1"; mount -t tmpfs tmpfs "$1"; printf %s "$2" >"$1/settings.conf"; shift 2; exec "$@"')
        return run("unshare", "-m", "sh", "-ec", script, "sh", path, settings, host.program, *words, status=status)

    def test_pins_connections(self):
        pinned = "[settings]\nconnect=lxc:///system\nconnect_only=true\n"
        self.assertEqual([c["uri"] for c in json.loads(self.tool(pinned, "list", "--json").stdout)["connections"]], ["lxc:///system"])
        for words in (["-c", "qemu:///system", "list"], ["show", "qemu:///system#x"], ["check", "--connect", "qemu:///system"]):
            with self.subTest(words=words):
                done = self.tool(pinned, *words, status=None)
                self.assertNotEqual(done.returncode, 0)
                self.assertIn("this site lets connect to lxc:///system only", done.stderr)

    def test_only_watches(self):
        site = "[settings]\nread_only=true\n"
        done = self.tool(site, "-c", "lxc:///system", "set", EATER, "soft_limit=99M", status=4)
        self.assertIn("read_only=true for this site", done.stderr)
        self.assertIn(EATER, self.tool(site, "-c", "lxc:///system", "list").stdout)
