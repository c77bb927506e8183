/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/vsphere.h"

#define MIB ((uint64_t)1 << 20)

const char *const vsphere_share_levels[] = {"low", "normal", "high", NULL};
static const char *const no_yes[] = {"no", "yes", NULL};
static const char *const size_aliases[] = {"memory_mb", NULL};
static const char *const limit_aliases[] = {"mem_limit", NULL};
static const char *const locked_aliases[] = {"reserve_all", NULL};

/* clang-format off */
const struct tunable vsphere_tunables[] = {
    [ROW_SIZE] = {
        .carrier = &vsphere_carrier_size,
        .name = "size", .native = "config.hardware.memoryMB", .libvirt = "memory",
        .label = "Size", .effect = "on: only up, hot-add",
        .help = "The memory that the guest sees. Running, it only grows, and only where hot-add was "
                "switched on before; otherwise power off first. A new size leaves a forgotten limit "
                "below it where it is.",
        .source = "ReconfigVM_Task: memoryMB, in MiB, multiples of 4",
        .section = "Memory of the virtual machine", .aliases = size_aliases,
        .min = 4 * MIB, .step = 4 * MIB, .granule = MIB, .role = ROLE_MAXIMUM, .unit = UNIT_BYTES,
        .readback = READBACK_EXACT, .scopes = SCOPE_LIVE,
    },
    [ROW_RESERVATION] = {
        .carrier = &vsphere_carrier_reservation,
        .name = "reservation", .native = "config.memoryAllocation.reservation",
        .libvirt = "min_guarantee", .label = "Reservation", .effect = "held for it alone",
        .help = "Physical memory that the host guarantees. What the guest does not use of it the host "
                "may lend. It cannot power on where host or pool have not that much left, and each "
                "reservation is missing from all others.",
        .source = "ReconfigVM_Task: memoryAllocation.reservation, in MiB",
        .section = "Memory of the virtual machine", .granule = MIB, .role = ROLE_GUARANTEE,
        .unit = UNIT_BYTES, .readback = READBACK_EXACT, .scopes = SCOPE_LIVE, .may_hurt_up = true,
    },
    [ROW_LIMIT] = {
        .carrier = &vsphere_carrier_limit,
        .name = "limit", .native = "config.memoryAllocation.limit", .libvirt = "current_memory",
        .label = "Limit", .effect = "above: swaps, slow",
        .help = "The most physical memory that it gets. Above it the host balloons, compresses and "
                "swaps: slow, and the guest does not know why, but nothing is killed. A limit below "
                "the size, often one forgotten in a template, is the classic mistake; none is right "
                "nearly always.",
        .source = "ReconfigVM_Task: memoryAllocation.limit, in MiB, -1 is unlimited",
        .section = "Memory of the virtual machine", .aliases = limit_aliases, .granule = MIB,
        .role = ROLE_LIMIT_SLOW, .unit = UNIT_BYTES, .readback = READBACK_EXACT,
        .wall = WALL_SLOWS, .wall_figure = "held", .scopes = SCOPE_LIVE, .unlimited = true,
    },
    [ROW_SHARES] = {
        .carrier = &vsphere_carrier_shares,
        .name = "shares", .native = "config.memoryAllocation.shares", .label = "Shares",
        .effect = "only when host short",
        .help = "Weight against its siblings in the same resource pool, once the host runs short: "
                "low 5, normal 10, high 20 for each MiB of the size; or a number of your own.",
        .source = "ReconfigVM_Task: memoryAllocation.shares.level and .shares",
        .section = "Memory of the virtual machine", .choices = vsphere_share_levels,
        .max = 1000000, .role = ROLE_SHARES, .unit = UNIT_SHARES, .readback = READBACK_EXACT,
        .scopes = SCOPE_LIVE,
    },
    [ROW_LOCKED] = {
        .carrier = &vsphere_carrier_locked,
        .name = "reservation_locked", .native = "config.memoryReservationLockedToMax",
        .label = "Reserve all", .effect = "yes: reserv. = size",
        .help = "The reservation follows the size and cannot be set by itself. Passed-through devices "
                "and latency sensitivity need it.",
        .source = "ReconfigVM_Task: memoryReservationLockedToMax",
        .section = "Memory of the virtual machine", .choices = no_yes, .aliases = locked_aliases,
        .unit = UNIT_FLAG, .readback = READBACK_EXACT, .scopes = SCOPE_LIVE, .may_hurt_up = true,
    },
    [ROW_BALLOON_MAX] = {
        .carrier = &vsphere_carrier_balloon_max,
        .name = "balloon_max", .native = "sched.mem.maxmemctl", .label = "Balloon at most",
        .effect = "after power off, on",
        .help = "How much memory the balloon may take. 0 switches it off, and the host swaps instead, "
                "which is worse. Without it the host decides (65 % of the size). Acts at the next "
                "power-on.",
        .source = "ReconfigVM_Task: extraConfig sched.mem.maxmemctl, in MiB",
        .section = "Memory of the virtual machine", .granule = MIB, .unit = UNIT_BYTES,
        .readback = READBACK_EXACT, .scopes = SCOPE_LIVE, .unset = true,
    },
    {.name = NULL},
};

#define STATS "summary.quickStats."

const struct figure vsphere_figures[] = {
    [SEEN_HELD] = {
        .name = "held", .label = "Consumed", .source = STATS "hostMemoryUsage",
        .help = "Physical memory of the host that it takes, its overhead included. Shared pages count "
                "in part.",
        .role = FIGURE_HELD, .unit = UNIT_BYTES},
    [SEEN_GUEST] = {
        .name = "guest", .label = "Active", .source = STATS "guestMemoryUsage",
        .help = "What the guest touched of late: an estimate of the host from samples, not what the "
                "guest says. What is consumed beyond it is unknown, not free.",
        .role = FIGURE_GUEST, .unit = UNIT_BYTES},
    [SEEN_BALLOONED] = {
        .name = "ballooned", .label = "Ballooned", .source = STATS "balloonedMemory",
        .help = "Taken back by the balloon driver.",
        .role = FIGURE_BALLOONED, .unit = UNIT_BYTES},
    [SEEN_SWAP] = {
        .name = "swap", .label = "Swapped", .source = STATS "swappedMemory",
        .help = "Swapped out by the host, behind the guest's back.",
        .role = FIGURE_SWAP, .unit = UNIT_BYTES},
    [SEEN_COMPRESSED] = {
        .name = "compressed", .label = "Compressed", .source = STATS "compressedMemory",
        .help = "Compressed by the host instead of swapped.",
        .unit = UNIT_BYTES},
    [SEEN_SHARED] = {
        .name = "shared", .label = "Shared", .source = STATS "sharedMemory",
        .help = "Equal pages that it shares with itself or others.",
        .unit = UNIT_BYTES},
    [SEEN_PRIVATE] = {
        .name = "private", .label = "Private", .source = STATS "privateMemory",
        .help = "Pages in the host's memory that it shares with nobody.",
        .unit = UNIT_BYTES},
    [SEEN_GRANTED] = {
        .name = "granted", .label = "Granted", .source = STATS "grantedMemory",
        .help = "Guest memory that is backed by memory of the host, shared pages counted in full.",
        .unit = UNIT_BYTES},
    [SEEN_OVERHEAD] = {
        .name = "overhead", .label = "Overhead", .source = STATS "consumedOverheadMemory",
        .help = "What the host itself needs to run it.",
        .role = FIGURE_OVERHEAD, .unit = UNIT_BYTES},
    [SEEN_SIZE] = {
        .name = "size", .label = "Size less balloon", .source = "config.hardware.memoryMB",
        .help = "What the guest has now: its size less what the balloon took.",
        .role = FIGURE_SIZE, .unit = UNIT_BYTES},
    [SEEN_MAXIMUM] = {
        .name = "maximum", .label = "Configured size", .source = "config.hardware.memoryMB",
        .help = "What the guest sees.",
        .role = FIGURE_MAXIMUM, .unit = UNIT_BYTES},
    [SEEN_HOT_ADD] = {
        .name = "hot_add", .label = "Hot-add", .source = "config.memoryHotAddEnabled",
        .help = "1 where the size may grow while it runs.", .unit = UNIT_FLAG},
    [SEEN_HOT_ADD_STEP] = {
        .name = "hot_add_step", .label = "Hot-add step", .source = "config.hotPlugMemoryIncrementSize",
        .help = "Growing while it runs goes by multiples of this.", .unit = UNIT_BYTES},
    [SEEN_HOT_ADD_LIMIT] = {
        .name = "hot_add_limit", .label = "Hot-add limit", .source = "config.hotPlugMemoryLimit",
        .help = "The largest size that it can grow to while it runs.", .unit = UNIT_BYTES},
    [SEEN_POOL_LEFT] = {
        .name = "pool_left", .label = "Left to reserve",
        .source = "ResourcePool runtime.memory.unreservedForVm",
        .help = "What virtual machines of its resource pool may still reserve.", .unit = UNIT_BYTES},
    {.name = NULL},
};
/* clang-format on */

G_STATIC_ASSERT(G_N_ELEMENTS(vsphere_tunables) == ROW_COUNT_ + 1);
G_STATIC_ASSERT(G_N_ELEMENTS(vsphere_figures) == SEEN_COUNT_ + 1);
