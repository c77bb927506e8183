#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What the screen costs: CPU and bytes a refresh, and key to paint, for N domains of which a tenth
move, beside a bare curses program that paints the same rows. The thread of the screen, and all
threads: the rest moves and reads the rows. Prints one line each; asserts nothing.

  screen.py PLAY FLOOR [N]...
"""
import os
import statistics
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "screen"))
from player import Player  # noqa: E402

REFRESHES = 30
KEYS = 200
TICK = os.sysconf("SC_CLK_TCK")


def script(n, path):
    with open(path, "w", encoding="utf-8") as file:
        file.write("[host]\nname=bench\nhypervisor=kvm\nlocal=no\ntotal=%dG\navailable=%dG\n" % (2 * n, n))
        for i in range(n):
            moving = " +%dM/s" % (i % 7 + 1) if i % 10 == 0 else ""
            file.write("\n[domain vm-%05d]\nkind=QEMU\nheld=%dM%s\ndroppable=64M\nguest=400M\n"
                       "maximum=1G\nboth.hard_limit=64G\n" % (i, 512 + i % 100, moving))


def cpu_ms(pid):
    """Milliseconds of the first thread and of all, from the scheduler's nanoseconds."""
    spent = {}
    for task in os.listdir("/proc/%d/task" % pid):
        with open("/proc/%d/task/%s/schedstat" % (pid, task), encoding="ascii") as file:
            spent[int(task)] = int(file.read().split()[0]) / 1e6
    return spent[pid], sum(spent.values())


def run(argv, columns, rows, ready, seconds):
    """CPU ms and bytes for each second, and the milliseconds from key to paint."""
    with Player(argv, columns, rows) as player:
        player.until(ready, 60)
        begin = time.monotonic()
        while time.monotonic() - begin < 3:
            player.read_once(0.2)
        first_ms, first_bytes = cpu_ms(player.pid), len(player.raw)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            player.read_once(0.2)
        cpu = [(now - then) / seconds for now, then in zip(cpu_ms(player.pid), first_ms)]
        sent = (len(player.raw) - first_bytes) / seconds
        paints = []
        for i in range(KEYS):
            while player.read_once(0):
                pass
            began = time.perf_counter()
            os.write(player.fd, b"j" if i % 20 < 10 else b"k")
            while not player.read_once(1):
                pass
            paints.append((time.perf_counter() - began) * 1e3)
            time.sleep(0.01)
        paints.sort()
        return *cpu, sent, statistics.median(paints), paints[int(len(paints) * 0.95)]


def main():
    play, floor = sys.argv[1:3]
    counts = [int(n) for n in sys.argv[3:]] or [1000]
    print("%-8s %7s %8s %10s %10s %12s %10s %10s" %
          ("program", "domains", "size", "screen ms", "all ms", "bytes/refresh", "key ms", "key ms 95%"))
    with tempfile.TemporaryDirectory() as folder:
        for n in counts:
            path = os.path.join(folder, "%d.fake" % n)
            script(n, path)
            for columns, rows in ((80, 24), (200, 50)):
                for name, argv, ready in (
                        ("play", [play, "--delay=1000", "--sort=name", "fake:///" + path], "vm-00003"),
                        ("floor", [floor, str(rows)], "vm-00003")):
                    figures = run(argv, columns, rows, ready, REFRESHES)
                    print("%-8s %7d %8s %10.2f %10.2f %12.0f %10.2f %10.2f" %
                          (name, n, "%dx%d" % (columns, rows), *figures), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
