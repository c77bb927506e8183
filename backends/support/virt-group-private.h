/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What virt-group-carriers.c and virt-group-swap.c share. */
#ifndef BACKENDS_SUPPORT_VIRT_GROUP_PRIVATE_H
#define BACKENDS_SUPPORT_VIRT_GROUP_PRIVATE_H

#include "backends/support/virt.h"

/* To the control file, with the levels above where it is a protection. */
bool virt_group_write_live(struct virt_connection *connection, virDomainPtr domain,
                           const struct change *change, GError **error);
/* The same as a command, of a carrier that writes one change a step. */
char *virt_group_file_command(const struct snapshot *snapshot, const struct domain *domain,
                              const struct change *changes, size_t n);

/* libvirt insists that its swap_hard_limit is not below the hard limit, whatever it means here.
 * `changes` are all of the domain. */
bool virt_group_swap_below_hard(const struct snapshot *snapshot, const struct domain *domain,
                                const struct change *changes, size_t n,
                                const struct change *change);

#endif
