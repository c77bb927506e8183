/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/lxc.h"

#include "backends/group-check.h"
#include "backends/support/virt-carriers.h"
#include "backends/support/virt-group-rows.h"
#include "backends/support/virt-group.h"
#include "backends/support/virt-limits.h"
#include "model/size.h"

#define LIMITS "Limits of the container (its page cache counts, and is dropped first)"

/* An absent <hard_limit> is <memory> at the next start: one knob, so one value. */
static struct value read_parameter(const struct virt_domain *domain, const struct tunable *row,
                                   enum scope scope)
{
    if (row->role == ROLE_HARD && scope == SCOPE_CONFIG &&
        (domain->config.hard_limit.kind == VALUE_UNSET ||
         domain->config.hard_limit.kind == VALUE_UNLIMITED))
        return domain->config.memory;
    return virt_parameter_read(domain, row, scope);
}

/* clang-format off */
static const struct carrier parameters = {
    .name = "memory parameters", .whole = true, .both = true,
    .read = read_parameter, .words = virt_parameter_words, .apply = virt_parameter_apply,
};

static const struct tunable tunables[] = {
    {.name = "hard_limit", .native = "memory.max, memory.limit_in_bytes", .libvirt = "hard_limit", .label = "Hard limit", .section = LIMITS,
     .effect = "kills a process",
     .help = "What all processes of the container may hold together, their page cache included. Above it the kernel drops "
             "cache, swaps, and then kills a process in it; the container goes on, often half dead, and when its first "
             "process is killed it is gone. libvirt has three names for this one knob: <memory>, setmem and hard_limit; at "
             "the next start hard_limit acts, or <memory> where there is none.",
     .source = "virDomainSetMemoryParameters", .carrier = &parameters,
     .max = VIRT_LIMIT_MOST, .granule = 4096, .role = ROLE_HARD, .unit = UNIT_BYTES, .wall = WALL_KILLS, .scopes = SCOPE_BOTH, .unlimited = true},
    {.name = "soft_limit", .native = "memory.high, memory.soft_limit_in_bytes", .libvirt = "soft_limit", .label = "Soft limit", .section = LIMITS,
     .effect = "v1 a hint, v2 slows",
     .help = "Control group v2 (memory.high): above it every allocation is throttled and memory is reclaimed at once, "
             "without a kill. v1 (memory.soft_limit_in_bytes): what it is pushed back to when the host runs short.",
     .source = "virDomainSetMemoryParameters", .carrier = &parameters,
     .max = VIRT_LIMIT_MOST, .granule = 4096, .role = ROLE_SOFT, .unit = UNIT_BYTES, .wall = WALL_SLOWS, .scopes = SCOPE_BOTH, .unlimited = true},
    {.name = "swap_hard_limit", .native = "memory.memsw.limit_in_bytes", .libvirt = "swap_hard_limit", .label = "Memory+swap", .section = LIMITS,
     .effect = "both; never < hard",
     .help = "Memory and swap together (control group v1). Never below the hard limit.",
     .source = "virDomainSetMemoryParameters", .carrier = &parameters,
     .max = VIRT_LIMIT_MOST, .granule = 4096, .role = ROLE_MEMSW, .unit = UNIT_BYTES, .wall = WALL_KILLS, .wall_figure = "memsw", .scopes = SCOPE_BOTH, .unlimited = true},
    VIRT_GROUP_SWAP_MAX(LIMITS),
    VIRT_GROUP_TUNABLES(LIMITS),
    {.name = NULL},
};

enum row { GUEST_USED = VIRT_GROUP_ROWS_, MAXIMUM, ROWS_ };

static const struct figure figures[] = {
    VIRT_GROUP_FIGURES,
    [GUEST_USED] = {.name = "guest", .label = "Guest uses", .source = "nowhere", .role = FIGURE_GUEST, .unit = UNIT_BYTES,
                    .help = "Containers have no balloon that would report."},
    [MAXIMUM] = {.name = "maximum", .label = "Maximum", .source = "virDomainGetInfo: maxMem", .role = FIGURE_MAXIMUM, .unit = UNIT_BYTES,
                 .help = "<memory> of its description: its hard limit at the next start where it has none of its own."},
    [ROWS_] = {.name = NULL},
};
/* clang-format on */

static const char *const schemes[] = {"lxc", NULL};
static const char *const local_uris[] = {"lxc:///system", NULL};

static void fill(struct virt_connection *connection, struct virt_domain *domain,
                 struct snapshot_builder *builder, struct draft *draft, bool full)
{
    struct value *f = draft->figures;

    draft->kind = "LXC";
    draft->detail = virt_limits_detail(connection);
    for (size_t i = 0; !domain->active && i < ROWS_; i++)
        f[i] = value_unsupported("off: it is not running");
    if (!domain->active)
        return;
    virt_group_fill(connection, domain, builder, draft);
    if (!value_known(f[VIRT_GROUP_HELD]) && value_known(domain->stats[VIRT_STAT_USED]))
        f[VIRT_GROUP_HELD] = domain->stats[VIRT_STAT_USED]; /* libvirt reads the same file */
    f[MAXIMUM] = domain->stats[VIRT_STAT_MAXIMUM];
    f[GUEST_USED] = value_unsupported("no_balloon: containers have no balloon");
}

static void check(const struct snapshot *snapshot, const struct domain *domain,
                  const struct change *changes, size_t n, struct findings *findings)
{
    virt_check(snapshot, domain, changes, n, findings);
    for (size_t i = 0; i < n; i++) {
        virt_limits_check(snapshot, domain, &changes[i], findings);
        group_check(snapshot, domain, changes, n, &changes[i], findings);
        if (changes[i].tunable->role == ROLE_HARD && changes[i].scope == SCOPE_CONFIG &&
            changes[i].to.kind == VALUE_UNLIMITED)
            findings_add(findings, SEVERITY_REFUSE, &changes[i], "memory_acts",
                         "a container always starts with a limit: without hard_limit its <memory> "
                         "acts, so set a size (or write to live only)");
    }
}

static const struct virt_driver driver = {
    .backend = &lxc_backend,
    .hypervisor = "lxc",
    .opened = virt_groups_opened,
    .closed = virt_groups_closed,
    .tick = virt_groups_tick,
    .look = virt_group_look,
    .fill = fill,
};

static bool open_lxc(const char *uri, enum access access, struct uplink *uplink,
                     struct connection **ret, GError **error)
{
    return virt_open(&driver, uri, access, uplink, ret, error);
}

static bool present(void)
{
    return virt_socket_present("virtlxcd");
}

const struct backend lxc_backend = {
    .name = "lxc",
    .title = "LXC",
    .schemes = schemes,
    .local_uris = local_uris,
    .tunables = tunables,
    .figures = figures,
    .present = present,
    .resolve = virt_resolve,
    .watch = virt_watch,
    .open = open_lxc,
    .close = virt_close,
    .sample = virt_sample,
    .check = check,
    .plan = virt_plan,
    .plan_shrink = virt_plan_shrink,
    .apply = virt_apply,
};
