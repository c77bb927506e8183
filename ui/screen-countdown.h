/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UI_SCREEN_COUNTDOWN_H
#define UI_SCREEN_COUNTDOWN_H

#include "model/change.h"
#include "ui/screen.h"

/* Writes the live ones of these changes, which were staged and confirmed, under the eyes of a guard
 * (model/guard.h) that takes them back unless they are kept: typed `keep` and Enter. The persistent
 * ones are written once it is kept. What became so leaves the staged changes. The summary stays
 * until it was read. One of them has to tighten, none may be of class KILLS. */
void screen_countdown_open(struct app *app, const struct change *changes, size_t n);

#endif
