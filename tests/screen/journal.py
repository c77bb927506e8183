#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The journal's screen: golden pictures, and what its keys stage.

  journal.py [CASE]...          compares (all)
  journal.py --write [CASE]...  writes the pictures as they are now
Prints TAP.
"""
import json
import os
import sys

import forms

GIB = 1 << 30
WRITER = {"primary": ("prod-postgres-primary-eu-west-1a", "6695eb01-f6a4-8304-79aa-97f2502e193f"),
          "build": ("build-arm64", "7795eb01-f6a4-8304-79aa-97f2502e193f")}
ANNA = {"user": "anna", "machine": "kvm07", "pid": 4711}
ROOT = {"user": "root", "sudo_user": "bert", "ssh_address": "192.0.2.7", "machine": "kvm07", "pid": 4712}


class Records:
    """A journal of the past, as the program writes it, about the domains of a connection."""

    def __init__(self, uri):
        self.uri, self.records, self.calls = uri, [], 0

    def add(self, record, time, domain, by, **more):
        name, uuid = WRITER[domain]
        self.records.append({"schema": 1, "record": record, "time": "2024-11-22T%s.250Z" % time, **by, "hypervisor": "fake-qemu",
                             "connection": self.uri, "host": "kvm07", "uuid": uuid, "domain": name, **more})

    def change(self, time, domain, by, batch, tunable, scope, before, wanted, outcome="changed", after=None, **more):
        self.calls += 1
        about = {"batch": batch, "call": self.calls, "tunable": tunable, "scope": scope, "before": before, "wanted": wanted}
        self.add("intent", time, domain, by, **about, command="virsh memtune")
        if outcome:
            self.add("outcome", time, domain, by, **about, after=wanted if after is None else after, outcome=outcome, **more)

    def seen(self, time, domain, before, after):
        self.add("seen", time, domain, ANNA, tunable="soft_limit", scope="live", before=before, after=after)

    def save(self, directory):
        with open(os.path.join(directory, "journal.jsonl"), "w", encoding="utf-8") as file:
            file.writelines(json.dumps(record) + "\n" for record in self.records)


def history(uri):
    """Everything that a journal can tell."""
    records = Records(uri)
    both = "20241122T201500-1a2b"
    records.change("20:15:00", "primary", ANNA, both, "hard_limit", "live", 32 * GIB, 34 * GIB)
    records.change("20:15:01", "primary", ANNA, both, "hard_limit", "config", 32 * GIB, 36 * GIB)
    records.change("20:20:00", "build", ROOT, "20241122T202000-77aa", "soft_limit", "live", "unlimited", 4 * GIB, "failed", "unlimited",
                   text="Device or resource busy")
    records.change("20:30:00", "build", ROOT, "20241122T203000-0c0d", "hard_limit", "live", 8 * GIB, 9 * GIB, "gone-back", 8 * GIB, back=True)
    records.add("note", "20:30:09", "build", ROOT, batch="20241122T203000-0c0d", code="kept", text="going back would kill: it keeps 9 GiB")
    for i, second in enumerate(("05", "20", "35")):
        records.seen("20:40:%s" % second, "primary", (30 + i) * GIB, (31 + i) * GIB)
    records.change("20:50:00", "build", ANNA, "20241122T205000-dead", "hard_limit", "live", 9 * GIB, 10 * GIB, None)
    return records


def conflict(uri):
    """What it came to be then is not what it is now."""
    records = Records(uri)
    records.change("20:15:00", "primary", ANNA, "20241122T201500-1a2b", "hard_limit", "live", 35 * GIB, 36 * GIB)
    return records


def gone(uri):
    """Of a domain that is not here any more."""
    records = Records(uri)
    records.change("20:15:00", "primary", ANNA, "20241122T201500-1a2b", "hard_limit", "live", 32 * GIB, 33 * GIB)
    for record in records.records:
        record.update(domain="no-more", uuid="00000000-0000-0000-0000-000000000001")
    return records


def nothing(uri):
    return Records(uri)


J = ["J", ("until", "Journal  all")]
# name: (records, steps, sizes, variants)
CASES = {
    "journal": (history, J, ["80x24", "160x45", "40x10", "20x5"], ["utf8", "ascii", "mono"]),
    "journal-last": (history, J + ["G"], ["80x24", "160x45"], ["utf8"]),
    "journal-others": (history, J + ["mm", ("until", "others'")], ["80x24"], ["utf8"]),
    "journal-seen": (history, J + ["mmm", ("until", "seen, not ours")], ["80x24"], ["utf8", "ascii"]),
    "journal-help": (history, J + ["?", ("until", "Help: Journal")], ["80x24"], ["utf8"]),
    "journal-empty": (nothing, J, ["80x24"], ["utf8"]),
    # An intent without an outcome is told at the start.
    "journal-start": (history, [("until", "has no outcome")], ["80x24"], ["utf8"]),
    "journal-messages": (history, ["3", ("until", "J shows more")], ["80x24"], ["utf8"]),
    # Enter stages what takes the whole batch back, for the review; nothing is written by itself.
    "journal-undo": (history, J + ["G", "<Enter>", ("until", "Review")], ["80x24"], ["utf8"]),
    "journal-undo-conflict": (conflict, J + ["<Enter>", ("until", "Review"), "a", ("until", "Enter ="), ("deaf",), "<Enter>",
                                             ("until", "for writing? y"), ("deaf",), "y", ("until", "wanted")], ["80x24"], ["utf8"]),
    "journal-undo-gone": (gone, J + ["<Enter>", ("until", "no-more")], ["80x24"], ["utf8"]),
}


def play(records, size, variant, steps):
    return forms.play("qemu", size, variant, steps, records)


if __name__ == "__main__":
    sys.exit(forms.compare_all(forms.each(CASES), play))
