"""The journal on real domains: full disks, other hands, several writers, the system's own log, and
what undo and plans make of it."""
import json
import os
import pathlib
import subprocess
import sys
import unittest

from host import TAG, run, until

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "screen"))
from player import Player  # noqa: E402

host = None  # set by lab.py
EATER, OFF = f"eater-{TAG}", f"off-{TAG}"
URI = ["-c", "lxc:///system"]
MIB = 1 << 20


def setUpModule():
    host.define_all()


def folder(name, *options):
    """A new folder for a journal; with options, a file system of its own."""
    path = host.directory / f"journal-{name}"
    path.mkdir()
    if options:
        run("mount", "-t", "tmpfs", *options, "tmpfs", path)
    return path


def tool(journal, *words, status=0, **environment):
    return run(host.program, *words, status=status, env={**os.environ, "VIRT_MEMTUNE_JOURNAL": str(journal or ""), **environment})


def change(journal, *words, status=0, **environment):
    done = tool(journal, *URI, "set", "--json", "--allow=danger,kills", *words, status=status, **environment)
    return json.loads(done.stdout)


def entries(journal, *words):
    return [json.loads(line) for line in tool(journal, "journal", "--json", *words).stdout.splitlines()]


def soft(name=EATER, scope="live"):
    return host.memtune("lxc", name, scope)["soft_limit"]


class Record(unittest.TestCase):
    def test_says_who_did_what_to_which(self):
        journal = folder("who")
        result = change(journal, EATER, "soft_limit=150M", SUDO_USER="bert", SSH_CONNECTION="192.0.2.7 5022 192.0.2.1 22")
        told = entries(journal, result["id"])
        self.assertEqual({e["scope"] for e in told}, {"live", "config"})
        uuid = host.virsh("lxc", "domuuid", EATER).strip()
        for entry in told:
            self.assertEqual((entry["user"], entry["sudo_user"], entry["ssh_address"]), ("root", "bert", "192.0.2.7"))
            self.assertEqual((entry["connection"], entry["uuid"], entry["domain"]), ("lxc:///system", uuid, EATER))
            self.assertEqual((entry["wanted"], entry["after"], entry["outcome"]), (150 * MIB, 150 * MIB, "changed"))
            self.assertTrue(entry["host"] and entry["machine"] and entry["pid"])

    def test_a_full_disk_is_no_write_unless_that_is_allowed(self):
        journal = folder("full", "-o", "size=128k")
        change(journal, EATER, "soft_limit=151M")
        # The room that was reserved for an outcome is there still: it is given back first.
        os.truncate(journal / "journal.jsonl", (journal / "journal.jsonl").stat().st_size)
        with open(journal / "filler", "wb", buffering=0) as filler:
            try:
                while filler.write(b"x" * 4096) == 4096:
                    pass
            except OSError:
                pass
        before = soft()
        result = change(journal, EATER, "soft_limit=152M", status=8)
        self.assertEqual({r["outcome"] for r in result["results"]} - {"skipped"}, {"failed"})
        self.assertIn("No space left on device", json.dumps(result))
        self.assertEqual(soft(), before)
        change(journal, EATER, "soft_limit=152M", "--allow=danger,kills,no_journal")
        self.assertEqual(soft(), 152 * 1024)
        (journal / "filler").unlink()
        change(journal, EATER, "soft_limit=153M")
        self.assertLessEqual({151 * MIB, 153 * MIB}, {e["wanted"] for e in entries(journal)})
        for line in (journal / "journal.jsonl").read_text().splitlines():
            json.loads(line)  # nothing is torn
        run("umount", journal)

    def test_a_folder_that_cannot_be_written_is_no_write(self):
        journal = folder("ro", "-o", "ro")
        before = soft()
        result = change(journal, EATER, "soft_limit=154M", status=8)
        self.assertIn("Read-only file system", json.dumps(result))
        self.assertEqual(soft(), before)
        run("umount", journal)

    def test_several_programs_at_once_lose_nothing(self):
        journal = folder("many")
        start = [*URI, "set", "--json", "--allow=danger,kills", "--config"]
        words = [[str(host.program), *start, name, f"soft_limit={100 + i}M"] for i in range(6) for name in (EATER, OFF)]
        jobs = [subprocess.Popen(w, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                 env={**os.environ, "VIRT_MEMTUNE_JOURNAL": str(journal)}) for w in words]
        batches = {}
        for job in jobs:
            out, err = job.communicate(timeout=300)
            self.assertNotEqual(out, "", err)
            result = json.loads(out)
            batches[result["id"]] = [r["outcome"] for r in result["results"]]
        sent = {batch for batch, outcomes in batches.items() if set(outcomes) & {"changed", "failed"}}
        self.assertGreater(len(sent), 1)
        told = entries(journal)
        self.assertLessEqual(sent, {e["batch"] for e in told})
        self.assertEqual({e["batch"] for e in told if e["outcome"] == "changed"},
                         {batch for batch, outcomes in batches.items() if "changed" in outcomes})
        for line in (journal / "journal.jsonl").read_text().splitlines():
            json.loads(line)


class OtherHands(unittest.TestCase):
    def test_a_limit_that_moves_under_us_is_counted(self):
        journal = folder("seen")
        with Player([str(host.program), *URI, "-d", "1"], env={"VIRT_MEMTUNE_JOURNAL": str(journal)}) as player:
            player.until(EATER[:8], 60)
            for i in range(3):
                host.virsh("lxc", "memtune", EATER, "--soft-limit", f"{(160 + i) * 1024}", "--live")

                def seen():
                    player.settle(0.1)
                    return len([e for e in entries(journal) if e["record"] == "seen"]) == i + 1
                until(seen, "the screen saw it", 30)
            player.keys("J")
            player.until("3x in 60 s")
            player.until("another agent changes this, 3 times in 60 s")
            player.keys("q")
            player.until_end(30)
        told = [e for e in entries(journal) if e["record"] == "seen"]
        self.assertEqual([(e["tunable"], e["scope"], e["after"], e["times"]) for e in told],
                         [("soft_limit", "live", (160 + i) * MIB, i + 1) for i in range(3)])

    def test_what_we_write_is_nobody_elses(self):
        journal = folder("ours")
        with Player([str(host.program), *URI, "-d", "1"], env={"VIRT_MEMTUNE_JOURNAL": str(journal)}) as player:
            player.until(EATER[:8], 60)
            change(journal, EATER, "soft_limit=170M", "--live")
            host.virsh("lxc", "memtune", EATER, "--soft-limit", f"{171 * 1024}", "--live")

            def seen():
                player.settle(0.1)
                return [e["after"] for e in entries(journal) if e["record"] == "seen"]
            until(seen, "the screen saw virsh", 30)
            self.assertEqual(seen(), [171 * MIB], "what a colleague's program recorded is not told again")


class Undo(unittest.TestCase):
    def test_takes_a_batch_back(self):
        journal = folder("undo")
        change(journal, EATER, "soft_limit=180M")
        result = change(journal, EATER, "soft_limit=190M")
        tool(journal, *URI, "undo", result["id"], "--allow=danger,kills")
        self.assertEqual((soft(), soft(scope="config")), (180 * 1024, 180 * 1024))

    def test_of_what_was_changed_since_is_a_conflict(self):
        journal = folder("conflict")
        change(journal, EATER, "soft_limit=180M")
        result = change(journal, EATER, "soft_limit=190M")
        host.virsh("lxc", "memtune", EATER, "--soft-limit", f"{195 * 1024}", "--live")
        done = tool(journal, *URI, "undo", result["id"], "--allow=danger,kills", status=5)
        self.assertIn("changed since: is 195 MiB now, was 190 MiB", done.stdout + done.stderr)
        self.assertEqual((soft(), soft(scope="config")), (195 * 1024, 190 * 1024), "nothing was written")
        tool(journal, *URI, "undo", result["id"], "--allow=danger,kills,conflict")
        self.assertEqual((soft(), soft(scope="config")), (180 * 1024, 180 * 1024))

    def test_a_process_that_was_killed_in_a_write_is_told_at_the_next_start(self):
        journal = folder("killed")
        result = change(journal, EATER, "soft_limit=181M", "--live")
        path = journal / "journal.jsonl"
        # What is on the disk when the process ends between its write and what became of it.
        path.write_text("".join(line for line in path.read_text().splitlines(True) if '"record":"intent"' in line))
        with Player([str(host.program), *URI], env={"VIRT_MEMTUNE_JOURNAL": str(journal)}) as player:
            player.until("has no outcome", 60)
            player.keys("q")
            player.until_end(30)
        self.assertEqual([e["unfinished"] for e in entries(journal)], [True])
        self.assertEqual(soft(), 181 * 1024)
        before = entries(journal)[0]["before"]
        tool(journal, *URI, "undo", result["id"], "--allow=danger,kills")
        self.assertEqual(soft(), before if before == "unlimited" else before // 1024)


class Stamp(unittest.TestCase):
    NAMESPACE = "urn:virt-memtune:last:1"

    def left(self, scope):
        done = run("virsh", "-q", "-c", "lxc:///system", "metadata", EATER, self.NAMESPACE, f"--{scope}", status=None)
        return done.stdout if done.returncode == 0 else None

    def test_is_left_where_that_is_asked_for(self):
        journal = folder("stamp")
        settings = host.directory / "stamp/virt-memtune"
        settings.mkdir(parents=True)
        change(journal, EATER, "soft_limit=130M")
        self.assertEqual((self.left("live"), self.left("config")), (None, None), "not by default")
        (settings / "settings.conf").write_text("[settings]\nstamp=true\n")
        asked = {"XDG_CONFIG_HOME": str(settings.parent), "SUDO_USER": "bert"}
        live = change(journal, EATER, "soft_limit=131M", "--live", **asked)
        self.assertIn(f"{live['id']} bert@", self.left("live"))
        self.assertIsNone(self.left("config"))
        both = change(journal, EATER, "soft_limit=132M", **asked)
        for scope in ("live", "config"):
            self.assertRegex(self.left(scope), f"<last>{both['id']} bert@.* 20..-..-..T..:..:..Z</last>")
        change(journal, EATER, "soft_limit=132M", **asked)
        self.assertIn(both["id"], self.left("config"), "what changes nothing leaves nothing")
        tool(journal, *URI, "set", EATER, "swappiness=20", "--allow=danger,kills", status=None, **asked)
        self.assertIn("<last>", self.left("config"), "it does not disturb what else is kept there")


class Plans(unittest.TestCase):
    def test_a_second_person_makes_what_the_first_wrote(self):
        path = host.directory / "plan.json"
        uuid = host.virsh("lxc", "domuuid", EATER).strip()
        journal = folder("plan")
        change(journal, EATER, "soft_limit=140M")
        path.write_text(json.dumps({"schema": 1, "changes": [
            {"domain": EATER, "uuid": uuid, "connection": "lxc:///system", "tunable": "soft_limit", "scope": scope,
             "before": 140 * MIB, "wanted": 145 * MIB} for scope in ("live", "config")]}))
        done = json.loads(tool(journal, *URI, "diff", path, "--json", "--exit-changed", status=10).stdout)
        self.assertEqual({r["outcome"] for r in done["results"]}, {"would-change"})
        self.assertEqual(soft(), 140 * 1024)
        tool(journal, *URI, "apply", path, "--allow=danger,kills")
        self.assertEqual((soft(), soft(scope="config")), (145 * 1024, 145 * 1024))
        host.virsh("lxc", "memtune", EATER, "--soft-limit", f"{147 * 1024}", "--live")
        done = tool(journal, *URI, "apply", path, "--json", status=5)
        self.assertEqual({(r["scope"], r["outcome"]) for r in json.loads(done.stdout)["results"]},
                         {("live", "conflict"), ("config", "unchanged")})
        self.assertEqual(soft(), 147 * 1024)


class SystemLog(unittest.TestCase):
    """Without a folder by name, outcomes go to the system's log: one of ours listens, in a /run and a /dev of its
    own."""

    LISTENS = """import socket, subprocess, sys
log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
log.bind(sys.argv[1])
log.settimeout(30)
done = subprocess.run(sys.argv[2:], capture_output=True, text=True)
assert done.returncode == 0, done.stderr
for i in range(2):
    print(log.recv(65536).decode(errors="replace"))
    print("==")
"""

    def told(self, path):
        """Both results of a change, as a socket at this path gets them."""
        script = ("mount -t tmpfs tmpfs /run; mkdir -p /run/systemd/journal /run/dev; "
                  "cp -a /dev/null /dev/zero /dev/random /dev/urandom /run/dev; mount --bind /run/dev /dev; exec \"$@\"")
        done = run("unshare", "-m", "sh", "-ec", script, "sh", sys.executable, "-c", self.LISTENS, path, host.program,
                   "-c", "test:///default", "set", "test", "hard_limit=1G",
                   env={**os.environ, "VIRT_MEMTUNE_JOURNAL": "", "XDG_STATE_HOME": str(folder(pathlib.Path(path).name))})
        return done.stdout.split("==\n")[:2]

    def test_outcomes_are_told_to_journald(self):
        told = [dict(line.split("=", 1) for line in part.splitlines() if "=" in line)
                for part in self.told("/run/systemd/journal/socket")]
        for fields in told:
            self.assertEqual((fields["VIRT_MEMTUNE_TUNABLE"], fields["VIRT_MEMTUNE_OUTCOME"], fields["VIRT_MEMTUNE_DOMAIN"]),
                             ("hard_limit", "changed", "test"))
            self.assertRegex(fields["MESSAGE"], r"root.*: test on test:///default: hard_limit (live|config) none -> 1 GiB: changed \[")
        self.assertEqual(len({fields["VIRT_MEMTUNE_BATCH"] for fields in told}), 1)

    def test_without_journald_they_are_told_to_syslog(self):
        for line in self.told("/dev/log"):
            self.assertRegex(line, r"^<29>[A-Z][a-z]{2} [ 123]\d \d\d:\d\d:\d\d virt-memtune\[\d+\]: root.*: test on "
                                   r"test:///default: hard_limit (live|config) none -> 1 GiB: changed \[\d{8}T\d{6}-[0-9a-f]+\]$")
