#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The stand-in prints, returns and writes what the real tools did, line by line."""
import os
import re
import shlex
import shutil
import sys
import tempfile

sys.dont_write_bytecode = True
import world

# Not of the tools: what the played kernel said, and a call that needs more of a kernel.
NOISE = re.compile(r"vzfake: ")
SKIPPED = {"vzlist -j 102"}


def commands(text, prefixes):
    """(command, stdout lines, stderr lines, status, lines that follow)"""
    found, current = [], None
    for line in text.split("\n"):
        if line.startswith("$ "):
            current = [line[2:], [], [], None, []]
            found.append(current)
        elif current is None or line.startswith("### "):
            found.append(["", [], [], 0, [line]])
            current = None
        elif line.startswith(prefixes[0]):
            current[1].append(line[len(prefixes[0]):].rstrip())
        elif line.startswith(prefixes[1]):
            if not NOISE.match(line[len(prefixes[1]):]):
                current[2].append(line[len(prefixes[1]):].rstrip())
        elif re.match(r"\[(exit|rc)[ =](\d+)\]", line):
            current[3] = int(re.search(r"\d+", line).group())
        elif line:
            current[4].append(line)
    return [c for c in found if c[0]]


def lines(text):
    return [line.rstrip() for line in text.split("\n")][:-1] if text else []


class Comparison:
    def __init__(self):
        self.failed = 0

    def equal(self, what, got, wanted):
        if got != wanted:
            self.failed += 1
            print("not the same: %s" % what)
            for mark, side in (("<", wanted), (">", got)):
                for line in side if isinstance(side, list) else [side]:
                    print("  %s %s" % (mark, line))


def compare(comparison, there, entry):
    command, stdout, stderr, status, after = entry
    words = shlex.split(command)
    if words[0] == "cat":
        comparison.equal(command, lines(open(there.path("proc/user_beancounters")).read()), stdout)
        return
    if words[0] == "grep":
        ctid = os.path.basename(words[-1])[:-5]
        text = [line for line in lines(there.conf(ctid)) if not line.startswith("#")]
        comparison.equal(command, text, stdout)
        return
    result = there.run(*words)
    comparison.equal(command, (lines(result.stdout), lines(result.stderr), result.returncode),
                     (stdout, stderr, status))
    if after:
        keys = {line.split("=")[0] for line in after}
        text = [line for line in lines(there.conf(world.SEVEN_ID)) if line.split("=")[0] in keys]
        comparison.equal("the configuration after " + command, sorted(text), sorted(after))


# What the real vzctl 4.11.1 wrote with --save into the configuration of a stopped container.
BAD_AND_GOOD = [
    ("vmguarpages", "1000", 0, "1000"), ("vmguarpages", "33792:unlimited", 0, "33792:unlimited"),
    ("vmguarpages", "9223372036854775807", 0, "unlimited"),
    ("vmguarpages", "9223372036854775808", 21, None),
    ("vmguarpages", "99999999999999999999", 21, None), ("vmguarpages", "-1", 21, None),
    ("vmguarpages", "abc", 21, None), ("vmguarpages", "10:20:30", 21, None),
    ("vmguarpages", "10Kb", 21, None), ("vmguarpages", "1E", 21, None),
    ("vmguarpages", "10:5", 0, "10:5"), ("vmguarpages", "", 0, "0"),
    ("vmguarpages", ":10", 0, "0:10"), ("vmguarpages", "10:", 0, "10:0"),
    ("vmguarpages", "2147483647", 0, "2147483647"),
    ("kmemsize", "10M:11M", 0, "10485760:11534336"), ("numproc", "10K", 21, None),
]


def compare_values(comparison, there):
    for name, value, status, kept in BAD_AND_GOOD:
        before = there.conf("103")
        result = there.run("vzctl", "set", "103", "--" + name, value, "--save")
        line = [x for x in lines(there.conf("103")) if x.startswith(name.upper() + "=")]
        comparison.equal("--%s %s" % (name, value), result.returncode, status)
        if kept is None:
            comparison.equal("the file after --%s %s" % (name, value), there.conf("103"), before)
        else:
            comparison.equal("the file after --%s %s" % (name, value), line,
                             ['%s="%s"' % (name.upper(), kept)])


def main():
    comparison = Comparison()
    directory = tempfile.mkdtemp(prefix="openvz-transcript-")
    try:
        old = world.legacy(directory + "/4", transcript=True)
        entries = commands(world.fixture("transcripts/legacy-vzctl-4.11.1-transcript.txt"),
                           ("1> ", "2> "))
        count = 0
        for entry in entries:
            if entry[0] not in SKIPPED:
                compare(comparison, old, entry)
                count += 1
        compare_values(comparison, old)
        seven = None
        text = world.fixture("transcripts/vz7-vzctl-7.0-u22-transcript.txt")
        stopped, running = text.split("### running container")
        seven = world.seven(directory + "/7", running=False)
        for entry in commands(stopped, ("out: ", "err: ")):
            compare(comparison, seven, entry)
            count += 1
        seven = world.seven(directory + "/7r", running=True)
        os.unlink(seven.path("etc/vz/names/stopped7"))
        os.unlink(seven.path("etc/vz/conf/%s.conf" % world.SEVEN_STOPPED))
        for entry in commands(running, ("out: ", "err: ")):
            compare(comparison, seven, entry)
            count += 1
        nine = world.seven(directory + "/9", generation=9)
        result = nine.run("user_beancounters.py", "ABSENT")
        wanted = world.fixture("transcripts/vz9-user_beancounters.py-output-missing-cgroup.txt")
        comparison.equal("user_beancounters.py", lines(result.stdout),
                         [re.sub("^" + world.SEVEN_ID, "%36s" % "ABSENT", line.rstrip())
                          for line in lines(wanted)])
    finally:
        shutil.rmtree(directory)
    print("%d commands and %d values compared, %d differ" %
          (count, len(BAD_AND_GOOD), comparison.failed))
    return 1 if comparison.failed or count < 40 else 0


if __name__ == "__main__":
    sys.exit(main())
