/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/watchdog.h"

#include "model/link.h"
#include "model/part.h"
#include "model/worker.h"

/* clang-format off */
static const char *const doing[CALL_COUNT_] = {
    [CALL_NONE]   = "waiting",
    [CALL_OPEN]   = "connecting",
    [CALL_SAMPLE] = "reading",
    [CALL_APPLY]  = "writing",
    [CALL_CLOSE]  = "closing",
    [CALL_JOURNAL] = "the journal",
};
/* clang-format on */

/* Tells the call to return. The backend's function runs without the lock; the worker does not
 * close the connection meanwhile. */
static void interrupt(struct hub *hub, struct worker *worker)
{
    const struct backend *backend = worker->link->backend;

    worker->interrupted = true;
    if (worker->connection == NULL || backend->interrupt == NULL || worker->call == CALL_OPEN ||
        worker->call == CALL_JOURNAL)
        return;
    worker->interrupting = true;
    worker_ref(worker);
    pthread_mutex_unlock(&hub->lock);
    backend->interrupt(worker->connection);
    pthread_mutex_lock(&hub->lock);
    worker->interrupting = false;
    pthread_cond_broadcast(&worker->wake);
    worker_unref(worker);
}

static void restart(struct link *link, bool was_reader)
{
    bool one = link->backend->flags & BACKEND_ONE_CONNECTION;

    if (was_reader)
        worker_start(link, true, one && !link->hub->read_only);
    else if (!g_queue_is_empty(&link->parts) || !g_queue_is_empty(&link->openings))
        worker_start(link, false, true);
}

static void give_up(struct link *link)
{
    g_autofree char *why = g_strdup_printf("%u calls hang and were left behind: not tried again "
                                           "until it is told to reconnect",
                                           link->n_abandoned);
    g_autoptr(GError) error = g_error_new_literal(BACKEND_ERROR, BACKEND_ERROR_CONNECTION, why);

    link_give_up(link, why);
    link_answer_openings(link, error);
    parts_fail(link, error);
}

static void abandon(struct worker *worker)
{
    struct link *link = worker->link;
    bool reader = link->reader == worker;
    g_autoptr(GError) error =
        g_error_new(BACKEND_ERROR, BACKEND_ERROR_TIMEOUT, "does not answer: %s takes too long",
                    doing[worker->call]);

    worker->abandoned = true;
    link->n_abandoned++;
    link->may_write = false;
    g_clear_pointer(&worker->thread, g_thread_unref);
    *(reader ? &link->reader : &link->writer) = NULL;
    if (worker->part != NULL)
        part_abandoned(g_steal_pointer(&worker->part), link);
    else if (worker->writes && worker->call == CALL_OPEN) {
        link_answer_openings(link, error);
        parts_fail(link, error);
    }
    hub_message(link->hub, link, "%s hangs: left behind (%u of %u)", doing[worker->call],
                link->n_abandoned, HUB_MAX_ABANDONED);
    if (reader && worker->call != CALL_CLOSE)
        link_failed(link, error);
    if (link->n_abandoned >= HUB_MAX_ABANDONED)
        give_up(link);
    else
        restart(link, reader);
    worker_wake(worker);
    worker_unref(worker);
}

/* Looks after one worker; false where something was done and all are to be looked at again. */
static bool look_after(struct hub *hub, struct worker *worker, uint64_t now, uint64_t *until)
{
    if (worker == NULL || worker->call == CALL_NONE || worker->deadline_ns == 0)
        return true;
    if (now < worker->deadline_ns) {
        *until = MIN(*until, worker->deadline_ns);
        return true;
    }
    if (worker->interrupted) {
        abandon(worker);
        return false;
    }
    worker->deadline_ns = hub_in(hub->timing->grace_ms);
    if (worker == worker->link->reader && worker->call != CALL_CLOSE)
        link_state(worker->link, CONNECTION_LOST, "does not answer");
    interrupt(hub, worker);
    return false;
}

static void interrupt_all(struct hub *hub)
{
    for (guint i = 0; i < hub->links->len; i++) {
        struct link *link = g_ptr_array_index(hub->links, i);

        for (unsigned j = 0; j < 2; j++) {
            struct worker *worker = j == 0 ? link->reader : link->writer;

            if (worker != NULL && worker->call != CALL_NONE && !worker->interrupted)
                interrupt(hub, worker);
        }
    }
}

static uint64_t look_around(struct hub *hub)
{
    uint64_t until = UINT64_MAX, now = clock_ns();

    for (guint i = 0; i < hub->links->len; i++) {
        struct link *link = g_ptr_array_index(hub->links, i);

        if (!look_after(hub, link->reader, now, &until) ||
            !look_after(hub, link->writer, now, &until))
            return now;
    }
    return until;
}

static gpointer watchdog_main(gpointer data)
{
    struct hub *hub = data;

    pthread_mutex_lock(&hub->lock);
    while (!hub->stopping) {
        uint64_t until = look_around(hub);

        if (until > clock_ns())
            hub_wait(hub, &hub->watch, until);
    }
    interrupt_all(hub);
    hub->n_threads--;
    pthread_cond_broadcast(&hub->ended);
    pthread_mutex_unlock(&hub->lock);
    hub_unref(hub);
    return NULL;
}

void watchdog_start(struct hub *hub)
{
    hub->n_threads++;
    hub->watchdog = g_thread_new("watchdog", watchdog_main, hub_ref(hub));
}

void watchdog_wake(struct hub *hub)
{
    pthread_cond_signal(&hub->watch);
}
