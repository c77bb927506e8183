/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/screen-review-private.h"

#include "model/model.h"
#include "ui/dialog.h"
#include "ui/screen-apply.h"

#include <string.h>

/* What was confirmed; outlives the review, which may be left while a host is being opened. */
struct pending {
    struct change *changes;
    size_t n;
    void (*write)(struct app *app, const struct change *changes, size_t n);
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
        pending->write(app, pending->changes, pending->n);
    pending_free(pending);
}

static bool shrinks(const struct review_screen *about)
{
    return about->write == screen_apply_open_shrink;
}

static enum review_verdict verdict_of(const struct review_screen *about,
                                      const struct review_group *group)
{
    if (!shrinks(about) || group->shrink.tunable == NULL)
        return group->verdict;
    return group->shrink.offered ? group->shrink.verdict : REVIEW_BLOCKED;
}

/* Between the question and its answer it may have become dangerous. */
static bool worse_now(struct review_screen *about)
{
    review_judge(about);
    for (size_t i = 0; i < review_count(about->review); i++) {
        const struct review_group *group = review_get(about->review, i);

        for (size_t at = 0; at < about->n_asked; at++)
            if (domain_key_equal(&about->asked[at].key, &group->key) &&
                verdict_of(about, group) > about->verdict)
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
    pending->write = about->write;
    start(app, true, pending);
}

static void apply_answer(struct app *app, bool yes, void *data)
{
    if (yes)
        confirmed(data);
    else
        app_message(app, "nothing was written");
}

void review_ask(struct review_screen *about, struct change *changes, size_t n)
{
    static const int yes[] = {K_ENTER, 0};
    g_autofree char *plain = review_question(about->review, changes, n);
    g_autofree char *summary = shrinks(about) ? review_shrink_summary(about->review) : NULL;
    g_autofree char *question =
        summary ? g_strdup_printf("%c%s? Enter = yes", g_ascii_toupper(*summary), summary + 1)
                : g_strdup(plain);

    g_free(about->asked);
    about->asked = changes;
    about->n_asked = n;
    about->verdict = REVIEW_READY;
    dialog_ask(about->screen.app, question, yes, apply_answer, about);
}

/* What has to be typed to write a group that may kill. Newly allocated. */
static char *password_of(const struct review_screen *about, const struct review_group *group)
{
    return g_strdup_printf("%s%s", verdict_of(about, group) == REVIEW_ASKS_KILL ? "kill " : "",
                           review_name(group));
}

static bool typed(struct app *app, const char *text, void *data)
{
    struct review_screen *about = data;
    const struct review_group *group = review_selected_group(about);
    g_autofree char *wanted = NULL, *given = g_strstrip(g_strdup(text ? text : ""));

    if (!*given || !group) {
        app_message(app, "nothing was written");
        return true;
    }
    wanted = password_of(about, group);
    if (strcmp(given, wanted)) {
        app_error(app, "this is not \"%s\": nothing was written", wanted);
        return false;
    }
    confirmed(about);
    return true;
}

void review_ask_name(struct review_screen *about, const struct review_group *group)
{
    g_autofree char *wanted = password_of(about, group);
    g_autofree char *label = g_strdup_printf("Type \"%s\": ", wanted);
    struct prompt prompt = {.label = label, .done = typed, .data = about};

    about->key = group->key;
    about->tunable = group->changes[0].tunable;
    g_free(about->asked);
    about->asked = g_memdup2(shrinks(about) ? group->shrink.changes : group->changes,
                             group->n * sizeof *about->asked);
    about->n_asked = group->n;
    about->verdict = verdict_of(about, group);
    app_flush_input(about->screen.app);
    dialog_prompt(about->screen.app, &prompt);
}

static const struct review_group *first_dangerous(struct review_screen *about)
{
    const struct review_group *group = review_selected_group(about);

    if (group && group->verdict != REVIEW_BLOCKED)
        return group;
    for (size_t i = 0; i < review_count(about->review); i++)
        if (review_get(about->review, i)->verdict != REVIEW_BLOCKED)
            return review_get(about->review, i);
    return NULL;
}

void review_apply(struct screen *screen)
{
    struct review_screen *about = (struct review_screen *)screen;
    const struct review_group *group;
    struct change *changes;
    size_t n;

    review_judge(about);
    about->write = screen_apply_open;
    changes = review_changes(about->review, REVIEW_READY, &n);
    if (n) {
        review_ask(about, changes, n);
        return;
    }
    g_free(changes);
    group = first_dangerous(about);
    if (group)
        review_ask_name(about, group);
    else
        app_error(screen->app, "nothing of this can be written: see what blocks it");
}
