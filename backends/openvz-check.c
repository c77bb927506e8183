/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rules of vzcfgvalidate(8) (vzctl, src/validate.c), in its terms and before anything is
 * written, about what the changes touch; and what is lost at once where a barrier goes below what
 * is held.
 */
#include "backends/openvz-view.h"

#include "model/checks.h"
#include "model/size.h"

const struct change *ovz_touched(const struct ovz_view *view, enum ubc_counter counter)
{
    for (size_t i = view->n; i > 0; i--) {
        const struct change *change = &view->changes[i - 1];
        const struct carrier *carrier = change->tunable->carrier;

        if (change->scope == view->scope && carrier->kind != OVZ_MEMGUARANTEE &&
            carrier->counter == counter)
            return change;
    }
    return NULL;
}

static struct ovz_pair after(const struct ovz_view *view, enum ubc_counter counter)
{
    return ovz_pair_after(view->domain->settings, view->changes, view->n, counter, view->scope);
}

static struct ovz_pair before(const struct ovz_view *view, enum ubc_counter counter)
{
    return ovz_pair_after(view->domain->settings, NULL, 0, counter, view->scope);
}

/* As vzcfgvalidate prints numbers, but for its LONG_MAX. */
char *ovz_raw_text(uint64_t raw)
{
    return raw >= UBC_MAX64 ? g_strdup("unlimited") : g_strdup_printf("%" G_GUINT64_FORMAT, raw);
}

static char *pair_text(struct ovz_pair pair)
{
    g_autofree char *barrier = ovz_raw_text(pair.limits[UBC_BARRIER]);
    g_autofree char *limit = ovz_raw_text(pair.limits[UBC_LIMIT]);

    return g_strdup_printf("%s:%s", barrier, limit);
}

/* --- one counter by itself --------------------------------------------------------------- */

enum shape {
    ORDERED,    /* barrier <= limit */
    EQUAL,      /* barrier = limit */
    NO_LIMIT,   /* the limit means nothing and is unlimited */
    NO_BARRIER, /* the barrier means nothing and is 0 */
};

static const enum shape shapes[UBC_COUNTERS] = {
    [UBC_KMEMSIZE] = ORDERED,     [UBC_LOCKEDPAGES] = ORDERED,   [UBC_PRIVVMPAGES] = ORDERED,
    [UBC_SHMPAGES] = EQUAL,       [UBC_NUMPROC] = EQUAL,         [UBC_PHYSPAGES] = NO_BARRIER,
    [UBC_VMGUARPAGES] = NO_LIMIT, [UBC_OOMGUARPAGES] = NO_LIMIT, [UBC_NUMTCPSOCK] = EQUAL,
    [UBC_NUMFLOCK] = ORDERED,     [UBC_NUMPTY] = EQUAL,          [UBC_NUMSIGINFO] = EQUAL,
    [UBC_TCPSNDBUF] = ORDERED,    [UBC_TCPRCVBUF] = ORDERED,     [UBC_OTHERSOCKBUF] = ORDERED,
    [UBC_DGRAMRCVBUF] = ORDERED,  [UBC_NUMOTHERSOCK] = EQUAL,    [UBC_DCACHESIZE] = ORDERED,
    [UBC_NUMFILE] = EQUAL,        [UBC_NUMIPTENT] = EQUAL,       [UBC_SWAPPAGES] = NO_BARRIER,
};

static bool fits(enum shape shape, struct ovz_pair pair)
{
    uint64_t barrier = pair.limits[UBC_BARRIER], limit = pair.limits[UBC_LIMIT];

    switch (shape) {
    case ORDERED:
        return barrier <= limit;
    case EQUAL:
        return barrier == limit;
    case NO_LIMIT:
        return limit >= UBC_MAX64;
    case NO_BARRIER:
        return barrier == 0;
    }
    return true;
}

static const char *shape_words(enum shape shape)
{
    switch (shape) {
    case ORDERED:
        return "barrier should be <= limit";
    case EQUAL:
        return "barrier should be equal to limit";
    case NO_LIMIT:
        return "limit should be = unlimited";
    case NO_BARRIER:
        return "barrier should be = 0";
    }
    return "";
}

/* What was wrong before and is not made worse must not stop a change of the other half. */
static void check_shape(const struct ovz_view *view, enum ubc_counter counter)
{
    const struct change *change = ovz_touched(view, counter);
    struct ovz_pair pair = after(view, counter), old = before(view, counter);
    enum shape shape = shapes[counter];
    g_autofree char *text = NULL;
    bool tolerated;

    if (!change || !pair.known)
        return;
    /* From 7 on vzctl itself writes RAM as N:N. */
    if (shape == NO_BARRIER && view->generation != OVZ_LEGACY)
        return;
    text = pair_text(pair);
    if (pair.limits[UBC_BARRIER] > pair.limits[UBC_LIMIT])
        shape = ORDERED;
    if (fits(shape, pair))
        return;
    tolerated = shape != ORDERED && old.known && !fits(shape, old);
    findings_add(view->findings,
                 tolerated || (view->vswap && shape == EQUAL) ? SEVERITY_WARN : SEVERITY_REFUSE,
                 change, "vzcfgvalidate", "%s for %s (it would be %s)", shape_words(shape),
                 ubc_counters[counter].name, text);
}

static const char *gap_words(enum ubc_counter counter)
{
    if (counter == UBC_PRIVVMPAGES)
        return "the growth of stacks";
    if (counter == UBC_KMEMSIZE || counter == UBC_DCACHESIZE || counter == UBC_NUMFLOCK)
        return "what must not fail";
    return NULL;
}

static void check_gap(const struct ovz_view *view, enum ubc_counter counter)
{
    const struct change *change = ovz_touched(view, counter);
    struct ovz_pair pair = after(view, counter);
    const char *gap = gap_words(counter);

    if (change && gap && pair.known && pair.limits[UBC_BARRIER] == pair.limits[UBC_LIMIT] &&
        pair.limits[UBC_LIMIT] < UBC_MAX64)
        findings_add(view->findings, SEVERITY_WARN, change, "no_gap",
                     "barrier = limit of %s leaves no gap for %s", ubc_counters[counter].name, gap);
}

/* A barrier below what is held refuses everything from now on. */
static void check_held(const struct ovz_view *view, enum ubc_counter counter)
{
    const struct change *change = ovz_touched(view, counter);
    const struct tunable *row = &ovz_tunables[ovz_row(counter, UBC_BARRIER)];
    struct ovz_pair pair = after(view, counter), old = before(view, counter);
    struct value held = view->domain->figures[ovz_figure(counter, OVZ_HELD)];
    char text[SIZE_TEXT_MAX];
    uint64_t number, raw;

    if (!change || !pair.known || shapes[counter] == NO_LIMIT || shapes[counter] == NO_BARRIER ||
        !value_get(held, &number))
        return;
    raw = ovz_raw(counter, held);
    if (pair.limits[UBC_BARRIER] >= raw ||
        (old.known && old.limits[UBC_BARRIER] <= pair.limits[UBC_BARRIER]))
        return;
    size_format_value(held, row->unit, NULL, text);
    findings_add_safe(view->findings, view->scope == SCOPE_LIVE ? SEVERITY_DANGER : SEVERITY_WARN,
                      change, checks_least_safe(row, number), "below_held", "%s holds %s: %s%s",
                      ubc_counters[counter].name, text, row->effect,
                      view->scope == SCOPE_LIVE ? " at once" : " at the next start");
}

/* --- RAM and swap ------------------------------------------------------------------------ */

static void check_host_room(const struct ovz_view *view, enum ubc_counter counter,
                            struct value room, const char *what)
{
    const struct change *change = ovz_touched(view, counter);
    struct ovz_pair pair = after(view, counter);
    uint64_t bytes;

    if (!change || !pair.known || !value_get(room, &bytes) || pair.limits[UBC_LIMIT] >= UBC_MAX64 ||
        pair.limits[UBC_LIMIT] <= bytes / OVZ_PAGE)
        return;
    findings_add(view->findings, SEVERITY_WARN, change, "vzcfgvalidate",
                 "%s.lim should be <= %" G_GUINT64_FORMAT
                 ", the %s of the host (it would be %" G_GUINT64_FORMAT ")",
                 ubc_counters[counter].name, bytes / OVZ_PAGE, what, pair.limits[UBC_LIMIT]);
}

/* Two names of one value, with two values. */
static void check_alias(const struct ovz_view *view, enum ovz_kind kind, enum ubc_counter counter)
{
    const struct tunable *alias = &ovz_tunables[ovz_row_of(kind)];
    const struct tunable *row = &ovz_tunables[ovz_row(counter, UBC_LIMIT)];
    const struct change *a = NULL, *b = NULL;

    for (size_t i = 0; i < view->n; i++) {
        if (view->changes[i].scope != view->scope)
            continue;
        a = view->changes[i].tunable == alias ? &view->changes[i] : a;
        b = view->changes[i].tunable == row ? &view->changes[i] : b;
    }
    if (a && b && !value_equal(tunable_round(alias, a->to), tunable_round(row, b->to)))
        findings_add(view->findings, SEVERITY_REFUSE, a, "same_value",
                     "%s and %s are one value: change one of them", alias->name, row->name);
}

/* --- all --------------------------------------------------------------------------------- */

/* Said before anything is written, since the native tools round without a word. */
static void check_rounding(const struct ovz_view *view)
{
    for (size_t i = 0; i < view->n; i++) {
        const struct change *change = &view->changes[i];
        struct value rounded = tunable_round(change->tunable, change->to);

        if (change->scope == view->scope && !value_equal(rounded, change->to))
            findings_add(view->findings, SEVERITY_NOTE, change, "rounded",
                         "rounded down to %" G_GUINT64_FORMAT " pages", rounded.number / OVZ_PAGE);
    }
}

/* vzctl --save has no way to spare a running container. */
static void check_momentary(const struct ovz_view *view)
{
    for (enum ubc_counter counter = 0; counter < UBC_COUNTERS; counter++) {
        struct ovz_view live = *view;
        const struct change *change = ovz_touched(view, counter);

        live.scope = SCOPE_LIVE;
        if (view->scope != SCOPE_CONFIG || !change || ovz_touched(&live, counter) ||
            !(view->domain->settings[ovz_row(counter, UBC_LIMIT)].writable & SCOPE_LIVE))
            continue;
        findings_add(view->findings, SEVERITY_NOTE, change, "momentary",
                     "vzctl --save writes the running container too: a second call puts it back at "
                     "once");
        return;
    }
}

static void check_enforced(const struct ovz_view *view, enum ubc_counter counter)
{
    const struct change *change = ovz_touched(view, counter);

    if (change && ovz_saved_only(view->domain->settings, counter))
        findings_add(view->findings, SEVERITY_NOTE, change, "not_enforced",
                     "%s is saved, and not enforced on this kernel: RAM and swap are",
                     ubc_counters[counter].name);
}

static void check_scope(struct ovz_view *view)
{
    struct ovz_pair ram = after(view, UBC_PHYSPAGES);

    view->vswap =
        ovz_vswap_of(view->domain->settings) && ram.known && ram.limits[UBC_LIMIT] < UBC_MAX64;
    for (enum ubc_counter counter = 0; counter < UBC_COUNTERS; counter++) {
        check_shape(view, counter);
        check_gap(view, counter);
        check_held(view, counter);
        check_enforced(view, counter);
    }
    /* A VSwap container has only RAM and swap to get wrong. */
    if (!view->vswap)
        ovz_check_together(view);
    check_host_room(view, UBC_PHYSPAGES, view->snapshot->host.total, "RAM");
    check_host_room(view, UBC_SWAPPAGES, view->snapshot->host.swap_total, "swap");
    check_alias(view, OVZ_RAM, UBC_PHYSPAGES);
    check_alias(view, OVZ_SWAP, UBC_SWAPPAGES);
    check_rounding(view);
    check_momentary(view);
}

void ovz_check(const struct snapshot *snapshot, const struct domain *domain,
               const struct change *changes, size_t n, struct findings *findings)
{
    struct ovz_view view = {
        .snapshot = snapshot,
        .domain = domain,
        .changes = changes,
        .n = n,
        .findings = findings,
        .generation = ovz_generation_of(domain->settings),
    };

    for (size_t i = 0; i < 2; i++) {
        view.scope = i ? SCOPE_CONFIG : SCOPE_LIVE;
        check_scope(&view);
    }
}
