/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/screen-apply-private.h"

#include "model/changeset.h"
#include "ui/change-words.h"
#include "ui/screen-form.h"

const struct result *apply_conflict(const struct apply *apply)
{
    if (apply->job || !apply->conflicts->len)
        return NULL;
    return &apply->results[g_array_index(apply->conflicts, size_t, 0)];
}

void apply_draw_conflict(struct apply *apply)
{
    const struct result *result = apply_conflict(apply);
    g_autofree char *label = NULL, *seen = NULL, *now = NULL, *wanted = NULL;
    struct row row;

    if (!result)
        return;
    label = words_label(result->change.tunable);
    seen = words_value(result->change.tunable, result->change.from);
    now = words_value(result->change.tunable, result->before);
    wanted = words_value(result->change.tunable, result->change.to);
    page_line(apply->page, PAINT_STRONG, NULL, 0, "%s %s of %s was changed by somebody else", label,
              words_scope(result->change.scope), apply_name(apply, &result->change.key, &row));
    page_line(apply->page, PAINT_TEXT, "  seen", 12, "%s", seen);
    page_line(apply->page, PAINT_TEXT, "  now", 12, "%s", now);
    page_line(apply->page, PAINT_TEXT, "  wanted", 12, "%s", wanted);
    page_line(apply->page, PAINT_STRONG, NULL, 0, "o overwrite   k keep theirs   e edit");
    page_blank(apply->page);
}

static void decided(struct apply *apply)
{
    g_array_remove_index(apply->conflicts, 0);
    apply_choose_keys(apply);
}

void apply_overwrite(struct screen *screen)
{
    struct apply *apply = (struct apply *)screen;
    const struct result *result = apply_conflict(apply);
    struct change change;

    if (!result)
        return;
    /* From now on theirs is what was seen; the review judges it again before it is written. */
    change = result->change;
    change.from = result->before;
    changeset_put(app_changes(screen->app), &change);
    decided(apply);
    app_message(screen->app, "staged over theirs: the review's a writes it");
    if (!apply_conflict(apply))
        app_pop(screen->app, screen);
}

void apply_keep(struct screen *screen)
{
    struct apply *apply = (struct apply *)screen;
    const struct result *result = apply_conflict(apply);

    if (!result)
        return;
    changeset_drop(app_changes(screen->app), &result->change.key, result->change.tunable,
                   result->change.scope);
    decided(apply);
    app_message(screen->app, "theirs is kept: this change is not staged any more");
    if (!apply_conflict(apply))
        app_pop(screen->app, screen);
}

void apply_edit(struct screen *screen)
{
    struct apply *apply = (struct apply *)screen;
    const struct result *result = apply_conflict(apply);
    struct app *app = screen->app;
    struct screen *form;
    struct domain_key key;
    const struct tunable *tunable;

    if (!result)
        return;
    key = result->change.key;
    tunable = result->change.tunable;
    decided(apply);
    if (!apply_conflict(apply))
        app_pop(app, screen);
    form = screen_form_new(app, &key, 1, tunable);
    if (form)
        app_push(app, form);
}
