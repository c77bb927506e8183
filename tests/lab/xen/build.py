#!/usr/bin/python3
"""The pieces of the emulated Xen machine, out of Debian packages that are fetched and unpacked.

prepare(DIRECTORY) leaves xen (the hypervisor), vmlinux (Domain-0's kernel) and initramfs (its root)
in DIRECTORY and returns a stamp of what they were made from.
"""
import gzip
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import kernel  # noqa: E402

PACKAGES = ["xen-hypervisor-4.17-amd64", "xen-utils-4.17", "xen-utils-common", "xenstore-utils"]
MODULES = ["virtio_pci", "9pnet_virtio", "9p", "overlay", "xen-evtchn", "xen-privcmd", "xenfs", "xen-gntdev",
           "xen-gntalloc"]
XEN_BIN = "/usr/lib/xen-4.17/bin"
DRIVER = "/usr/lib/x86_64-linux-gnu/libvirt/connection-driver/libvirt_driver_libxl.so"
DIRECTORIES = ["bin", "proc", "sys", "dev", "run", "tmp", "etc", "modules", "root", "var/log", "var/lib", "host",
               "usr/bin", "usr/sbin", "usr/lib", "guest"]


def put(root, source, target=None):
    """Copies a program or library with the libraries that it loads, to the same paths."""
    source = pathlib.Path(source)
    place = root / str(target or source).lstrip("/")
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, place)
    listing = subprocess.run(["ldd", source], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
    for library in re.findall(r"(/[^ ]+) \(0x", listing.stdout):
        copy = root / library.lstrip("/")
        if not copy.exists():
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(library, copy)


def busybox(root, applets):
    (root / "bin").mkdir(parents=True, exist_ok=True)
    shutil.copy("/bin/busybox", root / "bin/busybox")
    if applets:
        for name in kernel.run("busybox", "--list", text=True).split():
            link = root / "bin" / name
            if not link.exists():
                link.symlink_to("busybox")


def guest(directory):
    with tempfile.TemporaryDirectory(dir=directory) as scratch:
        root = pathlib.Path(scratch)
        busybox(root, applets=False)
        (root / "dev").mkdir()
        shutil.copy(HERE / "domu-init.sh", root / "init")
        (root / "init").chmod(0o755)
        os.mknod(root / "dev/console", 0o20600, os.makedev(5, 1))
        return kernel.archive(root)


def domain_0(directory):
    package = directory / "package"
    with tempfile.TemporaryDirectory(dir=directory) as scratch:
        root = pathlib.Path(scratch)
        for name in DIRECTORIES:
            (root / name).mkdir(parents=True)
        (root / "sbin").symlink_to("bin")
        (root / "var/run").symlink_to("/run")
        busybox(root, applets=True)
        (root / "bin/bash").unlink(missing_ok=True)
        for program in ("/bin/bash", "/usr/sbin/libvirtd", "/usr/bin/virsh"):
            put(root, program)
        put(root, DRIVER, "/run/drivers/libvirt_driver_libxl.so")
        for name in ("xl", "xenstored", "xenconsoled", "xen-init-dom0"):
            put(root, f"{package}{XEN_BIN}/{name}", f"{XEN_BIN}/{name}")
        (root / "usr/sbin/xl").symlink_to(f"{XEN_BIN}/xl")
        for name in ("ls", "read", "write"):
            put(root, f"{package}/usr/bin/xenstore-{name}", f"/usr/bin/xenstore-{name}")
        shutil.copytree(package / "etc/xen", root / "etc/xen")
        shutil.copytree("/usr/share/libvirt/cpu_map", root / "usr/share/libvirt/cpu_map")
        for name in ("passwd", "group", "nsswitch.conf"):
            shutil.copy(f"/etc/{name}", root / "etc")
        kernel.copy_modules(directory, MODULES, root / "modules")
        for module in (root / "modules").glob("*.ko"):
            subprocess.run(["strip", "-g", module], check=True)
        for name in ("dom0-init.sh", "dom0-main.sh"):
            shutil.copy(HERE / name, root / ("init" if name == "dom0-init.sh" else name))
        (root / "init").chmod(0o755)
        (root / "guest/initramfs").write_bytes(guest(directory))
        shutil.copy(directory / "vmlinuz", root / "guest/vmlinuz")
        os.mknod(root / "dev/console", 0o20600, os.makedev(5, 1))
        return kernel.archive(root)


def stamp():
    """What the pieces are made from: our scripts, and the programs copied from this machine."""
    digest = hashlib.sha256()
    for source in sorted(HERE.glob("*.sh")) + [pathlib.Path(__file__), HERE / "machine.py"]:
        digest.update(source.read_bytes())
    for program in ("/usr/sbin/libvirtd", "/usr/bin/virsh", DRIVER, "/usr/bin/qemu-system-x86_64"):
        digest.update(f"{program} {os.stat(program).st_size} {int(os.stat(program).st_mtime)}".encode())
    return digest.hexdigest()


def prepare(directory):
    made = directory / "pieces.stamp"
    if made.exists() and made.read_text() == stamp():
        return stamp()
    kernel.prepare(directory)
    if not (directory / "package/usr/lib/xen-4.17").is_dir():
        kernel.fetch(directory, *PACKAGES)
    hypervisor = next((directory / "package/boot").glob("xen-4.17-*.gz"))
    (directory / "xen").write_bytes(gzip.decompress(hypervisor.read_bytes()))
    (directory / "initramfs").write_bytes(domain_0(directory))
    made.write_text(stamp())
    return stamp()
