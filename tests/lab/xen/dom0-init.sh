#!/bin/busybox sh
# /init of Domain-0, whose root is this initramfs: nothing is mounted that would keep the machine
# from being saved.
export PATH=/usr/sbin:/usr/bin:/bin:/sbin HOME=/root LC_ALL=C
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm
while read -r module; do
    insmod "/modules/$module" || echo "dom0: cannot load $module"
done </modules/order
mount -t xenfs xenfs /proc/xen
exec /bin/bash /dom0-main.sh </dev/console >/dev/console 2>&1
