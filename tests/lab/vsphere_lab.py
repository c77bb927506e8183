# SPDX-License-Identifier: GPL-2.0-or-later
"""A vSphere simulator of the run's own, and VMware's own client to see what it holds."""
import os
import shutil
import ssl
import subprocess
import sys
import tempfile

PASSWORD = 'Tr0ub4dor&3'
SCRATCH = tempfile.mkdtemp(prefix='virt-memtune-vsphere-')


def need(vcsim):
    """Ends the test with what is missing: a failure where nothing may be left out."""
    missing = []
    if not os.path.exists(vcsim):
        missing.append('the simulator (packages golang-go and golang-github-vmware-govmomi-dev)')
    try:
        import pyVim.connect  # noqa: F401 pylint: disable=import-outside-toplevel,unused-import
    except ImportError:
        missing.append('VMware\'s client for Python (package python3-pyvmomi)')
    if missing:
        shutil.rmtree(SCRATCH)
        reason = 'missing: ' + ' and '.join(missing)
        if os.environ.get('CI') == 'true':
            print('1..1\nnot ok 1 - %s' % reason)
            sys.exit(1)
        print('1..0 # SKIP %s' % reason)
        sys.exit(0)


class Simulator:
    def __init__(self, vcsim, model, *options):
        self.model, self.certificate = model, tempfile.mktemp(suffix='.pem', dir=SCRATCH)
        self.process = subprocess.Popen(
            [vcsim, '-model', model, '-certificate', self.certificate, '-password', PASSWORD, *options],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline().split()[1])

    def tell(self, command):
        self.process.stdin.write(command + '\n')
        self.process.stdin.flush()
        answer = self.process.stdout.readline().strip()
        assert answer == 'ok', (command, answer)

    def uri(self, parameters='cacert', port=None):
        if parameters == 'cacert':
            parameters = 'cacert=' + self.certificate
        return '%s://user@127.0.0.1:%d/?%s' % (self.model, port or self.port, parameters)

    def machine(self, name):
        """As VMware's own client sees it, on a connection of its own."""
        from pyVim.connect import Disconnect, SmartConnect  # pylint: disable=import-outside-toplevel
        from pyVmomi import vim  # pylint: disable=import-outside-toplevel
        service = SmartConnect(host='127.0.0.1', port=self.port, user='user', pwd=PASSWORD,
                               sslContext=ssl._create_unverified_context())
        try:
            content = service.RetrieveContent()
            view = content.viewManager.CreateContainerView(content.rootFolder, [vim.VirtualMachine], True)
            vm = [vm for vm in view.view if vm.name == name][0]
            memory = vm.config.memoryAllocation
            extra = {option.key: option.value for option in vm.config.extraConfig}
            return {'size': vm.config.hardware.memoryMB, 'reservation': memory.reservation,
                    'limit': memory.limit, 'shares': (str(memory.shares.level), memory.shares.shares),
                    'locked': vm.config.memoryReservationLockedToMax,
                    'balloon_max': extra.get('sched.mem.maxmemctl')}
        finally:
            Disconnect(service)

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=30)
