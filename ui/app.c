/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Begin and end of the program, and what it says. */
#include "ui/app.h"

#include "model/changeset.h"
#include "model/journal-file.h"
#include "model/journal-reader.h"
#include "ui/app-private.h"
#include "ui/columns.h"
#include "ui/journal-words.h"
#include "ui/screen-domains.h"
#include "ui/view.h"

#include <gio/gio.h>
#include <locale.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define MESSAGE_MS 5000
#define QUIT_WAIT_MS 200
#define DELAY_DEFAULT_MS 2000
#define JOURNAL_READ (1u << 20) /* bytes: the newest few thousand records */

/* --- what it says -------------------------------------------------------------------------- */

static void say(struct app *app, bool error, const char *format, va_list args)
{
    g_autofree char *text = g_strdup_vprintf(format, args);

    messages_add(app->messages, app_time(app), error, text);
    g_free(app->message);
    app->message = g_steal_pointer(&text);
    app->message_error = error;
    app->message_until = g_get_monotonic_time() + MESSAGE_MS * 1000;
    app_redraw(app);
}

void app_message(struct app *app, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    say(app, false, format, args);
    va_end(args);
}

void app_error(struct app *app, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    say(app, true, format, args);
    va_end(args);
}

void app_beep(struct app *app)
{
    term_send(app->term, "\a", 1);
    app_pump(app);
}

void app_flush_input(struct app *app)
{
    term_flush_input(app->term);
    key_decoder_reset(app->decoder);
}

/* --- events -------------------------------------------------------------------------------- */

static gboolean escape_expired(gpointer data)
{
    struct app *app = data;

    loop_remove(&app->escape);
    key_decoder_expire(app->decoder);
    return G_SOURCE_REMOVE;
}

static void wait_for_rest(struct app *app)
{
    int ms = key_decoder_wait_ms(app->decoder);

    loop_remove(&app->escape);
    if (ms >= 0)
        app->escape = loop_timer(app->loop, (unsigned)ms, escape_expired, app);
}

static gboolean input_ready(int fd, GIOCondition condition, gpointer data)
{
    struct app *app = data;
    uint8_t bytes[1024];
    gssize n = term_read(app->term, bytes, sizeof bytes);

    if (n < 0) {
        app_quit(app, 128 + SIGHUP);
        return G_SOURCE_CONTINUE;
    }
    key_decoder_feed(app->decoder, bytes, (size_t)n);
    wait_for_rest(app);
    return G_SOURCE_CONTINUE;
}

static void decoded(const struct event *event, void *data)
{
    app_event(data, event);
}

static gboolean tick(gpointer data)
{
    struct app *app = data;
    struct screen *top;

    app_bury(app);
    view_tick(app->view);
    top = app_top(app);
    if (app->message && !app->message_error && g_get_monotonic_time() > app->message_until)
        g_clear_pointer(&app->message, g_free);
    if (top && top->ops->update)
        top->ops->update(top);
    app_redraw(app);
    return G_SOURCE_CONTINUE;
}

void app_continue(struct app *app)
{
    term_resize(app->term);
    grid_resize(app->grid, 1, 1);
    app_resized(app);
    term_enter(app->term);
    app_take_stderr(app);
    app_redraw(app);
}

void app_resized(struct app *app)
{
    int rows, width;

    term_size(app->term, &rows, &width);
    grid_resize(app->grid, rows, width);
    app_redraw(app);
}

static void on_signal(int signo, void *data)
{
    struct app *app = data;

    switch (signo) {
    case SIGWINCH:
        if (term_resize(app->term))
            app_resized(app);
        break;
    case SIGCONT:
        app_continue(app);
        break;
    case SIGTSTP:
        app_stop(app);
        break;
    default: /* not our enum: those that end it */
        app_quit(app, 128 + signo);
        break;
    }
}

static void on_snapshot(void *data, uint16_t connection)
{
    struct app *app = data;
    struct screen *top = app_top(app);

    view_changed(app->view);
    if (top && top->ops->update)
        top->ops->update(top);
    app_redraw(app);
}

static void on_message(void *data, const char *text)
{
    app_message(data, "%s", text);
}

static void on_stderr(const char *text, void *data)
{
    struct app *app = data;

    messages_add(app->messages, app_time(app), true, text);
}

void app_take_stderr(struct app *app)
{
    messages_take_stderr(app->messages, app->loop, on_stderr, app);
}

/* --- begin and end ------------------------------------------------------------------------- */

void app_quit(struct app *app, int status)
{
    if (app->ending)
        return;
    app->ending = true;
    app->status = status;
    loop_quit(app->loop);
}

static bool connect_all(struct app *app, GError **error)
{
    struct model_options options = {
        .backends = app->options->backends,
        .context = loop_context(app->loop),
        .listener = {on_snapshot, on_message, app_question, app},
        .delay_ms = app->delay_ms,
        .read_only = app->options->read_only,
        .pinned = app->options->read_only,
        .no_programs = app->options->no_programs,
        .stamp = app->options->stamp,
        .journal =
            app->options->read_only ? journal_reader_journal(app->journal) : journal_of_user(),
    };

    app->model = model_new(&options);
    journal_unref(options.journal);
    for (const char *const *uri = app->options->uris; uri && *uri; uri++)
        if (model_connect(app->model, *uri, error) < 0)
            return false;
    return true;
}

static void start_terminal(struct app *app)
{
    app->grid = grid_new(1, 1);
    app->grid->ascii = app->options->ascii || !term_utf8(app->term);
    app->grid->plain = app->options->plain;
    app_resized(app);
    app_theme_load(app, app->options->theme);
    app->input =
        loop_fd(app->loop, term_fd(app->term), G_IO_IN | G_IO_HUP | G_IO_ERR, input_ready, app);
    loop_signals(app->loop, on_signal, app);
    app->tick = loop_timer(app->loop, 1000, tick, app);
    app_take_stderr(app);
}

static void app_free(struct app *app)
{
    while (app->stack->len)
        g_ptr_array_add(app->graveyard, g_ptr_array_steal_index(app->stack, app->stack->len - 1));
    app_bury(app);
    loop_remove(&app->input);
    loop_remove(&app->output);
    loop_remove(&app->escape);
    loop_remove(&app->redraw);
    loop_remove(&app->tick);
    view_free(app->view);
    changeset_free(app->changes);
    messages_free(app->messages);
    journal_reader_free(app->journal);
    key_decoder_free(app->decoder);
    theme_free(app->theme);
    grid_free(app->grid);
    g_ptr_array_free(app->stack, TRUE);
    g_ptr_array_free(app->graveyard, TRUE);
    g_free(app->message);
    g_free(app->columns);
    loop_free(app->loop);
    g_free(app);
}

/* What nobody knows the end of is told at the next start. */
static void open_journal(struct app *app)
{
    g_auto(GStrv) folders = journal_folders();
    const struct journal_book *book;

    app->journal = journal_reader_new((const char *const *)folders, JOURNAL_READ);
    journal_reader_update(app->journal);
    book = journal_reader_book(app->journal);
    for (guint i = 0; i < book->entries->len; i++) {
        const struct journal_entry *entry = book->entries->pdata[i];
        g_autofree char *where = NULL, *change = NULL, *who = NULL;

        if (!journal_book_unfinished(book, i))
            continue;
        where = journal_words_where(entry);
        who = journal_words_who(entry);
        change = journal_words_change(entry, app->options->backends);
        app_error(app, "%s: %s by %s has no outcome: look what it is now; J shows more", where,
                  change, who);
    }
}

static bool run(struct app *app, GError **error)
{
    struct term_options term = {app->options->plain, app->options->no_mouse};

    app->view = view_new(app, error);
    if (app->options->columns && !(app->columns = columns_parse(app->options->columns, error)))
        return false;
    open_journal(app);
    app_say_orphans(app);
    if (!app->view || !connect_all(app, error))
        return false;
    app->term = term_open(&term, error);
    if (!app->term)
        return false;
    start_terminal(app);
    app_push(app, screen_domains_new(app));
    loop_run(app->loop);
    term_close(app->term);
    app->term = NULL;
    return true;
}

bool app_run(const struct app_options *options, int *status, GError **error)
{
    struct app *app = g_new0(struct app, 1);
    bool ok;

    loop_block_signals();
    app->options = options;
    app->host_lines = options->header && g_ascii_isdigit(*options->header)
                          ? (int)g_ascii_strtoll(options->header, NULL, 10)
                          : -1;
    app->delay_ms = options->delay_ms ? options->delay_ms : DELAY_DEFAULT_MS;
    app->loop = loop_new();
    app->decoder = key_decoder_new(decoded, app);
    app->changes = changeset_new();
    app->messages = messages_new();
    app->stack = g_ptr_array_new();
    app->graveyard = g_ptr_array_new();
    ok = run(app, error);
    messages_give_stderr(app->messages);
    if (app->model && !model_free(app->model, QUIT_WAIT_MS)) {
        /* A thread hangs in a hypervisor's library; nothing that it may still use is freed. */
        if (ok)
            _exit(app->status);
        return false;
    }
    if (ok)
        *status = app->status;
    app_free(app);
    return ok;
}
