#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What the first whole screen costs: CPU of the program from its start to the picture with every
domain counted, beside libvirt's own calls for one reading and a bare curses program's first
picture. Prints, does not judge.

  first.py PROGRAM REFRESH-FLOOR CURSES-FLOOR [N]...
"""
import os
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "screen"))
from player import Player  # noqa: E402

RUNS = 7
DOMAIN = """<domain type='test'><name>bench-%04u</name><memory unit='MiB'>%u</memory>
<currentMemory unit='MiB'>%u</currentMemory><vcpu>1</vcpu><os><type>hvm</type></os>
<memtune><hard_limit unit='MiB'>%u</hard_limit><soft_limit unit='MiB'>%u</soft_limit></memtune>
<devices><memballoon model='virtio'/></devices></domain>
"""


def node(n, path):
    with open(path, "w", encoding="utf-8") as file:
        file.write("<node>\n" + "".join(DOMAIN % (i, 1024 + i, 512 + i, 1200 + i, 1000 + i) for i in range(n)) +
                   "</node>\n")


def cpu_ms(pid):
    """Of the whole process, threads that have ended too: clock_getcpuclockid(3)."""
    return time.clock_gettime((~pid << 3) | 2) * 1e3


def painted(argv, ready):
    with Player(argv) as player:
        player.until(ready, 120)
        return cpu_ms(player.pid)


def median(measure):
    return statistics.median(measure() for _ in range(RUNS))


def main():
    program, floor, curses = sys.argv[1:4]
    print("%7s %11s %10s %8s %6s" % ("domains", "libvirt ms", "curses ms", "ours ms", "ratio"))
    with tempfile.TemporaryDirectory() as folder:
        for n in [int(word) for word in sys.argv[4:]] or [1, 100, 1000]:
            path = os.path.join(folder, "%d.xml" % n)
            node(n, path)
            calls = median(lambda: int(subprocess.run([floor, str(n), "0"], stdout=subprocess.PIPE, text=True,
                                                      check=True).stdout.split()[0]) / 1e6)
            bare = median(lambda: painted([curses, "24"], "vm-00003"))
            ours = median(lambda: painted([program, "-c", "test://" + path, "-d", "3600"], "%d domain" % n))
            print("%7d %11.1f %10.1f %8.1f %6.2f" % (n, calls, bare, ours, ours / (calls + bare)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
