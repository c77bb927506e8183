/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/duties.h"

#include "model/link.h"
#include "model/part.h"

static bool wanted_for_writing(const struct worker *worker)
{
    return worker->writes &&
           (!g_queue_is_empty(&worker->link->parts) || !g_queue_is_empty(&worker->link->openings));
}

/* Due at `when`; notes it where that is still to come. */
static bool due_at(uint64_t when, uint64_t now, uint64_t *until)
{
    if (now >= when)
        return true;
    *until = MIN(*until, when);
    return false;
}

/* --- a connection that broke by itself --- */

static bool lost_due(struct worker *worker, uint64_t now, uint64_t *until)
{
    return worker->lost && worker->connection != NULL;
}

static void lost_run(struct worker *worker)
{
    worker->lost = false;
    if (worker->samples)
        link_lost(worker->link, worker->why_lost);
    worker_close(worker);
}

/* --- connecting --- */

static bool open_due(struct worker *worker, uint64_t now, uint64_t *until)
{
    if (worker->connection != NULL)
        return false;
    if (wanted_for_writing(worker))
        return true;
    return worker->samples && !worker->link->given_up && due_at(worker->link->retry_ns, now, until);
}

static void open_run(struct worker *worker)
{
    struct link *link = worker->link;
    g_autoptr(GError) error = NULL;
    enum reply reply;

    if (worker->samples && link->last->state == CONNECTION_FAILED)
        link_state(link, CONNECTION_CONNECTING, NULL);
    if (worker->writes)
        parts_opening(link);
    reply = worker_open(worker, &error);
    if (reply == REPLY_LEFT)
        return;
    if (worker->writes) {
        /* One connection for both is not open for writing before somebody asked for that. */
        link->may_write = reply == REPLY_OK && !worker->samples;
        link_answer_openings(link, error);
    }
    if (reply == REPLY_OK) {
        link->given_up &= !worker->samples;
        return;
    }
    if (worker->writes)
        parts_fail(link, error);
    if (worker->samples)
        link_failed(link, error);
}

/* --- reading --- */

static void read_now(struct worker *worker, struct wanted *wanted)
{
    struct link *link = worker->link;
    size_t n = link->visible->len;
    g_autofree struct domain_key *visible = g_new(struct domain_key, n + 1);
    struct snapshot *snapshot = NULL;
    g_autoptr(GError) error = NULL;
    enum reply reply;

    for (size_t i = 0; i < n; i++)
        visible[i] = g_array_index(link->visible, struct domain_key, i);
    wanted->visible = visible;
    wanted->n_visible = n;
    if (worker->previous == NULL)
        worker->previous = snapshot_ref(link->last);
    reply = worker_sample(worker, wanted, worker->previous, &snapshot, &error);
    if (reply == REPLY_OK) {
        link_succeeded(link);
        worker->read_once = true;
        snapshot_unref(worker->previous);
        worker->previous = snapshot_ref(snapshot);
        link_publish(link, snapshot);
    } else if (reply == REPLY_ERROR) {
        if (worker->lost)
            link_lost(link, worker->why_lost);
        else
            link_failed(link, error);
        worker_close(worker);
    }
}

static bool whole_due(struct worker *worker, uint64_t now, uint64_t *until)
{
    const struct hub *hub = worker->hub;
    const struct link *link = worker->link;
    bool by_itself = !hub->paused && hub->delay_ms != 0;

    if (!worker->samples || worker->connection == NULL)
        return false;
    if (!worker->read_once || link->refresh)
        return true;
    if (link->list_changed && by_itself &&
        due_at(worker->event_ns + (uint64_t)hub->timing->gap_ms * 1000000, now, until))
        return true;
    return by_itself && due_at(worker->sampled_ns + (uint64_t)hub->delay_ms * 1000000, now, until);
}

static void whole_run(struct worker *worker)
{
    struct link *link = worker->link;
    struct wanted wanted = {.everything = link->everything || !worker->read_once};

    worker->sampled_ns = worker->event_ns = clock_ns();
    link->refresh = link->everything = link->list_changed = false;
    if (wanted.everything) {
        g_hash_table_remove_all(link->changed);
        link->forced = false;
    }
    read_now(worker, &wanted);
}

static bool changed_due(struct worker *worker, uint64_t now, uint64_t *until)
{
    const struct hub *hub = worker->hub;
    const struct link *link = worker->link;

    if (!worker->samples || worker->connection == NULL || g_hash_table_size(link->changed) == 0)
        return false;
    if (!link->forced && (hub->paused || hub->delay_ms == 0))
        return false;
    return link->forced ||
           due_at(worker->event_ns + (uint64_t)hub->timing->gap_ms * 1000000, now, until);
}

static void changed_run(struct worker *worker)
{
    struct link *link = worker->link;
    size_t n = 0;
    g_autofree struct domain_key *only = g_new(struct domain_key, g_hash_table_size(link->changed));
    GHashTableIter each;
    gpointer key;

    g_hash_table_iter_init(&each, link->changed);
    while (g_hash_table_iter_next(&each, &key, NULL))
        only[n++] = *(const struct domain_key *)key;
    g_hash_table_remove_all(link->changed);
    link->forced = false;
    worker->event_ns = clock_ns();
    read_now(worker, &(struct wanted){.only = only, .n_only = n});
}

/* --- writing --- */

static bool part_due(struct worker *worker, uint64_t now, uint64_t *until)
{
    struct link *link = worker->link;

    if (!worker->writes || worker->connection == NULL)
        return false;
    return !g_queue_is_empty(&link->openings) || parts_next(link, now, until) != NULL;
}

static void part_run(struct worker *worker)
{
    struct link *link = worker->link;
    uint64_t until = UINT64_MAX;
    struct part *part = parts_next(link, clock_ns(), &until);

    link_answer_openings(link, NULL);
    if (part == NULL)
        return;
    g_queue_remove(&link->parts, part);
    link->may_write = true;
    part_carry_out(worker, part);
}

bool duties_run(struct worker *worker, uint64_t *until)
{
    /* clang-format off */
    static const struct {
        bool (*due)(struct worker *worker, uint64_t now, uint64_t *until);
        void (*run)(struct worker *worker);
    } duties[] = {
        {lost_due,    lost_run},
        {open_due,    open_run},
        {part_due,    part_run},
        {changed_due, changed_run},
        {whole_due,   whole_run},
    };
    /* clang-format on */
    uint64_t now = clock_ns();

    for (size_t i = 0; i < G_N_ELEMENTS(duties); i++) {
        if (!duties[i].due(worker, now, until))
            continue;
        duties[i].run(worker);
        return true;
    }
    return false;
}
