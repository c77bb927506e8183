/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The side of a guard that starts it and shows it. */
#include "model/guard.h"

#include "model/guard-channel.h"
#include "model/guard-server-private.h"
#include "model/guard-spawn.h"
#include "model/guard-state.h"
#include "model/link.h"
#include "model/model-parts.h"
#include "model/text.h"

#include <string.h>

struct sent {
    bool any;
    enum outcome outcome;
    struct value after;
};

struct guard {
    struct guard_listener listener;
    struct channel *channel;
    struct model *model;    /* NULL: joined or adopted */
    struct guard_plan plan; /* copies; empty where joined or adopted */
    struct sent *sent;      /* of each live change: what the guard has of it */
    struct guard_told told;
    GHashTable *answered; /* prompts that were answered out of what the model knows */
    char batch[BATCH_ID_SIZE];
    bool joined;
    bool busy, freed; /* within a callback */
};

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

static void tell(struct guard *guard)
{
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
    const char *uri = json_object_get_string_member_with_default(object, "uri", "");
    const char *raw = json_object_get_string_member_with_default(object, "prompt", "");
    bool secret = json_object_get_boolean_member_with_default(object, "secret", TRUE);
    g_autofree char *prompt = text_clean(raw);
    char *answer = known_answer(guard, uri, prompt);

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

static struct guard *guard_on(int fd, GMainContext *context, const struct guard_listener *listener)
{
    struct guard *guard = g_new0(struct guard, 1);
    const struct channel_listener mine = {on_message, on_secret, on_closed, guard};

    guard->listener = *listener;
    guard->answered = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    guard_told_init(&guard->told);
    guard->channel = channel_new(fd, context, &mine);
    return guard;
}

/* With the passwords that may be in it. Newly allocated. */
static char *whole_uri(struct model *model, uint16_t connection)
{
    char *uri;

    pthread_mutex_lock(&model->hub->lock);
    uri = g_strdup(((struct link *)g_ptr_array_index(model->hub->links, connection))->uri);
    pthread_mutex_unlock(&model->hub->lock);
    return uri;
}

static GPtrArray *store(struct model *model, const struct change *changes, size_t n,
                        GPtrArray *uris, GError **error)
{
    g_autoptr(GPtrArray) stored = changefile_new();

    for (size_t i = 0; i < n; i++) {
        const struct snapshot *snapshot = model_snapshot(model, changes[i].key.connection);
        const struct domain *domain =
            snapshot == NULL ? NULL : snapshot_find(snapshot, &changes[i].key);
        g_autofree char *uri = NULL;

        if (domain == NULL) {
            g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_GONE,
                        "the domain does not exist any more");
            return NULL;
        }
        uri = whole_uri(model, changes[i].key.connection);
        if (!g_ptr_array_find_with_equal_func(uris, uri, g_str_equal, NULL))
            g_ptr_array_add(uris, g_steal_pointer(&uri));
        g_ptr_array_add(stored, stored_change_new(snapshot, domain, &changes[i]));
    }
    return g_steal_pointer(&stored);
}

static struct guard_papers *papers_of(struct model *model, const struct guard_plan *plan,
                                      GError **error)
{
    struct guard_papers *papers = guard_papers_new();
    GPtrArray *uris = g_ptr_array_new();

    if (plan->batch != NULL)
        g_strlcpy(papers->batch, plan->batch, sizeof papers->batch);
    else
        batch_id_new(papers->batch);
    papers->seconds = plan->seconds;
    papers->timeout_ms = plan->timeout_ms;
    papers->unrecorded = plan->unrecorded;
    papers->keep_if = g_strdup(plan->keep_if);
    papers->live = store(model, plan->live, plan->n_live, uris, error);
    if (papers->live != NULL)
        papers->saved = store(model, plan->saved, plan->n_saved, uris, error);
    g_ptr_array_add(uris, NULL);
    papers->uris = (char **)g_ptr_array_free(uris, FALSE);
    if (papers->live != NULL && papers->saved != NULL)
        return papers;
    guard_papers_free(papers);
    return NULL;
}

/* A connection whose values nobody else could take back; NULL: none. */
static const struct snapshot *without_guard(const struct model *model, const struct change *changes,
                                            size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct snapshot *snapshot = model_snapshot(model, changes[i].key.connection);

        if (snapshot != NULL &&
            snapshot->backend->flags & (BACKEND_NO_GUARD | BACKEND_ONE_CONNECTION))
            return snapshot;
    }
    return NULL;
}

static bool may_start(struct model *model, const struct guard_plan *plan, GError **error)
{
    const struct snapshot *lone = without_guard(model, plan->live, plan->n_live);

    if (model->options.read_only)
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_PERMISSION,
                    "this is a read-only watch: nothing is written");
    else if (plan->n_live == 0)
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_FAILED,
                    "nothing of this acts now: there is nothing to go back from");
    else if (plan->seconds < GUARD_SECONDS_MIN || plan->seconds > GUARD_SECONDS_MAX)
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_FAILED,
                    "a countdown takes %d to %d seconds, not %u", GUARD_SECONDS_MIN,
                    GUARD_SECONDS_MAX, plan->seconds);
    else if (lone != NULL)
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_UNSUPPORTED,
                    "%s has no guard: its values live in this process, and nobody else can take "
                    "them back",
                    lone->uri);
    else
        return true;
    return false;
}

static void copy_plan(struct guard *guard, const struct guard_plan *plan)
{
    guard->plan.live = g_memdup2(plan->live, plan->n_live * sizeof *plan->live);
    guard->plan.n_live = plan->n_live;
    guard->plan.saved = g_memdup2(plan->saved, plan->n_saved * sizeof *plan->saved);
    guard->plan.n_saved = plan->n_saved;
    guard->sent = g_new0(struct sent, plan->n_live);
}

struct guard *guard_start(struct model *model, const struct guard_plan *plan,
                          const struct guard_listener *listener, GError **error)
{
    struct guard_papers *papers = NULL;
    struct guard *guard = NULL;
    JsonBuilder *builder;
    int fd;

    if (!may_start(model, plan, error))
        return NULL;
    papers = papers_of(model, plan, error);
    if (papers != NULL && guard_spawn(&fd, error)) {
        guard = guard_on(fd, model->context, listener);
        guard->model = model;
        g_strlcpy(guard->batch, papers->batch, sizeof guard->batch);
        copy_plan(guard, plan);
        builder = channel_begin("plan");
        guard_papers_build(builder, papers, true);
        channel_send(guard->channel, builder);
    }
    guard_papers_free(papers);
    return guard;
}

struct guard *guard_join(GMainContext *context, const char *batch,
                         const struct guard_listener *listener, GError **error)
{
    int fd = guard_knock(batch, error);
    struct guard *guard;

    if (fd < 0)
        return NULL;
    guard = guard_on(fd, context, listener);
    guard->joined = true;
    g_strlcpy(guard->batch, batch, sizeof guard->batch);
    return guard;
}

struct guard *guard_adopt(GMainContext *context, const char *batch,
                          const struct guard_listener *listener, GError **error)
{
    g_autofree char *path = guard_path(batch, ".guard");
    struct guard *guard;
    JsonBuilder *builder;
    int fd;

    if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_GONE, "%s: there is no guard of it", batch);
        return NULL;
    }
    if (!guard_spawn(&fd, error))
        return NULL;
    guard = guard_on(fd, context, listener);
    guard->joined = true;
    g_strlcpy(guard->batch, batch, sizeof guard->batch);
    builder = channel_begin("adopt");
    json_builder_set_member_name(builder, "batch");
    json_builder_add_string_value(builder, batch);
    channel_send(guard->channel, builder);
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

char **guard_orphans(void)
{
    return guard_file_orphans();
}

bool guard_outlook(const struct model *model, const struct change *changes, size_t n,
                   char **sentence)
{
    const struct snapshot *lone = without_guard(model, changes, n);
    g_autofree char *warning = NULL;
    bool local = true;

    if (lone != NULL) {
        *sentence = g_strdup_printf("none: the values of %s live in this process", lone->uri);
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        const struct snapshot *snapshot = model_snapshot(model, changes[i].key.connection);

        local &= snapshot != NULL && snapshot->host.local;
    }
    warning = guard_login_warning();
    *sentence = g_strdup_printf(local ? "here on %s, %sown connection: ready%s%s"
                                      : "on %s, %sif its network dies the change stays: ready%s%s",
                                g_get_host_name(), guard_may_have_scope() ? "own scope, " : "",
                                warning ? "; " : "", warning ? warning : "");
    return true;
}
