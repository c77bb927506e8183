/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UI_SCREEN_APPLY_H
#define UI_SCREEN_APPLY_H

#include "model/change.h"
#include "ui/screen.h"

/* Writes these changes, which are staged and were confirmed, and shows how it goes: each call, then
 * a result for each change. What was written leaves the staged changes, the rest stays. What
 * somebody else changed meanwhile is asked about. The summary stays until it was read. */
void screen_apply_open(struct app *app, const struct change *changes, size_t n);
/* The same by safe shrink (model/shrink.h). */
void screen_apply_open_shrink(struct app *app, const struct change *changes, size_t n);
/* The same although it cannot be recorded. */
void screen_apply_open_unrecorded(struct app *app, const struct change *changes, size_t n);

#endif
