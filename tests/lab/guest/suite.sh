#!/bin/bash
# Runs the command of this boot inside the guest: its output to the virtio console, its status to
# the share.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb LANG=C.UTF-8
date -s "@$(cat /guest-share/now)" >/dev/null
stty -F /dev/hvc0 raw -echo 2>/dev/null
: >/guest-share/started
. /guest-share/environment
eval "$(cat /guest-share/command)" </dev/null >/dev/hvc0 2>&1
echo $? >/guest-share/status
