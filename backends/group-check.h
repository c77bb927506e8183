/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What changes of a control group's own rows do, whatever kind of domain has it. */
#ifndef BACKENDS_GROUP_CHECK_H
#define BACKENDS_GROUP_CHECK_H

#include "model/backend.h"

/* Swappiness at the ends of its range; and a value that is kept in the metadata of a domain of this
 * machine while the hook that applies it at a start (hook.h) is not there: that file is looked for.
 */
void group_check(const struct snapshot *snapshot, const struct domain *domain,
                 const struct change *changes, size_t n, const struct change *change,
                 struct findings *findings);

#endif
