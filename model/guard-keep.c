/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keeping: who decides it, and the persistent values that are written then. */
#include "model/child.h"
#include "model/guard-server-private.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECOND_NS UINT64_C(1000000000)
#define KEEP_IF_NS (60 * SECOND_NS) /* and then its answer is no */

static const unsigned pauses[] = {1, 2, 4, 8, 15}; /* seconds between tries to save */

/* --- a command decides --- */

static void forget_command(struct server *server)
{
    g_source_destroy(server->keep_if_watch);
    g_source_unref(server->keep_if_watch);
    server->keep_if_watch = NULL;
    g_spawn_close_pid(server->keep_if);
    server->keep_if = 0;
}

static void decided(GPid pid, gint status, gpointer data)
{
    struct server *server = data;
    g_autofree char *why = NULL;

    forget_command(server);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
        server_note(server, "keep_if", "its command says keep");
        server_commit(server);
        return;
    }
    why = WIFEXITED(status)
              ? g_strdup_printf("its command ended with %d", WEXITSTATUS(status))
              : g_strdup_printf("its command was killed by signal %d", WTERMSIG(status));
    server_back(server, why);
}

/* The guard is the last to be killed for memory; what it asks is not. */
static void begin_command(gpointer unused)
{
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

    if (fd >= 0 && write(fd, "0", 1) < 0)
        errno = 0; /* it runs all the same */
    child_apart(unused);
}

static bool start_command(struct server *server, GError **error)
{
    char *argv[] = {(char *)"/bin/sh", (char *)"-c", server->papers->keep_if, NULL};
    g_auto(GStrv) environment =
        g_environ_setenv(g_get_environ(), "VIRT_MEMTUNE_BATCH", server->papers->batch, TRUE);

    if (!g_spawn_async("/", argv, environment,
                       G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL |
                           G_SPAWN_STDERR_TO_DEV_NULL,
                       begin_command, NULL, &server->keep_if, error))
        return false;
    server->keep_if_ns = guard_clock_ns() + KEEP_IF_NS;
    server->keep_if_watch = g_child_watch_source_new(server->keep_if);
    g_source_set_callback(server->keep_if_watch, G_SOURCE_FUNC(decided), server, NULL);
    g_source_attach(server->keep_if_watch, server->context);
    return true;
}

void server_stop_deciding(struct server *server)
{
    if (server->keep_if == 0)
        return;
    kill(-server->keep_if, SIGKILL);
    forget_command(server);
}

void server_decide(struct server *server)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *why = NULL;

    if (server->keep_if != 0) {
        if (guard_clock_ns() >= server->keep_if_ns)
            server_back(server, "its command did not end within 60 s");
        return;
    }
    if (server->papers->keep_if == NULL) {
        server_back(server, "the time is over");
        return;
    }
    if (start_command(server, &error))
        return;
    why = g_strdup_printf("its command cannot be run: %s", error->message);
    server_back(server, why);
}

/* --- it stays --- */

static bool unsaved(const struct saved *saved)
{
    enum outcome outcome = saved->result.outcome;

    return outcome == OUTCOME_SKIPPED || outcome == OUTCOME_FAILED || outcome == OUTCOME_CONFLICT;
}

/* Trying again may help. */
static bool not_answered(const struct saved *saved)
{
    return unsaved(saved) && saved->resolved &&
           (saved->result.outcome == OUTCOME_SKIPPED ||
            saved->result.error == BACKEND_ERROR_CONNECTION ||
            saved->result.error == BACKEND_ERROR_TIMEOUT);
}

static void finish(struct server *server)
{
    bool all = true;

    for (size_t i = 0; i < server->n_saved; i++) {
        const struct stored_change *stored = server->papers->saved->pdata[i];
        const struct saved *saved = &server->saved[i];

        if (!unsaved(saved))
            continue;
        all = false;
        server_note(server, "unsaved", "kept live, but %s of %s is not saved: %s", stored->tunable,
                    stored->domain, saved->result.text ? saved->result.text : "the host is away");
    }
    server_note(server, guard_ending_name(all ? GUARD_END_KEPT : GUARD_END_KEPT_UNSAVED),
                all ? "kept" : "kept live, but not all of it is saved");
    server_finish(server, all ? GUARD_END_KEPT : GUARD_END_KEPT_UNSAVED);
}

static void take_result(struct saved *saved, const struct result *result)
{
    result_clear(&saved->result);
    saved->result = *result;
    saved->result.text = g_strdup(result->text);
}

static void on_progress(const struct apply_progress *progress, void *data)
{
    struct server *server = data;
    bool try_again = false;

    if (progress->phase != APPLY_DONE)
        return;
    server->job = NULL;
    for (size_t r = 0; r < progress->n_results; r++)
        take_result(&server->saved[g_array_index(server->job_places, size_t, r)],
                    &progress->results[r]);
    for (size_t i = 0; i < server->n_saved; i++)
        try_again |= not_answered(&server->saved[i]);
    if (!try_again || server->attempt >= G_N_ELEMENTS(pauses)) {
        finish(server);
        return;
    }
    server->next_ns = guard_clock_ns() + pauses[server->attempt++] * SECOND_NS;
    server_tell(server);
}

void server_save_look(struct server *server)
{
    g_autoptr(GArray) changes = g_array_new(FALSE, FALSE, sizeof(struct change));
    struct apply_options options = {.timeout_ms = server->papers->timeout_ms,
                                    .unrecorded = server->papers->unrecorded};
    g_autoptr(GError) error = NULL;

    if (server->job != NULL || guard_clock_ns() < server->next_ns)
        return;
    g_strlcpy(options.batch, server->papers->batch, sizeof options.batch);
    g_array_set_size(server->job_places, 0);
    for (size_t i = 0; i < server->n_saved; i++) {
        if (!server->saved[i].resolved || !unsaved(&server->saved[i]))
            continue;
        g_array_append_val(changes, server->saved[i].change);
        g_array_append_val(server->job_places, i);
    }
    if (changes->len > 0)
        server->job = model_apply(server->model, (const struct change *)(void *)changes->data,
                                  changes->len, &options, on_progress, server, &error);
    server_complain(server, error);
    if (server->job == NULL)
        finish(server);
}

void server_keep(struct server *server)
{
    /* The clock of the deadline counts on where this process does not: it was over before. */
    if (server->phase == GUARD_COUNTING && server->keep_if == 0 && server->deadline_ns != 0 &&
        guard_clock_ns() >= server->deadline_ns)
        server_decide(server);
    server_commit(server);
}

void server_commit(struct server *server)
{
    g_autoptr(GError) error = NULL;

    if (server->phase == GUARD_RETURNING || server->phase == GUARD_ENDED) {
        server->too_late = true;
        server_tell(server);
        return;
    }
    if (server->phase != GUARD_COUNTING)
        return;
    server_stop_deciding(server);
    if (!guard_file_note(server->file, "committed", &error))
        server_complain(server, error);
    server->phase = GUARD_SAVING;
    server->deadline_ns = 0;
    server->job_places = g_array_new(FALSE, FALSE, sizeof(size_t));
    server_tell(server);
    server_save_look(server);
}
