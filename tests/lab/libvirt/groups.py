"""What the control groups of domains say and take beyond libvirt, judged by the control files."""
import json
import os
import subprocess
import unittest

import domains
from host import Failed, GROUPS_V2, TAG, until

host = None  # set by lab.py
WEB = f"web-{TAG}"
MIB = 1 << 20
FILES = {"held": "memory.current" if GROUPS_V2 else "memory.usage_in_bytes",
         "peak": "memory.peak" if GROUPS_V2 else "memory.max_usage_in_bytes"}


def setUpModule():
    if WEB in host.virsh("lxc", "list", "--all", "--name").split():
        return
    root = domains.container_root(host.directory)
    host.define("lxc", domains.container(WEB, root))
    host.virsh("lxc", "start", WEB)


def show(name=WEB, kind="lxc"):
    """The domain as the program tells it."""
    return json.loads(host.tool("-c", f"{kind}:///system", "show", "--json", name).stdout)["domains"][0]


def change(*words, name=WEB, status=0, kind="lxc"):
    return host.tool("-c", f"{kind}:///system", "set", "--allow=danger,kills", name, *words, status=status)


def read(file, name=WEB, kind="lxc"):
    return (host.group(kind, name) / file).read_text().strip()


def eat(mib):
    """Has the container hold so much in a tmpfs, which cannot be dropped."""
    held = host.directory / "root/tmp/held"
    held.unlink(missing_ok=True)
    (host.directory / "root/tmp/eat").write_text(f"{mib}\n")
    try:
        until(lambda: held.exists() and held.read_text().strip() == str(mib), f"it holds {mib} MiB")
    except Failed as failed:
        raise Failed(f"{failed}; {host.virsh('lxc', 'domstate', WEB)}; {state_of_group()}") from None


def revive():
    """Lets go of what it holds, or starts it again."""
    (host.directory / "root/tmp/eat").write_text("0\n")
    (host.directory / "root/tmp/grow").unlink(missing_ok=True)
    host.virsh("lxc", "destroy", WEB, status=None)
    host.virsh("lxc", "start", WEB)


def watch(*codes, then=lambda: None, seconds=60):
    """The text of the first trouble with such a code that the program tells while it runs; `then`
    happens once it knows the domain."""
    with subprocess.Popen([host.program, "-c", "lxc:///system", "-b", "--json", "-d", "1", "-n", str(seconds)],
                          stdout=subprocess.PIPE, text=True) as program:
        seen = []
        for line in program.stdout:
            for domain in json.loads(line).get("domains", []):
                if domain["name"] != WEB:
                    continue
                if not seen:
                    then()
                seen.append(domain.get("trouble"))
                for trouble in domain.get("trouble", []):
                    if trouble["code"] in codes:
                        program.terminate()
                        return trouble["text"]
    raise AssertionError(f"no {' or '.join(codes)} within {seconds} s: {seen[-3:]}")


def state_of_group():
    """The group's control files, for a failure's message."""
    return {file.name: file.read_text() for pattern in ("memory.*", "*.procs") for file in
            host.group("lxc", WEB).glob(pattern) if os.access(file, os.R_OK) and file.name not in ("memory.stat", "memory.numa_stat")}


class Figures(unittest.TestCase):
    def test_held_and_needed_follow_what_it_holds(self):
        for mib in (10, 60, 5):
            eat(mib)
            figures = show()["figures"]
            self.assertAlmostEqual(figures["held"], int(read(FILES["held"])), delta=2 * MIB)
            self.assertGreaterEqual(figures["needed"], mib * MIB)
            self.assertLess(figures["needed"], (mib + 16) * MIB)
        self.assertEqual(show()["figures"]["peak"], int(read(FILES["peak"])))

    def test_left_is_the_limit_less_what_is_needed(self):
        eat(20)
        domain = show()
        limit = int(read("memory.max" if GROUPS_V2 else "memory.limit_in_bytes"))
        self.assertAlmostEqual(domain["figures"]["left"], limit - domain["figures"]["needed"], delta=MIB)
