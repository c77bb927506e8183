#!/usr/bin/python3
"""CPU and memory of one refresh beside the floor of libvirt's own calls. Prints, does not judge.

usage: refresh.py FLOOR OURS [N...]
"""
import subprocess
import sys

floor, ours = sys.argv[1:3]
counts = [int(n) for n in sys.argv[3:]] or [1, 100, 1000, 5000]
print(f"{'domains':>8} {'libvirt ms':>11} {'ours ms':>9} {'ratio':>6} {'libvirt MiB':>12} {'ours MiB':>9}")
for n in counts:
    cells = []
    for program in (floor, ours):
        answer = subprocess.run([program, str(n)], stdout=subprocess.PIPE, text=True, check=True)
        cells.append([int(word) for word in answer.stdout.split()])
    (floor_ns, floor_peak), (ours_ns, ours_peak) = cells
    print(f"{n:8} {floor_ns / 1e6:11.3f} {ours_ns / 1e6:9.3f} {ours_ns / floor_ns:6.2f} "
          f"{floor_peak / 2**20:12.1f} {ours_peak / 2**20:9.1f}")
