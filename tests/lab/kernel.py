#!/usr/bin/python3
"""Debian's kernel for the emulated machines of the lab: fetched once, unpacked, never installed.

prepare(DIRECTORY) leaves vmlinux (uncompressed), vmlinuz and modules/ (a link) in DIRECTORY.
"""
import contextlib
import fcntl
import lzma
import pathlib
import re
import subprocess
import zlib


def run(*command, **options):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, **options).stdout


def fetch(directory, *packages):
    """Downloads Debian packages and unpacks them under DIRECTORY/package."""
    run("apt-get", "-o", "DPkg::Lock::Timeout=600", "-o", "APT::Sandbox::User=root", "-q", "download", *packages,
        cwd=directory)
    for archive in directory.glob("*.deb"):
        run("dpkg", "-x", archive.name, "package", cwd=directory)
        archive.unlink()


@contextlib.contextmanager
def locked(directory):
    """Holds DIRECTORY, which is made, against another run."""
    directory.mkdir(parents=True, exist_ok=True)
    with open(directory / "lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


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
    raise ValueError("no kernel found inside the bzImage")


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


def archive(tree):
    """The directory as an uncompressed cpio archive, as an initramfs is."""
    names = "\n".join(str(p.relative_to(tree)) for p in sorted(tree.rglob("*")))
    return run("cpio", "-o", "-H", "newc", "--quiet", cwd=tree, input=names.encode())


def copy_modules(directory, wanted, target):
    """Copies the modules and all they need, and their order of loading, into TARGET."""
    modules = (directory / "modules").resolve() / version(directory)
    table = {}
    for line in (modules / "modules.dep").read_text().splitlines():
        module, needed = line.split(":")
        table[module] = needed.split()
    order = with_dependencies(wanted, table)
    for module in order:
        (target / pathlib.Path(module).name).write_bytes((modules / module).read_bytes())
    (target / "order").write_text("".join(pathlib.Path(m).name + "\n" for m in order))


def version(directory):
    return next((directory / "package/lib/modules").iterdir()).name


def prepare(directory):
    if (directory / "vmlinux").exists():
        return
    if not list(directory.glob("package/boot/vmlinuz-*")):
        depends = run("apt-cache", "depends", "linux-image-amd64", text=True)
        fetch(directory, re.search(r"Depends: (linux-image-\S+)", depends).group(1))
    run("busybox", "depmod", "-b", str(directory / "package"), version(directory))
    if not (directory / "modules").is_symlink():
        (directory / "modules").symlink_to("package/lib/modules")
    image = next((directory / "package/boot").glob("vmlinuz-*")).read_bytes()
    (directory / "vmlinuz").write_bytes(image)
    (directory / "vmlinux.new").write_bytes(uncompressed(image))
    (directory / "vmlinux.new").rename(directory / "vmlinux")
