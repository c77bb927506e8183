/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rows of all connections with their trouble, made anew where something changed. Belongs to
 * the owner's thread. Internal to model/.
 */
#ifndef MODEL_ROWS_H
#define MODEL_ROWS_H

#include "model/select.h"

struct rows;
struct rows *rows_new(void);
void rows_free(struct rows *rows);
/* A connection has a new picture, after `before` (or NULL). */
void rows_take(struct rows *rows, const struct snapshot *before, const struct snapshot *snapshot);
/* All rows; made again where rows_take() was called since, or they are older than `max_age_ms`.
 * `shown` are the pictures, borrowed until the next call. */
struct row *rows_all(struct rows *rows, const struct snapshot *const *shown, size_t n_shown,
                     unsigned delay_ms, unsigned max_age_ms, size_t *n);
const struct row *rows_find(const struct rows *rows, const struct domain_key *key);

#endif
