/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Values in JSON, the same in every document of this program, written and read.
 *
 * Sizes are integers in bytes; every other unit is in the key or beside the value. "unlimited" and
 * "unset" are strings. What is not known or does not exist is an object with a stable code and a
 * sentence; shares are {"level":…,"shares":…}. An integer above 2^63-1, which JSON readers lose, is
 * a string of digits.
 */
#ifndef MODEL_JSON_VALUE_H
#define MODEL_JSON_VALUE_H

#include "model/tunable.h"

#include <json-glib/json-glib.h>

#define JSON_ERROR (json_error_quark())
GQuark json_error_quark(void);
enum json_error {
    JSON_ERROR_SYNTAX, /* no JSON, or such that the parser must not see it */
    JSON_ERROR_VALUE,  /* a value that its tunable cannot have */
};

/* A member with a text; none where it is NULL. */
void json_member(JsonBuilder *builder, const char *name, const char *text);
/* A number exactly; see above. */
void json_number(JsonBuilder *builder, uint64_t number);
/* A value in its unit. UNKNOWN and UNSUPPORTED become {"unknown":{"code":…,"text":…}}. */
void json_value(JsonBuilder *builder, struct value value, enum unit unit,
                const char *const *choices);
/* {"code":…,"text":…} out of a reason. */
void json_reason(JsonBuilder *builder, struct value value);
/* "2026-11-22T20:15:00.250Z" */
void json_timestamp(JsonBuilder *builder, int64_t us);

/* The other way: what json_value() wrote for `tunable`. {"unknown":…} and {"unsupported":…} become
 * UNKNOWN with a reason of our own. Neither range nor rounding is looked at. */
bool json_value_read(JsonNode *node, const struct tunable *tunable, struct value *value,
                     GError **error);

/* Looks at a whole text before json-glib does, which loses integers above 2^63-1, takes more than
 * JSON and is recursive: JSON's own characters in valid UTF-8, integers that fit, brackets that
 * pair and at most JSON_DEPTH_MAX of them open. Error: JSON_ERROR_SYNTAX with the line. */
#define JSON_DEPTH_MAX 16
bool json_scan(const char *text, size_t size, GError **error);

#endif
