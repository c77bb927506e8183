/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One row of a hypervisor's table of what can be seen. A domain's figures are an array of struct
 * value in the order of its backend's table. Rows with a role mean the same thing everywhere;
 * others are the hypervisor's own and appear on the detail screen and in JSON.
 */
#ifndef MODEL_FIGURE_H
#define MODEL_FIGURE_H

#include "model/value.h"

enum figure_role {
    FIGURE_NONE,
    FIGURE_HELD,        /* bytes: the footprint that limits act on */
    FIGURE_DROPPABLE,   /* bytes of HELD that the host can drop by itself (file pages) */
    FIGURE_GUEST,       /* bytes: what the guest says it uses */
    FIGURE_PEAK,        /* bytes: most ever held */
    FIGURE_SWAP,        /* bytes in host swap */
    FIGURE_MEMSW,       /* bytes: memory and swap together */
    FIGURE_SIZE,        /* bytes: what the guest has been given (balloon current) */
    FIGURE_MAXIMUM,     /* bytes: what the guest could ever have */
    FIGURE_TARGET,      /* bytes: what the balloon was asked for */
    FIGURE_BALLOONED,   /* bytes taken by the balloon */
    FIGURE_ANON,        /* bytes, split of HELD */
    FIGURE_CACHE,       /* bytes, split of HELD */
    FIGURE_MAPPED,      /* bytes, split of HELD */
    FIGURE_FAILCNT,     /* count: limit reached */
    FIGURE_THROTTLED,   /* count: memory.events high */
    FIGURE_OOM_KILLS,   /* count since start */
    FIGURE_UNDER_OOM,   /* flag */
    FIGURE_PSI_SOME,    /* centi-percent, average of 10 s */
    FIGURE_PSI_FULL,    /* centi-percent, average of 10 s */
    FIGURE_PSI_TOTAL,   /* microseconds, full total */
    FIGURE_MALLOC_FAILS,/* count: allocations refused (privvmpages failcnt) */
    FIGURE_HUGEPAGES,   /* bytes outside of HELD */
    FIGURE_LOCKED,      /* flag: locked or VFIO memory */
    FIGURE_STATS_AGE,   /* age: seconds since the guest last reported */
    FIGURE_OOM_TIME,    /* time: when OOM_KILLS last grew, where the host has a record of it */
    FIGURE_OVERHEAD,    /* bytes of HELD that are the hypervisor's own, beside the guest's memory */
    FIGURE_ROLE_COUNT_,
};

struct figure {
    const char *name;   /* JSON and columns: [a-z][a-z0-9_.]*; with a role: the role's own name */
    const char *label;
    const char *help;   /* one or two sentences */
    const char *source; /* where it is read */
    const char *group;  /* as struct tunable's, to stand beside it: "privvmpages" */
    enum figure_role role;
    enum unit unit;
    bool counter;       /* only ever grows while the domain runs: screens show rates */
};

size_t figure_count(const struct figure *table);
/* Index in the table, or -1. */
int figure_index(const struct figure *table, const char *name);
int figure_by_role(const struct figure *table, enum figure_role role);
/* "held", "droppable", … : the JSON name of a role. */
const char *figure_role_name(enum figure_role role);

#endif
