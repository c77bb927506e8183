#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Keep or go back on VMware: vsphere-guard.py VIRT-MEMTUNE GUARD-HOLD VCSIM.

Every end of a guarded change, each on a machine of its own of the simulator and all at once; what is
true then is read back by pyvmomi, VMware's own client. And what a guard knows of the password: it
comes over its socket.
"""
import concurrent.futures
import os
import pathlib
import shutil
import sys
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, '..', 'screen')]
from guards import Guards, kill  # noqa: E402
from player import Player  # noqa: E402
from vsphere_lab import PASSWORD, SCRATCH, Simulator, need  # noqa: E402

PROGRAM, HOLD, VCSIM = sys.argv[1:4]
AUTH = os.path.join(SCRATCH, 'auth.conf')
guards = Guards(os.path.join(SCRATCH, 'journal'), PROGRAM, HOLD)
OLD, NEW = -1, 900  # MiB; -1: no limit
EDIT = 'limit=%dM' % NEW
WAIT_S = 60


def expect(condition, what):
    assert condition, what


class Machine:
    def __init__(self, simulator, name):
        self.simulator, self.name, self.uri = simulator, name, simulator.uri()

    def confirm(self, **options):
        batch = guards.confirm(self.uri, self.name, EDIT, **options)
        self.holds(NEW)
        return batch

    def hold(self):
        holder = guards.hold(self.uri, self.name, EDIT, seconds=600)
        self.holds(NEW)
        return holder

    def holds(self, limit):
        found = self.simulator.machine(self.name)['limit']
        expect(found == limit, '%s has %d MiB, not %d' % (self.name, found, limit))


# --- each end ------------------------------------------------------------------------------------

def time_passes(machine):
    batch = machine.confirm()
    guards.ended(batch, 'gone_back', why='the time is over')
    machine.holds(OLD)


def it_is_taken_back(machine):
    batch = machine.confirm(seconds=600)
    expect(guards.answer('back', batch)['ending'] == 'gone_back', batch)
    guards.ended(batch, 'gone_back', why='virt-memtune back said so')
    machine.holds(OLD)


def it_is_kept(machine):
    batch = machine.confirm(seconds=600)
    expect(guards.answer('keep', batch)['ending'] == 'kept', batch)
    guards.ended(batch, 'kept')
    machine.holds(NEW)


def its_writer_is_killed(machine):
    holder = machine.hold()
    holder.kill()
    guards.ended(holder.batch, 'gone_back', 30, why='whoever made the change is gone')
    machine.holds(OLD)


def its_guard_is_killed(machine):
    holder = machine.hold()
    kill(holder.pid)
    expect(holder.wait('ended ').startswith('lost'), holder.batch)
    machine.holds(NEW)
    expect(guards.answer('back', holder.batch)['ending'] == 'gone_back', holder.batch)
    guards.ended(holder.batch, 'gone_back')
    machine.holds(OLD)
    holder.process.wait()


def somebody_else_changes_it(machine):
    batch = machine.confirm(seconds=600)
    machine.simulator.tell('limit %s 950' % machine.name)
    said = guards.answer('back', batch, status=3)
    expect(said['ending'] == 'left' and 'somebody else' in said['results'][0]['text'], said)
    guards.ended(batch, 'left')
    machine.holds(950)


# --- the password --------------------------------------------------------------------------------

def of_process(pid, name):
    return pathlib.Path('/proc/%d/%s' % (pid, name)).read_bytes()


def the_password_reaches_the_guard_and_nothing_that_others_can_read(machine):
    words = [PROGRAM, '-c', machine.uri, 'set', machine.name, EDIT, '--confirm', '600']
    with Player(words, 100, 30, env={'VIRT_MEMTUNE_JOURNAL': str(guards.journal)}) as terminal:
        terminal.until('Password of user on 127.0.0.1', WAIT_S)
        before = guards.batches()
        terminal.keys(PASSWORD + '<Enter>')
        expect(terminal.wait(WAIT_S) == 0, terminal.text())
        expect(terminal.text().count('Password') == 1, 'it is asked once:\n' + terminal.text())
        batch, = guards.batches() - before
    guard = guards.process(batch)
    machine.holds(NEW)
    secret = PASSWORD.encode()
    expect(of_process(guard, 'cmdline') == b'virt-memtune\0guard\0', of_process(guard, 'cmdline'))
    expect(b'VIRT_MEMTUNE_JOURNAL=' in of_process(guard, 'environ'), 'this is not its environment')
    expect(secret not in of_process(guard, 'environ'), 'in its environment')
    expect(secret not in terminal.raw, 'on the terminal')
    files = [path for path in guards.journal.rglob('*') if path.is_file()]
    expect(guards.plan(batch) in files and len(files) > 1, files)
    expect(not any(secret in path.read_bytes() for path in files), 'in a file')
    # Nobody else has it: where its session has ended the guard logs in again by itself.
    machine.simulator.tell('expire')
    expect(guards.answer('back', batch)['ending'] == 'gone_back', batch)
    guards.ended(batch, 'gone_back')
    machine.holds(OLD)


ENDS = [time_passes, it_is_taken_back, it_is_kept, its_writer_is_killed, its_guard_is_killed,
        somebody_else_changes_it]
ALONE = [the_password_reaches_the_guard_and_nothing_that_others_can_read]
# a machine each
SCENES = [('esx', 'ha-host_VM%d'), ('vpx', 'DC0_C0_RP0_VM%d')]


def outcome(test, machine):
    """What went wrong, or None."""
    try:
        test(machine)
        return None
    except Exception:  # pylint: disable=broad-except
        return traceback.format_exc()


def outcomes(simulator, name):
    """Those that know which guards are new run alone."""
    machines = [Machine(simulator, name % i) for i in range(len(ENDS + ALONE))]
    with concurrent.futures.ThreadPoolExecutor(len(ENDS)) as pool:
        yield from zip(ENDS, pool.map(outcome, ENDS, machines))
    for test, machine in zip(ALONE, machines[len(ENDS):]):
        yield test, outcome(test, machine)


def main():
    need(VCSIM)
    with open(AUTH, 'w', encoding='ascii') as file:
        file.write('[credentials-lab]\nusername=user\npassword=%s\n'
                   '[auth-esx-127.0.0.1]\ncredentials=lab\n' % PASSWORD)
    os.environ['LIBVIRT_AUTH_FILE'] = AUTH
    number = failed = 0
    print('1..%d' % (len(SCENES) * len(ENDS + ALONE)))
    for model, name in SCENES:
        simulator = Simulator(VCSIM, model, '-machines', str(len(ENDS + ALONE)))
        for test, wrong in outcomes(simulator, name):
            number += 1
            failed += wrong is not None
            print('%s %d - %s: %s' % ('not ok' if wrong else 'ok', number, model, test.__name__.replace('_', ' ')))
            if wrong:
                print('# ' + wrong.replace('\n', '\n# '))
            sys.stdout.flush()
        simulator.close()
    shutil.rmtree(SCRATCH)
    return failed != 0


if __name__ == '__main__':
    sys.exit(main())
