#!/bin/busybox sh
# /init of the guest: mounts this machine's root (9p, read-only) under a tmpfs overlay, makes the
# control groups and swap that were asked for on the kernel command line, and hands over.
export PATH=/bin
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev

argument() { sed -n "s/.*\<guest\.$1=\([^ ]*\).*/\1/p" /proc/cmdline; }
fail() {
    echo "guest: $*" >/dev/console
    sleep 1
    poweroff -f
}

while read -r module; do
    case $module in zram.ko) options=num_devices=1 ;; *) options= ;; esac
    insmod "/modules/$module" $options || echo "guest: cannot load $module" >/dev/console
done </modules/order

init=$(argument init)
swap=$(argument swap)
groups=$(argument cgroup)
modules=$(argument modules)

root=/new/root
mkdir -p /new/host /new/layer $root
mount -t 9p -o trans=virtio,version=9p2000.L,ro,msize=524288,cache=loose hostroot /new/host || fail "no 9p root"
mount -t tmpfs -o mode=755,size=75% tmpfs /new/layer
mkdir /new/layer/upper /new/layer/work
mount -t overlay -o lowerdir=/new/host,upperdir=/new/layer/upper,workdir=/new/layer/work overlay $root || fail "no overlay"
mkdir -p $root/guest-share $root/lib/modules
mount -t 9p -o trans=virtio,version=9p2000.L,msize=524288,cache=none share $root/guest-share || fail "no share"
mount -o bind "$root$modules" $root/lib/modules

case $swap in
zram:*)
    echo "${swap#zram:}" >/sys/block/zram0/disksize
    mkswap /dev/zram0 >/dev/null
    swapon /dev/zram0
    ;;
disk)
    mkswap /dev/vda >/dev/null
    swapon /dev/vda
    ;;
esac

for directory in proc sys dev; do mount -o move /$directory $root/$directory; done
# The applets of this file system stay reachable until switch_root by the name of busybox alone.
busybox=$root/bin/busybox
mount_in() { $busybox mount "$@"; }
mount_in -t tmpfs -o mode=755 tmpfs $root/run
$busybox mkdir -p $root/dev/pts $root/dev/shm $root/run/lock
mount_in -t devpts -o mode=620,ptmxmode=666 devpts $root/dev/pts
mount_in -t tmpfs tmpfs $root/dev/shm
$busybox ln -s /proc/self/fd $root/dev/fd
: >$root/etc/fstab
echo guest >$root/etc/hostname
$busybox hostname guest
$busybox ip link set lo up

if [ "$init" = systemd ]; then
    units=$root/etc/systemd/system
    $busybox rm -rf $units/*.wants $units/*.requires
    # tmpfiles would walk this machine's /tmp over 9p for minutes; the others wait for devices.
    for unit in systemd-timesyncd systemd-networkd systemd-binfmt systemd-pstore systemd-firstboot \
        systemd-journal-flush systemd-update-utmp systemd-random-seed systemd-tmpfiles-setup \
        systemd-tmpfiles-setup-dev systemd-tmpfiles-clean systemd-sysusers systemd-machine-id-commit \
        e2scrub_reap libvirt-guests apparmor ldconfig getty@tty1 console-getty; do
        $busybox ln -sf /dev/null "$units/$unit.service"
    done
    for unit in dev-hugepages sys-kernel-debug sys-kernel-tracing; do
        $busybox ln -sf /dev/null "$units/$unit.mount"
    done
    $busybox cp $root/guest-share/suite.service $root/guest-share/suite.target "$units/"
    $busybox umount $root/run
    mount_in -t tmpfs -o mode=755 tmpfs $root/run
    exec $busybox switch_root $root /lib/systemd/systemd --unit=suite.target
fi

if [ "$groups" = 1 ]; then
    mount_in -t tmpfs -o mode=755 tmpfs $root/sys/fs/cgroup
    for controller in cpu cpuacct cpuset memory devices freezer blkio pids; do
        $busybox mkdir $root/sys/fs/cgroup/$controller
        mount_in -t cgroup -o $controller cgroup $root/sys/fs/cgroup/$controller
    done
else
    mount_in -t cgroup2 -o nsdelegate,memory_recursiveprot cgroup2 $root/sys/fs/cgroup
fi
exec $busybox switch_root $root /guest-share/first-process.sh
