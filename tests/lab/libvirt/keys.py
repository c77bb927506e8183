"""The screen on real domains: keys go in, and others' tools say what became of them."""
import pathlib
import sys
import time
import unittest

from host import GROUPS_V2, TAG, until

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "screen"))
from player import Player  # noqa: E402

host = None  # set by lab.py
EATER, GUEST = (f"{name}-{TAG}" for name in ("eater", "guest"))
MIB = 1 << 20
HARD = "memory.max" if GROUPS_V2 else "memory.limit_in_bytes"
REVIEW = "\x16"


def setUpModule():
    host.define_all()


def limit_of(kind, name):
    text = (host.group(kind, name) / HARD).read_text().strip()
    return None if text == "max" or int(text) > 1 << 60 else int(text)


class Keys(unittest.TestCase):
    def start(self, kind, name, *words):
        player = Player([str(host.program), "-c", f"{kind}:///system", "-f", f"name:{name}", *words])
        self.addCleanup(player.end)
        player.until(lambda text: name in text and "1 of " in text)
        player.settle()
        return player

    def press(self, player, keys, text):
        """Again and again: a question is deaf for a moment, against keys meant for what was before it."""
        end = time.monotonic() + 20
        while text not in player.text():
            self.assertLess(time.monotonic(), end, f"{text!r} never came:\n{player.text()}")
            player.keys(keys)
            player.settle(0.6)

    def form(self, kind, name):
        player = self.start(kind, name)
        self.press(player, "e", "for writing? y")
        self.press(player, "y", "what it does here")
        return player

    def apply(self, player):
        player.keys(REVIEW)
        player.until("nothing written yet")
        self.press(player, "a", "Enter = yes")
        self.press(player, "<Enter>", "Results")
        player.until("changed")

    def set_hard(self, kind, name, size):
        host.virsh(kind, "memtune", name, "--hard-limit", str(size // 1024), "--live")
        host.virsh(kind, "memtune", name, "--hard-limit", str(size // 1024), "--config")

    def judge(self, kind, name, live, config):
        self.assertEqual(host.memtune(kind, name, "live")["hard_limit"], live // 1024, "virsh memtune --live")
        self.assertEqual(host.memtune(kind, name, "config")["hard_limit"], config // 1024, "virsh memtune --config")
        self.assertEqual(limit_of(kind, name), live, "the control file")

    def test_a_raise_is_live_and_persistent(self):
        for kind, name in (("lxc", EATER), ("qemu", GUEST)):
            with self.subTest(domain=name):
                self.set_hard(kind, name, 700 * MIB)
                player = self.form(kind, name)
                player.until("700 MiB")
                player.keys("+64m")
                player.until("2 changes staged")
                self.judge(kind, name, 700 * MIB, 700 * MIB)
                self.apply(player)
                self.judge(kind, name, 764 * MIB, 764 * MIB)

    def test_config_only_leaves_what_is_live(self):
        self.set_hard("lxc", EATER, 700 * MIB)
        player = self.form("lxc", EATER)
        self.press(player, "<F2>", "(*) config only")
        player.keys("1g")
        player.until("1 change staged")
        self.apply(player)
        self.judge("lxc", EATER, 700 * MIB, 1024 * MIB)

    def test_nothing_is_written_before_yes(self):
        self.set_hard("lxc", EATER, 700 * MIB)
        player = self.form("lxc", EATER)
        player.keys("900m\r")
        player.until("2 changes staged")
        player.keys(REVIEW)
        player.until("nothing written yet")
        for key in ("\r", "y", " ", "A", "q"):
            player.keys(key)
            player.settle(0.3)
        self.press(player, "a", "Enter = yes")
        player.keys("<Esc>")
        player.until(lambda text: "Enter = yes" not in text)
        player.keys("<Esc>")
        self.judge("lxc", EATER, 700 * MIB, 700 * MIB)

    def test_what_others_do_shows_in_the_open_form(self):
        self.set_hard("lxc", EATER, 700 * MIB)
        player = self.form("lxc", EATER)
        player.until("700 MiB")
        self.set_hard("lxc", EATER, 750 * MIB)
        player.until("live 750 MiB   config 750 MiB")
        player.until("changed by somebody else while this form is open")

    def test_what_was_changed_meanwhile_is_not_written_over(self):
        self.set_hard("lxc", EATER, 700 * MIB)
        player = self.form("lxc", EATER)
        player.keys("900m")
        player.until("2 changes staged")
        player.keys(REVIEW)
        player.until("nothing written yet")
        self.set_hard("lxc", EATER, 800 * MIB)
        player.until("800")
        player.keys("a")
        player.settle(0.8)
        player.keys("<Enter>")
        player.settle(0.8)
        self.judge("lxc", EATER, 800 * MIB, 800 * MIB)

    def test_a_balloon_goes_where_it_was_sent(self):
        host.wait_for_guest(GUEST)
        player = self.form("qemu", GUEST)
        for _ in range(12):
            if any(line.startswith("> Now (balloon)") for line in player.text().splitlines()):
                break
            player.keys("<Up>")
            player.settle(0.2)
        player.keys("160m")
        player.until("staged")
        player.keys(REVIEW)
        player.until("nothing written yet")
        self.press(player, "a", "Enter = yes")
        self.press(player, "<Enter>", "Results")
        until(lambda: "actual 163840" in host.virsh("qemu", "dommemstat", GUEST), "the balloon is at 160 MiB")

    def test_the_form_outlives_its_domain(self):
        player = self.form("lxc", EATER)
        host.virsh("lxc", "destroy", EATER)
        player.until(lambda text: "off" in text.splitlines()[0] or "not running" in text)
        host.virsh("lxc", "start", EATER)
        player.until(lambda text: "running" in text.splitlines()[0])
