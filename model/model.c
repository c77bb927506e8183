/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/model.h"

#include "model/dispatch.h"
#include "model/job.h"
#include "model/link.h"
#include "model/model-parts.h"
#include "model/secret.h"
#include "model/uri-text.h"
#include "model/watchdog.h"
#include "model/worker.h"

struct model *model_new_timed(const struct model_options *options, const struct timing *timing)
{
    struct model *model = g_new0(struct model, 1);

    model->options = *options;
    model->context = g_main_context_ref(options->context);
    model->shown = g_ptr_array_new_with_free_func((GDestroyNotify)snapshot_unref);
    model->jobs = g_ptr_array_new_with_free_func((GDestroyNotify)job_free);
    model->rows = rows_new();
    model->seen = seen_new();
    model->hub = hub_new(options, timing, model);
    pthread_mutex_lock(&model->hub->lock);
    watchdog_start(model->hub);
    pthread_mutex_unlock(&model->hub->lock);
    return model;
}

struct model *model_new(const struct model_options *options)
{
    return model_new_timed(options, &timing_default);
}

static struct link *link_at(const struct model *model, uint16_t connection)
{
    return g_ptr_array_index(model->hub->links, connection);
}

/* --- ending --- */

static void stop_all(struct hub *hub)
{
    hub->stopping = true;
    watchdog_wake(hub);
    for (guint i = 0; i < hub->links->len; i++) {
        struct link *link = g_ptr_array_index(hub->links, i);

        worker_wake(link->reader);
        worker_wake(link->writer);
    }
}

static void settle(struct worker *worker)
{
    GThread *thread = worker == NULL ? NULL : g_steal_pointer(&worker->thread);

    if (thread != NULL && worker->ended)
        g_thread_join(thread);
    else if (thread != NULL)
        g_thread_unref(thread);
}

/* Threads that ended are joined, others are left to themselves. With the lock held: one that says
 * it ended never takes it again. */
static void settle_all(struct hub *hub, bool ended)
{
    struct worker *workers[2];

    for (guint i = 0; i < hub->links->len; i++) {
        struct link *link = g_ptr_array_index(hub->links, i);

        workers[0] = link->reader;
        workers[1] = link->writer;
        settle(workers[0]);
        settle(workers[1]);
    }
    if (ended)
        g_thread_join(hub->watchdog);
    else
        g_thread_unref(hub->watchdog);
}

bool model_free(struct model *model, unsigned wait_ms)
{
    struct hub *hub;
    uint64_t end = hub_in(wait_ms);
    bool ended;

    if (model == NULL)
        return true;
    hub = model->hub;
    hub_close(hub);
    pthread_mutex_lock(&hub->lock);
    stop_all(hub);
    while (hub->n_threads > 0 && hub_wait(hub, &hub->ended, end))
        continue;
    ended = hub->n_threads == 0;
    settle_all(hub, ended);
    pthread_mutex_unlock(&hub->lock);
    g_ptr_array_unref(model->jobs);
    g_ptr_array_unref(model->shown);
    rows_free(model->rows);
    seen_free(model->seen);
    g_main_context_unref(model->context);
    g_free(model);
    hub_unref(hub);
    return ended;
}

/* --- connections --- */

/* A watch that is to be unable to write. */
static bool may_watch(const struct backend *backend, const char *uri, const char *shown,
                      GError **error)
{
    const char *why = NULL;

    if (backend->watch == NULL || backend->watch(uri, &why) != WATCH_REFUSED)
        return true;
    g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_PERMISSION,
                "%s: a watch that cannot write does not open this: %s", shown, why);
    return false;
}

static bool may_run(const char *uri, const char *shown, GError **error)
{
    const char *why = uri_program(uri);

    if (why == NULL)
        return true;
    g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_PERMISSION,
                "%s: no_uri_programs is set, and %s", shown, why);
    return false;
}

int model_connect(struct model *model, const char *given, GError **error)
{
    g_autofree char *uri = model_resolve(model->options.backends, given);
    const struct backend *backend = backend_for_uri(model->options.backends, uri);
    g_autofree char *plain = uri_without_password(uri);
    struct hub *hub = model->hub;
    struct link *link;

    if (backend == NULL) {
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_URI, "%s: no hypervisor has such addresses",
                    plain);
        return -1;
    }
    if (model->options.pinned && !may_watch(backend, uri, plain, error))
        return -1;
    if (model->options.no_programs && !may_run(uri, plain, error))
        return -1;
    if (hub->links->len > UINT16_MAX) {
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_FAILED, "%s: too many connections", plain);
        return -1;
    }
    pthread_mutex_lock(&hub->lock);
    link = link_new(hub, backend, uri);
    g_ptr_array_add(hub->links, link);
    g_ptr_array_add(model->shown, snapshot_ref(link->last));
    worker_start(link, true, (backend->flags & BACKEND_ONE_CONNECTION) && !hub->read_only);
    pthread_mutex_unlock(&hub->lock);
    return link->index;
}

size_t model_n_connections(const struct model *model)
{
    return model->shown->len;
}

const struct snapshot *model_snapshot(const struct model *model, uint16_t connection)
{
    return connection < model->shown->len ? g_ptr_array_index(model->shown, connection) : NULL;
}

static void wake_readers(struct hub *hub)
{
    for (guint i = 0; i < hub->links->len; i++)
        worker_wake(((struct link *)g_ptr_array_index(hub->links, i))->reader);
}

void model_refresh(struct model *model, bool everything)
{
    struct hub *hub = model->hub;

    pthread_mutex_lock(&hub->lock);
    for (guint i = 0; i < hub->links->len; i++) {
        struct link *link = g_ptr_array_index(hub->links, i);

        link->refresh = true;
        link->everything |= everything;
    }
    wake_readers(hub);
    pthread_mutex_unlock(&hub->lock);
}

void model_set_delay(struct model *model, unsigned delay_ms)
{
    pthread_mutex_lock(&model->hub->lock);
    model->options.delay_ms = model->hub->delay_ms = delay_ms;
    wake_readers(model->hub);
    pthread_mutex_unlock(&model->hub->lock);
}

void model_pause(struct model *model, bool paused)
{
    pthread_mutex_lock(&model->hub->lock);
    model->hub->paused = paused;
    wake_readers(model->hub);
    pthread_mutex_unlock(&model->hub->lock);
}

void model_set_visible(struct model *model, const struct domain_key *keys, size_t n)
{
    struct hub *hub = model->hub;

    pthread_mutex_lock(&hub->lock);
    for (guint i = 0; i < hub->links->len; i++)
        g_array_set_size(((struct link *)g_ptr_array_index(hub->links, i))->visible, 0);
    for (size_t i = 0; i < n; i++) {
        if (keys[i].connection < hub->links->len)
            g_array_append_val(link_at(model, keys[i].connection)->visible, keys[i]);
    }
    pthread_mutex_unlock(&hub->lock);
}

void model_reconnect(struct model *model, uint16_t connection)
{
    struct hub *hub = model->hub;
    struct link *link = link_at(model, connection);
    bool one = link->backend->flags & BACKEND_ONE_CONNECTION;

    pthread_mutex_lock(&hub->lock);
    if (link->n_abandoned >= HUB_MAX_ABANDONED) {
        hub_message(hub, link, "%u calls still hang: not tried again", link->n_abandoned);
    } else {
        link->given_up = false;
        link->attempt = 0;
        link->retry_ns = 0;
        if (link->reader == NULL)
            worker_start(link, true, one && !hub->read_only);
        worker_wake(link->reader);
    }
    pthread_mutex_unlock(&hub->lock);
}

void model_answer(struct model *model, uint16_t connection, const char *answer)
{
    struct hub *hub = model->hub;
    struct link *link = link_at(model, connection);

    pthread_mutex_lock(&hub->lock);
    if (link->asking != NULL && !link->answered) {
        link->answer = secret_new(answer);
        link->answered = true;
        worker_wake(link->asking);
    }
    pthread_mutex_unlock(&hub->lock);
}

/* --- what the hub brings --- */

/* A reference to the fresh picture, or NULL where there is none. */
static struct snapshot *take_fresh(struct hub *hub, guint place)
{
    struct snapshot *snapshot = NULL;
    struct link *link;

    pthread_mutex_lock(&hub->lock);
    link = g_ptr_array_index(hub->links, place);
    if (link->fresh)
        snapshot = snapshot_ref(link->last);
    link->fresh = false;
    pthread_mutex_unlock(&hub->lock);
    return snapshot;
}

static void show(struct model *model, guint place, struct snapshot *snapshot)
{
    const struct model_listener *listener = &model->options.listener;
    const struct snapshot *before = g_ptr_array_index(model->shown, place);

    seen_compare(model->seen, before, snapshot, model->hub->journal, clock_ns());
    rows_take(model->rows, before, snapshot);
    snapshot_unref(before);
    g_ptr_array_index(model->shown, place) = snapshot;
    if (listener->snapshot != NULL)
        listener->snapshot(listener->data, (uint16_t)place);
}

static struct mail *take_mail(struct hub *hub)
{
    struct mail *mail;

    pthread_mutex_lock(&hub->lock);
    mail = g_queue_pop_head(&hub->mail);
    pthread_mutex_unlock(&hub->lock);
    return mail;
}

void model_dispatch(struct model *model)
{
    struct mail *mail;

    for (guint i = 0; i < model->shown->len; i++) {
        struct snapshot *snapshot = take_fresh(model->hub, i);

        if (snapshot != NULL)
            show(model, i, snapshot);
    }
    while ((mail = take_mail(model->hub)) != NULL) {
        mail->run(mail, model);
        mail->free(mail);
    }
}

void model_tell(struct model *model, const char *text)
{
    const struct model_listener *listener = &model->options.listener;

    if (listener->message != NULL)
        listener->message(listener->data, text);
}

void model_question(struct model *model, uint16_t connection, const struct question *question)
{
    const struct model_listener *listener = &model->options.listener;

    if (listener->question != NULL)
        listener->question(listener->data, connection, question);
}

/* --- rows --- */

struct row *model_rows(struct model *model, size_t *n)
{
    return rows_all(model->rows, (const struct snapshot *const *)model->shown->pdata,
                    model->shown->len, model->options.delay_ms, model->hub->timing->rows_ms, n);
}

bool model_find(struct model *model, const struct domain_key *key, struct row *row)
{
    const struct row *found;
    size_t n;

    model_rows(model, &n);
    found = rows_find(model->rows, key);
    if (found == NULL)
        return false;
    *row = *found;
    return true;
}

/* --- writing --- */

void model_open_for_writing(struct model *model, uint16_t connection,
                            void (*done)(uint16_t connection, const GError *error, void *data),
                            void *data)
{
    struct hub *hub = model->hub;
    struct link *link = link_at(model, connection);
    struct opening *opening = opening_new(connection, done, data);
    g_autoptr(GError) refusal = NULL;
    struct worker *worker;

    pthread_mutex_lock(&hub->lock);
    worker = hub->read_only ? NULL : worker_for_writing(link);
    g_queue_push_tail(&link->openings, opening);
    if (worker != NULL) {
        worker_wake(worker);
    } else {
        refusal = worker_refusal(link);
        link_answer_openings(link, refusal);
    }
    pthread_mutex_unlock(&hub->lock);
}

bool model_may_write(const struct model *model, uint16_t connection)
{
    struct hub *hub = model->hub;
    bool may;

    pthread_mutex_lock(&hub->lock);
    may = link_at(model, connection)->may_write;
    pthread_mutex_unlock(&hub->lock);
    return may;
}
