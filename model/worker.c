/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/worker.h"

#include "model/duties.h"
#include "model/link.h"
#include "model/part.h"
#include "model/watchdog.h"

struct worker *worker_ref(struct worker *worker)
{
    g_atomic_int_inc(&worker->refs);
    return worker;
}

void worker_unref(struct worker *worker)
{
    if (worker == NULL || !g_atomic_int_dec_and_test(&worker->refs))
        return;
    pthread_cond_destroy(&worker->wake);
    snapshot_unref(worker->previous);
    part_unref(worker->part);
    g_hash_table_unref(worker->told);
    g_free(worker->why_lost);
    g_free(worker);
}

void worker_wake(struct worker *worker)
{
    if (worker != NULL)
        pthread_cond_broadcast(&worker->wake);
}

bool worker_enter(struct worker *worker, enum call call, unsigned ms)
{
    struct hub *hub = worker->hub;

    /* It would hit this call and not the one it was meant for. */
    while (worker->interrupting)
        pthread_cond_wait(&worker->wake, &hub->lock);
    if (worker->abandoned || (hub->stopping && call != CALL_CLOSE))
        return false;
    worker->call = call;
    worker->interrupted = false;
    worker->deadline_ns = ms == 0 ? 0 : hub_in(ms);
    watchdog_wake(hub);
    pthread_mutex_unlock(&hub->lock);
    return true;
}

bool worker_leave(struct worker *worker)
{
    pthread_mutex_lock(&worker->hub->lock);
    worker->call = CALL_NONE;
    worker->deadline_ns = 0;
    return !worker->abandoned && !worker->hub->stopping;
}

enum reply worker_open(struct worker *worker, GError **error)
{
    struct hub *hub = worker->hub;
    const struct backend *backend = worker->link->backend;
    enum access access = worker->writes ? ACCESS_WRITE : ACCESS_READ;
    struct connection *connection = NULL;
    GError *failure = NULL;
    bool opened;

    worker->lost = false;
    worker->read_once = false;
    g_hash_table_remove_all(worker->told);
    if (!worker_enter(worker, CALL_OPEN, hub->timing->call_ms[CALL_OPEN]))
        return REPLY_LEFT;
    opened = backend->open(worker->link->uri, access, &worker->uplink, &connection, &failure);
    if (opened) {
        connection->backend = backend;
        connection->uplink = &worker->uplink;
        connection->access = access;
        connection->index = worker->link->index;
    }
    if (!worker_leave(worker)) {
        worker->connection = connection;
        g_clear_error(&failure);
        return REPLY_LEFT;
    }
    worker->connection = connection;
    if (opened)
        return REPLY_OK;
    if (g_error_matches(failure, BACKEND_ERROR, BACKEND_ERROR_AUTH))
        link_forget_answers(worker->link);
    g_propagate_error(error, failure);
    return REPLY_ERROR;
}

void worker_close(struct worker *worker)
{
    struct connection *connection;
    bool watched;

    while (worker->interrupting)
        pthread_cond_wait(&worker->wake, &worker->hub->lock);
    connection = g_steal_pointer(&worker->connection);
    if (connection == NULL)
        return;
    watched = worker_enter(worker, CALL_CLOSE, worker->hub->timing->call_ms[CALL_CLOSE]);
    if (!watched)
        pthread_mutex_unlock(&worker->hub->lock);
    worker->link->backend->close(connection);
    worker_leave(worker);
}

enum reply worker_sample(struct worker *worker, const struct wanted *wanted,
                         const struct snapshot *previous, struct snapshot **ret, GError **error)
{
    struct link *link = worker->link;
    struct snapshot_builder *builder;
    struct snapshot *snapshot = NULL;
    GError *failure = NULL;

    if (!worker_enter(worker, CALL_SAMPLE, worker->hub->timing->call_ms[CALL_SAMPLE]))
        return REPLY_LEFT;
    builder = snapshot_builder_new(link->backend, link->index, link->shown_uri, previous);
    if (link->backend->sample(worker->connection, wanted, previous, builder, &failure))
        snapshot = snapshot_builder_finish(builder);
    else
        snapshot_builder_free(builder);
    if (!worker_leave(worker)) {
        snapshot_unref(snapshot);
        g_clear_error(&failure);
        return REPLY_LEFT;
    }
    if (snapshot == NULL) {
        g_propagate_error(error, failure);
        return REPLY_ERROR;
    }
    *ret = snapshot;
    return REPLY_OK;
}

static void worker_loop(struct worker *worker)
{
    struct hub *hub = worker->hub;

    while (!worker->abandoned && !hub->stopping) {
        uint64_t until = UINT64_MAX;

        if (!duties_run(worker, &until))
            hub_wait(hub, &worker->wake, until);
    }
}

static gpointer worker_main(gpointer data)
{
    struct worker *worker = data;
    struct hub *hub = worker->hub;

    pthread_mutex_lock(&hub->lock);
    worker_loop(worker);
    worker_close(worker);
    if (worker->abandoned)
        worker->link->n_abandoned--;
    worker->ended = true;
    hub->n_threads--;
    pthread_cond_broadcast(&hub->ended);
    pthread_mutex_unlock(&hub->lock);
    worker_unref(worker);
    hub_unref(hub);
    return NULL;
}

void worker_start(struct link *link, bool samples, bool writes)
{
    struct worker *worker = g_new0(struct worker, 1);

    worker->refs = 2; /* the link's and the thread's */
    worker->hub = hub_ref(link->hub);
    worker->link = link;
    worker->samples = samples;
    worker->writes = writes;
    worker->told = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    hub_cond_init(&worker->wake);
    uplink_init(&worker->uplink);
    *(samples ? &link->reader : &link->writer) = worker;
    link->hub->n_threads++;
    worker->thread = g_thread_new(samples ? "reader" : "writer", worker_main, worker);
}

struct worker *worker_for_writing(struct link *link)
{
    bool one = link->backend->flags & BACKEND_ONE_CONNECTION;

    if (one)
        return link->reader;
    if (link->writer == NULL && link->n_abandoned < HUB_MAX_ABANDONED)
        worker_start(link, false, true);
    return link->writer;
}

GError *worker_refusal(const struct link *link)
{
    if (link->hub->read_only)
        return g_error_new(BACKEND_ERROR, BACKEND_ERROR_PERMISSION,
                           "%s is watched read-only: nothing is written", link->shown_uri);
    return g_error_new(BACKEND_ERROR, BACKEND_ERROR_CONNECTION,
                       "%u calls to %s hang and were left behind: reconnect first",
                       link->n_abandoned, link->shown_uri);
}
