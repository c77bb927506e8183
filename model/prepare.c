/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From changes to steps: what is there now decides what is sent. */
#include "model/part-state.h"

#include "model/checks.h"
#include "model/shrink.h"
#include "model/size.h"
#include "model/text.h"

void target_skip(struct part *part, struct target *target, const char *why)
{
    target->stopped = true;
    for (size_t i = target->first; i < target->first + target->n; i++) {
        struct item *item = &part->items[i];

        if (!item->decided)
            item_decide(item, OUTCOME_SKIPPED, "%s", why);
        else if (item->returning && !item->returned)
            item_decide(item, item->result.outcome, "not gone back: %s", why);
    }
}

static void conflict(struct part *part, struct target *target, struct item *item)
{
    const struct tunable *tunable = item->result.change.tunable;
    char is[SIZE_TEXT_MAX], was[SIZE_TEXT_MAX];
    g_autofree char *why = g_strdup_printf("%s was changed by somebody else", tunable->name);

    size_format_value(item->result.before, tunable->unit, tunable->choices, is);
    size_format_value(item->result.change.from, tunable->unit, tunable->choices, was);
    if (value_known(item->result.before))
        item_decide(item, OUTCOME_CONFLICT, "changed by somebody else: reads %s now, was %s", is,
                    was);
    else
        item_decide(item, OUTCOME_CONFLICT, "was %s, but now: %s", was,
                    value_reason_text(item->result.before));
    /* On the way back the others are no worse for it. */
    if (!part->options.back)
        target_skip(part, target, why);
}

/* Where a balloon's target can be read nowhere, what is read is its position on its way: that this
 * is another one now is nobody's change. */
static bool moves_by_itself(const struct snapshot *snapshot, const struct change *change)
{
    const struct domain *domain = snapshot_find(snapshot, &change->key);

    return change->tunable->readback == READBACK_CONVERGES && change->scope == SCOPE_LIVE &&
           domain != NULL &&
           snapshot_figure(snapshot, domain, FIGURE_TARGET).kind != VALUE_NUMBER &&
           snapshot_figure(snapshot, domain, FIGURE_SIZE).kind == VALUE_NUMBER;
}

/* A count that is to be set back has counted on: that is nobody's change either. */
static bool is_any(const struct change *change)
{
    return change->tunable->readback == READBACK_NONE && change->to.kind == VALUE_CHOICE;
}

/* Reads the present value; false where nothing of the domain may be sent. */
static bool compare(struct part *part, struct target *target, struct item *item,
                    const struct snapshot *snapshot)
{
    struct change *change = &item->result.change;
    const struct tunable *tunable = change->tunable;
    struct value now = value_in(snapshot, change);

    item->result.before = now;
    item->size = size_in(snapshot, change);
    if (value_known(now) &&
        value_equal(tunable_round(tunable, now), tunable_round(tunable, change->to))) {
        item->result.after = now;
        item_decide(item, OUTCOME_UNCHANGED, NULL);
        return true;
    }
    if (part->options.overwrite || !value_known(change->from) ||
        value_equal(tunable_round(tunable, now), tunable_round(tunable, change->from)) ||
        moves_by_itself(snapshot, change) || is_any(change))
        return true;
    conflict(part, target, item);
    return part->options.back;
}

/* What would kill was refused, and nothing was sent. */
static void not_planned(const struct part *part, struct item *item, const GError *error)
{
    bool unsafe = g_error_matches(error, BACKEND_ERROR, BACKEND_ERROR_UNSAFE);

    item_decide(item,
                !unsafe              ? OUTCOME_FAILED
                : part->options.back ? OUTCOME_KEPT
                                     : OUTCOME_REFUSED,
                "%s", error->message);
    item_blame(item, error);
}

static void plan(struct part *part, struct target *target, const struct snapshot *snapshot,
                 GArray *changes)
{
    bool shrinks = part->options.safe_shrink && !part->back;
    const struct domain *domain = snapshot_find(snapshot, &target->key);
    struct step_list *steps = step_list_new();
    g_autoptr(GError) error = NULL;

    target->steps = NULL;
    target->next_step = 0;
    g_ptr_array_add(part->lists, steps);
    if (changes->len == 0)
        return;
    if ((shrinks ? shrink_plan : part->link->backend->plan)(
            snapshot, domain, (const struct change *)(void *)changes->data, changes->len, steps,
            &error)) {
        target->steps = steps;
        if (shrinks)
            shrink_begin(target, snapshot);
        return;
    }
    for (size_t i = target->first; i < target->first + target->n; i++) {
        if (part->items[i].decided)
            continue;
        not_planned(part, &part->items[i], error);
    }
    target_skip(part, target, error->message);
}

static void keep_picture(struct target *target, const struct snapshot *snapshot)
{
    snapshot_unref(target->picture);
    target->picture = snapshot_ref(snapshot);
}

static struct item *item_of(struct part *part, const struct target *target,
                            const struct change *change)
{
    for (size_t i = target->first; i < target->first + target->n; i++) {
        const struct change *mine = &part->items[i].result.change;

        if (mine->tunable == change->tunable && mine->scope == change->scope)
            return &part->items[i];
    }
    return NULL;
}

struct obeying {
    struct part *part;
    struct target *target;
};

static void keep(const struct change *change, const struct finding *finding, void *data)
{
    const struct obeying *obeying = data;
    struct item *item = item_of(obeying->part, obeying->target, change);

    item->returning = false;
    if (obeying->part->back)
        item_decide(item, item->result.outcome, "not gone back (%s): %s",
                    severity_name(finding->severity), finding->text);
    else
        item_decide(item, OUTCOME_KEPT, "going back would kill: %s", finding->text);
}

/* Never the thing that kills it: what the checks forbid stays. */
static void obey_checks(struct part *part, struct target *target, const struct snapshot *snapshot,
                        GArray *changes)
{
    struct obeying obeying = {part, target};

    checks_obey(snapshot, snapshot_find(snapshot, &target->key), changes, keep, &obeying);
}

void target_prepare(struct part *part, struct target *target, const struct snapshot *snapshot)
{
    const struct domain *domain = snapshot_find(snapshot, &target->key);
    g_autoptr(GArray) changes = g_array_new(FALSE, FALSE, sizeof(struct change));

    keep_picture(target, snapshot);
    if (domain == NULL || domain->identity->state == DOMAIN_GONE) {
        for (size_t i = target->first; i < target->first + target->n; i++) {
            item_decide(&part->items[i], OUTCOME_FAILED, "the domain does not exist any more");
            part->items[i].result.error = BACKEND_ERROR_GONE;
        }
        target->stopped = true;
        return;
    }
    /* What an earlier look decided may not hold any more. */
    for (size_t i = target->first; i < target->first + target->n; i++)
        part->items[i].decided = false;
    for (size_t i = target->first; i < target->first + target->n; i++) {
        if (!compare(part, target, &part->items[i], snapshot))
            return;
    }
    for (size_t i = target->first; i < target->first + target->n; i++) {
        struct change change = part->items[i].result.change;

        if (part->items[i].decided)
            continue;
        change.from = part->items[i].result.before;
        g_array_append_val(changes, change);
    }
    /* A shrink has rules of its own, and keeps what cannot be lowered by them. */
    if (part->options.back && !part->options.safe_shrink)
        obey_checks(part, target, snapshot, changes);
    plan(part, target, snapshot, changes);
}

/* --- going back --- */

static void add_inverse(struct item *item, const struct snapshot *snapshot, GArray *changes)
{
    struct change change = item->result.change;

    change.to = item->result.before;
    change.from = value_in(snapshot, &change);
    item->returning = false;
    if (!value_known(item->result.before)) {
        item_decide(item, item->result.outcome, "not gone back: what it was is not known");
    } else if (is_any(&change) && item->result.before.kind != VALUE_CHOICE) {
        item_decide(item, item->result.outcome, "not gone back: a count cannot be");
    } else if (change.tunable->readback == READBACK_EXACT && value_known(item->result.after) &&
               !value_equal(change.from, item->result.after)) {
        item_decide(item, item->result.outcome,
                    "not gone back: somebody else changed it meanwhile");
    } else {
        item->returning = true;
        g_array_append_val(changes, change);
    }
}

void target_prepare_back(struct part *part, struct target *target, const struct snapshot *snapshot)
{
    const struct domain *domain = snapshot_find(snapshot, &target->key);
    g_autoptr(GArray) changes = g_array_new(FALSE, FALSE, sizeof(struct change));

    keep_picture(target, snapshot);
    if (domain == NULL || domain->identity->state == DOMAIN_GONE) {
        target_skip(part, target, "the domain does not exist any more");
        return;
    }
    /* The last one written goes back first, where the backend has no order of its own. */
    for (size_t i = target->first + target->n; i-- > target->first;) {
        if (part->items[i].returning)
            add_inverse(&part->items[i], snapshot, changes);
    }
    obey_checks(part, target, snapshot, changes);
    plan(part, target, snapshot, changes);
}
