# SPDX-License-Identifier: GPL-2.0-or-later
"""Builds a directory that looks like an OpenVZ host to openvz:///system?root=DIR."""
import json
import os
import shutil
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
FIXTURES = os.path.join(HERE, "..", "..", "fixtures", "openvz")
LONG_MAX = 2**63 - 1
SEVEN_ID = "26bc47f6-353f-444b-bc35-b634a88dbbcc"
SEVEN_STOPPED = "3a1d9e52-0c11-4d3e-8f52-5d3b1c7f0a11"
COUNTERS = ["kmemsize", "lockedpages", "privvmpages", "shmpages", "numproc", "physpages",
            "vmguarpages", "oomguarpages", "numtcpsock", "numflock", "numpty", "numsiginfo",
            "tcpsndbuf", "tcprcvbuf", "othersockbuf", "dgramrcvbuf", "numothersock", "dcachesize",
            "numfile", "numiptent", "swappages"]


def fixture(name):
    return open(os.path.join(FIXTURES, name)).read()


def row(held=0, maxheld=0, barrier=LONG_MAX, limit=LONG_MAX, failcnt=0):
    return {"held": held, "maxheld": maxheld, "barrier": barrier, "limit": limit,
            "failcnt": failcnt}


def counters_of_101():
    """What the kernel counts in the transcript of the old generation."""
    counters = {name: row() for name in COUNTERS}
    counters.update(kmemsize=row(1432918, 1527808, 14372700, 14790164),
                    lockedpages=row(0, 8, 2048, 2048),
                    privvmpages=row(12840, 20331, 65536, 69632, 3),
                    shmpages=row(656, 672, 21504, 21504), numproc=row(17, 30, 240, 240),
                    physpages=row(5120, 8001, 0), vmguarpages=row(0, 0, 33792),
                    oomguarpages=row(5120, 8001, 26112), numtcpsock=row(3, 6, 360, 360))
    return counters


class World:
    def __init__(self, root, generation, **switches):
        self.root, self.generation = root, generation
        for directory in ("usr/sbin", "etc/vz/conf", "etc/vz/names", "kernel", "proc/vz",
                          "vz/lock"):
            os.makedirs(os.path.join(root, directory), mode=0o755)
        os.chmod(root, 0o755)
        programs = ["vzctl", "vzlist", "kernel-show"]
        if generation >= 9:
            programs.append("user_beancounters.py")
        for program in programs:
            target = os.path.join(root, "usr/sbin", program)
            shutil.copy(os.path.join(HERE, "standin.py"), target)
            os.chmod(target, 0o755)
        self.write("standin.json", json.dumps({"generation": generation, "vswap": False,
                                               **switches}))
        self.write("proc/meminfo", "MemTotal:       16303396 kB\nMemFree:         8000000 kB\n"
                                   "Buffers:          100000 kB\nCached:          1000000 kB\n"
                                   "SwapTotal:       8388604 kB\nSwapFree:        8388604 kB\n")
        os.makedirs(os.path.join(root, "proc/sys/kernel"))
        self.write("proc/sys/kernel/osrelease", {4: "2.6.32-042stab145.3", 7: "3.10.0-1160.vz7",
                                                 9: "5.14.0-427.vz9"}[generation] + "\n")
        if switches.get("vswap"):
            self.write("proc/vz/vswap", "")

    def path(self, *parts):
        return os.path.join(self.root, *parts)

    def write(self, name, text):
        with open(self.path(name), "w") as file:
            file.write(text)

    def container(self, ctid, conf, name=None, counters=None):
        self.write("etc/vz/conf/%s.conf" % ctid, conf)
        if name:
            os.symlink("../conf/%s.conf" % ctid, self.path("etc/vz/names", name))
        if counters:
            self.write("kernel/%s.json" % ctid, json.dumps(counters))

    def show(self):
        """Writes /proc as the kernel would."""
        subprocess.run([self.path("usr/sbin/kernel-show")], check=True)

    def run(self, *argv):
        return subprocess.run([self.path("usr/sbin", argv[0]), *argv[1:]], capture_output=True,
                              text=True)

    def conf(self, ctid):
        return open(self.path("etc/vz/conf/%s.conf" % ctid)).read()

    def running(self, ctid):
        return os.path.exists(self.path("kernel", ctid + ".json"))

    def calls(self):
        try:
            return [json.loads(line) for line in open(self.path("calls.log"))]
        except FileNotFoundError:
            return []


def legacy(root, **switches):
    world = World(root, 4, **switches)
    world.container("101", fixture("conf/legacy-ve-basic.conf-sample") +
                    'NAME="web"\nHOSTNAME="web.example.org"\nIP_ADDRESS="10.0.0.101"\n', "web",
                    counters_of_101())
    world.container("102", fixture("conf/legacy-ve-vswap-1g.conf-sample"))
    world.container("103", fixture("conf/legacy-ve-light.conf-sample") + 'ONBOOT="no"\n')
    world.container("0", fixture("conf/legacy-0.conf"), None,
                    {name: row(1, 1) for name in COUNTERS})
    world.show()
    return world


def seven(root, generation=7, running=True, **switches):
    world = World(root, generation, **switches)
    counters = {name: row() for name in COUNTERS}
    counters.update(kmemsize=row(7802880, 7802880), privvmpages=row(34567, 45678, 1000, 2000, 7),
                    physpages=row(12345, 23456, 131072, 131072),
                    swappages=row(100, 200, 65536, 65536), numproc=row(17, 30, 240, 240))
    if generation >= 9:
        counters["privvmpages"] = row()
    world.container(SEVEN_ID, 'VERSION="2"\nPHYSPAGES="131072:131072"\nSWAPPAGES="0"\n'
                    'NAME="MyCT"\nHOSTNAME="myct.example.org"\n', "MyCT",
                    counters if running else None)
    if running:
        world.container(SEVEN_STOPPED, fixture("conf/vz7-ve-vps.512MB.conf-sample.x86_64"),
                        "stopped7")
    world.show()
    return world
