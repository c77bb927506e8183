#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Run inside of the emulated Xen machine by xen-domains.py: changes real domains with `set` and by
keys, and compares with `xl list` and xenstore. Prints TAP.

  xen-inside.py PROGRAM [PART]...
"""
import json
import os
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "screen"))
from player import Gone, Player  # noqa: E402

PROGRAM = sys.argv[1]
PARTS = sys.argv[2:]
URI = "xen:///system"
ENVIRON = {**os.environ, "PATH": "/run/tools:/usr/sbin:/usr/bin:/sbin:/bin", "XDG_CONFIG_HOME": "/tmp", "HOME": "/tmp",
           "VIRT_MEMTUNE_JOURNAL": "/tmp/journal", "LC_ALL": "C.UTF-8"}
number = failed = 0


def check(sentence, holds, *seen):
    global number, failed
    number += 1
    failed += not holds
    print("%s %d %s" % ("ok" if holds else "not ok", number, sentence), flush=True)
    for each in seen if not holds else ():
        for line in str(each).splitlines():
            print("# " + line, flush=True)


def run(*argv):
    return subprocess.run(argv, env=ENVIRON, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)


def program(*arguments):
    """A process of the emulated machine has been seen to die of a torn heap, where the same one under
    valgrind and AddressSanitizer is clean: what only reads is asked once more, and that is said."""
    answer = run(PROGRAM, "-c", URI, *arguments)
    if answer.returncode < 0 and arguments[0] in ("list", "show", "-b"):
        print("# died of signal %d, once more: %s" % (-answer.returncode, answer.stdout.replace("\n", "\n# ")))
        answer = run(PROGRAM, "-c", URI, *arguments)
    return answer


def show(name):
    return json.loads(program("show", name, "--json").stdout.splitlines()[0])["domains"][0]


def xl_rows():
    """Name, id and MiB held now of each domain, as Xen itself says."""
    rows = [line.split() for line in run("xl", "list").stdout.splitlines()]
    return [row for row in rows if len(row) > 2 and row[1].isdigit() and row[2].isdigit()]


def xl_list():
    return {row[0]: int(row[2]) for row in xl_rows()}


def xenstore(domain, key):
    """In MiB, or what xenstore-read says instead."""
    ids = {row[0]: row[1] for row in xl_rows()}
    text = run("xenstore-read", "/local/domain/%s/memory/%s" % (ids.get(domain), key)).stdout.strip()
    return int(text) // 1024 if text.isdigit() else text


def console(domain):
    try:
        with open("/run/tools/log/guest-%s.log" % domain, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def until(holds, seconds=30):
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.2)
    return True


def agrees():
    seen = xl_list()
    table = json.loads(program("list", "--json").stdout.splitlines()[0])
    held = {d["name"]: d["figures"]["held"] >> 20 for d in table["domains"] if d["state"] == "running"}
    check("the table holds what xl list says, Domain-0 included", held == seen and "Domain-0" in held, held, seen)
    check("a domain that is off is listed", any(d["name"] == "u3" and d["state"] == "off" for d in table["domains"]), table)
    memory = table["connections"][0]["memory"]
    free = [int(line.split(":")[1]) for line in run("xl", "info").stdout.splitlines() if line.startswith("free_memory")]
    check("free for new domains is Xen's free memory", abs((memory["free"] >> 20) - free[0]) <= 1, memory, free)


def refusals():
    before = xenstore("u1", "target")
    for sentence, assignment, options, word in (
            ("a target above the maximum is refused before the call", "target=300M", ["--allow=danger,warn"], "above the maximum"),
            ("a target too low is a danger", "target=120M", [], "destroyed"),
            ("a target of nothing is refused", "target=0M", ["--allow=danger"], "refused")):
        answer = program("set", "u1", assignment, "--live", *options)
        check(sentence, answer.returncode == 8 and word in answer.stdout, answer)
    answer = program("set", "Domain-0", "target=400M", "--live")
    check("Domain-0 below 1 GiB is a danger", answer.returncode == 8 and "Domain-0 runs what all guests need" in answer.stdout, answer)
    answer = program("set", "Domain-0", "target=100M", "--live", "--allow=danger")
    check("Domain-0 below 128 MiB is refused", answer.returncode == 8 and "128 MiB" in answer.stdout, answer)
    check("nothing was sent", xenstore("u1", "target") == before, xenstore("u1", "target"), before)


def by_set():
    answer = program("set", "u1", "target=160M", "--allow=danger", "--wait", "60")
    check("set lowers the target of a running guest, live and persistent", answer.returncode == 0 and
          answer.stdout.count("changed") == 2, answer.stdout)
    check("xenstore has it", xenstore("u1", "target") == 160, xenstore("u1", "target"))
    check("xl list has it", xl_list()["u1"] == 160, xl_list())
    tunables = show("u1")["tunables"]
    check("it reads back in both scopes", tunables["target"]["live"] == tunables["target"]["config"] == 160 << 20, tunables)
    answer = program("set", "u1", "target=160M", "--allow=danger")
    check("once more changes nothing", answer.returncode == 0 and "unchanged" in answer.stdout, answer.stdout)
    answer = program("set", "u1", "target=200M", "--live", "--wait", "60")
    check("and raises it again", answer.returncode == 0 and xl_list()["u1"] == 200, answer.stdout, xl_list())
    answer = program("set", "Domain-0", "target=430M", "--allow=danger", "--wait", "60")
    check("Domain-0's target is set", answer.returncode == 0 and xl_list()["Domain-0"] == 430, answer.stdout, xl_list())
    answer = program("set", "Domain-0", "target=448M", "--wait", "60")
    check("and set back", answer.returncode == 0 and xl_list()["Domain-0"] == 448, answer.stdout, xl_list())


def maximum():
    answer = program("set", "u2", "maximum=220M", "--live")
    check("the live maximum is set, with a warning about libvirt", answer.returncode == 0 and "libvirt goes on saying 192 MiB" in
          answer.stdout and xenstore("u2", "static-max") == 220, answer.stdout, xenstore("u2", "static-max"))
    check("it reads back from xenstore", show("u2")["tunables"]["maximum"]["live"] == 220 << 20, show("u2")["tunables"])
    answer = program("set", "u2", "target=210M", "--live")
    check("a target that only xl would take is refused, and xl's command is told", answer.returncode == 8 and
          "xl mem-set u2 215040k" in answer.stdout, answer.stdout)
    answer = program("set", "u3", "maximum=100M", "target=90M", "--config")
    description = run("virsh", "-c", URI, "dumpxml", "--inactive", "u3").stdout
    check("a domain that is off is set for its next start", answer.returncode == 0 and ">102400<" in description and
          ">92160<" in description, answer.stdout, description)
    answer = program("set", "u3", "target=90M", "--live")
    check("and has nothing live", answer.returncode in (4, 7, 8), answer)


def a_lot():
    program("set", "u1", "maximum=1000M", "--config")
    free = json.loads(program("list", "--json").stdout.splitlines()[0])["connections"][0]["memory"]["free"] >> 20
    run("virsh", "-c", URI, "destroy", "u1")
    run("virsh", "-c", URI, "start", "u1")
    until(lambda: "u1" in xl_list())
    answer = program("set", "u1", "target=950M", "--live", "--allow=danger")
    check("more than Xen has free is refused", answer.returncode == 8 and "everything that is freed" in answer.stdout, answer.stdout, free)


def by_keys():
    with Player([PROGRAM, "-c", URI], 100, 40, env={"PATH": ENVIRON["PATH"]}) as player:
        try:
            drive(player)
        except (AssertionError, Gone):
            check("the program can be driven by keys", False, player.text(), player.raw[-3000:])


def drive(player):
    player.until("u2", 60)
    player.keys("/u2<Enter>")
    player.settle(0.5)
    player.keys("e")
    player.until("or writing", 30)
    player.settle(0.5)
    time.sleep(1)  # a question is deaf at first
    player.keys("y")
    player.until("Target", 60)
    player.keys("150m<Enter>200m<Enter>")
    player.settle(0.5)
    player.keys("<F5>")
    player.until("Review", 30)
    player.settle(0.5)
    joined = "".join(player.text().split())
    check("the review has the commands of both worlds", "#or:xlmem-setu2150" in joined.replace("\\", "") and
          "xlmem-maxu2200" in joined.replace("\\", ""), player.text())
    player.keys("a")
    player.settle(1)
    time.sleep(1)
    player.keys("<Enter>")
    done = until(lambda: (player.settle(0.2), (xenstore("u2", "target"), xenstore("u2", "static-max")) == (150, 200))[1], 60)
    check("target and maximum are changed by keys", done, xenstore("u2", "target"), xenstore("u2", "static-max"), player.text())
    check("xl list agrees", until(lambda: xl_list()["u2"] == 150, 30), xl_list())
    player.settle(1)
    player.keys("<Esc><Esc><Esc>")
    player.until(lambda text: "R  150M" in text, 30)
    check("the screen agrees with xl list", "R  150M" in player.text(), player.text())


def ignores():
    """A guest whose kernel has no balloon driver."""
    description = run("virsh", "-c", URI, "dumpxml", "--inactive", "u3").stdout
    description = description.replace("mitigations=off quiet", "mitigations=off quiet initcall_blacklist=balloon_init")
    description = description.replace(">102400<", ">163840<").replace(">92160<", ">163840<")
    with open("/tmp/u3.xml", "w", encoding="utf-8") as file:
        file.write(description)
    run("virsh", "-c", URI, "define", "/tmp/u3.xml")
    run("virsh", "-c", URI, "start", "u3")
    check("a guest without a balloon driver runs", until(lambda: xl_list().get("u3") == 160), xl_list())
    check("and is up", until(lambda: "GUEST" in console("u3"), 120), console("u3"))
    answer = program("set", "u3", "target=100M", "--live", "--allow=danger", "--wait", "60")
    check("a guest that ignores its balloon is reported as such", "pending" in answer.stdout and
          "the guest stays at 160 MiB" in answer.stdout, answer)
    check("and is asked for one step only", xenstore("u3", "target") == 152, xenstore("u3", "target"))
    answer = program("-b", "-n", "2", "-d", "1")
    print("# " + answer.stdout.replace("\n", "\n# "))
    run("virsh", "-c", URI, "destroy", "u3")


def confirm(assignment, *options):
    """A countdown's ID."""
    answer = program("--timeout", "120", "set", "--json", "u1", assignment, "--allow=danger", "--confirm", "600", *options)
    try:
        return json.loads(answer.stdout.splitlines()[0])["id"]
    except (ValueError, KeyError, IndexError):
        check("a countdown begins", False, answer.stdout)
        return ""


def guarded():
    """Keep or go back: what is taken away here comes back by its guard alone, which has a connection of its own."""
    program("set", "u1", "target=200M", "--wait", "60")
    check("a domain has 200 MiB", until(lambda: xl_list()["u1"] == 200), xl_list())
    batch = confirm("target=170M", "--live")
    check("xl list has less while the countdown runs", until(lambda: xl_list()["u1"] == 170, 60), xl_list())
    answer = program("back", batch, "--timeout", "120")
    check("it goes back", answer.returncode == 0 and xenstore("u1", "target") == 200, answer.stdout, xenstore("u1", "target"))
    check("and has it again", until(lambda: xl_list()["u1"] == 200, 60), xl_list())
    batch = confirm("target=170M")
    description = run("virsh", "-c", URI, "dumpxml", "--inactive", "u1").stdout
    check("the persistent target waits until it is kept", ">204800</currentMemory>" in description, description)
    answer = program("keep", batch, "--timeout", "120")
    description = run("virsh", "-c", URI, "dumpxml", "--inactive", "u1").stdout
    check("kept is kept in both", answer.returncode == 0 and xenstore("u1", "target") == 170 and
          ">174080</currentMemory>" in description, answer.stdout, xenstore("u1", "target"), description)
    program("set", "u1", "target=200M", "--wait", "60")


def paused():
    run("virsh", "-c", URI, "suspend", "u1")
    answer = program("set", "u1", "target=180M", "--live", "--allow=danger")
    check("a paused guest takes it when it goes on", answer.returncode == 0 and "goes on" in answer.stdout and
          "pending" in answer.stdout, answer.stdout)
    run("virsh", "-c", URI, "resume", "u1")
    check("and does", until(lambda: xl_list()["u1"] == 180), xl_list())


def alone():
    with open("/run/libvirtd.pid", encoding="utf-8") as file:
        os.kill(int(file.read()), 15)
    until(lambda: run("virsh", "-c", URI, "list").returncode != 0)
    for name in ("libvirt-sock", "libvirt-sock-ro"):
        if os.path.exists("/run/libvirt/" + name):
            os.unlink("/run/libvirt/" + name)
    answer = program("list")
    check("without libvirtd it says what to start", "systemctl start libvirtd" in answer.stdout, answer.stdout)


for part in (agrees, refusals, by_set, maximum, by_keys, guarded, paused, ignores, a_lot, alone):
    if PARTS and part.__name__ not in PARTS:
        continue
    try:
        part()
    except Exception as error:  # every other part is still of interest
        check("%s: %r" % (part.__name__, error), False, error)
print("1..%d" % number)
sys.exit(1 if failed else 0)
