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

/* The change against what is used now: kills, danger, warn. */
void check_use(const struct trial *trial, const struct change *change);

#endif
