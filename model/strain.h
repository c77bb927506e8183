/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether a domain suffers from what was just done to it: it ended, something in it was killed, its
 * processes wait for memory. Told from pictures of it, the first one taken before. Plain data,
 * pure.
 */
#ifndef MODEL_STRAIN_H
#define MODEL_STRAIN_H

#include "model/snapshot.h"

struct strain {
    uint64_t instance;
    uint64_t kills, fails;             /* as they were … */
    uint64_t stalled_from, fails_from; /* … and at the start of the present 5 s */
    uint64_t since_ns;
    bool has_kills, has_stalled, has_fails;
};

void strain_begin(struct strain *strain, const struct snapshot *snapshot,
                  const struct domain *domain, uint64_t now_ns);
/* `domain` NULL: it is gone. What is wrong, one sentence, newly allocated; or NULL. */
char *strain_look(struct strain *strain, const struct snapshot *snapshot,
                  const struct domain *domain, uint64_t now_ns);
/* How often it ran into its limit since the start; 0 where that is not counted. */
uint64_t strain_fails(const struct strain *strain, const struct snapshot *snapshot,
                      const struct domain *domain);

#endif
