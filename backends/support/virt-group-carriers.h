/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Carriers of what libvirt does not know of a control group. Live is the control file (memory.low
 * and memory.min with all levels above, see protection.h); config is the domain's own metadata
 * (kept.h). Live values need root on the host itself.
 */
#ifndef BACKENDS_SUPPORT_VIRT_GROUP_CARRIERS_H
#define BACKENDS_SUPPORT_VIRT_GROUP_CARRIERS_H

#include "backends/support/cgroup.h"
#include "backends/support/virt.h"

/* Rows by name: swappiness, low, min, swap_high, zswap_max. A value that is the kernel's default (0
 * of low and min, no swap_high or zswap_max, swappiness UNSET) is not kept. */
extern const struct carrier virt_group_file;
/* memory.swap.max: libvirt's memory parameters where libvirt takes the value, else as above. */
extern const struct carrier virt_group_swap;
/* Rows by name: peak, memsw_peak, failcnt, memsw_failcnt of v1. Live reads the figure; the only
 * value that can be written is the choice "reset". */
extern const struct carrier virt_group_reset;
extern const char *const virt_group_resets[]; /* {"reset", NULL} */

/* "echo VALUE > FILE" of the domain's group on this machine, newly allocated; NULL where it is not
 * found. */
char *virt_group_echo(const struct domain *domain, enum cgroup_item item, struct value to);

/* A change of the persistent value goes to the metadata, which only the hook applies. */
bool virt_group_keeps(const struct snapshot *snapshot, const struct domain *domain,
                      const struct change *changes, size_t n, const struct change *change);

/* The value of such a row is below the hard limit now: it was written to the group or the metadata,
 * not through libvirt, and libvirt's own rule does not see it. */
bool virt_group_swap_is_own(const struct snapshot *snapshot, const struct domain *domain,
                            const struct tunable *row, enum scope scope);

#endif
