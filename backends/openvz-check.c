/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rules of vzcfgvalidate(8) (vzctl, src/validate.c), in its terms and before anything is
 * written, about what the changes touch; and what is lost at once where a barrier goes below what
 * is held.
 */
#include "backends/openvz.h"

#include "model/checks.h"
#include "model/size.h"

#define KIB 1024
#define PER_PROCESS (40 * KIB) /* kernel memory of a process */
#define PER_SOCKET (5 * KIB / 2)
#define PER_FILE 384 /* bytes of dcachesize */
#define FILES_PER_PROCESS 32

/* The changes of one domain, seen in one scope. */
struct view {
    const struct snapshot *snapshot;
    const struct domain *domain;
    const struct change *changes;
    size_t n;
    enum scope scope;
    struct findings *findings;
    enum ovz_generation generation;
    bool vswap; /* this container's RAM is limited */
};

static const struct change *touched(const struct view *view, enum ubc_counter counter)
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

static struct ovz_pair after(const struct view *view, enum ubc_counter counter)
{
    return ovz_pair_after(view->domain->settings, view->changes, view->n, counter, view->scope);
}

static struct ovz_pair before(const struct view *view, enum ubc_counter counter)
{
    return ovz_pair_after(view->domain->settings, NULL, 0, counter, view->scope);
}

/* As vzcfgvalidate prints numbers, but for its LONG_MAX. */
static char *raw_text(uint64_t raw)
{
    return raw >= UBC_MAX64 ? g_strdup("unlimited") : g_strdup_printf("%" G_GUINT64_FORMAT, raw);
}

static char *pair_text(struct ovz_pair pair)
{
    g_autofree char *barrier = raw_text(pair.limits[UBC_BARRIER]);
    g_autofree char *limit = raw_text(pair.limits[UBC_LIMIT]);

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
static void check_shape(const struct view *view, enum ubc_counter counter)
{
    const struct change *change = touched(view, counter);
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

static void check_gap(const struct view *view, enum ubc_counter counter)
{
    const struct change *change = touched(view, counter);
    struct ovz_pair pair = after(view, counter);
    const char *gap = gap_words(counter);

    if (change && gap && pair.known && pair.limits[UBC_BARRIER] == pair.limits[UBC_LIMIT] &&
        pair.limits[UBC_LIMIT] < UBC_MAX64)
        findings_add(view->findings, SEVERITY_WARN, change, "no_gap",
                     "barrier = limit of %s leaves no gap for %s", ubc_counters[counter].name, gap);
}

/* A barrier below what is held refuses everything from now on. */
static void check_held(const struct view *view, enum ubc_counter counter)
{
    const struct change *change = touched(view, counter);
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
                      change, held, "below_held", "%s holds %s: %s%s", ubc_counters[counter].name,
                      text, row->effect,
                      view->scope == SCOPE_LIVE ? " at once" : " at the next start");
}

/* --- counters together ------------------------------------------------------------------- */

enum grade {
    NOTHING,
    RECOMMENDATION,
    WARNING,
    ERROR,
};

/* Half of a counter in the kernel's unit; false where it is not a number or does not act here. */
static bool half(const struct view *view, bool changed, enum ubc_counter counter,
                 enum ubc_half which, uint64_t *number)
{
    struct value value = ovz_half_after(view->domain->settings, changed ? view->changes : NULL,
                                        changed ? view->n : 0, counter, which, view->scope);

    if (value.kind != VALUE_NUMBER && value.kind != VALUE_UNLIMITED)
        return false;
    *number = ovz_raw(counter, value);
    return true;
}

/* Processes on average: AVNUMPROC, else half of numproc. */
static bool average_processes(const struct view *view, bool changed, uint64_t *number)
{
    int index = figure_index(ovz_figures, "avnumproc");

    if (index >= 0 && value_get(view->domain->figures[index], number))
        return true;
    if (!half(view, changed, UBC_NUMPROC, UBC_BARRIER, number))
        return false;
    *number /= 2;
    return true;
}

static uint64_t times(uint64_t number, uint64_t factor)
{
    return number > UBC_MAX64 / factor ? UBC_MAX64 : number * factor;
}

static uint64_t plus(uint64_t a, uint64_t b)
{
    return a > UBC_MAX64 - MIN(b, (uint64_t)UBC_MAX64) ? UBC_MAX64 : a + b;
}

/* What a rule compares: is must be >= least. False where something in it is not known. */
struct rule {
    enum ubc_counter subject;
    const char *what; /* "kmemsize.bar" */
    enum grade grade;
    bool (*compute)(const struct view *view, bool changed, const struct rule *rule, uint64_t *is,
                    uint64_t *least);
    enum ubc_counter other;
    uint64_t constant;
    enum ubc_counter operands[4]; /* what a change of can break it; ends with the subject again */
};

static bool dcache_for_files(const struct view *view, bool changed, const struct rule *rule,
                             uint64_t *is, uint64_t *least)
{
    uint64_t files;

    if (!half(view, changed, UBC_DCACHESIZE, UBC_LIMIT, is) ||
        !half(view, changed, UBC_NUMFILE, UBC_BARRIER, &files))
        return false;
    *least = times(files, PER_FILE);
    return true;
}

static bool kmem_for_processes(const struct view *view, bool changed, const struct rule *rule,
                               uint64_t *is, uint64_t *least)
{
    uint64_t processes, dcache;

    if (!half(view, changed, UBC_KMEMSIZE, UBC_BARRIER, is) ||
        !average_processes(view, changed, &processes) ||
        !half(view, changed, UBC_DCACHESIZE, UBC_LIMIT, &dcache))
        return false;
    *least = plus(times(processes, PER_PROCESS), dcache);
    return true;
}

static bool barrier_over_barrier(const struct view *view, bool changed, const struct rule *rule,
                                 uint64_t *is, uint64_t *least)
{
    return half(view, changed, rule->subject, UBC_BARRIER, is) &&
           half(view, changed, rule->other, UBC_BARRIER, least);
}

static bool gap_for_sockets(const struct view *view, bool changed, const struct rule *rule,
                            uint64_t *is, uint64_t *least)
{
    uint64_t barrier, sockets;

    if (!half(view, changed, rule->subject, UBC_LIMIT, is) ||
        !half(view, changed, rule->subject, UBC_BARRIER, &barrier) ||
        !half(view, changed, rule->other, UBC_BARRIER, &sockets))
        return false;
    *is = *is >= UBC_MAX64 ? (uint64_t)UBC_MAX64 : *is - MIN(*is, barrier);
    *least = times(sockets, PER_SOCKET);
    return true;
}

static bool at_least(const struct view *view, bool changed, const struct rule *rule, uint64_t *is,
                     uint64_t *least)
{
    *least = rule->constant;
    return half(view, changed, rule->subject, UBC_BARRIER, is);
}

static bool files_enough(const struct view *view, bool changed, const struct rule *rule,
                         uint64_t *is, uint64_t *least)
{
    uint64_t processes, tcp, other, terminals;

    if (!half(view, changed, UBC_NUMFILE, UBC_BARRIER, is) ||
        !average_processes(view, changed, &processes) ||
        !half(view, changed, UBC_NUMTCPSOCK, UBC_BARRIER, &tcp) ||
        !half(view, changed, UBC_NUMOTHERSOCK, UBC_BARRIER, &other) ||
        !half(view, changed, UBC_NUMPTY, UBC_BARRIER, &terminals))
        return false;
    *least = MAX(times(processes, FILES_PER_PROCESS), plus(plus(tcp, other), terminals));
    return true;
}

/* clang-format off */
static const struct rule rules[] = {
    {UBC_DCACHESIZE,   "dcachesize.lim",         WARNING, dcache_for_files, 0, 0, {UBC_NUMFILE, UBC_DCACHESIZE}},
    {UBC_KMEMSIZE,     "kmemsize.bar",           ERROR,   kmem_for_processes, 0, 0, {UBC_NUMPROC, UBC_DCACHESIZE, UBC_KMEMSIZE}},
    {UBC_PRIVVMPAGES,  "privvmpages.bar",        WARNING, barrier_over_barrier, UBC_VMGUARPAGES, 0, {UBC_VMGUARPAGES, UBC_PRIVVMPAGES}},
    {UBC_TCPSNDBUF,    "tcpsndbuf.lim-bar",      ERROR,   gap_for_sockets, UBC_NUMTCPSOCK, 0, {UBC_NUMTCPSOCK, UBC_TCPSNDBUF}},
    {UBC_OTHERSOCKBUF, "othersockbuf.lim-bar",   ERROR,   gap_for_sockets, UBC_NUMOTHERSOCK, 0, {UBC_NUMOTHERSOCK, UBC_OTHERSOCKBUF}},
    {UBC_TCPRCVBUF,    "tcprcvbuf.lim-bar",      ERROR,   gap_for_sockets, UBC_NUMTCPSOCK, 0, {UBC_NUMTCPSOCK, UBC_TCPRCVBUF}},
    {UBC_TCPRCVBUF,    "tcprcvbuf.bar",          WARNING, at_least, 0, 64 * KIB, {UBC_TCPRCVBUF}},
    {UBC_TCPSNDBUF,    "tcpsndbuf.bar",          WARNING, at_least, 0, 64 * KIB, {UBC_TCPSNDBUF}},
    {UBC_DGRAMRCVBUF,  "dgramrcvbuf.bar",        WARNING, at_least, 0, 32 * KIB, {UBC_DGRAMRCVBUF}},
    {UBC_DGRAMRCVBUF,  "dgramrcvbuf.bar",        RECOMMENDATION, at_least, 0, 129 * KIB, {UBC_DGRAMRCVBUF}},
    {UBC_OTHERSOCKBUF, "othersockbuf.bar",       WARNING, at_least, 0, 32 * KIB, {UBC_OTHERSOCKBUF}},
    {UBC_OTHERSOCKBUF, "othersockbuf.bar",       RECOMMENDATION, at_least, 0, 129 * KIB, {UBC_OTHERSOCKBUF}},
    {UBC_NUMFILE,      "numfile.bar",            WARNING, files_enough, 0, 0, {UBC_NUMTCPSOCK, UBC_NUMOTHERSOCK, UBC_NUMPTY, UBC_NUMFILE}},
};
/* clang-format on */

static const struct change *breaker(const struct view *view, const struct rule *rule)
{
    const struct change *change = touched(view, rule->subject);

    for (size_t i = 0; !change && i < G_N_ELEMENTS(rule->operands); i++) {
        change = touched(view, rule->operands[i]);
        if (rule->operands[i] == rule->subject)
            break;
    }
    return change;
}

static enum severity severity_of(enum grade grade, bool broken_before)
{
    switch (grade) {
    case NOTHING:
    case RECOMMENDATION:
        return SEVERITY_NOTE;
    case WARNING:
        return SEVERITY_WARN;
    case ERROR:
        return broken_before ? SEVERITY_WARN : SEVERITY_DANGER;
    }
    return SEVERITY_NOTE;
}

static void check_rule(const struct view *view, const struct rule *rule)
{
    const struct change *change = breaker(view, rule);
    g_autofree char *is_text = NULL, *least_text = NULL;
    uint64_t is, least, old_is, old_least;
    bool broken_before;

    if (!change || !rule->compute(view, true, rule, &is, &least) || is >= least)
        return;
    broken_before = rule->compute(view, false, rule, &old_is, &old_least) && old_is < old_least;
    is_text = raw_text(is);
    least_text = raw_text(least);
    findings_add(view->findings, severity_of(rule->grade, broken_before), change, "vzcfgvalidate",
                 "%s should be >= %s (it would be %s)", rule->what, least_text, is_text);
}

/* --- RAM and swap ------------------------------------------------------------------------ */

static void check_host_room(const struct view *view, enum ubc_counter counter, struct value room,
                            const char *what)
{
    const struct change *change = touched(view, counter);
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
static void check_alias(const struct view *view, enum ovz_kind kind, enum ubc_counter counter)
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
static void check_rounding(const struct view *view)
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
static void check_momentary(const struct view *view)
{
    for (enum ubc_counter counter = 0; counter < UBC_COUNTERS; counter++) {
        struct view live = *view;
        const struct change *change = touched(view, counter);

        live.scope = SCOPE_LIVE;
        if (view->scope != SCOPE_CONFIG || !change || touched(&live, counter) ||
            !(view->domain->settings[ovz_row(counter, UBC_LIMIT)].writable & SCOPE_LIVE))
            continue;
        findings_add(view->findings, SEVERITY_NOTE, change, "momentary",
                     "vzctl --save writes the running container too: a second call puts it back at "
                     "once");
        return;
    }
}

static void check_scope(struct view *view)
{
    struct ovz_pair ram = after(view, UBC_PHYSPAGES);

    view->vswap =
        ovz_vswap_of(view->domain->settings) && ram.known && ram.limits[UBC_LIMIT] < UBC_MAX64;
    for (enum ubc_counter counter = 0; counter < UBC_COUNTERS; counter++) {
        check_shape(view, counter);
        check_gap(view, counter);
        check_held(view, counter);
    }
    /* A VSwap container has only RAM and swap to get wrong. */
    for (size_t i = 0; !view->vswap && i < G_N_ELEMENTS(rules); i++)
        check_rule(view, &rules[i]);
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
    struct view view = {
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
