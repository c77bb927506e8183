/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The memory control group of a process on this machine: where it is, what it says, writing to it.
 *
 * v1: Documentation/admin-guide/cgroup-v1/memory.rst; v2: Documentation/admin-guide/cgroup-v2.rst.
 * Every file is optional (kernels and configurations differ); an absent one is a value of kind
 * VALUE_UNSUPPORTED with its reason. Sizes are bytes, pressure averages hundredths of a percent,
 * pressure totals microseconds.
 *
 * Reading holds the files open: one pread() each, a few microseconds. A group that vanished answers
 * BACKEND_ERROR_GONE: close it and find it again from its process. Objects belong to one thread.
 */
#ifndef BACKENDS_SUPPORT_CGROUP_H
#define BACKENDS_SUPPORT_CGROUP_H

#include "model/backend.h"

#include <sys/types.h>

enum cgroup_version {
    CGROUP_V1,
    CGROUP_V2,
};

/* What a group says. */
enum cgroup_item {
    CGROUP_USAGE,
    CGROUP_LIMIT,       /* memory.limit_in_bytes, memory.max */
    CGROUP_SOFT,        /* memory.soft_limit_in_bytes, memory.high */
    CGROUP_MEMSW_LIMIT, /* v1 */
    CGROUP_SWAP_MAX,    /* v2 */
    CGROUP_OOM_KILLS,
    CGROUP_UNDER_OOM,   /* v1: 0 or 1 */
    CGROUP_FAILCNT,     /* v1 failcnt; v2 events max */
    CGROUP_EVENTS_HIGH, /* v2: times throttled */
    CGROUP_EVENTS_OOM,  /* v2 */
    CGROUP_ANON,        /* memory.stat, with all descendants */
    CGROUP_CACHE,
    CGROUP_SHMEM,
    CGROUP_MAPPED,
    CGROUP_DIRTY,
    CGROUP_WRITEBACK,
    CGROUP_INACTIVE_FILE,
    CGROUP_ACTIVE_FILE,
    CGROUP_SWAP,        /* in swap: v1 stat, v2 memory.swap.current */
    CGROUP_PSI_SOME,    /* v2: average of 10 s */
    CGROUP_PSI_FULL,
    CGROUP_PSI_TOTAL,   /* v2: full total */
    CGROUP_MEMSW_USAGE, /* v1 */
    CGROUP_MEMSW_FAILCNT,
    CGROUP_PEAK,
    CGROUP_MEMSW_PEAK,
    CGROUP_SWAPPINESS,  /* v1 */
    CGROUP_LOW,         /* v2 */
    CGROUP_MIN,
    CGROUP_SWAP_HIGH,
    CGROUP_ZSWAP_MAX,
    CGROUP_ITEMS_,
};

/* HOT is usage, limits, events, split and pressure; ALL adds what only people change or look at. */
enum cgroup_set {
    CGROUP_READ_HOT,
    CGROUP_READ_ALL,
};

struct cgroup_reading {
    struct value items[CGROUP_ITEMS_];
};

/* The mounts of this machine. One per connection and thread. */
struct cgroups;
/* UNSUPPORTED: no memory controller is mounted here. */
bool cgroups_open(struct cgroups **ret, GError **error);
void cgroups_close(struct cgroups *cgroups);
enum cgroup_version cgroups_version(const struct cgroups *cgroups);
/* Forgets what cgroup_parents() read: call once a refresh. */
void cgroups_new_tick(struct cgroups *cgroups);

struct cgroup;
/* The group with the limits that holds `pid`: threaded sub-groups (emulator, vcpuN) are climbed out
 * of. The root group is refused: a process in it has no group of its own. */
bool cgroup_open(struct cgroups *cgroups, pid_t pid, struct cgroup **ret, GError **error);
/* By its path below the mount point, "/machine/lxc-1-web.libvirt-lxc". */
bool cgroup_open_path(struct cgroups *cgroups, const char *path, struct cgroup **ret,
                      GError **error);
void cgroup_close(struct cgroup *group);
/* Below the mount point, as the kernel writes it (no unescaping): "/machine.slice/…/libvirt". */
const char *cgroup_path(const struct cgroup *group);

/* Items outside of `set` keep what they were. A file that cannot be read is its items' reason. */
bool cgroup_read(struct cgroup *group, enum cgroup_set set, struct cgroup_reading *reading,
                 GError **error);

/* Bytes of the usage that the kernel can drop by itself: inactive and active file pages less those
 * that are mapped, dirty or under writeback. Unknown where the split is. */
struct value cgroup_droppable(const struct cgroup_reading *reading);

/* Calls `f` for every limited ancestor, nearest first; `wall.owner` is interned. An ancestor is
 * read once a tick, however many ask. */
void cgroup_parents(struct cgroup *group, void (*f)(const struct wall *wall, void *data),
                    void *data);

/* Writes one value, NUMBER or UNLIMITED: exactly one write to one file; on error nothing changed.
 * BUSY: the kernel could not make room (v1 limits below use); FAILED with the rule for EINVAL;
 * PERMISSION; GONE; UNSUPPORTED where there is no such file. */
bool cgroup_write(struct cgroup *group, enum cgroup_item item, struct value value, GError **error);
/* PEAK, MEMSW_PEAK, FAILCNT, MEMSW_FAILCNT of v1: sets them back. */
bool cgroup_reset(struct cgroup *group, enum cgroup_item item, GError **error);

/* The whole path of an item's file, newly allocated; NULL where this version has none. */
char *cgroup_file_path(const struct cgroup *group, enum cgroup_item item);
/* The file of an item ("memory.max"), or NULL where this version has none. */
const char *cgroup_file(enum cgroup_version version, enum cgroup_item item);

#endif
