/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which rows are shown, and in which order. Rows are made from all connections' snapshots by
 * model_rows(); this is filter, sort and group over them. Pure but for the order's memory.
 */
#ifndef MODEL_SELECT_H
#define MODEL_SELECT_H

#include "model/trouble.h"

/* A domain with everything a screen needs; pointers are valid while `snapshot` is held. */
struct row {
    struct domain_key key;
    const struct snapshot *snapshot;
    const struct domain *domain;
    const struct history *history; /* or NULL */
    struct trouble trouble;
    size_t place;                  /* among all rows */
    bool tagged;                   /* the screen's, for the filter word */
};

/* --- filter ------------------------------------------------------------------------------
 * Words, all of which must match; a leading "!" inverts one; "a|b" either; quotes keep blanks:
 *   name:ci-*  host:kvm07  drv:lxc  state:run  title:…  uuid:…  pool:…  kind:…  why:…
 *                                  glob, case-insensitive; without * ? the start matches
 *                                  ("state:run"), of name title pool why any part;
 *                                  "drv:lxc|xen" is "drv:lxc|drv:xen"
 *   held>2G hard<2G left<=10% swap>0 hard=none …   any tunable, role alias or figure name, < <= = != >= >
 *                                  live value; "N%" of the wall for left, of maximum otherwise
 *                                  (pressure and percents: N or N%). What is not known matches
 *                                  no comparison.
 *   trouble  stale  tagged  differs   (any row but a balloon's or the statistics period)
 *   anything else: part of the name, title or host name
 * Errors are FILTER_ERROR, one sentence each.
 */
#define FILTER_ERROR (filter_error_quark())
GQuark filter_error_quark(void);
enum filter_error {
    FILTER_ERROR_SYNTAX, /* an open quote, an empty word or value */
    FILTER_ERROR_KEY,    /* "nosuch:x" */
    FILTER_ERROR_VALUE,  /* "hard<junk" */
};
struct filter;
bool filter_parse(const char *text, struct filter **ret, GError **error);
void filter_free(struct filter *filter);
bool filter_match(const struct filter *filter, const struct row *row); /* NULL matches all */

#define SORT_MISSING 2

/* --- sort -------------------------------------------------------------------------------- */

/* The keys of -s and the sort menu: "trouble", "name", "host", "state", any figure role name,
 * "needed", "left", "left_percent", "limit", "swap", "psi", "trend", "maximum". One row of the
 * table each. */
struct sort_key {
    const char *name, *label;
    bool descending; /* by default */
    /* Ascending. SORT_MISSING of either sign: one of them has no value and stands last in both
     * directions. */
    int (*compare)(const struct row *a, const struct row *b);
};
extern const struct sort_key sort_keys[]; /* ends with a NULL name; [0] is trouble */
const struct sort_key *sort_key_find(const char *name);

/* Sorts in place, stable; ties by host and name. Trouble rows (rank <= TROUBLE_SLOW_WALL) are
 * pinned on top whatever the key, if `pin`. */
void rows_sort(struct row *rows, size_t n, const struct sort_key *key, bool reverse, bool pin);

/* The previous order is kept for rows that are in it (new ones go to their sorted place at the
 * end), for the 10 s after a key. `order` is an array of keys. */
void rows_hold(struct row *rows, size_t n, const struct domain_key *order, size_t n_order);

/* Compares names as people do: "vm2" before "vm10", case-insensitively, then bytewise. */
int name_compare(const char *a, const char *b);

#endif
