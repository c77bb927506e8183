#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""How the program treats its terminal: every end restores it, nothing holds it up. Prints TAP."""
import os
import re
import shutil
import signal
import sys
import tempfile
import termios
import time

from player import PLAY, Gone, Player, fixture

HOSTS = [fixture(name) for name in ("kvm07", "esx-12")]
# what opens each screen, and what is then on it
SCREENS = {"domains": ("", "NAME"), "why": ("i", "Walls"), "detail": ("<Enter>", "config"),
           "limits": ("1", "SOFT"), "hosts": ("2", "available"), "messages": ("3", "Back"),
           "help": ("?", "Keys here"), "setup": ("S", "Theme"), "prompt": ("\\", "Filter:"),
           "menu": ("o", "Sort by"), "palette": (":", "only-trouble"), "copy": ("y", "Shift-mouse")}


def start(*more, **about):
    player = Player([PLAY, *more, *HOSTS], **about)
    return player


def ready(player):
    player.until(lambda text: "throttled 14/s" in text)
    player.keys("g")
    player.settle()


def check(condition, text):
    if not condition:
        raise AssertionError(text)


def check_modes(player):
    """What the terminal was told last: the modes are off, the screen is the other one again."""
    tail = player.raw
    for on, off in ((b"\033[?1049h", b"\033[?1049l"), (b"\033[?2004h", b"\033[?2004l"),
                    (b"\033[?1000h", b"\033[?1000l"), (b"\033[?25l", b"\033[?25h")):
        if on in tail:
            check(tail.rfind(off) > tail.rfind(on), "%r was not taken back" % on)


def check_restored(player, attributes):
    check_modes(player)
    check(attributes[3] & termios.ICANON and attributes[3] & termios.ECHO, "not in cooked mode")


def attributes_of(player):
    return termios.tcgetattr(player.fd)


def ends_by(signo, screen):
    def test():
        with start() as player:
            before = attributes_of(player)
            ready(player)
            keys, text = SCREENS[screen]
            player.keys(keys)
            player.until(text)
            player.kill(signo)
            # the terminal is looked at before it goes away with its last user
            player.until_end()
            check(player.wait() == 128 + signo, "status %s" % player.status)
            check(player.attributes == before, "the line's attributes differ")
            check_restored(player, player.attributes)
    return test


def hangs_up(screen):
    def test():
        with start() as player:
            ready(player)
            keys, text = SCREENS[screen]
            player.keys(keys)
            player.until(text)
            player.close()
            check(player.wait(5) == 128 + signal.SIGHUP, "status %s" % player.status)
    return test


def crash_restores():
    # AddressSanitizer would turn the second into the first.
    own = {"ASAN_OPTIONS": "handle_segv=0:handle_abort=0"}
    for signo in (signal.SIGABRT, signal.SIGSEGV):
        with start(env=own) as player:
            before = attributes_of(player)
            ready(player)
            player.kill(signo)
            player.until_end()
            check(player.wait() == -signo, "status %s" % player.status)
            check(player.attributes == before, "the line's attributes differ")
            check_restored(player, player.attributes)


def quits():
    for keys in ("q", "<F10>", "<C-c>", ":q<Enter>", ":quit<Enter>"):
        with start() as player:
            before = attributes_of(player)
            ready(player)
            player.keys(keys)
            player.until_end()
            check(player.wait() == 0, "%s: status %s" % (keys, player.status))
            check_restored(player, before)


def what_really_arrives():
    """None of these does what a naive program would do: the list stays the list."""
    sequences = [b"\033[[A", b"\033[a", b"\033Oc", b"\033[13;1:3u", b"\033a", b"\033q",
                 b"\033[200~q!ia\n:q\n\033[201~", b"\033[I", b"\033[O", b"\033[1;5C", b"\033[Mqqq",
                 b"\033[?64;1;2c", b"\033]52;c;cQ==\033\\", b"\033[3$"]
    with start() as player:
        ready(player)
        for sequence in sequences:
            player.send(sequence)
            player.settle(0.2)
            if sequence in (b"\033[[A",):
                player.until("Help: Domains")
                player.keys("<Esc>")
            player.until("NAME")
            check("Help:" not in player.text(), "%r opened something" % sequence)
        player.keys("i")
        player.until("Walls")


def esc_is_quick():
    with start() as player:
        ready(player)
        player.keys("i")
        player.until("Walls")
        player.settle()
        began = time.monotonic()
        os.write(player.fd, b"\033")
        player.until("NAME")
        check(time.monotonic() - began < 0.5, "Esc took %.0f ms" % ((time.monotonic() - began) * 1e3))


def resizes():
    with start() as player:
        ready(player)
        for screen, (keys, text) in SCREENS.items():
            if screen in ("prompt", "menu", "palette", "copy"):
                continue
            player.keys("0" + keys)
            for columns, rows in ((20, 5), (300, 60), (1, 1), (40, 10), (80, 24)):
                player.resize(columns, rows)
                player.settle(0.2)
            player.until(text)
        player.keys("0")
        player.until("NAME")


def suspends():
    """Under a shell with job control: a session leader by itself is never stopped by ^Z."""
    with Player(["/bin/bash", "--norc", "--noprofile", "-i"], env={"PS1": "shell$ "}) as player:
        player.until("shell$")
        player.keys("bind 'set enable-bracketed-paste off'<Enter>")  # the shell's own
        player.keys(" ".join([PLAY, *HOSTS]) + "<Enter>")
        ready(player)
        for again in range(2):
            player.keys("<C-z>")
            player.until("Stopped")
            check_modes(player)
            player.keys("echo back-$((40+%d))<Enter>" % again)
            player.until("back-4%d" % again)
            player.keys("fg<Enter>")
            player.until("NAME")
            player.settle()
        player.keys("i")
        player.until("Walls")
        player.keys("<Esc>q")
        player.until("shell$")
        player.keys("echo ended-$?<Enter>")
        player.until("ended-0")
        player.keys("exit<Enter>")
        player.until_end()


def slow_line():
    """1 kB/s: many pictures are asked for; the newest arrives soon, those between never do."""
    for answers, most in ((True, 7000), (False, 20000)):
        with start(answers=answers) as player:
            ready(player)
            player.rate, player.taken_until = 1000, time.monotonic()
            seen = len(player.raw)
            for _ in range(40):
                os.write(player.fd, b"i")
                player.read_once(0)
                os.write(player.fd, b"0")
                player.read_once(0)
            os.write(player.fd, b"?")
            before, began = len(player.raw), time.monotonic()
            player.until("Keys here", 40)
            took, behind = time.monotonic() - began, len(player.raw) - before
            print("# %s: the newest picture after %.1f s and %d bytes (%d before)" %
                  ("answers" if answers else "silent", took, behind, before - seen))
            check(behind < most, "%d bytes until the newest picture" % behind)


def stopped_terminal():
    """Nobody reads: the program goes on, and ends when it is told to."""
    with start() as player:
        ready(player)
        for _ in range(400):
            os.write(player.fd, b"i0?")
            os.write(player.fd, b"0")
        time.sleep(0.5)
        player.kill(signal.SIGTERM)
        end = time.monotonic() + 3
        pid = 0
        while not pid and time.monotonic() < end:
            pid, status = os.waitpid(player.pid, os.WNOHANG)
            time.sleep(0.02)
        check(pid, "did not end while nobody reads")
        player.status = os.waitstatus_to_exitcode(status)
        check(player.status == 143, "status %s" % player.status)


def dumb():
    for term in ("dumb", "", "no-such-terminal"):
        with start(term=term) as player:
            try:
                player.until("use -b")
            except Gone:
                pass
            check("use -b" in player.text(), "%s: %s" % (term, player.text()))
            check(player.wait() != 0, "%s: status 0" % term)


def terminals():
    """Other terminals show the same words."""
    for term in ("xterm", "vt100", "linux", "rxvt", "tmux-256color", "screen", "ansi"):
        with start(term=term, rows=25) as player:
            ready(player)
            text = player.text()
            check("NAME" in text and "oom-kill 02:41" in text, "%s:\n%s" % (term, text))


def colours():
    """NO_COLOR and terminals without colours get none; the words stay."""
    for env, term, wanted in (({}, "xterm-256color", True), ({"NO_COLOR": "1"}, "xterm-256color", False),
                              ({}, "vt100", False), ({"NO_COLOR": ""}, "xterm", True)):
        with start(term=term, env=env) as player:
            ready(player)
            has = re.search(rb"\033\[[0-9;]*(3[0-7]|4[0-7]|38;5)[;m]", player.raw) is not None
            check(has == wanted, "%s %s: colours %s" % (env, term, has))


def one_host():
    """Until they have connected, two connections of one host are two lines: then the second is gone."""
    with tempfile.TemporaryDirectory() as directory:
        other = shutil.copy(fixture("kvm07")[len("fake://"):], os.path.join(directory, "again.fake"))
        for _ in range(3):
            with Player([PLAY, HOSTS[0], "fake://" + other]) as player:
                ready(player)
                text = player.text()
                check(" 1 host " in text and text.count("\nkvm07 ") == 1, text)
                check("\ufffd" not in text, "what was freed is drawn:\n" + text)
                player.keys("q")
                player.until_end()
                check(player.wait() == 0, "status %s" % player.status)


def broken_theme():
    with start("--theme=broken", "--themes=" + os.path.dirname(fixture("x"))[8:]) as player:
        player.until("nowhere")
        player.until("NAME")


def nothing_matches():
    """A table without rows, in every order, is as good as another."""
    with start() as player:
        ready(player)
        player.keys("\\name:nobody<Enter>")
        player.until("0 of 21")
        for keys in ("t", "j", "k", "G", "g", "<PgDn>", " ", "i", "<Esc>", "e", "y", "c", "b", "!", "A",
                     "t", "om", "v", "<Esc>", "1", "0", "n"):
            player.keys(keys)
            player.settle(0.2)
        player.keys("\\<C-u><Enter>")
        player.until(lambda text: "throttled 14/s" in text)


def plain():
    with start("--plain") as player:
        ready(player)
        check(b"\033[?1049h" not in player.raw, "alternate screen")
        check("[" not in player.text().replace("[y", ""), "a bar is drawn:\n" + player.text())
        row = player.screen.cursor.y
        player.keys("j")
        player.settle()
        check(player.screen.cursor.y == row + 1, "the cursor is not on the selected row")
        check(not player.screen.cursor.hidden, "the cursor is hidden")
        check("share of limit" not in player.text(), "a heading of no column:\n" + player.text())
        player.keys("e")
        player.until("for writing? y")
        player.settle(0.7)
        player.keys("y")
        player.until("G hard")
        check(not re.search("[█▓░|]", player.text()), "the form draws a bar:\n" + player.text())
        player.keys("<Esc>")
        player.until("NAME")
        player.keys("o")
        player.until("Sort by")
        check("│" not in player.text() and "+-" not in player.text(), "a box is drawn")


def tests():
    yield "quitting restores the terminal", quits
    for screen in SCREENS:
        for signo in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            yield "%s on %s restores the terminal" % (signo.name, screen), ends_by(signo, screen)
        yield "a closed terminal ends it on %s" % screen, hangs_up(screen)
    yield "a crash restores the terminal", crash_restores
    yield "sequences that mean nothing do nothing", what_really_arrives
    yield "Esc acts at once", esc_is_quick
    yield "every screen survives every size", resizes
    yield "^Z gives the terminal back, fg takes it again", suspends
    yield "a slow line sees the newest picture", slow_line
    yield "a stopped terminal stops nothing", stopped_terminal
    yield "what cannot show a screen is told to use -b", dumb
    yield "other terminals show the same words", terminals
    yield "no colour where none is wanted", colours
    yield "connections of one host become one line", one_host
    yield "a table without rows takes every key", nothing_matches
    yield "plain: no other screen, no bars, no boxes, a cursor", plain


def main():
    wanted = sys.argv[1:]
    chosen = [(name, test) for name, test in tests() if not wanted or any(w in name for w in wanted)]
    failed = 0
    print("1..%d" % len(chosen))
    for number, (name, test) in enumerate(chosen, 1):
        try:
            test()
            print("ok %d %s" % (number, name), flush=True)
        except (AssertionError, Gone, OSError) as error:
            failed += 1
            print("not ok %d %s" % (number, name))
            for line in repr(error).split("\\n") + str(error).splitlines():
                print("# " + line, flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
