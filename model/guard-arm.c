/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a plan to a guard that is ready: connections, values, rights, the file. */
#include "model/guard-server-private.h"

#include "model/model-parts.h"
#include "model/size.h"

#include <string.h>

#define DELAY_MS 1000

/* Counts pictures; true where the connection was away before this one. */
static bool count(struct server *server, const struct snapshot *snapshot)
{
    uint16_t connection = snapshot->connection;
    bool came_back = server->away[connection];

    if (snapshot->state != CONNECTION_CONNECTED) {
        server->away[connection] = true;
        server->reads[connection] = 0;
        return false;
    }
    if (snapshot->taken_ns <= server->read_ns[connection])
        return false;
    server->away[connection] = false;
    server->read_ns[connection] = snapshot->taken_ns;
    server->reads[connection]++;
    return came_back;
}

static void on_snapshot(void *data, uint16_t connection)
{
    struct server *server = data;
    bool came_back = count(server, model_snapshot(server->model, connection));

    if (server->phase == GUARD_STARTING)
        server_arm(server);
    else if (server->phase == GUARD_COUNTING)
        g_free(server_watch(server)); /* acted upon as time goes by */
    else if (server->phase == GUARD_RETURNING)
        server_return_look(server, came_back);
}

static void on_question(void *data, uint16_t connection, const struct question *question)
{
    struct server *server = data;
    JsonBuilder *builder;

    if (server->owner == NULL) {
        model_answer(server->model, connection, NULL);
        return;
    }
    builder = channel_begin("question");
    json_member(builder, "uri", model_snapshot(server->model, connection)->uri);
    json_member(builder, "prompt", question->prompt);
    json_builder_set_member_name(builder, "secret");
    json_builder_add_boolean_value(builder, question->secret);
    channel_send(server->owner, builder);
}

static bool connect_all(struct server *server, char **uris)
{
    size_t n = g_strv_length(uris);

    server->read_ns = g_new0(uint64_t, n + 1);
    server->reads = g_new0(unsigned, n + 1);
    server->away = g_new0(bool, n + 1);
    server->model = model_new(&(struct model_options){
        .backends = server->serving->backends,
        .context = server->context,
        .listener = {.snapshot = on_snapshot, .question = on_question, .data = server},
        .delay_ms = DELAY_MS,
        .journal = server->serving->journal,
    });
    for (char **uri = uris; *uri != NULL; uri++) {
        g_autoptr(GError) error = NULL;

        if (server->serving->may_connect(*uri, server->serving->data, &error) &&
            model_connect(server->model, *uri, &error) >= 0)
            continue;
        server_refuse(server, "%s", error->message);
        return false;
    }
    return true;
}

static void take_papers(struct server *server, struct guard_papers *papers, char **uris)
{
    server->papers = papers;
    server->n_guarded = papers->live->len;
    server->guarded = g_new0(struct guarded, server->n_guarded + 1);
    server->n_saved = papers->saved->len;
    server->saved = g_new0(struct saved, server->n_saved + 1);
    for (size_t i = 0; i < server->n_guarded; i++)
        server->guarded[i].outcome = OUTCOME_FAILED;
    for (size_t i = 0; i < server->n_saved; i++)
        server->saved[i].result.outcome = OUTCOME_SKIPPED;
    connect_all(server, uris);
}

void server_plan(struct server *server, JsonObject *object)
{
    struct guard_papers *papers = NULL;
    g_autoptr(GError) error = NULL;

    if (server->papers != NULL)
        return;
    if (!guard_papers_read(object, &papers, &error)) {
        server_refuse(server, "%s", error->message);
        return;
    }
    g_free(papers->boot);
    papers->boot = guard_boot_id();
    take_papers(server, papers, papers->uris);
}

/* The connections of all changes, each once; as the file has them, without passwords. */
static char **uris_of(const struct guard_papers *papers)
{
    GPtrArray *uris = g_ptr_array_new();
    const GPtrArray *const lists[] = {papers->live, papers->saved};

    for (size_t l = 0; l < G_N_ELEMENTS(lists); l++) {
        for (guint i = 0; i < lists[l]->len; i++) {
            const struct stored_change *stored = lists[l]->pdata[i];

            if (!g_ptr_array_find_with_equal_func(uris, stored->connection, g_str_equal, NULL))
                g_ptr_array_add(uris, g_strdup(stored->connection));
        }
    }
    g_ptr_array_add(uris, NULL);
    return (char **)g_ptr_array_free(uris, FALSE);
}

void server_adopt(struct server *server, JsonObject *object)
{
    const char *batch = member_text(object, "batch");
    struct guard_papers *papers = NULL;
    g_autoptr(GError) error = NULL;
    g_auto(GStrv) uris = NULL;

    if (server->papers != NULL || !batch_id_valid(batch))
        return;
    server->adopted = true;
    server->file = guard_file_adopt(batch, &papers, &error);
    if (server->file == NULL) {
        server_refuse(server, "%s", error->message);
        return;
    }
    uris = uris_of(papers);
    take_papers(server, papers, uris);
}

/* --- is it what the plan says --- */

static bool all_answered(struct server *server)
{
    for (size_t i = 0; i < model_n_connections(server->model); i++) {
        const struct snapshot *snapshot = model_snapshot(server->model, (uint16_t)i);

        if (snapshot->state == CONNECTION_FAILED ||
            (snapshot->state == CONNECTION_LOST && !server->adopted))
            server_refuse(server, "%s: %s", snapshot->uri,
                          snapshot->error ? snapshot->error : "it does not answer");
        if (snapshot->state != CONNECTION_CONNECTED || snapshot->taken_ns == 0)
            return false;
        if (!(snapshot->backend->flags & (BACKEND_NO_GUARD | BACKEND_ONE_CONNECTION)))
            continue;
        server_refuse(server, "%s: its values live in one process: nobody else can take them back",
                      snapshot->uri);
        return false;
    }
    return true;
}

static const struct snapshot **snapshots_of(const struct server *server, size_t *n)
{
    const struct snapshot **snapshots;

    *n = model_n_connections(server->model);
    snapshots = g_new(const struct snapshot *, *n + 1);
    for (size_t i = 0; i < *n; i++)
        snapshots[i] = model_snapshot(server->model, (uint16_t)i);
    return snapshots;
}

static bool resolve(const struct server *server, const struct stored_change *stored,
                    struct change *change, GError **error)
{
    size_t n;
    g_autofree const struct snapshot **snapshots = snapshots_of(server, &n);

    return stored_change_resolve(stored, snapshots, n, change, error);
}

/* A machine that was started since, or the domain: what was live then is no more. */
static bool ended_since(const struct server *server, size_t i)
{
    const struct guard_papers *papers = server->papers;
    const struct stored_change *stored = papers->live->pdata[i];
    g_autofree char *boot = guard_boot_id();
    size_t n;
    g_autofree const struct snapshot **snapshots = snapshots_of(server, &n);
    const struct snapshot *snapshot = stored_change_snapshot(stored, snapshots, n, NULL);
    const struct domain *domain;

    if (snapshot == NULL)
        return false;
    if (snapshot->host.local && g_strcmp0(papers->boot, boot) != 0)
        return true;
    domain = stored_change_domain(stored, snapshot, NULL);
    return domain == NULL || domain_state_ended(domain->identity->state) ||
           domain_started_anew(papers->known[i].instance, domain->identity->instance);
}

/* What cannot be told to have ended, and cannot be written, stays for somebody who can. */
static bool resolve_left(struct server *server)
{
    for (size_t i = 0; i < server->n_guarded; i++) {
        struct guarded *guarded = &server->guarded[i];
        g_autoptr(GError) error = NULL;

        guarded->resolved =
            resolve(server, server->papers->live->pdata[i], &guarded->change, &error);
        if (ended_since(server, i)) {
            guarded->settled = true;
            guarded->outcome = OUTCOME_GONE_BACK;
            guarded->text = g_strdup("the domain has ended since, and what was live with it");
        } else if (!guarded->resolved) {
            server_refuse(server, "%s", error->message);
            return false;
        }
    }
    for (size_t i = 0; i < server->n_saved; i++)
        server->saved[i].resolved =
            resolve(server, server->papers->saved->pdata[i], &server->saved[i].change, NULL);
    return true;
}

static bool as_planned(struct server *server, size_t i)
{
    const struct change *change = &server->guarded[i].change;
    const struct tunable *tunable = change->tunable;
    const struct snapshot *snapshot;
    const struct domain *domain;
    struct value now = server_present(server, change, &snapshot, &domain);
    char is[SIZE_TEXT_MAX], was[SIZE_TEXT_MAX];

    server->papers->known[i].instance = domain->identity->instance;
    if (value_equal(tunable_round(tunable, now), tunable_round(tunable, change->from)) ||
        tunable->readback == READBACK_CONVERGES)
        return true;
    size_format_value(now, tunable->unit, tunable->choices, is);
    size_format_value(change->from, tunable->unit, tunable->choices, was);
    server_refuse(server, "%s: %s was changed by somebody else: reads %s now, was %s",
                  domain->identity->name, tunable->name, is, was);
    return false;
}

static bool resolve_new(struct server *server)
{
    for (size_t i = 0; i < server->n_guarded; i++) {
        g_autoptr(GError) error = NULL;

        server->guarded[i].resolved =
            resolve(server, server->papers->live->pdata[i], &server->guarded[i].change, &error);
        if (!server->guarded[i].resolved) {
            server_refuse(server, "%s", error->message);
            return false;
        }
        if (!as_planned(server, i))
            return false;
    }
    for (size_t i = 0; i < server->n_saved; i++) {
        g_autoptr(GError) error = NULL;

        server->saved[i].resolved =
            resolve(server, server->papers->saved->pdata[i], &server->saved[i].change, &error);
        if (server->saved[i].resolved)
            continue;
        server_refuse(server, "%s", error->message);
        return false;
    }
    return true;
}

/* --- ready --- */

static char *place_of(const struct server *server)
{
    bool local = true;

    for (size_t i = 0; i < model_n_connections(server->model); i++)
        local &= model_snapshot(server->model, (uint16_t)i)->host.local;
    if (!local)
        return g_strdup_printf("on %s: if its network dies the change stays%s", g_get_host_name(),
                               server->own_scope ? "; own scope" : "");
    return g_strdup_printf("here on %s, %sown connection", g_get_host_name(),
                           server->own_scope ? "own scope, " : "");
}

/* What whoever started us writes, and what we write, was not somebody else. */
static void call_ours(struct server *server)
{
    for (size_t i = 0; i < server->n_guarded; i++)
        if (server->guarded[i].resolved)
            seen_ours(server->model->seen, &server->guarded[i].change, 1);
    for (size_t i = 0; i < server->n_saved; i++)
        if (server->saved[i].resolved)
            seen_ours(server->model->seen, &server->saved[i].change, 1);
}

static void armed(struct server *server)
{
    g_autoptr(GError) error = NULL;

    server->place = place_of(server);
    if (server->file == NULL)
        server->file = guard_file_new(server->papers, &error);
    if (server->file == NULL || !server_open_door(server, &error)) {
        server_refuse(server, "its plan cannot be written: %s", error->message);
        return;
    }
    call_ours(server);
    server_watch_begin(server);
    server->start_ns = guard_clock_ns();
    server->begin_ns = server->start_ns;
    server->phase = server->adopted ? GUARD_COUNTING : GUARD_ARMED;
    if (server->papers->committed) {
        server->reason = g_strdup("it was kept before its guard died");
        server_commit(server);
    } else {
        server_tell(server);
    }
}

static void opened(uint16_t connection, const GError *error, void *data)
{
    struct server *server = data;

    server->n_opening--;
    if (error != NULL)
        server_refuse(server, "%s: it cannot write there: %s",
                      model_snapshot(server->model, connection)->uri, error->message);
    if (server->phase == GUARD_STARTING && server->n_opening == 0)
        armed(server);
}

void server_arm(struct server *server)
{
    size_t n = model_n_connections(server->model);

    if (server->opening || !all_answered(server))
        return;
    if (!(server->adopted ? resolve_left : resolve_new)(server))
        return;
    server->opening = true;
    server->n_opening = (unsigned)n;
    for (size_t i = 0; i < n; i++)
        model_open_for_writing(server->model, (uint16_t)i, opened, server);
}
