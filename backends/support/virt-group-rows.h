/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rows that every domain with a control group has. A backend's table of figures begins with
 * VIRT_GROUP_FIGURES; its table of tunables holds VIRT_GROUP_TUNABLES where its limits stand.
 */
#ifndef BACKENDS_SUPPORT_VIRT_GROUP_ROWS_H
#define BACKENDS_SUPPORT_VIRT_GROUP_ROWS_H

#include "backends/support/cgroup.h"
#include "backends/support/virt-group-carriers.h"

/* Place in the table of figures. */
enum virt_group_row {
    VIRT_GROUP_HELD,
    VIRT_GROUP_DROPPABLE,
    VIRT_GROUP_PEAK,
    VIRT_GROUP_SWAP,
    VIRT_GROUP_MEMSW,
    VIRT_GROUP_MEMSW_PEAK,
    VIRT_GROUP_ANON,
    VIRT_GROUP_CACHE,
    VIRT_GROUP_MAPPED,
    VIRT_GROUP_FAILCNT,
    VIRT_GROUP_MEMSW_FAILCNT,
    VIRT_GROUP_THROTTLED,
    VIRT_GROUP_OOM,
    VIRT_GROUP_OOM_KILLS,
    VIRT_GROUP_UNDER_OOM,
    VIRT_GROUP_PSI_SOME,
    VIRT_GROUP_PSI_FULL,
    VIRT_GROUP_PSI_TOTAL,
    VIRT_GROUP_ROWS_,
};

/* Which item each of them is; DROPPABLE is computed from INACTIVE_FILE and others. */
extern const enum cgroup_item virt_group_rows[VIRT_GROUP_ROWS_];

/* clang-format off */
#define VIRT_GROUP_FIGURES                                                                                              \
    [VIRT_GROUP_HELD] = {.name = "held", .label = "Held", .source = "memory.usage_in_bytes; v2: memory.current",        \
        .role = FIGURE_HELD, .unit = UNIT_BYTES,                                                                         \
        .help = "What its control group is charged with, which is what limits act on: memory of its processes and the "  \
                "page cache that they filled. Not the resident size."},                                                 \
    [VIRT_GROUP_DROPPABLE] = {.name = "droppable", .label = "Can be dropped", .source = "memory.stat",                  \
        .role = FIGURE_DROPPABLE, .unit = UNIT_BYTES,                                                                    \
        .help = "The part of it that the kernel drops by itself before anything else: inactive and active file pages "  \
                "that are not mapped, dirty or being written."},                                                        \
    [VIRT_GROUP_PEAK] = {.name = "peak", .label = "Peak", .source = "memory.max_usage_in_bytes; v2: memory.peak",       \
        .role = FIGURE_PEAK, .unit = UNIT_BYTES, .help = "The most it ever held since its start, or since a reset."},   \
    [VIRT_GROUP_SWAP] = {.name = "swap", .label = "In host swap", .source = "memory.stat swap; v2: memory.swap.current",\
        .role = FIGURE_SWAP, .unit = UNIT_BYTES, .help = "What the host has swapped out of it."},                       \
    [VIRT_GROUP_MEMSW] = {.name = "memsw", .label = "Memory+swap", .source = "memory.memsw.usage_in_bytes",             \
        .role = FIGURE_MEMSW, .unit = UNIT_BYTES, .help = "Memory and swap together (control group v1)."},              \
    [VIRT_GROUP_MEMSW_PEAK] = {.name = "memsw_peak", .label = "Peak with swap", .source = "memory.memsw.max_usage_in_bytes",\
        .unit = UNIT_BYTES, .help = "The most of memory and swap together since its start, or since a reset (v1)."},    \
    [VIRT_GROUP_ANON] = {.name = "anon", .label = "Anonymous", .source = "memory.stat total_rss; v2: anon",             \
        .role = FIGURE_ANON, .unit = UNIT_BYTES, .help = "Memory of processes, which can only be swapped out."},        \
    [VIRT_GROUP_CACHE] = {.name = "cache", .label = "Page cache", .source = "memory.stat total_cache; v2: file",        \
        .role = FIGURE_CACHE, .unit = UNIT_BYTES,                                                                        \
        .help = "Pages of files, those of tmpfs and shared memory included, which can not be dropped."},                \
    [VIRT_GROUP_MAPPED] = {.name = "mapped", .label = "Mapped", .source = "memory.stat total_mapped_file; v2: file_mapped",\
        .role = FIGURE_MAPPED, .unit = UNIT_BYTES, .help = "The part of the page cache that processes have mapped."},   \
    [VIRT_GROUP_FAILCNT] = {.name = "failcnt", .label = "Limit reached", .source = "memory.failcnt; v2: memory.events max",\
        .role = FIGURE_FAILCNT, .unit = UNIT_COUNT, .counter = true, .help = "How often it ran into its hard limit."},  \
    [VIRT_GROUP_MEMSW_FAILCNT] = {.name = "memsw_failcnt", .label = "M+swap reached", .source = "memory.memsw.failcnt", \
        .unit = UNIT_COUNT, .counter = true, .help = "How often it ran into its limit of memory and swap (v1)."},       \
    [VIRT_GROUP_THROTTLED] = {.name = "throttled", .label = "Throttled", .source = "memory.events high",                \
        .role = FIGURE_THROTTLED, .unit = UNIT_COUNT, .counter = true,                                                   \
        .help = "How often a process of it was made to reclaim above the soft limit (v2)."},                            \
    [VIRT_GROUP_OOM] = {.name = "oom", .label = "Out of memory", .source = "memory.events oom",                         \
        .unit = UNIT_COUNT, .counter = true, .help = "How often nothing was left to reclaim at the hard limit (v2)."},  \
    [VIRT_GROUP_OOM_KILLS] = {.name = "oom_kills", .label = "OOM kills", .source = "memory.oom_control; v2: memory.events oom_kill",\
        .role = FIGURE_OOM_KILLS, .unit = UNIT_COUNT, .counter = true, .help = "Processes of it that the kernel killed."},\
    [VIRT_GROUP_UNDER_OOM] = {.name = "under_oom", .label = "Stopped by OOM", .source = "memory.oom_control under_oom", \
        .role = FIGURE_UNDER_OOM, .unit = UNIT_FLAG, .help = "Whether its processes wait for memory, the killer being off (v1)."},\
    [VIRT_GROUP_PSI_SOME] = {.name = "psi_some", .label = "Some stalled", .source = "memory.pressure some avg10",       \
        .role = FIGURE_PSI_SOME, .unit = UNIT_CENTI_PERCENT, .help = "Time in which some process of it waited for memory, of the last 10 s (v2)."},\
    [VIRT_GROUP_PSI_FULL] = {.name = "psi_full", .label = "All stalled", .source = "memory.pressure full avg10",        \
        .role = FIGURE_PSI_FULL, .unit = UNIT_CENTI_PERCENT, .help = "Time in which all processes of it waited for memory, of the last 10 s (v2)."},\
    [VIRT_GROUP_PSI_TOTAL] = {.name = "psi_total", .label = "Stalled in all", .source = "memory.pressure full total",   \
        .role = FIGURE_PSI_TOTAL, .unit = UNIT_MICROSECONDS, .counter = true, .help = "Time in which all of it waited for memory since its start (v2)."}

#define VIRT_GROUP_PROTECTION "Protection when the host itself runs short (also raises its parents)"
#define VIRT_GROUP_COUNTERS "High-water marks and counts"
#define KEPT_SOURCE " of its group; kept in the domain's metadata"
#define KEPT_HELP " libvirt does not know it: the persistent value is kept in the domain's metadata, and acts at its "  \
                  "start only where the hook is installed (virt-memtune hook)."

#define VIRT_GROUP_TUNABLES(heading)                                                                                    \
    {.name = "swappiness", .native = "memory.swappiness", .label = "Swappiness", .section = heading,                    \
     .effect = "0: no swap, killed",                                                                                    \
     .help = "How readily its memory is swapped out rather than page cache dropped, 0 to 100; 101 to 200 prefer swap, " \
             "on kernels since 5.8. 0 never swaps, even at the limit: kills instead. Control group v1 only." KEPT_HELP, \
     .source = "memory.swappiness" KEPT_SOURCE, .carrier = &virt_group_file,                                            \
     .max = 200, .role = ROLE_SWAPPINESS, .unit = UNIT_PLAIN, .scopes = SCOPE_BOTH, .unset = true},                     \
    {.name = "swap_high", .native = "memory.swap.high", .label = "Swap soft limit", .section = heading,                 \
     .effect = "above: it is slowed",                                                                                   \
     .help = "Swap above which it is throttled (control group v2, kernels since 5.8)." KEPT_HELP,                       \
     .source = "memory.swap.high" KEPT_SOURCE, .carrier = &virt_group_file,                                             \
     .max = VIRT_LIMIT_MOST, .granule = 4096, .unit = UNIT_BYTES, .scopes = SCOPE_BOTH, .unlimited = true},             \
    {.name = "zswap_max", .native = "memory.zswap.max", .label = "Zswap limit", .section = heading,                     \
     .effect = "compressed swap",                                                                                       \
     .help = "How much of it zswap may hold compressed in memory; 0 sends it to the swap device (control group v2)."    \
             KEPT_HELP,                                                                                                 \
     .source = "memory.zswap.max" KEPT_SOURCE, .carrier = &virt_group_file,                                             \
     .max = VIRT_LIMIT_MOST, .granule = 4096, .unit = UNIT_BYTES, .scopes = SCOPE_BOTH, .unlimited = true},             \
    {.name = "low", .native = "memory.low", .label = "Low", .section = VIRT_GROUP_PROTECTION,                           \
     .effect = "taken last",                                                                                            \
     .help = "Memory that the host takes from it only when nothing else is left (control group v2). It acts only where "\
             "every parent has as much: they are raised to the sum of their children, through systemd where those are " \
             "its slices and scopes." KEPT_HELP,                                                                        \
     .source = "memory.low" KEPT_SOURCE ", of its parents too", .carrier = &virt_group_file,                            \
     .max = VIRT_LIMIT_MOST, .granule = 4096, .role = ROLE_PROTECTION, .unit = UNIT_BYTES, .scopes = SCOPE_BOTH, .unlimited = true, .may_hurt_up = true},\
    {.name = "min", .native = "memory.min", .label = "Min", .section = VIRT_GROUP_PROTECTION,                           \
     .effect = "never taken",                                                                                           \
     .help = "Memory that the host never takes from it: it kills others before (control group v2). It acts only where " \
             "every parent has as much: they are raised to the sum of their children, through systemd where those are " \
             "its slices and scopes." KEPT_HELP,                                                                        \
     .source = "memory.min" KEPT_SOURCE ", of its parents too", .carrier = &virt_group_file,                            \
     .max = VIRT_LIMIT_MOST, .granule = 4096, .role = ROLE_GUARANTEE, .unit = UNIT_BYTES, .scopes = SCOPE_BOTH, .unlimited = true, .may_hurt_up = true},\
    {.name = "peak", .native = "memory.max_usage_in_bytes", .label = "Peak", .section = VIRT_GROUP_COUNTERS,            \
     .effect = "reset: from now on", .help = "The most it ever held. Only \"reset\" can be written: it counts anew from what is held now (control group v1).",\
     .source = "memory.max_usage_in_bytes", .carrier = &virt_group_reset, .choices = virt_group_resets,                 \
     .unit = UNIT_BYTES, .scopes = SCOPE_LIVE, .readback = READBACK_NONE},                                              \
    {.name = "memsw_peak", .native = "memory.memsw.max_usage_in_bytes", .label = "Peak with swap", .section = VIRT_GROUP_COUNTERS,\
     .effect = "reset: from now on", .help = "The most of memory and swap together. Only \"reset\" can be written (control group v1).",\
     .source = "memory.memsw.max_usage_in_bytes", .carrier = &virt_group_reset, .choices = virt_group_resets,           \
     .unit = UNIT_BYTES, .scopes = SCOPE_LIVE, .readback = READBACK_NONE},                                              \
    {.name = "failcnt", .native = "memory.failcnt", .label = "Limit reached", .section = VIRT_GROUP_COUNTERS,           \
     .effect = "reset: from 0", .help = "How often it ran into its hard limit. Only \"reset\" can be written (control group v1).",\
     .source = "memory.failcnt", .carrier = &virt_group_reset, .choices = virt_group_resets,                            \
     .unit = UNIT_COUNT, .scopes = SCOPE_LIVE, .readback = READBACK_NONE},                                              \
    {.name = "memsw_failcnt", .native = "memory.memsw.failcnt", .label = "M+swap reached", .section = VIRT_GROUP_COUNTERS,\
     .effect = "reset: from 0", .help = "How often it ran into its limit of memory and swap. Only \"reset\" can be written (control group v1).",\
     .source = "memory.memsw.failcnt", .carrier = &virt_group_reset, .choices = virt_group_resets,                      \
     .unit = UNIT_COUNT, .scopes = SCOPE_LIVE, .readback = READBACK_NONE}

/* Where libvirt refuses the value, its group and the metadata take it. */
#define VIRT_GROUP_SWAP_MAX(heading)                                                                                    \
    {.name = "swap_max", .native = "memory.swap.max", .libvirt = "swap_hard_limit", .label = "Swap limit", .section = heading,\
     .effect = "swap alone (v2)",                                                                                       \
     .help = "Swap alone (control group v2). libvirt stores it as swap_hard_limit, which it describes as memory and swap "\
             "together, and insists that it is not below the hard limit; smaller values are written to the group "      \
             "directly and kept in the domain's metadata, and act at its start only where the hook is installed.",      \
     .source = "virDomainSetMemoryParameters; memory.swap.max" KEPT_SOURCE, .carrier = &virt_group_swap,                \
     .max = VIRT_LIMIT_MOST, .granule = 4096, .role = ROLE_SWAP, .unit = UNIT_BYTES, .scopes = SCOPE_BOTH, .unlimited = true}
/* clang-format on */

#endif
