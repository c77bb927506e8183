"""Containers with a limit that is guarded, and the guards of this lab's own journal."""
import os
import tempfile
import threading
import unittest

import domains
from guards import Guards
from host import GROUPS_V2, TAG, until

host = None  # of begin()
LXC = "lxc:///system"
MIB = 1 << 20
LIMIT, LOWER = 256, 200  # MiB

journal = tempfile.TemporaryDirectory(prefix="guard-journal-")
guards = Guards(journal.name)


def begin(the_host):
    """For setUpModule()."""
    global host
    host = the_host
    guards.program, guards.hold_program = host.program, host.build / "tests/guard-hold"
    os.environ["VIRT_MEMTUNE_JOURNAL"] = journal.name
    Domain.idle.clear()


class Domain:
    """A container of its own with a hard limit of 256 MiB, live and persistent. They are used again: the making is
    what takes time."""
    count = 0
    lock = threading.Lock()
    idle = []

    def __init__(self):
        with Domain.lock:
            Domain.count += 1
            self.name = f"guarded{Domain.count}-{TAG}"
        directory = host.directory / self.name
        directory.mkdir()
        self.root = domains.container_root(directory)
        xml = directory / "domain.xml"
        xml.write_text(domains.container(self.name, self.root, f"""
  <memtune><hard_limit unit='MiB'>{LIMIT}</hard_limit></memtune>"""), encoding="utf-8")
        host.virsh("lxc", "define", xml)

    @staticmethod
    def take():
        """One as it was when it was made."""
        with Domain.lock:
            domain = Domain.idle.pop() if Domain.idle else None
        domain = domain or Domain()
        domain.reset()
        return domain

    def give(self):
        with Domain.lock:
            Domain.idle.append(self)

    def reset(self):
        if not self.alive():
            for file in ("eat", "held"):
                (self.root / "tmp" / file).unlink(missing_ok=True)
            # A libvirtd of many may be too busy to answer in time, and have done it all the same.
            until(lambda: host.virsh("lxc", "start", self.name, status=None) == "" or self.alive(),
                  f"{self.name} starts", 240)
        else:
            host.virsh("lxc", "memtune", self.name, "--live", "--hard-limit", str(LIMIT * 1024), "--soft-limit", "-1")
        host.virsh("lxc", "memtune", self.name, "--config", "--hard-limit", str(LIMIT * 1024))
        self.eat(1)

    def eat(self, mib, wait=True):
        (self.root / "tmp/eat").write_text(str(mib), encoding="ascii")
        if wait:
            until(lambda: (self.root / "tmp/held").exists() and (self.root / "tmp/held").read_text().strip() == str(mib),
                  f"{self.name} holds {mib} MiB")

    def hard(self, scope="live"):
        """MiB, by virsh."""
        value = host.memtune("lxc", self.name, scope)["hard_limit"]
        return value // 1024 if value is not None else None

    def file(self):
        """MiB, by the control file."""
        name = "memory.max" if GROUPS_V2 else "memory.limit_in_bytes"
        return int((host.group("lxc", self.name) / name).read_text()) // MIB

    def state(self):
        return host.virsh("lxc", "domstate", self.name, status=None).strip()

    def alive(self):
        return self.state() == "running"


def confirm(domain, *words, **options):
    """`set --confirm`; its ID."""
    return guards.confirm(LXC, domain.name, *(words or [f"hard={LOWER}M"]), **options)


def hold(domain, *words, **options):
    """The stand-in for the screen."""
    return guards.hold(LXC, domain.name, *(words or [f"hard={LOWER}M"]), **options)


class Case(unittest.TestCase):
    def values(self, domain, live, config):
        self.assertEqual((domain.hard(), domain.file(), domain.hard("config")), (live, live, config))

    def is_back(self, domain):
        self.values(domain, LIMIT, LIMIT)
