/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The journal: the newest on top, the selected one in full below. */
#include "model/changeset.h"
#include "model/journal-reader.h"
#include "model/journal-undo.h"
#include "model/text.h"
#include "ui/journal-words.h"
#include "ui/screen-review.h"
#include "ui/screens.h"
#include "ui/width.h"

#define DETAIL 5 /* rows below the list */
#define DETAIL_FROM 14

enum shown {
    SHOWN_ALL,
    SHOWN_MINE,
    SHOWN_OTHERS,
    SHOWN_SEEN,
    SHOWN_COUNT_,
};
static const char *const shown_names[] = {
    [SHOWN_ALL] = "all",
    [SHOWN_MINE] = "mine",
    [SHOWN_OTHERS] = "others'",
    [SHOWN_SEEN] = "seen, not ours",
};

struct journal_screen {
    struct screen screen;
    struct journal_author *me;
    enum shown shown;
    GArray *lines; /* guint: indices of entries that are shown, the newest first */
    guint at;
    int top, rows;
    GString *status;
};

/* --- what is shown ------------------------------------------------------------------------- */

static const struct journal_book *book_of(const struct journal_screen *about)
{
    return journal_reader_book(app_journal(about->screen.app));
}

static const struct journal_entry *entry_at(const struct journal_screen *about, guint line)
{
    if (line >= about->lines->len)
        return NULL;
    return book_of(about)->entries->pdata[g_array_index(about->lines, guint, line)];
}

static bool is_shown(const struct journal_screen *about, const struct journal_entry *entry)
{
    bool mine = journal_words_mine(entry, about->me);

    switch (about->shown) {
    case SHOWN_MINE:
        return mine;
    case SHOWN_OTHERS:
        return !mine && entry->kind != JOURNAL_SEEN;
    case SHOWN_SEEN:
        return entry->kind == JOURNAL_SEEN;
    case SHOWN_ALL:
    case SHOWN_COUNT_:
        break;
    }
    return true;
}

static void choose_lines(struct journal_screen *about)
{
    const struct journal_book *book = book_of(about);

    g_array_set_size(about->lines, 0);
    for (guint i = book->entries->len; i-- > 0;) {
        if (is_shown(about, book->entries->pdata[i]))
            g_array_append_val(about->lines, i);
    }
    about->at = about->lines->len ? MIN(about->at, about->lines->len - 1) : 0;
}

/* The selected line stays selected while new ones come above it. */
static void update(struct screen *screen)
{
    struct journal_screen *about = (struct journal_screen *)screen;
    guint before = about->lines->len;

    if (!journal_reader_update(app_journal(screen->app)))
        return;
    choose_lines(about);
    if (about->at > 0 && about->lines->len > before)
        about->at += about->lines->len - before;
}

/* --- drawing ------------------------------------------------------------------------------- */

static bool unfinished(const struct journal_screen *about, guint line)
{
    return journal_book_unfinished(book_of(about), g_array_index(about->lines, guint, line));
}

static enum paint paint_of(const struct journal_screen *about, guint line)
{
    const struct journal_entry *entry = entry_at(about, line);

    if (entry->kind == JOURNAL_SEEN || unfinished(about, line) ||
        !g_strcmp0(entry->outcome, "failed"))
        return PAINT_NOTICE;
    return PAINT_TEXT;
}

/* How wide each cell is, with the blank after it; the change has the rest. */
struct widths {
    int from; /* columns of the screen */
    int time, skip, who, where, outcome;
};
static const struct widths *widths_of(const struct canvas *canvas)
{
    /* clang-format off */
    static const struct widths all[] = {
        {120, 20,  0, 24, 32, 32},
        { 60,  9, 11,  9, 17, 12},
        {  0,  6, 11,  0, 12,  0},
    };
    /* clang-format on */

    for (size_t i = 0;; i++) {
        if (canvas->columns >= all[i].from)
            return &all[i];
    }
}

static int cell(const struct canvas *canvas, int row, int column, int width, enum paint paint,
                char *text)
{
    g_autofree char *cut = width > 1 ? width_cut(text, width - 1) : NULL;

    if (cut)
        canvas_text(canvas, row, column, paint, cut);
    g_free(text);
    return column + width;
}

/* Which host stands below where there is no room. */
static char *where_of(const struct canvas *canvas, const struct journal_entry *entry)
{
    return canvas->columns >= 120 ? journal_words_where(entry)
                                  : text_clean(entry->domain ? entry->domain : "");
}

static char *outcome_of(const struct journal_screen *about, const struct canvas *canvas,
                        const struct journal_entry *entry, guint line)
{
    return canvas->columns >= 120 ? journal_words_outcome(entry, unfinished(about, line))
                                  : journal_words_brief(entry, unfinished(about, line));
}

static void draw_line(struct journal_screen *about, const struct canvas *canvas, int row,
                      guint line)
{
    const struct journal_entry *entry = entry_at(about, line);
    const struct widths *widths = widths_of(canvas);
    enum paint paint = paint_of(about, line);
    g_autofree char *time = journal_words_time(entry), *where = where_of(canvas, entry);
    int column, end = canvas->columns - widths->outcome;

    column = cell(canvas, row, 1, widths->time, paint, g_strdup(time + widths->skip));
    column = cell(canvas, row, column, widths->who, paint, journal_words_who(entry));
    column =
        cell(canvas, row, column, widths->where, paint, width_cut_middle(where, widths->where - 1));
    cell(canvas, row, column, end - column, paint,
         journal_words_change(entry, app_options(about->screen.app)->backends));
    cell(canvas, row, end, widths->outcome + 1, paint, outcome_of(about, canvas, entry, line));
    if (line != about->at)
        return;
    canvas_text(canvas, row, 0, PAINT_STRONG, ">");
    canvas_cursor(canvas, row, 0, false);
}

static void draw_detail(struct journal_screen *about, const struct canvas *canvas)
{
    const struct journal_entry *entry = entry_at(about, about->at);
    g_autofree char *who = NULL, *where = NULL, *change = NULL, *outcome = NULL, *time = NULL;
    g_autofree char *text = NULL;
    int row;

    if (!entry)
        return;
    time = journal_words_time(entry);
    who = journal_words_who(entry);
    where = journal_words_where(entry);
    change = journal_words_change(entry, app_options(about->screen.app)->backends);
    outcome = journal_words_outcome(entry, unfinished(about, about->at));
    text = g_strdup_printf("%s  %s  %s%s%s", time, who, where, entry->batch ? "  " : "",
                           entry->batch ? entry->batch : "");
    row = canvas_wrap(canvas, 0, 0, 2, PAINT_STRONG, text);
    g_free(text);
    text = g_strdup_printf("%s: %s", change, outcome);
    canvas_wrap(canvas, row, 0, 2, PAINT_TEXT, text);
}

static void draw(struct screen *screen, const struct canvas *canvas)
{
    struct journal_screen *about = (struct journal_screen *)screen;
    int detail = canvas->rows >= DETAIL_FROM ? DETAIL : 0;
    struct canvas list = canvas_part(canvas, 1, 0, canvas->rows - 1 - detail, -1);
    struct canvas below = canvas_part(canvas, canvas->rows - detail + 1, 0, detail - 1, -1);

    canvas_printf(canvas, 0, 0, PAINT_STRONG, "Journal  %s: %u of %u", shown_names[about->shown],
                  about->lines->len, book_of(about)->entries->len);
    about->rows = list.rows;
    about->top = CLAMP(about->top, MAX((int)about->at - list.rows + 1, 0), (int)about->at);
    for (int i = 0; i < list.rows && (guint)(about->top + i) < about->lines->len; i++)
        draw_line(about, &list, i, (guint)(about->top + i));
    if (!about->lines->len)
        canvas_text(&list, 0, 1, PAINT_STALE, "there is nothing to show");
    if (detail)
        draw_detail(about, &below);
}

static const char *status(struct screen *screen)
{
    struct journal_screen *about = (struct journal_screen *)screen;
    const GPtrArray *problems = journal_reader_problems(app_journal(screen->app));

    if (problems->len)
        g_string_printf(about->status, "%s", (const char *)problems->pdata[problems->len - 1]);
    else if (entry_at(about, about->at) && !app_read_only(screen->app))
        g_string_assign(about->status, "Enter stages what takes it back; nothing is written yet");
    else
        g_string_truncate(about->status, 0);
    return about->status->str;
}

/* --- keys ---------------------------------------------------------------------------------- */

static void next_shown(struct screen *screen)
{
    struct journal_screen *about = (struct journal_screen *)screen;

    about->shown = (about->shown + 1) % SHOWN_COUNT_;
    about->at = 0;
    choose_lines(about);
}

/* All that are here are staged, or none. */
static bool stage(struct app *app, const GPtrArray *stored, GError **error)
{
    size_t n = model_n_connections(app_model(app));
    g_autofree const struct snapshot **snapshots = g_new(const struct snapshot *, n + 1);
    g_autofree struct change *changes = g_new(struct change, stored->len);

    for (size_t i = 0; i < n; i++)
        snapshots[i] = model_snapshot(app_model(app), (uint16_t)i);
    for (guint i = 0; i < stored->len; i++) {
        if (!stored_change_resolve(stored->pdata[i], snapshots, n, &changes[i], error))
            return false;
    }
    for (guint i = 0; i < stored->len; i++)
        changeset_put(app_changes(app), &changes[i]);
    return true;
}

/* What was written at once goes back at once; what was seen is one value. */
static void take_back(struct screen *screen)
{
    struct journal_screen *about = (struct journal_screen *)screen;
    const struct journal_entry *entry = entry_at(about, about->at);
    g_autoptr(GPtrArray) stored = NULL;
    g_autoptr(GPtrArray) left = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) error = NULL;
    bool ok;

    if (!entry)
        return;
    ok = entry->batch ? journal_undo(book_of(about), entry->batch, &stored, left, &error)
                      : journal_undo_entry(entry, &stored, &error);
    for (guint i = 0; i < left->len; i++)
        app_message(screen->app, "%s", (const char *)left->pdata[i]);
    if (ok && stage(screen->app, stored, &error))
        screen_review_open(screen->app);
    else
        app_error(screen->app, "%s", error->message);
}

static void back(struct screen *screen)
{
    app_pop(screen->app, screen);
}

/* clang-format off */
static const struct binding bindings[] = {
    {K_ENTER, 0, "Undo", "take-back", "stages what takes the selected batch back, for the review: what was seen to change by another hand, too", BINDING_WRITES, take_back},
    {'m', 0, "Mine", "whose", "all, mine, others', and what was seen to change by another hand", 0, next_shown},
    {K_ESC, K_LEFT, "Back", "back", "back to the screen before", 0, back},
    {0},
};
/* clang-format on */

static bool event(struct screen *screen, const struct event *event)
{
    struct journal_screen *about = (struct journal_screen *)screen;
    int page = MAX(about->rows - 1, 1), n = (int)about->lines->len, step;
    const struct {
        int key, twin, step;
    } moves[] = {
        {'j', K_DOWN, 1},
        {'k', K_UP, -1},
        {K_CTRL('f'), K_PAGE_DOWN, page},
        {K_CTRL('b'), K_PAGE_UP, -page},
        {'G', K_END, n},
        {'g', K_HOME, -n},
    };

    step = event->kind == EVENT_WHEEL_UP ? -3 : event->kind == EVENT_WHEEL_DOWN ? 3 : 0;
    for (size_t i = 0; event->kind == EVENT_KEY && i < G_N_ELEMENTS(moves); i++) {
        if (event->key == moves[i].key || event->key == moves[i].twin)
            step = moves[i].step;
    }
    if (step)
        about->at = (guint)CLAMP((int)about->at + step, 0, MAX(n - 1, 0));
    return step != 0;
}

static void free_screen(struct screen *screen)
{
    struct journal_screen *about = (struct journal_screen *)screen;

    journal_author_free(about->me);
    g_array_unref(about->lines);
    g_string_free(about->status, TRUE);
    g_free(about);
}

static const struct screen_ops ops = {
    .name = "journal",
    .title = "Journal",
    .about = "What was written, by whom and what became of it, and what was seen to change by "
             "another hand; the newest on top. A change without an outcome is one that nobody "
             "knows the end of: its process or its host ended in between.",
    .bindings = bindings,
    .draw = draw,
    .status = status,
    .event = event,
    .update = update,
    .free = free_screen,
};

struct screen *screen_journal_new(struct app *app)
{
    struct journal_screen *about = g_new0(struct journal_screen, 1);

    about->screen.ops = &ops;
    about->screen.app = app;
    about->me = journal_author_new();
    about->lines = g_array_new(FALSE, FALSE, sizeof(guint));
    about->status = g_string_new(NULL);
    journal_reader_update(app_journal(app));
    choose_lines(about);
    return &about->screen;
}
