/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which domain dies next and why: walls, LEFT, WHY and their ranking.
 *
 * needed = HELD less DROPPABLE (what the host can drop by itself). LEFT = the smallest (wall -
 * used) over every wall on the way: own limits, parents, the host. Page cache is never trouble.
 * Defaults: red below 5 % or 15 min, killing walls only; out again at 8 % for 60 s (hysteresis);
 * yellow below 10 %; slowed at 1 throttling a second over 10 s or PSI full >= 5 %.
 */
#ifndef MODEL_TROUBLE_H
#define MODEL_TROUBLE_H

#include "model/history.h"
#include "model/snapshot.h"

/* In the order of the list: worst first. */
enum trouble_rank {
    TROUBLE_KILLED,    /* died or had an oom-kill in the last 24 h: X */
    TROUBLE_SLOWED,    /* now: ~ */
    TROUBLE_FAILING,   /* malloc refused in the last minute: ! */
    TROUBLE_NEAR,      /* nearly full of a killing wall: ! */
    TROUBLE_SLOW_WALL, /* nearly full of a slow wall, limit < size: ! */
    TROUBLE_STALE,     /* not answering: ? */
    TROUBLE_NOTE,      /* worth a word: target late, stats period 0, config differs */
    TROUBLE_NONE,
};

/* One wall of the why screen, in order of what is left. */
struct wall_state {
    const struct tunable *tunable; /* the domain's own; NULL: a parent or the host */
    const char *parent; /* "machine.slice": g_intern_string; NULL: its own or the host */
    enum wall_kind kind;
    uint64_t limit, used; /* bytes */
    int64_t left;         /* limit - used, negative once passed */
    bool known;           /* used and left were read; such walls come first */
};

/* One domain's trouble, plain data. */
struct trouble {
    enum trouble_rank rank;
    char mark; /* X ~ ! ? or blank */
    bool red, yellow;
    struct value needed; /* bytes */
    struct value left;   /* bytes; UNKNOWN or UNSUPPORTED where there is no wall */
    struct value limit;  /* the wall that bites first, other than the host: NUMBER, UNLIMITED
                          * where there is none, or unknown */
    int percent_left;    /* of the wall, -1 where there is none */
    bool differs;        /* the persistent value of the biting wall's tunable differs */
    bool stale;
    uint64_t age_ns;        /* of the figures */
    double slope;           /* needed, bytes a second over 5 min; 0 unknown */
    int64_t seconds_left;   /* until the wall at that slope, -1 unknown or longer than a day */
    struct wall_state wall; /* the wall that bites, kind WALL_NONE where there is none */
    uint64_t near_ns;       /* when it was nearly full last, for the hysteresis; 0 is not */
    uint64_t version;       /* history_version() that it was found with */
    char code[24];          /* JSON: "near_limit", "oom_kill", "throttled", … or "" */
    char why[80];           /* the WHY column, cleaned, most important words first; or "" */
    char brief[16];         /* the same where only 14 columns are left: "oom-kill 02:41" */
};

struct trouble_clock {
    uint64_t now_ns;   /* model/clock.h */
    int64_t now;       /* seconds since the epoch */
    uint64_t delay_ns; /* refresh; stale is older than max(3 x delay, 10 s) */
};

/* `history` may be NULL (one sample only: no rates, no slope, no hysteresis). `before` is the
 * previous trouble of the same domain, or NULL. */
void trouble_find(const struct snapshot *snapshot, const struct domain *domain,
                  const struct history *history, const struct trouble *before,
                  const struct trouble_clock *clock, struct trouble *trouble);

/* Every wall, nearest first. Returns how many were written (at most `max`). */
size_t trouble_walls(const struct snapshot *snapshot, const struct domain *domain,
                     struct wall_state *walls, size_t max);

/* "hard limit", "machine.slice", "host kvm07": g_intern_string. */
const char *wall_owner(const struct snapshot *snapshot, const struct wall_state *wall);

/* The wall that bites first: the nearest, but a soft limit never, and the host only where it is
 * nearer than a wall of the domain's own or has less than 10 % available. `limit` is the first that
 * is not the host. WALL_NONE where there is none, then false. */
bool trouble_wall(const struct snapshot *snapshot, const struct domain *domain,
                  struct wall_state *wall, struct wall_state *limit);

/* A row's live and persistent value are both known and not the same: not set is none for a limit
 * and 0 for a guarantee. A balloon on its way is no difference, nor is the statistics period. */
bool trouble_differs(const struct tunable *tunable, const struct setting *setting);

/* needed: HELD less DROPPABLE where both are known, HELD where only that is. */
struct value trouble_needed(const struct snapshot *snapshot, const struct domain *domain);

/* What counts against the wall of this row: needed, or its wall_figure less what can be dropped. */
struct value trouble_used(const struct snapshot *snapshot, const struct domain *domain,
                          const struct tunable *tunable);

#endif
