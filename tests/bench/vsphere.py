#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""vCenter with 2,000 machines: the first picture, then a refresh when ten of them changed.

vsphere.py PROBE VCSIM. The simulator itself is slow to find ten changes among 2,000; bytes and our
own CPU time are what counts.
"""
import os
import subprocess
import sys
import tempfile

PROBE, VCSIM = sys.argv[1:3]
PASSWORD = 'pass'


def read(process, *ends):
    lines = []
    while not lines or not lines[-1].startswith(ends):
        lines.append(process.stdout.readline())
        assert lines[-1], lines
    return lines


def tell(process, command, *ends):
    process.stdin.write(command + '\n')
    process.stdin.flush()
    return read(process, *ends)


def main():
    with tempfile.TemporaryDirectory() as scratch:
        auth, certificate = os.path.join(scratch, 'auth.conf'), os.path.join(scratch, 'ca.pem')
        with open(auth, 'w', encoding='ascii') as file:
            file.write('[credentials-b]\nusername=user\npassword=%s\n[auth-vpx-127.0.0.1]\n'
                       'credentials=b\n' % PASSWORD)
        os.environ['LIBVIRT_AUTH_FILE'] = auth
        pipes = {'stdin': subprocess.PIPE, 'stdout': subprocess.PIPE, 'text': True}
        with subprocess.Popen([VCSIM, '-model', 'vpx', '-machines', '1000', '-password', PASSWORD,
                               '-certificate', certificate], **pipes) as server:
            port = read(server, 'listening')[-1].split()[1]
            uri = 'vpx://127.0.0.1:%s/?cacert=%s' % (port, certificate)
            with subprocess.Popen([PROBE, uri, 'read'], **pipes) as probe:
                read(probe, 'ok')
                print('first picture: ', tell(probe, 'all quiet', 'ok', 'error')[-2].strip())
                print('filter primed: ', tell(probe, 'quiet', 'ok', 'error')[-2].strip())
                print('nothing changed:', tell(probe, 'quiet', 'ok', 'error')[-2].strip())
                for turn in range(3):
                    for i in range(10):
                        tell(server, 'stats DC0_H0_VM%d %d 100' % (i, 500 + turn), 'ok')
                    print('ten changed:   ', tell(probe, 'quiet', 'ok', 'error')[-2].strip())
                probe.stdin.close()
            server.stdin.close()


if __name__ == '__main__':
    main()
