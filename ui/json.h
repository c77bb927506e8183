/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * JSON as programs read it: one object a line, "schema" first. Within a schema number there are
 * only additions.
 *
 * Values are as in model/json-value.h; a tunable that is not a size names its "unit". Beancounters
 * (and whatever else has halves) are objects.
 */
#ifndef UI_JSON_H
#define UI_JSON_H

#include "model/json-value.h"
#include "model/model.h"

#define JSON_SCHEMA 1

/* When a sample was taken: both clocks at one moment. */
struct json_time {
    int64_t now_us;  /* since the epoch */
    uint64_t now_ns; /* model/clock.h */
};
struct json_time json_time_now(void);

/* The key of a figure: its name with its unit where it is not bytes or a count. Newly allocated. */
char *json_figure_key(const struct figure *figure);

/* One sample: connections and these rows. */
void json_sample(JsonBuilder *builder, struct model *model, const struct row *rows, size_t n,
                 struct json_time time);
/* One line on stdout. Resets the builder. */
void json_print(JsonBuilder *builder);

#endif
