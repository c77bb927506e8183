/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who gets a key: the top screen, its table, the program's table. */
#include "ui/app-keys.h"

#include "model/changeset.h"
#include "ui/actions.h"
#include "ui/app-private.h"
#include "ui/dialog.h"
#include "ui/keybar.h"
#include "ui/screens.h"

#include <signal.h>
#include <unistd.h>

void app_stop(struct app *app)
{
    term_leave(app->term);
    messages_give_stderr(app->messages);
    loop_unblock_signals();
    raise(SIGTSTP);
    loop_block_signals();
    app_continue(app);
}

static void redraw_all(struct screen *screen)
{
    term_resize(screen->app->term);
    term_forget(screen->app->term);
    app_redraw(screen->app);
}

static void reread(struct screen *screen)
{
    model_refresh(screen->app->model, true);
    app_message(screen->app, "reading everything again");
}

static void stop(struct screen *screen)
{
    app_stop(screen->app);
}

static void quit_answer(struct app *app, bool yes, void *data)
{
    if (yes)
        app_quit(app, 0);
}

static void quit(struct screen *screen)
{
    static const int yes[] = {'y', 0};
    struct app *app = screen->app;
    size_t staged = changeset_count(app->changes);
    g_autofree char *question = NULL;

    if (!staged) {
        app_quit(app, 0);
        return;
    }
    question = g_strdup_printf("%zu staged change%s will be lost. Quit? y", staged,
                               staged == 1 ? "" : "s");
    dialog_ask(app, question, yes, quit_answer, NULL);
}

static void help(struct screen *screen)
{
    if (!g_str_equal(screen->ops->name, "help"))
        app_push(screen->app, screen_help_new(screen->app, screen));
}

static void palette(struct screen *screen)
{
    palette_open(screen->app);
}

static void show_domains(struct screen *screen)
{
    screens_show(screen->app, 0);
}

static void show_limits(struct screen *screen)
{
    screens_show(screen->app, 1);
}

static void show_hosts(struct screen *screen)
{
    screens_show(screen->app, 2);
}

static void show_messages(struct screen *screen)
{
    screens_show(screen->app, 3);
}

static void show_next(struct screen *screen)
{
    screens_next(screen->app);
}

static void journal(struct screen *screen)
{
    if (!g_str_equal(screen->ops->name, "journal"))
        app_push(screen->app, screen_journal_new(screen->app));
}

static void setup(struct screen *screen)
{
    if (!g_str_equal(screen->ops->name, "setup"))
        app_push(screen->app, screen_setup_new(screen->app));
}

/* clang-format off */
const struct binding app_bindings[] = {
    {'?', K_F(1), "Help", "help", "this help, made from the tables of keys and columns", BINDING_FIRST, help},
    {'h', 0, NULL, NULL, "help", BINDING_HIDDEN, help},
    {':', 0, NULL, "palette", "a line to type any name of these keys; Tab completes", 0, palette},
    {'0', 0, NULL, "domains", "the domains", 0, show_domains},
    {'1', 0, NULL, "limits", "the limits of all domains", 0, show_limits},
    {'2', 0, NULL, "hosts", "the hosts", 0, show_hosts},
    {'3', 0, NULL, "messages", "what was said", 0, show_messages},
    {K_TAB, 0, NULL, "next-screen", "the next of these four", 0, show_next},
    {'J', 0, "Journal", "journal", "what was written, by whom, and what changed by another hand; Enter there takes it back", 0, journal},
    {'S', K_F(2), NULL, "setup", "columns, header, theme, delay; W saves", 0, setup},
    {'d', 0, NULL, "delay", "seconds between refreshes", 0, action_delay},
    {'p', 'Z', NULL, "pause", "stops refreshing, and goes on", 0, action_pause},
    {'q', K_F(10), "Quit", "quit", "ends the program; asks when edits are staged", 0, quit},
    {K_CTRL('c'), 0, NULL, NULL, "the same as q", BINDING_HIDDEN, quit},
    {K_CTRL('r'), 0, NULL, "read-all", "reads everything again from every host", 0, reread},
    {K_CTRL('l'), 0, NULL, "redraw", "draws the whole screen again", 0, redraw_all},
    {K_CTRL('z'), 0, NULL, "suspend", "stops the program; the shell's fg goes on", 0, stop},
    {0},
};
/* clang-format on */

static bool always_acts(int key)
{
    return key == K_CTRL('l') || key == K_CTRL('z');
}

static void key_event(struct app *app, struct screen *screen, const struct event *event)
{
    bool keeps = screen->ops->flags & (SCREEN_KEEPS_KEYS | SCREEN_OVERLAY);
    const struct binding *binding = binding_find(app, screen->ops->bindings, event->key);

    if (!binding && (!keeps || always_acts(event->key)))
        binding = binding_find(app, app_bindings, event->key);
    if (binding)
        binding->run(screen);
}

void app_event(struct app *app, const struct event *event)
{
    struct screen *screen = app_top(app);

    app_bury(app);
    if (event->kind == EVENT_STATUS) {
        term_answered(app->term);
        if (app->dirty)
            app_redraw(app);
        return;
    }
    if (app->ending || !screen)
        return;
    g_clear_pointer(&app->message, g_free); /* the list of messages keeps it */
    if (!(screen->ops->event && screen->ops->event(screen, event)) && event->kind == EVENT_KEY)
        key_event(app, screen, event);
    app_bury(app);
    app_redraw(app);
}
