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

/* Hands records to the journal without the lock. */
static enum reply record_call(struct worker *worker, GArray *records, GError **error)
{
    struct hub *hub = worker->hub;
    GError *failure = NULL;
    bool fine;

    if (!worker_enter(worker, CALL_JOURNAL, hub->timing->call_ms[CALL_JOURNAL]))
        return REPLY_LEFT;
    fine = journal_append(hub->journal, (const struct journal_record *)(void *)records->data,
                          records->len, JOURNAL_DURABLE, &failure);
    if (!worker_leave(worker)) {
        g_clear_error(&failure);
        return REPLY_LEFT;
    }
    if (fine)
        return REPLY_OK;
    g_propagate_error(error, failure);
    return REPLY_ERROR;
}

static enum reply intent_call(struct worker *worker, struct part *part, GError **error)
{
    const struct target *target = &part->targets[part->at];
    g_autoptr(GArray) records = NULL;

    part->current = step_list_get(target->steps, target->next_step);
    records = part_intent(part);
    return record_call(worker, records, error);
}

/* False where the worker leaves the part. */
static bool record_outcomes(struct worker *worker, struct part *part)
{
    g_autoptr(GArray) records = part_outcomes(part);
    g_autoptr(GError) error = NULL;
    enum reply reply = record_call(worker, records, &error);

    if (reply == REPLY_ERROR)
        hub_message(part->link->hub, part->link, "done, but not recorded: %s", error->message);
    return reply != REPLY_LEFT;
}

static enum reply step_call(struct worker *worker, struct part *part, GError **error)
{
    const struct step *step = part->current;
    struct connection *connection = worker->connection;
    g_autofree char *stamp = NULL;
    GError *failure = NULL;
    bool fine;

    part_tell(part, APPLY_STEP, step);
    if (!worker_enter(worker, CALL_APPLY, timeout_ms(part)))
        return REPLY_LEFT;
    connection->stamp = stamp = part_stamp(part);
    fine = part->link->backend->apply(connection, step, &failure);
    connection->stamp = NULL;
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

static bool waiting(const struct part *part)
{
    return part->stage == STAGE_WAIT || part->stage == STAGE_SETTLE ||
           part->stage == STAGE_SQUEEZE || part->stage == STAGE_WATCH;
}

static enum apply_phase phase_of(const struct part *part)
{
    switch (part->stage) {
    case STAGE_READ_BACK:
        return APPLY_READ_BACK;
    case STAGE_SETTLE:
    case STAGE_WAIT:
        return APPLY_WAITING;
    case STAGE_SQUEEZE:
        return APPLY_SQUEEZING;
    case STAGE_WATCH:
        return APPLY_WATCHING;
    case STAGE_TAKE_BACK:
        return APPLY_RESTORING;
    case STAGE_READ:
    case STAGE_NEXT:
    case STAGE_RECHECK:
    case STAGE_INTENT:
    case STAGE_STEP:
    case STAGE_DONE:
        return APPLY_READING;
    }
    return APPLY_READING;
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
    part_tell(part, phase_of(part), part->stage == STAGE_READ_BACK ? part->current : NULL);
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

    if ((stage == STAGE_NEXT || stage == STAGE_DONE) && part_unrecorded(part))
        return record_outcomes(worker, part);
    if (stage == STAGE_NEXT) {
        part_next(part);
        return true;
    }
    reply = stage == STAGE_INTENT ? intent_call(worker, part, &error)
            : stage == STAGE_STEP ? step_call(worker, part, &error)
                                  : read_call(worker, part, &snapshot, &error);
    if (reply == REPLY_LEFT)
        return false;
    again = reply == REPLY_ERROR && broken(error);
    if (!again || stage == STAGE_STEP || part->reopened)
        part_took(part, snapshot, error);
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
    while (going && (part->stage != STAGE_DONE || part_unrecorded(part))) {
        going = advance(worker, part);
        if (!going || !waiting(part) || part->not_before_ns <= clock_ns())
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
        error = g_error_new(BACKEND_ERROR, BACKEND_ERROR_TIMEOUT,
                            part->stage == STAGE_INTENT ? "the disk does not answer"
                                                        : "reading was not answered");
    part_took(part, NULL, error);
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
        if (part->stage == STAGE_READ_BACK || waiting(part))
            part_took(part, NULL, error);
        part_shrink_left(part, error->message);
        part_skip_rest(part, error->message);
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
