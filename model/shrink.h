/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Safe shrink: a live limit or target is lowered without a kill, or it is what it was.
 *
 * What is asked for has to be possible: what the domain needs, less what can be dropped and swapped
 * out, fits. Then it goes down in steps of at most 5 %, each of which the domain has to reach (two
 * readings in a row) before the next one is sent; afterwards it is watched for a while, and only
 * then is written what holds for its next start. Where it does not follow, is killed in, or is
 * stalled for more than a fifth of 5 s, where a call fails or somebody cancels, everything that was
 * written is written back: GONE_BACK, and the sentence says why. What cannot be written back is
 * FAILED and says what is true now.
 *
 * Which values go down to make that happen is the backend's affair (backend->plan_shrink). Pure.
 */
#ifndef MODEL_SHRINK_H
#define MODEL_SHRINK_H

#include "model/backend.h"

/* A live change that goes down so: a lower wall that kills, or a lower target. All others of the
 * domain are written as ever. */
bool shrink_takes(const struct change *change);

/* The lowest value of the change's row that would do now, with some room; UNKNOWN where nobody can
 * tell, UNLIMITED never. `changes` are all of the domain. */
struct value shrink_lowest(const struct snapshot *snapshot, const struct domain *domain,
                           const struct change *changes, size_t n, const struct change *change);

/* Plans all changes of the domain. UNSAFE: what it needs does not fit; the sentence says what would
 * do. UNSUPPORTED: it cannot be done so here, and why. */
bool shrink_plan(const struct snapshot *snapshot, const struct domain *domain,
                 const struct change *changes, size_t n, struct step_list *steps, GError **error);

#endif
