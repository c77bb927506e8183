/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/screen-review.h"

#include "model/model.h"
#include "ui/dialog.h"
#include "ui/review-file.h"
#include "ui/screen-apply.h"
#include "ui/screen-form.h"
#include "ui/screens.h"
#include "ui/width.h"

#include <string.h>

struct review_screen {
    struct screen screen;
    struct review *review;
    GPtrArray *lines;              /* as drawn last */
    struct domain_key key;         /* of the selected change … */
    const struct tunable *tunable; /* … which is this one */
    int top, rows;
    GString *status;
    char *path;           /* to be written over after a question */
    struct change *asked; /* what is being asked about … */
    size_t n_asked;
    enum review_verdict verdict; /* … and what it was judged then */
};

static bool find(const struct domain_key *key, struct row *row, void *data)
{
    return model_find(app_model(data), key, row);
}

static void judge(struct review_screen *about)
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

/* The selected line; the first one where what was selected is not there any more. */
static int selected(struct review_screen *about)
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

    for (int at = selected(about) + step; at >= 0 && at < n; at += step) {
        const struct review_line *line = g_ptr_array_index(about->lines, (guint)at);

        if (!line->tunable)
            continue;
        select_line(about, line);
        return;
    }
    about->top += step; /* nothing more to select: what is below can be read */
}

static const struct review_group *selected_group(struct review_screen *about)
{
    for (size_t i = 0; i < review_count(about->review); i++)
        if (domain_key_equal(&review_get(about->review, i)->key, &about->key))
            return review_get(about->review, i);
    return NULL;
}

/* --- drawing ------------------------------------------------------------------------------- */

static const struct menu {
    const char *key, *text;
} menu[] = {
    {"a", "apply now"},
    {"x", "drop   e  edit   w  write script or JSON   y  show to copy   Esc  back"},
};

/* ", kvm07, vc01" */
static char *hosts_of(const struct review *review)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    GString *text = g_string_new(NULL);

    for (size_t i = 0; i < review_count(review); i++) {
        const struct row *row = &review_get(review, i)->row;
        char *host = row->domain ? row->snapshot->host.name : NULL;

        if (host && g_hash_table_add(seen, host))
            g_string_append_printf(text, ", %s", host);
    }
    return g_string_free(text, FALSE);
}

static void draw_title(struct review_screen *about, const struct canvas *canvas)
{
    const struct review *review = about->review;
    const char *right = "nothing written yet";
    size_t n = review_n_changes(review), domains = review_count(review);
    g_autofree char *hosts = hosts_of(review);
    int column = canvas_text(canvas, 0, 0, PAINT_STRONG, "Review");

    column = canvas_printf(canvas, 0, column, PAINT_TEXT, "   %zu change%s, %zu domain%s%s", n,
                           n == 1 ? "" : "s", domains, domains == 1 ? "" : "s", hosts);
    if (column + 2 + width_of(right) <= canvas->columns)
        canvas_text_right(canvas, 0, canvas->columns, PAINT_TEXT, right);
}

static void draw_order(const struct review *review, const struct canvas *canvas, int row)
{
    if (review_count(review) > 1)
        canvas_text(canvas, row, 0, PAINT_TEXT,
                    "In this order. Where a call fails, the rest of that domain is not sent.");
}

static void draw_menu(struct review_screen *about, const struct canvas *canvas, int row)
{
    g_autofree char *summary = review_summary(about->review);

    draw_order(about->review, canvas, row++);
    for (size_t i = 0; i < G_N_ELEMENTS(menu); i++) {
        canvas_text(canvas, row + (int)i, 1, PAINT_STRONG, menu[i].key);
        canvas_text(canvas, row + (int)i, 4, PAINT_TEXT, menu[i].text);
    }
    canvas_text(canvas, row, 33, PAINT_NOTICE, summary);
    canvas_text(canvas, row + 2, 0, PAINT_TEXT,
                "> Enter on its own writes nothing. a asks once more.");
}

static void draw_line(const struct canvas *canvas, int row, const struct review_line *line,
                      bool chosen)
{
    int column = canvas_text(canvas, row, 0, line->paint, line->text);

    if (line->right && column + 1 + width_of(line->right) <= canvas->columns)
        canvas_text_right(canvas, row, canvas->columns,
                          !strcmp(line->right, "loosens") ? PAINT_OK
                          : *line->right                  ? PAINT_NOTICE
                                                          : PAINT_TEXT,
                          line->right);
    if (!chosen)
        return;
    canvas_text(canvas, row, canvas->columns < 60 ? 0 : 2, PAINT_STRONG, ">");
    canvas_cursor(canvas, row, canvas->columns < 60 ? 0 : 2, false);
}

static void draw_lines(struct review_screen *about, const struct canvas *canvas)
{
    int n, at;

    g_ptr_array_unref(about->lines);
    about->lines = review_lines(about->review, canvas->columns);
    n = (int)about->lines->len;
    at = selected(about);
    about->rows = canvas->rows;
    about->top = CLAMP(about->top, 0, MAX(n - canvas->rows, 0));
    for (int i = 0; i < canvas->rows && about->top + i < n; i++)
        draw_line(canvas, i, g_ptr_array_index(about->lines, (guint)(about->top + i)),
                  about->top + i == at);
    if (about->top + canvas->rows < n && canvas->columns > 8)
        canvas_text(canvas, canvas->rows - 1, canvas->columns - 6, PAINT_HEADER, " more ");
}

static void review_draw(struct screen *screen, const struct canvas *canvas)
{
    struct review_screen *about = (struct review_screen *)screen;
    bool tall = canvas->rows >= 14, title = canvas->rows >= 4;
    int head = tall ? 2 : title, foot = tall ? 5 : 0;
    struct canvas lines = canvas_part(canvas, head, 0, canvas->rows - head - foot, -1);

    if (title)
        draw_title(about, canvas);
    draw_lines(about, &lines);
    if (tall)
        draw_menu(about, canvas, canvas->rows - 4);
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
    judge((struct review_screen *)screen);
}

/* Back from the form or from writing: with nothing left there is nothing to review. */
static void review_shown(struct screen *screen)
{
    judge((struct review_screen *)screen);
    if (!review_n_changes(((struct review_screen *)screen)->review))
        app_pop(screen->app, screen);
}

/* --- apply --------------------------------------------------------------------------------- */

/* What was confirmed; outlives the review, which may be left while a host is being opened. */
struct pending {
    struct change *changes;
    size_t n;
};

static void pending_free(struct pending *pending)
{
    g_free(pending->changes);
    g_free(pending);
}

static void start(struct app *app, bool open, void *data)
{
    struct pending *pending = data;

    for (size_t i = 0; open && i < pending->n; i++) {
        if (model_may_write(app_model(app), pending->changes[i].key.connection))
            continue;
        app_open_for_writing(app, pending->changes[i].key.connection, start, pending);
        return;
    }
    if (open)
        screen_apply_open(app, pending->changes, pending->n);
    pending_free(pending);
}

/* Between the question and its answer it may have become dangerous. */
static bool worse_now(struct review_screen *about)
{
    judge(about);
    for (size_t i = 0; i < review_count(about->review); i++) {
        const struct review_group *group = review_get(about->review, i);

        for (size_t at = 0; at < about->n_asked; at++)
            if (domain_key_equal(&about->asked[at].key, &group->key) &&
                group->verdict > about->verdict)
                return true;
    }
    return false;
}

static void confirmed(struct review_screen *about)
{
    struct app *app = about->screen.app;
    struct pending *pending;

    if (worse_now(about)) {
        app_error(app, "it has become more dangerous meanwhile: nothing was written");
        return;
    }
    pending = g_new0(struct pending, 1);
    pending->changes = g_memdup2(about->asked, about->n_asked * sizeof *about->asked);
    pending->n = about->n_asked;
    start(app, true, pending);
}

static void apply_answer(struct app *app, bool yes, void *data)
{
    if (yes)
        confirmed(data);
    else
        app_message(app, "nothing was written");
}

static void ask(struct review_screen *about)
{
    static const int yes[] = {K_ENTER, 0};
    g_autofree char *question = review_question(about->review, about->asked, about->n_asked);

    dialog_ask(about->screen.app, question, yes, apply_answer, about);
}

/* What has to be typed to write a group that may kill. Newly allocated. */
static char *password_of(const struct review_group *group)
{
    return g_strdup_printf("%s%s", group->verdict == REVIEW_ASKS_KILL ? "kill " : "",
                           review_name(group));
}

static bool typed(struct app *app, const char *text, void *data)
{
    struct review_screen *about = data;
    const struct review_group *group = selected_group(about);
    g_autofree char *wanted = NULL, *given = g_strstrip(g_strdup(text ? text : ""));

    if (!*given || !group) {
        app_message(app, "nothing was written");
        return true;
    }
    wanted = password_of(group);
    if (strcmp(given, wanted)) {
        app_error(app, "this is not \"%s\": nothing was written", wanted);
        return false;
    }
    confirmed(about);
    return true;
}

static void ask_name(struct review_screen *about, const struct review_group *group)
{
    g_autofree char *wanted = password_of(group);
    g_autofree char *label = g_strdup_printf("Type \"%s\": ", wanted);
    struct prompt prompt = {.label = label, .done = typed, .data = about};

    app_flush_input(about->screen.app);
    dialog_prompt(about->screen.app, &prompt);
}

static const struct review_group *first_dangerous(struct review_screen *about)
{
    const struct review_group *group = selected_group(about);

    if (group && group->verdict != REVIEW_BLOCKED)
        return group;
    for (size_t i = 0; i < review_count(about->review); i++)
        if (review_get(about->review, i)->verdict != REVIEW_BLOCKED)
            return review_get(about->review, i);
    return NULL;
}

/* What needs no typing first, all of it; then one dangerous domain at a time. */
static void apply(struct screen *screen)
{
    struct review_screen *about = (struct review_screen *)screen;
    const struct review_group *group;

    judge(about);
    g_free(about->asked);
    about->asked = review_changes(about->review, REVIEW_READY, &about->n_asked);
    about->verdict = REVIEW_READY;
    if (about->n_asked) {
        ask(about);
        return;
    }
    group = first_dangerous(about);
    if (!group) {
        app_error(screen->app, "nothing of this can be written: see what blocks it");
        return;
    }
    about->key = group->key;
    about->tunable = group->changes[0].tunable;
    g_free(about->asked);
    about->asked = g_memdup2(group->changes, group->n * sizeof *about->asked);
    about->n_asked = group->n;
    about->verdict = group->verdict;
    ask_name(about, group);
}

/* --- the other keys ------------------------------------------------------------------------ */

static void drop(struct screen *screen)
{
    struct review_screen *about = (struct review_screen *)screen;
    struct changeset *changes = app_changes(screen->app);

    if (selected(about) < 0)
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

    if (selected(about) < 0)
        return;
    form = screen_form_new(screen->app, &about->key, 1, about->tunable);
    if (form)
        app_push(screen->app, form);
    else
        app_error(screen->app, "this domain does not exist any more");
}

static char *expand(const char *path)
{
    return g_str_has_prefix(path, "~/") ? g_build_filename(g_get_home_dir(), path + 2, NULL)
                                        : g_strdup(path);
}

static void save(struct review_screen *about, bool replace);

static void replace_answer(struct app *app, bool yes, void *data)
{
    if (yes)
        save(data, true);
    else
        app_message(app, "nothing was written");
}

static void save(struct review_screen *about, bool replace)
{
    static const int yes[] = {'y', 0};
    struct app *app = about->screen.app;
    g_autoptr(GError) error = NULL;
    g_autofree char *question = NULL;

    if (review_save(about->review, about->path, app_time(app), replace, &error)) {
        app_message(app, "%s written; nothing was applied", about->path);
    } else if (!replace && g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_EXIST)) {
        question = g_strdup_printf("%s exists. Replace it? y", about->path);
        dialog_ask(app, question, yes, replace_answer, about);
    } else {
        app_error(app, "%s", error->message);
    }
}

static bool path_done(struct app *app, const char *text, void *data)
{
    struct review_screen *about = data;
    g_autofree char *path = g_strstrip(g_strdup(text ? text : ""));

    if (!*path)
        return true;
    g_free(about->path);
    about->path = expand(path);
    save(about, false);
    return true;
}

static void write_file(struct screen *screen)
{
    struct prompt prompt = {.label = "Write script to (NAME.json: JSON): ",
                            .text = "virt-memtune-changes.sh",
                            .done = path_done,
                            .data = screen};

    dialog_prompt(screen->app, &prompt);
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
    app_message(screen->app, "Enter writes nothing: a applies, and asks once more");
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
    {'a', 0, "Apply", NULL, "writes what nothing stands against, after one asked line; what is dangerous asks for the domain's typed name", BINDING_WRITES, apply},
    {'x', 0, "Drop", NULL, "drops the selected change", 0, drop},
    {'e', 0, "Edit", NULL, "the form of the selected change", 0, edit},
    {'w', 0, "Write", NULL, "writes a shell script, or a change file (NAME.json); never over a file without asking", 0, write_file},
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
