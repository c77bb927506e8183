/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Carries out a part, one call of the backend at a time. What the call brought is taken in by one
 * function per stage, so that it is the same whether the call returned or its thread was left
 * behind in it.
 */
#include "model/part-state.h"

#include "model/link.h"
#include "model/worker.h"

#define TIMEOUT_MS 120000

static unsigned timeout_ms(const struct part *part)
{
    return part->options.timeout_ms != 0 ? part->options.timeout_ms : TIMEOUT_MS;
}

static void skip_rest(struct part *part, const char *why)
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
        if (item_failed(&part->items[i]))
            return true;
    }
    return false;
}

/* --- what a call brought: the next stage --- */

static void took_read(struct part *part, const struct snapshot *snapshot, const GError *error)
{
    if (snapshot == NULL) {
        skip_rest(part, error->message);
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
        skip_rest(part, "something else of all or nothing cannot be done");
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
        for (size_t i = target->first; !part->back && i < target->first + target->n; i++)
            item_decide(&part->items[i], OUTCOME_FAILED, "nothing was sent: %s", error->message);
        target_skip(part, target, error->message);
        return;
    }
    (part->back ? target_prepare_back : target_prepare)(part, target, snapshot);
    part->n_steps -= before;
    if (target->steps == NULL || target->stopped)
        return;
    part->n_steps += step_list_count(target->steps);
    if (step_list_count(target->steps) > 0)
        part->stage = STAGE_STEP;
}

static bool carries(const struct step *step, const struct item *item)
{
    for (size_t i = 0; i < step->n_changes; i++) {
        if (step->changes[i].tunable == item->result.change.tunable &&
            step->changes[i].scope == item->result.change.scope)
            return true;
    }
    return false;
}

static void took_step(struct part *part, const GError *error)
{
    struct target *target = &part->targets[part->at];

    for (size_t i = target->first; i < target->first + target->n; i++) {
        struct item *item = &part->items[i];

        if (!carries(part->current, item))
            continue;
        *(part->back ? &item->returned : &item->sent) = true;
        item->half = error != NULL;
        g_free(item->call_error);
        item->call_error = error == NULL ? NULL : g_strdup(error->message);
    }
    g_clear_error(&part->step_error);
    part->step_error = error == NULL ? NULL : g_error_copy(error);
    part->sent = true;
    part->reopened = false;
    part->stage = STAGE_READ_BACK;
}

static void look_again(struct part *part, struct target *target, const struct snapshot *snapshot,
                       const char *unread)
{
    for (size_t i = target->first; i < target->first + target->n; i++) {
        struct item *item = &part->items[i];

        if (part->back && item->returned)
            item_went_back(item, snapshot, unread);
        /* One that was read once keeps what was read. */
        else if (!part->back && item->sent && (snapshot != NULL || !item->decided))
            item_read_back(item, snapshot, unread);
    }
}

static void took_read_back(struct part *part, const struct snapshot *snapshot, const GError *error)
{
    struct target *target = &part->targets[part->at];
    bool fine = part->step_error == NULL;

    look_again(part, target, snapshot, error == NULL ? NULL : error->message);
    for (size_t i = target->first; i < target->first + target->n; i++)
        fine &= !(part->items[i].sent && item_failed(&part->items[i])) || part->back;
    target->next_step++;
    part->step++;
    if (!fine)
        target_skip(part, target, "not sent: a step before it failed");
    if (target->stopped || target->next_step >= step_list_count(target->steps))
        link_changed(part->link, target->key.id, true);
    part->stage = STAGE_NEXT;
}

static void took_wait(struct part *part, const struct snapshot *snapshot, const GError *error)
{
    if (snapshot != NULL) {
        for (size_t i = 0; i < part->n_items; i++) {
            if (item_converging(&part->items[i]))
                item_read_back(&part->items[i], snapshot, NULL);
        }
    }
    if (snapshot == NULL || !converging(part) || hub_now() >= part->give_up_ns ||
        g_atomic_int_get(&part->stop) != PART_GO_ON) {
        part->stage = STAGE_DONE;
        for (size_t i = 0; i < part->n_targets; i++)
            link_changed(part->link, part->targets[i].key.id, true);
    }
    part->not_before_ns = hub_in(part->link->hub->timing->poll_ms);
}

static void took(struct part *part, const struct snapshot *snapshot, const GError *error)
{
    switch (part->stage) {
    case STAGE_READ:
        took_read(part, snapshot, error);
        break;
    case STAGE_RECHECK:
        took_recheck(part, snapshot, error);
        break;
    case STAGE_STEP:
        took_step(part, error);
        break;
    case STAGE_READ_BACK:
        took_read_back(part, snapshot, error);
        break;
    case STAGE_WAIT:
        took_wait(part, snapshot, error);
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
        skip_rest(part, "cancelled");
        break;
    case PART_ELSEWHERE_FAILED:
        skip_rest(part, "something else of all or nothing failed");
        break;
    }
    part->stage = STAGE_DONE;
    return true;
}

static void next(struct part *part)
{
    bool undo = part->options.all_or_nothing && !part->back && failed(part);

    if (stop_if_told(part))
        return;
    if (undo)
        skip_rest(part, "something else of all or nothing failed");
    for (; part->at < part->n_targets; part->at++) {
        const struct target *target = &part->targets[part->at];

        if (target->stopped || target->steps == NULL ||
            target->next_step >= step_list_count(target->steps))
            continue;
        part->stage = target->next_step == 0 && part->sent ? STAGE_RECHECK : STAGE_STEP;
        return;
    }
    part->stage = STAGE_DONE;
    if (part->options.wait_ms != 0 && !undo && converging(part)) {
        part->give_up_ns = hub_in(part->options.wait_ms);
        part->stage = STAGE_WAIT;
    }
}

/* --- the calls --- */

static enum reply step_call(struct worker *worker, struct part *part, GError **error)
{
    const struct step *step;
    GError *failure = NULL;
    bool fine;

    part->current = step =
        step_list_get(part->targets[part->at].steps, part->targets[part->at].next_step);
    part_tell(part, APPLY_STEP, step);
    if (!worker_enter(worker, CALL_APPLY, timeout_ms(part)))
        return REPLY_LEFT;
    fine = part->link->backend->apply(worker->connection, step, &failure);
    if (!worker_leave(worker)) {
        g_clear_error(&failure);
        return REPLY_LEFT;
    }
    if (fine)
        return REPLY_OK;
    if (worker->interrupted) {
        g_clear_error(&failure);
        g_set_error(&failure, BACKEND_ERROR, BACKEND_ERROR_TIMEOUT,
                    "not answered within %g s: unknown whether it was done",
                    timeout_ms(part) / 1000.0);
    }
    g_propagate_error(error, failure);
    return REPLY_ERROR;
}

static enum reply read_call(struct worker *worker, struct part *part, struct snapshot **snapshot,
                            GError **error)
{
    bool all = part->stage == STAGE_READ || part->stage == STAGE_WAIT;
    size_t n = all ? part->n_targets : 1;
    g_autofree struct domain_key *only = g_new(struct domain_key, n);
    struct snapshot *previous =
        snapshot_ref(worker->previous ? worker->previous : part->link->last);
    enum reply reply;

    for (size_t i = 0; i < n; i++)
        only[i] = part->targets[all ? i : part->at].key;
    part_tell(part,
              part->stage == STAGE_READ_BACK ? APPLY_READ_BACK
              : part->stage == STAGE_WAIT    ? APPLY_WAITING
                                             : APPLY_READING,
              part->stage == STAGE_READ_BACK ? part->current : NULL);
    reply = worker_sample(worker, &(struct wanted){.only = only, .n_only = n}, previous, snapshot,
                          error);
    snapshot_unref(previous);
    if (reply == REPLY_OK) {
        snapshot_unref(worker->previous);
        worker->previous = snapshot_ref(*snapshot);
    }
    return reply;
}

static bool broken(const GError *error)
{
    return g_error_matches(error, BACKEND_ERROR, BACKEND_ERROR_CONNECTION) ||
           g_error_matches(error, BACKEND_ERROR, BACKEND_ERROR_TIMEOUT) ||
           g_error_matches(error, BACKEND_ERROR, BACKEND_ERROR_CANCELLED);
}

/* Goes on with a new connection: the old one cannot tell what became of the call. */
static void reopen(struct worker *worker, struct part *part, enum stage stage, const GError *error)
{
    struct part *mine = g_steal_pointer(&worker->part);

    part->reopened = stage != STAGE_STEP;
    if (worker->samples)
        link_failed(part->link, error);
    worker->lost = false;
    if (part->stage == STAGE_DONE) {
        part_tell_done(part);
        part_unref(mine);
    } else {
        g_queue_push_head(&part->link->parts, mine);
    }
    worker_close(worker);
}

/* One call and what it brought. False where the worker leaves the part: then it touches it no
 * more. */
static bool advance(struct worker *worker, struct part *part)
{
    struct snapshot *snapshot = NULL;
    g_autoptr(GError) error = NULL;
    enum stage stage = part->stage;
    enum reply reply;
    bool again;

    if (stage == STAGE_NEXT) {
        next(part);
        return true;
    }
    reply = stage == STAGE_STEP ? step_call(worker, part, &error)
                                : read_call(worker, part, &snapshot, &error);
    if (reply == REPLY_LEFT)
        return false;
    again = reply == REPLY_ERROR && broken(error);
    if (!again || stage == STAGE_STEP || part->reopened)
        took(part, snapshot, error);
    snapshot_unref(snapshot);
    if (reply == REPLY_OK)
        part->reopened = false;
    if (again)
        reopen(worker, part, stage, error);
    return !again;
}

void part_carry_out(struct worker *worker, struct part *part)
{
    bool going = true;

    worker->part = part_ref(part);
    while (going && part->stage != STAGE_DONE) {
        going = advance(worker, part);
        if (!going || part->stage != STAGE_WAIT || part->not_before_ns <= hub_now())
            continue;
        /* Others may have their turn until then. */
        g_queue_push_tail(&part->link->parts, g_steal_pointer(&worker->part));
        going = false;
    }
    if (going) {
        g_clear_pointer(&worker->part, part_unref);
        part_tell_done(part);
    }
    part_unref(part);
}

void part_abandoned(struct part *part, struct link *link)
{
    g_autoptr(GError) error = NULL;

    if (part->stage == STAGE_STEP)
        error = g_error_new(BACKEND_ERROR, BACKEND_ERROR_TIMEOUT,
                            "not answered within %g s: unknown whether it was done",
                            timeout_ms(part) / 1000.0);
    else
        error = g_error_new(BACKEND_ERROR, BACKEND_ERROR_TIMEOUT, "reading was not answered");
    took(part, NULL, error);
    g_queue_push_head(&link->parts, part);
}

void parts_opening(struct link *link)
{
    for (GList *each = link->parts.head; each != NULL; each = each->next)
        part_tell(each->data, APPLY_OPENING, NULL);
}

void parts_fail(struct link *link, const GError *error)
{
    struct part *part;

    while ((part = g_queue_pop_head(&link->parts)) != NULL) {
        if (part->stage == STAGE_READ_BACK || part->stage == STAGE_WAIT)
            took(part, NULL, error);
        skip_rest(part, error->message);
        if (part->error == NULL)
            part->error = g_error_copy(error);
        part->stage = STAGE_DONE;
        part_tell_done(part);
        part_unref(part);
    }
}

struct part *parts_next(struct link *link, uint64_t now, uint64_t *until)
{
    for (GList *each = link->parts.head; each != NULL; each = each->next) {
        struct part *part = each->data;

        if (part->not_before_ns <= now || g_atomic_int_get(&part->stop) != PART_GO_ON)
            return part;
        *until = MIN(*until, part->not_before_ns);
    }
    return NULL;
}
