"""What a refresh costs with 200 containers, 50 of them running: ours, and libvirt's own calls."""
import os
import pathlib
import unittest

import domains
from host import TAG, run

host = None  # set by lab.py
DEFINED, RUNNING, REFRESHES = 200, 50, 20


def setUpModule():
    root = domains.container_root(host.directory)
    for index in range(DEFINED):
        host.define("lxc", domains.container(f"many{index:03}-{TAG}", root, mib=32))
    for index in range(RUNNING):
        host.virsh("lxc", "start", f"many{index:03}-{TAG}")


def daemon_us():
    fields = pathlib.Path(f"/proc/{host.libvirtd.pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * 1e6 / os.sysconf("SC_CLK_TCK")


class Cost(unittest.TestCase):
    def test_a_refresh_costs_about_what_libvirt_does(self):
        for what in ("floor", "ours"):
            begin = daemon_us()
            mine = int(run(host.build / "tests/lab/cost", "lxc:///system", REFRESHES, what).stdout)
            print(f"\n{what}: {mine} us here and {(daemon_us() - begin) / REFRESHES:.0f} us in libvirtd a refresh", end="")
        print()
