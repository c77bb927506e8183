#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The program as it is run: what it prints and its exit status, on libvirt's test driver and on the
shipped example. Usage: cli.py PROGRAM SOURCE-ROOT. Speaks TAP."""
import csv, io, json, os, re, resource, signal, socket, subprocess, sys, tempfile, time

program, root = os.path.abspath(sys.argv[1]), sys.argv[2]
DEFAULT = ["-c", "test:///default"]
EXAMPLE = ["-c", "test://" + os.path.join(os.path.abspath(root), "examples/virt-memtune-test.xml")]
home = tempfile.TemporaryDirectory()
environment = {**os.environ, "XDG_CONFIG_HOME": home.name, "HOME": home.name, "TERM": "dumb",
               "VIRT_MEMTUNE_JOURNAL": os.path.join(home.name, "journal")}
environment.pop("LIBVIRT_DEFAULT_URI", None)
count = failed = 0


def run(*words, env=None, name=program, **more):
    return subprocess.run([name, *words], capture_output=True, text=True, timeout=60,
                          stdin=subprocess.DEVNULL, env={**environment, **(env or {})}, **more)


def told(what, ok, *facts):
    global count, failed
    count += 1
    failed += not ok
    print(("ok" if ok else "not ok"), count, "-", what)
    for fact in facts if not ok else ():
        print("#", str(fact).replace("\n", "\n# "))


# what, words, exit status, in stdout (regular expression), in stderr
CASES = [
    ("list names the domain", [*DEFAULT, "list"], 0, r"test +running", r"^$"),
    ("set changes both scopes and says so", [*DEFAULT, "set", "test", "hard=1G"], 0,
     r"test  hard_limit  live +none -> 1 GiB  changed\ntest  hard_limit  config +none -> 1 GiB  changed\n", r"^$"),
    ("what is so already is unchanged", [*DEFAULT, "set", "test", "hard=none"], 0,
     r"live +none  unchanged\n.*config +none  unchanged", r"^$"),
    ("--live writes live alone", [*DEFAULT, "set", "test", "memory=1G", "--live"], 0, r"^test  memory  live +2 GiB -> 1 GiB  changed\n$", ""),
    ("--config writes config alone", [*DEFAULT, "set", "test", "memory=1G", "--config"], 0, r"^test  memory  config +2 GiB -> 1 GiB  changed\n$", ""),
    ("--check writes nothing", [*DEFAULT, "set", "test", "hard=1G", "--check"], 0, r"would-change", r"^$"),
    ("--dry-run is the same", [*DEFAULT, "set", "test", "hard=1G", "--dry-run"], 0, r"would-change", r"^$"),
    ("--check works read-only", ["-r", *DEFAULT, "set", "test", "hard=1G", "--check"], 0, r"would-change", r"^$"),
    ("--exit-changed says 10", [*DEFAULT, "set", "test", "hard=1G", "--exit-changed"], 10, r"changed", r"^$"),
    ("--exit-changed with --check says 10", [*DEFAULT, "set", "test", "hard=1G", "--check", "--exit-changed"], 10, r"would-change", r"^$"),
    ("--exit-changed without a change says 0", [*DEFAULT, "set", "test", "hard=none", "--exit-changed"], 0, r"unchanged", r"^$"),
    ("a bare number is asked about", [*DEFAULT, "set", "test", "hard=18"], 2, r"^$", r"virt-memtune: hard=18: 18 what\? Write 18G, 18M or bytes as 18B\."),
    ("a limit that would come to mean none", [*DEFAULT, "set", "test", "hard=8E"], 2, r"^$", r"hard=8E: 8 EiB is above the most hard_limit can be"),
    ("junk is a bad value", [*DEFAULT, "set", "test", "hard=4Q"], 2, r"^$", r"hard=4Q: "),
    ("an empty value is a bad value", [*DEFAULT, "set", "test", "hard="], 2, r"^$", r"hard=: "),
    ("no value at all", [*DEFAULT, "set", "test"], 2, r"^$", r"hard=18G"),
    ("no domain at all", [*DEFAULT, "set", "hard=1G"], 2, r"^$", r"DOMAIN"),
    ("given twice", [*DEFAULT, "set", "test", "hard=1G", "hard_limit=2G"], 2, r"^$", r"hard_limit is given twice"),
    ("an unknown option", [*DEFAULT, "set", "test", "--nonsense"], 2, r"^$", r"nonsense"),
    ("two scopes", [*DEFAULT, "set", "test", "hard=1G", "--live", "--config"], 2, r"^$", r"not two"),
    ("an unknown command", ["frobnicate"], 2, r"^$", r'no command "frobnicate"'),
    ("an unknown column lists all", [*DEFAULT, "list", "-o", "nosuch"], 2, r"^$", r'no column "nosuch"; there are: .*held'),
    ("an unknown sort key lists all", [*DEFAULT, "list", "-s", "nosuch"], 2, r"^$", r"trouble"),
    ("a bad filter", [*DEFAULT, "list", "-f", "held>4Q"], 2, r"^$", r"4Q"),
    ("a URI that nobody takes", ["-c", "nonsense:///", "list"], 2, r"", r"nonsense:///"),
    ("read-only refuses to write", ["-r", *DEFAULT, "set", "test", "hard=1G"], 4, r"^$", r"--check"),
    ("read-only refuses to undo", ["-r", *DEFAULT, "undo", "20261122T201500-1a2b"], 4, r"^$", r"nothing is written"),
    ("a watch runs no command of a URI", ["-r", "-c", "qemu+ssh://h/system?command=/bin/true", "list"], 4, r"", r"does not open this: command= names a program"),
    ("nor from a root of a URI", ["-r", "-c", "openvz:///system?root=/nonexistent", "list"], 4, r"", r"does not open this: root= names"),
    ("nor in a named domain", ["-r", "show", "qemu+ext://h/system#x"], 11, r"", r"does not open this: \+ext runs a program"),
    ("nor in a session of its own", ["-r", "-c", "qemu:///session", "-bn1"], 4, r"", r"does not open this: what is of one user alone"),
    ("--expect that holds", [*DEFAULT, "set", "test", "memory=1G", "--expect", "memory=2G"], 0, r"changed", r"^$"),
    ("--expect that does not", [*DEFAULT, "set", "test", "memory=1G", "--expect", "memory=3G"], 5, r"", r"memory live is 2 GiB, not 3 GiB as expected"),
    ("no such file to connect to", ["-c", "test:///nonexistent/file.xml", "list"], 6, r"", r"nonexistent"),
    ("a tunable that does not exist here", [*DEFAULT, "set", "test", "privvmpages=300M"], 7, r"^$", r'no "privvmpages"'),
    ("a scope that it does not have", [*DEFAULT, "set", "test", "maximum=4G", "--live"], 7, r"^$", r"maximum cannot be set live"),
    ("--both means both", [*DEFAULT, "set", "test", "maximum=4G", "--both"], 7, r"^$", r"leave out --both"),
    ("a limit below what is needed", [*EXAMPLE, "set", "grafana", "hard=200M"], 8, r"^$",
     r"grafana: hard_limit 200 MiB: refused \(kills\): needs 768 MiB, 256 MiB can be dropped.*\n  lowest safe now 832M; or --allow=kills\n"),
    ("nothing allows what cannot be", [*EXAMPLE, "set", "prod-postgres-primary", "hard=2G", "--allow=kills,danger"], 8, r"^$",
     r"refused: soft limit 12 GiB is above the hard limit 2 GiB"),
    ("--allow does it", [*EXAMPLE, "set", "grafana", "hard=200M", "--allow=kills,danger"], 0, r"819 MiB -> 200 MiB  changed", r"allowed"),
    ("a refused domain stops the others", [*EXAMPLE, "set", "grafana", "dns-recursor-1", "hard=200M"], 8, r"", r"refused"),
    ("--only-raise leaves what is higher", [*EXAMPLE, "set", "mail-gateway", "hard=4G", "--only-raise"], 0, r"5 GiB  unchanged: is higher already", r"^$"),
    ("--only-raise raises", [*EXAMPLE, "set", "mail-gateway", "hard=6G", "--only-raise"], 0, r"5 GiB -> 6 GiB  changed", r""),
    ("--only-lower leaves what is lower", [*EXAMPLE, "set", "mail-gateway", "hard=6G", "--only-lower"], 0, r"unchanged: is lower already", r"^$"),
    ("several domains", [*EXAMPLE, "set", "k8s-worker-01", "grafana", "hard=40G"], 0, r"k8s-worker-01  hard_limit  live .*changed\n(.*\n)*grafana ", r""),
    ("relative to what is live", [*EXAMPLE, "set", "mail-gateway", "hard=+1G"], 0, r"5 GiB -> 6 GiB  changed", r""),
    ("no such domain, and the nearest", [*EXAMPLE, "set", "grafanna", "hard=2G"], 11, r"^$", r'no domain "grafanna"; did you mean grafana'),
    ("show of no such domain", [*EXAMPLE, "show", "nobody-at-all"], 11, r"^$", r"no domain"),
    ("a number is a name, never an id", [*DEFAULT, "set", "1", "hard=1G"], 11, r"^$", r'no domain "1"'),
    ("a domain by UUID", [*DEFAULT, "set", "6695eb01-f6a4-8304-79aa-97f2502e193f", "hard=1G"], 0, r"^test  hard_limit", r"^$"),
    ("a domain by URI#NAME needs no -c", ["set", "test:///default#test", "hard=1G"], 0, r"changed", r"^$"),
    ("--domain takes a name alone", [*DEFAULT, "set", "--domain", "test", "hard=1G"], 0, r"changed", r"^$"),
    ("--domain of a name like an assignment", [*DEFAULT, "set", "--domain", "hard_limit=5", "hard=1G"], 11, r"^$", r'no domain "hard_limit=5"'),
    ("an ambiguous name is refused and listed", [*DEFAULT, *EXAMPLE, "-c", "test:///default?x", "set", "test", "hard=1G"], 2, r"^$", r"(?s)more than one domain.*test:///default#test.*test:///default\?x#test"),
    ("what a host that answers has is done, and the one that does not is told", [*DEFAULT, "-c", "test:///nonexistent.xml", "set", "test", "hard=1G"], 6, r"hard_limit  live .*changed", r"test:///nonexistent.xml"),
    ("a host that does not answer is more than a change", [*DEFAULT, "-c", "test:///nonexistent.xml", "set", "test", "hard=1G", "--exit-changed"], 6, r"changed", r"test:///nonexistent.xml"),
    ("the second write of one line is seen by neither domain", [*DEFAULT, "set", "test", "test", "hard=1G"], 0, r"^(.*\n){2}$", r"^$"),
    ("-b prints one table", [*EXAMPLE, "-b", "-n1"], 0, r"13 of 14 domains(.*\n)+.*NAME .*WHY\n(.*\n){13}$", r"^$"),
    ("-b twice, 1 s apart", [*DEFAULT, "-b", "-n", "2", "-d1"], 0, r"(?s)NAME.*\n\n.*NAME", r"^$"),
    ("-b has no escapes", [*EXAMPLE, "-b", "-n1"], 0, r"^[^\x1b\x00-\x09]*$", r"^$"),
    ("-b -a lists what is off", [*EXAMPLE, "-ban1"], 0, r"template-debian-12", r"^$"),
    ("a filter", [*EXAMPLE, "list", "-f", "name:k8s-*"], 0, r"k8s-worker-01", r"^$"),
    ("-s reversed", [*EXAMPLE, "list", "--plain", "-s", "-name", "-o", "name"], 0, r"^win2019", r"^$"),
    ("columns", [*EXAMPLE, "list", "--plain", "-o", "name,held", "-f", "name:grafana"], 0, r"^grafana\t1073741824\n$", r"^$"),
    ("check is critical", [*EXAMPLE, "check"][2:] + ["--connect", EXAMPLE[1]], 2, r"^MEMORY CRITICAL: .*\| 'build-runner-shared'=268435456B;671088640:;335544320:;0;6710886400 .*\n$", r"^$"),
    ("check is a warning", ["check", "--connect", EXAMPLE[1], "-c", "1%", "-w", "10%"], 1, r"^MEMORY WARNING: ", r"^$"),
    ("check is OK", ["check", "--connect", EXAMPLE[1], "-c", "1%", "-w", "2%"], 0, r"^MEMORY OK: 13 domains, least left: ", r"^$"),
    ("check is unknown", ["check", "--connect", "test:///nonexistent.xml"], 3, r"^MEMORY UNKNOWN: ", r""),
    ("check that is called wrongly is unknown", ["check", "-w", "ten"], 3, r"^$", r"-w ten"),
    ("check by sizes", ["check", "--connect", EXAMPLE[1], "-c", "1M", "-w", "2M"], 0, r";2097152:;1048576:;", r"^$"),
    ("tunables names what libvirt calls it", ["tunables", "test"], 0, r"swap_hard_limit +\(.*libvirt swap_hard_limit", r"^$"),
    ("tunables of nothing known", ["tunables", "nosuch"], 2, r"^$", r'no hypervisor "nosuch"'),
    ("host", [*DEFAULT, "host", "--csv"], 0, r"^host,hypervisor,state,.*\n.*,test,connected,.*test:///default\n$", r"^$"),
    ("a countdown of less than 15 s", [*DEFAULT, "set", "test", "hard=1G", "--confirm", "0"], 2, r"^$", r"15 to 3600"),
    ("a countdown of more than an hour", [*DEFAULT, "set", "test", "hard=1G", "--confirm=3601"], 2, r"^$", r"15 to 3600"),
    ("a countdown for what does not act", [*DEFAULT, "set", "test", "hard=1G", "--config", "--confirm=15"], 2, r"^$", r"does not act"),
    ("a command that decides without a countdown", [*DEFAULT, "set", "test", "hard=1G", "--keep-if", "true"], 2, r"^$", r"give both"),
    ("a driver in this process has no guard", [*DEFAULT, "set", "test", "hard=1G", "--confirm=15"], 7, r"skipped", r"test:///default has no guard"),
    ("keep without an ID", ["keep"], 2, r"^$", r"keep: say one ID"),
    ("keep of what is no ID", ["keep", "../../etc/passwd"], 2, r"^$", r"say one ID"),
    ("back of an ID that nobody knows", ["back", "20201122T201500-1a2b"], 2, r"^$", r"no guard runs"),
    ("a watch keeps nothing", ["-r", "keep", "20201122T201500-1a2b"], 4, r"^$", r"read-only"),
    ("guard is no command", ["guard"], 2, r"^$", r'no command "guard"'),
    ("no terminal", [*DEFAULT], 2, r"^$", r"-b"),
    ("-d 0 is no delay", [*DEFAULT, "-b", "-n1", "-d0"], 2, r"^$", r"-d: from 1 to 3600 seconds"),
    ("--version", ["--version"], 0, r"^virt-memtune \d", r"^$"),
    ("--help lists the commands", ["--help"], 0, r"(?s)list .*show .*host .*set .*tunables .*check ", r"^$"),
    ("set --help", ["set", "--help"], 0, r"--only-raise", r"^$"),
]

for what, words, status, out, err in CASES:
    done = run(*words)
    told(what, done.returncode == status and bool(re.search(out, done.stdout)) and bool(re.search(err, done.stderr)),
         "virt-memtune " + " ".join(words), f"exit {done.returncode}, wanted {status}", done.stdout, done.stderr, out, err)

# JSON and CSV as other programs read them
done = run(*DEFAULT, "set", "test", "hard=1G", "--json")
result = json.loads(done.stdout)
told("set --json says what was read back", result["schema"] == 1 and re.fullmatch(r"\d{8}T\d{6}-[0-9a-f]{4}", result["id"]) and result["changed"] is True and result["check"] is False
     and [(r["scope"], r["before"], r["wanted"], r["after"], r["outcome"]) for r in result["results"]]
     == [(s, "unlimited", 1 << 30, 1 << 30, "changed") for s in ("live", "config")], done.stdout)
with open(os.path.join(home.name, "journal/journal.jsonl")) as journal:
    records = [json.loads(line) for line in journal]
mine = [r for r in records if r["batch"] == result["id"]]
told("the journal has an intent and an outcome of each",
     [(r["record"], r["scope"], r["before"], r["wanted"], r.get("after"), r.get("outcome")) for r in mine]
     == [(k, s, "unlimited", 1 << 30, *more) for s in ("live", "config") for k, *more in (("intent", None, None), ("outcome", 1 << 30, "changed"))]
     and all(r["domain"] == "test" and r["connection"] == "test:///default" and r["pid"] and r["user"] and r["machine"] for r in mine), records)
NOWHERE = {"VIRT_MEMTUNE_JOURNAL": "/proc/nowhere"}
done = run(*DEFAULT, "set", "test", "hard=1G", env=NOWHERE)
told("what cannot be recorded is not written", done.returncode == 8 and "the journal cannot be written: /proc/nowhere" in done.stdout
     and "--allow=no_journal" in done.stderr, done.returncode, done.stdout, done.stderr)
done = run(*DEFAULT, "set", "test", "hard=1G", "--allow=no_journal", env=NOWHERE)
told("unless that is allowed", done.returncode == 0 and "written without a record: /proc/nowhere" in done.stderr
     and "changed" in done.stdout, done.returncode, done.stdout, done.stderr)

# changes that were written down
def plan(*changes):
    path = os.path.join(home.name, "plan.json")
    with open(path, "w") as file:
        json.dump({"schema": 1, "changes": [
            {"domain": "test", "connection": "test:///default", "tunable": "hard_limit", "scope": scope, "before": before, "wanted": wanted}
            for scope, before, wanted in changes]}, file)
    return path


def outcomes(done):
    return done.returncode, [(r["scope"], r["outcome"]) for r in json.loads(done.stdout)["results"]]


GOOD = [("live", "unlimited", 1 << 30), ("config", "unlimited", 1 << 31)]
STALE = [("live", 1 << 34, 1 << 30), ("config", "unlimited", 1 << 31)]
for what, words, changes, wanted in [
    ("diff says what a plan would change", ["diff"], GOOD, (0, [("live", "would-change"), ("config", "would-change")])),
    ("diff --exit-changed says so in its status", ["diff", "--exit-changed"], GOOD, (10, [("live", "would-change"), ("config", "would-change")])),
    ("apply makes the changes of a plan", ["apply"], GOOD, (0, [("live", "changed"), ("config", "changed")])),
    ("apply --check writes nothing", ["apply", "--check"], GOOD, (0, [("live", "would-change"), ("config", "would-change")])),
    ("what is so already is not written", ["apply"], [("live", 1 << 34, "unlimited")], (0, [("live", "unchanged")])),
    ("what was changed since is a conflict, and nothing is written", ["apply"], STALE, (5, [("live", "conflict"), ("config", "skipped")])),
    ("diff shows the conflict", ["diff"], STALE, (5, [("live", "conflict"), ("config", "would-change")])),
    ("--allow=conflict writes over it", ["apply", "--allow=conflict"], STALE, (0, [("live", "changed"), ("config", "changed")])),
]:
    done = run(*DEFAULT, *words, plan(*changes), "--json")
    told(what, outcomes(done) == wanted, done.returncode, done.stdout, done.stderr)
for what, words, status, err in [
    ("a plan does not decide where to connect", [*EXAMPLE, "apply", plan(*GOOD)], 11, "there is no connection test:///default; give it with -c"),
    ("a plan that is none", [*DEFAULT, "apply", "/dev/null"], 2, "/dev/null: not a change file"),
    ("a plan that is not there", [*DEFAULT, "diff", os.path.join(home.name, "not-there")], 2, "No such file"),
    ("a batch that was never made", [*DEFAULT, "undo", "20261122T201500-1a2b"], 2, "the journal has no batch"),
    ("undo without an ID", [*DEFAULT, "undo"], 2, "undo: say one ID"),
    ("a plan in a read-only program", [*DEFAULT, "-r", "apply", plan(*GOOD)], 4, "nothing is written"),
]:
    done = run(*words)
    told(what, done.returncode == status and err in done.stderr, done.returncode, done.stdout, done.stderr)
def hostile(what, status, err, *words, **members):
    path = os.path.join(home.name, "hostile.json")
    change = {"domain": "test", "connection": "test:///default", "tunable": "hard_limit", "scope": "live", "before": "unlimited", "wanted": 1 << 30}
    with open(path, "w") as file:
        json.dump({"schema": 1, "changes": [{**change, **members}]}, file)
    for command in ("apply", "diff"):
        done = run(*DEFAULT, command, *(words or [path]))
        told(f"{what}: {command}", done.returncode == status and err in done.stderr and "changed" not in done.stdout
             and not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", done.stderr), done.returncode, done.stdout, repr(done.stderr))


hostile("a plan of another host", 11, "the change is for elsewhere", host="elsewhere")
hostile("a plan of a domain that is not here", 11, "no such domain", domain="other", uuid="00000000-0000-0000-0000-000000000001")
hostile("a plan whose domain has the name of one, and another's id", 11, "no such domain", uuid="00000000-0000-0000-0000-000000000001")
hostile("a plan with a name that moves the cursor", 11, "no such domain", domain="\x1b[2J\x9b1mtest\n", uuid="\x1b]0;x\x07")
hostile("a plan of another program's connection", 11, "there is no connection", connection="qemu+ext://h/system?command=/bin/sh")
hostile("a plan of a tunable that is none", 7, "frobs", tunable="frobs")
hostile("a plan with a value that is none", 2, "cannot have the value", wanted="minus")
hostile("a plan with a negative size", 2, "cannot have the value", wanted=-1)
hostile("a plan without end", 2, "/dev/zero: ", "/dev/zero")
hostile("a plan that is a folder", 2, "directory", home.name)
hostile("two plans at once", 2, "say one FILE", "a", "b")
done = run("journal", "--json", result["id"])
told("journal joins intents with their outcomes",
     [(e["record"], e["scope"], e["outcome"], e["before"], e["after"], e["unfinished"]) for e in map(json.loads, done.stdout.splitlines())]
     == [("change", s, "changed", "unlimited", 1 << 30, False) for s in ("live", "config")], done.stdout)
done = run(*DEFAULT, "undo", result["id"], "--json")
told("what is already as it was is not undone again", outcomes(done) == (0, [("config", "unchanged"), ("live", "unchanged")]), done.stdout)
done = run(*DEFAULT, "set", "test", "hard=3G", env={"VIRT_MEMTUNE_JOURNAL": os.path.join(home.name, "second")})
with open(os.path.join(home.name, "second/journal.jsonl"), "a") as journal:
    journal.write('{"schema":1,"record":"int')
done = run("journal", env={"VIRT_MEMTUNE_JOURNAL": os.path.join(home.name, "second")})
told("a torn line is told and skipped", done.stdout.count("\n") == 3 and "hard_limit live none -> 3 GiB" in done.stdout
     and "its last line is torn off and was skipped" in done.stderr and done.returncode == 0, done.stdout, done.stderr)
done = run(*EXAMPLE, "set", "grafana", "hard=200M", "--json")
result = json.loads(done.stdout)
told("a refusal is JSON with a code", done.returncode == 8 and result["changed"] is False
     and {r["outcome"] for r in result["results"]} == {"refused"} and any(f["severity"] == "kills" and f["safe"] for f in result["findings"]), done.stdout)
done = run(*EXAMPLE, "set", "nobody", "hard=2G", "--json")
told("a failure is JSON with a sentence", done.returncode == 11 and "no domain" in json.loads(done.stdout)["error"], done.stdout)
done = run(*EXAMPLE, "list", "--json")
sample = json.loads(done.stdout)
domains = {d["name"]: d for d in sample["domains"]}
grafana = domains["grafana"]
told("list --json is one line", done.stdout.count("\n") == 1)
told("list --json has the schema", sample["schema"] == 1 and len(domains) == 14 and sample["connections"][0]["access"] == "read-only"
     and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", sample["time"]) is not None, done.stdout[:400])
told("sizes are integers, no limit is a word", type(grafana["figures"]["held"]) is int
     and grafana["tunables"]["soft_limit"]["live"] == "unlimited" and type(grafana["tunables"]["hard_limit"]["live"]) is int)
told("what cannot be known has a code", all(set(m) == {"code", "text"} for d in domains.values() for m in d["missing"].values())
     and domains["template-debian-12"]["missing"] != {}, domains["template-debian-12"])
told("trouble has a code", domains["build-runner-shared"]["trouble"][0]["code"] != "", domains["build-runner-shared"]["trouble"])
done = run(*EXAMPLE, "list", "--csv", "-o", "name,held,limit,why")
rows = list(csv.DictReader(io.StringIO(done.stdout)))
told("list --csv", len(rows) == 14 and {r["name"]: r["held"] for r in rows}["grafana"] == "1073741824", done.stdout)
done = run(*EXAMPLE, "show", "grafana", "--json")
told("show --json is one domain", [d["name"] for d in json.loads(done.stdout)["domains"]] == ["grafana"])
done = run("tunables", "--json")
told("tunables --json is one object a line", all(json.loads(line)["name"] for line in done.stdout.splitlines()) and "hard_limit" in done.stdout)

# terminals that cannot show a screen
for term in ("dumb", "", "no-such-terminal"):
    parent, child = os.openpty()
    done = subprocess.run([program, *DEFAULT], stdin=child, stdout=child, stderr=subprocess.PIPE, text=True, timeout=60,
                          env={**environment, "TERM": term})
    os.close(parent)
    os.close(child)
    told(f"TERM={term or 'nothing'} is called wrongly", done.returncode == 2 and "use -b" in done.stderr, done.returncode, done.stderr)

# A caller that closed them: nothing else may take their place, or it is written to as if it were they.
def closed():
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, FILES))
    for fd in range(3):
        os.close(fd)


FILES = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
# What never answers, so that it waits to be looked at.
silent = socket.socket(socket.AF_UNIX)
silent.bind(os.path.join(home.name, "silent"))
silent.listen()
process = subprocess.Popen([program, "-c", f"test+unix:///default?socket={home.name}/silent", "list", "--timeout", "60"],
                           preexec_fn=closed, env=environment)
end = time.monotonic() + 20
files, most = [], []
while (files != ["/dev/null"] * 3 or most != [str(FILES)]) and time.monotonic() < end:
    time.sleep(0.02)
    most = [line.split()[3] for line in open(f"/proc/{process.pid}/limits") if line.startswith("Max open files")]
    try:
        files = [os.readlink(f"/proc/{process.pid}/fd/{fd}") for fd in range(3)]
    except OSError:
        pass
process.kill()
process.wait()
told("as many files are held open as may be", most == [str(FILES)], most)
told("what a caller closed stays closed", files == ["/dev/null"] * 3, files)

# what can go wrong on the way, scripted
DOMAIN = """[host]
name=h1
hypervisor=fake
total=64G
available=32G
%s
[domain a]
state=running
held=4G
droppable=1G
both.hard_limit=8G
both.soft_limit=6G
[domain b]
state=running
held=4G
droppable=1G
both.hard_limit=8G
%s
"""
SCRIPTED = [
    ("a failed write after a good one is partly applied", "", "[fail]\n2=failed: the host said no", ["set", "a", "b", "hard=9G", "--live"], 3, r"a  hard_limit  live .*changed\nb  hard_limit  live .*failed", ""),
    ("a failed first write is a failure", "", "[fail]\n1=failed: the host said no", ["set", "a", "hard=9G", "--live"], 1, r"failed: .*the host said no", ""),
    ("a busy kernel is a failure", "", "[fail]\n1=busy: it could not make room", ["set", "a", "hard=9G", "--live"], 1, r"failed: .*make room", ""),
    ("a domain gone between read and write is no such domain", "", "[event apply 1]\na/gone=undefined: undefined", ["set", "a", "hard=9G", "--live"], 11, r"failed", ""),
    ("a domain gone before the write is no such domain", "", "[event open-write]\na/gone=undefined: undefined", ["set", "a", "hard=9G", "--live"], 11, r"failed: the domain does not exist any more", ""),
    ("a write that hangs is a timeout", "", "[fail]\nhang=1", ["set", "a", "hard=9G", "--live", "--timeout", "1"], 6, r"failed", ""),
    ("a missing right at the write is a missing right", "", "[fail]\n1=permission: polkit says no", ["set", "a", "hard=9G", "--live"], 4, r"failed: .*polkit says no", ""),
    ("a conflict at the write is a conflict", "", "[fail]\n1=conflict: somebody else wrote", ["set", "a", "hard=9G", "--live"], 5, r"conflict: .*somebody else wrote", ""),
    ("no right to write", "write_error=permission: polkit says no", "", ["set", "a", "hard=9G"], 4, "", "polkit says no"),
    ("no right to write and --check", "write_error=permission: polkit says no", "", ["set", "a", "hard=9G", "--check"], 0, "would-change", "^$"),
    ("changed by somebody else meanwhile", "", "[event open-write]\na/both.hard_limit=7G", ["set", "a", "hard=9G", "--live"], 5, "conflict", ""),
    ("a host that never answers", "open_delay=60s", "", ["list", "--timeout", "1"], 6, "", "no answer within 1 s"),
]
for what, host, tail, words, status, out, err in SCRIPTED:
    path = os.path.join(home.name, "script.fake")
    with open(path, "w") as file:
        file.write(DOMAIN % (host, tail))
    done = run("-c", "fake://" + path, *words)
    if "no hypervisor has such addresses" in done.stderr:
        told(what + " # SKIP built without -Dfake=true", True)
        continue
    told(what, done.returncode == status and bool(re.search(out, done.stdout)) and bool(re.search(err, done.stderr)),
         f"exit {done.returncode}, wanted {status}", done.stdout, done.stderr)

# settings, and what goes over what
settings = os.path.join(home.name, "virt-memtune")
os.makedirs(settings)
with open(os.path.join(settings, "settings.conf"), "w") as file:
    file.write("[settings]\nconnect=test:///default\nsort=nosuch\ncolumns=name\n")
done = run("list", "--plain")
told("settings connect, and a bad line is one message", done.returncode == 0 and done.stdout == "test\n"
     and done.stderr.count("\n") == 1 and "sort: there is no sort key" in done.stderr, done.stdout, done.stderr)
done = run("list", "--plain", env={"LIBVIRT_DEFAULT_URI": EXAMPLE[1]})
told("the environment goes over the settings", done.stdout.count("\n") == 14, done.stdout, done.stderr)
done = run("list", "--plain", "-o", "s", *DEFAULT, env={"LIBVIRT_DEFAULT_URI": EXAMPLE[1]})
told("the command line goes over the environment", done.stdout == "R\n", done.stdout, done.stderr)
with open(os.path.join(settings, "settings.conf"), "w") as file:
    file.write("\x00\xff not a key file")
done = run(*DEFAULT, "list", "--plain", "-o", "name")
told("a bad file is one message and defaults", done.stdout == "test\n" and done.stderr.count("\n") == 1, done.stderr)
os.unlink(os.path.join(settings, "settings.conf"))

# virt-memtop never writes
top = os.path.join(home.name, "virt-memtop")
os.symlink(program, top)
done = run(*DEFAULT, "set", "test", "hard=1G", name=top)
told("virt-memtop never writes", done.returncode == 4 and "virt-memtop never writes" in done.stderr, done.stderr)
told("virt-memtop watches", run(*DEFAULT, "-bn1", name=top).stdout.startswith("virt-memtop "))

# readers that go away, and interrupts
process = subprocess.Popen([program, *EXAMPLE, "-b", "-d1"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)
process.stdout.readline()
process.stdout.close()
process.wait(20)
told("a reader that goes away ends it quietly", process.returncode == 0 and process.stderr.read() == b"", process.returncode)
process.stderr.close()
process = subprocess.Popen([program, *DEFAULT, "-b", "-d3600"], bufsize=0, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)
first = process.stdout.readline()
process.send_signal(signal.SIGINT)
rest, errors = process.communicate(timeout=20)
told("an interrupt is 130, with what is known printed", process.returncode == 130 and b"virt-memtune" in first and b"test" in rest, process.returncode, rest, errors)
# bash completes names that others chose
stub = os.path.join(home.name, "stub")
with open(stub, "w") as file:
    file.write("#!/bin/sh\nprintf '%s\\n' web1 web2 db 'web $(touch " + home.name + "/ran)' 'web;x'\n")
os.chmod(stub, 0o755)
complete = f"source {root}/ui/completions/virt-memtune.bash\nCOMP_WORDS=(x show web) COMP_CWORD=2\n_virt_memtune {stub}\nprintf '%s\\n' \"${{COMPREPLY[@]}}\""
done = subprocess.run(["bash", "-c", complete], capture_output=True, text=True, env=environment)
told("completion offers the names that fit, quoted", done.stdout.split("\n")[:2] == ["web1", "web2"] and "web\\;x" in done.stdout and "db" not in done.stdout, done.stdout, done.stderr)
told("and runs none of them", not os.path.exists(os.path.join(home.name, "ran")), done.stdout, done.stderr)

with open("/dev/full", "w") as full:
    done = subprocess.run([program, *DEFAULT, "list"], stdout=full, stderr=subprocess.PIPE, text=True, env=environment)
told("a full disk is told", done.returncode == 1 and "could not be written" in done.stderr, done.stderr)
for words in (["-b", "-n", "2", "-d", "1"], ["-b", "-n", "1", "--json"], ["tunables"]):
    with open("/dev/full", "w") as full:
        done = subprocess.run([program, *EXAMPLE, *words], stdout=full, stderr=subprocess.PIPE, text=True, env=environment)
    told("and so it is for " + " ".join(words), done.returncode == 1 and "could not be written" in done.stderr, done.returncode, done.stderr)
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run([program, *EXAMPLE, *words], stdout=writing, stderr=subprocess.PIPE, text=True, env=environment)
    os.close(writing)
    told("a reader that left is not, for " + " ".join(words), done.returncode == 0 and not done.stderr, done.returncode, done.stderr)

print(f"1..{count}")
sys.exit(failed != 0)
