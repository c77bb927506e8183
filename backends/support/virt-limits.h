/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What domains whose limits are control groups share: which version the host has, and what follows
 * from it. The group itself is known on this machine only.
 */
#ifndef BACKENDS_SUPPORT_VIRT_LIMITS_H
#define BACKENDS_SUPPORT_VIRT_LIMITS_H

#include "backends/support/virt.h"

/* "cgroup v2", or NULL where it is not known. Lives as long as the process. */
const char *virt_limits_detail(const struct virt_connection *connection);
/* The version of control groups that limit the domain: 1, 2, or 0 where that is not known. */
unsigned virt_limits_version(const struct snapshot *snapshot, const struct domain *domain);
/* What the kernel does with this change, by version: v1 refuses what v2 kills for. */
void virt_limits_check(const struct snapshot *snapshot, const struct domain *domain,
                       const struct change *change, struct findings *findings);

#endif
