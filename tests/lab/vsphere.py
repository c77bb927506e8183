#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""VMware against the simulator: vsphere.py VIRT-MEMTUNE PROBE VCSIM [NAME of a test]...

What is written by `virt-memtune set` is read back by pyvmomi, VMware's own client. Hostile answers,
certificates, interruption and the end of a session go through the probe of the backend's functions.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import time
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from hostile import Hostile  # noqa: E402
from vsphere_lab import PASSWORD, SCRATCH, Simulator, need  # noqa: E402

PROGRAM, PROBE, VCSIM = sys.argv[1:4]
SAID = []  # everything that a program of ours printed


class Probe:
    def __init__(self, uri, answers=()):
        self.process = subprocess.Popen([PROBE, uri, 'write'], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.answers = list(answers)
        self.asked = []
        self.opened = self.read()

    def read(self):
        """All lines up to ok or error; the last one is that."""
        lines = []
        while True:
            line = self.process.stdout.readline()
            assert line, 'the probe ended: %s' % lines
            SAID.append(line)
            lines.append(line.strip())
            if line.startswith('ask '):
                self.asked.append(line.strip())
                self.process.stdin.write((self.answers.pop(0) if self.answers else '') + '\n')
                self.process.stdin.flush()
            if line.startswith(('ok', 'error ')):
                return lines

    def do(self, command):
        self.process.stdin.write(command + '\n')
        self.process.stdin.flush()
        return self.read()

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=60)


def program(*arguments):
    process = subprocess.Popen([PROGRAM, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True)
    with open('/proc/%d/cmdline' % process.pid, encoding='utf-8', errors='replace') as file:
        SAID.append(file.read())
    out, err = process.communicate(timeout=120)
    SAID.extend([out, err])
    return process.returncode, out, err


def expect(condition, what):
    assert condition, what


# --- what can be set ---------------------------------------------------------------------------

# a line of `set`, and what pyvmomi must find then; the machine has 1 GiB and is off for sizes
EDITS = [
    ('limit=700M', {'limit': 700, 'reservation': 0}),
    ('reservation=256M', {'reservation': 256, 'limit': 700}),
    ('shares=high', {'shares': ('high', 20 * 1024), 'reservation': 256, 'limit': 700}),
    ('shares=low', {'shares': ('low', 5 * 1024)}),
    ('shares=normal', {'shares': ('normal', 10 * 1024)}),
    ('shares=1234', {'shares': ('custom', 1234), 'reservation': 256, 'limit': 700}),
    ('limit=none', {'limit': -1, 'reservation': 256, 'shares': ('custom', 1234)}),
    ('balloon_max=300M', {'balloon_max': '300', 'reservation': 256}),
    ('balloon_max=unset', {'balloon_max': None}),
    ('min_guarantee=128M', {'reservation': 128}),
    ('reservation_locked=yes', {'locked': True, 'reservation': 1024}),
    ('reservation_locked=no', {'locked': False, 'reservation': 1024}),
    ('reservation=0B', {'reservation': 0}),
    ('size=2G', {'size': 2048, 'shares': ('custom', 1234)}),
    ('size=1G limit=900M reservation=100M shares=low', {
        'size': 1024, 'limit': 900, 'reservation': 100, 'shares': ('low', 5 * 1024)}),
]


def every_tunable_is_read_back_by_vmwares_own_client(simulator, name):
    for edit, wanted in EDITS:
        simulator.tell('power %s %s' % (name, 'off' if 'size=' in edit else 'on'))
        code, out, err = program('-c', simulator.uri(), 'set', name, *edit.split(), '--json')
        expect(code == 0, (edit, code, out, err))
        answer = json.loads(out)
        expect(all(result['outcome'] == 'changed' for result in answer['results']), (edit, out))
        found = simulator.machine(name)
        expect({key: found[key] for key in wanted} == wanted, (edit, wanted, found))
    simulator.tell('power %s on' % name)


def what_is_set_already_is_not_sent(simulator, name):
    code, out, _ = program('-c', simulator.uri(), 'set', name, 'limit=900M', '--json')
    expect(code == 0 and json.loads(out)['results'][0]['outcome'] == 'unchanged', out)


def a_running_machine_grows_only_with_hot_add(simulator, name):
    code, _, err = program('-c', simulator.uri(), 'set', name, 'size=2G')
    expect(code == 8 and 'hot-add is off' in err, (code, err))
    simulator.tell('hotadd %s on' % name)
    code, _, err = program('-c', simulator.uri(), 'set', name, 'size=2G')
    expect(code == 0 and simulator.machine(name)['size'] == 2048, (code, err))
    code, _, err = program('-c', simulator.uri(), 'set', name, 'size=1G')
    expect(code == 8 and 'power off first' in err, (code, err))


def faults_are_shown_whole_and_leave_all_as_it_was(simulator, name):
    before = simulator.machine(name)
    for fault, code_wanted, part in [
            ('NoPermission', 4, 'VirtualMachine.Config.Memory'),
            ('RestrictedVersion', 4, 'licence'),
            ('InvalidArgument', 1, 'configSpec.memoryAllocation.limit'),
            ('InsufficientMemoryResourcesFault', 1, 'requested 2147483648'),
            ('TaskInProgress', 1, 'another task works on it'),
            ('ConcurrentAccess', 5, 'somebody else changed it')]:
        simulator.tell('fault %s %s' % (name, fault))
        code, out, err = program('-c', simulator.uri(), 'set', name, 'limit=1500M')
        expect(code == code_wanted and part in out + err, (fault, code, out, err))
        expect(simulator.machine(name) == before, fault)


def an_edit_by_somebody_else_is_a_conflict(simulator, name):
    probe = Probe(simulator.uri())
    expect(probe.opened[-1] == 'ok' and probe.do('all')[-1] == 'ok', probe.opened)
    simulator.tell('reserve %s 64' % name)
    answer = probe.do('set %s limit=800M' % name)[-1]
    expect(answer.startswith('error 9 ') and 'nothing was written' in answer, answer)
    expect(simulator.machine(name)['reservation'] == 64 and simulator.machine(name)['limit'] != 800, name)
    probe.close()


def what_happens_to_machines_is_followed(simulator, name):
    probe = Probe(simulator.uri())
    probe.do('all')
    probe.do('changes')
    other = name.replace('VM0', 'VM1')
    for command, wanted in [('power %s off' % other, 'domain %s|off' % other),
                            ('power %s on' % other, 'domain %s|running' % other),
                            ('rename %s moved' % other, 'domain moved|running'),
                            ('size moved 4096', 'size=4294967296B'),
                            ('template moved', 'domain moved|template'),
                            ('remove moved', 'domain moved|gone')]:
        simulator.tell(command)
        found = probe.do('changes')
        expect(found[-1] == 'ok' and wanted in '\n'.join(found), (command, found))
    probe.close()


def pools_are_walls(simulator, name):
    simulator.tell('pool 8192')
    probe = Probe(simulator.uri())
    found = '\n'.join(probe.do('all'))
    expect(re.search(r'domain %s\|running\|[^|]*\|.*_RP1' % name, found), found)
    expect(re.search(r'\[pool \S*_RP1 \d+ of %d\]' % (8 << 30), found), found)
    expect('[host ' in found, found)
    probe.close()


# --- what is hostile ---------------------------------------------------------------------------

SPOILT = [
    ('garbage', 'error 0 ', 'makes no sense'),
    ('bomb', 'error 0 ', 'declares a document type'),
    ('html', 'error 0 ', 'not a SOAP envelope'),
    ('cut', 'error 1 ', 'cut short'),
    ('close', 'error 1 ', 'cut short'),
    ('500', 'error 0 ', 'HTTP status 500'),
    ('503', 'error 0 ', 'starting, stopping or overloaded'),
    ('fault', 'error 0 ', 'The spoon is bent. (SystemError)'),
]


def key_and_certificate():
    key, certificate = os.path.join(SCRATCH, 'proxy.key'), os.path.join(SCRATCH, 'proxy.pem')
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj',
                    '/CN=other.example', '-keyout', key, '-out', certificate], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return certificate, key


def each_hostile_answer_gets_its_sentence_and_the_session_goes_on(simulator, name):
    proxy = Hostile(simulator.port, *key_and_certificate())
    probe = Probe(simulator.uri('no_verify=1', proxy.port))
    expect(probe.do('all')[-1] == 'ok' and 'unverified' in '\n'.join(probe.do('all')), probe.opened)
    for how, begin, part in SPOILT:
        # The transport library itself tries once more on a connection that was only just closed.
        proxy.spoil(how, times=2 if how == 'close' else 1)
        answer = probe.do('changes')[-1]
        expect(answer.startswith(begin) and part in answer, (how, answer))
        proxy.spoil(how, times=0)
        expect(probe.do('changes')[-1] == 'ok', how)
    proxy.spoil('NotAuthenticated')
    logins = proxy.seen['Login']
    expect(probe.do('changes')[-1] == 'ok' and proxy.seen['Login'] == logins + 1, proxy.seen)
    simulator.tell('expire')
    expect(probe.do('changes')[-1] == 'ok', 'after the end of the session')
    simulator.tell('expire')
    expect(probe.do('all')[-1] == 'ok', 'after the end of the session, all')
    simulator.tell('expire')
    answer = probe.do('set %s limit=850M' % name)
    expect(answer[-1] == 'ok' and simulator.machine(name)['limit'] == 850, answer)
    probe.close()
    proxy.close()


def more_without_an_end_ends(simulator, name):
    proxy = Hostile(simulator.port, *key_and_certificate())
    probe = Probe(simulator.uri('no_verify=1', proxy.port))
    expect(probe.do('all')[-1] == 'ok' and probe.do('changes')[-1] == 'ok', probe.opened)
    proxy.spoil('more-updates', 'WaitForUpdatesEx', times=1000000)
    expect(probe.do('changes')[-1] == 'ok', 'updates')
    proxy.spoil('more-pages', 'RetrievePropertiesEx', times=1000000)
    answer = probe.do('all')[-1]
    expect(answer.startswith('error 0 ') and 'says that more follows' in answer, answer)
    proxy.spoil('more-pages', times=0)
    expect(probe.do('all')[-1] == 'ok' and probe.do('changes')[-1] == 'ok', 'the session goes on')
    probe.close()
    proxy.close()


def nothing_is_written_twice(simulator, name):
    proxy = Hostile(simulator.port, *key_and_certificate())
    probe = Probe(simulator.uri('no_verify=1', proxy.port))
    expect(probe.do('all')[-1] == 'ok', probe.opened)
    for i, (how, part) in enumerate([('cut', 'whether the change arrived is not known'),
                                     ('close', 'whether the change arrived is not known'),
                                     ('NotAuthenticated', 'the session has ended')]):
        proxy.seen.pop('ReconfigVM_Task', None)
        proxy.spoil(how, 'ReconfigVM_Task', times=9)
        answer = probe.do('set %s limit=%dM' % (name, 860 + i))[-1]
        expect(answer.startswith('error ') and part in answer, (how, answer))
        expect(proxy.seen.get('ReconfigVM_Task', 0) == (0 if how == 'NotAuthenticated' else 1), (how, proxy.seen))
        proxy.spoil(how, times=0)
        expect(probe.do('all')[-1] == 'ok', how)
    probe.close()
    proxy.close()


def a_hung_server_holds_nothing(simulator, name):
    proxy = Hostile(simulator.port, *key_and_certificate())
    probe = Probe(simulator.uri('no_verify=1', proxy.port))
    expect(probe.do('all')[-1] == 'ok', probe.opened)
    proxy.spoil('delay60')
    probe.do('interrupt 300')
    begin = time.monotonic()
    answer = probe.do('changes')[-1]
    expect(answer.startswith('error 7 ') and time.monotonic() - begin < 2, answer)
    proxy.spoil('delay60')
    begin = time.monotonic()
    answer = probe.do('changes')[-1]
    expect(answer.startswith('error 6 ') and 'does not answer' in answer, answer)
    expect(15 < time.monotonic() - begin < 30, 'silence is death after 20 s')
    expect(probe.do('changes')[-1] == 'ok', 'the session goes on')
    probe.close()
    proxy.close()


def certificates_are_looked_at(simulator, name):
    certificate, key = key_and_certificate()
    proxy = Hostile(simulator.port, certificate, key)
    for uri, part in [
            (simulator.uri(''), 'is not trusted'),
            (simulator.uri('cacert=/nonexistent'), 'cacert='),
            (simulator.uri('cacert=' + certificate, proxy.port), 'is not trusted')]:
        probe = Probe(uri)
        expect(part in probe.opened[-1] and not probe.asked, (uri, probe.opened))
        probe.close()
    proxy.close()
    expired = Simulator(VCSIM, simulator.model, '-machines', '1', '-expired')
    probe = Probe(expired.uri())
    expect('expired' in probe.opened[-1] and not probe.asked, probe.opened)
    probe.close()
    expired.close()


def a_wrong_password_is_asked_again_and_never_shown(simulator, name):
    del os.environ['LIBVIRT_AUTH_FILE']
    try:
        probe = Probe(simulator.uri(), ['wrong-Tr0ub4dor', PASSWORD])
        expect(probe.opened[-1] == 'ok' and len(probe.asked) == 2, probe.opened)
        expect(probe.asked[0] == 'ask secret Password of user on 127.0.0.1', probe.asked)
        probe.close()
        probe = Probe(simulator.uri(), ['wrong-Tr0ub4dor', 'wrong-Tr0ub4dor'])
        expect(probe.opened[-1].startswith('error 4 ') and 'refused' in probe.opened[-1], probe.opened)
        probe.close()
        code, _, err = program('-c', simulator.uri(), 'list')
        expect(code in (4, 6) and 'auth.conf' in err, (code, err))
    finally:
        os.environ['LIBVIRT_AUTH_FILE'] = os.path.join(SCRATCH, 'auth.conf')


def the_wrong_scheme_is_said(simulator, name):
    uri = simulator.uri()
    other = 'vpx' if simulator.model == 'esx' else 'esx'
    probe = Probe(other + uri[3:])
    expect('its URI begins with %s://' % simulator.model in probe.opened[-1], probe.opened)
    probe.close()


def no_password_was_said_anywhere(simulator, name):
    found = [text for text in SAID if 'Tr0ub4dor' in text]
    expect(not found, found)


COMMON = [every_tunable_is_read_back_by_vmwares_own_client, what_is_set_already_is_not_sent,
          a_running_machine_grows_only_with_hot_add, faults_are_shown_whole_and_leave_all_as_it_was,
          an_edit_by_somebody_else_is_a_conflict, what_happens_to_machines_is_followed,
          each_hostile_answer_gets_its_sentence_and_the_session_goes_on, more_without_an_end_ends,
          nothing_is_written_twice,
          the_wrong_scheme_is_said]
SCENES = [('esx', 'ha-host_VM0', COMMON + [certificates_are_looked_at, a_hung_server_holds_nothing,
                                           a_wrong_password_is_asked_again_and_never_shown,
                                           no_password_was_said_anywhere]),
          ('vpx', 'DC0_C0_RP0_VM0', COMMON + [pools_are_walls, no_password_was_said_anywhere])]


def main():
    need(VCSIM)
    with open(os.path.join(SCRATCH, 'auth.conf'), 'w', encoding='ascii') as file:
        file.write('[credentials-lab]\nusername=user\npassword=%s\n'
                   '[auth-esx-127.0.0.1]\ncredentials=lab\n' % PASSWORD)
    os.environ['LIBVIRT_AUTH_FILE'] = os.path.join(SCRATCH, 'auth.conf')
    number = failed = 0
    wanted = sys.argv[4:]
    scenes = [(model, name, [test for test in tests if not wanted or test.__name__ in wanted])
              for model, name, tests in SCENES]
    print('1..%d' % sum(len(tests) for _, _, tests in scenes))
    for model, name, tests in scenes:
        simulator = Simulator(VCSIM, model, '-machines', '4')
        for test in tests:
            number += 1
            try:
                test(simulator, name)
                print('ok %d - %s: %s' % (number, model, test.__name__.replace('_', ' ')), flush=True)
            except Exception:  # pylint: disable=broad-except
                failed += 1
                print('not ok %d - %s: %s' % (number, model, test.__name__.replace('_', ' ')))
                print('# ' + traceback.format_exc().replace('\n', '\n# '), flush=True)
        simulator.close()
    shutil.rmtree(SCRATCH)
    return failed != 0


if __name__ == '__main__':
    sys.exit(main())
