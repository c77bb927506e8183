"""The private host of the lab: libvirtd, virtlogd, and its domains."""
import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import time

import domains
import tiny
from waiting import GUEST, PATIENCE, Failed, run, until  # noqa: F401

# The machine's own libvirtd is used there alone: on any other machine its domains are somebody's.
SYSTEMD = GUEST and pathlib.Path("/run/systemd/system").is_dir()
GROUPS_V2 = pathlib.Path("/sys/fs/cgroup/cgroup.controllers").exists()
TAG = "lab" + os.environ.get("VIRT_MEMTUNE_LAB_INSIDE", str(os.getpid()))
PRIVATE = ("/run", "/var/lib/libvirt", "/var/log/libvirt", "/var/cache/libvirt", "/root/.ssh")


def only_if(condition):
    """For a test that means something on some machines only, and is run on those: elsewhere it does
    not exist, so that a skipped test is always a fault."""
    return (lambda test: test) if condition else (lambda test: None)


class Host:
    def __init__(self, build):
        self.build = build
        self.program = build / "ui/virt-memtune"
        self.libvirtd = self.virtlogd = None
        self.directory = pathlib.Path("/run/libvirt/lab")

    def __enter__(self):
        try:
            if not SYSTEMD:
                self.make_private()
            self.start_daemons()
            self.directory.mkdir(parents=True, exist_ok=True)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if SYSTEMD:
            return
        # All processes of this namespace but ourselves.
        with contextlib.suppress(OSError):
            os.kill(-1, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            while True:
                os.waitpid(-1, 0)
        self.remove_groups()

    # --- daemons ---

    def make_private(self):
        unified = "/sys/fs/cgroup/unified"
        if os.path.ismount(unified):
            # libvirt would take a hybrid host's v2 hierarchy, which has no memory controller.
            run("umount", unified)
        for path in PRIVATE:
            os.makedirs(path, exist_ok=True)
            run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", path)
        # What QEMU can do is found out once: that takes longer than all the rest.
        known = tiny.CACHE.parent / "capabilities"
        for path in (known, "/var/cache/libvirt/qemu/capabilities"):
            os.makedirs(path, exist_ok=True)
        run("mount", "--bind", known, "/var/cache/libvirt/qemu/capabilities")
        for path in ("lib/libvirt/images", "lib/libvirt/qemu", "lib/libvirt/lxc", "log/libvirt/qemu", "log/libvirt/lxc"):
            os.makedirs(f"/var/{path}", exist_ok=True)
        copy = "/run/libvirt/etc"
        shutil.copytree("/etc/libvirt", copy, symlinks=True, ignore=shutil.ignore_patterns("hooks"))
        for kind in ("qemu", "lxc"):
            shutil.rmtree(f"{copy}/{kind}", ignore_errors=True)
        with open(f"{copy}/qemu.conf", "a", encoding="ascii") as config:
            config.write('\nuser = "root"\ngroup = "root"\nsecurity_driver = "none"\nnamespaces = []\n')
        with open(f"{copy}/libvirtd.conf", "a", encoding="ascii") as config:
            # No polkit answers here: rights are those of the sockets.
            config.write('\nauth_unix_ro = "none"\nauth_unix_rw = "none"\nunix_sock_ro_perms = "0777"\n'
                         'unix_sock_rw_perms = "0700"\nlog_level = 3\n')
        run("mount", "--bind", copy, "/etc/libvirt")

    def start_daemons(self):
        if SYSTEMD:
            run("systemctl", "start", "virtlogd.socket", "libvirtd.service")
        else:
            log = open("/var/log/libvirt/lab.log", "ab")
            self.virtlogd = subprocess.Popen(["virtlogd"], stdout=log, stderr=log)
            self.start_libvirtd()

    def start_libvirtd(self):
        log = open("/var/log/libvirt/lab.log", "ab")
        self.libvirtd = subprocess.Popen(["libvirtd"], stdout=log, stderr=log)
        self.wait_for_libvirtd()

    def wait_for_libvirtd(self):
        def answers():
            return all(run("virsh", "-q", "-c", f"{kind}:///system", "version", status=None, timeout=100).returncode == 0
                       for kind in ("lxc", "qemu"))
        until(answers, "libvirtd answers", 120)

    def kill_libvirtd(self):
        self.libvirtd.kill()
        self.libvirtd.wait()

    def stop_libvirtd(self):
        os.kill(self.libvirtd.pid, signal.SIGSTOP)

    def continue_libvirtd(self):
        if self.libvirtd and self.libvirtd.poll() is None:
            os.kill(self.libvirtd.pid, signal.SIGCONT)

    def remove_groups(self):
        """What a killed libvirt leaves behind of ours."""
        for _ in range(20):
            left = [path for path, _, _ in sorted(os.walk("/sys/fs/cgroup"), reverse=True) if TAG in path]
            for path in left:
                with contextlib.suppress(OSError):
                    os.rmdir(path)
            if not left:
                return
            time.sleep(0.1)

    # --- talking ---

    def virsh(self, kind, *words, status=0, timeout=120):
        """virsh's answer, without its trailing blank lines."""
        done = run("virsh", "-q", "-c", f"{kind}:///system", *words, status=status, timeout=timeout)
        return (done.stdout + done.stderr).rstrip("\n")

    def tool(self, *words, status=0, timeout=120):
        """virt-memtune itself; the whole result."""
        patient = ["--timeout", 240] if GUEST and "--timeout" not in words else []
        return run(self.program, *patient, *words, status=status, timeout=timeout)

    def call(self, command):
        return subprocess.call(command)

    # --- domains ---

    def define(self, kind, xml):
        path = self.directory / "domain.xml"
        path.write_text(xml, encoding="utf-8")
        self.virsh(kind, "define", path)

    def define_all(self):
        """The five domains of the lab, as they are at its beginning; all others go."""
        for kind in ("lxc", "qemu"):
            for identity in self.virsh(kind, "list", "--all", "--uuid").split():
                self.virsh(kind, "destroy", identity, status=None)
                self.virsh(kind, "undefine", identity, status=None)
        root = domains.container_root(self.directory)
        for name in ("eater", "idle", "off"):
            self.define("lxc", domains.container(f"{name}-{TAG}", root))
        image = tiny.build(self.directory)
        self.define("qemu", domains.machine(f"guest-{TAG}", image))
        self.define("qemu", domains.machine(f"bare-{TAG}", None))
        for name in ("eater", "idle"):
            self.virsh("lxc", "start", f"{name}-{TAG}")
        for name in ("guest", "bare"):
            self.virsh("qemu", "start", f"{name}-{TAG}")

    def wait_for_guest(self, name):
        """Until its system runs. An emulated boot freezes now and then: it is tried once more."""
        console = pathlib.Path(f"/var/log/libvirt/qemu/{name}-console.log")
        try:
            until(lambda: "the guest is up" in console.read_text(errors="replace"), "the guest runs", 100)
        except Failed:
            self.virsh("qemu", "destroy", name)
            self.virsh("qemu", "start", name)
            until(lambda: "the guest is up" in console.read_text(errors="replace"), "the guest runs", 200)

    def memtune(self, kind, name, scope):
        """virsh memtune as numbers: KiB, or None for unlimited."""
        values = {}
        for line in self.virsh(kind, "memtune", name, f"--{scope}").splitlines():
            key, value = (word.strip() for word in line.split(":"))
            values[key] = None if value == "unlimited" else int(value)
        return values

    def group(self, kind, name):
        """The directory of the control group with a domain's limits."""
        if kind == "lxc":
            pid = self.virsh(kind, "domid", name).strip()
        else:
            pid = pathlib.Path(f"/run/libvirt/qemu/{name}.pid").read_text(encoding="ascii").strip()
        for line in pathlib.Path(f"/proc/{pid}/cgroup").read_text(encoding="ascii").splitlines():
            number, controllers, path = line.split(":", 2)
            if GROUPS_V2 and number == "0":
                directory = pathlib.Path("/sys/fs/cgroup" + path)
                while not (directory / "memory.max").exists() or directory.name == "emulator":
                    directory = directory.parent
                return directory
            if "memory" in controllers.split(","):
                return pathlib.Path("/sys/fs/cgroup/memory" + path)
        raise Failed(f"{name} is in no memory control group")
