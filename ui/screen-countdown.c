/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/screen-countdown.h"

#include "model/changeset.h"
#include "ui/dialog.h"
#include "ui/screen-countdown-private.h"
#include "ui/screens.h"

#include <string.h>

#define WAIT_MS 5000 /* for a balloon on its way; then it is left alone */
#define DEAF_US 300000

static const struct guard_state *state_of(const struct countdown *countdown)
{
    return guard_state(countdown->guard);
}

/* --- writing the live values --------------------------------------------------------------- */

static void results_free(struct countdown *countdown)
{
    for (size_t i = 0; i < countdown->n_results; i++)
        result_clear(&countdown->results[i]);
    g_clear_pointer(&countdown->results, g_free);
    countdown->n_results = 0;
}

static void results_copy(struct countdown *countdown, const struct apply_progress *progress)
{
    size_t size = progress->n_results * sizeof *countdown->results;

    results_free(countdown);
    countdown->results = g_memdup2(progress->results, size);
    countdown->n_results = progress->n_results;
    for (size_t i = 0; i < countdown->n_results; i++)
        countdown->results[i].text = g_strdup(progress->results[i].text);
}

static bool failed(const struct countdown *countdown)
{
    for (size_t i = 0; i < countdown->n_results; i++) {
        enum outcome outcome = countdown->results[i].outcome;

        if (outcome == OUTCOME_FAILED || outcome == OUTCOME_CONFLICT ||
            outcome == OUTCOME_REFUSED || outcome == OUTCOME_SKIPPED)
            return true;
    }
    return false;
}

static void progress(const struct apply_progress *progress, void *data)
{
    struct countdown *countdown = data;

    guard_report(countdown->guard, progress);
    results_copy(countdown, progress);
    if (progress->phase == APPLY_DONE) {
        countdown->job = NULL;
        countdown->error = progress->error ? g_strdup(progress->error->message) : NULL;
        /* Half of what was wanted is nothing to be kept. */
        if (countdown->error || failed(countdown))
            guard_back(countdown->guard);
    }
    app_redraw(countdown->screen.app);
}

static void write_live(struct countdown *countdown)
{
    struct apply_options options = {.wait_ms = WAIT_MS};
    struct app *app = countdown->screen.app;
    g_autoptr(GError) error = NULL;

    countdown->written = true;
    g_strlcpy(options.batch, guard_batch(countdown->guard), sizeof options.batch);
    countdown->job = model_apply(app_model(app), countdown->live, countdown->n_live, &options,
                                 progress, countdown, &error);
    if (countdown->job)
        return;
    countdown->error = g_strdup(error->message);
    guard_back(countdown->guard);
}

/* --- the guard ----------------------------------------------------------------------------- */

/* What became so is not staged any more; what went back stays staged, to be edited or dropped. */
static void settle(struct countdown *countdown)
{
    const struct guard_state *state = state_of(countdown);
    struct changeset *changes = app_changes(countdown->screen.app);
    bool kept = state->ending == GUARD_END_KEPT || state->ending == GUARD_END_KEPT_UNSAVED;

    for (size_t i = 0; kept && i < countdown->n_live; i++)
        changeset_drop(changes, &countdown->live[i].key, countdown->live[i].tunable,
                       countdown->live[i].scope);
    for (size_t i = 0; i < state->n_results; i++) {
        const struct guard_result *result = &state->results[i];
        const struct change *change;

        if (!result->saved || result->change >= countdown->n_saved ||
            (result->outcome != OUTCOME_CHANGED && result->outcome != OUTCOME_UNCHANGED &&
             result->outcome != OUTCOME_ROUNDED))
            continue;
        change = &countdown->saved[result->change];
        changeset_drop(changes, &change->key, change->tunable, change->scope);
    }
}

static void changed(struct guard *guard, void *data)
{
    struct countdown *countdown = data;
    const struct guard_state *state = guard_state(guard);

    if (state->phase == GUARD_ARMED && !countdown->begun)
        countdown->begun = guard_begin(countdown->guard);
    if (state->phase == GUARD_COUNTING && !countdown->written)
        write_live(countdown);
    if (state->phase == GUARD_RETURNING && countdown->job)
        job_cancel(countdown->job);
    if (state->phase == GUARD_ENDED) {
        settle(countdown);
        app_flush_input(countdown->screen.app);
        countdown->deaf_until = g_get_monotonic_time() + DEAF_US;
    }
    app_redraw(countdown->screen.app);
}

static bool answered(struct app *app, const char *text, void *data)
{
    struct countdown *countdown = data;

    if (countdown->guard)
        guard_answer(countdown->guard, text);
    return true;
}

static void question(struct guard *guard, const char *uri, const struct question *question,
                     void *data)
{
    struct countdown *countdown = data;
    g_autofree char *label = g_strdup_printf("The guard asks: %s: ", question->prompt);
    const struct prompt prompt = {
        .label = label, .secret = question->secret, .done = answered, .data = countdown};

    dialog_prompt(countdown->screen.app, &prompt);
}

/* --- keys ---------------------------------------------------------------------------------- */

static void nothing_written(struct countdown *countdown)
{
    struct app *app = countdown->screen.app;

    g_clear_pointer(&countdown->guard, guard_free);
    app_message(app, "nothing was written");
    app_pop(app, &countdown->screen);
}

/* Left alone it goes on by itself. */
static void leave(struct countdown *countdown, const char *what)
{
    struct app *app = countdown->screen.app;

    if (countdown->job)
        return;
    g_clear_pointer(&countdown->guard, guard_free);
    app_message(app, "the guard %s by itself; J says what became of it", what);
    app_pop(app, &countdown->screen);
}

static void back(struct screen *screen)
{
    struct countdown *countdown = (struct countdown *)screen;

    switch (state_of(countdown)->phase) {
    case GUARD_STARTING:
    case GUARD_ARMED:
        nothing_written(countdown);
        return;
    case GUARD_COUNTING:
        guard_back(countdown->guard);
        return;
    case GUARD_SAVING:
        leave(countdown, "saves it");
        return;
    case GUARD_RETURNING:
        leave(countdown, "goes back");
        return;
    case GUARD_ENDED:
        if (g_get_monotonic_time() >= countdown->deaf_until)
            app_pop(screen->app, screen);
        return;
    }
}

static void enter(struct screen *screen)
{
    struct countdown *countdown = (struct countdown *)screen;
    enum guard_phase phase = state_of(countdown)->phase;

    if (phase == GUARD_ENDED)
        back(screen);
    else if (phase != GUARD_COUNTING)
        return;
    else if (countdown->job)
        app_message(screen->app, "it is still being written");
    else if (!strcmp(countdown->typed, COUNTDOWN_WORD))
        guard_commit(countdown->guard);
    else
        app_message(screen->app, "Enter on its own keeps nothing: type " COUNTDOWN_WORD " first");
}

static void extend(struct screen *screen)
{
    struct countdown *countdown = (struct countdown *)screen;

    if (state_of(countdown)->phase == GUARD_COUNTING)
        guard_extend(countdown->guard);
}

static void stay(struct screen *screen)
{
    struct countdown *countdown = (struct countdown *)screen;

    app_beep(screen->app);
    if (state_of(countdown)->phase != GUARD_ENDED)
        app_message(screen->app, "a countdown runs: type keep and Enter, or Esc goes back");
}

static void redraw(struct screen *screen)
{
    app_redraw(screen->app);
}

/* clang-format off */
static const struct binding bindings[] = {
    {K_ENTER, 0, NULL, NULL, "after the typed word keep: keeps it, then writes it to config; at the end: back", 0, enter},
    {K_ESC, K_CTRL('c'), "Back", NULL, "goes back now; at the end: leaves this screen", 0, back},
    {'+', 0, "60s", NULL, "60 s more, up to 10 min", 0, extend},
    {'q', K_F(10), NULL, NULL, "nothing while a countdown runs", BINDING_HIDDEN, stay},
    {K_CTRL('z'), 0, NULL, NULL, "nothing while a countdown runs", BINDING_HIDDEN, stay},
    {K_CTRL('l'), 0, NULL, NULL, "redraw", BINDING_HIDDEN, redraw},
    {0},
};
/* clang-format on */

/* Letters of the word in their order; all others do nothing. */
static void type(struct countdown *countdown, int key)
{
    size_t n = strlen(countdown->typed);

    if (key == K_BACKSPACE || key == 8 || key == K_CTRL('u'))
        countdown->typed[key == K_CTRL('u') || n == 0 ? 0 : n - 1] = '\0';
    else if (n < strlen(COUNTDOWN_WORD) && key == COUNTDOWN_WORD[n])
        countdown->typed[n] = COUNTDOWN_WORD[n];
}

static bool countdown_event(struct screen *screen, const struct event *event)
{
    struct countdown *countdown = (struct countdown *)screen;

    if (event->kind == EVENT_KEY && state_of(countdown)->phase == GUARD_COUNTING)
        type(countdown, event->key);
    return page_event(countdown->page, event);
}

/* --- the screen ---------------------------------------------------------------------------- */

static const char *countdown_status(struct screen *screen)
{
    struct countdown *countdown = (struct countdown *)screen;
    static const char *const phases[] = {
        [GUARD_STARTING] = "starting the guard; nothing is written yet. Esc goes back",
        [GUARD_ARMED] = "the guard is ready",
        [GUARD_COUNTING] = "+ gives 60 s more, 10 min at most",
        [GUARD_SAVING] = "kept; writing it to config",
        [GUARD_RETURNING] = "going back. Esc leaves this screen, the guard goes on",
        [GUARD_ENDED] = "Enter or Esc leaves",
    };

    if (countdown->job)
        return "writing; Esc stops it and goes back";
    return phases[state_of(countdown)->phase];
}

static void countdown_update(struct screen *screen)
{
    app_redraw(screen->app);
}

static bool countdown_may_close(struct screen *screen)
{
    struct countdown *countdown = (struct countdown *)screen;

    if (!countdown->guard || state_of(countdown)->phase == GUARD_ENDED)
        return true;
    stay(screen);
    return false;
}

static void countdown_free(struct screen *screen)
{
    struct countdown *countdown = (struct countdown *)screen;

    guard_free(countdown->guard);
    results_free(countdown);
    page_free(countdown->page);
    g_string_free(countdown->status, TRUE);
    g_free(countdown->live);
    g_free(countdown->saved);
    g_free(countdown->error);
    g_free(countdown);
}

static const struct screen_ops ops = {
    .name = "countdown",
    .title = "Keep or go back",
    .about = "What was written is live and not saved. It goes back by itself unless it is kept: "
             "when the time is over, when something is killed, when it hurts, and when this "
             "program or its line ends.",
    .flags = SCREEN_KEEPS_KEYS,
    .bindings = bindings,
    .draw = countdown_draw,
    .status = countdown_status,
    .event = countdown_event,
    .update = countdown_update,
    .may_close = countdown_may_close,
    .free = countdown_free,
};

/* Live values are written now; persistent ones once it is kept. */
static void part_changes(struct countdown *countdown, const struct change *changes, size_t n)
{
    countdown->live = g_new(struct change, n);
    countdown->saved = g_new(struct change, n);
    for (size_t i = 0; i < n; i++) {
        if (changes[i].scope == SCOPE_CONFIG)
            countdown->saved[countdown->n_saved++] = changes[i];
        else
            countdown->live[countdown->n_live++] = changes[i];
    }
}

void screen_countdown_open(struct app *app, const struct change *changes, size_t n)
{
    struct countdown *countdown = g_new0(struct countdown, 1);
    const struct guard_listener listener = {changed, question, countdown};
    struct guard_plan plan = {.seconds = app_countdown(app)};
    g_autoptr(GError) error = NULL;

    countdown->screen.ops = &ops;
    countdown->screen.app = app;
    countdown->page = page_new();
    countdown->status = g_string_new(NULL);
    part_changes(countdown, changes, n);
    plan.live = countdown->live;
    plan.n_live = countdown->n_live;
    plan.saved = countdown->saved;
    plan.n_saved = countdown->n_saved;
    countdown->guard = guard_start(app_model(app), &plan, &listener, &error);
    if (countdown->guard) {
        app_push(app, &countdown->screen);
        return;
    }
    app_error(app, "%s", error->message);
    countdown_free(&countdown->screen);
}
