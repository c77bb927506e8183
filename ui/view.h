/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rows of the table as somebody chose to see them: filtered, sorted, with one selected and some
 * tagged. The list, limits and every screen about "the selected domain" share it. Selection and
 * tags are keys: they stay with the domain, wherever its row goes. The order holds for 10 s after
 * view_touch(), so that nothing moves under a hand. Paused, the rows stay as they are.
 */
#ifndef UI_VIEW_H
#define UI_VIEW_H

#include "model/select.h"
#include "model/size.h"
#include "ui/app.h"
#include "ui/bar.h"

struct hosts;
struct view;
/* Filter and sort key of the program's options; the error names the wrong word. */
struct view *view_new(struct app *app, GError **error);
void view_free(struct view *view);

/* The rows in order; valid until the next main loop iteration or view_* call that changes what is
 * shown. */
const struct row *view_rows(struct view *view, size_t *n);
size_t view_total(struct view *view); /* domains known, shown or not */
/* How many of them are in each trouble, by rank. */
const unsigned *view_counts(struct view *view);
struct hosts *view_hosts(struct view *view); /* ui/hosts.h */
/* There is something new in the model. */
void view_changed(struct view *view);
/* Once a second: where nothing is new for long, the rows say so by their age. */
void view_tick(struct view *view);
/* A key was pressed: the order is held. */
void view_touch(struct view *view);

/* Index in view_rows(), or -1 where there is none (no rows). */
int view_selected(struct view *view);
const struct row *view_selected_row(struct view *view); /* or NULL */
void view_select(struct view *view, int index);         /* clamped */
/* True once after the selection was moved: the list brings it into sight. */
bool view_moved(struct view *view);
void view_select_key(struct view *view, const struct domain_key *key);

bool view_tagged(const struct view *view, const struct domain_key *key);
void view_tag(struct view *view, const struct domain_key *key, bool tagged);
size_t view_n_tagged(const struct view *view);
void view_untag_all(struct view *view);
/* What an action is about: the tagged domains, else the selected one. Newly allocated (g_free);
 * NULL where there is none. */
struct domain_key *view_targets(struct view *view, size_t *n);

/* "" none. False and an error where it makes no sense; what was stays. */
bool view_filter(struct view *view, const char *text, GError **error);
const char *view_filter_text(const struct view *view);
void view_sort(struct view *view, const struct sort_key *key, bool reverse);
const struct sort_key *view_sort_key(const struct view *view, bool *reverse);

/* The text of the active search, "" none. */
const char *view_search(const struct view *view);
void view_set_search(struct view *view, const char *text);

struct view_flags {
    bool only_trouble;
    bool all;    /* also what is off, gone, a template */
    bool tree;   /* grouped by host, then parents */
    bool follow; /* the screen scrolls with the selected row */
    bool paused;
    enum bar_scale scale;
    enum size_unit units;
};
struct view_flags view_flags(const struct view *view);
void view_set_flags(struct view *view, struct view_flags flags);
/* Seconds since it was paused. */
unsigned view_paused_s(const struct view *view);

#endif
