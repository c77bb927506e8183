/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Applying by safe shrink what it can lower, and the rest as ever. */
#include "ui/screen-review-private.h"

#include "ui/screen-apply.h"

/* The selected one, or the first, that asks for its name. */
static const struct review_group *first_to_shrink(struct review_screen *about)
{
    const struct review_group *group = review_selected_group(about);

    if (group && group->shrink.offered)
        return group;
    for (size_t i = 0; i < review_count(about->review); i++)
        if (review_get(about->review, i)->shrink.offered)
            return review_get(about->review, i);
    return NULL;
}

static void refuse_to_shrink(struct review_screen *about)
{
    const struct review_group *group = review_selected_group(about);

    app_error(about->screen.app, "%s",
              group && group->shrink.why_not
                  ? group->shrink.why_not
                  : "nothing of this is lowered in a way that could be shrunk");
}

void review_shrink(struct screen *screen)
{
    struct review_screen *about = (struct review_screen *)screen;
    const struct review_group *group;
    struct change *changes;
    size_t n;

    review_judge(about);
    about->write = screen_apply_open_shrink;
    changes = review_shrink_changes(about->review, REVIEW_READY, &n);
    if (n) {
        review_ask(about, changes, n);
        return;
    }
    g_free(changes);
    group = first_to_shrink(about);
    if (group)
        review_ask_name(about, group);
    else
        refuse_to_shrink(about);
}
