# SPDX-License-Identifier: GPL-2.0-or-later
"""A program in a terminal of ours: keys in, pictures out. Waits for a text, never for a time."""
import codecs
import fcntl
import os
import pty
import select
import signal
import struct
import tempfile
import termios
import time

import pyte

ROOT = os.environ.get("MESON_SOURCE_ROOT", os.path.join(os.path.dirname(__file__), "..", ".."))
BUILD = os.environ.get("MESON_BUILD_ROOT", os.path.join(ROOT, "build"))
PLAY = os.path.join(BUILD, "tests", "screen", "play")
JOURNAL = tempfile.TemporaryDirectory(prefix="virt-memtune-journal-")
FIXTURES = os.path.join(ROOT, "tests", "fixtures", "screen")
# The same number of characters wherever the tree is: URIs are on the screens, and wrapped there.
SHORT = tempfile.TemporaryDirectory(prefix="vm", dir="/tmp")
os.symlink(os.path.abspath(FIXTURES), os.path.join(SHORT.name, "screen"))
WAIT_S = 20

KEYS = {"Up": "\033[A", "Down": "\033[B", "Right": "\033[C", "Left": "\033[D", "Home": "\033[H",
        "End": "\033[F", "PgUp": "\033[5~", "PgDn": "\033[6~", "Enter": "\r", "Esc": "\033",
        "Tab": "\t", "F1": "\033OP", "F2": "\033OQ", "F3": "\033OR", "F5": "\033[15~",
        "F9": "\033[20~", "F10": "\033[21~"}


class Gone(Exception):
    """The program ended."""


def fixture(name):
    return "fake:///" + os.path.join(SHORT.name, "screen", name + ".fake")


class Player:
    def __init__(self, argv, columns=80, rows=24, term="xterm-256color", locale="C.UTF-8",
                 env=None, rate=None, answers=False):
        """rate: bytes a second that this terminal takes; None: all at once. answers: to status
        requests, as terminals do."""
        self.answers = answers
        self.columns, self.rows, self.rate = columns, rows, rate
        self.raw = b""
        self.status = None
        self.taken_until = time.monotonic()
        self.decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.screen = pyte.Screen(columns, rows)
        self.stream = pyte.Stream(self.screen)
        self.fd, slave = pty.openpty()
        self.slave = os.ttyname(slave)
        # the size is there before the program looks
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self.fd)
            os.login_tty(slave) if hasattr(os, "login_tty") else self.login(slave)
            environ = {k: v for k, v in os.environ.items()
                       if k.startswith(("MESON", "ASAN", "UBSAN", "TSAN", "PATH", "LSAN"))}
            environ.update(TERM=term, LC_ALL=locale, TZ="UTC", HOME="/nonexistent",
                           XDG_CONFIG_HOME="/nonexistent", VIRT_MEMTUNE_JOURNAL=JOURNAL.name, LINES="1", COLUMNS="1")
            environ.update(env or {})
            os.execve(argv[0], argv, environ)
        os.close(slave)
        os.set_blocking(self.fd, False)

    @staticmethod
    def login(slave):
        os.setsid()
        fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
        for fd in range(3):
            os.dup2(slave, fd)

    # --- in
    def read_once(self, wait):
        if self.rate:
            time.sleep(0.05)
            room = int((time.monotonic() - self.taken_until) * self.rate)
            if room < 1:
                return False
            self.taken_until = time.monotonic()
        else:
            room = 65536
            if not select.select([self.fd], [], [], wait)[0]:
                return False
        try:
            data = os.read(self.fd, room)
        except BlockingIOError:
            return False
        except OSError:
            data = b""
        if not data:
            raise Gone()
        self.raw += data
        self.stream.feed(self.decoder.decode(data))
        for _ in range(data.count(b"\033[5n") if self.answers else 0):
            os.write(self.fd, b"\033[0n")
        return True

    def text(self):
        return "\n".join(line.rstrip() for line in self.screen.display)

    def until(self, wanted, deadline=WAIT_S):
        """Reads until the text (or the function of the picture) is there."""
        test = wanted if callable(wanted) else (lambda text: wanted in text)
        end = time.monotonic() + deadline
        while not test(self.text()):
            if time.monotonic() > end:
                raise AssertionError("%r never came; the screen:\n%s" % (wanted, self.text()))
            self.read_once(0.1)

    def settle(self, quiet=0.25, most=5):
        """Reads until nothing comes for a moment (a clock ticks once a second: quiet is less)."""
        last = time.monotonic()
        end = last + most
        while time.monotonic() - last < quiet and time.monotonic() < end:
            if self.read_once(0.05):
                last = time.monotonic()

    # --- out
    def keys(self, text):
        """"<Enter>" and such are names; everything else is typed as it is."""
        while text:
            name = text[1:text.find(">")] if text.startswith("<") and ">" in text else None
            if name in KEYS:
                data, text = KEYS[name], text[len(name) + 2:]
            elif name and name.startswith("C-"):
                data, text = chr(ord(name[2]) & 31), text[len(name) + 2:]
            else:
                data, text = text[0], text[1:]
            os.write(self.fd, data.encode())
            if data == "\033":
                self.settle(0.15)

    def send(self, data):
        os.write(self.fd, data)

    def resize(self, columns, rows):
        self.columns, self.rows = columns, rows
        self.screen.resize(rows, columns)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def until_end(self, deadline=WAIT_S):
        """Reads until the program has ended; keeps what the line's attributes were then."""
        end = time.monotonic() + deadline
        slave = os.open(self.slave, os.O_RDWR | os.O_NOCTTY)
        try:
            while True:
                self.read_once(0.02)
                pid, status = os.waitpid(self.pid, os.WNOHANG)
                if pid:
                    self.status = os.waitstatus_to_exitcode(status)
                    break
                if time.monotonic() > end:
                    raise AssertionError("did not end")
            self.attributes = termios.tcgetattr(slave)
            while self.read_once(0.05):
                pass
        finally:
            os.close(slave)

    def kill(self, signo):
        os.kill(self.pid, signo)

    def close(self):
        """Hangs up."""
        os.close(self.fd)
        self.fd = -1

    def wait(self, deadline=WAIT_S):
        """The exit status; negative: of that signal."""
        end = time.monotonic() + deadline
        while self.status is None:
            if time.monotonic() > end:
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
                raise AssertionError("did not end within %d s" % deadline)
            if self.fd >= 0:
                try:
                    self.read_once(0.02)
                except Gone:
                    pass
            else:
                time.sleep(0.02)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
        try:
            while self.fd >= 0 and self.read_once(0):
                pass
        except Gone:
            pass
        return self.status

    def end(self):
        if self.status is None:
            try:
                os.kill(self.pid, signal.SIGKILL)
                os.kill(self.pid, signal.SIGCONT)
            except ProcessLookupError:
                pass
            os.waitpid(self.pid, 0)
            self.status = 0
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()
