/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands in the host's line beside its memory: which control groups, swap, and whom its own
 * OOM killer would take first (the highest /proc/PID/oom_score, see proc(5)). */
#ifndef BACKENDS_SUPPORT_VIRT_OOM_H
#define BACKENDS_SUPPORT_VIRT_OOM_H

#include "backends/support/virt.h"

struct virt_oom;
struct virt_oom *virt_oom_new(void);
void virt_oom_free(struct virt_oom *oom);

/* Sets host->detail; looks through /proc at most every 10 s. */
void virt_oom_tick(struct virt_oom *oom, const struct virt_connection *connection,
                   struct host *host);

#endif
