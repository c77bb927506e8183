/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A safe shrink on its way down: what the domain has to reach before the next step is sent. */
#include "model/part-state.h"

#include "model/link.h"
#include "model/shrink.h"
#include "model/size.h"

#define READINGS 2 /* in a row at a stop */

void shrink_begin(struct target *target, const struct snapshot *snapshot)
{
    shrink_free(target->shrink);
    target->shrink = g_new0(struct shrink, 1);
    target->shrink->touched = g_array_new(FALSE, FALSE, sizeof(struct touched));
    target->shrink->afters = g_array_new(FALSE, FALSE, sizeof(struct value));
    strain_begin(&target->shrink->strain, snapshot, snapshot_find(snapshot, &target->key),
                 clock_ns());
}

void shrink_free(struct shrink *shrink)
{
    if (shrink == NULL)
        return;
    g_array_unref(shrink->touched);
    g_array_unref(shrink->afters);
    g_free(shrink->success);
    g_free(shrink->why);
    g_free(shrink->trouble);
    g_free(shrink->text);
    g_free(shrink);
}

struct shrink *part_shrink(const struct part *part)
{
    return part->at < part->n_targets ? part->targets[part->at].shrink : NULL;
}

bool part_shrink_alone(const struct part *part)
{
    const struct shrink *shrink = part_shrink(part);

    if (shrink == NULL || part->current == NULL)
        return false;
    return shrink->back || part->current->shrink == SHRINK_DOWN ||
           part->current->shrink == SHRINK_UNDO;
}

static void detail(struct part *part, char *text)
{
    g_free(part->detail);
    part->detail = text;
}

/* --- what was sent ------------------------------------------------------------------------- */

static void touch(const struct target *target, struct shrink *shrink, const struct change *change)
{
    struct touched first = {.tunable = change->tunable, .old = value_in(target->picture, change)};

    first.before = first.old;
    first.last = change->to;
    for (guint i = 0; i < shrink->touched->len; i++) {
        struct touched *touched = &g_array_index(shrink->touched, struct touched, i);

        if (touched->tunable != change->tunable)
            continue;
        touched->before = touched->last;
        touched->last = change->to;
        return;
    }
    g_array_append_val(shrink->touched, first);
}

void part_shrink_sent(struct part *part)
{
    struct shrink *shrink = part_shrink(part);

    if (shrink == NULL || (part->current->shrink == SHRINK_NONE && !shrink->back))
        return;
    shrink->begun = true;
    for (size_t i = 0; i < part->current->n_changes; i++) {
        if (part->current->changes[i].scope == SCOPE_LIVE)
            touch(&part->targets[part->at], shrink, &part->current->changes[i]);
    }
}

static bool same(const struct tunable *tunable, struct value a, struct value b)
{
    return value_equal(tunable_round(tunable, a), tunable_round(tunable, b));
}

/* What became of a step that no item carries. */
static void note_step(struct part *part, struct shrink *shrink, const struct snapshot *snapshot)
{
    char is[SIZE_TEXT_MAX];

    g_array_set_size(shrink->afters, 0);
    g_clear_pointer(&shrink->text, g_free);
    shrink->due = true;
    shrink->outcome = shrink->back ? OUTCOME_GONE_BACK : OUTCOME_CHANGED;
    for (size_t i = 0; i < part->current->n_changes; i++) {
        const struct change *change = &part->current->changes[i];
        struct value now = snapshot != NULL
                               ? value_in(snapshot, change)
                               : value_unknown("not_read_back: could not be read back");

        g_array_append_val(shrink->afters, now);
        if (change->tunable->readback == READBACK_CONVERGES || snapshot == NULL) {
            shrink->outcome = OUTCOME_PENDING;
        } else if (!same(change->tunable, now, change->to)) {
            shrink->outcome = OUTCOME_FAILED;
            g_free(shrink->text);
            shrink->text = g_strdup_printf(
                "accepted, but reads back %s",
                size_format_value(now, change->tunable->unit, change->tunable->choices, is));
        }
    }
    shrink->changed |= part->step_error == NULL;
    if (part->step_error == NULL)
        return;
    g_free(shrink->text);
    shrink->text = g_strdup(part->step_error->message);
    shrink->outcome = OUTCOME_FAILED;
    shrink->code = shrink->back ? shrink->code : backend_error_code(part->step_error);
}

/* --- the way down -------------------------------------------------------------------------- */

/* The one that carries what is asked for. */
static const struct item *first_failed(const struct part *part)
{
    const struct target *target = &part->targets[part->at];

    for (size_t i = target->first; i < target->first + target->n; i++) {
        if (part->items[i].sent && item_failed(&part->items[i]))
            return &part->items[i];
    }
    return NULL;
}

static void fail_at(struct part *part, const char *why)
{
    const struct change *change = &part->current->changes[0];
    char stop[SIZE_TEXT_MAX];
    g_autofree char *text = NULL;

    size_format_value(part->current->shrink == SHRINK_DOWN ? change->from : change->to,
                      change->tunable->unit, change->tunable->choices, stop);
    text = g_strdup_printf("stopped with %s at %s: %s", change->tunable->name, stop, why);
    part_shrink_fails(part, text);
}

static bool stopped(struct part *part)
{
    switch ((enum part_stop)g_atomic_int_get(&part->stop)) {
    case PART_GO_ON:
        return false;
    case PART_CANCELLED:
        part_shrink_fails(part, "cancelled");
        return true;
    case PART_ELSEWHERE_FAILED:
        part_shrink_fails(part, "something else of all or nothing failed");
        return true;
    }
    return false;
}

/* Nobody stopped it, it can be read, it does not suffer, and nobody else writes to it. */
static bool goes_on(struct part *part, const struct snapshot *snapshot, const GError *error)
{
    const struct target *target = &part->targets[part->at];
    g_autofree char *why = NULL;

    if (stopped(part))
        return false;
    if (snapshot == NULL) {
        fail_at(part, error == NULL ? "it could not be read" : error->message);
        return false;
    }
    why = strain_look(&target->shrink->strain, snapshot, snapshot_find(snapshot, &target->key),
                      clock_ns());
    why = why ? why : part_shrink_meddled(part, snapshot);
    if (why != NULL)
        part_shrink_fails(part, why);
    return why == NULL;
}

static bool last_of_shrink(const struct target *target)
{
    for (size_t i = target->next_step; i < step_list_count(target->steps); i++) {
        if (step_list_get(target->steps, i)->shrink != SHRINK_NONE)
            return false;
    }
    return true;
}

/* The present step has done what it was for. */
static void arrived(struct part *part)
{
    struct target *target = &part->targets[part->at];
    const struct timing *timing = part->link->hub->timing;

    part->stage = STAGE_NEXT;
    if (part->current->watch) {
        target->shrink->watch_ns = hub_in(timing->watch_ms);
        part->not_before_ns = hub_in(MIN(timing->poll_ms, timing->watch_ms));
        part->stage = STAGE_WATCH;
        detail(part, g_strdup_printf("it is there; watched for %g s", timing->watch_ms / 1000.0));
        return;
    }
    if (last_of_shrink(target)) {
        target->shrink->begun = false;
        link_changed(part->link, target->key.id, true);
    }
}

static void look_at_stop(struct part *part, const struct snapshot *snapshot)
{
    const struct step *step = part->current;
    struct target *target = &part->targets[part->at];
    struct shrink *shrink = target->shrink;
    const struct domain *domain = snapshot_find(snapshot, &target->key);
    char holds[SIZE_TEXT_MAX], below[SIZE_TEXT_MAX];
    uint64_t now;

    if (!value_get(snapshot_figure(snapshot, domain, step->figure), &now)) {
        fail_at(part, "what it holds cannot be read any more");
        return;
    }
    size_format(now, holds);
    size_format(step->below, below);
    detail(part, g_strdup_printf("has %s, shall come to %s", holds, below));
    shrink->n_below = now <= step->below ? shrink->n_below + 1 : 0;
    if (shrink->n_below >= READINGS) {
        arrived(part);
        return;
    }
    if (now > step->below && now - step->below < shrink->nearest) {
        shrink->nearest = now - step->below;
        part->give_up_ns = hub_in(part->link->hub->timing->settle_ms);
    }
    if (now > step->below && clock_ns() >= part->give_up_ns) {
        g_autofree char *why = g_strdup_printf("it has %s and does not come to %s", holds, below);

        fail_at(part, why);
    }
}

bool part_shrink_read_back(struct part *part, const struct snapshot *snapshot, const GError *error,
                           bool fine)
{
    struct shrink *shrink = part_shrink(part);

    if (shrink == NULL || !shrink->begun)
        return false;
    if (part_shrink_alone(part)) {
        note_step(part, shrink, snapshot);
        fine = shrink->outcome != OUTCOME_FAILED;
    }
    if (shrink->back) {
        part_shrink_went_back(part, snapshot);
        return true;
    }
    if (!fine) {
        const struct item *item = first_failed(part);

        fail_at(part, shrink->due && shrink->text ? shrink->text
                      : item != NULL              ? item->result.text
                                                  : "a step failed");
        return true;
    }
    if (!goes_on(part, snapshot, error))
        return true;
    if (part->current->below == 0) {
        arrived(part);
        return true;
    }
    shrink->n_below = 0;
    shrink->nearest = UINT64_MAX;
    part->give_up_ns = hub_in(part->link->hub->timing->settle_ms);
    part->not_before_ns = hub_in(part->link->hub->timing->poll_ms);
    part->stage = STAGE_SQUEEZE;
    look_at_stop(part, snapshot);
    return true;
}

void part_squeezing(struct part *part, const struct snapshot *snapshot, const GError *error)
{
    if (!goes_on(part, snapshot, error))
        return;
    part->not_before_ns = hub_in(part->link->hub->timing->poll_ms);
    if (!part_shrink_alone(part))
        part_look_again(part, &part->targets[part->at], snapshot, NULL);
    look_at_stop(part, snapshot);
}

static char *success_of(const struct part *part, const struct snapshot *snapshot)
{
    const struct target *target = &part->targets[part->at];
    uint64_t fails =
        strain_fails(&target->shrink->strain, snapshot, snapshot_find(snapshot, &target->key));
    g_autofree char *times =
        fails == 0
            ? g_strdup("")
            : g_strdup_printf("; ran into a limit %" G_GUINT64_FORMAT " times meanwhile", fails);

    return g_strdup_printf("shrunk in %zu steps, watched for %g s%s", target->next_step,
                           part->link->hub->timing->watch_ms / 1000.0, times);
}

void shrink_tell_success(struct part *part, struct target *target)
{
    const struct shrink *shrink = target->shrink;

    for (size_t i = target->first;
         shrink != NULL && shrink->success != NULL && i < target->first + target->n; i++) {
        struct item *item = &part->items[i];

        if (item->decided && item->result.outcome == OUTCOME_CHANGED && item->result.text == NULL &&
            shrink_takes(&item->result.change))
            item_decide(item, OUTCOME_CHANGED, "%s", shrink->success);
    }
}

void part_watching(struct part *part, const struct snapshot *snapshot, const GError *error)
{
    struct target *target = &part->targets[part->at];
    uint64_t now = clock_ns(), until = target->shrink->watch_ns;

    if (!goes_on(part, snapshot, error))
        return;
    part->not_before_ns = MIN(hub_in(part->link->hub->timing->poll_ms), until);
    detail(part, g_strdup_printf("it is there, and takes it well so far; %u s more",
                                 now < until ? (unsigned)((until - now) / 1000000000 + 1) : 0));
    if (now < until)
        return;
    target->shrink->begun = false;
    target->shrink->success = success_of(part, snapshot);
    shrink_tell_success(part, target);
    link_changed(part->link, target->key.id, true);
    part->stage = STAGE_NEXT;
}

bool part_shrink_next(struct part *part)
{
    const struct target *target = part->at < part->n_targets ? &part->targets[part->at] : NULL;

    if (target == NULL || target->shrink == NULL || !target->shrink->begun)
        return false;
    if (!target->shrink->back)
        return stopped(part);
    part->stage = target->next_step > 0 && target->next_step < step_list_count(target->steps)
                      ? STAGE_INTENT
                      : STAGE_TAKE_BACK;
    return true;
}
