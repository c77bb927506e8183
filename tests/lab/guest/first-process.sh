#!/bin/bash
# Process 1 of a guest without systemd: the suite, then off.
bash /guest-share/suite.sh
sync
exec busybox poweroff -f
