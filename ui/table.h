/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The list of domains, as screens draw it: a heading and one line a row, only those that are seen.
 * Rows, selection and tags are the view's; the table knows where it is scrolled to.
 */
#ifndef UI_TABLE_H
#define UI_TABLE_H

#include "ui/canvas.h"
#include "ui/columns.h"
#include "ui/keys.h"
#include "ui/view.h"

/* A line of the tree: a heading, or a row below it. */
struct table_line {
    int row; /* -1: a heading */
    int depth;
    const char *heading; /* of the snapshot */
};

struct table {
    int top;             /* first line seen */
    int shift;           /* columns after the name that are scrolled away */
    int first_row, page; /* as drawn last: where the lines begin on the terminal, and how many */
    const struct column *const *chosen; /* NULL-terminated, or NULL: by the width */
    GArray *lines;                      /* of the tree: struct table_line; NULL: a line is a row */
    struct domain_key *visible;         /* what the model was told */
    size_t n_visible;
};

void table_clear(struct table *table);
void table_draw(struct table *table, struct app *app, const struct canvas *canvas);
/* Keys that move, the wheel, a click on a line. True where taken. */
bool table_event(struct table *table, struct app *app, const struct event *event);

#endif
