/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What cgroup.c and cgroup-write.c share. */
#ifndef BACKENDS_SUPPORT_CGROUP_PRIVATE_H
#define BACKENDS_SUPPORT_CGROUP_PRIVATE_H

#include "backends/support/cgroup-files.h"

struct cgroups {
    char *mount_point;
    enum cgroup_version version;
    GHashTable *parents; /* path to struct wall, for this tick */
};

struct cgroup {
    struct cgroups *cgroups;
    char *path;
    int fds[CGROUP_FILES]; /* held open once read; negative: not opened, or absent */
};

#endif
