/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What leads to a write: edit, review, undo, drop. */
#include "ui/actions.h"

#include "model/changeset.h"
#include "model/model.h"
#include "ui/change-words.h"
#include "ui/screen-form.h"
#include "ui/screen-review.h"
#include "ui/screens.h"

/* --- edit ---------------------------------------------------------------------------------- */

/* The domains to edit, and the connections that are still to be opened for writing. */
struct editing {
    struct domain_key *keys;
    size_t n, at;
};

static void editing_free(struct editing *editing)
{
    g_free(editing->keys);
    g_free(editing);
}

static void open_next(struct app *app, struct editing *editing);

static void opened(struct app *app, bool open, void *data)
{
    struct editing *editing = data;

    if (open) {
        editing->at++;
        open_next(app, editing);
    } else {
        editing_free(editing);
    }
}

/* Each host is asked about once; the form comes when all may be written. */
static void open_next(struct app *app, struct editing *editing)
{
    struct screen *form;

    while (editing->at < editing->n &&
           model_may_write(app_model(app), editing->keys[editing->at].connection))
        editing->at++;
    if (editing->at < editing->n) {
        app_open_for_writing(app, editing->keys[editing->at].connection, opened, editing);
        return;
    }
    form = screen_form_new(app, editing->keys, editing->n, NULL);
    if (form) {
        app_flush_input(app);
        app_push(app, form);
    }
    editing_free(editing);
}

/* What can be tuned at all. */
static size_t keep_tunable(struct app *app, struct domain_key *keys, size_t n)
{
    size_t kept = 0;
    struct row row;

    for (size_t i = 0; i < n; i++) {
        if (!model_find(app_model(app), &keys[i], &row))
            continue;
        if (row.domain->identity->state != DOMAIN_TEMPLATE &&
            row.domain->identity->state != DOMAIN_GONE)
            keys[kept++] = keys[i];
    }
    return kept;
}

void action_edit(struct screen *screen)
{
    struct app *app = screen->app;
    struct editing *editing;
    size_t n, kept;
    struct domain_key *keys = view_targets(app_view(app), &n);

    if (!keys || !n) {
        g_free(keys);
        app_message(app, "there is no domain to edit");
        return;
    }
    kept = keep_tunable(app, keys, n);
    if (!kept) {
        g_free(keys);
        app_message(app, "what is gone or a template cannot be changed");
        return;
    }
    editing = g_new0(struct editing, 1);
    *editing = (struct editing){keys, kept, 0};
    open_next(app, editing);
}

/* --- what is staged ------------------------------------------------------------------------ */

void action_review(struct screen *screen)
{
    screen_review_open(screen->app);
}

void action_undo(struct screen *screen)
{
    struct app *app = screen->app;
    struct changeset *changes = app_changes(app);
    struct change change, first;
    g_autofree char *label = NULL, *pair = NULL;
    struct row row;
    size_t n;

    if (!changeset_undo(changes, &first)) {
        app_push(app, screen_journal_new(app));
        app_message(app, "nothing is staged: Enter takes back what was written");
        return;
    }
    /* What was typed once may have been staged for live and for config. */
    while ((n = changeset_count(changes)) > 0) {
        change = *changeset_get(changes, n - 1);
        if (change.tunable != first.tunable || !domain_key_equal(&change.key, &first.key))
            break;
        changeset_undo(changes, NULL);
    }
    label = words_label(first.tunable);
    pair = words_pair(first.tunable, first.from, first.to);
    app_message(app, "taken back: %s %s of %s", label, pair,
                model_find(app_model(app), &first.key, &row) ? row.domain->identity->name : "?");
}

void action_drop(struct screen *screen)
{
    struct app *app = screen->app;
    struct changeset *changes = app_changes(app);
    size_t n = 0, before = changeset_count(changes), dropped;
    g_autofree struct domain_key *keys = view_targets(app_view(app), &n);

    for (size_t i = 0; i < n; i++)
        changeset_drop_domain(changes, &keys[i]);
    dropped = before - changeset_count(changes);
    if (dropped)
        app_message(app, "%zu staged change%s dropped", dropped, dropped == 1 ? "" : "s");
    else
        app_message(app, before ? "nothing is staged for this domain: v reviews all"
                                : "nothing is staged");
}
