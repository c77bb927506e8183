#!/usr/bin/python3
"""Makes the guest's kernel and initramfs out of Debian's kernel package, once, and caches them.

usage: kernel.py DIRECTORY     prints nothing; afterwards DIRECTORY holds vmlinux, initramfs, modules/
Nothing is installed: the package is downloaded by apt-get and unpacked.
"""
import fcntl
import gzip
import hashlib
import lzma
import pathlib
import re
import shutil
import subprocess
import sys
import zlib

HERE = pathlib.Path(__file__).resolve().parent
MODULES = ["virtio_pci", "virtio_console", "9pnet_virtio", "9p", "overlay", "virtio_blk", "zram", "fuse"]


def run(*command, **options):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, **options).stdout


def download(directory):
    depends = run("apt-cache", "depends", "linux-image-amd64", text=True)
    package = re.search(r"Depends: (linux-image-\S+)", depends).group(1)
    run("apt-get", "-o", "DPkg::Lock::Timeout=600", "-o", "APT::Sandbox::User=root", "-q", "download", package,
        cwd=directory)
    for archive in directory.glob("linux-image-*.deb"):
        run("dpkg", "-x", archive.name, "package", cwd=directory)
        archive.unlink()


def uncompressed(image):
    """The ELF inside a bzImage: booting it saves the guest its slow decompression."""
    for magic, unpack in ((b"\xfd7zXZ\0", lambda data: lzma.LZMADecompressor().decompress(data)),
                          (b"\x1f\x8b\x08", lambda data: zlib.decompressobj(31).decompress(data))):
        at = image.find(magic)
        while at >= 0:
            try:
                kernel = unpack(image[at:])
                if kernel[:4] == b"\x7fELF":
                    return kernel
            except (lzma.LZMAError, zlib.error):
                pass
            at = image.find(magic, at + 1)
    sys.exit("no kernel found inside the bzImage")


def with_dependencies(wanted, table):
    order = []

    def add(module):
        if module not in order:
            for needed in table[module]:
                add(needed)
            order.append(module)

    for name in wanted:
        for module in table:
            if re.search(rf"/{name}\.ko(\.\w+)?$", module):
                add(module)
    return order


def initramfs(directory, modules):
    tree = directory / "initramfs.d"
    shutil.rmtree(tree, ignore_errors=True)
    for name in ("bin", "modules", "proc", "sys", "dev"):
        (tree / name).mkdir(parents=True)
    shutil.copy("/bin/busybox", tree / "bin/busybox")
    shutil.copy(HERE / "init.sh", tree / "init")
    (tree / "init").chmod(0o755)
    table = {}
    for line in (modules / "modules.dep").read_text().splitlines():
        module, needed = line.split(":")
        table[module] = needed.split()
    order = with_dependencies(MODULES, table)
    for module in order:
        shutil.copy(modules / module, tree / "modules")
    (tree / "modules/order").write_text("".join(pathlib.Path(m).name + "\n" for m in order))
    names = "\n".join(str(p.relative_to(tree)) for p in sorted(tree.rglob("*")))
    archive = run("cpio", "-o", "-H", "newc", "--quiet", cwd=tree, input=names.encode())
    (directory / "initramfs").write_bytes(gzip.compress(archive, 1))
    shutil.rmtree(tree)


def main():
    directory = pathlib.Path(sys.argv[1])
    directory.mkdir(parents=True, exist_ok=True)
    with open(directory / "lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (directory / "vmlinux").exists():
            if not (directory / "package/boot").is_dir():
                download(directory)
            version = next((directory / "package/lib/modules").iterdir()).name
            run("busybox", "depmod", "-b", str(directory / "package"), version)
            link = directory / "modules"
            if not link.is_symlink():
                link.symlink_to("package/lib/modules")
            image = next((directory / "package/boot").glob("vmlinuz-*")).read_bytes()
            (directory / "vmlinux.new").write_bytes(uncompressed(image))
            (directory / "vmlinux.new").rename(directory / "vmlinux")
        # The init script is part of the initramfs: made anew when it changes.
        stamp = hashlib.sha256((HERE / "init.sh").read_bytes() + pathlib.Path(__file__).read_bytes()).hexdigest()
        made = directory / "initramfs.stamp"
        if not made.exists() or made.read_text() != stamp:
            initramfs(directory, next((directory / "package/lib/modules").iterdir()))
            made.write_text(stamp)


main()
