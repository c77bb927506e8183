/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rows that a command prints: filtered and sorted as the options say. */
#ifndef UI_ROWS_H
#define UI_ROWS_H

#include "model/model.h"
#include "ui/options.h"

/* Which rows are taken before the filter. */
enum rows_of {
    ROWS_ALL,
    ROWS_LIVE, /* running, paused, or died in the last 24 h; all with --all */
};

/* Newly allocated (g_free); pointers in it as model_rows(). The options' filter, sort key and
 * columns were found right by options_parse(). */
struct row *rows_select(struct model *model, const struct options *options, enum rows_of which,
                        size_t *n);
/* Keeps the rows of these domains, in the order of the keys. */
size_t rows_keep(struct row *rows, size_t n, const struct domain_key *keys, size_t n_keys);

#endif
