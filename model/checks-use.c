/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/checks-parts.h"
#include "model/size.h"
#include "model/trouble.h"

#include <string.h>

#define MARGIN_LEAST (UINT64_C(64) << 20)

/* What is known of a domain's use, for the wall that a change moves. */
struct use {
    const struct change *change;
    uint64_t limit;   /* after the change */
    bool in_swap_too; /* the wall counts swap: pushing out does not help */
    bool active;
    struct value needed; /* against this wall */
    struct value droppable;
    struct value guest;
    struct value swap_room; /* how much more could be swapped out */
};

static uint64_t saturating_sub(uint64_t a, uint64_t b)
{
    return a > b ? a - b : 0;
}

static uint64_t saturating_add(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

struct value check_swap_room(const struct trial *trial, const struct change *change)
{
    struct value used_now = snapshot_figure(trial->snapshot, trial->domain, FIGURE_SWAP);
    struct value room = trial->snapshot->host.swap_free;
    uint64_t number, free_swap, used = 0;

    value_get(used_now, &used);
    if (value_get(trial->snapshot->host.swap_total, &number) && !number)
        return value_number(0);
    if (value_get(trial_role(trial, ROLE_SWAPPINESS, SCOPE_LIVE), &number) && !number)
        return value_number(0);
    if (value_get(trial_role(trial, ROLE_SWAP, SCOPE_LIVE), &number))
        number = saturating_sub(number, used);
    else if (value_get(trial_role(trial, ROLE_MEMSW, SCOPE_LIVE), &number) &&
             change->to.kind == VALUE_NUMBER)
        number = saturating_sub(number, saturating_add(change->to.number, used));
    else
        return room;
    if (!number)
        return value_number(0);
    return value_get(room, &free_swap) ? value_number(MIN(free_swap, number)) : room;
}

struct value checks_least_safe(const struct tunable *row, uint64_t bytes)
{
    uint64_t unit = 1, tenth, granule = row->granule > 1 ? row->granule : 1;

    if (row->unit != UNIT_BYTES)
        return value_number(bytes);
    while (bytes / unit >= 1024)
        unit *= 1024;
    /* where size_format_short() has a decimal */
    tenth = bytes / unit < (unit < UINT64_C(1) << 30 ? 10 : 100) ? (unit + 9) / 10 : unit;
    if (bytes % tenth && bytes < UINT64_MAX - tenth)
        bytes += tenth - bytes % tenth;
    if (bytes % granule && bytes < UINT64_MAX - granule)
        bytes += granule - bytes % granule;
    return value_number(bytes);
}

static uint64_t with_margin(uint64_t bytes)
{
    return saturating_add(bytes, MAX(bytes / 50, MARGIN_LEAST));
}

struct value check_safe(const struct tunable *row, uint64_t least)
{
    return checks_least_safe(row, with_margin(least));
}

char *check_need_text(uint64_t needed, struct value droppable, bool in_swap_too,
                      struct value swap_room)
{
    GString *text = g_string_new(NULL);
    char size[SIZE_TEXT_MAX];
    uint64_t number;

    g_string_append_printf(text, "needs %s", size_format(needed, size));
    if (value_get(droppable, &number))
        g_string_append_printf(text, ", %s can be dropped", size_format(number, size));
    if (in_swap_too)
        g_string_append(text, ", swap counts too");
    else if (!value_get(swap_room, &number))
        g_string_append(text, ", free swap is not known");
    else if (!number)
        g_string_append(text, ", no swap");
    else
        g_string_append_printf(text, ", %s could be swapped out", size_format(number, size));
    return g_string_free(text, FALSE);
}

/* The wall against what is needed. True where it was found to kill. */
static bool check_needed(const struct trial *trial, const struct use *use, uint64_t needed)
{
    const struct change *change = use->change;
    uint64_t room = 0, least;
    g_autofree char *text =
        check_need_text(needed, use->droppable, use->in_swap_too, use->swap_room);
    char size[SIZE_TEXT_MAX];
    struct value safe;

    if (!use->in_swap_too)
        value_get(use->swap_room, &room);
    least = saturating_sub(needed, room);
    safe = checks_least_safe(change->tunable, with_margin(least));
    if (use->limit >= with_margin(needed))
        return false;
    if (use->limit >= needed) {
        if (change_tightens(change))
            findings_add_safe(trial->findings, SEVERITY_WARN, change,
                              checks_least_safe(change->tunable, with_margin(needed)),
                              "near_needed", "leaves %s more than it needs",
                              size_format(use->limit - needed, size));
        return false;
    }
    if (change->scope == SCOPE_CONFIG) {
        findings_add_safe(trial->findings, SEVERITY_DANGER, change, safe, "kills_at_start",
                          "will kill at the next start if it uses as much: %s", text);
        return false;
    }
    if (use->limit >= least) {
        findings_add_safe(trial->findings, SEVERITY_WARN, change,
                          checks_least_safe(change->tunable, with_margin(needed)), "swaps_out",
                          "pushes %s out to swap at once: %s",
                          size_format(needed - use->limit, size), text);
        return false;
    }
    findings_add_safe(trial->findings, SEVERITY_KILLS, change, safe, "below_needed", "%s", text);
    return true;
}

/* Where nobody can say how much of what is held could be dropped. */
static void check_guess(const struct trial *trial, const struct use *use)
{
    const struct change *change = use->change;
    uint64_t held, guest;
    char size[SIZE_TEXT_MAX];

    if (value_get(use->needed, &held)) {
        if (use->limit < held)
            findings_add_safe(trial->findings, SEVERITY_DANGER, change,
                              checks_least_safe(change->tunable, with_margin(held)), "below_held",
                              "it holds %s, and how much of that can be dropped is not known",
                              size_format(held, size));
        return;
    }
    if (value_get(use->guest, &guest)) {
        if (use->limit < guest)
            findings_add_safe(trial->findings, SEVERITY_DANGER, change,
                              checks_least_safe(change->tunable, with_margin(guest)), "below_guest",
                              "the guest says it uses %s, and more is not known",
                              size_format(guest, size));
        return;
    }
    if (change->scope == SCOPE_LIVE && change_tightens(change))
        findings_add(trial->findings, SEVERITY_WARN, change, "use_unknown",
                     "nobody can tell what it needs");
}

/* A guest may fill what it was given, and its process needs a part beside that. */
static void check_growth(const struct trial *trial, const struct use *use)
{
    const struct change *change = use->change;
    struct value maximum = trial_role(trial, ROLE_MAXIMUM, change->scope);
    struct value overhead = snapshot_figure(trial->snapshot, trial->domain, FIGURE_OVERHEAD);
    struct value huge = snapshot_figure(trial->snapshot, trial->domain, FIGURE_HUGEPAGES);
    g_autofree char *own = NULL;
    uint64_t most, part = 0, apart;
    char size[SIZE_TEXT_MAX], part_text[SIZE_TEXT_MAX];

    if (change->tunable->role != ROLE_HARD || !value_get(maximum, &most))
        return;
    /* No guest grows in a driver that lives in this process. */
    if (trial->snapshot->backend->flags & BACKEND_NO_GUARD)
        return;
    if (value_get(huge, &apart) && apart)
        return; /* its memory is not counted where the limit acts */
    if (value_get(overhead, &part))
        own = g_strdup_printf(" and its process about %s more", size_format(part, part_text));
    if (use->limit < saturating_add(most, part))
        findings_add_safe(trial->findings, SEVERITY_DANGER, change,
                          checks_least_safe(change->tunable, saturating_add(most, part)),
                          "below_maximum", "the guest may grow to %s%s: killed when it does",
                          size_format(most, size), own ? own : "");
}

static void check_wall(const struct trial *trial, const struct change *change)
{
    const struct snapshot *snapshot = trial->snapshot;
    const struct domain *domain = trial->domain;
    struct use use = {
        .change = change,
        .in_swap_too = change->tunable->role == ROLE_MEMSW,
        .active = domain_state_active(domain->identity->state),
        .needed = trouble_used(snapshot, domain, change->tunable),
        .droppable = snapshot_figure(snapshot, domain, FIGURE_DROPPABLE),
        .guest = snapshot_figure(snapshot, domain, FIGURE_GUEST),
        .swap_room = check_swap_room(trial, change),
    };
    uint64_t needed;
    bool kills = false;

    if (!value_get(tunable_round(change->tunable, change->to), &use.limit))
        return;
    if (use.active) {
        /* UNSUPPORTED: there is nothing that a host could drop, and held is needed. */
        if (use.droppable.kind != VALUE_UNKNOWN && value_get(use.needed, &needed))
            kills = check_needed(trial, &use, needed);
        else
            check_guess(trial, &use);
    }
    if (!kills)
        check_growth(trial, &use);
}

/* A soft limit that slows nothing is a hint only: then nobody counts how often it did. */
static bool soft_slows(const struct trial *trial, const struct tunable *row)
{
    return row && row->wall == WALL_SLOWS &&
           snapshot_figure(trial->snapshot, trial->domain, FIGURE_THROTTLED).kind !=
               VALUE_UNSUPPORTED;
}

static void check_soft(const struct trial *trial, const struct change *change)
{
    uint64_t needed, soft;
    char size[SIZE_TEXT_MAX];

    if (soft_slows(trial, change->tunable) && change->scope == SCOPE_LIVE &&
        value_get(trouble_needed(trial->snapshot, trial->domain), &needed) &&
        value_get(tunable_round(change->tunable, change->to), &soft) && soft < needed)
        findings_add(trial->findings, SEVERITY_WARN, change, "soft_below_needed",
                     "slows it from the first second: needs %s", size_format(needed, size));
}

/* A domain that is held at its soft limit gains nothing by a higher hard one. */
static void check_stall(const struct trial *trial, const struct change *change)
{
    const struct tunable *row = tunable_by_role(trial->snapshot->backend->tunables, ROLE_SOFT);
    uint64_t soft, held;
    char size[SIZE_TEXT_MAX];

    if (change->scope == SCOPE_LIVE && !change_tightens(change) && soft_slows(trial, row) &&
        value_get(trial_role(trial, ROLE_SOFT, SCOPE_LIVE), &soft) &&
        value_get(snapshot_figure(trial->snapshot, trial->domain, FIGURE_HELD), &held) &&
        held >= soft - soft / 100)
        findings_add(trial->findings, SEVERITY_NOTE, change, "soft_stalls",
                     "the soft limit %s goes on slowing it: raise it too?",
                     size_format(soft, size));
}

static void check_swappiness(const struct trial *trial, const struct change *change)
{
    uint64_t swappiness;

    if (!value_get(change->to, &swappiness))
        return;
    if (swappiness == 0)
        findings_add(trial->findings, SEVERITY_WARN, change, "swappiness_zero",
                     "0 never swaps, even at the limit: it is killed instead");
    else if (swappiness > 100)
        findings_add(trial->findings, SEVERITY_NOTE, change, "swappiness_high",
                     "kernels before 5.8 refuse more than 100");
}

static void check_target(const struct trial *trial, const struct change *change)
{
    struct value guest = snapshot_figure(trial->snapshot, trial->domain, FIGURE_GUEST);
    struct value held = snapshot_figure(trial->snapshot, trial->domain, FIGURE_HELD);
    bool asked = value_known(guest);
    uint64_t target, used;
    char size[SIZE_TEXT_MAX];

    if (change->scope != SCOPE_LIVE || !value_get(change->to, &target) || !target ||
        !value_get(asked ? guest : held, &used))
        return;
    if (target < used / 2)
        findings_add_safe(
            trial->findings, SEVERITY_DANGER, change,
            checks_least_safe(change->tunable, asked ? with_margin(used) : used - used / 2),
            "target_below_half",
            asked ? "less than half of the %s that the guest uses: it may die of it"
                  : "less than half of the %s that it holds: the guest may die of it",
            size_format(used, size));
    else if (asked && target < used)
        findings_add_safe(
            trial->findings, SEVERITY_WARN, change,
            checks_least_safe(change->tunable, with_margin(used)), "target_below_guest",
            "the guest uses %s: it will swap, or kill something inside", size_format(used, size));
}

static void check_maximum(const struct trial *trial, const struct change *change)
{
    uint64_t maximum, held;
    char size[SIZE_TEXT_MAX];

    if (value_get(change->to, &maximum) && maximum &&
        value_get(snapshot_figure(trial->snapshot, trial->domain, FIGURE_HELD), &held) &&
        maximum < held)
        findings_add(trial->findings, SEVERITY_NOTE, change, "maximum_below_held",
                     "it holds %s: this shrinks nothing, it stops growth", size_format(held, size));
}

void check_use(const struct trial *trial, const struct change *change)
{
    const struct tunable *row = change->tunable;

    if (row->role == ROLE_TARGET)
        check_target(trial, change);
    else if (row->role == ROLE_MAXIMUM)
        check_maximum(trial, change);
    else if (row->role == ROLE_SWAPPINESS)
        check_swappiness(trial, change);
    else if (row->wall == WALL_KILLS && row->unit == UNIT_BYTES && row->role != ROLE_SWAP)
        check_wall(trial, change);
    else if (row->role == ROLE_SOFT)
        check_soft(trial, change);
    if (row->role == ROLE_HARD)
        check_stall(trial, change);
}
