#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""VMware by keys: vsphere-screen.py VIRT-MEMTUNE VCSIM.

The program in a terminal of ours against the simulator; what was written by keys is read back by
pyvmomi, VMware's own client. And the ways there: proxies, inventory paths, passwords.
"""
import http.client
import http.server
import os
import select
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, '..', 'screen')]
from player import Gone, Player  # noqa: E402
from vsphere_lab import PASSWORD, SCRATCH, Simulator, need  # noqa: E402

PROGRAM, VCSIM = sys.argv[1:3]
WRONG = 'wrong-' + PASSWORD
ASKED = 'Password of user on 127.0.0.1'
SAID = []  # everything that a program of ours showed, wrote or was called with
DEBUG = {'G_MESSAGES_DEBUG': 'all', 'LIBVIRT_DEBUG': '1'}
WAIT_S = 60


def expect(condition, what):
    assert condition, what


class Terminal(Player):
    """The program on the screen, or a command on a terminal."""

    def __init__(self, *arguments, columns=100, rows=30, **env):
        super().__init__([PROGRAM, *arguments], columns, rows, env={**DEBUG, **env})

    def until(self, wanted, deadline=WAIT_S):
        super().until(wanted, deadline)

    def press_until(self, keys, wanted):
        """Questions are deaf for a moment, so that nobody answers one by accident."""
        test = wanted if callable(wanted) else (lambda text: wanted in text)
        end = time.monotonic() + WAIT_S
        while not test(self.text()):
            assert time.monotonic() < end, '%r never came; the screen:\n%s' % (wanted, self.text())
            self.keys(keys)
            self.settle(0.4)

    def __enter__(self):
        return self

    def __exit__(self, *about):
        for name in ('cmdline', 'environ'):
            try:
                with open('/proc/%d/%s' % (self.pid, name), encoding='utf-8', errors='replace') as file:
                    SAID.append(file.read())
            except OSError:
                pass
        SAID.append(self.raw.decode('utf-8', 'replace'))
        self.end()


def program(*arguments, **env):
    process = subprocess.run([PROGRAM, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, text=True, timeout=120, check=False,
                             env={**os.environ, **DEBUG, **env})
    SAID.extend([process.stdout, process.stderr])
    return process.returncode, process.stdout, process.stderr


# --- by keys -------------------------------------------------------------------------------------

def focus(terminal, label):
    terminal.press_until('<Tab>', lambda text: any(
        line.startswith(('>', '│>')) and label in line for line in text.split('\n')))


def change(terminal, name, fields):
    """Through the form and the review; ends in the list."""
    terminal.keys('/%s<Enter>' % name)
    terminal.settle()
    terminal.press_until('e', lambda text: 'for writing? y' in text or 'what it does here' in text)
    terminal.press_until('y', 'what it does here')
    for label, value in fields:
        focus(terminal, label)
        terminal.keys('<C-u>' + value + '<Tab>')
        terminal.settle()
    terminal.keys('<C-v>')
    terminal.until('Set-V')
    terminal.keys('a')
    terminal.settle(0.7)
    terminal.keys('<Enter>')
    terminal.until('changed')
    terminal.settle()
    terminal.keys('<Esc><Esc><Esc>')
    terminal.settle()


def a_password_is_asked_once_and_an_admin_sets_by_keys(simulator, name):
    uri = simulator.uri('no_verify=1')
    with Terminal('-c', uri, '-c', 'test:///default', '-d', '1') as terminal:
        terminal.until(ASKED)
        terminal.keys(WRONG)
        terminal.settle()
        expect(WRONG not in terminal.text(), terminal.text())
        terminal.keys('<Enter>')
        terminal.until('Refused. ' + ASKED)
        terminal.keys(PASSWORD + '<Enter>')
        terminal.until(name)
        terminal.until(lambda text: 'test' in text and 'not verified' in text)
        expect(ASKED not in terminal.text(), terminal.text())
        change(terminal, name, [('Reservation', '256M'), ('Limit', '768M'), ('Shares', 'high')])
        expect(ASKED not in terminal.text(), 'the writing connection asks again:\n' + terminal.text())
        found = simulator.machine(name)
        expect((found['reservation'], found['limit'], found['shares'][0]) == (256, 768, 'high'), found)
        expect('not verified' in terminal.text(), terminal.text())
        terminal.keys('3')
        terminal.settle(0.5)
        SAID.append(terminal.text())


def esc_refuses_with_one_sentence(simulator, name):
    with Terminal('-c', simulator.uri('no_verify=1')) as terminal:
        terminal.until(ASKED)
        terminal.keys('<Esc>')
        terminal.until('no password of user was given')
        expect(name not in terminal.text() and ASKED not in terminal.text(), terminal.text())
        terminal.keys('2')
        terminal.until('auth.conf')


def a_command_asks_on_its_terminal_without_an_echo(simulator, name):
    with Terminal('-c', simulator.uri(), 'list') as terminal:
        terminal.until(ASKED)
        terminal.keys(PASSWORD + '<Enter>')
        terminal.until(name)
        expect(PASSWORD not in terminal.raw.decode(), terminal.text())
        try:
            terminal.until_end()
        except Gone:
            terminal.wait()
        expect(terminal.status == 0, terminal.status)
    with Terminal('-c', simulator.uri(), 'list') as terminal:
        terminal.until(ASKED)
        terminal.keys('<C-c>')
        expect(terminal.wait() == 130, (terminal.status, terminal.text()))
    code, _, err = program('-c', simulator.uri(), 'list')
    expect(code in (4, 6) and err.count('auth.conf') == 1, (code, err))


def scopes_all_mean_the_same_said_once(simulator, name):
    for word in ('--live', '--config', '--both'):
        code, out, err = program('-c', simulator.uri(), 'set', name, 'limit=900M', 'shares=normal', word,
                                 '--check', LIBVIRT_AUTH_FILE=AUTH)
        expect(code == 0 and 'limit' in out, (word, code, out, err))
        expect(err.count('one set of values') == 1 and word in err, (word, err))
    code, out, err = program('tunables', 'esx')
    expect(code == 0 and 'one set of values' in out and 'live only' not in out, out)


# --- the way there -------------------------------------------------------------------------------

class Proxy:
    """Of HTTP: counts what passes. Plain calls go on to the simulator, which speaks TLS alone."""

    def __init__(self, target):
        self.tunnels, self.calls = [], []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'

            def do_CONNECT(self):
                outer.tunnels.append(self.path)
                host, port = self.path.rsplit(':', 1)
                with socket.create_connection((host, int(port))) as far:
                    self.send_response(200)
                    self.end_headers()
                    self.close_connection = True
                    ends = {self.connection: far, far: self.connection}
                    while True:
                        for end in select.select(list(ends), [], [], 60)[0]:
                            data = end.recv(65536)
                            if not data:
                                return
                            ends[end].sendall(data)

            def do_POST(self):
                outer.calls.append(self.path)
                body = self.rfile.read(int(self.headers['Content-Length']))
                far = http.client.HTTPSConnection('127.0.0.1', target, timeout=60,
                                                  context=ssl._create_unverified_context())
                far.request('POST', '/sdk', body, {key: self.headers[key] for key in (
                    'Content-Type', 'SOAPAction', 'Cookie') if self.headers[key]})
                answer = far.getresponse()
                text = answer.read()
                self.send_response(answer.status)
                self.send_header('Content-Length', str(len(text)))
                if answer.getheader('Set-Cookie'):
                    self.send_header('Set-Cookie', answer.getheader('Set-Cookie').replace('; Secure', ''))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.server.daemon_threads = True
        self.url = 'http://127.0.0.1:%d' % self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def all_traffic_passes_the_proxy_by_curls_rules(simulator, name):
    proxy = Proxy(simulator.port)
    through = '127.0.0.1:%d' % simulator.port
    try:
        for env, parameters, tunnelled in [
                ({'https_proxy': proxy.url}, '', True),
                ({'all_proxy': proxy.url}, '', True),
                ({'https_proxy': proxy.url, 'no_proxy': '127.0.0.1'}, '', False),
                ({}, '&proxy=' + proxy.url, True)]:
            proxy.tunnels.clear()
            code, out, err = program('-c', simulator.uri() + parameters, 'list', LIBVIRT_AUTH_FILE=AUTH, **env)
            expect(code == 0 and name in out, (env, code, out, err))
            expect(set(proxy.tunnels) == ({through} if tunnelled else set()), (env, proxy.tunnels))
            expect(not proxy.calls, 'https in the clear: %s' % proxy.calls)
        # Only the proxy knows this host.
        uri = '%s://user@vsphere.invalid/?transport=http' % simulator.model
        code, out, err = program('-c', uri, 'list', LIBVIRT_AUTH_FILE=AUTH, http_proxy=proxy.url)
        expect(code == 0 and name in out, (code, out, err))
        expect(proxy.calls and all(call == 'http://vsphere.invalid:80/sdk' or
                                   call == 'http://vsphere.invalid/sdk' for call in proxy.calls), proxy.calls)
        code, out, err = program('-c', simulator.uri(), 'list', LIBVIRT_AUTH_FILE=AUTH,
                                 https_proxy='http://127.0.0.1:1')
        expect(code == 6 and name not in out and 'port 1 ' in err, (code, out, err))
    finally:
        proxy.close()


def inventory_paths_show_what_is_below_them(simulator, name):
    def names(path):
        uri = 'vpx://user@127.0.0.1:%d/%s?no_verify=1' % (simulator.port, path)
        code, out, err = program('-c', uri, 'list', '--csv', '-o', 'NAME', LIBVIRT_AUTH_FILE=AUTH)
        return code, {word for line in out.split('\n') for word in line.split(',') if '_VM' in word}, err

    everything = names('')[1]
    cluster = {one for one in everything if one.startswith('DC0_C0')}
    expect(cluster and everything - cluster, everything)
    expect(names('DC0')[1] == everything, names('DC0'))
    expect(names('DC0/DC0_C0')[1] == cluster, names('DC0/DC0_C0'))
    expect(names('DC0/DC0_H0/DC0_H0')[1] == everything - cluster, names('DC0/DC0_H0/DC0_H0'))
    hosts = [names('DC0/DC0_C0/DC0_C0_H%d' % i)[1] for i in range(3)]
    expect(set.union(*hosts) == cluster and sum(map(len, hosts)) == len(cluster), hosts)
    code, found, err = names('DC0/nowhere')
    expect(code != 0 and not found and 'the inventory has no "DC0/nowhere"' in err, (code, err))


def no_password_was_shown_anywhere(simulator, name):
    found = [text for text in SAID if 'Tr0ub4dor' in text]
    expect(SAID and not found, found)


AUTH = os.path.join(SCRATCH, 'auth.conf')
COMMON = [a_password_is_asked_once_and_an_admin_sets_by_keys, no_password_was_shown_anywhere]
SCENES = [('esx', 'ha-host_VM0', [esc_refuses_with_one_sentence, a_command_asks_on_its_terminal_without_an_echo,
                                  scopes_all_mean_the_same_said_once,
                                  all_traffic_passes_the_proxy_by_curls_rules] + COMMON),
          ('vpx', 'DC0_C0_RP0_VM0', [inventory_paths_show_what_is_below_them] + COMMON)]


def main():
    need(VCSIM)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    for variable in ('http_proxy', 'https_proxy', 'all_proxy', 'no_proxy', 'LIBVIRT_AUTH_FILE'):
        os.environ.pop(variable, None)
        os.environ.pop(variable.upper(), None)
    os.environ['XDG_CONFIG_HOME'] = os.environ['HOME'] = '/nonexistent'
    os.environ['VIRT_MEMTUNE_JOURNAL'] = os.path.join(SCRATCH, 'journal')
    with open(AUTH, 'w', encoding='ascii') as file:
        file.write('[credentials-lab]\nusername=user\npassword=%s\n'
                   '[auth-esx-default]\ncredentials=lab\n' % PASSWORD)
    number = failed = 0
    print('1..%d' % sum(len(tests) for _, _, tests in SCENES))
    for model, name, tests in SCENES:
        simulator = Simulator(VCSIM, model, '-machines', '2')
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
