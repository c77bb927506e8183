/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to the checks: what every rule is given, and the rules that compare with what is used. */
#ifndef MODEL_CHECKS_PARTS_H
#define MODEL_CHECKS_PARTS_H

#include "model/checks.h"

/* All changes of one domain, judged together. */
struct trial {
    const struct snapshot *snapshot;
    const struct domain *domain;
    const struct change *changes;
    size_t n;
    struct findings *findings;
};

/* The value of the row with this role after all changes; UNSUPPORTED where there is none. */
struct value trial_role(const struct trial *trial, enum role role, enum scope scope);
const char *role_words(enum role role); /* "soft limit" */

/* Free swap of the host, within what the domain's own limits leave of it. */
struct value check_swap_room(const struct trial *trial, const struct change *change);
/* A value of the row with some room above what is needed at least, rounded up. */
struct value check_safe(const struct tunable *row, uint64_t least);
/* "needs 13.9 GiB, 0.2 GiB can be dropped, no swap". Newly allocated. */
char *check_need_text(uint64_t needed, struct value droppable, bool in_swap_too,
                      struct value swap_room);

/* The change against what is used now: kills, danger, warn. */
void check_use(const struct trial *trial, const struct change *change);

#endif
