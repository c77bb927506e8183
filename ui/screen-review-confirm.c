/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Applying what goes back unless it is kept. What kills is never offered it: a kill takes
 * milliseconds. What only loosens needs none. */
#include "ui/screen-review-private.h"

#include "model/guard.h"
#include "ui/screen-countdown.h"

#include <string.h>

static bool may_confirm(const struct review_group *group, enum review_verdict verdict)
{
    return group->verdict == verdict && group->tightens;
}

/* The changes of all that needs no typing first, or of all; newly allocated. */
static struct change *changes_of(const struct review *review, bool dangerous, size_t *n)
{
    struct change *changes = g_new(struct change, review_n_changes(review) + 1);

    *n = 0;
    for (size_t i = 0; i < review_count(review); i++) {
        const struct review_group *group = review_get(review, i);

        if (!may_confirm(group, REVIEW_READY) &&
            !(dangerous && may_confirm(group, REVIEW_ASKS_NAME)))
            continue;
        for (size_t at = 0; at < group->n; at++)
            changes[(*n)++] = group->changes[at];
    }
    return changes;
}

/* Asked once for what is staged: it does not change while one looks at it. */
static void ask_outlook(struct review_screen *about)
{
    struct change *changes;
    size_t n;

    if (about->guard)
        return;
    changes = changes_of(about->review, true, &n);
    about->guard_ready =
        n > 0 && guard_outlook(app_model(about->screen.app), changes, n, &about->guard);
    if (n == 0)
        about->guard = g_strdup("");
    g_free(changes);
}

/* The selected one, else the first. */
static const struct review_group *dangerous_group(struct review_screen *about)
{
    const struct review_group *group = review_selected_group(about);

    if (group && may_confirm(group, REVIEW_ASKS_NAME))
        return group;
    for (size_t i = 0; i < review_count(about->review); i++)
        if (may_confirm(review_get(about->review, i), REVIEW_ASKS_NAME))
            return review_get(about->review, i);
    return NULL;
}

bool review_may_confirm(struct review_screen *about)
{
    ask_outlook(about);
    return about->guard_ready;
}

void review_confirm(struct screen *screen)
{
    struct review_screen *about = (struct review_screen *)screen;
    const struct review_group *group;
    struct change *changes;
    size_t n;

    review_judge(about);
    ask_outlook(about);
    if (!about->guard_ready) {
        app_error(screen->app, "%s%s", *about->guard ? "no countdown: " : "",
                  *about->guard ? about->guard
                                : "a countdown is for what tightens and does not kill at once: a "
                                  "applies the rest");
        return;
    }
    about->write = screen_countdown_open;
    changes = changes_of(about->review, false, &n);
    if (n) {
        review_ask(about, changes, n);
        return;
    }
    g_free(changes);
    group = dangerous_group(about);
    if (group)
        review_ask_name(about, group);
}
