/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Incremental search: the selection moves as the text is typed, Esc brings it back. */
#include "ui/actions.h"
#include "ui/dialog.h"

#include <string.h>

struct find {
    struct domain_key from; /* where it began */
    bool any;
};

static bool name_has(const struct row *row, const char *folded)
{
    g_autofree char *name = g_utf8_casefold(row->domain->identity->name, -1);

    return strstr(name, folded) != NULL;
}

/* From the selected row on, itself included where `here`, around the end. */
static bool find(struct app *app, int step, bool here)
{
    struct view *view = app_view(app);
    g_autofree char *folded = g_utf8_casefold(view_search(view), -1);
    int start = view_selected(view);
    size_t n;
    const struct row *rows = view_rows(view, &n);

    for (size_t i = here ? 0 : 1; i <= n && n; i++) {
        size_t at = (size_t)((start + (long)i * step + (long)n * 2) % (long)n);

        if (name_has(&rows[at], folded)) {
            view_select(view, (int)at);
            return true;
        }
    }
    app_message(app, "no name has \"%s\"", view_search(view));
    return false;
}

static void find_changed(struct app *app, const char *text, void *data)
{
    struct find *find_data = data;

    view_set_search(app_view(app), text);
    if (find_data->any)
        view_select_key(app_view(app), &find_data->from);
    if (*text)
        find(app, 1, true);
}

static bool find_done(struct app *app, const char *text, void *data)
{
    struct find *find_data = data;

    if (!text) {
        view_set_search(app_view(app), "");
        if (find_data->any)
            view_select_key(app_view(app), &find_data->from);
    }
    return true;
}

void action_find(struct screen *screen)
{
    const struct row *row = view_selected_row(app_view(screen->app));
    struct find *data = g_new0(struct find, 1);
    struct prompt prompt = {.label = "/",
                            .changed = find_changed,
                            .done = find_done,
                            .data = data,
                            .free_data = g_free};

    data->any = row != NULL;
    if (row)
        data->from = row->key;
    view_set_search(app_view(screen->app), "");
    dialog_prompt(screen->app, &prompt);
}

static void again(struct screen *screen, int step)
{
    if (*view_search(app_view(screen->app)))
        find(screen->app, step, false);
}

void action_find_next(struct screen *screen)
{
    again(screen, 1);
}

void action_find_previous(struct screen *screen)
{
    again(screen, -1);
}
