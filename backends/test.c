/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/test.h"

#include "backends/support/virt-carriers.h"

#define GUEST "Memory of the guest"
#define LIMITS "Limits"

/* The driver refuses LIVE and CONFIG in one call. */
/* clang-format off */
static const struct tunable tunables[] = {
    {.name = "maximum", .native = "maxMem", .libvirt = "memory", .label = "Maximum", .section = GUEST,
     .effect = "needs a restart",
     .help = "What the guest could ever have. A running domain keeps its maximum until its next start; lowering the "
             "configured maximum below the configured memory lowers that too.",
     .source = "virDomainSetMemoryFlags, VIR_DOMAIN_MEM_MAXIMUM", .carrier = &virt_maximum,
     .min = 1024, .granule = 1024, .role = ROLE_MAXIMUM, .unit = UNIT_BYTES, .scopes = SCOPE_CONFIG},
    {.name = "memory", .native = "memory", .libvirt = "current_memory", .label = "Now (balloon)", .section = GUEST,
     .effect = "acts at once",
     .help = "What the guest is given now. The test driver does at once what it is asked.",
     .source = "virDomainSetMemoryFlags", .carrier = &virt_balloon_single,
     .granule = 1024, .role = ROLE_TARGET, .unit = UNIT_BYTES, .scopes = SCOPE_BOTH},
    {.name = "soft_limit", .native = "soft_limit", .libvirt = "soft_limit", .label = "Soft limit", .section = LIMITS,
     .effect = "kept, not enforced",
     .help = "Held when memory is short. The test driver keeps it and enforces nothing.",
     .source = "virDomainSetMemoryParameters", .carrier = &virt_memory_parameters_single,
     .max = VIRT_LIMIT_MOST, .granule = 1024, .role = ROLE_SOFT, .unit = UNIT_BYTES, .scopes = SCOPE_BOTH, .unlimited = true},
    {.name = "hard_limit", .native = "hard_limit", .libvirt = "hard_limit", .label = "Hard limit", .section = LIMITS,
     .effect = "kept, not enforced",
     .help = "What the domain may hold at most. The test driver keeps it and enforces nothing. libvirt refuses a value "
             "above swap_hard_limit.",
     .source = "virDomainSetMemoryParameters", .carrier = &virt_memory_parameters_single,
     .max = VIRT_LIMIT_MOST, .granule = 1024, .role = ROLE_HARD, .unit = UNIT_BYTES, .wall = WALL_KILLS, .scopes = SCOPE_BOTH, .unlimited = true},
    {.name = "swap_hard_limit", .native = "swap_hard_limit", .libvirt = "swap_hard_limit", .label = "Memory+swap", .section = LIMITS,
     .effect = "both; never < hard",
     .help = "Memory and swap together. libvirt refuses a value below hard_limit.",
     .source = "virDomainSetMemoryParameters", .carrier = &virt_memory_parameters_single,
     .max = VIRT_LIMIT_MOST, .granule = 1024, .role = ROLE_MEMSW, .unit = UNIT_BYTES, .scopes = SCOPE_BOTH, .unlimited = true},
    {.name = NULL},
};

enum row { HELD, GUEST_USED, SIZE, MAXIMUM, BALLOONED, CACHE, ROWS_ };

static const struct figure figures[] = {
    [HELD] = {.name = "held", .label = "Held", .source = "virDomainMemoryStats: rss", .role = FIGURE_HELD, .unit = UNIT_BYTES,
              .help = "What the domain holds of the host. The test driver invents it: half of its memory."},
    [GUEST_USED] = {.name = "guest", .label = "Guest uses", .source = "virDomainMemoryStats: available - usable", .role = FIGURE_GUEST,
                    .unit = UNIT_BYTES, .help = "What the guest says it uses. The test driver invents it."},
    [SIZE] = {.name = "size", .label = "Size", .source = "virDomainGetInfo", .role = FIGURE_SIZE, .unit = UNIT_BYTES,
              .help = "What the guest has been given."},
    [MAXIMUM] = {.name = "maximum", .label = "Maximum", .source = "virDomainGetInfo", .role = FIGURE_MAXIMUM, .unit = UNIT_BYTES,
                 .help = "What the guest could ever have."},
    [BALLOONED] = {.name = "ballooned", .label = "Ballooned", .source = "virDomainGetInfo", .role = FIGURE_BALLOONED, .unit = UNIT_BYTES,
                   .help = "What the balloon has taken from the guest: maximum less size."},
    [CACHE] = {.name = "droppable", .label = "Droppable", .source = "virDomainMemoryStats: disk_caches", .role = FIGURE_DROPPABLE,
               .unit = UNIT_BYTES, .help = "What the host could drop by itself. The test driver invents it."},
    [ROWS_] = {.name = NULL},
};
/* clang-format on */

static const char *const schemes[] = {"test", NULL};

static struct value difference(struct value a, struct value b)
{
    uint64_t large, small;

    if (!value_get(a, &large))
        return a;
    return value_get(b, &small) ? value_number(large - MIN(large, small)) : b;
}

static void fill(struct virt_connection *connection, struct virt_domain *domain,
                 struct snapshot_builder *builder, struct draft *draft, bool full)
{
    const struct value *stats = domain->stats;
    static const char off[] = "off: it is not running";

    for (size_t i = 0; !domain->active && i < ROWS_; i++)
        draft->figures[i] = value_unsupported(off);
    draft->kind = "test";
    if (!domain->active)
        return;
    domain->stats[VIRT_STAT_CURRENT] = stats[VIRT_STAT_USED];
    draft->figures[HELD] = stats[VIRT_STAT_RSS];
    draft->figures[GUEST_USED] = difference(stats[VIRT_STAT_AVAILABLE], stats[VIRT_STAT_USABLE]);
    draft->figures[SIZE] = stats[VIRT_STAT_USED];
    draft->figures[MAXIMUM] = stats[VIRT_STAT_MAXIMUM];
    draft->figures[BALLOONED] = difference(stats[VIRT_STAT_MAXIMUM], stats[VIRT_STAT_USED]);
    draft->figures[CACHE] = stats[VIRT_STAT_DISK_CACHES];
}

static const struct virt_driver driver = {
    .backend = &test_backend,
    .hypervisor = "test",
    .flags = VIRT_IN_PROCESS | VIRT_MEMORY_STATS,
    .fill = fill,
};

static bool open_test(const char *uri, enum access access, struct uplink *uplink,
                      struct connection **ret, GError **error)
{
    return virt_open(&driver, uri, access, uplink, ret, error);
}

const struct backend test_backend = {
    .name = "test",
    .title = "libvirt's test driver",
    .schemes = schemes,
    .tunables = tunables,
    .figures = figures,
    .flags = BACKEND_ONE_CONNECTION | BACKEND_NO_GUARD,
    .resolve = virt_resolve,
    .watch = virt_watch,
    .open = open_test,
    .close = virt_close,
    .sample = virt_sample,
    .check = virt_check,
    .plan = virt_plan,
    .apply = virt_apply,
};
