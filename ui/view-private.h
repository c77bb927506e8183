/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rows that are shown, as their own files share them: view.c makes them, view-select.c knows
 * which of them are meant. */
#ifndef UI_VIEW_PRIVATE_H
#define UI_VIEW_PRIVATE_H

#include "ui/view.h"

#include "model/model.h"

struct view {
    struct app *app;
    struct filter *filter;
    char *filter_text;
    const struct sort_key *key;
    bool reverse;
    struct view_flags flags;
    gint64 paused_since, hold_until;
    GHashTable *tags; /* set of struct domain_key */

    struct row *rows;
    size_t n, room, total;
    GPtrArray *held; /* snapshots that the rows point into */
    unsigned counts[TROUBLE_NONE + 1];
    struct hosts *hosts;
    bool stale; /* rows are to be made anew */
    gint64 made;
    GArray *order;  /* keys of the rows as shown last */
    GArray *places; /* size_t: where the model had each of them */

    bool chosen; /* somebody moved: the selection is a key; else it is the first row */
    struct domain_key selected;
    int selected_index;
    bool moved;
    char *search;
};

/* After the rows were made: where the selected one is now. */
void view_find_selected(struct view *view);

#endif
