# SPDX-License-Identifier: GPL-2.0-or-later
"""Guards as somebody beside them sees them: by the command line, the journal, their plans and their
processes; and the stand-in for the screen that starts one and is ended in every way."""
import contextlib
import json
import os
import pathlib
import signal
import subprocess
import threading

from waiting import GUEST, PATIENCE, Failed, run, until

SECONDS = 60 if GUEST else 15  # 15: the shortest countdown there is


def kill(pid):
    """At once, whatever it does."""
    os.kill(pid, signal.SIGKILL)
    until(lambda: not alive(pid), f"{pid} has ended")


def alive(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def read(path):
    """Of a process that may end at any moment."""
    with contextlib.suppress(OSError):
        return path.read_bytes()
    return b""


def the_one(arguments):
    """The process with these arguments."""
    wanted = [str(each).encode() for each in arguments]
    found = [int(path.parent.name) for path in pathlib.Path("/proc").glob("[0-9]*/cmdline")
             if read(path).rstrip(b"\0").split(b"\0") == wanted]
    if len(found) != 1:
        raise Failed(f"{arguments}: {found}")
    return found[0]


class Guards:
    """Those of one journal."""

    def __init__(self, journal, program=None, hold_program=None):
        self.journal = pathlib.Path(journal)
        self.program, self.hold_program = program, hold_program

    def environment(self):
        return dict(os.environ, VIRT_MEMTUNE_JOURNAL=str(self.journal))

    def tool(self, *words, status=0, timeout=120):
        """The program itself; the whole result."""
        return run(self.program, *words, status=status, timeout=timeout, env=self.environment())

    def confirm(self, uri, name, *words, seconds=SECONDS, status=0):
        """`set --confirm`; its ID."""
        done = self.tool("-c", uri, "set", "--json", "--confirm", seconds, name, *words, status=status)
        return json.loads(done.stdout).get("id") if done.stdout else None

    def answer(self, word, batch, status=0, timeout=60):
        """`keep` or `back`; what it says."""
        done = self.tool(word, "--json", batch, "--timeout", timeout, status=status, timeout=timeout + 30)
        return json.loads(done.stdout)

    def plan(self, batch):
        return self.journal / f"guards/{batch}.guard"

    def batches(self):
        """Those that have a plan."""
        return {path.stem for path in self.journal.glob("guards/*.guard")}

    def notes(self, batch):
        """The codes of the journal's notes of a batch with what they say, in order."""
        done = self.tool("journal", "--json", batch)
        return [(entry["code"], entry.get("text", "")) for entry in map(json.loads, done.stdout.splitlines())
                if entry["record"] == "note"]

    def ended(self, batch, code, seconds=SECONDS + 60, why=""):
        """The guard has ended, and the journal says how, and why it went back."""
        until(lambda: not self.plan(batch).exists(), f"the guard of {batch} ends", seconds)
        notes = self.notes(batch)
        if not notes or notes[-1][0] != code:
            raise Failed(f"{batch}: {code} expected, the journal has {notes}")
        if why and not any(each == "going_back" and why in text for each, text in notes):
            raise Failed(f"{batch}: {why!r} expected, the journal has {notes}")

    def process(self, batch):
        """The guard: the process that has the plan open."""
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if (process / "cmdline").read_bytes().startswith(b"virt-memtune\0guard\0") and \
                        any(os.readlink(fd) == str(self.plan(batch)) for fd in (process / "fd").iterdir()):
                    return int(process.name)
        raise Failed(f"{batch} has no guard")

    def hold(self, uri, name, *words, **options):
        return Hold(self, uri, name, *words, **options)


class Hold:
    """The stand-in for the screen; `written`: its countdown runs, and all is written. `inside`: a command
    that becomes it."""

    def __init__(self, guards, uri, name, *words, seconds=SECONDS, written=True, inside=()):
        self.process = subprocess.Popen(
            [*inside, str(guards.hold_program), uri, str(seconds), name, *words], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True, env=guards.environment())
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

    def wait(self, begin, seconds=120):
        """What follows `begin` on the next line that begins so. One that says nothing for too long is ended."""
        deadline = threading.Timer(seconds * PATIENCE, self.process.kill)
        deadline.start()
        try:
            for line in self.process.stdout:
                if line.startswith(begin):
                    return line[len(begin):].strip()
        finally:
            deadline.cancel()
        raise Failed(f"no line {begin!r}")

    def kill(self):
        self.process.kill()
        self.process.wait()
