#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""virt-memtune on the stand-ins of three generations: every beancounter of a running and of a
stopped container, live and persistent, read back by the stand-in's own vzlist and in the file.

  drive.py VIRT_MEMTUNE [NAME of a test]...
"""
import json
import os
import pwd
import re
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
import world

PROGRAM = os.path.abspath(sys.argv[1])
PAGES = {"lockedpages", "privvmpages", "shmpages", "physpages", "vmguarpages", "oomguarpages",
         "swappages"}
SEVEN_DROPS = {"oomguarpages", "dcachesize", "numtcpsock", "tcpsndbuf", "tcprcvbuf",
               "othersockbuf", "dgramrcvbuf", "numothersock"}
LONG_MAX = world.LONG_MAX
# Values that keep vzcfgvalidate content with the basic configuration, in native units.
VALUES = {"kmemsize": "15000000:16000000", "lockedpages": "2100:2100", "privvmpages": "70000:75000",
          "shmpages": "22000:22000", "numproc": "250:250", "vmguarpages": "34000:unlimited",
          "oomguarpages": "27000:unlimited", "numtcpsock": "350:350", "numflock": "190:210",
          "numpty": "20:20", "numsiginfo": "300:300", "tcpsndbuf": "1800000:2800000",
          "tcprcvbuf": "1800000:2800000", "othersockbuf": "1200000:2200000",
          "dgramrcvbuf": "270000:270000", "numothersock": "350:350",
          "dcachesize": "3600000:3700000", "numfile": "9400:9400", "numiptent": "130:130",
          "physpages": "0:300000", "swappages": "0:150000"}

SEVEN_VALUES = dict(VALUES, physpages="300000:300000", swappages="150000:150000")


class Failure(Exception):
    pass


def check(condition, *what):
    if not condition:
        raise Failure(" ".join(str(w) for w in what))


class Host:
    """A world and the program on it."""

    def __init__(self, there, uri=None, environment=None):
        self.world = there
        self.stamp, self.lines = None, {}  # vzlist's output, and after how many calls of vzctl
        self.uri = uri or "openvz:///system?root=" + there.root
        self.environment = dict(os.environ, LC_ALL="C.UTF-8", **(environment or {}))

    def run(self, *words):
        result = subprocess.run([PROGRAM, "-c", self.uri, "--timeout", "120", *words],
                                capture_output=True, text=True, timeout=180, env=self.environment)
        check(result.returncode >= 0, words, "died", result.returncode, result.stderr)
        check("Sanitizer" not in result.stderr, result.stderr)
        return result

    def set(self, *words, status=0):
        result = self.run("set", *words)
        check(result.returncode == status, "set", words, "returned", result.returncode,
              result.stdout, result.stderr)
        return result

    def show(self, name):
        result = self.run("show", name, "--json")
        check(result.returncode == 0, "show", name, result.stderr)
        return json.loads(result.stdout)["domains"][0]

    def listed(self, ctid, counter):
        """What the stand-in's vzlist says: barrier and limit."""
        stamp = len(self.world.calls())
        if self.stamp != stamp:
            fields = ",".join("%s.b,%s.l" % (name, name) for name in world.COUNTERS)
            result = self.world.run("vzlist", "-a", "-H", "-o", "ctid," + fields)
            self.lines = {line.split()[0]: [int(w) for w in line.split()[1:]]
                          for line in result.stdout.split("\n") if line}
            self.stamp = stamp
        first = 2 * world.COUNTERS.index(counter)
        return self.lines[ctid][first:first + 2]

    def saved(self, ctid, counter):
        lines = [line.split("=", 1)[1].strip('"') for line in self.world.conf(ctid).split("\n")
                 if line.startswith(counter.upper() + "=")]
        return lines[-1] if lines else None


def raw(text):
    return [LONG_MAX if w == "unlimited" else int(w) for w in text.split(":")]


def in_bytes(counter, pair):
    return ["unlimited" if n >= LONG_MAX else n * (4096 if counter in PAGES else 1) for n in pair]


def same_limits(text, wanted):
    pair = raw(text) if text else None
    return pair is not None and (pair * 2)[:2] == wanted


def shown(domain, counter, scope):
    value = domain["tunables"][counter].get(scope)
    return value if not isinstance(value, dict) else [value.get("barrier"), value.get("limit")]


def change(host, ctid, name, scope, values):
    """Sets in one call, and reads back with vzlist, in the file and with show."""
    before = {c: (host.listed(ctid, c), host.saved(ctid, c)) for c in values}
    running = host.world.running(ctid)
    calls = len(host.world.calls())
    flags = ["--" + scope] if running or scope == "live" else []
    host.set(name, "--allow=danger", *flags, *["%s=%s" % item for item in values.items()])
    check(len(host.world.calls()) - calls == (2 if running and scope == "config" else 1),
          "not one call:", host.world.calls()[calls:])
    domain = host.show(name)
    for counter, value in values.items():
        wanted, (live, saved) = raw(value), before[counter]
        if running:
            check(host.listed(ctid, counter) == (wanted if scope != "config" else live),
                  counter, scope, "live is", host.listed(ctid, counter), "not", wanted)
        if scope == "live":
            check(host.saved(ctid, counter) == saved, counter, "live was saved too")
        else:
            check(same_limits(host.saved(ctid, counter), wanted), counter, scope, "file holds",
                  host.saved(ctid, counter))
        for part in ("live", "config"):
            if scope in (part, "both") and (part == "config" or running):
                check(shown(domain, counter, part) == in_bytes(counter, wanted), counter, part,
                      "shows", shown(domain, counter, part), "not", in_bytes(counter, wanted))


def bumped(value, by):
    """Another good value."""
    return ":".join(w if w in ("unlimited", "0") else str(int(w) + by) for w in value.split(":"))


def every_counter(host, running, stopped, values, refused, saved_only=()):
    """All of a running and of a stopped container, in every scope."""
    good = {c: v for c, v in values.items() if c not in refused}
    live = {c: v for c, v in good.items() if c not in saved_only}
    saved = {c: v for c, v in good.items() if c in saved_only}
    by = 0
    for ctid, name, scopes in ((*running, ("live", "config", "both")), (*stopped, ("config",))):
        for scope in scopes:
            by += 1
            change(host, ctid, name, scope, {c: bumped(v, by) for c, v in live.items()})
        if saved:
            by += 1
            wanted = {c: bumped(v, by) for c, v in saved.items()}
            host.set(name, "--allow=danger", *["%s=%s" % item for item in wanted.items()])
            for counter, value in wanted.items():
                check(same_limits(host.saved(ctid, counter), raw(value)), counter, "not saved")
    calls = len(host.world.calls())
    for counter in sorted(refused) + sorted(saved_only):
        flags = ["--live"] if counter in saved_only else []
        result = host.set(running[1], "%s=%s" % (counter, values[counter]), *flags, status=7)
        check(result.stderr.strip(), "no reason for", counter)
    check(len(host.world.calls()) == calls, "vzctl was called for what is refused")


def test_every_beancounter_of_the_old_generation(root):
    host = Host(world.legacy(root))
    host.world.write("etc/vz/conf/103.conf", world.fixture("conf/legacy-ve-basic.conf-sample"))
    every_counter(host, ("101", "web"), ("103", "103"), VALUES, {"physpages", "swappages"})


def test_ram_and_swap_of_the_old_generation_with_vswap(root):
    host = Host(world.legacy(root, vswap=True))
    ram = {counter: VALUES[counter] for counter in ("physpages", "swappages")}
    for by, scope in enumerate(("live", "config", "both")):
        change(host, "101", "web", scope, {c: bumped(v, by) for c, v in ram.items()})
    change(host, "102", "102", "config", ram)
    host.set("102", "ram=512M", "swap=1G")
    check(host.saved("102", "physpages") == "0:131072", host.saved("102", "physpages"))
    check(host.saved("102", "swappages") == "0:262144", host.saved("102", "swappages"))
    last = host.world.calls()[-1]
    check(last == ["set", "102", "--physpages", "0:131072", "--swappages", "0:262144", "--save"],
          "several parameters are one call, not", last)
    result = host.set("102", "physpages=5:131072", "--config", status=8)
    check("barrier should be = 0" in result.stderr, result.stderr)
    result = host.set("102", "ram=1G", "physpages.limit=2G", status=8)
    check("one value" in result.stderr, result.stderr)


def test_every_beancounter_of_7(root):
    host = Host(world.seven(root))
    every_counter(host, (world.SEVEN_ID, "MyCT"), (world.SEVEN_STOPPED, "stopped7"), SEVEN_VALUES,
                  SEVEN_DROPS)
    reason = host.set("MyCT", "oomguarpages=27000", status=7).stderr
    check("vzctl 7" in reason, reason)
    host.set("MyCT", "memory_guarantee=40")
    check('MEMGUARANTEE="40"' in host.world.conf(world.SEVEN_ID), "40 % was not saved")
    check(host.show("MyCT")["tunables"]["memory_guarantee"]["config"] == 40)
    host.set("MyCT", "memory_guarantee=auto")
    check('MEMGUARANTEE="auto"' in host.world.conf(world.SEVEN_ID), "auto was not saved")
    host.set(world.SEVEN_ID, "ram=1G", "--both")
    check(host.listed(world.SEVEN_ID, "physpages") == [262144, 262144])


def test_every_beancounter_of_9(root):
    host = Host(world.seven(root, generation=9))
    # The control group files do not exist in the world, so this is v1: kmemsize acts.
    ignored = set(VALUES) - SEVEN_DROPS - {"physpages", "swappages", "kmemsize"}
    every_counter(host, (world.SEVEN_ID, "MyCT"), (world.SEVEN_STOPPED, "stopped7"), SEVEN_VALUES,
                  SEVEN_DROPS, ignored)
    reason = host.set("MyCT", "privvmpages=70000:75000", "--live", status=7).stderr
    check("not enforced" in reason, reason)
    result = host.set("MyCT", "privvmpages=70000:75000", "vmguarpages=1000", "lockedpages=5")
    for counter in ("privvmpages", "vmguarpages", "lockedpages"):
        check(counter + " is saved, and not enforced" in result.stderr, counter, result.stderr)
    host.set("MyCT", "ram=1G", "--live")
    last = host.world.calls()[-1]
    check("--physpages" in last and "--swappages" in last, "v2 needs both, not", last)


def test_one_value_and_halves(root):
    host = Host(world.legacy(root))
    host.set("103", "vmguarpages=2000")
    check(host.saved("103", "vmguarpages") == "2000:unlimited", host.saved("103", "vmguarpages"))
    host.set("103", "oomguarpages=8M")
    check(host.saved("103", "oomguarpages") == "2048:unlimited", host.saved("103", "oomguarpages"))
    host.set("103", "shmpages=2000")
    check(same_limits(host.saved("103", "shmpages"), [2000, 2000]), host.saved("103", "shmpages"))
    result = host.set("103", "privvmpages=9000")
    check("leaves no gap" in result.stderr, result.stderr)
    host.set("103", "privvmpages.limit=10000")
    check(same_limits(host.saved("103", "privvmpages"), [9000, 10000]))
    host.set("103", "hard_limit=48M", "soft_limit=40M", "min_guarantee=7M")
    check(same_limits(host.saved("103", "privvmpages"), [10240, 12288]), "libvirt's names")
    check(host.saved("103", "vmguarpages") == "1792:unlimited")
    host.set("103", "privvmpages=12000:9223372036854775807")
    check(same_limits(host.saved("103", "privvmpages"), [12000, LONG_MAX]), "LONG_MAX as typed")


def test_what_vzctl_would_take_or_garble_is_refused(root):
    host = Host(world.legacy(root))
    before = host.world.conf("103")
    for change, word in (("vmguarpages=9223372036854775808", "too large"),
                         ("vmguarpages=99999999999999999999", "too large"),
                         ("vmguarpages=-2G", "less than nothing"), ("vmguarpages=abc", "abc"),
                         ("vmguarpages=10:20:30", "3 parts"), ("vmguarpages=1E", "most"),
                         ("vmguarpages=10Kbit", "10Kbit"), ("vmguarpages=", "nothing"),
                         ("vmguarpages=:10", "barrier"), ("vmguarpages=10:", "limit"),
                         ("privvmpages=10:5", "barrier should be <= limit"),
                         ("numproc=10K", "whole number"), ("numproc=10:20", "equal to limit"),
                         ("vmguarpages=1000:2000", "unlimited"), ("nosuch=5", "nosuch"),
                         ("kmemsize=1000:500", "barrier should be <= limit"),
                         ("memory_guarantee=40", "vzctl 7"), ("swap=1G", "VSwap")):
        result = host.run("set", "103", change)
        check(result.returncode in (2, 7, 8), change, "returned", result.returncode, result.stderr)
        check(word in result.stderr, change, "says", result.stderr)
    check(host.world.calls() == [], "vzctl was called:", host.world.calls())
    check(host.world.conf("103") == before, "the file changed")


def test_traps(root):
    there = world.legacy(root)
    host = Host(there)
    # Twice in the file: a save would have no effect at the next start.
    there.write("etc/vz/conf/102.conf", 'KMEMSIZE="1:2"\nKMEMSIZE="15000000:16000000"\n')
    check(shown(host.show("102"), "kmemsize", "config") == [15000000, 16000000], "the last counts")
    result = host.set("102", "kmemsize=14M:15M", status=7)
    check("more than once" in result.stderr, result.stderr)
    # Not set is not 0.
    check(shown(host.show("102"), "privvmpages", "config") in (["unset", "unset"], "unset"),
          host.show("102")["tunables"]["privvmpages"])
    # Locked: the exit status in words, and nothing changed.
    there.write("vz/lock/103.lck", "")
    result = host.set("103", "lockedpages=5", status=1)
    check("locked" in result.stdout + result.stderr, result.stdout, result.stderr)
    os.unlink(there.path("vz/lock/103.lck"))
    # No configuration: vzctl would make one.
    os.unlink(there.path("etc/vz/conf/103.conf"))
    result = host.set("103", "lockedpages=5", status=11)
    check(not os.path.exists(there.path("etc/vz/conf/103.conf")), "a configuration was made")
    # vzlist says nothing and returns 0.
    os.unlink(there.path("proc/user_beancounters"))
    result = host.run("list")
    check(result.returncode == 6 and "user_beancounters" in result.stderr, result.returncode,
          result.stderr)


def test_old_vzlists(root):
    there = world.legacy(root, no_json=True)
    check(Host(there).show("web")["state"] == "running", "plain list")
    check(Host(there).show("101")["name"] == "web", "a CTID is a name too")


def test_the_oldest_vzlists(root):
    there = world.legacy(root, no_json=True, old_ids=True)
    check(Host(there).show("web")["state"] == "running", "the id is called veid")


def test_what_the_kernel_counts_is_shown_without_any_program(root):
    there = world.legacy(root)
    for program in ("vzctl", "vzlist"):
        os.unlink(there.path("usr/sbin", program))
    host = Host(there)
    domain = host.show("101")
    check(shown(domain, "privvmpages", "live") == [65536 * 4096, 69632 * 4096], domain)
    result = host.set("101", "privvmpages=70000:75000", "--live", status=7)
    check("vzctl was not found" in result.stderr, result.stderr)
    os.makedirs(there.path("proc/bc"), exist_ok=True)
    os.rename(there.path("proc/user_beancounters"), there.path("proc/bc/resources"))
    check(shown(host.show("101"), "privvmpages", "live") == [65536 * 4096, 69632 * 4096], "of /proc/bc")


def test_a_line_that_makes_no_sense_hides_nobody(root):
    there = world.legacy(root)
    text = open(there.path("proc/user_beancounters")).read()
    there.write("proc/user_beancounters", re.sub(r"(shmpages +)656", r"\1many", text, count=1))
    if os.path.exists(there.path("proc/bc")):
        shutil.rmtree(there.path("proc/bc"))
    there.container("104", world.fixture("conf/legacy-ve-light.conf-sample"))
    host = Host(there)
    domain = host.show("web")
    check(domain["tunables"]["privvmpages"]["live"]["barrier"] == 65536 * 4096, domain)
    check("five numbers" in json.dumps(domain), "no reason for shmpages", domain)
    check(host.show("104")["state"] == "off", "the next one")


def test_groups_that_are_no_containers_do_not_cost_a_list_each_time(root):
    there = world.seven(root)
    with open(there.path("proc/user_beancounters"), "a") as file:
        file.write("    otherslice:  kmemsize 1 2 3 4 5\n")
    result = Host(there).run("-b", "-n", "4", "-d", "1")
    check(result.returncode == 0 and "MyCT" in result.stdout, result.stdout, result.stderr)
    check("otherslice" not in result.stdout, "no container", result.stdout)
    lists = os.path.getsize(there.path("lists"))
    check(lists == 1, "vzlist ran", lists, "times")


def test_hostile_names(root):
    there = world.legacy(root)
    ran = there.path("ran")
    names = ["--save", "$(touch %s)" % ran.replace("/", "_"), "a;touch x", "quo'te\"s",
             "two words", "esc\033[2Jape", "new\nline", "-1"]
    for i, name in enumerate(names):
        ctid = str(201 + i)
        there.container(ctid, world.fixture("conf/legacy-ve-light.conf-sample"))
        os.symlink("../conf/%s.conf" % ctid, there.path("etc/vz/names", name))
    host = Host(there)
    for i, name in enumerate(names):
        host.set("--domain", name, "lockedpages=%d" % (10 + i))
        check(same_limits(host.saved(str(201 + i), "lockedpages"), [10 + i] * 2), repr(name))
        check(there.calls()[-1][1] == str(201 + i), "the name reached vzctl", repr(name))
    listing = host.run("list").stdout
    check("\033" not in listing, "an escape sequence was printed")
    check(len(listing.strip().split("\n")) == 1 + 3 + len(names), "a newline broke the list")


def test_root_must_be_roots_own(root):
    there = world.legacy(root)
    host = Host(there)
    for mode in (0o775, 0o757):
        os.chmod(there.root, mode)
        result = host.run("list")
        check(result.returncode in (4, 6) and "root=" in result.stderr, oct(mode), result.stderr)
    os.chmod(there.root, 0o755)
    os.chown(there.root, pwd.getpwnam("nobody").pw_uid, -1)
    result = host.run("list")
    check(result.returncode in (4, 6) and "not owned by root" in result.stderr, result.stderr)
    os.chown(there.root, 0, -1)
    os.chmod(there.path("usr/sbin"), 0o777)
    check(host.run("list").returncode in (4, 6), "a directory below that others may write")


def test_root_can_be_switched_off(root):
    there = world.legacy(root)
    os.makedirs(there.path("config/virt-memtune"))
    with open(there.path("config/virt-memtune/settings.conf"), "w", encoding="utf-8") as file:
        file.write("[settings]\nno_uri_programs=true\n")
    result = Host(there, environment={"XDG_CONFIG_HOME": there.path("config")}).run("list")
    check(result.returncode == 4 and "no_uri_programs" in result.stderr, result.returncode, result.stderr)
    check(not there.calls(), "a program was run")


def test_commands_are_exact(root):
    host = Host(world.legacy(root))
    host.set("103", "privvmpages=9000:10000", "kmemsize=2M:3M")
    check(host.world.calls()[-1] == ["set", "103", "--kmemsize", "2097152:3145728",
                                     "--privvmpages", "9000:10000", "--save"],
          host.world.calls()[-1])
    host.set("web", "privvmpages=70000:71000", "--live")
    check(host.world.calls()[-1] == ["set", "101", "--privvmpages", "70000:71000"])
    host.set("web", "privvmpages=72000:73000", "--config")
    check(host.world.calls()[-2:] == [["set", "101", "--privvmpages", "72000:73000", "--save"],
                                      ["set", "101", "--privvmpages", "70000:71000"]],
          "the running container keeps what it had:", host.world.calls()[-2:])


def main(tests_of):
    wanted = sys.argv[2:]
    if os.geteuid() != 0:
        if os.environ.get("CI") == "true":
            print("Bail out! needs root: a root= must belong to root")
        else:
            print("1..0 # SKIP needs root: a root= must belong to root")
        return 0
    failed = 0
    tests = [t for t in sorted(tests_of) if t.startswith("test_") and (not wanted or t in wanted)]
    print("1..%d" % len(tests))
    for number, name in enumerate(tests, 1):
        directory = tempfile.mkdtemp(prefix="openvz-drive-")
        os.chmod(directory, 0o755)
        try:
            tests_of[name](os.path.join(directory, "host"))
            print("ok %d %s" % (number, name[5:]), flush=True)
        except Exception as error:  # a test that breaks is a test that fails
            failed += 1
            print("not ok %d %s" % (number, name[5:]))
            print("# " + repr(error).replace("\\n", "\n# "), flush=True)
        shutil.rmtree(directory)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(globals()))
