/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/screen-apply.h"

#include "model/changeset.h"
#include "ui/change-words.h"
#include "ui/keybar.h"
#include "ui/screen-apply-private.h"
#include "ui/screens.h"

#define WAIT_MS 5000 /* for a balloon on its way; then it is left alone */
#define DEAF_US 300000

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

bool apply_written(enum outcome outcome)
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

        if (apply_written(result->outcome))
            changeset_drop(changes, &change->key, change->tunable, change->scope);
        if (result->outcome == OUTCOME_CONFLICT)
            g_array_append_val(apply->conflicts, i);
    }
}

/* Of the steps of a safe shrink, what they do says more. */
static char *call_text(const struct step *step)
{
    const struct change *change = &step->changes[0];
    g_autofree char *label = NULL, *pair = NULL;

    if (step->shrink != SHRINK_DOWN && step->shrink != SHRINK_UNDO)
        return g_strdup(step->command ? step->command : "a call without a command");
    label = words_label(change->tunable);
    pair = words_pair(change->tunable, change->from, change->to);
    return g_strdup_printf("%s %s%s", label, pair,
                           step->shrink == SHRINK_UNDO ? ", as it was" : "");
}

static void note_call(struct apply *apply, const struct apply_progress *progress)
{
    struct call call = {0}, *last;

    if (progress->phase == APPLY_STEP && progress->current) {
        call.command = call_text(progress->current);
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
    else if (progress->phase == APPLY_SQUEEZING)
        last->state = "sent, waiting until it has followed";
    else if (progress->phase == APPLY_WAITING || progress->phase == APPLY_WATCHING ||
             progress->phase == APPLY_RESTORING || progress->phase == APPLY_DONE)
        last->state = "sent, read back";
}

static void progress(const struct apply_progress *progress, void *data)
{
    struct apply *apply = data;

    apply->phase = progress->phase;
    apply->step = progress->step;
    apply->n_steps = progress->n_steps;
    apply->restoring |= progress->phase == APPLY_RESTORING;
    if (progress->phase == APPLY_SQUEEZING)
        apply->restoring = false; /* another domain */
    if (progress->detail || progress->phase == APPLY_DONE) {
        g_free(apply->detail);
        apply->detail = g_strdup(progress->detail);
    }
    results_copy(apply, progress);
    note_call(apply, progress);
    if (progress->phase == APPLY_DONE) {
        apply->job = NULL;
        apply->error = progress->error ? g_strdup(progress->error->message) : NULL;
        settle(apply);
        apply_choose_keys(apply);
        app_flush_input(apply->screen.app);
        apply->deaf_until = g_get_monotonic_time() + DEAF_US;
        apply_ask_unrecorded(apply);
    }
    app_redraw(apply->screen.app);
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
        [APPLY_SQUEEZING] = "waiting until it holds less",
        [APPLY_WATCHING] = "watching how it takes it",
        [APPLY_RESTORING] = "going back to what it was",
        [APPLY_DONE] = "",
    };

    if (apply->job)
        g_string_printf(apply->status, "%s%s. Esc %s.", phases[apply->phase],
                        apply->cancelled ? ", then it stops" : "",
                        apply->options.safe_shrink ? "goes back to what it was"
                                                   : "stops before the next call");
    else if (apply_conflict(apply))
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

    if (!apply->job && !apply_conflict(apply))
        back(screen);
}

static void help(struct screen *screen)
{
    app_push(screen->app, screen_help_new(screen->app, screen));
}

/* clang-format off */
#define ALWAYS \
    {K_ESC, K_CTRL('c'), "Back", NULL, "while it runs: stops before the next call (a safe shrink goes back to what it was); then: back", 0, back}, \
    {K_ENTER, 0, NULL, NULL, "back, once all is done and decided", 0, enter}, \
    {K_F(1), '?', "Help", NULL, "this help", 0, help}, \
    {0},

static const struct binding bindings[] = {ALWAYS};
static const struct binding conflict_bindings[] = {
    {'o', 0, "Overwrite", NULL, "somebody else changed it: stage it again over theirs", 0, apply_overwrite},
    {'k', 0, "Keep", NULL, "somebody else changed it: keep theirs, drop the change", 0, apply_keep},
    {'e', 0, "Edit", NULL, "somebody else changed it: type another value", 0, apply_edit},
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
    g_free(apply->detail);
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

void apply_choose_keys(struct apply *apply)
{
    apply->screen.ops = apply_conflict(apply) ? &conflict_ops : &ops;
}

static void start(struct app *app, const struct change *changes, size_t n,
                  const struct apply_options *options)
{
    struct apply *apply = g_new0(struct apply, 1);
    g_autoptr(GError) error = NULL;

    apply->screen.ops = &ops;
    apply->options = *options;
    apply->page = page_new();
    apply->calls = g_array_new(FALSE, TRUE, sizeof(struct call));
    g_array_set_clear_func(apply->calls, call_clear);
    apply->conflicts = g_array_new(FALSE, FALSE, sizeof(size_t));
    apply->status = g_string_new(NULL);
    app_push(app, &apply->screen);
    apply->job = model_apply(app_model(app), changes, n, options, progress, apply, &error);
    if (apply->job)
        return;
    app_error(app, "%s", error->message);
    app_pop(app, &apply->screen);
}

void screen_apply_open(struct app *app, const struct change *changes, size_t n)
{
    const struct apply_options options = {.wait_ms = WAIT_MS};

    start(app, changes, n, &options);
}

void screen_apply_open_shrink(struct app *app, const struct change *changes, size_t n)
{
    const struct apply_options options = {.wait_ms = WAIT_MS, .safe_shrink = true};

    start(app, changes, n, &options);
}

void screen_apply_open_unrecorded(struct app *app, const struct change *changes, size_t n)
{
    const struct apply_options options = {.wait_ms = WAIT_MS, .unrecorded = true};

    start(app, changes, n, &options);
}
