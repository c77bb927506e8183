#!/usr/bin/python3
"""A machine with Xen 4.17, a Debian Domain-0 with libvirtd, and three paravirtual guests, emulated.

usage: machine.py [--timeout SECONDS] [--share DIR] COMMAND...

COMMAND is a line for Domain-0's bash: `xl list`, or `enter PROGRAM ARG...` for a program of this
machine's own root. u1 (256 MiB at most, 192 now) and u2 (192, 128) run, u3 (160) is off. The machine
is booted once, saved, and resumed for every command (a second or two); what a command changes is
gone with it. /mnt is DIR, read-write. Its output and status are the command's; 124: timed out.
"""
import argparse
import os
import pathlib
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import build  # noqa: E402
import kernel  # noqa: E402  (build has put its folder on the path)

CACHE = pathlib.Path(os.environ.get("VIRT_MEMTUNE_LAB", "/var/tmp/virt-memtune-lab")) / "xen"
MEMORY = 1280
# SMAP and its kin break Domain-0 under emulation; an AMD vendor leaves libvirt without a CPU model.
CPU = "max,smap=off,smep=off,pku=off,la57=off,vendor=GenuineIntel"
XEN_ARGUMENTS = ("console=com1 com1=115200,8n1 loglvl=warning guest_loglvl=warning noreboot "
                 "dom0_mem=448M,max:448M spec-ctrl=no,eager-fpu xpti=0 dom0_max_vcpus=1")
KERNEL_ARGUMENTS = "console=hvc0 mitigations=off random.trust_cpu=on quiet"
BOOT_SECONDS = 420
START_SECONDS = 120


class Monitor:
    """The emulator's human monitor on a socket."""

    def __init__(self, path, process):
        deadline = time.monotonic() + 60
        self.socket = socket.socket(socket.AF_UNIX)
        while True:
            try:
                self.socket.connect(str(path))
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit("xen: the emulator does not start") from None
                time.sleep(0.02)
        self.socket.settimeout(120)
        self.read()

    def read(self):
        text = b""
        while not text.endswith(b"(qemu) "):
            more = self.socket.recv(65536)
            if not more:
                break
            text += more
        return text.decode(errors="replace")

    def command(self, line):
        self.socket.sendall(line.encode() + b"\n")
        return self.read()


def emulator(directory, memory_file, shared, monitor, share, *more):
    escaped = KERNEL_ARGUMENTS.replace(",", ",,")
    command = ["qemu-system-x86_64", "-nodefaults", "-no-user-config", "-nographic", "-no-reboot",
               "-machine", "pc,memory-backend=ram", "-accel", "tcg,thread=multi,tb-size=256", "-cpu", CPU, "-smp", "2",
               "-m", str(MEMORY), "-object",
               f"memory-backend-file,id=ram,size={MEMORY}M,mem-path={memory_file},share={'on' if shared else 'off'}",
               "-serial", "stdio", "-monitor", f"unix:{monitor},server,nowait",
               "-kernel", f"{directory}/xen", "-append", XEN_ARGUMENTS,
               "-initrd", f"{directory}/vmlinux {escaped},{directory}/initramfs",
               "-fsdev", "local,id=hostroot,path=/,security_model=none,readonly=on,multidevs=remap",
               "-device", "virtio-9p-pci,fsdev=hostroot,mount_tag=hostroot",
               "-fsdev", f"local,id=share,path={share},security_model=none",
               "-device", "virtio-9p-pci,fsdev=share,mount_tag=share", *more]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            start_new_session=True)


def wait_for(process, word, seconds, text=b""):
    """Reads the console on after `text` until a line is `word`; all of it, or None at the deadline."""
    os.set_blocking(process.stdout.fileno(), False)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if word in [line.strip() for line in text.replace(b"\r", b"\n").split(b"\n")]:
            return text
        more = process.stdout.read()
        if more:
            text += more
        elif process.poll() is not None:
            break
        else:
            time.sleep(0.02)
    sys.stderr.write(text.decode(errors="replace")[-2000:] + "\n")
    return None


def end(process):
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def save(directory):
    """Boots to READY and saves the machine: its memory in a file, the rest beside it."""
    with tempfile.TemporaryDirectory(dir=directory) as scratch:
        process = emulator(directory, directory / "memory.new", True, f"{scratch}/monitor", scratch)
        try:
            if wait_for(process, b"READY", BOOT_SECONDS) is None:
                return False
            monitor = Monitor(f"{scratch}/monitor", process)
            monitor.command("stop")
            monitor.command("migrate_set_capability x-ignore-shared on")
            monitor.command("migrate_set_parameter max-bandwidth 10G")
            monitor.command(f'migrate -d "exec:cat > {directory}/state.new"')
            while "completed" not in (answer := monitor.command("info migrate")):
                if "failed" in answer:
                    return False
                time.sleep(0.1)
        finally:
            end(process)
    (directory / "memory.new").rename(directory / "memory")
    (directory / "state.new").rename(directory / "state")
    return True


def prepare(directory):
    with kernel.locked(directory):
        stamp = build.prepare(directory)
        made = directory / "saved.stamp"
        if made.exists() and made.read_text() == stamp and (directory / "state").exists():
            return
        # A cold boot has been seen to freeze, rarely: once more.
        if not (save(directory) or save(directory)):
            raise SystemExit("xen: the machine does not come up")
        made.write_text(stamp)


def kept():
    """What is to be seen in /tmp: this tree and where it was built, if they are there."""
    wanted = {str(HERE.parents[2]), os.environ.get("MESON_BUILD_ROOT", "")}
    return " ".join(shlex.quote(place) for place in sorted(wanted) if place.startswith("/tmp/"))


def resume(directory, share, seconds):
    """True: the command ended; False: it did not in time; None: the machine froze before it."""
    with tempfile.TemporaryDirectory(dir=directory) as scratch:
        process = emulator(directory, directory / "memory", False, f"{scratch}/monitor", share,
                           "-incoming", "defer", "-S")
        try:
            monitor = Monitor(f"{scratch}/monitor", process)
            monitor.command("migrate_set_capability x-ignore-shared on")
            monitor.command(f'migrate_incoming "exec:cat {directory}/state"')
            deadline = time.monotonic() + 60
            while "inmigrate" in monitor.command("info status") and time.monotonic() < deadline:
                time.sleep(0.02)
            monitor.command("cont")
            # Xen's serial input drops characters of a long line: one short word, the rest is on the share.
            process.stdin.write(b"go\n")
            process.stdin.flush()
            text = wait_for(process, b"STARTED", START_SECONDS)
            if text is None:
                return None
            return wait_for(process, b"FINISHED", seconds, text) is not None
        finally:
            end(process)


def run(directory, share, command, seconds):
    for name in ("status", "output"):
        (share / name).unlink(missing_ok=True)
    (share / "cmd").write_text(f"keep=({kept()})\n{command}\n")
    finished = resume(directory, share, seconds)
    if finished is None:
        sys.stderr.write("xen: the machine froze before it began: once more\n")
        finished = resume(directory, share, seconds)
    if (share / "output").exists():
        sys.stdout.write((share / "output").read_text(errors="replace"))
    return int((share / "status").read_text()) if finished else 124


def main():
    parser = argparse.ArgumentParser(description="run a command in Domain-0 of an emulated Xen machine")
    parser.add_argument("--timeout", type=int, default=300)
    parser.add_argument("--share")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    prepare(CACHE)
    share = pathlib.Path(options.share or tempfile.mkdtemp(prefix="xen-", dir="/var/tmp")).resolve()
    try:
        return run(CACHE, share, " ".join(options.command), options.timeout)
    finally:
        if not options.share:
            shutil.rmtree(share, ignore_errors=True)


sys.exit(main())
