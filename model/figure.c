/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/figure.h"

#include <string.h>

/* clang-format off */
static const char *const role_names[FIGURE_ROLE_COUNT_] = {
    [FIGURE_HELD]         = "held",
    [FIGURE_DROPPABLE]    = "droppable",
    [FIGURE_GUEST]        = "guest",
    [FIGURE_PEAK]         = "peak",
    [FIGURE_SWAP]         = "swap",
    [FIGURE_MEMSW]        = "memsw",
    [FIGURE_SIZE]         = "size",
    [FIGURE_MAXIMUM]      = "maximum",
    [FIGURE_TARGET]       = "target",
    [FIGURE_BALLOONED]    = "ballooned",
    [FIGURE_ANON]         = "anon",
    [FIGURE_CACHE]        = "cache",
    [FIGURE_MAPPED]       = "mapped",
    [FIGURE_FAILCNT]      = "failcnt",
    [FIGURE_THROTTLED]    = "throttled",
    [FIGURE_OOM_KILLS]    = "oom_kills",
    [FIGURE_UNDER_OOM]    = "under_oom",
    [FIGURE_PSI_SOME]     = "psi_some",
    [FIGURE_PSI_FULL]     = "psi_full",
    [FIGURE_PSI_TOTAL]    = "psi_total",
    [FIGURE_MALLOC_FAILS] = "malloc_fails",
    [FIGURE_HUGEPAGES]    = "hugepages",
    [FIGURE_LOCKED]       = "locked",
    [FIGURE_STATS_AGE]    = "stats_age",
    [FIGURE_OOM_TIME]     = "oom_time",
    [FIGURE_OVERHEAD]     = "overhead",
};
/* clang-format on */

size_t figure_count(const struct figure *table)
{
    size_t n = 0;

    while (table && table[n].name)
        n++;
    return n;
}

int figure_index(const struct figure *table, const char *name)
{
    for (int i = 0; table && table[i].name; i++) {
        if (!strcmp(table[i].name, name))
            return i;
    }
    return -1;
}

int figure_by_role(const struct figure *table, enum figure_role role)
{
    if (role == FIGURE_NONE)
        return -1;
    for (int i = 0; table && table[i].name; i++) {
        if (table[i].role == role)
            return i;
    }
    return -1;
}

const char *figure_role_name(enum figure_role role)
{
    return role > FIGURE_NONE && role < FIGURE_ROLE_COUNT_ ? role_names[role] : NULL;
}
