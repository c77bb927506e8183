/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands above the table: title, one line a host, counts of troubles. */
#ifndef UI_HEADLINES_H
#define UI_HEADLINES_H

#include "ui/canvas.h"
#include "ui/view.h"

/* Returns how many rows it took. */
int headlines_draw(struct app *app, const struct canvas *canvas);
/* The title alone. */
void headlines_title(struct app *app, const struct canvas *canvas, const char *what);

#endif
