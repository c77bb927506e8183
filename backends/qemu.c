/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/qemu.h"

#include "backends/group-check.h"
#include "backends/support/virt-carriers.h"
#include "backends/support/virt-group-rows.h"
#include "backends/support/virt-group.h"
#include "backends/support/virt-limits.h"
#include "model/checks.h"
#include "model/size.h"
#include "model/trouble.h"

#define GUEST_MEMORY "Memory of the guest"
#define LIMITS "Limits of the whole QEMU process (guest and its own)"

/* clang-format off */
static const struct tunable tunables[] = {
    {.name = "maximum", .native = "memory", .libvirt = "memory", .label = "Maximum", .section = GUEST_MEMORY,
     .effect = "needs a restart",
     .help = "What the guest can ever have. It is fixed while the guest runs; lowering it below the configured balloon "
             "lowers that too. QEMU rounds it up to whole MiB at the next start.",
     .source = "virDomainSetMemoryFlags, VIR_DOMAIN_MEM_MAXIMUM", .carrier = &virt_maximum,
     .min = 1 << 20, .granule = 1024, .role = ROLE_MAXIMUM, .unit = UNIT_BYTES, .scopes = SCOPE_CONFIG},
    {.name = "memory", .native = "virtio balloon", .libvirt = "current_memory", .label = "Now (balloon)", .section = GUEST_MEMORY,
     .effect = "asks; may refuse",
     .help = "What the guest is asked to live with. Its balloon driver gives the rest back as far as it can; without a "
             "driver nothing ever moves, and what was asked for can be read nowhere. Too low makes the guest swap and "
             "kill processes of its own.",
     .source = "virDomainSetMemoryFlags", .carrier = &virt_balloon,
     .granule = 4096, .role = ROLE_TARGET, .unit = UNIT_BYTES, .readback = READBACK_CONVERGES, .scopes = SCOPE_BOTH},
    {.name = "stats_period", .native = "stats period", .libvirt = "period", .label = "Guest figures", .section = GUEST_MEMORY,
     .effect = "off: GUEST shows ?",
     .help = "How often the guest's balloon driver reports what it uses, in seconds; 0 is never.",
     .source = "virDomainSetMemoryStatsPeriod", .carrier = &virt_stats_period,
     .max = 86400, .role = ROLE_STATS_PERIOD, .unit = UNIT_SECONDS, .scopes = SCOPE_BOTH},
    {.name = "soft_limit", .native = "memory.high, memory.soft_limit_in_bytes", .libvirt = "soft_limit", .label = "Soft limit", .section = LIMITS,
     .effect = "v2 slows; v1 a hint",
     .help = "Control group v2 (memory.high): above it every allocation is throttled and memory is reclaimed at once, "
             "without a kill. v1 (memory.soft_limit_in_bytes): what it is pushed back to when the host runs short.",
     .source = "virDomainSetMemoryParameters", .carrier = &virt_memory_parameters,
     .max = VIRT_LIMIT_MOST, .granule = 4096, .role = ROLE_SOFT, .unit = UNIT_BYTES, .wall = WALL_SLOWS, .scopes = SCOPE_BOTH, .unlimited = true},
    {.name = "hard_limit", .native = "memory.max, memory.limit_in_bytes", .libvirt = "hard_limit", .label = "Hard limit", .section = LIMITS,
     .effect = "above: VM is killed",
     .help = "The whole QEMU process: the guest's memory and what QEMU itself needs, which nobody can foretell. Above it "
             "the kernel reclaims, swaps, and then kills the virtual machine. Lowered below use, v2 kills at once and v1 "
             "refuses (EBUSY). It also limits locked memory.",
     .source = "virDomainSetMemoryParameters", .carrier = &virt_memory_parameters,
     .max = VIRT_LIMIT_MOST, .granule = 4096, .role = ROLE_HARD, .unit = UNIT_BYTES, .wall = WALL_KILLS, .scopes = SCOPE_BOTH, .unlimited = true},
    {.name = "swap_hard_limit", .native = "memory.memsw.limit_in_bytes", .libvirt = "swap_hard_limit", .label = "Memory+swap", .section = LIMITS,
     .effect = "both; never < hard",
     .help = "Memory and swap together (control group v1). Never below the hard limit.",
     .source = "virDomainSetMemoryParameters", .carrier = &virt_memory_parameters,
     .max = VIRT_LIMIT_MOST, .granule = 4096, .role = ROLE_MEMSW, .unit = UNIT_BYTES, .wall = WALL_KILLS, .wall_figure = "memsw", .scopes = SCOPE_BOTH, .unlimited = true},
    VIRT_GROUP_SWAP_MAX(LIMITS),
    VIRT_GROUP_TUNABLES(LIMITS),
    {.name = NULL},
};

enum row {
    GUEST_USED = VIRT_GROUP_ROWS_, OVERHEAD, SIZE, MAXIMUM, TARGET, BALLOONED, HUGEPAGES, LOCKED, STATS_AGE,
    RSS, UNUSED, AVAILABLE, USABLE, GUEST_CACHES, SWAP_IN, SWAP_OUT, MAJOR, MINOR, ROWS_
};

#define STATS "bulk statistics, balloon."
static const struct figure figures[] = {
    VIRT_GROUP_FIGURES,
    [GUEST_USED] = {.name = "guest", .label = "Guest uses", .source = STATS "current less balloon.usable", .role = FIGURE_GUEST,
                    .unit = UNIT_BYTES, .help = "What the guest says it uses: the balloon's size less what it could use without swapping."},
    [OVERHEAD] = {.name = "overhead", .label = "QEMU's own", .source = "needed less the balloon's size", .role = FIGURE_OVERHEAD, .unit = UNIT_BYTES,
                  .help = "What QEMU itself holds beside the guest's memory, as far as it can be told: known once both together are more than the guest's size."},
    [SIZE] = {.name = "size", .label = "Size", .source = STATS "current", .role = FIGURE_SIZE, .unit = UNIT_BYTES,
              .help = "What the balloon leaves to the guest now."},
    [MAXIMUM] = {.name = "maximum", .label = "Maximum", .source = STATS "maximum", .role = FIGURE_MAXIMUM, .unit = UNIT_BYTES,
                 .help = "What the guest could ever have."},
    [TARGET] = {.name = "target", .label = "Target", .source = "nowhere", .role = FIGURE_TARGET, .unit = UNIT_BYTES,
                .help = "What the balloon was asked for. QEMU tells nobody."},
    [BALLOONED] = {.name = "ballooned", .label = "Ballooned", .source = STATS "maximum less balloon.current", .role = FIGURE_BALLOONED,
                   .unit = UNIT_BYTES, .help = "What the balloon has taken from the guest."},
    [HUGEPAGES] = {.name = "hugepages", .label = "Huge pages", .source = "memoryBacking in the domain's description", .role = FIGURE_HUGEPAGES,
                   .unit = UNIT_BYTES, .help = "Guest memory on huge pages, which the limits do not act on."},
    [LOCKED] = {.name = "locked", .label = "Locked", .source = "memoryBacking and host devices in the description", .role = FIGURE_LOCKED,
                .unit = UNIT_FLAG, .help = "Whether its memory is locked or given to a device, so that it can neither be swapped nor ballooned."},
    [STATS_AGE] = {.name = "stats_age", .label = "Guest figures are", .source = STATS "last-update", .role = FIGURE_STATS_AGE, .unit = UNIT_AGE,
                   .help = "How long ago the guest last reported."},
    [RSS] = {.name = "rss", .label = "QEMU resident", .source = STATS "rss", .unit = UNIT_BYTES,
             .help = "QEMU's resident memory, other processes' shared pages included. Not what a limit acts on."},
    [UNUSED] = {.name = "unused", .label = "Guest unused", .source = STATS "unused", .unit = UNIT_BYTES, .help = "Memory that the guest leaves completely unused."},
    [AVAILABLE] = {.name = "available", .label = "Guest sees", .source = STATS "available", .unit = UNIT_BYTES, .help = "Memory that the guest's system can see."},
    [USABLE] = {.name = "usable", .label = "Guest could use", .source = STATS "usable", .unit = UNIT_BYTES, .help = "Memory that the guest could use without swapping."},
    [GUEST_CACHES] = {.name = "disk_caches", .label = "Guest caches", .source = STATS "disk_caches", .unit = UNIT_BYTES, .help = "Page cache of the guest that it can drop."},
    [SWAP_IN] = {.name = "swap_in", .label = "Guest swap-in", .source = STATS "swap_in", .unit = UNIT_BYTES, .counter = true, .help = "Read from the guest's own swap."},
    [SWAP_OUT] = {.name = "swap_out", .label = "Guest swap-out", .source = STATS "swap_out", .unit = UNIT_BYTES, .counter = true, .help = "Written to the guest's own swap."},
    [MAJOR] = {.name = "major_faults", .label = "Major faults", .source = STATS "major_fault", .unit = UNIT_COUNT, .counter = true, .help = "Page faults of the guest that read from disk."},
    [MINOR] = {.name = "minor_faults", .label = "Minor faults", .source = STATS "minor_fault", .unit = UNIT_COUNT, .counter = true, .help = "Page faults of the guest that did not."},
    [ROWS_] = {.name = NULL},
};
/* clang-format on */

static const char *const schemes[] = {"qemu", NULL};
static const char *const local_uris[] = {"qemu:///system", NULL};

static struct value less(struct value a, struct value b)
{
    uint64_t large, small;

    if (!value_get(a, &large))
        return a;
    return value_get(b, &small) ? value_number(large - MIN(large, small)) : b;
}

/* Why the guest's own figures are missing, as far as that can be told. */
static struct value guest_figure(const struct virt_domain *domain, struct value value)
{
    uint64_t period;

    if (value.kind != VALUE_UNKNOWN)
        return value;
    if (domain->live.balloon == BALLOON_NONE || domain->live.balloon == BALLOON_UNKNOWN)
        return value_unsupported("no_balloon: it has no balloon device");
    if (value_get(domain->live.stats_period, &period) && !period)
        return value_unknown("stats_period_0: the guest is not asked: stats_period is 0");
    return value;
}

static struct value age_of(struct value update)
{
    uint64_t then;
    int64_t now = g_get_real_time() / G_USEC_PER_SEC;

    if (!value_get(update, &then))
        return update;
    if (!then)
        return value_unknown("no_report: the guest has not reported yet");
    return value_number((int64_t)then < now ? (uint64_t)now - then : 0);
}

/* The guest's pages and QEMU's own are one charge: its own part shows where there is more than the
 * guest could hold. */
static struct value overhead(const struct value *f)
{
    uint64_t held, droppable = 0, size;

    if (!value_get(f[VIRT_GROUP_HELD], &held) || !value_get(f[SIZE], &size))
        return value_unknown("not_told: it is not known how much is QEMU's own");
    value_get(f[VIRT_GROUP_DROPPABLE], &droppable);
    held -= MIN(held, droppable);
    return held > size ? value_number(held - size)
                       : value_unknown("not_full: it shows once the guest has used all its memory");
}

static void fill_guest(const struct virt_domain *domain, struct value *f)
{
    const struct value *stats = domain->stats;
    /* clang-format off */
    static const struct { enum row row; enum virt_stat stat; } plain[] = {
        {UNUSED, VIRT_STAT_UNUSED}, {AVAILABLE, VIRT_STAT_AVAILABLE}, {USABLE, VIRT_STAT_USABLE},
        {GUEST_CACHES, VIRT_STAT_DISK_CACHES}, {SWAP_IN, VIRT_STAT_SWAP_IN}, {SWAP_OUT, VIRT_STAT_SWAP_OUT},
        {MAJOR, VIRT_STAT_MAJOR_FAULTS}, {MINOR, VIRT_STAT_MINOR_FAULTS},
    };
    /* clang-format on */

    for (size_t i = 0; i < G_N_ELEMENTS(plain); i++)
        f[plain[i].row] = guest_figure(domain, stats[plain[i].stat]);
    f[GUEST_USED] = guest_figure(domain, less(stats[VIRT_STAT_CURRENT], stats[VIRT_STAT_USABLE]));
    f[STATS_AGE] = guest_figure(domain, age_of(stats[VIRT_STAT_LAST_UPDATE]));
}

/* What limits do not act on, or cannot take back: also of what is off, since it decides whether it
 * starts. */
static void fill_backing(const struct domain_xml *xml, struct value gap, struct value *f)
{
    if (gap.kind == VALUE_UNKNOWN) {
        f[HUGEPAGES] = f[LOCKED] = gap;
        return;
    }
    f[HUGEPAGES] = xml->hugepages ? xml->memory : value_number(0);
    f[LOCKED] = value_choice(xml->locked, 0);
}

static void fill(struct virt_connection *connection, struct virt_domain *domain,
                 struct snapshot_builder *builder, struct draft *draft, bool full)
{
    const struct value *stats = domain->stats;
    struct value *f = draft->figures;

    draft->kind = "QEMU";
    draft->detail = virt_limits_detail(connection);
    for (size_t i = 0; !domain->active && i < ROWS_; i++)
        f[i] = value_unsupported("off: it is not running");
    if (!domain->active && domain->persistent)
        fill_backing(&domain->config, domain->config_gap, f);
    if (!domain->active)
        return;
    fill_guest(domain, f);
    f[SIZE] = stats[VIRT_STAT_CURRENT];
    f[MAXIMUM] = stats[VIRT_STAT_MAXIMUM];
    f[BALLOONED] = less(stats[VIRT_STAT_MAXIMUM], stats[VIRT_STAT_CURRENT]);
    f[TARGET] = value_unknown("unreadable: QEMU tells nobody what the balloon was asked for");
    f[RSS] = stats[VIRT_STAT_RSS];
    fill_backing(&domain->live, domain->live_gap, f);
    virt_group_fill(connection, domain, builder, draft);
    f[OVERHEAD] = overhead(f);
}

/* --- its own rules ---------------------------------------------------------------------------- */

static void check_hard(const struct snapshot *snapshot, const struct domain *domain,
                       const struct change *changes, size_t n, const struct change *change,
                       struct findings *findings)
{
    const struct tunable *row = tunable_by_role(tunables, ROLE_MAXIMUM);
    struct value maximum = checks_after(snapshot, domain, changes, n, row, change->scope);
    struct value huge = snapshot_figure(snapshot, domain, FIGURE_HUGEPAGES);
    uint64_t limit, size, own = 0, pages = 0;
    char text[SIZE_TEXT_MAX], own_text[SIZE_TEXT_MAX];

    if (!value_get(tunable_round(change->tunable, change->to), &limit) ||
        !value_get(maximum, &size))
        return;
    value_get(huge, &pages);
    if (pages) {
        findings_add(findings, SEVERITY_NOTE, change, "hugepages",
                     "%s are huge pages, not counted here: this limit acts on the rest only",
                     size_format(pages, text));
        return;
    }
    value_get(snapshot_figure(snapshot, domain, FIGURE_OVERHEAD), &own);
    if (limit < size + own)
        findings_add(findings, SEVERITY_DANGER, change, "below_maximum",
                     "the guest may grow to %s and QEMU needs %s of its own: killed when it does",
                     size_format(size, text), own ? size_format(own, own_text) : "some");
    if (value_equal(snapshot_figure(snapshot, domain, FIGURE_LOCKED), value_choice(1, 0)) &&
        limit < size + own)
        findings_add(findings, SEVERITY_DANGER, change, "locked",
                     "also the limit for locked memory: below %s the VM does not start",
                     size_format(size + own, text));
}

static void check_balloon(const struct snapshot *snapshot, const struct domain *domain,
                          const struct change *change, struct findings *findings)
{
    struct value guest = snapshot_figure(snapshot, domain, FIGURE_GUEST);
    struct value locked = snapshot_figure(snapshot, domain, FIGURE_LOCKED);
    char target_text[SIZE_TEXT_MAX], guest_text[SIZE_TEXT_MAX];
    uint64_t target, used;

    if (change->scope != SCOPE_LIVE)
        return;
    if (value_equal(locked, value_choice(1, 0)))
        findings_add(findings, SEVERITY_WARN, change, "locked",
                     "its memory is locked: the balloon may give nothing back");
    if (!value_known(guest)) {
        findings_add(findings, SEVERITY_NOTE, change, "no_report",
                     "the guest reports nothing: without a balloon driver it never moves");
    } else if (value_get(guest, &used) && value_get(change->to, &target) && target < used) {
        findings_add(findings, SEVERITY_DANGER, change, "below_guest",
                     "the guest says it uses %s: %s makes it swap or kill its own processes",
                     size_format(used, guest_text), size_format(target, target_text));
    }
}

static void check(const struct snapshot *snapshot, const struct domain *domain,
                  const struct change *changes, size_t n, struct findings *findings)
{
    virt_check(snapshot, domain, changes, n, findings);
    for (size_t i = 0; i < n; i++) {
        if (changes[i].tunable->role == ROLE_HARD)
            check_hard(snapshot, domain, changes, n, &changes[i], findings);
        if (changes[i].tunable->role == ROLE_TARGET)
            check_balloon(snapshot, domain, &changes[i], findings);
        virt_limits_check(snapshot, domain, &changes[i], findings);
        group_check(snapshot, domain, changes, n, &changes[i], findings);
    }
}

static const struct virt_driver driver = {
    .backend = &qemu_backend,
    .hypervisor = "kvm",
    .flags = VIRT_BULK,
    .opened = virt_groups_opened,
    .closed = virt_groups_closed,
    .tick = virt_groups_tick,
    .look = virt_group_look,
    .fill = fill,
};

static bool open_qemu(const char *uri, enum access access, struct uplink *uplink,
                      struct connection **ret, GError **error)
{
    return virt_open(&driver, uri, access, uplink, ret, error);
}

static bool present(void)
{
    return virt_socket_present("virtqemud");
}

const struct backend qemu_backend = {
    .name = "qemu",
    .title = "KVM and QEMU",
    .schemes = schemes,
    .local_uris = local_uris,
    .tunables = tunables,
    .figures = figures,
    .present = present,
    .resolve = virt_resolve,
    .watch = virt_watch,
    .open = open_qemu,
    .close = virt_close,
    .sample = virt_sample,
    .check = check,
    .plan = virt_plan,
    .plan_shrink = virt_plan_shrink,
    .apply = virt_apply,
};
