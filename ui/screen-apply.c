/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/screen-apply.h"

#include "model/changeset.h"
#include "model/model.h"
#include "ui/change-words.h"
#include "ui/keybar.h"
#include "ui/page.h"
#include "ui/screen-form.h"
#include "ui/screens.h"

#include <string.h>

#define WAIT_MS 5000 /* for a balloon on its way; then it is left alone */
#define DEAF_US 300000

struct call {
    char *command;
    const char *state; /* "being sent", "done", … */
};

struct apply {
    struct screen screen;
    struct page *page;
    struct job *job; /* NULL once it is done */
    struct result *results;
    size_t n_results;
    GArray *calls; /* struct call */
    size_t step, n_steps;
    enum apply_phase phase;
    bool cancelled;
    char *error;
    gint64 deaf_until;
    GArray *conflicts; /* size_t: places of results that are still to be decided */
    GString *status;
};

static void call_clear(gpointer data)
{
    g_free(((struct call *)data)->command);
}

static void results_free(struct apply *apply)
{
    for (size_t i = 0; i < apply->n_results; i++)
        result_clear(&apply->results[i]);
    g_free(apply->results);
    apply->results = NULL;
    apply->n_results = 0;
}

static void results_copy(struct apply *apply, const struct apply_progress *progress)
{
    results_free(apply);
    apply->results = g_memdup2(progress->results, progress->n_results * sizeof *apply->results);
    apply->n_results = progress->n_results;
    for (size_t i = 0; i < apply->n_results; i++)
        apply->results[i].text = g_strdup(progress->results[i].text);
}

/* --- how it goes --------------------------------------------------------------------------- */

static bool written(enum outcome outcome)
{
    return outcome == OUTCOME_CHANGED || outcome == OUTCOME_UNCHANGED ||
           outcome == OUTCOME_PENDING || outcome == OUTCOME_ROUNDED;
}

/* What was written is not staged any more; what somebody else moved is asked about. */
static void settle(struct apply *apply)
{
    struct changeset *changes = app_changes(apply->screen.app);

    for (size_t i = 0; i < apply->n_results; i++) {
        const struct result *result = &apply->results[i];
        const struct change *change = &result->change;

        if (written(result->outcome))
            changeset_drop(changes, &change->key, change->tunable, change->scope);
        if (result->outcome == OUTCOME_CONFLICT)
            g_array_append_val(apply->conflicts, i);
    }
}

static void note_call(struct apply *apply, const struct apply_progress *progress)
{
    struct call call = {0}, *last;

    if (progress->phase == APPLY_STEP && progress->current) {
        call.command = g_strdup(progress->current->command ? progress->current->command
                                                           : "a call without a command");
        call.state = "being sent";
        g_array_append_val(apply->calls, call);
    }
    if (!apply->calls->len)
        return;
    last = &g_array_index(apply->calls, struct call, apply->calls->len - 1);
    for (guint i = 0; i + 1 < apply->calls->len; i++)
        g_array_index(apply->calls, struct call, i).state = "sent, read back";
    if (progress->phase == APPLY_READ_BACK)
        last->state = "sent, reading back";
    else if (progress->phase == APPLY_WAITING || progress->phase == APPLY_DONE)
        last->state = "sent, read back";
}

static void choose_keys(struct apply *apply);

static void progress(const struct apply_progress *progress, void *data)
{
    struct apply *apply = data;

    apply->phase = progress->phase;
    apply->step = progress->step;
    apply->n_steps = progress->n_steps;
    results_copy(apply, progress);
    note_call(apply, progress);
    if (progress->phase == APPLY_DONE) {
        apply->job = NULL;
        apply->error = progress->error ? g_strdup(progress->error->message) : NULL;
        settle(apply);
        choose_keys(apply);
        app_flush_input(apply->screen.app);
        apply->deaf_until = g_get_monotonic_time() + DEAF_US;
    }
    app_redraw(apply->screen.app);
}

/* --- what it says -------------------------------------------------------------------------- */

static const char *name_of(struct apply *apply, const struct domain_key *key, struct row *row)
{
    return model_find(app_model(apply->screen.app), key, row) ? row->domain->identity->name
                                                              : "a domain that is gone";
}

static void fill_calls(struct apply *apply)
{
    for (guint i = 0; i < apply->calls->len; i++) {
        const struct call *call = &g_array_index(apply->calls, struct call, i);

        page_line(apply->page, PAINT_TEXT, NULL, 4, "%u/%zu %s: %s", i + 1,
                  MAX(apply->n_steps, (size_t)i + 1), call->state, call->command);
    }
}

static enum paint outcome_paint(enum outcome outcome)
{
    switch (outcome) {
    case OUTCOME_CHANGED:
    case OUTCOME_KEPT:
        return PAINT_OK;
    case OUTCOME_FAILED:
    case OUTCOME_REFUSED:
    case OUTCOME_CONFLICT:
        return PAINT_KILLED;
    case OUTCOME_SKIPPED:
    case OUTCOME_GONE_BACK:
    case OUTCOME_PENDING:
    case OUTCOME_ROUNDED:
        return PAINT_NOTICE;
    case OUTCOME_UNCHANGED:
    case OUTCOME_WOULD_CHANGE:
        return PAINT_TEXT;
    }
    return PAINT_TEXT;
}

static void fill_result(struct apply *apply, const struct result *result)
{
    const struct change *change = &result->change;
    bool waiting = apply->job && result->outcome == OUTCOME_SKIPPED && !result->text;
    g_autofree char *label = words_label(change->tunable);
    g_autofree char *pair = words_pair(change->tunable, change->from, change->to);

    page_line(apply->page, waiting ? PAINT_TEXT : outcome_paint(result->outcome), NULL, 4,
              "%s %s  %s  %s%s%s", label, words_scope(change->scope), pair,
              waiting ? "waiting" : outcome_name(result->outcome), result->text ? ": " : "",
              result->text ? result->text : "");
}

static void fill_results(struct apply *apply)
{
    const struct domain_key *last = NULL;
    struct row row;

    for (size_t i = 0; i < apply->n_results; i++) {
        const struct domain_key *key = &apply->results[i].change.key;

        if (!last || !domain_key_equal(last, key))
            page_heading(apply->page, name_of(apply, key, &row));
        last = key;
        fill_result(apply, &apply->results[i]);
    }
}

static void fill_summary(struct apply *apply)
{
    static const struct {
        enum outcome outcome;
        const char *word;
    } words[] = {
        {OUTCOME_CHANGED, "changed"},     {OUTCOME_ROUNDED, "rounded"},
        {OUTCOME_PENDING, "on its way"},  {OUTCOME_UNCHANGED, "already so"},
        {OUTCOME_REFUSED, "refused"},     {OUTCOME_CONFLICT, "changed by somebody else"},
        {OUTCOME_FAILED, "failed"},       {OUTCOME_SKIPPED, "not sent"},
        {OUTCOME_GONE_BACK, "gone back"},
    };
    g_autoptr(GString) text = g_string_new(NULL);
    bool all = true;

    for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
        size_t n = 0;

        for (size_t at = 0; at < apply->n_results; at++)
            n += apply->results[at].outcome == words[i].outcome;
        if (n)
            g_string_append_printf(text, "%s%zu %s", text->len ? ", " : "", n, words[i].word);
        all &= !n || written(words[i].outcome);
    }
    page_line(apply->page, all ? PAINT_OK : PAINT_NOTICE, NULL, 0, "%s.%s", text->str,
              all ? "" : " What was not written stays staged.");
    if (apply->error)
        page_line(apply->page, PAINT_KILLED, NULL, 0, "%s", apply->error);
}

static const struct result *conflict(const struct apply *apply)
{
    if (apply->job || !apply->conflicts->len)
        return NULL;
    return &apply->results[g_array_index(apply->conflicts, size_t, 0)];
}

static void fill_conflict(struct apply *apply)
{
    const struct result *result = conflict(apply);
    g_autofree char *label = NULL, *seen = NULL, *now = NULL, *wanted = NULL;
    struct row row;

    if (!result)
        return;
    label = words_label(result->change.tunable);
    seen = words_value(result->change.tunable, result->change.from);
    now = words_value(result->change.tunable, result->before);
    wanted = words_value(result->change.tunable, result->change.to);
    page_line(apply->page, PAINT_STRONG, NULL, 0, "%s %s of %s was changed by somebody else", label,
              words_scope(result->change.scope), name_of(apply, &result->change.key, &row));
    page_line(apply->page, PAINT_TEXT, "  seen", 12, "%s", seen);
    page_line(apply->page, PAINT_TEXT, "  now", 12, "%s", now);
    page_line(apply->page, PAINT_TEXT, "  wanted", 12, "%s", wanted);
    page_line(apply->page, PAINT_STRONG, NULL, 0, "o overwrite   k keep theirs   e edit");
    page_blank(apply->page);
}

static void apply_draw(struct screen *screen, const struct canvas *canvas)
{
    struct apply *apply = (struct apply *)screen;
    struct canvas rest = canvas_part(canvas, canvas->rows > 6 ? 2 : 1, 0, -1, -1);

    page_begin(apply->page);
    fill_conflict(apply);
    if (!apply->job)
        fill_summary(apply);
    if (!apply->job)
        page_blank(apply->page);
    fill_results(apply);
    page_blank(apply->page);
    fill_calls(apply);
    canvas_text(canvas, 0, 0, PAINT_STRONG, apply->job ? "Applying" : "Results");
    page_draw(apply->page, &rest);
    canvas_cursor(canvas, 0, 0, false);
}

static const char *apply_status(struct screen *screen)
{
    struct apply *apply = (struct apply *)screen;
    static const char *const phases[] = {
        [APPLY_OPENING] = "opening for writing",
        [APPLY_READING] = "reading what is there now",
        [APPLY_STEP] = "writing",
        [APPLY_READ_BACK] = "reading back",
        [APPLY_WAITING] = "waiting for it to get there",
        [APPLY_DONE] = "",
    };

    if (apply->job)
        g_string_printf(apply->status, "%s%s. Esc stops before the next call.",
                        phases[apply->phase], apply->cancelled ? ", then it stops" : "");
    else if (conflict(apply))
        g_string_assign(apply->status, "o, k or e decides; Esc leaves it staged as it is");
    else
        g_string_assign(apply->status, "Enter or Esc goes back");
    return apply->status->str;
}

/* --- keys ---------------------------------------------------------------------------------- */

static void back(struct screen *screen)
{
    struct apply *apply = (struct apply *)screen;

    if (apply->job) {
        apply->cancelled = true;
        job_cancel(apply->job);
        return;
    }
    if (g_get_monotonic_time() >= apply->deaf_until)
        app_pop(screen->app, screen);
}

static void enter(struct screen *screen)
{
    struct apply *apply = (struct apply *)screen;

    if (!apply->job && !conflict(apply))
        back(screen);
}

static void decided(struct apply *apply)
{
    g_array_remove_index(apply->conflicts, 0);
    choose_keys(apply);
}

static void overwrite(struct screen *screen)
{
    struct apply *apply = (struct apply *)screen;
    const struct result *result = conflict(apply);
    struct change change;

    if (!result)
        return;
    /* From now on theirs is what was seen; the review judges it again before it is written. */
    change = result->change;
    change.from = result->before;
    changeset_put(app_changes(screen->app), &change);
    decided(apply);
    app_message(screen->app, "staged over theirs: the review's a writes it");
    if (!conflict(apply))
        app_pop(screen->app, screen);
}

static void keep(struct screen *screen)
{
    struct apply *apply = (struct apply *)screen;
    const struct result *result = conflict(apply);

    if (!result)
        return;
    changeset_drop(app_changes(screen->app), &result->change.key, result->change.tunable,
                   result->change.scope);
    decided(apply);
    app_message(screen->app, "theirs is kept: this change is not staged any more");
    if (!conflict(apply))
        app_pop(screen->app, screen);
}

static void edit(struct screen *screen)
{
    struct apply *apply = (struct apply *)screen;
    const struct result *result = conflict(apply);
    struct app *app = screen->app;
    struct screen *form;
    struct domain_key key;
    const struct tunable *tunable;

    if (!result)
        return;
    key = result->change.key;
    tunable = result->change.tunable;
    decided(apply);
    if (!conflict(apply))
        app_pop(app, screen);
    form = screen_form_new(app, &key, 1, tunable);
    if (form)
        app_push(app, form);
}

static void help(struct screen *screen)
{
    app_push(screen->app, screen_help_new(screen->app, screen));
}

/* clang-format off */
#define ALWAYS \
    {K_ESC, K_CTRL('c'), "Back", NULL, "while it runs: stops before the next call; then: back", 0, back}, \
    {K_ENTER, 0, NULL, NULL, "back, once all is done and decided", 0, enter}, \
    {K_F(1), '?', "Help", NULL, "this help", 0, help}, \
    {0},

static const struct binding bindings[] = {ALWAYS};
static const struct binding conflict_bindings[] = {
    {'o', 0, "Overwrite", NULL, "somebody else changed it: stage it again over theirs", 0, overwrite},
    {'k', 0, "Keep", NULL, "somebody else changed it: keep theirs, drop the change", 0, keep},
    {'e', 0, "Edit", NULL, "somebody else changed it: type another value", 0, edit},
    ALWAYS
};
/* clang-format on */

static bool apply_event(struct screen *screen, const struct event *event)
{
    struct apply *apply = (struct apply *)screen;
    bool bound =
        event->kind == EVENT_KEY && binding_find(screen->app, screen->ops->bindings, event->key);

    return !bound && page_event(apply->page, event);
}

static bool apply_may_close(struct screen *screen)
{
    struct apply *apply = (struct apply *)screen;

    if (!apply->job)
        return true;
    app_message(screen->app, "it is being written: Esc stops before the next call");
    return false;
}

static void apply_free(struct screen *screen)
{
    struct apply *apply = (struct apply *)screen;

    results_free(apply);
    page_free(apply->page);
    g_array_unref(apply->calls);
    g_array_unref(apply->conflicts);
    g_string_free(apply->status, TRUE);
    g_free(apply->error);
    g_free(apply);
}

/* Keys that decide a conflict are there only while there is one. */
#define OPS(bindings_)                                                                             \
    {                                                                                              \
        .name = "apply", .title = "Results",                                                       \
        .about =                                                                                   \
            "Each call as it is sent and read back, and what became of each change. What was "     \
            "written is not staged any more; what failed or was not sent stays.",                  \
        .flags = SCREEN_KEEPS_KEYS, .bindings = bindings_, .draw = apply_draw,                     \
        .status = apply_status, .event = apply_event, .may_close = apply_may_close,                \
        .free = apply_free,                                                                        \
    }

static const struct screen_ops ops = OPS(bindings);
static const struct screen_ops conflict_ops = OPS(conflict_bindings);

static void choose_keys(struct apply *apply)
{
    apply->screen.ops = conflict(apply) ? &conflict_ops : &ops;
}

void screen_apply_open(struct app *app, const struct change *changes, size_t n)
{
    const struct apply_options options = {.wait_ms = WAIT_MS};
    struct apply *apply = g_new0(struct apply, 1);
    g_autoptr(GError) error = NULL;

    apply->screen.ops = &ops;
    apply->page = page_new();
    apply->calls = g_array_new(FALSE, TRUE, sizeof(struct call));
    g_array_set_clear_func(apply->calls, call_clear);
    apply->conflicts = g_array_new(FALSE, FALSE, sizeof(size_t));
    apply->status = g_string_new(NULL);
    app_push(app, &apply->screen);
    apply->job = model_apply(app_model(app), changes, n, &options, progress, apply, &error);
    if (apply->job)
        return;
    app_error(app, "%s", error->message);
    app_pop(app, &apply->screen);
}
