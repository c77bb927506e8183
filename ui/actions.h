/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What keys of lists of domains do: rows of the screens' key tables point here. */
#ifndef UI_ACTIONS_H
#define UI_ACTIONS_H

#include "ui/screen.h"
#include "ui/view.h"

/* actions.c: which rows, in which order */
void action_only_trouble(struct screen *screen);
void action_filter(struct screen *screen);
void action_clear(struct screen *screen);
void action_all(struct screen *screen);
void action_tree(struct screen *screen);
void action_follow(struct screen *screen);
void action_pause(struct screen *screen);
void action_bar_scale(struct screen *screen);
void action_sort(struct screen *screen);
void action_sort_held(struct screen *screen);
void action_sort_pressure(struct screen *screen);
void action_sort_trend(struct screen *screen);
void action_sort_left(struct screen *screen);
void action_sort_reverse(struct screen *screen);
void action_delay(struct screen *screen);

/* actions-domain.c: about the selected domain or the tagged ones */
void action_tag(struct screen *screen);
void action_tag_connection(struct screen *screen);
void action_untag(struct screen *screen);
void action_why(struct screen *screen);
void action_detail(struct screen *screen);
void action_counters(struct screen *screen);
void action_copy(struct screen *screen);
/* The status line of a row. */
void action_describe(struct app *app, const struct row *row, GString *text);

/* actions-edit.c: what leads to a write */
void action_edit(struct screen *screen);
void action_review(struct screen *screen);
void action_undo(struct screen *screen);
void action_drop(struct screen *screen);

/* actions-find.c: incremental search in names */
void action_find(struct screen *screen);
void action_find_next(struct screen *screen);
void action_find_previous(struct screen *screen);

#endif
