"""Other users, other transports: a loopback sshd, no rights, TLS without certificates, aliases."""
import contextlib
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

import domains
from host import GROUPS_V2, SYSTEMD, TAG, only_if, run, until
from sshd import Sshd

host = None  # set by lab.py
NAME = f"far-{TAG}"
sshd = None


def setUpModule():
    global sshd
    host.define("lxc", domains.container(NAME, domains.container_root(host.directory)))
    sshd = Sshd(tempfile.mkdtemp(prefix="ssh-", dir=host.directory))
    os.makedirs("/root/.ssh", mode=0o700, exist_ok=True)
    with open("/root/.ssh/known_hosts", "a", encoding="ascii") as known:
        known.write(sshd.known)


def tearDownModule():
    sshd.end()


def uri(key="user"):
    return f"lxc+ssh://root@127.0.0.1:{sshd.port}/system?keyfile={sshd.path(key)}"


class Ssh(unittest.TestCase):
    def test_everything_goes_through_ssh(self):
        host.tool("-c", uri(), "set", NAME, "hard_limit=270M", "--allow=danger,kills")
        self.assertEqual(host.memtune("lxc", NAME, "config")["hard_limit"], 270 * 1024)
        shown = json.loads(host.tool("-c", uri(), "show", "--json", NAME).stdout)
        self.assertEqual(shown["domains"][0]["tunables"]["hard_limit"]["config"], 270 << 20)

    def test_a_watch_that_cannot_write_goes_through_ssh(self):
        """ssh, its child, is bound as it is: no file for writing but /dev/null."""
        done = host.tool("-r", "-c", uri(), "list")
        self.assertIn(NAME, done.stdout)
        host.tool("-r", "-c", uri() + "&command=/bin/true", "list", status=4)

    def test_the_command_of_a_remote_step_runs_in_a_shell(self):
        command = run(host.build / "tests/lab/steps", uri(), NAME, "soft_limit=111M", "--config").stdout
        run("sh", "-ec", command)
        self.assertEqual(host.memtune("lxc", NAME, "config")["soft_limit"], 111 * 1024)

    def test_a_refused_key_asks_nothing_on_the_terminal(self):
        # script(1) gives it a terminal, from which ssh would read a password for ever.
        words = f"{host.program} -c '{uri('other')}' --timeout 20 list"
        done = run("script", "-qec", words, "/dev/null", status=None, timeout=60, stdin=subprocess.DEVNULL)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("ermission denied", done.stdout)
        self.assertNotIn("password:", done.stdout)

    def test_nobody_listening_is_a_clear_error(self):
        done = host.tool("-c", "lxc+ssh://root@127.0.0.1:1/system", "--timeout", "20", "list", status=6, timeout=60)
        self.assertIn("refused", done.stderr)

    def test_tls_without_certificates_is_a_clear_error(self):
        done = host.tool("-c", "qemu+tls://127.0.0.1/system", "--timeout", "20", "list", status=6, timeout=60)
        self.assertRegex(done.stderr, "certificate|refused|CA")


class Names(unittest.TestCase):
    def test_an_alias_of_libvirt_conf(self):
        configuration = host.directory / "config/libvirt"
        configuration.mkdir(parents=True)
        (configuration / "libvirt.conf").write_text(f'# uri_aliases = [ "x=y" ]\nuri_aliases = [\n  "far={uri()}",\n]\n')
        environment = dict(os.environ, XDG_CONFIG_HOME=str(host.directory / "config"))
        done = run(host.program, "-c", "far", "list", env=environment)
        self.assertIn(NAME, done.stdout)

    def test_by_default_every_local_hypervisor_is_listed(self):
        uris = [c["uri"] for c in json.loads(host.tool("list", "--json").stdout)["connections"]]
        self.assertIn("lxc:///system", uris)
        self.assertIn("qemu:///system", uris)


@only_if(not SYSTEMD)  # there libvirtd's configuration is not ours
class Polkit(unittest.TestCase):
    """A daemon that lets polkit decide, and a polkit that is not there to say yes."""

    def test_its_refusal_says_what_to_do(self):
        config = pathlib.Path("/etc/libvirt/libvirtd.conf")
        before = config.read_text(encoding="utf-8")
        host.kill_libvirtd()
        try:
            config.write_text(before + '\nauth_unix_rw = "polkit"\nunix_sock_rw_perms = "0777"\n', encoding="utf-8")
            host.start_libvirtd()
            done = Rights.as_nobody("set", NAME, "soft_limit=97M", "--allow=danger", status=4)
            self.assertIn("polkit allow org.libvirt.unix.manage", done.stderr)
            self.assertNotEqual(host.memtune("lxc", NAME, "config")["soft_limit"], 97 * 1024)
            self.assertIn(NAME, Rights.as_nobody("list").stdout, "watching needs none of it")
        finally:
            host.kill_libvirtd()
            config.write_text(before, encoding="utf-8")
            host.start_libvirtd()


@contextlib.contextmanager
def allowed_by_the_socket():
    """Everybody may write: what the group libvirt comes to."""
    socket = pathlib.Path("/run/libvirt/libvirt-sock")
    mode = socket.stat().st_mode & 0o777
    socket.chmod(0o777)
    try:
        yield
    finally:
        socket.chmod(mode)


@contextlib.contextmanager
def allowed_by_polkit():
    """The same where libvirtd asks polkit, which sees a new rule by itself."""
    rule = pathlib.Path("/etc/polkit-1/rules.d/10-lab.rules")
    rule.write_text('polkit.addRule(function(action, subject) { if (action.id == "org.libvirt.unix.manage") '
                    'return polkit.Result.YES; });\n', encoding="ascii")
    rule.chmod(0o644)
    try:
        until(lambda: run("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "virsh", "-q", "-c",
                          "lxc:///system", "version", status=None).returncode == 0, "polkit allows it")
        yield
    finally:
        rule.unlink()


class Rights(unittest.TestCase):
    """A user who may use the read-only socket alone."""

    @staticmethod
    def as_nobody(*words, status=0):
        journal = host.directory / "nobody"
        journal.mkdir(exist_ok=True)
        os.chown(journal, 65534, 65534)
        return run("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", host.program, "-c", "lxc:///system",
                   *words, status=status, env=dict(os.environ, HOME="/nonexistent", XDG_RUNTIME_DIR="/nonexistent",
                                                   VIRT_MEMTUNE_JOURNAL=str(journal)))

    def test_users_without_rights_watch(self):
        self.assertIn(NAME, self.as_nobody("list").stdout)

    def test_a_write_is_refused_and_says_what_to_do(self):
        done = self.as_nobody("set", NAME, "soft_limit=99M", "--allow=danger", status=4)
        self.assertIn("libvirt", done.stderr)
        self.assertNotEqual(host.memtune("lxc", NAME, "config")["soft_limit"], 99 * 1024)

    def test_what_it_can_see_is_shown_and_what_needs_rights_says_so(self):
        host.virsh("lxc", "start", NAME)
        try:
            shown = json.loads(self.as_nobody("show", "--json", NAME).stdout)["domains"][0]
            self.assertGreater(shown["figures"]["held"], 0)
            self.assertGreater(shown["figures"]["left"], 0)
            row = shown["tunables"]["min" if GROUPS_V2 else "swappiness"]
            self.assertEqual(row["writable"], ["config"])
            self.assertIn("only root may write control groups", self.as_nobody("show", NAME).stdout)
        finally:
            host.virsh("lxc", "destroy", NAME)

    def test_half_of_a_change_that_needs_more_rights_is_said_to_be_missing(self):
        host.virsh("lxc", "start", NAME)
        word = "min=5M" if GROUPS_V2 else "swappiness=33"
        try:
            with (allowed_by_polkit if SYSTEMD else allowed_by_the_socket)():
                done = self.as_nobody("set", NAME, word, "--allow=danger", status=3)
            self.assertRegex(done.stdout, r"live .*failed: only root may write control groups")
            self.assertRegex(done.stdout, r"config .*changed")
        finally:
            host.virsh("lxc", "destroy", NAME)

    def test_read_only_writes_nothing(self):
        host.tool("-c", "lxc:///system", "-r", "set", NAME, "soft_limit=98M", status=4)
        self.assertNotEqual(host.memtune("lxc", NAME, "config")["soft_limit"], 98 * 1024)
