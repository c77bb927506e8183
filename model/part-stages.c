/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a call of the backend brought, and so what comes next. */
#include "model/part-state.h"

#include "model/link.h"

void part_skip_rest(struct part *part, const char *why)
{
    for (size_t i = 0; i < part->n_targets; i++)
        target_skip(part, &part->targets[i], why);
}

static bool converging(const struct part *part)
{
    for (size_t i = 0; i < part->n_items; i++) {
        if (item_converging(&part->items[i]) && !part->back)
            return true;
    }
    return false;
}

static bool failed(const struct part *part)
{
    for (size_t i = 0; i < part->n_items; i++) {
        /* A shrink that went back is none that was done. */
        if (item_failed(&part->items[i]) ||
            (part->options.safe_shrink && !part->options.back && part->items[i].decided &&
             part->items[i].result.outcome == OUTCOME_GONE_BACK))
            return true;
    }
    return false;
}

/* --- what a call brought: the next stage --- */

static void took_read(struct part *part, const struct snapshot *snapshot, const GError *error)
{
    if (snapshot == NULL) {
        part_skip_rest(part, error->message);
        part->error = g_error_copy(error);
        part->stage = STAGE_DONE;
        return;
    }
    for (size_t i = 0; i < part->n_targets; i++) {
        struct target *target = &part->targets[i];

        (part->back ? target_prepare_back : target_prepare)(part, target, snapshot);
        if (target->steps != NULL && !target->stopped)
            part->n_steps += step_list_count(target->steps);
    }
    if (part->options.all_or_nothing && !part->back && failed(part))
        part_skip_rest(part, "something else of all or nothing cannot be done");
    if (failed(part) && part->options.all_or_nothing && !part->back)
        part->n_steps = 0;
    part->stage = STAGE_NEXT;
}

static void took_recheck(struct part *part, const struct snapshot *snapshot, const GError *error)
{
    struct target *target = &part->targets[part->at];
    size_t before = target->steps == NULL ? 0 : step_list_count(target->steps);

    part->stage = STAGE_NEXT;
    if (snapshot == NULL) {
        for (size_t i = target->first; !part->back && i < target->first + target->n; i++) {
            item_decide(&part->items[i], OUTCOME_FAILED, "nothing was sent: %s", error->message);
            item_blame(&part->items[i], error);
        }
        target_skip(part, target, error->message);
        return;
    }
    (part->back ? target_prepare_back : target_prepare)(part, target, snapshot);
    part->n_steps -= before;
    if (target->steps == NULL || target->stopped)
        return;
    part->n_steps += step_list_count(target->steps);
    if (step_list_count(target->steps) > 0)
        part->stage = STAGE_INTENT;
}

bool item_in_step(const struct item *item, const struct step *step)
{
    for (size_t i = 0; i < step->n_changes; i++) {
        if (step->changes[i].tunable == item->result.change.tunable &&
            step->changes[i].scope == item->result.change.scope)
            return true;
    }
    return false;
}

static void took_intent(struct part *part, const GError *error)
{
    part->stage = STAGE_STEP;
    if (error != NULL)
        part_refuse_unrecorded(part, error);
}

static void took_step(struct part *part, const GError *error)
{
    struct target *target = &part->targets[part->at];

    part_shrink_sent(part);
    for (size_t i = target->first; i < target->first + target->n; i++) {
        struct item *item = &part->items[i];

        if (!item_in_step(item, part->current) || part_shrink_alone(part))
            continue;
        *(part->back ? &item->returned : &item->sent) = true;
        item->half = error != NULL;
        g_free(item->call_error);
        item->call_error = error == NULL ? NULL : g_strdup(error->message);
        item->call_code = backend_error_code(error);
    }
    g_clear_error(&part->step_error);
    part->step_error = error == NULL ? NULL : g_error_copy(error);
    part->sent = true;
    part->reopened = false;
    part->stage = STAGE_READ_BACK;
}

static void read_back(const struct part *part, struct item *item, const struct snapshot *snapshot,
                      const char *unread)
{
    item_read_back(item, snapshot, unread);
    /* A balloon goes on by itself. */
    if (part->options.back && item_written(item) && item->result.outcome != OUTCOME_FAILED)
        item->result.outcome = OUTCOME_GONE_BACK;
}

void part_look_again(struct part *part, struct target *target, const struct snapshot *snapshot,
                     const char *unread)
{
    for (size_t i = target->first; i < target->first + target->n; i++) {
        struct item *item = &part->items[i];

        if (part->back && item->returned)
            item_went_back(item, snapshot, unread);
        /* One that was read once keeps what was read. */
        else if (!part->back && item->sent && (snapshot != NULL || !item->decided))
            read_back(part, item, snapshot, unread);
    }
    if (!part->back)
        shrink_tell_success(part, target);
}

static void took_read_back(struct part *part, const struct snapshot *snapshot, const GError *error)
{
    struct target *target = &part->targets[part->at];
    bool fine = part->step_error == NULL;

    if (!part_shrink_alone(part))
        part_look_again(part, target, snapshot, error == NULL ? NULL : error->message);
    for (size_t i = target->first; i < target->first + target->n; i++)
        fine &= !(part->items[i].sent && item_failed(&part->items[i])) || part->back;
    target->next_step++;
    part->step++;
    if (part_shrink_read_back(part, snapshot, error, fine))
        return;
    if (!fine)
        target_skip(part, target, "not sent: a step before it failed");
    if (fine && part_settle(part, snapshot))
        return;
    if (target->stopped || target->next_step >= step_list_count(target->steps))
        link_changed(part->link, target->key.id, true);
    part->stage = STAGE_NEXT;
}

static void took_wait(struct part *part, const struct snapshot *snapshot, const GError *error)
{
    if (snapshot != NULL) {
        for (size_t i = 0; i < part->n_items; i++) {
            if (item_converging(&part->items[i]))
                read_back(part, &part->items[i], snapshot, NULL);
        }
    }
    if (snapshot == NULL || !converging(part) || clock_ns() >= part->give_up_ns ||
        g_atomic_int_get(&part->stop) != PART_GO_ON) {
        part->stage = STAGE_DONE;
        for (size_t i = 0; i < part->n_targets; i++)
            link_changed(part->link, part->targets[i].key.id, true);
    }
    part->not_before_ns = hub_in(part->link->hub->timing->poll_ms);
}

void part_took(struct part *part, const struct snapshot *snapshot, const GError *error)
{
    switch (part->stage) {
    case STAGE_READ:
        took_read(part, snapshot, error);
        break;
    case STAGE_RECHECK:
        took_recheck(part, snapshot, error);
        break;
    case STAGE_INTENT:
        took_intent(part, error);
        break;
    case STAGE_STEP:
        took_step(part, error);
        break;
    case STAGE_READ_BACK:
        took_read_back(part, snapshot, error);
        break;
    case STAGE_SETTLE:
        part_settling(part, snapshot, error);
        break;
    case STAGE_WAIT:
        took_wait(part, snapshot, error);
        break;
    case STAGE_SQUEEZE:
        part_squeezing(part, snapshot, error);
        break;
    case STAGE_WATCH:
        part_watching(part, snapshot, error);
        break;
    case STAGE_TAKE_BACK:
        part_taking_back(part, snapshot, error);
        break;
    case STAGE_NEXT:
    case STAGE_DONE:
        break;
    }
}

/* --- between calls --- */

static bool stop_if_told(struct part *part)
{
    switch ((enum part_stop)g_atomic_int_get(&part->stop)) {
    case PART_GO_ON:
        return false;
    case PART_CANCELLED:
        part_skip_rest(part, "cancelled");
        break;
    case PART_ELSEWHERE_FAILED:
        part_skip_rest(part, "something else of all or nothing failed");
        break;
    }
    part->stage = STAGE_DONE;
    return true;
}

void part_next(struct part *part)
{
    bool undo = part->options.all_or_nothing && !part->back && failed(part);

    if (part_shrink_next(part) || stop_if_told(part))
        return;
    if (undo)
        part_skip_rest(part, "something else of all or nothing failed");
    for (; part->at < part->n_targets; part->at++) {
        const struct target *target = &part->targets[part->at];

        if (target->stopped || target->steps == NULL ||
            target->next_step >= step_list_count(target->steps))
            continue;
        part->stage = target->next_step == 0 && part->sent ? STAGE_RECHECK : STAGE_INTENT;
        return;
    }
    part->stage = STAGE_DONE;
    if (part->options.wait_ms != 0 && !undo && converging(part)) {
        part->give_up_ns = hub_in(part->options.wait_ms);
        part->stage = STAGE_WAIT;
    }
}
