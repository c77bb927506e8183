/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One value of a tunable or a figure.
 *
 * There are no magic numbers: what is unlimited, not set, not offered here or
 * not known is a kind, never a number. A zeroed struct value is "unknown, not
 * read". Values are small and copied; `reason` points to a string that lives as
 * long as the process (a literal or g_intern_string()), of the form
 * "code: text": a stable code in [a-z0-9_]+ for programs, and one sentence
 * without a final stop for people. Keep the variety of reasons bounded: no
 * names and no changing numbers in them.
 *
 * Sizes are bytes. What a number counts is said by the row that it belongs to
 * (struct tunable, struct figure): see enum unit.
 */
#ifndef MODEL_VALUE_H
#define MODEL_VALUE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

enum value_kind {
    VALUE_UNKNOWN,     /* it exists, it could not be read: reason */
    VALUE_UNSUPPORTED, /* it does not exist here: reason */
    VALUE_UNSET,       /* nothing was configured; the hypervisor's own default acts */
    VALUE_NUMBER,      /* number, in the unit of its row */
    VALUE_CHOICE,      /* choice: index into the row's choices; number: what it amounts to, or 0 */
    VALUE_UNLIMITED,
};

enum unit {
    UNIT_BYTES,
    UNIT_COUNT,         /* things: events, kills, files */
    UNIT_PLAIN,         /* a number without a dimension: swappiness */
    UNIT_SHARES,        /* a weight against siblings; JSON {"level":…,"shares":…} */
    UNIT_SECONDS,       /* a period: "every 5 s", 0 is "off" */
    UNIT_AGE,           /* seconds that have passed: "5 s" */
    UNIT_PERCENT,       /* whole percent */
    UNIT_CENTI_PERCENT, /* hundredths of a percent: pressure averages */
    UNIT_MICROSECONDS,  /* accumulated time: pressure totals */
    UNIT_TIME,          /* a point in time, seconds since the epoch */
    UNIT_FLAG,          /* choices "no", "yes" */
};

struct value {
    uint64_t number;
    const char *reason; /* UNKNOWN and UNSUPPORTED only; NULL is "not_read: not read yet" */
    uint8_t kind;       /* enum value_kind */
    uint8_t choice;     /* CHOICE only */
    uint8_t padding[6]; /* 0: equal values are equal to the byte, where their reasons are one */
};

struct value value_number(uint64_t number);
struct value value_choice(unsigned choice, uint64_t number);
struct value value_unlimited(void);
struct value value_unset(void);
/* `reason` is "code: text", kept by pointer (see above). */
struct value value_unknown(const char *reason);
struct value value_unsupported(const char *reason);

/* Same kind and same content. Two numbers, two unlimiteds, two unsets; choices by index (the
 * number that a choice amounts to does not count); unknown and unsupported by reason. */
bool value_equal(struct value a, struct value b);

/* True for NUMBER, CHOICE, UNLIMITED and UNSET: something that was really read. */
bool value_known(struct value value);

/* True where the value is a NUMBER, which is then stored in *number. */
bool value_get(struct value value, uint64_t *number);

/* Orders limits: numbers by size, UNLIMITED above all numbers. Returns <0, 0, >0.
 * Only for values where value_known() and not UNSET; others sort below all numbers. */
int value_compare(struct value a, struct value b);

/* "no_balloon" and "containers have no balloon" out of the reason. The code is written to `code`
 * (truncated to `size`, always terminated). Never NULL. */
const char *value_reason_text(struct value value);
void value_reason_code(struct value value, char *code, size_t size);

#endif
