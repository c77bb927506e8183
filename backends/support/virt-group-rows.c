/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/support/virt-group-rows.h"

/* clang-format off */
const enum cgroup_item virt_group_rows[VIRT_GROUP_ROWS_] = {
    [VIRT_GROUP_HELD]          = CGROUP_USAGE,
    [VIRT_GROUP_DROPPABLE]     = CGROUP_INACTIVE_FILE,
    [VIRT_GROUP_PEAK]          = CGROUP_PEAK,
    [VIRT_GROUP_SWAP]          = CGROUP_SWAP,
    [VIRT_GROUP_MEMSW]         = CGROUP_MEMSW_USAGE,
    [VIRT_GROUP_MEMSW_PEAK]    = CGROUP_MEMSW_PEAK,
    [VIRT_GROUP_ANON]          = CGROUP_ANON,
    [VIRT_GROUP_CACHE]         = CGROUP_CACHE,
    [VIRT_GROUP_MAPPED]        = CGROUP_MAPPED,
    [VIRT_GROUP_FAILCNT]       = CGROUP_FAILCNT,
    [VIRT_GROUP_MEMSW_FAILCNT] = CGROUP_MEMSW_FAILCNT,
    [VIRT_GROUP_THROTTLED]     = CGROUP_EVENTS_HIGH,
    [VIRT_GROUP_OOM]           = CGROUP_EVENTS_OOM,
    [VIRT_GROUP_OOM_KILLS]     = CGROUP_OOM_KILLS,
    [VIRT_GROUP_UNDER_OOM]     = CGROUP_UNDER_OOM,
    [VIRT_GROUP_PSI_SOME]      = CGROUP_PSI_SOME,
    [VIRT_GROUP_PSI_FULL]      = CGROUP_PSI_FULL,
    [VIRT_GROUP_PSI_TOTAL]     = CGROUP_PSI_TOTAL,
};
/* clang-format on */
