"""A Linux guest as small as it gets, whose balloon driver gives memory back: Debian's kernel, busybox."""
import gzip
import os
import pathlib
import shutil
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import kernel  # noqa: E402

CACHE = pathlib.Path(os.environ.get("VIRT_MEMTUNE_LAB", "/var/tmp/virt-memtune-lab")) / "guest"
MODULES = ["virtio_pci", "virtio_balloon"]
INIT = """#!/bin/busybox sh
/bin/busybox mount -t proc proc /proc
while read -r module; do /bin/busybox insmod /modules/$module; done </modules/order
echo the guest is up >/dev/console
while :; do /bin/busybox sleep 3600; done
"""


def build(directory):
    """(kernel, initramfs): the kernel uncompressed, which saves seconds of emulation."""
    initramfs = pathlib.Path(directory) / "initramfs"
    with kernel.locked(CACHE):
        kernel.prepare(CACHE)
        with tempfile.TemporaryDirectory(dir=directory) as scratch:
            tree = pathlib.Path(scratch)
            for name in ("bin", "modules", "proc", "dev"):
                (tree / name).mkdir()
            shutil.copy("/bin/busybox", tree / "bin/busybox")
            (tree / "init").write_text(INIT, encoding="ascii")
            (tree / "init").chmod(0o755)
            os.mknod(tree / "dev/console", 0o600 | 0o020000, os.makedev(5, 1))
            kernel.copy_modules(CACHE, MODULES, tree / "modules")
            initramfs.write_bytes(gzip.compress(kernel.archive(tree), 1))
    return CACHE / "vmlinux", initramfs
