/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a domain can be in trouble for, in one table, worst first: the first rule that holds names
 * the row's rank, mark, code and WHY. Inside of trouble_find().
 */
#ifndef MODEL_TROUBLE_RULES_H
#define MODEL_TROUBLE_RULES_H

#include "model/trouble.h"

/* What is known of the domain when the rules are asked. */
struct trouble_case {
    const struct snapshot *snapshot;
    const struct domain *domain;
    const struct history *history; /* or NULL */
    const struct trouble_clock *clock;
    struct wall_state limit; /* the first wall that is not the host, or WALL_NONE */
    bool active;             /* has memory now */
    bool near;               /* nearly full of the wall that bites, with hysteresis */
    bool low;                /* less than 10 % left of it */
};

/* Fills in rank, mark, code, why and brief. Everything else in `trouble` is there already. */
void trouble_judge(const struct trouble_case *c, struct trouble *trouble);

#endif
