/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The screens that a digit or Tab reaches, and those that are reached from every screen. */
#ifndef UI_SCREENS_H
#define UI_SCREENS_H

#include "ui/screen.h"

/* Shows number `index` of 0 domains, 1 limits, 2 hosts, 3 messages; what is above the first screen
 * goes. False where a screen does not let itself be closed. */
bool screens_show(struct app *app, unsigned index);
/* The one after the present one. */
void screens_next(struct app *app);

struct screen *screen_limits_new(struct app *app);
struct screen *screen_hosts_new(struct app *app);
struct screen *screen_messages_new(struct app *app);
/* What was written and seen; the app's journal is read anew while it is shown. */
struct screen *screen_journal_new(struct app *app);
/* The keys of `about` and of the program, the columns, the signs. */
struct screen *screen_help_new(struct app *app, const struct screen *about);
struct screen *screen_setup_new(struct app *app);
/* ":" */
void palette_open(struct app *app);

#endif
