/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is made from tables of keys: finding a key's row, the bar at the bottom. */
#ifndef UI_KEYBAR_H
#define UI_KEYBAR_H

#include "ui/screen.h"

/* True where the row acts and is shown: not one that writes where nothing may be written. */
bool binding_offered(const struct app *app, const struct binding *binding);
/* The row of a key, or NULL. `table` may be NULL. */
const struct binding *binding_find(const struct app *app, const struct binding *table, int key);
const struct binding *binding_find_name(const struct app *app, const struct binding *table,
                                        const char *name);
/* One row of words: the program's first ones, the screen's own, the program's others (`everywhere`
 * may be NULL), as many as fit. */
void keybar_draw(struct app *app, const struct canvas *canvas, int row, const struct binding *own,
                 const struct binding *everywhere);

#endif
