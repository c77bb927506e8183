/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What holds for every hypervisor (reservation above limit or size, steps) is in model/checks.c. */
#include "backends/vsphere.h"
#include "model/checks.h"
#include "model/size.h"

#include <string.h>

struct check {
    const struct snapshot *snapshot;
    const struct domain *domain;
    const struct change *changes;
    size_t n;
    struct findings *findings;
};

static struct value after(const struct check *check, enum vsphere_row row)
{
    return checks_after(check->snapshot, check->domain, check->changes, check->n,
                        &vsphere_tunables[row], SCOPE_LIVE);
}

static struct value before(const struct check *check, enum vsphere_row row)
{
    return snapshot_setting(check->snapshot, check->domain, &vsphere_tunables[row])->live;
}

static const struct change *change_of(const struct check *check, enum vsphere_row row)
{
    for (size_t i = 0; i < check->n; i++) {
        if (check->changes[i].tunable == &vsphere_tunables[row]) {
            return &check->changes[i];
        }
    }
    return NULL;
}

static bool is_on(const struct check *check)
{
    return domain_state_active(check->domain->identity->state);
}

static bool figure(const struct check *check, enum vsphere_figure figure, uint64_t *number)
{
    return value_get(check->domain->figures[figure], number);
}

static void check_grow(const struct check *check, const struct change *change, uint64_t from,
                       uint64_t to)
{
    char text[SIZE_TEXT_MAX];
    uint64_t hot_add = 0, limit, step;

    if (!figure(check, SEEN_HOT_ADD, &hot_add) || hot_add == 0) {
        findings_add(check->findings, SEVERITY_REFUSE, change, "hot_add_off",
                     "hot-add is off: power off first");
        return;
    }
    if (figure(check, SEEN_HOT_ADD_LIMIT, &limit) && limit > 0 && to > limit) {
        findings_add_safe(
            check->findings, SEVERITY_REFUSE, change, value_number(limit), "hot_add_limit",
            "hot-add ends at %s for this one: for more, power off first", size_format(limit, text));
    }
    if (figure(check, SEEN_HOT_ADD_STEP, &step) && step > 0 && (to - from) % step != 0) {
        findings_add(check->findings, SEVERITY_REFUSE, change, "hot_add_step",
                     "hot-add goes by multiples of %s: for others, power off first",
                     size_format(step, text));
    }
}

static void check_size(const struct check *check, const struct change *change)
{
    uint64_t from, to;

    if (!value_get(change->to, &to) || !value_get(before(check, ROW_SIZE), &from) ||
        !is_on(check)) {
        return;
    }
    if (to < from) {
        findings_add(check->findings, SEVERITY_REFUSE, change, "shrink_running",
                     "a running machine cannot shrink: power off first");
    } else if (to > from) {
        check_grow(check, change, from, to);
    }
}

/* The walls of a row name its pool, nearest first: "pool Prod". */
static const char *pool_of(const struct check *check)
{
    const char *parents = check->domain->identity->parents;
    const char *slash = parents != NULL ? strrchr(parents, '/') : NULL;

    return slash != NULL ? slash + 1 : parents;
}

static void check_left(const struct check *check, const struct change *change)
{
    uint64_t from = 0, to, left, promised, total;
    char wanted[SIZE_TEXT_MAX], there[SIZE_TEXT_MAX];

    if (!value_get(after(check, ROW_RESERVATION), &to)) {
        return;
    }
    /* What it has reserved is its own already, where it runs. */
    if (is_on(check)) {
        value_get(before(check, ROW_RESERVATION), &from);
    }
    if (to <= from) {
        return;
    }
    if (figure(check, SEEN_POOL_LEFT, &left) && to - from > left) {
        findings_add_safe(check->findings, SEVERITY_DANGER, change, value_number(from + left),
                          "over_reserved",
                          "wants %s more reserved, host or pool has %s left: it will not power on "
                          "again, and HA may not restart it",
                          size_format(to - from, wanted), size_format(left, there));
    } else if (value_get(check->snapshot->host.reserved, &promised) &&
               value_get(check->snapshot->host.total, &total) && promised + (to - from) > total) {
        findings_add(check->findings, SEVERITY_DANGER, change, "over_reserved",
                     "all reservations together would be %s, the host has %s: not all of them "
                     "will power on again",
                     size_format(promised + (to - from), wanted), size_format(total, there));
    }
}

static void check_reservation(const struct check *check, const struct change *change)
{
    struct value locked = after(check, ROW_LOCKED);
    struct value size = after(check, ROW_SIZE);

    if (locked.kind == VALUE_CHOICE && locked.choice != 0 &&
        !value_equal(tunable_round(change->tunable, change->to), size)) {
        findings_add(check->findings, SEVERITY_REFUSE, change, "reservation_locked",
                     "the reservation is locked to the size: set reservation_locked=no first");
    }
    check_left(check, change);
}

static void check_locked(const struct check *check, const struct change *change)
{
    uint64_t size, limit, from = 0, left;
    char wanted[SIZE_TEXT_MAX], there[SIZE_TEXT_MAX];

    if (change->to.kind != VALUE_CHOICE || change->to.choice == 0 ||
        !value_get(after(check, ROW_SIZE), &size)) {
        return;
    }
    if (value_get(after(check, ROW_LIMIT), &limit) && limit < size) {
        findings_add(check->findings, SEVERITY_REFUSE, change, "locked_above_limit",
                     "reserves %s, and the limit is %s: raise the limit or take it away",
                     size_format(size, wanted), size_format(limit, there));
    }
    value_get(before(check, ROW_RESERVATION), &from);
    if (figure(check, SEEN_POOL_LEFT, &left) && size > from && size - from > left) {
        findings_add(check->findings, SEVERITY_DANGER, change, "over_reserved",
                     "wants %s more reserved, host or pool has %s left: it will not power on "
                     "again, and HA may not restart it",
                     size_format(size - from, wanted), size_format(left, there));
    }
}

static void check_limit(const struct check *check, const struct change *change)
{
    uint64_t limit, size, held;
    char text[SIZE_TEXT_MAX], more[SIZE_TEXT_MAX];

    if (!value_get(after(check, ROW_LIMIT), &limit)) {
        return;
    }
    if (value_get(after(check, ROW_SIZE), &size) && limit < size) {
        findings_add(check->findings, SEVERITY_WARN, change, "limit_below_size",
                     "limit %s < size %s: the rest of the guest's memory is balloon or swap",
                     size_format(limit, text), size_format(size, more));
    }
    if (change_tightens(change) && change->tunable == &vsphere_tunables[ROW_LIMIT] &&
        figure(check, SEEN_HELD, &held) && limit < held) {
        findings_add_safe(check->findings, SEVERITY_WARN, change,
                          checks_least_safe(change->tunable, held), "limit_below_held",
                          "it takes %s now: the host balloons and swaps %s of it, which is slow",
                          size_format(held, text), size_format(held - limit, more));
    }
}

static void check_shares(const struct check *check, const struct change *change)
{
    const char *pool = pool_of(check);

    findings_add(check->findings, SEVERITY_NOTE, change, "shares_siblings",
                 "Low 5, Normal 10, High 20 per MiB of size; counts against siblings in %s only, "
                 "and only while the host is short",
                 pool != NULL ? pool : "the same pool");
}

static void check_balloon(const struct check *check, const struct change *change)
{
    uint64_t most;

    if (value_get(change->to, &most) && most == 0) {
        findings_add(check->findings, SEVERITY_WARN, change, "no_balloon",
                     "without a balloon the host compresses and swaps instead, which is slower");
    }
    if (is_on(check)) {
        findings_add(check->findings, SEVERITY_NOTE, change, "next_power_on",
                     "acts after the next power off and on");
    }
}

static void (*const check_table[ROW_COUNT_][2])(const struct check *, const struct change *) = {
    [ROW_SIZE] = {check_size, check_limit},
    [ROW_RESERVATION] = {check_reservation},
    [ROW_LIMIT] = {check_limit},
    [ROW_SHARES] = {check_shares},
    [ROW_LOCKED] = {check_locked},
    [ROW_BALLOON_MAX] = {check_balloon},
};

void vsphere_check(const struct snapshot *snapshot, const struct domain *domain,
                   const struct change *changes, size_t n, struct findings *findings)
{
    struct check check = {snapshot, domain, changes, n, findings};

    for (unsigned row = 0; row < ROW_COUNT_; row++) {
        const struct change *change = change_of(&check, row);

        /* The limit is spoken of once, where both it and the size change. */
        if (change == NULL || change_is_noop(change)) {
            continue;
        }
        for (unsigned i = 0; i < 2 && check_table[row][i] != NULL; i++) {
            if (i == 0 || change_of(&check, ROW_LIMIT) == NULL) {
                check_table[row][i](&check, change);
            }
        }
    }
}
