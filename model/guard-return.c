/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Going back: by the values of that moment, until all of it is settled. */
#include "model/guard-server-private.h"

#include "model/shrink.h"
#include "model/size.h"

#include <string.h>

#define SECOND_NS UINT64_C(1000000000)
#define AGAIN_NS (5 * SECOND_NS) /* between looks for a write that may still arrive */
#define LOOKS 2                  /* the picture that was begun before the question does not count */

static const unsigned pauses[] = {1, 2, 4, 8, 15, 60}; /* seconds; the last one repeats */

static bool settle(struct guarded *guarded, enum outcome outcome, bool foreign, const char *format,
                   ...) G_GNUC_PRINTF(4, 5);
static bool settle(struct guarded *guarded, enum outcome outcome, bool foreign, const char *format,
                   ...)
{
    va_list arguments;

    g_clear_pointer(&guarded->text, g_free);
    va_start(arguments, format);
    if (format != NULL)
        guarded->text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    guarded->settled = outcome != OUTCOME_FAILED;
    guarded->foreign = foreign;
    guarded->outcome = outcome;
    return false;
}

static bool same(const struct tunable *tunable, struct value a, struct value b)
{
    return value_equal(tunable_round(tunable, a), tunable_round(tunable, b));
}

static bool applied_value(const struct server *server, size_t i, struct value *value)
{
    const struct guard_known *known = &server->papers->known[i];

    return known->applied && known->after != NULL &&
           json_value_read(known->after, server->guarded[i].change.tunable, value, NULL);
}

static bool between(struct value now, struct value a, struct value b)
{
    return now.kind == VALUE_NUMBER && value_known(a) && value_known(b) &&
           ((value_compare(a, now) <= 0 && value_compare(now, b) <= 0) ||
            (value_compare(b, now) <= 0 && value_compare(now, a) <= 0));
}

/* It is what we made of it, or on its way there. */
static bool is_ours(const struct server *server, size_t i, struct value now)
{
    const struct change *change = &server->guarded[i].change;
    struct value applied;

    if (applied_value(server, i, &applied) && same(change->tunable, now, applied))
        return true;
    if (change->tunable->readback == READBACK_CONVERGES)
        return between(now, change->from, change->to);
    /* A call that may have arrived, whatever was read back before. */
    return same(change->tunable, now, change->to);
}

/* --- what is there now --- */

static void begin_to_look(struct server *server)
{
    server->look = true;
    for (size_t i = 0; i < model_n_connections(server->model); i++)
        server->reads[i] = 0;
    model_refresh(server->model, true);
}

/* What was settled by pictures of before is looked at once more. */
static void look_anew(struct server *server)
{
    for (size_t i = 0; i < server->n_guarded; i++)
        server->guarded[i].settled &= server->guarded[i].outcome == OUTCOME_KEPT;
    server->unseen = false;
    begin_to_look(server);
}

/* False where the present value has to be waited for, or is none of ours to write. */
static bool to_write(struct server *server, size_t i, struct change *change)
{
    struct guarded *guarded = &server->guarded[i];
    const struct snapshot *snapshot;
    const struct domain *domain;
    struct value now = server_present(server, &guarded->change, &snapshot, &domain);
    char is[SIZE_TEXT_MAX];

    if (snapshot->state != CONNECTION_CONNECTED || server->reads[snapshot->connection] < LOOKS)
        return settle(guarded, OUTCOME_FAILED, false, "%s does not answer yet", snapshot->uri);
    if (domain == NULL || domain_state_ended(domain->identity->state) ||
        domain_started_anew(server->papers->known[i].instance, domain->identity->instance))
        return settle(guarded, OUTCOME_GONE_BACK, false,
                      "the domain has ended, and what was live with it");
    if (!value_known(now))
        return settle(guarded, OUTCOME_FAILED, false, "cannot be read: %s", value_reason_text(now));
    guarded->after = now;
    if (same(guarded->change.tunable, now, guarded->change.from))
        return settle(guarded, OUTCOME_GONE_BACK, false, NULL);
    if (!is_ours(server, i, now)) {
        size_format_value(now, guarded->change.tunable->unit, guarded->change.tunable->choices, is);
        return settle(guarded, OUTCOME_KEPT, true, "somebody else made it %s meanwhile: left alone",
                      is);
    }
    *change = guarded->change;
    change->from = now;
    change->to = guarded->change.from;
    return true;
}

/* By what was read back after the write: nothing has to be read first. */
static bool to_write_at_once(struct server *server, size_t i, struct change *change)
{
    *change = server->guarded[i].change;
    change->to = server->guarded[i].change.from;
    return applied_value(server, i, &change->from);
}

static bool known_all(const struct server *server)
{
    struct value value;

    for (size_t i = 0; i < server->n_guarded; i++) {
        if (!server->guarded[i].settled &&
            (!applied_value(server, i, &value) || server->papers->known[i].uncertain))
            return false;
    }
    return !server->adopted;
}

static bool all_looked(const struct server *server)
{
    for (size_t i = 0; i < model_n_connections(server->model); i++) {
        if (model_snapshot(server->model, (uint16_t)i)->state == CONNECTION_CONNECTED &&
            server->reads[i] < LOOKS)
            return false;
    }
    return true;
}

/* --- what became of it --- */

static bool pending(const struct server *server)
{
    for (size_t i = 0; i < server->n_guarded; i++) {
        if (!server->guarded[i].settled)
            return true;
    }
    return false;
}

static void again(struct server *server)
{
    unsigned seconds = pauses[MIN(server->attempt, G_N_ELEMENTS(pauses) - 1)];

    server->attempt++;
    server->next_ns = guard_clock_ns() + seconds * SECOND_NS;
    server_tell(server);
}

/* A call of whoever wrote may still be under way: its value has to be looked for. */
static bool may_arrive(const struct server *server)
{
    uint64_t timeout_ms = server->papers->timeout_ms != 0 ? server->papers->timeout_ms : 120000;
    bool uncertain = !server->papers->written;

    for (size_t i = 0; i < server->n_guarded; i++)
        uncertain |= server->papers->known[i].uncertain;
    if (!uncertain || server->adopted)
        return false;
    /* Whoever writes, and lives, says when it has ended. */
    return (server->owner != NULL && !server->papers->written) ||
           guard_clock_ns() < server->begin_ns + (timeout_ms + 10000) * 1000000;
}

static enum guard_ending ending_of(const struct server *server)
{
    enum guard_ending ending = GUARD_END_GONE_BACK;

    for (size_t i = 0; i < server->n_guarded; i++) {
        const struct guarded *guarded = &server->guarded[i];

        if (guarded->outcome == OUTCOME_KEPT && !guarded->foreign)
            return GUARD_END_KEPT_KILLS;
        if (guarded->foreign)
            ending = GUARD_END_LEFT;
    }
    return ending;
}

static void note_ending(struct server *server, enum guard_ending ending)
{
    for (size_t i = 0; i < server->n_guarded; i++) {
        const struct stored_change *stored = server->papers->live->pdata[i];
        const struct guarded *guarded = &server->guarded[i];

        if (guarded->text != NULL)
            server_note(server, guarded->outcome == OUTCOME_KEPT ? "kept" : "gone_back",
                        "%s: %s: %s", stored->domain, stored->tunable, guarded->text);
    }
    server_note(server, guard_ending_name(ending),
                ending == GUARD_END_GONE_BACK    ? "gone back, every value is what it was: %s"
                : ending == GUARD_END_KEPT_KILLS ? "kept: going back would kill: %s"
                                                 : "gone back, but somebody else's values stay: %s",
                server->reason);
}

static void finish(struct server *server)
{
    enum guard_ending ending = ending_of(server);

    if (may_arrive(server) || server->unseen) {
        look_anew(server);
        server->next_ns = guard_clock_ns() + AGAIN_NS;
        return;
    }
    note_ending(server, ending);
    server_finish(server, ending);
}

/* What would kill at once may do in steps; what did not do in steps stays. */
static void would_kill(struct guarded *guarded, const struct result *result)
{
    if (!guarded->shrinks && shrink_takes(&result->change)) {
        guarded->shrinks = true;
        settle(guarded, OUTCOME_FAILED, false, "not yet: it goes back in steps");
    } else {
        settle(guarded, OUTCOME_KEPT, false, "%s", result->text);
    }
}

static void failed(struct guarded *guarded, const struct result *result)
{
    const char *why = result->text ? result->text : "?";
    bool unreached =
        result->error == BACKEND_ERROR_CONNECTION || result->error == BACKEND_ERROR_TIMEOUT;

    if (guarded->shrinks && !unreached && result->outcome == OUTCOME_FAILED)
        settle(guarded, OUTCOME_KEPT, false, "%s", why);
    else
        settle(guarded, OUTCOME_FAILED, false, "not yet: %s", why);
}

static void take_result(struct server *server, size_t i, const struct result *result)
{
    struct guarded *guarded = &server->guarded[i];

    guarded->after = result->after;
    switch (result->outcome) {
    case OUTCOME_GONE_BACK:
        /* Accepted is not yet true. */
        if (!value_known(result->after))
            settle(guarded, OUTCOME_FAILED, false, "not yet: sent, but not read back");
        else
            settle(guarded, OUTCOME_GONE_BACK, false, NULL);
        return;
    case OUTCOME_UNCHANGED:
        settle(guarded, OUTCOME_GONE_BACK, false, NULL);
        return;
    case OUTCOME_KEPT:
        would_kill(guarded, result);
        return;
    case OUTCOME_CHANGED:
    case OUTCOME_ROUNDED:
    case OUTCOME_PENDING:
    case OUTCOME_WOULD_CHANGE:
    case OUTCOME_REFUSED:
    case OUTCOME_CONFLICT:
    case OUTCOME_FAILED:
    case OUTCOME_SKIPPED:
        failed(guarded, result);
    }
}

static void on_progress(const struct apply_progress *progress, void *data)
{
    struct server *server = data;

    if (progress->phase != APPLY_DONE)
        return;
    server->job = NULL;
    for (size_t r = 0; r < progress->n_results; r++)
        take_result(server, g_array_index(server->job_places, size_t, r), &progress->results[r]);
    if (!pending(server)) {
        finish(server);
        return;
    }
    begin_to_look(server);
    again(server);
}

/* What can go back at once does so first. */
static bool only_shrinks(const struct server *server)
{
    for (size_t i = 0; i < server->n_guarded; i++) {
        if (!server->guarded[i].settled && !server->guarded[i].shrinks)
            return false;
    }
    return true;
}

static void attempt(struct server *server)
{
    g_autoptr(GArray) changes = g_array_new(FALSE, FALSE, sizeof(struct change));
    struct apply_options options = {.timeout_ms = server->papers->timeout_ms,
                                    .back = true,
                                    .safe_shrink = only_shrinks(server)};
    g_autoptr(GError) error = NULL;

    g_strlcpy(options.batch, server->papers->batch, sizeof options.batch);
    g_array_set_size(server->job_places, 0);
    /* The last one written goes back first, where the backend has no order of its own. */
    for (size_t i = server->n_guarded; i-- > 0;) {
        struct change change;

        if (server->guarded[i].settled || server->guarded[i].shrinks != options.safe_shrink ||
            !(server->look ? to_write : to_write_at_once)(server, i, &change))
            continue;
        g_array_append_val(changes, change);
        g_array_append_val(server->job_places, i);
    }
    if (changes->len > 0)
        server->job = model_apply(server->model, (const struct change *)(void *)changes->data,
                                  changes->len, &options, on_progress, server, &error);
    server_complain(server, error);
    if (server->job != NULL)
        return;
    if (pending(server))
        again(server);
    else
        finish(server);
}

void server_return_look(struct server *server, bool came_back)
{
    if (server->job != NULL || server->phase != GUARD_RETURNING)
        return;
    if (server->unseen)
        look_anew(server);
    if (came_back)
        server->next_ns = 0;
    if (guard_clock_ns() < server->next_ns)
        return;
    if (!server->look || all_looked(server))
        attempt(server);
}

void server_back(struct server *server, const char *reason)
{
    if (server->phase != GUARD_COUNTING && server->phase != GUARD_ARMED)
        return;
    server_stop_deciding(server);
    server->phase = GUARD_RETURNING;
    server->reason = g_strdup(reason);
    server->job_places = g_array_new(FALSE, FALSE, sizeof(size_t));
    if (!server->papers->begun) {
        for (size_t i = 0; i < server->n_guarded; i++)
            settle(&server->guarded[i], OUTCOME_GONE_BACK, false, "it was never written");
        server_finish(server, GUARD_END_GONE_BACK);
        return;
    }
    server_note(server, "going_back", "goes back: %s", reason);
    server_tell(server);
    if (!known_all(server))
        begin_to_look(server);
    server_return_look(server, true);
}
