/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/session.h"

#include "model/journal-file.h"
#include "ui/ask.h"
#include "ui/out.h"

#include <glib-unix.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

struct session {
    GMainContext *context;
    struct model *model;
    GPtrArray *uris; /* as typed, by connection */
    GPtrArray *said; /* messages of connections so far */
    GSource *signals;
    int signal_fd;
    enum status status;
    bool interrupted;
    gint64 person_us; /* spent on questions: no host is late because a person types slowly */
};

static sigset_t handled_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    return set;
}

void session_block_signals(void)
{
    sigset_t set = handled_signals();
    sigaddset(&set, SIGPIPE);
    sigaddset(&set, SIGXFSZ); /* a journal that may not grow is an error, no end */
    pthread_sigmask(SIG_BLOCK, &set, NULL);
}

static gboolean on_signal(int fd, GIOCondition condition, void *data)
{
    struct session *session = data;
    struct signalfd_siginfo info;
    if (read(fd, &info, sizeof info) == (ssize_t)sizeof info)
        session->interrupted = true;
    return G_SOURCE_CONTINUE;
}

static void watch_signals(struct session *session)
{
    sigset_t set = handled_signals();
    session->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (session->signal_fd < 0)
        return;
    session->signals = g_unix_fd_source_new(session->signal_fd, G_IO_IN);
    g_source_set_callback(session->signals, G_SOURCE_FUNC(on_signal), session, NULL);
    g_source_attach(session->signals, session->context);
}

static void on_message(void *data, const char *text)
{
    struct session *session = data;
    g_ptr_array_add(session->said, g_strdup(text));
    out_message("%s", text);
}

static void on_question(void *data, uint16_t connection, const struct question *question)
{
    struct session *session = data;
    g_autofree char *prompt = g_strconcat(question->prompt, ": ", NULL);
    gint64 begin = g_get_monotonic_time();
    char *answer = ask_terminal(prompt, question->secret, session->signal_fd);
    session->person_us += g_get_monotonic_time() - begin;
    model_answer(session->model, connection, answer);
    ask_free(answer);
}

static void connect_to(struct session *session, const struct options *options, const char *uri)
{
    g_autoptr(GError) error = NULL;
    for (guint i = 0; i < session->uris->len; i++)
        if (strcmp(session->uris->pdata[i], uri) == 0)
            return;
    if (options_may_connect(options, uri, &error) &&
        model_connect(session->model, uri, &error) >= 0) {
        g_ptr_array_add(session->uris, g_strdup(uri));
        return;
    }
    out_message("%s", error->message);
    session->status = status_of_error(error);
}

static void connect_all(struct session *session, const struct options *options,
                        const char *const *more, bool only_more)
{
    g_auto(GStrv) local = NULL;
    char **uris = options->uris;
    bool any = more && *more;
    if (!uris && !(any && only_more))
        uris = local = model_local_uris(options->backends);
    for (; uris && *uris; uris++)
        connect_to(session, options, *uris);
    for (; more && *more; more++)
        connect_to(session, options, *more);
    if (session->uris->len == 0 && session->status == STATUS_DONE) {
        out_message("no hypervisor answers here; say which with -c, as in -c qemu:///system or -c "
                    "qemu+ssh://root@host/system");
        session->status = STATUS_CONNECTION;
    }
}

/* Answered, or told why not. LOST before the first answer is a first try that failed. */
static bool settled(const struct snapshot *snapshot)
{
    switch (snapshot->state) {
    case CONNECTION_CONNECTING:
        return false;
    case CONNECTION_CONNECTED:
        return snapshot->taken_ns != 0;
    case CONNECTION_LOST:
    case CONNECTION_FAILED:
    case CONNECTION_CLOSED:
        return true;
    }
    return true;
}

static bool all_settled(void *data)
{
    struct session *session = data;
    for (size_t i = 0; i < model_n_connections(session->model); i++)
        if (!settled(model_snapshot(session->model, (uint16_t)i)))
            return false;
    return true;
}

static bool said_already(const struct session *session, const char *error)
{
    for (guint i = 0; i < session->said->len; i++)
        if (strstr(session->said->pdata[i], error))
            return true;
    return false;
}

static void report_failures(struct session *session, unsigned seconds)
{
    for (size_t i = 0; i < model_n_connections(session->model); i++) {
        const struct snapshot *snapshot = model_snapshot(session->model, (uint16_t)i);
        if (snapshot->state == CONNECTION_CONNECTED && snapshot->taken_ns)
            continue;
        if (session->status == STATUS_DONE)
            session->status = STATUS_CONNECTION;
        if (snapshot->error && !said_already(session, snapshot->error))
            out_message("%s: %s", session_uri(session, (uint16_t)i), snapshot->error);
        else if (!snapshot->error && !session->interrupted)
            out_message("%s: no answer within %u s", session_uri(session, (uint16_t)i), seconds);
    }
}

struct session *session_open(const struct options *options, const char *const *more, bool only_more,
                             bool read_only, unsigned delay_ms)
{
    struct session *session = g_new0(struct session, 1);
    session->context = g_main_context_new();
    session->uris = g_ptr_array_new_with_free_func(g_free);
    session->said = g_ptr_array_new_with_free_func(g_free);
    watch_signals(session);
    const struct model_options model_options = {
        .backends = options->backends,
        .context = session->context,
        .listener = {.message = on_message, .question = on_question, .data = session},
        .delay_ms = delay_ms,
        .read_only = read_only,
        .pinned = options->settings.read_only,
        .no_programs = options->settings.no_uri_programs,
        .stamp = options->settings.stamp,
        .journal = read_only ? NULL : journal_of_user(),
    };
    session->model = model_new(&model_options);
    journal_unref(model_options.journal);
    connect_all(session, options, more, only_more);
    session_run(session, all_settled, session, (unsigned)options->timeout * 1000);
    report_failures(session, (unsigned)options->timeout);
    return session;
}

void session_close(struct session *session)
{
    if (!session)
        return;
    model_free(session->model, 200);
    if (session->signals) {
        g_source_destroy(session->signals);
        g_source_unref(session->signals);
    }
    if (session->signal_fd >= 0)
        close(session->signal_fd);
    g_ptr_array_unref(session->uris);
    g_ptr_array_unref(session->said);
    g_main_context_unref(session->context);
    g_free(session);
}

struct model *session_model(struct session *session)
{
    return session->model;
}

enum status session_status(const struct session *session)
{
    return session->interrupted ? STATUS_INTERRUPTED : session->status;
}

bool session_interrupted(const struct session *session)
{
    return session->interrupted;
}

const char *session_uri(const struct session *session, uint16_t connection)
{
    return connection < session->uris->len ? session->uris->pdata[connection] : "";
}

static gboolean on_timeout(void *data)
{
    return G_SOURCE_CONTINUE; /* it only wakes the loop */
}

static bool run(struct session *session, bool (*done)(void *data), void *data, unsigned max_ms,
                bool through)
{
    gint64 before_us = session->person_us;
    gint64 end = max_ms ? g_get_monotonic_time() + (gint64)max_ms * 1000 : G_MAXINT64 / 2;
    GSource *timeout = NULL;
    if (max_ms) {
        timeout = g_timeout_source_new(max_ms);
        g_source_set_callback(timeout, on_timeout, NULL, NULL);
        g_source_attach(timeout, session->context);
    }
    while (!done(data) && (through || !session->interrupted)) {
        gint64 until = end + session->person_us - before_us;
        if (g_get_monotonic_time() >= until)
            break;
        if (timeout)
            g_source_set_ready_time(timeout, until);
        g_main_context_iteration(session->context, TRUE);
    }
    if (timeout) {
        g_source_destroy(timeout);
        g_source_unref(timeout);
    }
    return done(data);
}

bool session_run(struct session *session, bool (*done)(void *data), void *data, unsigned max_ms)
{
    return run(session, done, data, max_ms, false);
}

bool session_finish(struct session *session, bool (*done)(void *data), void *data, unsigned max_ms)
{
    return run(session, done, data, max_ms, true);
}
