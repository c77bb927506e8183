/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is seen of each domain while the time runs. */
#include "model/guard-server-private.h"

#include "model/trouble.h"

#include <stdio.h>
#include <string.h>

static void watched_clear(gpointer data)
{
    struct watched *watched = data;

    g_free(watched->name);
    g_free(watched->uri);
}

/* Microseconds in which every task of this machine stood still for memory. */
static struct value host_stalled(void)
{
    g_autofree char *text = NULL;
    const char *full;
    uint64_t total;

    if (!g_file_get_contents("/proc/pressure/memory", &text, NULL, NULL))
        return value_unknown(NULL);
    full = strstr(text, "full");
    full = full == NULL ? NULL : strstr(full, "total=");
    if (full == NULL || sscanf(full, "total=%" G_GUINT64_FORMAT, &total) != 1)
        return value_unknown(NULL);
    return value_number(total);
}

/* False where the domain is not there. */
static bool look(const struct server *server, const struct domain_key *key,
                 struct verdict_sample *sample)
{
    struct row row;
    const struct snapshot *snapshot;
    const struct domain *domain;

    if (!model_find(server->model, key, &row))
        return false;
    snapshot = row.snapshot;
    domain = row.domain;
    *sample = (struct verdict_sample){
        .taken_ns = domain->taken_ns,
        .state = domain->identity->state,
        .instance = domain->identity->instance,
        .needed = row.trouble.needed,
        .left = row.trouble.left,
        .wall = row.trouble.wall.kind != WALL_NONE ? value_number(row.trouble.wall.limit)
                                                   : value_unknown(NULL),
        .pressure = snapshot_figure(snapshot, domain, FIGURE_PSI_FULL),
        .stalled = snapshot_figure(snapshot, domain, FIGURE_PSI_TOTAL),
        .host_stalled = snapshot->host.local ? host_stalled() : value_unknown(NULL),
        .throttled = snapshot_figure(snapshot, domain, FIGURE_THROTTLED),
        .failcnt = snapshot_figure(snapshot, domain, FIGURE_FAILCNT),
        .oom_kills = snapshot_figure(snapshot, domain, FIGURE_OOM_KILLS),
        .under_oom = snapshot_figure(snapshot, domain, FIGURE_UNDER_OOM),
    };
    /* One that is gone is not read any more, and this is news all the same. */
    if (!domain_state_active(sample->state))
        sample->taken_ns = MAX(sample->taken_ns, snapshot->taken_ns);
    return true;
}

static bool have(const GArray *all, const struct domain_key *key)
{
    for (guint i = 0; i < all->len; i++) {
        if (domain_key_equal(&g_array_index(all, struct watched, i).key, key))
            return true;
    }
    return false;
}

static void add(struct server *server, const struct guarded *guarded)
{
    const struct domain_key *key = &guarded->change.key;
    struct watched watched = {.key = *key};
    struct row row;

    if (!guarded->resolved || have(server->watched, key) || !model_find(server->model, key, &row))
        return;
    watched.name = g_strdup(row.domain->identity->name);
    watched.uri = g_strdup(row.snapshot->uri);
    g_array_append_val(server->watched, watched);
}

void server_watch_begin(struct server *server)
{
    g_autoptr(GArray) keys = g_array_new(FALSE, FALSE, sizeof(struct domain_key));

    if (server->watched == NULL) {
        server->watched = g_array_new(FALSE, TRUE, sizeof(struct watched));
        g_array_set_clear_func(server->watched, watched_clear);
    }
    for (size_t i = 0; i < server->n_guarded; i++)
        add(server, &server->guarded[i]);
    for (guint i = 0; i < server->watched->len; i++) {
        struct watched *watched = &g_array_index(server->watched, struct watched, i);

        if (look(server, &watched->key, &watched->now))
            verdict_begin(&watched->watch, &watched->now);
        verdict_judge(&watched->watch, &watched->verdict);
        g_array_append_val(keys, watched->key);
    }
    model_set_visible(server->model, (const struct domain_key *)(void *)keys->data, keys->len);
}

char *server_watch(struct server *server)
{
    char *why = NULL;

    for (guint i = 0; i < server->watched->len; i++) {
        struct watched *watched = &g_array_index(server->watched, struct watched, i);

        if (!look(server, &watched->key, &watched->now))
            continue;
        verdict_take(&watched->watch, &watched->now);
        verdict_judge(&watched->watch, &watched->verdict);
        if (watched->verdict.grade == GUARD_GRADE_BAD && why == NULL && !server->adopted)
            why = g_strdup_printf("%s: %s", watched->name, watched->verdict.text);
    }
    return why;
}
