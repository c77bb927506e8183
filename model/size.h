/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text of values: what people type, and what screens and files show.
 *
 * Typed sizes: a number with an optional fraction and a unit.
 *   K M G T P E, KiB … EiB  powers of 1024      KB MB GB … EB  powers of 1000
 *   B bytes                 p, pages            pages of the row (4096 where it has none)
 *   0                                           nothing, in any unit
 *   none unlimited inf infinity max -1           unlimited, where the row has it
 *   +2G -512M +10% -10%     relative to the present live value, computed once
 *   90%max 50%soft_limit    part of another tunable of the same domain ("max" is its maximum)
 *   soft_limit              a copy of another tunable (name or role alias)
 * Units are case-insensitive but for "p" against "P": lower case p is pages, P is PiB.
 * A bare number is refused for a size ("18 what? Write 18G, 18M or bytes as 18B.") unless the row
 * says what a bare number is (tunable.bare: beancounters), or is not a size at all. Where it does,
 * 9223372036854775807 is unlimited too: so the native tools write it.
 * `NN%` without a sign is refused ("of what?"). Every refusal says why in one sentence and leaves
 * the outputs untouched. Overflow of 2^64-1 is refused, never wrapped.
 */
#ifndef MODEL_SIZE_H
#define MODEL_SIZE_H

#include "model/tunable.h"
#include "model/value.h"

#include <stddef.h>

#define SIZE_TEXT_MAX 64

#define SIZE_ERROR (size_error_quark())
GQuark size_error_quark(void);
enum size_error {
    SIZE_ERROR_JUNK,     /* not a size at all */
    SIZE_ERROR_BARE,     /* a size without a unit */
    SIZE_ERROR_OVERFLOW, /* above 2^64-1 or the row's max */
    SIZE_ERROR_RANGE,    /* outside the row's min..max, or not a multiple of its step */
    SIZE_ERROR_RELATIVE, /* relative to something that is not a number ("none + 2 GiB is none") */
    SIZE_ERROR_NAME,     /* "%nosuch": no such tunable here */
};

/* What relative input and copies refer to. `lookup` resolves a tunable name or role alias of the
 * same domain to its row and its live (or, without a live one, persistent) value; NULL where there
 * is none. It may be NULL itself. */
struct size_context {
    struct value present;
    const struct tunable *(*lookup)(const char *name, struct value *value, void *data);
    void *data;
};

/* An absolute size, no context: "64M", "1.5 GiB", "4096B". Bytes. For options such as filters and
 * thresholds. */
bool size_parse(const char *text, uint64_t *bytes, GError **error);

/* What somebody typed for `tunable`. Range and step of the row are checked; rounding to the
 * hypervisor's granularity is not done here (see tunable.granule). */
bool size_parse_value(const char *text, const struct tunable *tunable,
                      const struct size_context *context, struct value *value, GError **error);

/* "34.0 GiB", "512 MiB", "1000 B": three digits or four significant characters, for forms and
 * messages. Exact values print exactly ("18 GiB"), others with one decimal. Never more than
 * SIZE_TEXT_MAX with the terminator. Returns `text`. */
const char *size_format(uint64_t bytes, char text[SIZE_TEXT_MAX]);

/* "34.0G", "512M", "2.9G", "  0": at most 5 columns, for tables. Rounds down what is left and
 * never up to the next unit's 1024. Returns `text`. */
const char *size_format_short(uint64_t bytes, char text[SIZE_TEXT_MAX]);

/* In which unit a table's sizes are. */
enum size_unit {
    SIZE_UNIT_FITTING, /* each in its own, as size_format_short() */
    SIZE_UNIT_MIB,
    SIZE_UNIT_GIB,
};
/* Their words in settings: "auto", "MiB", "GiB"; ends with NULL. */
extern const char *const size_unit_names[];

/* size_format_short() in that unit, rounded down; in the fitting one where it would be wider than
 * `width` columns, or 0 and is not. Returns `text`. */
const char *size_format_short_in(uint64_t bytes, enum size_unit unit, unsigned width,
                                 char text[SIZE_TEXT_MAX]);

/* Any value in its unit: "34.0 GiB", "none", "not set", "?", "-" (unsupported), "normal", "60",
 * "every 5 s", "40 %". `choices` may be NULL. */
const char *size_format_value(struct value value, enum unit unit, const char *const *choices,
                              char text[SIZE_TEXT_MAX]);

/* As size_format_value() but parsable again, exact: "19327352832B", "none", "60". For scripts,
 * journals and change files. */
const char *size_format_exact(struct value value, enum unit unit, const char *const *choices,
                              char text[SIZE_TEXT_MAX]);

#endif
