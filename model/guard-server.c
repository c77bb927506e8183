/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/guard-server-private.h"

#include "model/text.h"

#include <glib-unix.h>
#include <string.h>
#include <time.h>

#define SECOND_NS UINT64_C(1000000000)
#define TICK_MS 200
#define ARM_NS (60 * SECOND_NS)     /* to be ARMED, or it is refused */
#define BEGIN_NS (300 * SECOND_NS)  /* ARMED without a beginning: nobody wants it */
#define FAREWELL_NS (2 * SECOND_NS) /* for the last words to be read */

uint64_t guard_clock_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_BOOTTIME, &now);
    return (uint64_t)now.tv_sec * SECOND_NS + (uint64_t)now.tv_nsec;
}

/* --- what is there --- */

struct value server_present(const struct server *server, const struct change *change,
                            const struct snapshot **snapshot, const struct domain **domain)
{
    const struct setting *setting;

    *snapshot = model_snapshot(server->model, change->key.connection);
    *domain = *snapshot == NULL ? NULL : snapshot_find(*snapshot, &change->key);
    if (*domain == NULL || (*domain)->identity->state == DOMAIN_GONE)
        return value_unknown("gone: the domain does not exist any more");
    setting = snapshot_setting(*snapshot, *domain, change->tunable);
    return change->scope == SCOPE_CONFIG ? setting->config : setting->live;
}

void server_note(struct server *server, const char *code, const char *format, ...)
{
    const struct snapshot *snapshot =
        server->model != NULL ? model_snapshot(server->model, 0) : NULL;
    g_autofree char *text = NULL;
    g_autoptr(GError) error = NULL;
    va_list arguments;

    if (server->papers == NULL)
        return;
    va_start(arguments, format);
    text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    if (!journal_note(server->serving->journal, server->papers->batch, snapshot, NULL, code, &error,
                      "%s", text))
        g_prefix_error(&error, "not recorded: ");
    server_complain(server, error);
}

void server_complain(struct server *server, const GError *error)
{
    if (error == NULL)
        return;
    g_free(server->error);
    server->error = text_clean(error->message);
}

/* --- the end --- */

void server_finish(struct server *server, enum guard_ending ending)
{
    if (server->phase == GUARD_ENDED)
        return;
    server->phase = GUARD_ENDED;
    server->ending = ending;
    server->over_ns = guard_clock_ns();
    server_close_door(server);
    guard_file_remove(g_steal_pointer(&server->file));
    server_tell(server);
}

void server_refuse(struct server *server, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list arguments;

    if (server->phase != GUARD_STARTING)
        return;
    va_start(arguments, format);
    text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_free(server->error);
    server->error = text_clean(text);
    if (server->adopted) {
        /* What was left stays where it can be found again. */
        guard_file_free(g_steal_pointer(&server->file));
    }
    server_finish(server, GUARD_END_REFUSED);
}

static bool all_sent(const struct server *server)
{
    bool sent = server->owner == NULL || channel_idle(server->owner);

    for (guint i = 0; i < server->visitors->len; i++)
        sent &= channel_idle(server->visitors->pdata[i]);
    return sent;
}

/* --- what is said to it --- */

static void begin(struct server *server)
{
    g_autoptr(GError) error = NULL;

    if (server->phase != GUARD_ARMED)
        return;
    /* Who would find this plan after a crash has to know that something may have been written. */
    if (!guard_file_begun(server->file, &error)) {
        server_complain(server, error);
        server_back(server, "its plan cannot be written");
        return;
    }
    server->papers->begun = true;
    server->begin_ns = guard_clock_ns();
    server->deadline_ns = server->begin_ns + server->papers->seconds * SECOND_NS;
    server_watch_begin(server);
    server->phase = GUARD_COUNTING;
    server_tell(server);
}

static void take_applied(struct server *server, JsonObject *object)
{
    gint64 change = member_number(object, "change", -1);
    JsonNode *after = json_object_get_member(object, "after");
    g_autoptr(GError) error = NULL;
    struct guard_known *known;

    if (server->papers == NULL || change < 0 || change >= server->papers->live->len)
        return;
    known = &server->papers->known[change];
    known->uncertain = member_yes(object, "uncertain");
    known->applied = after != NULL && !JSON_NODE_HOLDS_NULL(after);
    g_clear_pointer(&known->after, json_node_unref);
    known->after = known->applied ? json_node_copy(after) : NULL;
    if (server->file != NULL && !guard_file_applied(server->file, (size_t)change, known, &error))
        server_complain(server, error);
}

static void take_written(struct server *server)
{
    if (server->papers == NULL)
        return;
    server->papers->written = true;
    if (server->file != NULL)
        guard_file_note(server->file, "written", NULL);
    server->unseen = server->phase == GUARD_RETURNING;
    server_return_look(server, true);
}

static void extend(struct server *server)
{
    uint64_t now = guard_clock_ns();
    uint64_t most = MAX(GUARD_LEFT_MAX, server->papers ? server->papers->seconds : 0) * SECOND_NS;

    if (server->phase != GUARD_COUNTING || server->deadline_ns <= now || server->keep_if != 0)
        return;
    server->deadline_ns =
        MAX(server->deadline_ns,
            MIN(server->deadline_ns + GUARD_EXTEND_SECONDS * SECOND_NS, now + most));
    server_tell(server);
}

static void detach(struct server *server)
{
    if (server->phase != GUARD_COUNTING && server->phase != GUARD_SAVING)
        return;
    server->detached = true;
    channel_say(server->owner, "detached");
}

static void back(struct server *server)
{
    server_back(server, "you said so");
}

static void owner_message(struct channel *channel, const char *name, JsonObject *object, void *data)
{
    static const struct {
        const char *name;
        void (*plain)(struct server *server);
        void (*with)(struct server *server, JsonObject *object);
    } rows[] = {
        {"plan", NULL, server_plan},     {"adopt", NULL, server_adopt},
        {"begin", begin, NULL},          {"applied", NULL, take_applied},
        {"written", take_written, NULL}, {"extend", extend, NULL},
        {"commit", server_keep, NULL},   {"back", back, NULL},
        {"detach", detach, NULL},
    };
    struct server *server = data;

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (strcmp(rows[i].name, name) != 0)
            continue;
        if (rows[i].plain != NULL)
            rows[i].plain(server);
        else
            rows[i].with(server, object);
        return;
    }
}

static void owner_secret(struct channel *channel, const char *text, void *data)
{
    struct server *server = data;

    for (size_t i = 0; server->model != NULL && i < model_n_connections(server->model); i++)
        model_answer(server->model, (uint16_t)i, text); /* who does not ask hears nothing */
}

static void owner_closed(struct channel *channel, const char *why, void *data)
{
    struct server *server = data;

    server->owner = NULL;
    channel_free(channel);
    if (server->phase == GUARD_STARTING)
        server_refuse(server, "nobody is there any more");
    else if (server->adopted && server->phase == GUARD_COUNTING) {
        guard_file_free(g_steal_pointer(&server->file));
        server_finish(server, GUARD_END_DETACHED);
    } else if (!server->detached)
        server_back(server, "whoever made the change is gone");
}

/* --- time --- */

static void look_at_time(struct server *server, uint64_t now)
{
    g_autofree char *why = NULL;

    switch (server->phase) {
    case GUARD_STARTING:
        if (!server->adopted && now - server->start_ns > ARM_NS)
            server_refuse(server, "its connection did not answer within %u s",
                          (unsigned)(ARM_NS / SECOND_NS));
        break;
    case GUARD_ARMED:
        if (now - server->start_ns > BEGIN_NS)
            server_back(server, "nothing came of it");
        break;
    case GUARD_COUNTING:
        why = server_watch(server);
        if (why != NULL)
            server_back(server, why);
        else if (server->deadline_ns != 0 && now >= server->deadline_ns)
            server_decide(server);
        break;
    case GUARD_SAVING:
        server_save_look(server);
        break;
    case GUARD_RETURNING:
        server_return_look(server, false);
        break;
    case GUARD_ENDED:
        server->over = all_sent(server) || now - server->over_ns > FAREWELL_NS;
        break;
    }
}

static gboolean on_tick(void *data)
{
    struct server *server = data;
    uint64_t now = guard_clock_ns();

    look_at_time(server, now);
    if (server->phase != GUARD_ENDED && now - server->told_ns >= SECOND_NS)
        server_tell(server);
    return G_SOURCE_CONTINUE;
}

static gboolean on_stop(int fd, GIOCondition condition, void *data)
{
    struct server *server = data;

    g_source_destroy(server->stop);
    if (server->phase == GUARD_STARTING)
        server_refuse(server, "it was stopped");
    else
        server_back(server, "the guard was told to stop");
    return G_SOURCE_CONTINUE;
}

/* --- the life of it --- */

static void start_sources(struct server *server)
{
    server->tick = g_timeout_source_new(TICK_MS);
    g_source_set_callback(server->tick, on_tick, server, NULL);
    g_source_attach(server->tick, server->context);
    if (server->serving->stop_fd < 0)
        return;
    server->stop = g_unix_fd_source_new(server->serving->stop_fd, G_IO_IN);
    g_source_set_callback(server->stop, G_SOURCE_FUNC(on_stop), server, NULL);
    g_source_attach(server->stop, server->context);
}

static void end(struct server *server)
{
    channel_free(server->owner);
    server_close_door(server);
    g_ptr_array_unref(server->visitors);
    model_free(server->model, 200);
    guard_file_free(server->file);
    g_source_destroy(server->tick);
    g_source_unref(server->tick);
    if (server->stop != NULL) {
        g_source_destroy(server->stop);
        g_source_unref(server->stop);
    }
    for (size_t i = 0; i < server->n_guarded; i++)
        g_free(server->guarded[i].text);
    for (size_t i = 0; i < server->n_saved; i++)
        result_clear(&server->saved[i].result);
    g_free(server->guarded);
    g_free(server->saved);
    g_free(server->read_ns);
    g_free(server->reads);
    g_free(server->away);
    g_clear_pointer(&server->watched, g_array_unref);
    g_clear_pointer(&server->job_places, g_array_unref);
    guard_papers_free(server->papers);
    g_free(server->place);
    g_free(server->warning);
    g_free(server->reason);
    g_free(server->error);
    g_main_context_unref(server->context);
}

static void free_channel(gpointer channel)
{
    channel_free(channel);
}

void guard_serve(int fd, const struct guard_serving *serving)
{
    struct server server = {.serving = serving, .start_ns = guard_clock_ns(), .door_fd = -1};
    const struct channel_listener listener = {owner_message, owner_secret, owner_closed, &server};

    server.context = g_main_context_new();
    server.visitors = g_ptr_array_new_with_free_func(free_channel);
    server.owner = channel_new(fd, server.context, &listener);
    server_tell(&server);
    server.own_scope = guard_leave_login(&server.warning);
    start_sources(&server);
    while (!server.over)
        g_main_context_iteration(server.context, TRUE);
    end(&server);
}
