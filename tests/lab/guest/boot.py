#!/usr/bin/python3
"""Boots an emulated guest with control groups v2 (or v1), runs a command in it as root and exits
with the command's status.

usage: boot.py [--init plain|systemd] [--swap none|disk:SIZE|zram:SIZE] [--zswap] [--cgroup 2|1]
               [--memory MIB] [--timeout SECONDS] [--output DIR] [--env NAME=VALUE]... COMMAND [ARG...]

The guest's root is this machine's own / (read-only) under a tmpfs: everything installed here is
there under its own path, but /run, /proc, /sys and /dev are the guest's. What the command writes to
/guest-share/out is in DIR/out afterwards. Status 124: timed out; 125: the command never finished.
A boot that freezes before the command starts is tried once more. Needs qemu-system-x86,
busybox-static and cpio; the kernel is Debian's, fetched once (../kernel.py).
"""
import argparse
import gzip
import hashlib
import os
import pathlib
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import kernel  # noqa: E402

MODULES = ["virtio_pci", "virtio_console", "9pnet_virtio", "9p", "overlay", "virtio_blk", "zram", "fuse"]
CACHE = pathlib.Path(os.environ.get("VIRT_MEMTUNE_LAB", "/var/tmp/virt-memtune-lab")) / "guest"
KERNEL_ARGUMENTS = ("console=ttyS0 quiet panic=-1 apparmor=0 systemd.show_status=0 mitigations=off nokaslr "
                    "audit=0 random.trust_cpu=on tsc=reliable net.ifnames=0 psi=1")
START_SECONDS = 120  # a loaded machine takes ten times longer than the usual 4 to 11


def arguments():
    parser = argparse.ArgumentParser(description="boot an emulated guest and run a command in it")
    parser.add_argument("--init", choices=["plain", "systemd"], default="plain")
    parser.add_argument("--swap", default="none")
    parser.add_argument("--zswap", action="store_true")
    parser.add_argument("--cgroup", choices=["2", "1"], default="2")
    parser.add_argument("--memory", type=int, default=2048)
    parser.add_argument("--timeout", type=int, default=600)
    parser.add_argument("--output")
    parser.add_argument("--env", action="append", default=[])
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    if not options.command:
        parser.error("what should run in the guest?")
    return options


def prepare():
    with kernel.locked(CACHE):
        kernel.prepare(CACHE)
        # The init script is part of the initramfs: made anew when it changes.
        stamp = hashlib.sha256((HERE / "init.sh").read_bytes() + pathlib.Path(__file__).read_bytes()).hexdigest()
        made = CACHE / "initramfs.stamp"
        if made.exists() and made.read_text() == stamp:
            return
        with tempfile.TemporaryDirectory(dir=CACHE) as scratch:
            tree = pathlib.Path(scratch)
            for name in ("bin", "modules", "proc", "sys", "dev"):
                (tree / name).mkdir()
            shutil.copy("/bin/busybox", tree / "bin/busybox")
            shutil.copy(HERE / "init.sh", tree / "init")
            (tree / "init").chmod(0o755)
            kernel.copy_modules(CACHE, MODULES, tree / "modules")
            (CACHE / "initramfs").write_bytes(gzip.compress(kernel.archive(tree), 1))
        made.write_text(stamp)


def share(directory, options):
    for name in ("first-process.sh", "suite.sh", "suite.service", "suite.target"):
        shutil.copy(HERE / name, directory)
    (directory / "first-process.sh").chmod(0o755)
    (directory / "out").mkdir(exist_ok=True)
    (directory / "now").write_text(str(int(time.time())))
    (directory / "command").write_text(shlex.join(options.command) + "\n")
    # Whether something may be skipped holds inside as well.
    environment = ["CI=" + os.environ.get("CI", ""), *options.env]
    (directory / "environment").write_text("".join(
        "export %s=%s\n" % (name, shlex.quote(value)) for name, value in (e.split("=", 1) for e in environment)))
    for name in ("started", "status"):
        (directory / name).unlink(missing_ok=True)


def qemu(directory, options):
    swap = options.swap
    drive = []
    if swap.startswith("disk:"):
        subprocess.run(["truncate", "-s", swap[5:], directory / "swap.img"], check=True)
        drive = ["-drive", f"file={directory}/swap.img,if=virtio,format=raw,cache=unsafe"]
        swap = "disk"
    append = [KERNEL_ARGUMENTS, f"guest.init={options.init} guest.swap={swap} guest.cgroup={options.cgroup}",
              f"guest.modules={CACHE}/modules"]
    if options.cgroup == "2":
        append.append("cgroup_no_v1=all")
    if options.zswap:
        append.append("zswap.enabled=1")
    return ["qemu-system-x86_64", "-accel", "tcg,thread=multi", "-cpu", "max", "-machine", "q35,usb=off",
            "-smp", "2", "-m", str(options.memory), "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
            "-kernel", f"{CACHE}/vmlinux", "-initrd", f"{CACHE}/initramfs", "-append", " ".join(append),
            "-fsdev", "local,id=hostroot,path=/,security_model=none,readonly=on,multidevs=remap",
            "-device", "virtio-9p-pci,fsdev=hostroot,mount_tag=hostroot",
            "-fsdev", f"local,id=share,path={directory},security_model=none,multidevs=remap",
            "-device", "virtio-9p-pci,fsdev=share,mount_tag=share",
            *drive, "-device", "virtio-rng-pci",
            "-chardev", f"file,id=serial,path={directory}/console.log", "-serial", "chardev:serial",
            "-device", "virtio-serial-pci", "-chardev", "stdio,id=out,signal=off",
            "-device", "virtconsole,chardev=out"]


def boot(directory, options):
    """The command's status, None where it never started, 124 or 125."""
    share(directory, options)
    begin = time.monotonic()
    with subprocess.Popen(qemu(directory, options), stdin=subprocess.DEVNULL, start_new_session=True) as guest:
        def end(*_):
            os.killpg(guest.pid, signal.SIGKILL)
        signal.signal(signal.SIGTERM, lambda *_: (end(), sys.exit(143)))
        try:
            while guest.poll() is None:
                spent = time.monotonic() - begin
                if spent > options.timeout or (spent > START_SECONDS and not (directory / "started").exists()):
                    end()
                    guest.wait()
                    return 124 if (directory / "started").exists() else None
                time.sleep(0.05)
        except BaseException:
            end()
            raise
    if (directory / "status").exists():
        return int((directory / "status").read_text())
    return 125 if (directory / "started").exists() else None


def main():
    options = arguments()
    prepare()
    if options.output:
        directory = pathlib.Path(options.output).resolve()
        directory.mkdir(parents=True, exist_ok=True)
    else:
        directory = pathlib.Path(tempfile.mkdtemp(prefix="guest-", dir=os.environ.get("TMPDIR", "/var/tmp")))
    status = boot(directory, options)
    if status is None:
        print("guest: did not start, trying once more", file=sys.stderr)
        status = boot(directory, options)
    if status in (None, 124, 125):
        console = (directory / "console.log").read_text(errors="replace").splitlines()[-15:]
        print(f"guest: no end of the command (status {status}); the last lines of its console:", *console,
              sep="\n", file=sys.stderr)
        status = 125 if status is None else status
    if not options.output:
        shutil.rmtree(directory, ignore_errors=True)
    sys.exit(status)


main()
