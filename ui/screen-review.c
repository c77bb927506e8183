/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/screen-review.h"

#include "model/model.h"
#include "ui/screen-form.h"
#include "ui/screen-review-private.h"
#include "ui/screens.h"

static bool find(const struct domain_key *key, struct row *row, void *data)
{
    return model_find(app_model(data), key, row);
}

void review_judge(struct review_screen *about)
{
    review_free(about->review);
    about->review = review_new(app_changes(about->screen.app), find, about->screen.app);
}

/* --- the selected change ------------------------------------------------------------------- */

static bool is_selected(const struct review_screen *about, const struct review_line *line)
{
    return line->tunable && line->tunable == about->tunable &&
           domain_key_equal(&review_get(about->review, line->group)->key, &about->key);
}

static void select_line(struct review_screen *about, const struct review_line *line)
{
    about->tunable = line->tunable;
    about->key = review_get(about->review, line->group)->key;
}

int review_selected(struct review_screen *about)
{
    int first = -1;

    for (guint i = 0; i < about->lines->len; i++) {
        const struct review_line *line = g_ptr_array_index(about->lines, i);

        if (is_selected(about, line))
            return (int)i;
        if (line->tunable && first < 0)
            first = (int)i;
    }
    if (first >= 0)
        select_line(about, g_ptr_array_index(about->lines, (guint)first));
    return first;
}

static void move(struct review_screen *about, int step)
{
    int n = (int)about->lines->len;

    for (int at = review_selected(about) + step; at >= 0 && at < n; at += step) {
        const struct review_line *line = g_ptr_array_index(about->lines, (guint)at);

        if (!line->tunable)
            continue;
        select_line(about, line);
        return;
    }
    about->top += step; /* nothing more to select: what is below can be read */
}

const struct review_group *review_selected_group(struct review_screen *about)
{
    for (size_t i = 0; i < review_count(about->review); i++)
        if (domain_key_equal(&review_get(about->review, i)->key, &about->key))
            return review_get(about->review, i);
    return NULL;
}

static const char *review_status(struct screen *screen)
{
    struct review_screen *about = (struct review_screen *)screen;
    size_t ready = 0;

    g_free(review_changes(about->review, REVIEW_READY, &ready));
    g_string_printf(about->status, "%zu of %zu changes can be applied with one asked line", ready,
                    review_n_changes(about->review));
    return about->status->str;
}

static void review_update(struct screen *screen)
{
    review_judge((struct review_screen *)screen);
}

/* Back from the form or from writing: with nothing left there is nothing to review. */
static void review_shown(struct screen *screen)
{
    struct review_screen *about = (struct review_screen *)screen;

    review_judge(about);
    g_clear_pointer(&about->guard, g_free);
    if (!review_n_changes(about->review))
        app_pop(screen->app, screen);
}

/* --- keys -------------------------------------------------------------------------------- */

static void drop(struct screen *screen)
{
    struct review_screen *about = (struct review_screen *)screen;
    struct changeset *changes = app_changes(screen->app);

    if (review_selected(about) < 0)
        return;
    changeset_drop(changes, &about->key, about->tunable, SCOPE_LIVE);
    changeset_drop(changes, &about->key, about->tunable, SCOPE_CONFIG);
    app_message(screen->app, "dropped; %zu staged", changeset_count(changes));
    review_shown(screen);
}

static void edit(struct screen *screen)
{
    struct review_screen *about = (struct review_screen *)screen;
    struct screen *form;

    if (review_selected(about) < 0)
        return;
    form = screen_form_new(screen->app, &about->key, 1, about->tunable);
    if (form)
        app_push(screen->app, form);
    else
        app_error(screen->app, "this domain does not exist any more");
}

static void copy(struct screen *screen)
{
    g_autofree char *text = review_commands(((struct review_screen *)screen)->review);

    if (*text)
        app_copy(screen->app, text);
    else
        app_message(screen->app, "no command does the same");
}

static void back(struct screen *screen)
{
    size_t n = changeset_count(app_changes(screen->app));

    app_message(screen->app, "%zu change%s kept: v review, x drop", n, n == 1 ? "" : "s");
    app_pop(screen->app, screen);
}

static void nothing(struct screen *screen)
{
    app_message(screen->app, "Enter writes nothing: a and c do, and ask once more");
}

static void beep(struct screen *screen)
{
    app_beep(screen->app);
}

static void help(struct screen *screen)
{
    app_push(screen->app, screen_help_new(screen->app, screen));
}

/* clang-format off */
static const struct binding bindings[] = {
    {'a', 0, "Apply", NULL, "writes what nothing stands against, after one asked line; what is dangerous asks for the domain's typed name", BINDING_WRITES, review_apply},
    {'c', 0, "Confirm", NULL, "writes what tightens, which goes back unless it is kept in time: a guard looks after it", BINDING_WRITES, review_confirm},
    {'s', 0, "Shrink", NULL, "lowers limits and targets in small steps that the domain has to follow; what it cannot, goes back; asks once more", BINDING_WRITES, review_shrink},
    {'x', 0, "Drop", NULL, "drops the selected change", 0, drop},
    {'e', 0, "Edit", NULL, "the form of the selected change", 0, edit},
    {'w', 0, "Write", NULL, "writes a shell script, or a change file (NAME.json); never over a file without asking", 0, review_write_file},
    {'y', 0, "Copy", NULL, "shows the commands on a plain screen, to copy", 0, copy},
    {K_ESC, K_CTRL('c'), "Back", NULL, "back; what is staged stays", 0, back},
    {K_ENTER, 0, NULL, NULL, "nothing", 0, nothing},
    {'q', K_F(10), NULL, NULL, "nothing", BINDING_HIDDEN, beep},
    {K_F(1), '?', "Help", NULL, "this help", 0, help},
    {0},
};
/* clang-format on */

static bool review_event(struct screen *screen, const struct event *event)
{
    struct review_screen *about = (struct review_screen *)screen;
    int page = MAX(about->rows - 1, 1);

    if (event->kind == EVENT_WHEEL_UP || event->kind == EVENT_WHEEL_DOWN) {
        about->top += event->kind == EVENT_WHEEL_UP ? -3 : 3;
        return true;
    }
    if (event->kind != EVENT_KEY)
        return true;
    if (event->key == 'j' || event->key == K_DOWN || event->key == K_TAB)
        move(about, 1);
    else if (event->key == 'k' || event->key == K_UP || event->key == K_BACKTAB)
        move(about, -1);
    else if (event->key == K_PAGE_DOWN || event->key == K_CTRL('f') || event->key == ' ')
        about->top += page;
    else if (event->key == K_PAGE_UP || event->key == K_CTRL('b'))
        about->top -= page;
    else
        return false;
    return true;
}

static void review_free_screen(struct screen *screen)
{
    struct review_screen *about = (struct review_screen *)screen;

    review_free(about->review);
    g_ptr_array_unref(about->lines);
    g_string_free(about->status, TRUE);
    g_free(about->asked);
    g_free(about->path);
    g_free(about->guard);
    g_free(about);
}

static const struct screen_ops ops = {
    .name = "review",
    .title = "Review",
    .about = "Everything staged, domain by domain: what it does, what is found about it, and the "
             "commands that do the same. Nothing is written before a, and a asks once more.",
    .flags = SCREEN_KEEPS_KEYS,
    .bindings = bindings,
    .draw = review_draw,
    .status = review_status,
    .event = review_event,
    .update = review_update,
    .shown = review_shown,
    .free = review_free_screen,
};

void screen_review_open(struct app *app)
{
    struct review_screen *about;

    if (!changeset_count(app_changes(app))) {
        app_message(app, "nothing is staged: e edits a domain");
        return;
    }
    about = g_new0(struct review_screen, 1);
    about->screen.ops = &ops;
    about->lines = g_ptr_array_new();
    about->status = g_string_new(NULL);
    app_push(app, &about->screen);
}
