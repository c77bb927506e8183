# SPDX-License-Identifier: GPL-2.0-or-later
"""An sshd of the run's own on 127.0.0.1, into which root may log in with a key of the run's own."""
import os
import pathlib
import shlex
import shutil
import socket
import subprocess

from waiting import run, until


class Sshd:
    """`settings`: lines of its configuration besides ours, which win."""

    def __init__(self, directory, settings=""):
        self.directory = pathlib.Path(directory)
        for key in ("host", "user", "other"):
            run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.path(key))
        shutil.copy(self.path("user.pub"), self.path("authorized"))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.path("config").write_text(f"""{settings}
Port {self.port}
ListenAddress 127.0.0.1
HostKey {self.path("host")}
PidFile none
AuthorizedKeysFile {self.path("authorized")}
StrictModes no
PermitRootLogin prohibit-password
PasswordAuthentication yes
UsePAM no
""", encoding="utf-8")
        self.known = f"[127.0.0.1]:{self.port} {self.path('host.pub').read_text(encoding='ascii')}"
        self.path("known").write_text(self.known, encoding="ascii")
        os.makedirs("/run/sshd", exist_ok=True)
        with open(self.path("log"), "wb") as log:
            self.process = subprocess.Popen(["/usr/sbin/sshd", "-D", "-e", "-f", self.path("config")], stderr=log)
        until(lambda: "listening" in self.log() or self.process.poll() is not None, "sshd listens", 30)
        assert self.process.poll() is None, self.log()

    def path(self, name):
        return self.directory / name

    def log(self):
        return self.path("log").read_text(encoding="utf-8", errors="replace")

    def accepted(self):
        return self.log().count("Accepted publickey")

    def client(self, *command, user="root"):
        """The words of an ssh that runs a command on a terminal there; without one they want it behind them."""
        return ["/usr/bin/ssh", "-tt", "-F", "none", "-p", str(self.port), "-i", str(self.path("user")),
                "-o", f"UserKnownHostsFile={self.path('known')}", "-o", "BatchMode=yes", f"{user}@127.0.0.1",
                *([shlex.join(str(word) for word in command)] if command else [])]

    def end(self):
        self.process.terminate()
        self.process.wait()
