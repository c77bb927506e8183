#!/bin/bash
# Domain-0: Xen's daemons, libvirtd with the libxl driver alone, three guests; then it says READY,
# is saved there, and in every resumed run executes the file "cmd" of the share.
export PATH=/usr/sbin:/usr/bin:/bin:/sbin HOME=/root LC_ALL=C TERM=linux
export XENSTORED_ROOTDIR=/run/xenstored
xen=/usr/lib/xen-4.17/bin
echo xendom0 >/proc/sys/kernel/hostname
echo 3 >/proc/sys/kernel/printk
ip link set lo up
mkdir -p /run/xen /run/xenstored /var/log/xen /var/lib/xen /run/lock /var/log/libvirt /etc/libvirt
$xen/xenstored --pid-file /run/xenstore.pid
$xen/xen-init-dom0
$xen/xenconsoled --pid-file /run/xenconsoled.pid --log=all --log-dir=/var/log/xen
cat >/etc/libvirt/libvirtd.conf <<X
unix_sock_group = "root"
auth_unix_ro = "none"
auth_unix_rw = "none"
log_level = 3
log_outputs = "3:file:/var/log/libvirtd.log"
X
# The qemu driver would probe emulators for tens of seconds.
LIBVIRT_DRIVER_DIR=/run/drivers libvirtd -d -f /etc/libvirt/libvirtd.conf
for ((i = 0; i < 600; i++)); do
    virsh -c xen:///system list --all >/dev/null 2>&1 && break
    sleep 0.2
done

define() { # NAME MAXIMUM CURRENT
    cat >"/tmp/$1.xml" <<X
<domain type='xen'><name>$1</name>
  <memory unit='MiB'>$2</memory><currentMemory unit='MiB'>$3</currentMemory><vcpu>1</vcpu>
  <os><type arch='x86_64' machine='xenpv'>linux</type><kernel>/guest/vmlinuz</kernel>
    <initrd>/guest/initramfs</initrd><cmdline>console=hvc0 mitigations=off quiet</cmdline></os>
  <on_poweroff>destroy</on_poweroff><on_reboot>destroy</on_reboot><on_crash>destroy</on_crash>
  <devices><console type='pty'/></devices></domain>
X
    virsh -c xen:///system define "/tmp/$1.xml"
}

# Runs a command in the root of the machine that emulates this one (9p, read-only), with this
# Domain-0's /run, /proc and /dev; the share is at /mnt, /tmp is fresh but for the directories $keep.
enter() {
    if ! grep -q ' /host ' /proc/mounts; then
        mount -t 9p -o ro,cache=loose,trans=virtio,version=9p2000.L,msize=262144 hostroot /host || return
        for directory in proc sys dev run; do mount --rbind /$directory /host/$directory; done
        mkdir -p /run/outer
        mount --bind /host /run/outer # without what is mounted on it
        mount -t tmpfs tmpfs /host/tmp
        for directory in "${keep[@]}"; do
            mkdir -p "/host$directory"
            mount --bind "/run/outer$directory" "/host$directory"
        done
        mount --bind /mnt /host/mnt
    fi
    chroot /host "$@"
}

define u1 256 192
define u2 192 128
define u3 160 160
for name in u1 u2; do
    virsh -c xen:///system start $name
    for ((i = 0; i < 600; i++)); do
        grep -q GUEST /var/log/xen/guest-$name.log 2>/dev/null && break
        sleep 0.3
    done
done
virsh -c xen:///system list --all
echo READY
while read -r _; do
    echo STARTED
    mkdir -p /mnt
    mount -t 9p -o rw,trans=virtio,version=9p2000.L,msize=262144 share /mnt
    (. /mnt/cmd) >/mnt/output 2>&1 </dev/null
    echo $? >/mnt/status
    sync
    echo FINISHED
done
