#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Golden screens of forms, review, results and conflict, on each hypervisor's own table.

  forms.py [CASE]...          compares (all)
  forms.py --write [CASE]...  writes the pictures as they are now
Prints TAP.
"""
import os
import re
import shutil
import sys
import tempfile
import time

import golden
from player import FIXTURES, PLAY, Player

DEAF = 0.7  # questions take no key in their first half second


def uri(name, directory):
    """The fixture under a path of constant length: commands with it are wrapped alike."""
    path = shutil.copy(os.path.join(FIXTURES, "form-%s.fake" % name), directory)
    return "%s://%s" % ("fake-" + OWN[name] if name in OWN else "fake", path)


# What has the table of a hypervisor.
OWN = {"qemu": "qemu", "lxc": "lxc", "xen": "xen", "esx": "esx", "openvz": "openvz", "counters": "openvz",
       "shrink": "lxc"}
EDIT = ["e", ("until", "Open "), ("deaf",), "y", ("until", "NEW")]
XEN = ["/billing<Enter>"] + EDIT
APPLY = ["\x16", ("until", "Review"), "a", ("until", "Enter ="), ("deaf",), "<Enter>"]
CONFIRM = EDIT + ["7g", "\x16", ("until", "Review"), "c", ("until", "Enter ="), ("deaf",), "<Enter>",
                  ("always", ": _")]

# Both limits: one goes up, the other below what is needed.
SHRINK = ["/prod<Enter>"] + EDIT + ["36g<Esc>", "/build<Enter>", "e", ("until", "build"), "6g", "\x16", ("until", "Review")]
SHRINKS = SHRINK + ["s", ("until", "Enter ="), ("deaf",), "<Enter>", ("until", "takes it well")]

# name: (fixture, steps, sizes, variants)
CASES = {
    "form-qemu": ("qemu", EDIT, ["80x24", "160x45", "40x10", "20x5"], ["utf8", "ascii", "mono"]),
    "form-lxc": ("lxc", EDIT, ["80x24"], ["utf8"]),
    "form-esx": ("esx", EDIT, ["80x24"], ["utf8"]),
    "form-xen": ("xen", XEN, ["80x24", "160x45"], ["utf8"]),
    "form-xen-below": ("xen", XEN + ["200m"], ["80x24"], ["utf8"]),
    "form-xen-above": ("xen", XEN + ["7.9g"], ["80x24"], ["utf8"]),
    "table-xen": ("xen", [], ["80x24", "160x45"], ["utf8", "mono"]),
    "form-openvz": ("openvz", EDIT, ["80x24", "160x45"], ["utf8"]),
    "beancounters": ("counters", ["B", ("until", "maxheld")], ["80x24", "160x45"], ["utf8", "ascii", "mono"]),
    "form-typed": ("qemu", EDIT + ["+2g"], ["80x24", "40x10", "20x5"], ["utf8", "mono"]),
    "form-nonsense": ("qemu", EDIT + ["4q<Tab>"], ["80x24"], ["utf8"]),
    "form-kills": ("conflict", EDIT + ["4g"], ["80x24"], ["utf8"]),
    "form-many": ("conflict", ["  "] + EDIT + ["+10%"], ["80x24"], ["utf8"]),
    "form-halves": ("openvz", EDIT + ["84m:90m"], ["80x24"], ["utf8"]),
    "review": ("qemu", EDIT + ["+2g", "\x16", ("until", "Review")], ["80x24", "160x45", "40x10"],
               ["utf8", "ascii", "mono"]),
    "review-kills": ("conflict", EDIT + ["<Up>none<Down>4g", "\x16", ("until", "Review")],
                     ["80x24"], ["utf8"]),
    "review-asks": ("qemu", EDIT + ["+2g", "\x16", ("until", "Review"), "a", ("until", "Enter =")],
                    ["80x24"], ["utf8"]),
    "results": ("qemu", EDIT + ["+2g"] + APPLY + [("until", "goes back")], ["80x24", "40x10"],
                ["utf8", "mono"]),
    "results-failed": ("fails", EDIT + ["+2g"] + APPLY + [("until", "goes back")], ["80x24"],
                       ["utf8"]),
    "review-guard": ("countdown", EDIT + ["7g", "\x16", ("until", "Guard")], ["80x24"], ["utf8"]),
    "countdown": ("countdown", CONFIRM + [("until", "pressure needs")], ["80x24", "160x45", "40x10", "20x5"],
                  ["utf8", "ascii", "mono"]),
    "countdown-kept": ("countdown", CONFIRM + [("always", "read back"), ("until", "pressure needs"),
                                              "kxeep<Enter>", ("always", "Kept")], ["80x24", "40x10"],
                       ["utf8"]),
    "countdown-back": ("countdown", CONFIRM + [("until", "pressure needs"), "<Enter>qkeep<Esc>",
                                              ("always", "Gone back")], ["80x24"],
                       ["utf8"]),
    "shrink-review": ("shrink", SHRINK, ["80x24", "160x45"], ["utf8", "mono"]),
    "shrink-asks": ("shrink", SHRINK + ["s", ("until", "Enter =")], ["80x24"], ["utf8"]),
    "shrink-waits": ("shrink", ["/prod<Enter>"] + EDIT + ["32.9g", "\x16", ("until", "Review"), "s", ("until", "Enter ="),
                                ("deaf",), "<Enter>", ("until", "shall come to")], ["80x24"], ["utf8"]),
    "shrink-watched": ("shrink", SHRINKS, ["80x24", "160x45"], ["utf8"]),
    "shrink-back": ("shrink", SHRINKS + ["<Esc>", ("until", "gone back")], ["80x24"], ["utf8"]),
    "shrink-results": ("shrink", SHRINKS + [("until", "shrunk in", 90)], ["80x24"], ["utf8"]),
    "conflict": ("conflict", EDIT + ["+2g"] + APPLY + [("until", "wanted")], ["80x24", "40x10"],
                 ["utf8"]),
}


def each(cases):
    for name, (what, steps, sizes, variants) in cases.items():
        for size in sizes:
            yield "%s-%s" % (name, size), what, size, "utf8", steps
        for variant in variants:
            if variant != "utf8":
                yield "%s-80x24-%s" % (name, variant), what, "80x24", variant, steps


def do(player, step, wide):
    if isinstance(step, str):
        player.keys(step)
        player.settle()
    elif step[0] == "deaf":
        player.settle(DEAF)
    elif wide or step[0] == "always" or step[1] in ("Open ",):
        player.until(*step[1:])
    else:
        player.settle(DEAF)


def remove(directory):
    """A guard that goes back when its screen is gone writes there until it has ended."""
    end = time.monotonic() + 20
    while os.path.exists(directory):
        try:
            shutil.rmtree(directory)
        except OSError:
            if time.monotonic() > end:
                raise


def play(what, size, variant, steps, records=None):
    """`records`: of a journal on the fixture's URI, journal.py's."""
    columns, rows = map(int, size.split("x"))
    about = golden.TERMS[variant]
    argv = [PLAY, "--clock=" + golden.CLOCK, "--delay=3600000", "--themes=/nonexistent"]
    directory = tempfile.mkdtemp(prefix="vm", dir="/tmp")
    where = uri(what, directory)
    argv += about.get("args", []) + [where]
    if records:
        records(where).save(directory)
    with Player(argv, columns, rows, about.get("term", "xterm-256color"),
                about.get("locale", "C.UTF-8"), env={"VIRT_MEMTUNE_JOURNAL": directory}) as player:
        player.until("\n>")
        player.settle(0.5)
        for step in steps:
            do(player, step, columns >= 80)
        player.settle(0.5)
        picture = player.text()
    remove(directory)
    picture = re.sub(r"/tmp/vm\w{8}/", "/tmp/vmNNNNNNNN/", picture)
    for pattern, word in golden.MASKS:
        picture = pattern.sub(word, picture)
    return picture.rstrip("\n") + "\n"


def compare_all(cases_, play_):
    """What a file of cases does; its exit status."""
    arguments = sys.argv[1:]
    wanted = [a for a in arguments if not a.startswith("--")]
    chosen = [case for case in cases_ if not wanted or case[0] in wanted]
    failed = 0
    print("1..%d" % len(chosen))
    for number, (name, *about) in enumerate(chosen, 1):
        try:
            picture = play_(*about)
        except AssertionError as error:
            print("not ok %d %s\n# %s" % (number, name, str(error).replace("\n", "\n# ")))
            failed += 1
            continue
        failed += not golden.compare(number, name, picture, "--write" in arguments)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(compare_all(each(CASES), play))
