"""Descriptions of the lab's domains."""
import os
import pathlib
import shutil
import xml.sax.saxutils

# Holds as many MiB as /tmp/eat says, of page cache (a file on tmpfs is charged to it): 0 lets go. Where
# there is a /tmp/grow, the first process itself grows until it is killed.
EATER = ("held=0; while :; do "
         "if [ -e /tmp/eat ]; then want=$(busybox cat /tmp/eat); "
         "if [ \"$want\" != \"$held\" ]; then busybox rm -f /shm/f; "
         "[ \"$want\" = 0 ] || busybox dd if=/dev/zero of=/shm/f bs=1M count=$want 2>/dev/null; held=$want; "
         "busybox echo $held >/tmp/held; fi; [ -e /tmp/held ] || busybox echo $held >/tmp/held; fi; "
         "if [ -e /tmp/grow ]; then x=0123456789abcdef; while :; do x=$x$x; done; fi; busybox sleep 0.1; done")


def escape(text):
    return xml.sax.saxutils.escape(text, {"\t": "&#9;", "'": "&apos;"})


def container_root(directory):
    """A root file system of busybox alone."""
    root = pathlib.Path(directory) / "root"
    for name in ("bin", "proc", "sys", "dev", "tmp", "shm"):
        os.makedirs(root / name, exist_ok=True)
    if not (root / "bin/busybox").exists():
        shutil.copy("/bin/busybox", root / "bin/busybox")
    return root


def container(name, root, extra="", uuid=None, mib=256):
    """An LXC domain whose first process obeys /tmp/eat in its root (MiB to hold)."""
    return f"""<domain type='lxc'>
  <name>{escape(name)}</name>{f"<uuid>{uuid}</uuid>" if uuid else ""}
  <memory unit='MiB'>{mib}</memory>
  <vcpu>1</vcpu>{extra}
  <os><type>exe</type><init>/bin/busybox</init><initarg>sh</initarg><initarg>-c</initarg>
    <initarg>{escape(EATER)}</initarg></os>
  <devices>
    <filesystem type='mount'><source dir='{root}'/><target dir='/'/></filesystem>
    <filesystem type='ram'><source usage='1048576'/><target dir='/shm'/></filesystem>
    <console type='pty'/>
  </devices>
</domain>"""


def machine(name, image, extra="", mib=192):
    """A QEMU domain with a virtio balloon; `image` (kernel, initramfs) or None: it finds no system."""
    boot = f"<kernel>{image[0]}</kernel><initrd>{image[1]}</initrd><cmdline>quiet console=ttyS0</cmdline>" if image else ""
    return f"""<domain type='qemu'>
  <name>{escape(name)}</name>
  <memory unit='MiB'>{mib}</memory>
  <vcpu>1</vcpu>{extra}
  <os><type arch='x86_64' machine='pc'>hvm</type>{boot}</os>
  <cpu mode='maximum'/>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    <controller type='usb' model='none'/>
    <memballoon model='virtio'/>
    <serial type='file'><source path='/var/log/libvirt/qemu/{escape(name)}-console.log'/></serial>
  </devices>
</domain>"""
