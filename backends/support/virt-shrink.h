/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What goes down before a lower limit or target is written, so that nothing is killed
 * (model/shrink.h).
 *
 * v2 kills for a limit below use and takes a soft limit below use: memory.high goes down first,
 * memory.max follows once the group holds less, and memory.high is then what it was. v1 refuses a
 * limit below what it can make room for (EBUSY, nothing changes) and its soft limit reclaims
 * nothing: the limit itself goes down, then the limit of memory and swap. A balloon is asked for a
 * little less each time. All of it is live and by control file; libvirt's own call comes last.
 */
#ifndef BACKENDS_SUPPORT_VIRT_SHRINK_H
#define BACKENDS_SUPPORT_VIRT_SHRINK_H

#include "backends/support/virt.h"

/* Any of these changes is one that shrinks. */
bool virt_shrinks(const struct change *changes, size_t n);

/* Adds the stops of one call's changes; `carrier` and `command` are the call's, for a balloon. */
bool virt_shrink_down(const struct snapshot *snapshot, const struct domain *domain,
                      const struct change *changes, size_t n, const struct carrier *carrier,
                      struct step_list *steps, GError **error);
/* The step of the call itself, which was added last … */
void virt_shrink_there(const struct snapshot *snapshot, const struct domain *domain,
                       struct step *step);
/* … and what comes after it. */
void virt_shrink_after(const struct snapshot *snapshot, const struct domain *domain,
                       const struct change *changes, size_t n, struct step *there,
                       struct step_list *steps);

#endif
