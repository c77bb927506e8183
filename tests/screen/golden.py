#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Golden screens: each case is played and its pictures compared with golden/CASE.txt.

  golden.py [CASE]...          compares (all)
  golden.py --write [CASE]...  writes the pictures as they are now
Prints TAP.
"""
import difflib
import os
import re
import sys
import time

from player import BUILD, PLAY, Player, fixture

GOLDEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "golden")
HOSTS = [fixture(name) for name in ("kvm07", "esx-12", "ovz02", "xen03", "kvm09")]
CLOCK = "1795315651"  # 2026-11-22 02:47:31
LIVE = "throttled"
# What goes on moving in a picture.
MASKS = [(re.compile(r"[ \d]\d s old"), "NN s old"), (re.compile(r"in ~\d+ (s|min)"), "in ~N min"),
         (re.compile(r"[+-]\d+M/min"), "+NM/min"), (re.compile(r"last \d\d:\d\d:\d\d"), "last HH:MM:SS"),
         (re.compile(r"fake:///\S*/"), "fake:///"), (re.compile(r"tries again in \d+ s"), "tries again in N s"),
         (re.compile(r"; \d+ s more"), "; NN s more"),
         (re.compile(r"\d+ since (it started|this)"), r"N since \1"),
         (re.compile(r"(itself in |GO BACK) \d:\d\d"), r"\1 N:NN"), (re.compile(r"\[#+-*\]"), "[##--]"),
         (re.compile(r"pid \d+"), "pid N"), (re.compile(r"\b(here )?on \S+, own "), "on HOST, own "),
         (re.compile(r"else at\s+\d\d:\d\d:\d\d"), "else at HH:MM:SS"),
         (re.compile(r"needs \d+ s more"), "needs N s more")]

TERMS = {"utf8": {}, "ascii": {"args": ["--ascii"]}, "mono": {"term": "vt100", "locale": "C"}}
SIZES = ["80x24", "160x45", "40x10", "20x5"]

# name: (sizes, keys, text to wait for after them)
SCREENS = {
    "table": ("", None),
    "why": ("i", "Walls, nearest first"),
    "detail": ("<Enter>", "config"),
    "limits": ("1", "SOFT"),
    "hosts": ("2", "available"),
    "messages": ("3", "lost"),
    "help": ("?", "Help: Domains"),
    "setup": ("S", "Setup"),
    "palette": (":so", ":so"),
    "sort": ("o", "Sort by"),
    "filter": ("\\drv:esx<Enter>", "of 30"),
    "trouble": ("!", "only domains"),
    "all": ("A", "all domains, also"),
    "tree": ("t", "grouped"),
    "max": ("b", "ever have"),
    "tagged": ("  ", "*"),
    "only-tagged": ("  \\tagged<Enter>", "2 of 30"),
    "scrolled": ("<Right><Right>", "NAME"),
}
# One hypervisor's own table alone: (URI, text of its first picture, keys, text to wait for).
# Each piece of the keys is pressed until its text is there: questions are deaf for a moment.
ESX = fixture("esx-pool").replace("fake:", "fake-esx:", 1)
ALONE = {
    "esx-table": (ESX, "EXCH", [], "not verified"),
    "esx-form": (ESX, "EXCH", [("G", "EXCH-MBX-01:"), ("e", "for writing? y"), ("y", "what it does here")], "Reservation"),
}


def cases():
    """name, size, variant and the rest of play()."""
    for screen, (keys, text) in SCREENS.items():
        for size in SIZES if screen in ("table", "why", "help", "setup") else ["80x24"]:
            yield "%s-%s" % (screen, size), size, "utf8", HOSTS, None, keys, text
    for variant in ("ascii", "mono"):
        for screen in ("table", "why", "help"):
            yield "%s-80x24-%s" % (screen, variant), "80x24", variant, HOSTS, None, *SCREENS[screen]
    for screen, (uri, first, keys, text) in ALONE.items():
        yield "%s-80x24" % screen, "80x24", "utf8", [uri], first, keys, text


def press_until(player, keys, text):
    end = time.monotonic() + 20
    while text not in player.text():
        assert time.monotonic() < end, "%r never came; the screen:\n%s" % (text, player.text())
        player.keys(keys)
        player.settle(0.4)


def play(size, variant, uris, first, keys, text):
    columns, rows = map(int, size.split("x"))
    about = TERMS[variant]
    argv = [PLAY, "--clock=" + CLOCK, "--delay=3600000", "--themes=/nonexistent"]
    argv += about.get("args", []) + uris
    with Player(argv, columns, rows, about.get("term", "xterm-256color"),
                about.get("locale", "C.UTF-8")) as player:
        # the histories of the past are shown first
        player.until(first if first else
                     (lambda text: "rottled 14/s" in text) if columns >= 80 else
                     (lambda text: "27 of 30" in text))
        player.settle(0.9)
        player.keys("g")
        player.settle()
        if isinstance(keys, str):
            player.keys(keys)
        else:
            for piece in keys:
                press_until(player, *piece)
        if text and columns >= 80:
            player.until(text)
        player.settle(0.5)
        picture = player.text()
        player.keys("<Esc><Esc>q")
    for pattern, word in MASKS:
        picture = pattern.sub(word, picture)
    return picture.rstrip("\n") + "\n"


def compare(number, name, picture, write):
    """One TAP line, with the differences; writes the picture first if so asked."""
    path = os.path.join(GOLDEN, name + ".txt")
    if write:
        with open(path, "w", encoding="utf-8") as file:
            file.write(picture)
    golden = open(path, encoding="utf-8").read() if os.path.exists(path) else ""
    ok = golden == picture
    print("%s %d %s" % ("ok" if ok else "not ok", number, name), flush=True)
    if not ok:
        for line in difflib.unified_diff(golden.splitlines(), picture.splitlines(), "golden",
                                         "now", lineterm=""):
            print("# " + line)
    return ok


def main():
    arguments = sys.argv[1:]
    write = "--write" in arguments
    wanted = [a for a in arguments if not a.startswith("--")]
    chosen = [case for case in cases() if not wanted or case[0] in wanted]
    failed = 0
    print("1..%d" % len(chosen))
    for number, (name, *about) in enumerate(chosen, 1):
        try:
            picture = play(*about)
        except AssertionError as error:
            picture = "%s\n" % error
            if write:
                print("not ok %d %s: %s" % (number, name, error))
                failed += 1
                continue
        failed += not compare(number, name, picture, write)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
