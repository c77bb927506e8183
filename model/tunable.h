/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One row of a hypervisor's table of what can be tuned. Every backend file begins with its table;
 * the form, the command line, the catalogue and the manual page are made from it. Rows are static
 * and constant; a tunable is named by its index in its backend's table or by its pointer.
 */
#ifndef MODEL_TUNABLE_H
#define MODEL_TUNABLE_H

#include "model/value.h"

struct carrier;

/* What the value means, whatever the hypervisor calls it. At most one row of a table has each role
 * but ROLE_NONE. */
enum role {
    ROLE_NONE,
    ROLE_HARD,         /* the wall: above it the domain, or a process in it, is killed */
    ROLE_SOFT,         /* below the wall: reclaim, throttling or a hint */
    ROLE_MEMSW,        /* memory and swap together (v1) */
    ROLE_SWAP,         /* swap alone (v2, VSwap) */
    ROLE_GUARANTEE,    /* reserved for it: ESX reservation, vmguarpages, memory.min, min_guarantee */
    ROLE_PROTECTION,   /* best effort protection: memory.low */
    ROLE_TARGET,       /* what the balloon is asked for */
    ROLE_MAXIMUM,      /* what the guest could ever have */
    ROLE_SHARES,
    ROLE_SWAPPINESS,
    ROLE_LIMIT_SLOW,   /* an upper bound that slows and never kills (ESX limit) */
    ROLE_STATS_PERIOD,
    ROLE_COUNT_,
};

enum scope {
    SCOPE_LIVE = 1,
    SCOPE_CONFIG = 2,
    SCOPE_BOTH = SCOPE_LIVE | SCOPE_CONFIG,
};

enum readback {
    READBACK_EXACT,     /* what is read after a write is what was written, after rounding */
    READBACK_CONVERGES, /* a request on its way: a balloon. Live, FIGURE_SIZE says how far it has come
                         * (the value itself where there is no such figure) */
    READBACK_NONE,      /* cannot be read back; results say so. Where that is so of some domains
                         * only, their value is unknown with the code "no_readback". A row with
                         * choices that reads as a number is a count that can be set back: it counts
                         * on by itself, before the write and after it */
};

/* What reaching the value does, and so which wall of LEFT it is. */
enum wall_kind {
    WALL_NONE,
    WALL_KILLS, /* the domain or a process in it */
    WALL_SLOWS, /* reclaim, throttling, hypervisor swap */
    WALL_FAILS, /* an allocation fails: malloc, fork */
    WALL_HOST,  /* the host's own memory */
};

/* What one value means that is typed for a whole group ("privvmpages=300M"). */
enum group_one {
    GROUP_ONE_FIRST, /* the group's first row; the others stay as they are */
    GROUP_ONE_BOTH,  /* every row of the group */
};

struct tunable {
    const char *name;    /* on the command line and in JSON: [a-z][a-z0-9_.]* */
    const char *native;  /* the hypervisor's own word: "memory.limit_in_bytes" */
    const char *libvirt; /* what libvirt calls it, or NULL */
    const char *label;   /* form: at most 16 columns */
    const char *effect;  /* form: what it does here, at most 20 columns */
    const char *help;    /* what it does, what it can break: sentences */
    const char *source;  /* the file or call that carries it, for the catalogue */
    const char *section; /* form heading; equal neighbours share one */
    const char *group;   /* rows of one group are one form row, one JSON object, one call */
    const char *half;    /* within a group: "barrier", "limit" */
    enum group_one group_one; /* of the group's first row: what one value for the group sets */
    const char *const *choices; /* NULL-terminated, or NULL */
    const char *const *aliases; /* other names accepted on input, NULL-terminated, or NULL */
    const struct carrier *carrier; /* the backend's own: what writes it */
    uint64_t min, max;  /* of a NUMBER; max 0 is "no upper bound" */
    uint64_t step;      /* a NUMBER must be a multiple; 0 or 1: any */
    uint64_t granule;   /* the hypervisor rounds down to multiples of this; 0 or 1: exact */
    uint64_t bare;      /* bytes that a bare number counts in (4096: pages, 1: bytes); 0: refused */
    enum role role;
    enum unit unit;
    enum readback readback;
    enum wall_kind wall; /* where it is one: compared with the figure named next */
    const char *wall_figure; /* figure name; NULL: "needed" */
    unsigned scopes;     /* scopes that can ever be written, of enum scope; 0: read only */
    bool unlimited;      /* VALUE_UNLIMITED may be written */
    bool unset;          /* VALUE_UNSET may be written */
    bool may_hurt_up;    /* raising tightens somebody else: reservation, low, min */
};

/* The table's length is found by its NULL name. */
size_t tunable_count(const struct tunable *table);

/* By exact name, by alias, by libvirt's name, or by role alias (hard soft memsw swap guarantee
 * shares target maximum). NULL where the table has none. `half` names ("privvmpages.barrier") are
 * names of rows; a bare group name ("privvmpages") finds its first row. */
const struct tunable *tunable_find(const struct tunable *table, const char *name);
const struct tunable *tunable_by_role(const struct tunable *table, enum role role);

/* The role's alias on the command line, or NULL: ROLE_HARD "hard". */
const char *role_name(enum role role);

/* The value after the hypervisor's rounding (granule). Not NUMBER: unchanged. */
struct value tunable_round(const struct tunable *tunable, struct value value);

/* True where going from `from` to `to` takes room away from the domain: a lower limit, target,
 * maximum, guarantee, protection or share; lower swappiness; unlimited to a number. Unknown
 * `from`: true. */
bool tunable_tightens(const struct tunable *tunable, struct value from, struct value to);

#endif
