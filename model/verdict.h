/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Does a domain bear a change that was just made? Judged by what is counted, not by averages, so
 * that what was before the change does not count. Pure: a ring of the last seconds and what was
 * right before the change.
 *
 * It goes back: on an oom-kill; on another state or a new start of the domain; where it stands in
 * the kernel's out-of-memory handler (v1: under_oom); where all of its tasks stood still for memory
 * for more than 20 % of 5 s (v2: pressure, full total). v1 has no pressure of a group: there it is
 * its limit reached 100 times a second for 5 s with less than 5 % left to give, or reached at all
 * while the whole host stood still for more than 20 % of 5 s.
 */
#ifndef MODEL_VERDICT_H
#define MODEL_VERDICT_H

#include "model/domain.h"
#include "model/guard.h"

#define VERDICT_WINDOW_NS (5 * UINT64_C(1000000000))
#define VERDICT_EARLY_NS (10 * UINT64_C(1000000000)) /* before that nothing is "well" */
#define VERDICT_STALL_PERCENT 20
#define VERDICT_FAILCNT_RATE 100
#define VERDICT_SAMPLES 16

struct verdict_sample {
    uint64_t taken_ns; /* model/clock.h */
    enum domain_state state;
    uint64_t instance;               /* as struct identity's */
    struct value needed, left, wall; /* bytes */
    struct value pressure;           /* centi-percent */
    struct value stalled;            /* microseconds: full total of its own */
    struct value host_stalled;       /* microseconds: full total of its host */
    struct value throttled, failcnt, oom_kills;
    struct value under_oom; /* flag */
};

struct verdict_watch {
    struct verdict_sample before;
    struct verdict_sample ring[VERDICT_SAMPLES]; /* the newest first */
    unsigned n;
};

struct verdict {
    enum guard_grade grade;
    unsigned throttle_rate; /* a second */
    char text[96];          /* one sentence */
};

/* How often more: 0 where nothing tells, and where the count began anew. */
uint64_t verdict_growth(struct value before, struct value now);

/* What it was right before the change: everything of before is forgotten. */
void verdict_begin(struct verdict_watch *watch, const struct verdict_sample *before);
/* One that is not newer than the last one is not taken. */
void verdict_take(struct verdict_watch *watch, const struct verdict_sample *sample);
/* By all that was taken. */
void verdict_judge(const struct verdict_watch *watch, struct verdict *verdict);

#endif
