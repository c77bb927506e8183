/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Nothing was written because it could not be recorded: whether to do without. */
#include "ui/dialog.h"
#include "ui/screen-apply-private.h"
#include "ui/screen-apply.h"

static const struct result *unrecorded(const struct apply *apply)
{
    for (size_t i = 0; i < apply->n_results; i++)
        if (apply->results[i].error == BACKEND_ERROR_UNRECORDED)
            return &apply->results[i];
    return NULL;
}

static void answer(struct app *app, bool yes, void *data)
{
    struct apply *apply = data;
    g_autofree struct change *changes = NULL;
    size_t n = 0;

    if (!yes) {
        app_message(app, "nothing was written; it is still staged");
        return;
    }
    changes = g_new(struct change, apply->n_results);
    for (size_t i = 0; i < apply->n_results; i++)
        if (!apply_written(apply->results[i].outcome))
            changes[n++] = apply->results[i].change;
    app_pop(app, &apply->screen);
    screen_apply_open_unrecorded(app, changes, n);
}

void apply_ask_unrecorded(struct apply *apply)
{
    static const int yes[] = {'y', 0};

    if (unrecorded(apply))
        dialog_ask(apply->screen.app, "The journal cannot be written. Write without a record? y",
                   yes, answer, apply);
}
