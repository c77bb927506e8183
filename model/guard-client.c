/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the guard says, and what is said to it. */
#include "model/guard-client.h"

#include "model/link.h"
#include "model/model-parts.h"
#include "model/text.h"

#include <string.h>

static void really_free(struct guard *guard)
{
    channel_free(guard->channel);
    guard_told_clear(&guard->told);
    g_hash_table_unref(guard->answered);
    g_free((gpointer)guard->plan.live);
    g_free((gpointer)guard->plan.saved);
    g_free(guard->sent);
    g_free(guard);
}

void guard_free(struct guard *guard)
{
    if (guard == NULL)
        return;
    guard->freed = true;
    if (!guard->busy)
        really_free(guard);
}

/* From here on a change of these values is somebody else's again. */
static void settle_seen(struct guard *guard)
{
    const struct guard_plan *plan = &guard->plan;
    const struct guard_state *state = &guard->told.state;

    for (size_t i = 0; guard->model != NULL && i < plan->n_live + plan->n_saved; i++) {
        bool saved = i >= plan->n_live;
        size_t place = saved ? i - plan->n_live : i;
        struct result result = {.change = saved ? plan->saved[place] : plan->live[place]};

        for (size_t r = 0; r < state->n_results; r++)
            if (state->results[r].saved == saved && state->results[r].change == place)
                result.after = state->results[r].after;
        seen_done(guard->model->seen, &result, 1, clock_ns());
    }
}

static void tell(struct guard *guard)
{
    if (guard->told.state.phase == GUARD_ENDED && !guard->settled)
        settle_seen(guard);
    guard->settled |= guard->told.state.phase == GUARD_ENDED;
    if (!guard->freed && guard->listener.changed != NULL)
        guard->listener.changed(guard, guard->listener.data);
}

/* --- what it says --- */

/* What a person typed for this connection already; newly allocated, to be wiped; or NULL. */
static char *known_answer(struct guard *guard, const char *uri, const char *prompt)
{
    struct hub *hub = guard->model == NULL ? NULL : guard->model->hub;
    char *text = NULL;

    if (hub == NULL || !g_hash_table_add(guard->answered, g_strconcat(uri, "\n", prompt, NULL)))
        return NULL;
    pthread_mutex_lock(&hub->lock);
    for (guint i = 0; i < hub->links->len && text == NULL; i++) {
        const struct link *link = g_ptr_array_index(hub->links, i);
        const struct answer *answer =
            strcmp(link->shown_uri, uri) == 0 ? link_answer(link, prompt) : NULL;

        text = answer == NULL ? NULL : g_strdup(answer->text);
    }
    pthread_mutex_unlock(&hub->lock);
    return text;
}

static void take_question(struct guard *guard, JsonObject *object)
{
    const char *uri = member_text(object, "uri");
    const char *raw = member_text(object, "prompt");
    bool secret = member_yes(object, "secret");
    g_autofree char *prompt = raw == NULL ? NULL : text_clean(raw);
    char *answer;

    if (uri == NULL || prompt == NULL)
        return;
    answer = known_answer(guard, uri, prompt);
    if (answer != NULL) {
        channel_send_secret(guard->channel, answer);
        explicit_bzero(answer, strlen(answer));
        g_free(answer);
    } else if (guard->listener.question != NULL) {
        guard->listener.question(guard, uri, &(struct question){prompt, secret},
                                 guard->listener.data);
    } else {
        channel_send_secret(guard->channel, NULL);
    }
}

static void end_here(struct guard *guard, enum guard_ending ending, const char *error)
{
    struct guard_state *state = &guard->told.state;

    if (state->phase == GUARD_ENDED)
        return;
    state->phase = GUARD_ENDED;
    state->ending = ending;
    if (error != NULL) {
        g_ptr_array_add(guard->told.texts, g_strdup(error));
        state->error = error;
    }
    tell(guard);
}

static void take_state(struct guard *guard, JsonObject *object)
{
    bool ended = guard->told.state.phase == GUARD_ENDED;

    if (ended || !guard_told_read(&guard->told, object, guard->joined ? NULL : &guard->plan)) {
        end_here(guard, GUARD_END_LOST, "the guard is of another version of this program");
        return;
    }
    if (guard->batch[0] == '\0' && guard->told.state.batch != NULL)
        g_strlcpy(guard->batch, guard->told.state.batch, sizeof guard->batch);
    tell(guard);
}

static void on_message(struct channel *channel, const char *name, JsonObject *object, void *data)
{
    struct guard *guard = data;

    guard->busy = true;
    if (strcmp(name, "state") == 0)
        take_state(guard, object);
    else if (strcmp(name, "question") == 0)
        take_question(guard, object);
    else if (strcmp(name, "detached") == 0)
        end_here(guard, GUARD_END_DETACHED, NULL);
    guard->busy = false;
    if (guard->freed)
        really_free(guard);
}

static void on_secret(struct channel *channel, const char *text, void *data)
{
}

static void on_closed(struct channel *channel, const char *why, void *data)
{
    struct guard *guard = data;
    bool starting = guard->told.state.phase == GUARD_STARTING;

    guard->busy = true;
    end_here(guard, starting ? GUARD_END_REFUSED : GUARD_END_LOST,
             starting ? "the guard did not start" : "the guard has died");
    guard->busy = false;
    if (guard->freed)
        really_free(guard);
}

/* --- making one --- */

struct guard *guard_on(int fd, GMainContext *context, const struct guard_listener *listener)
{
    struct guard *guard = g_new0(struct guard, 1);
    const struct channel_listener mine = {on_message, on_secret, on_closed, guard};

    guard->listener = *listener;
    guard->answered = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    guard_told_init(&guard->told);
    guard->channel = channel_new(fd, context, &mine);
    return guard;
}

const struct guard_state *guard_state(const struct guard *guard)
{
    return &guard->told.state;
}

const char *guard_batch(const struct guard *guard)
{
    return guard->batch;
}

/* --- what is said to it --- */

void guard_answer(struct guard *guard, const char *answer)
{
    channel_send_secret(guard->channel, answer);
}

bool guard_begin(struct guard *guard)
{
    if (guard->told.state.phase != GUARD_ARMED)
        return false;
    channel_say(guard->channel, "begin");
    return true;
}

/* Whether it was read back, and is other than what the guard was told. */
static bool is_news(const struct sent *sent, const struct result *result)
{
    bool over = result->outcome != OUTCOME_SKIPPED && result->outcome != OUTCOME_WOULD_CHANGE;

    return over && (!sent->any || sent->outcome != result->outcome ||
                    !value_equal(sent->after, result->after));
}

static void send_applied(struct guard *guard, size_t i, const struct result *result)
{
    const struct tunable *tunable = result->change.tunable;
    JsonBuilder *builder = channel_begin("applied");

    guard->sent[i] = (struct sent){true, result->outcome, result->after};
    json_builder_set_member_name(builder, "change");
    json_builder_add_int_value(builder, (gint64)i);
    json_builder_set_member_name(builder, "uncertain");
    json_builder_add_boolean_value(builder, result->error == BACKEND_ERROR_TIMEOUT ||
                                                result->error == BACKEND_ERROR_CONNECTION);
    json_builder_set_member_name(builder, "after");
    if (value_known(result->after))
        json_value(builder, result->after, tunable->unit, tunable->choices);
    else
        json_builder_add_null_value(builder);
    channel_send(guard->channel, builder);
}

void guard_report(struct guard *guard, const struct apply_progress *progress)
{
    for (size_t i = 0; i < progress->n_results && i < guard->plan.n_live; i++) {
        if (is_news(&guard->sent[i], &progress->results[i]))
            send_applied(guard, i, &progress->results[i]);
    }
    if (progress->phase == APPLY_DONE)
        channel_say(guard->channel, "written");
}

void guard_extend(struct guard *guard)
{
    channel_say(guard->channel, "extend");
}

void guard_commit(struct guard *guard)
{
    channel_say(guard->channel, "commit");
}

void guard_back(struct guard *guard)
{
    channel_say(guard->channel, "back");
}

void guard_detach(struct guard *guard)
{
    channel_say(guard->channel, "detach");
}
