/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Draws a form: its head, the rows as far as there is room, what is to be said of the focused one,
 * and the choice of scope. Leaves out what a small terminal has no room for, the focused field
 * last. */
#ifndef UI_FORM_DRAW_H
#define UI_FORM_DRAW_H

#include "ui/canvas.h"
#include "ui/form.h"
#include "ui/lineedit.h"

struct form_place {
    int row; /* of the terminal */
    size_t index;
};

struct form_view {
    struct form *form;
    size_t focus;
    struct lineedit edit; /* of the focused field */
    int top;              /* first line of the rows that is seen */
    GArray *places;       /* struct form_place: where rows were drawn last */
    bool utf8;
};

void form_draw(struct form_view *view, const struct canvas *canvas);
/* The lines above the rows. Returns how many were used of `rows`. */
int form_draw_head(const struct form_view *view, const struct canvas *canvas, int rows);

#endif
