/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel says of processes that it killed for want of memory. A group's counters go away
 * with it; the log stays. Format of a record: Documentation/ABI/testing/dev-kmsg; of the line:
 * mm/oom_kill.c, dump_oom_victim(), "oom-kill:constraint=…,task_memcg=PATH,task=NAME,pid=…".
 */
#ifndef BACKENDS_SUPPORT_KERNEL_LOG_H
#define BACKENDS_SUPPORT_KERNEL_LOG_H

#include <stdbool.h>
#include <stdint.h>

/* The short name of the process killed in `group` (a path below the mount point, or of one below
 * it) by this record of /dev/kmsg, newly allocated; NULL: it says nothing of the kind. `*time_us`
 * is when, on CLOCK_MONOTONIC. */
char *kernel_log_victim(const char *record, const char *group, uint64_t *time_us);

/* The last one within these seconds, newly allocated; NULL: none, or this user may not read the
 * log. Reads it all: some milliseconds. */
char *kernel_log_last_victim(const char *group, unsigned seconds);

#endif
