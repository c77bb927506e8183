#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Keep or go back on stand-ins of OpenVZ's programs: every end of a guarded change, read back by the
stand-in's own vzlist and in the file.

  guard.py VIRT_MEMTUNE GUARD_HOLD
"""
import concurrent.futures
import os
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
HOLD = os.path.abspath(sys.argv.pop(2))
import world
from drive import PROGRAM, Host, check, main, raw, same_limits
from guards import Guards, kill

OLD, NEW = "65536:69632", "30000:35000"  # pages of privvmpages; 12840 are held


class Guarded:
    """A container of its own, and the guards of its own journal."""

    def __init__(self, directory):
        self.host = Host(world.legacy(os.path.join(directory, "host")))
        self.uri = self.host.uri
        self.guards = Guards(os.path.join(directory, "journal"), PROGRAM, HOLD)

    def confirm(self):
        return self.guards.confirm(self.uri, "web", "privvmpages=" + NEW)

    def hold(self):
        return self.guards.hold(self.uri, "web", "privvmpages=" + NEW)

    def holds(self, live, saved):
        check(self.host.listed("101", "privvmpages") == raw(live), "live is", self.host.listed("101", "privvmpages"))
        check(same_limits(self.host.saved("101", "privvmpages"), raw(saved)), "file holds",
              self.host.saved("101", "privvmpages"))


def time_passes(it):
    batch = it.confirm()
    it.holds(NEW, OLD)
    it.guards.ended(batch, "gone_back", why="the time is over")
    it.holds(OLD, OLD)


def it_is_taken_back(it):
    batch = it.confirm()
    it.holds(NEW, OLD)
    check(it.guards.answer("back", batch)["ending"] == "gone_back")
    it.guards.ended(batch, "gone_back", why="virt-memtune back said so")
    it.holds(OLD, OLD)


def it_is_kept(it):
    batch = it.confirm()
    check(it.guards.answer("keep", batch)["ending"] == "kept")
    it.guards.ended(batch, "kept")
    it.holds(NEW, NEW)


def its_writer_is_killed(it):
    holder = it.hold()
    it.holds(NEW, OLD)
    holder.kill()
    it.guards.ended(holder.batch, "gone_back", 30, why="whoever made the change is gone")
    it.holds(OLD, OLD)


def its_guard_is_killed(it):
    holder = it.hold()
    kill(holder.pid)
    check(holder.wait("ended ").startswith("lost"))
    it.holds(NEW, OLD)
    check(it.guards.answer("back", holder.batch)["ending"] == "gone_back")
    it.guards.ended(holder.batch, "gone_back")
    it.holds(OLD, OLD)
    holder.process.wait()


ENDS = [time_passes, it_is_taken_back, it_is_kept, its_writer_is_killed, its_guard_is_killed]


def test_every_end_leaves_the_old_or_the_kept_value(root):
    def once(end):
        directory = tempfile.mkdtemp(prefix=end.__name__ + "-", dir=os.path.dirname(root))
        os.chmod(directory, 0o755)
        try:
            end(Guarded(directory))
            return None
        except Exception as error:  # every end is told of, not the first that fails alone
            return "%s: %r" % (end.__name__, error)

    with concurrent.futures.ThreadPoolExecutor(len(ENDS)) as pool:
        failures = [failure for failure in pool.map(once, ENDS) if failure]
    check(not failures, "\n".join(failures))


if __name__ == "__main__":
    sys.exit(main(globals()))
