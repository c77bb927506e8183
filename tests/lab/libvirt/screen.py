"""The screen on real domains: a daemon that hangs, and a tunable by keys."""
import pathlib
import sys
import time
import unittest

from host import GROUPS_V2, PATIENCE, SYSTEMD, TAG, only_if

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "screen"))
from player import Player  # noqa: E402

host = None  # set by lab.py
EATER, IDLE = (f"{name}-{TAG}" for name in ("eater", "idle"))
LXC = "lxc:///system"
REVIEW = "\x16"
DEAF = 0.7  # questions take no key in their first half second


def setUpModule():
    host.define_all()


def start(*uris, rows=24):
    screen = Player([str(host.program), *(word for uri in uris for word in ("-c", uri))], 100, rows)
    screen.until(lambda text: EATER in text and "connecting" not in text, 30 * PATIENCE)
    return screen


def choose(screen, name):
    screen.keys(f"/{name}<Enter>")
    screen.until(lambda text: line_of(text, name).startswith(">"))


def line_of(text, name):
    return next((line for line in text.splitlines() if name in line and line[:1] in "> "), "")


def for_writing(screen):
    screen.keys("e")
    screen.until("Open ")
    screen.settle(DEAF)
    screen.keys("y")
    screen.until("NEW", 30 * PATIENCE)


def focus(screen, label):
    for _ in range(20):
        screen.settle(0.3)
        if any(line.startswith(f"> {label}") for line in screen.text().splitlines()):
            return
        screen.keys("<Down>")
    raise AssertionError(f"{label} is not in the form:\n{screen.text()}")


@only_if(not SYSTEMD)  # there libvirtd is not ours to stop
class Hung(unittest.TestCase):
    def tearDown(self):
        host.continue_libvirtd()
        host.wait_for_libvirtd()

    def test_its_rows_grow_old_then_are_not_answering_and_come_back_with_what_was_typed(self):
        with start(LXC) as screen:
            choose(screen, EATER)
            for_writing(screen)
            focus(screen, "Soft limit")
            screen.keys("222m")
            screen.until("222m")
            screen.keys("<Esc>")
            screen.until("NAME")
            begin = time.monotonic()
            host.stop_libvirtd()
            screen.until(lambda text: line_of(text, EATER)[1:2] == "?", 16)
            self.assertLess(time.monotonic() - begin, 16, "stale before it is lost")
            screen.until("1 host not answering", 40)
            for keys, text in (("i", "Walls"), ("?", "Keys here"), ("2", "available")):
                screen.keys(f"<Esc>{keys}")
                screen.until(text, 2)
            screen.keys("0")
            while time.monotonic() - begin < 40:
                screen.read_once(0.1)
            host.continue_libvirtd()
            screen.until(lambda text: "not answering" not in text and line_of(text, EATER)[1:2] == " ", 60)
            screen.keys("v")
            screen.until("Review")
            screen.until("222 MiB")

    def test_stopped_for_10_seconds_it_is_fresh_again_without_being_lost(self):
        with start(LXC) as screen:
            host.stop_libvirtd()
            end = time.monotonic() + 10
            while time.monotonic() < end:
                screen.read_once(0.1)
                self.assertNotIn("not answering", screen.text())
            host.continue_libvirtd()
            screen.keys("2")
            screen.until(f"{LXC}: connected", 5)

    def test_quitting_takes_no_time(self):
        for pause, keys in ((2, "q"), (25, "q"), (2, ":q<Enter>")):
            with self.subTest(after=pause), start(LXC, "qemu:///system") as screen:
                host.stop_libvirtd()
                end = time.monotonic() + pause
                while time.monotonic() < end:
                    screen.read_once(0.1)
                begin = time.monotonic()
                screen.keys(keys)
                screen.until_end()
                self.assertLess(time.monotonic() - begin, 2)
                self.assertEqual(screen.wait(), 0)
            host.continue_libvirtd()
            host.wait_for_libvirtd()


class Keys(unittest.TestCase):
    @only_if(not GROUPS_V2)
    def test_swappiness_is_set_and_kept(self):
        with start(LXC) as screen:
            choose(screen, IDLE)
            for_writing(screen)
            focus(screen, "Swappiness")
            screen.keys("17")
            screen.until("-> 17")
            screen.keys(REVIEW)
            screen.until("Review")
            screen.until("memory.swappiness")  # the command is shown
            screen.keys("a")
            screen.until("Enter =")
            screen.settle(DEAF)
            screen.keys("<Enter>")
            screen.until("2 changed", 30)
        self.assertEqual((host.group("lxc", IDLE) / "memory.swappiness").read_text().strip(), "17")
        self.assertIn(">17</", host.virsh("lxc", "dumpxml", "--inactive", IDLE))

    @only_if(GROUPS_V2)
    def test_protection_shows_what_it_does_to_others_before_it_does(self):
        with start(LXC) as screen:
            choose(screen, IDLE)
            for_writing(screen)
            focus(screen, "Low")
            screen.keys("24m")
            screen.keys(REVIEW)
            screen.until("Review", 60)
            screen.until("shared with")
            text = screen.text()
            self.assertRegex(text, r"machine\S* memory\.low 0 -> 24 MiB")
            screen.keys("a")
            screen.until("Enter =")
            screen.settle(DEAF)
            screen.keys("<Enter>")
            screen.until("2 changed", 60)
        self.assertEqual((host.group("lxc", IDLE) / "memory.low").read_text().strip(), str(24 << 20))
        host.tool("-c", LXC, "set", IDLE, "low=0")
