/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * JSON as programs read it: one object a line, "schema" first. Within a schema number there are
 * only additions.
 *
 * Sizes are integers in bytes; every other unit is in the key or, for a tunable, in its "unit".
 * "unlimited" and "unset" are strings. What is not known or does not exist is an object with a
 * stable code and a sentence. Beancounters (and whatever else has halves) are objects; shares are
 * {"level":…,"shares":…}. An integer above 2^63-1, which JSON readers lose, is a string of digits.
 */
#ifndef UI_JSON_H
#define UI_JSON_H

#include "model/model.h"

#include <json-glib/json-glib.h>

#define JSON_SCHEMA 1

/* When a sample was taken: both clocks at one moment. */
struct json_time {
    int64_t now_us;  /* since the epoch */
    uint64_t now_ns; /* CLOCK_MONOTONIC */
};
struct json_time json_time_now(void);

/* A number exactly; see above. */
void json_number(JsonBuilder *builder, uint64_t number);
/* A value in its unit. UNKNOWN and UNSUPPORTED become {"unknown":{"code":…,"text":…}}. */
void json_value(JsonBuilder *builder, struct value value, enum unit unit,
                const char *const *choices);
/* {"code":…,"text":…} out of a reason. */
void json_reason(JsonBuilder *builder, struct value value);
/* "2026-11-22T20:15:00.250Z" */
void json_timestamp(JsonBuilder *builder, int64_t us);
/* The key of a figure: its name with its unit where it is not bytes or a count. Newly allocated. */
char *json_figure_key(const struct figure *figure);

/* One sample: connections and these rows. */
void json_sample(JsonBuilder *builder, struct model *model, const struct row *rows, size_t n,
                 struct json_time time);
/* One line on stdout. Resets the builder. */
void json_print(JsonBuilder *builder);

#endif
