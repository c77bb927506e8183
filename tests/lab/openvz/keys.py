#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Beancounters by keys on the stand-ins of three generations: a running and a stopped container,
live and persistent, through form and review; read back by the stand-in's vzlist and in the file.

  keys.py VIRT_MEMTUNE [NAME of a test]...
"""
import json
import os
import sys
import time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "..", "screen")]
import drive  # noqa: E402
import world  # noqa: E402
from drive import Host, check, raw, same_limits  # noqa: E402
from player import Player  # noqa: E402

MEMORY = ["privvmpages", "vmguarpages", "oomguarpages", "kmemsize", "lockedpages", "shmpages", "dcachesize",
          "tcpsndbuf", "tcprcvbuf", "othersockbuf", "dgramrcvbuf"]
SCOPES = {"live": "(*) live only", "config": "(*) config only", "both": "(*) live and config"}
WAIT_S = 60


def focused(text):
    """The label of the row that has the focus, without the signs before it."""
    for line in text.split("\n"):
        if line.startswith(">") and line[1:].strip():
            return line[1:].strip().lstrip("+-> ")
    return ""


def press_until(player, keys, wanted):
    """Questions are deaf for a moment, so that nobody answers one by accident."""
    end = time.monotonic() + WAIT_S
    while wanted not in player.text():
        check(time.monotonic() < end, wanted, "never came; the screen:\n" + player.text())
        player.keys(keys)
        player.settle(0.4)


def fill(player, values):
    """Types each value into its row; opens the fold of the sockets on the way."""
    left, opened, seen = dict(values), False, []
    while left:
        row = focused(player.text())
        seen.append(row)
        check(len(seen) < 80, "no row of", left, "among", seen, "\n" + player.text())
        name = next((name for name in left if row.split("  ")[0].strip() == name), None)
        if name:
            player.keys("<C-u>" + left.pop(name))
            player.settle(0.1)
        elif row.startswith("Buffers of sockets") and not opened:
            player.keys("<Enter>")
            opened = True
            player.settle(0.2)
        player.keys("<Tab>")
        player.settle(0.1)


def confirm(player, name):
    """One asked line; where something is a danger, the name is typed."""
    player.keys("a")
    player.until(lambda text: "Enter =" in text or 'Type "' in text, WAIT_S)
    player.settle(0.8)
    end = time.monotonic() + WAIT_S
    while "Review" in player.text():
        check(time.monotonic() < end, "the question stays:\n" + player.text())
        player.keys("<C-u>%s<Enter>" % name if 'Type "' in player.text() else "<Enter>")
        player.settle(0.5)


def by_keys(host, name, scope, values, says=""):
    with Player([drive.PROGRAM, "-c", host.uri], 120, 45) as player:
        player.until("openvz", WAIT_S)
        player.settle()
        player.keys("A")
        player.until(name, WAIT_S)
        player.keys("/%s<Enter>" % name)
        player.settle()
        press_until(player, "e", "for writing? y")
        press_until(player, "y", "when it is reached")
        check(says in player.text(), says, "is not said:\n" + player.text())
        check("not set:" not in player.text(), "said once:\n" + player.text())
        if scope:
            press_until(player, "<F2>", SCOPES[scope])
        fill(player, values)
        player.keys("<C-v>")
        player.until("Review", WAIT_S)
        confirm(player, name)
        player.until(lambda text: text.startswith("Results") and "goes back" in text, WAIT_S)
        picture = player.text()
        player.keys("<Esc><Esc><Esc>")
        player.settle()
    check("failed" not in picture and "refused" not in picture, picture)


def compare(host, ctid, scope, wanted, before):
    for counter, value in wanted.items():
        live = raw(value) if scope in ("live", "both") else before[counter][0]
        if host.world.running(ctid):
            check(host.listed(ctid, counter) == live, counter, scope, "live is",
                  host.listed(ctid, counter), "not", live)
        if scope == "live":
            check(host.saved(ctid, counter) == before[counter][1], counter, "was saved too")
        else:
            check(same_limits(host.saved(ctid, counter), raw(value)), counter, "file holds",
                  host.saved(ctid, counter), "not", value)


def change(host, ctid, name, scope, wanted, typed=None):
    """`typed`: what stands in the rows, where it is not what is written."""
    before = {c: (host.listed(ctid, c), host.saved(ctid, c)) for c in wanted}
    by_keys(host, name, scope if host.world.running(ctid) else None, typed or wanted)
    compare(host, ctid, scope, wanted, before)


def some(names, by):
    return {name: drive.bumped(drive.VALUES[name], by) for name in names}


RAM = {"RAM": "1G", "Swap": "512M"}


def test_every_beancounter_of_memory_of_the_old_generation(root):
    host = Host(world.legacy(root))
    change(host, "101", "web", "live", some(MEMORY, 1))
    change(host, "101", "web", "config", some(MEMORY, 2))
    change(host, "103", "103", "config", some(MEMORY, 3))


def test_ram_and_swap_of_the_old_generation(root):
    host = Host(world.legacy(root, vswap=True))
    ram = {"physpages": "0:262144", "swappages": "0:131072"}
    change(host, "101", "web", "both", ram, RAM)
    change(host, "102", "102", "config", {"physpages": "0:131072", "swappages": "0:262144"},
           {"RAM": "512M", "Swap": "1G"})


def test_what_7_takes(root):
    host = Host(world.seven(root))
    names = [name for name in MEMORY if name not in drive.SEVEN_DROPS]
    for by, (ctid, name, scope) in enumerate(((world.SEVEN_ID, "MyCT", "live"), (world.SEVEN_ID, "MyCT", "config"),
                                              (world.SEVEN_STOPPED, "stopped7", "config"))):
        pages = 262144 + 256 * by
        ram = {"physpages": "%d:%d" % (pages, pages), "swappages": "131072:131072"}
        change(host, ctid, name, scope, {**ram, **some(names, by)},
               {"RAM": "%dM" % (pages // 256), "Swap": "512M", **some(names, by)})


def test_what_9_takes(root):
    host = Host(world.seven(root, generation=9))
    ram = {"physpages": "262144:262144", "swappages": "131072:131072"}
    names = ["privvmpages", "vmguarpages", "lockedpages", "shmpages"]
    change(host, world.SEVEN_ID, "MyCT", "live", ram, RAM)
    # Saved, and not enforced by this kernel: what is live is what it was.
    by_keys(host, "MyCT", "config", some(names, 1), "saved, not enforced")
    for name, value in some(names, 1).items():
        check(same_limits(host.saved(world.SEVEN_ID, name), raw(value)), name, "file holds",
              host.saved(world.SEVEN_ID, name))
    change(host, world.SEVEN_STOPPED, "stopped7", "config", {**ram, **some(names, 2)}, {**RAM, **some(names, 2)})


def test_the_screen_of_beancounters_follows_what_is_refused(root):
    host = Host(world.legacy(root))
    with Player([drive.PROGRAM, "-c", host.uri, "-d", "1"], 80, 24) as player:
        player.until("web", WAIT_S)
        player.keys("/web<Enter>")
        player.settle()
        player.keys("B")
        player.until(lambda text: "Beancounters: web" in text and "256M" in text, WAIT_S)
        check("!privvmpages" not in player.text(), player.text())
        counters = world.counters_of_101()
        counters["privvmpages"]["failcnt"] += 12
        counters["kmemsize"]["held"] = 14000000
        host.world.write("kernel/101.json", json.dumps(counters))
        host.world.show()
        player.until("+12", WAIT_S)
        lines = player.text().split("\n")
        check(lines[2].startswith("!privvmpages") and "+12" in lines[2], player.text())
        check(lines[3].startswith("!kmemsize") and "97%" in lines[3], player.text())


if __name__ == "__main__":
    sys.exit(drive.main(globals()))
