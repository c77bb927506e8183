/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What holds for every hypervisor, by role: soft above hard, hard below what is needed, maximum
 * below what is held, target above maximum, guarantee above limit, live value of a stopped domain,
 * values that cannot be written here. A backend adds its own rules in backend->check.
 */
#ifndef MODEL_CHECKS_H
#define MODEL_CHECKS_H

#include "model/backend.h"
#include "model/change.h"

/* Runs the general checks and the backend's over all changes of one domain. Pure. Changes that are
 * no-ops are looked at too (a bad value stays bad), but never found dangerous. */
void checks_run(const struct snapshot *snapshot, const struct domain *domain,
                const struct change *changes, size_t n, struct findings *findings);

/* For what nobody is asked about any more: takes out of `changes` (struct change, of one domain)
 * what would kill or is refused, and tells of each. A finding that is about none of them takes out
 * all. Pure. */
void checks_obey(const struct snapshot *snapshot, const struct domain *domain, GArray *changes,
                 void (*left_out)(const struct change *change, const struct finding *finding,
                                  void *data),
                 void *data);

/* The domain's value of `tunable` in `scope` once all `changes` were done. */
struct value checks_after(const struct snapshot *snapshot, const struct domain *domain,
                          const struct change *changes, size_t n, const struct tunable *tunable,
                          enum scope scope);

/* The least that is safe, for findings_add_safe(): a size rounded up so that its text on a screen,
 * which rounds down, is never below it. */
struct value checks_least_safe(const struct tunable *row, uint64_t bytes);

#endif
