/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/fake.h"

#include "config.h"

#ifdef WITH_QEMU
#include "backends/qemu.h"
#endif
#ifdef WITH_LXC
#include "backends/lxc.h"
#endif
#ifdef WITH_XEN
#include "backends/xen.h"
#endif
#ifdef WITH_ESX
#include "backends/vsphere.h"
#endif
#ifdef WITH_OPENVZ
#include "backends/openvz.h"
#endif

/* A row of every role. */

static const char *const share_levels[] = {"low", "normal", "high", "custom", NULL};

/* clang-format off */
static const struct tunable own_tunables[] = {
    {.name = "maximum", .native = "maxMemory", .libvirt = "memory", .label = "Maximum", .effect = "needs a restart",
     .help = "What the guest could ever have.", .source = "script", .section = "Memory of the guest",
     .granule = 1024, .role = ROLE_MAXIMUM, .unit = UNIT_BYTES, .scopes = SCOPE_BOTH},
    {.name = "memory", .native = "currentMemory", .libvirt = "current_memory", .label = "Now (balloon)", .effect = "asks; may refuse",
     .help = "What the balloon is asked to leave to the guest.", .source = "script", .section = "Memory of the guest",
     .granule = 1024, .role = ROLE_TARGET, .unit = UNIT_BYTES, .readback = READBACK_CONVERGES, .scopes = SCOPE_BOTH},
    {.name = "stats_period", .native = "stats period", .label = "Guest figures", .effect = "off: GUEST shows ?",
     .help = "How often the guest reports.", .source = "script", .section = "Memory of the guest",
     .role = ROLE_STATS_PERIOD, .unit = UNIT_SECONDS, .scopes = SCOPE_BOTH},
    {.name = "soft_limit", .native = "memory.high", .libvirt = "soft_limit", .label = "Soft limit", .effect = "above: it is slowed",
     .help = "Above it the domain is throttled.", .source = "script", .section = "Limits of the whole process",
     .granule = 4096, .role = ROLE_SOFT, .unit = UNIT_BYTES, .wall = WALL_SLOWS, .scopes = SCOPE_BOTH, .unlimited = true},
    {.name = "hard_limit", .native = "memory.max", .libvirt = "hard_limit", .label = "Hard limit", .effect = "above: VM is killed",
     .help = "Above it the domain is killed.", .source = "script", .section = "Limits of the whole process",
     .granule = 4096, .role = ROLE_HARD, .unit = UNIT_BYTES, .wall = WALL_KILLS, .scopes = SCOPE_BOTH, .unlimited = true},
    {.name = "swap_max", .native = "memory.swap.max", .libvirt = "swap_hard_limit", .label = "Swap limit", .effect = "swap alone (v2)",
     .help = "Swap alone.", .source = "script", .section = "Limits of the whole process",
     .granule = 4096, .role = ROLE_SWAP, .unit = UNIT_BYTES, .scopes = SCOPE_BOTH, .unlimited = true},
    {.name = "swappiness", .native = "memory.swappiness", .label = "Swappiness", .effect = "0: no swap, killed",
     .help = "How soon it is swapped.", .source = "script", .section = "Limits of the whole process",
     .max = 200, .role = ROLE_SWAPPINESS, .unit = UNIT_PLAIN, .scopes = SCOPE_BOTH},
    {.name = "low", .native = "memory.low", .label = "Low", .effect = "taken last",
     .help = "Protected as far as possible.", .source = "script", .section = "Protection when the host itself runs short",
     .granule = 4096, .role = ROLE_PROTECTION, .unit = UNIT_BYTES, .scopes = SCOPE_BOTH, .may_hurt_up = true},
    {.name = "min", .native = "memory.min", .label = "Min", .effect = "never taken",
     .help = "Never taken.", .source = "script", .section = "Protection when the host itself runs short",
     .granule = 4096, .role = ROLE_GUARANTEE, .unit = UNIT_BYTES, .scopes = SCOPE_BOTH, .may_hurt_up = true},
    {.name = "limit", .native = "memoryAllocation.limit", .label = "Limit", .effect = "above: swaps, is slow",
     .help = "An upper bound that slows and never kills.", .source = "script", .section = "Allocation",
     .granule = 1048576, .role = ROLE_LIMIT_SLOW, .unit = UNIT_BYTES, .wall = WALL_SLOWS, .wall_figure = "held", .scopes = SCOPE_LIVE, .unlimited = true},
    {.name = "shares", .native = "memoryAllocation.shares", .label = "Shares", .effect = "only when host short",
     .help = "A weight against siblings.", .source = "script", .section = "Allocation", .choices = share_levels,
     .role = ROLE_SHARES, .unit = UNIT_SHARES, .scopes = SCOPE_LIVE},
    {.name = "privvmpages.barrier", .native = "PRIVVMPAGES", .label = "privvmpages", .effect = "malloc fails",
     .help = "Normal allocations fail above it.", .source = "script", .section = "Beancounters", .group = "privvmpages", .half = "barrier",
     .granule = 4096, .bare = 4096, .unit = UNIT_BYTES, .wall = WALL_FAILS, .wall_figure = "privvmpages.held", .scopes = SCOPE_BOTH, .unlimited = true},
    {.name = "privvmpages.limit", .native = "PRIVVMPAGES", .label = "privvmpages", .effect = "malloc fails",
     .help = "Allocations of high priority fail above it.", .source = "script", .section = "Beancounters", .group = "privvmpages", .half = "limit",
     .granule = 4096, .bare = 4096, .unit = UNIT_BYTES, .scopes = SCOPE_BOTH, .unlimited = true},
    {.name = NULL},
};

static const struct figure own_figures[] = {
    {.name = "held", .label = "held", .help = "The footprint that limits act on.", .source = "script", .role = FIGURE_HELD, .unit = UNIT_BYTES},
    {.name = "droppable", .label = "droppable", .help = "What the host can drop by itself.", .source = "script", .role = FIGURE_DROPPABLE, .unit = UNIT_BYTES},
    {.name = "guest", .label = "guest", .help = "What the guest says it uses.", .source = "script", .role = FIGURE_GUEST, .unit = UNIT_BYTES},
    {.name = "peak", .label = "peak", .help = "The most ever held.", .source = "script", .role = FIGURE_PEAK, .unit = UNIT_BYTES},
    {.name = "swap", .label = "swap", .help = "In the host's swap.", .source = "script", .role = FIGURE_SWAP, .unit = UNIT_BYTES},
    {.name = "size", .label = "size", .help = "What the guest has been given.", .source = "script", .role = FIGURE_SIZE, .unit = UNIT_BYTES},
    {.name = "maximum", .label = "maximum", .help = "What the guest could ever have.", .source = "script", .role = FIGURE_MAXIMUM, .unit = UNIT_BYTES},
    {.name = "target", .label = "target", .help = "What the balloon was asked for.", .source = "script", .role = FIGURE_TARGET, .unit = UNIT_BYTES},
    {.name = "ballooned", .label = "ballooned", .help = "Taken by the balloon.", .source = "script", .role = FIGURE_BALLOONED, .unit = UNIT_BYTES},
    {.name = "anon", .label = "anonymous", .help = "Part of held.", .source = "script", .role = FIGURE_ANON, .unit = UNIT_BYTES},
    {.name = "cache", .label = "page cache", .help = "Part of held.", .source = "script", .role = FIGURE_CACHE, .unit = UNIT_BYTES},
    {.name = "throttled", .label = "throttled", .help = "Times above the soft limit.", .source = "script", .role = FIGURE_THROTTLED, .unit = UNIT_COUNT, .counter = true},
    {.name = "failcnt", .label = "limit reached", .help = "Times at the hard limit.", .source = "script", .role = FIGURE_FAILCNT, .unit = UNIT_COUNT, .counter = true},
    {.name = "oom_kills", .label = "oom-kills", .help = "Processes killed.", .source = "script", .role = FIGURE_OOM_KILLS, .unit = UNIT_COUNT, .counter = true},
    {.name = "oom_time", .label = "last oom-kill", .help = "When.", .source = "script", .role = FIGURE_OOM_TIME, .unit = UNIT_TIME},
    {.name = "psi_some", .label = "pressure, some", .help = "Average of 10 s.", .source = "script", .role = FIGURE_PSI_SOME, .unit = UNIT_CENTI_PERCENT},
    {.name = "psi_full", .label = "pressure, full", .help = "Average of 10 s.", .source = "script", .role = FIGURE_PSI_FULL, .unit = UNIT_CENTI_PERCENT},
    {.name = "malloc_fails", .label = "malloc failures", .help = "Allocations refused.", .source = "script", .group = "privvmpages", .role = FIGURE_MALLOC_FAILS, .unit = UNIT_COUNT, .counter = true},
    {.name = "privvmpages.held", .label = "held", .help = "Address space allocated.", .source = "script", .group = "privvmpages", .unit = UNIT_BYTES},
    {.name = "hugepages", .label = "hugepages", .help = "Outside of held.", .source = "script", .role = FIGURE_HUGEPAGES, .unit = UNIT_BYTES},
    {.name = NULL},
};
/* clang-format on */

static const char *const own_schemes[] = {"fake", NULL};

const struct backend fake_backend = {
    .name = "fake",
    .title = "Scripted",
    .flags = BACKEND_FOR_TESTS,
    .schemes = own_schemes,
    .tunables = own_tunables,
    .figures = own_figures,
    .open = fake_open,
    .close = fake_close,
    .sample = fake_sample,
    .check = fake_check,
    .plan = fake_plan,
    .apply = fake_apply,
    .interrupt = fake_interrupt,
};

/* --- borrowed tables ------------------------------------------------------------------------- */

struct loan {
    struct backend *borrower;
    const struct backend *lender;
};

#define BORROWER(name_)                                                                            \
    struct backend fake_##name_##_backend = {                                                      \
        .name = "fake-" #name_,                                                                    \
        .title = "Scripted " #name_,                                                               \
        .schemes = (const char *const[]){"fake-" #name_, NULL},                                    \
        .open = fake_open,                                                                         \
        .close = fake_close,                                                                       \
        .sample = fake_sample,                                                                     \
        .apply = fake_apply,                                                                       \
        .interrupt = fake_interrupt,                                                               \
    };
#define LOAN(name_) {&fake_##name_##_backend, &name_##_backend},

#ifdef WITH_QEMU
BORROWER(qemu)
#endif
#ifdef WITH_LXC
BORROWER(lxc)
#endif
#ifdef WITH_XEN
BORROWER(xen)
#endif
#ifdef WITH_ESX
BORROWER(esx)
#endif
#ifdef WITH_OPENVZ
BORROWER(openvz)
#endif

static const struct loan loans[] = {
#ifdef WITH_QEMU
    LOAN(qemu)
#endif
#ifdef WITH_LXC
        LOAN(lxc)
#endif
#ifdef WITH_XEN
            LOAN(xen)
#endif
#ifdef WITH_ESX
                LOAN(esx)
#endif
#ifdef WITH_OPENVZ
                    LOAN(openvz)
#endif
                        {NULL, NULL},
};

/* Before main, since a table's address in another file's struct is no constant; nothing changes
 * them afterwards. */
__attribute__((constructor)) static void borrow(void)
{
    for (const struct loan *loan = loans; loan->borrower; loan++) {
        loan->borrower->tunables = loan->lender->tunables;
        loan->borrower->figures = loan->lender->figures;
        loan->borrower->check = loan->lender->check;
        loan->borrower->plan = loan->lender->plan;
        loan->borrower->plan_shrink = loan->lender->plan_shrink;
        loan->borrower->flags = loan->lender->flags & (BACKEND_ONE_SCOPE | BACKEND_HOST_NO_WALL);
    }
}

const struct backend *fake_for(const char *uri)
{
    g_autofree char *scheme = g_uri_parse_scheme(uri);
    if (g_strcmp0(scheme, "fake") == 0)
        return &fake_backend;
    for (const struct loan *loan = loans; loan->borrower; loan++)
        if (g_strcmp0(scheme, loan->borrower->name) == 0)
            return loan->borrower;
    return NULL;
}
