/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/size.h"

#include <inttypes.h>
#include <stdio.h>

static const char *const letters[] = {"", "K", "M", "G", "T", "P", "E"};

/* The largest unit of which there is at least one. */
static unsigned unit_of(uint64_t bytes)
{
    unsigned unit = 0;

    while (unit < G_N_ELEMENTS(letters) - 1 && bytes >> (10 * (unit + 1)))
        unit++;
    return unit;
}

/* Tenths of 2^(10*unit), rounded down; `rest` tells what was lost. */
static uint64_t tenths_of(uint64_t bytes, unsigned unit, uint64_t *rest)
{
    uint64_t size = UINT64_C(1) << (10 * unit);
    uint64_t fraction = bytes % size;

    /* size is at most 2^60, so that ten times the fraction fits. */
    *rest = fraction * 10 % size;
    return bytes / size * 10 + fraction * 10 / size;
}

const char *size_format(uint64_t bytes, char text[SIZE_TEXT_MAX])
{
    unsigned unit = unit_of(bytes);
    uint64_t rest, tenths = tenths_of(bytes, unit, &rest);
    bool exact = !rest && tenths % 10 == 0;

    if (!bytes || !unit) {
        snprintf(text, SIZE_TEXT_MAX, bytes ? "%" PRIu64 " B" : "0", bytes);
        return text;
    }
    /* To the nearest digit that is shown; 1023.9 of a unit is 1.0 of the next. */
    if (tenths >= 1000)
        tenths = (tenths + 5) / 10 * 10;
    else if (rest >= UINT64_C(1) << (10 * unit - 1))
        tenths++;
    if (tenths >= 10240 && unit + 1 < G_N_ELEMENTS(letters)) {
        tenths = 10;
        unit++;
    }
    if (exact || tenths >= 1000)
        snprintf(text, SIZE_TEXT_MAX, "%" PRIu64 " %siB", tenths / 10, letters[unit]);
    else
        snprintf(text, SIZE_TEXT_MAX, "%" PRIu64 ".%" PRIu64 " %siB", tenths / 10, tenths % 10,
                 letters[unit]);
    return text;
}

const char *size_format_short(uint64_t bytes, char text[SIZE_TEXT_MAX])
{
    unsigned unit = unit_of(bytes);
    uint64_t rest, tenths = tenths_of(bytes, unit, &rest);

    if (!unit)
        snprintf(text, SIZE_TEXT_MAX, bytes ? "%" PRIu64 "B" : "0", bytes);
    else if (tenths >= (unit < 3 ? 100 : 1000))
        snprintf(text, SIZE_TEXT_MAX, "%" PRIu64 "%s", tenths / 10, letters[unit]);
    else
        snprintf(text, SIZE_TEXT_MAX, "%" PRIu64 ".%" PRIu64 "%s", tenths / 10, tenths % 10,
                 letters[unit]);
    return text;
}

const char *const size_unit_names[] = {
    [SIZE_UNIT_FITTING] = "auto", [SIZE_UNIT_MIB] = "MiB", [SIZE_UNIT_GIB] = "GiB", NULL};

const char *size_format_short_in(uint64_t bytes, enum size_unit unit, unsigned width,
                                 char text[SIZE_TEXT_MAX])
{
    static const unsigned powers[] = {[SIZE_UNIT_MIB] = 2, [SIZE_UNIT_GIB] = 3};
    uint64_t rest, tenths;
    int length;

    if (unit == SIZE_UNIT_FITTING)
        return size_format_short(bytes, text);
    tenths = tenths_of(bytes, powers[unit], &rest);
    /* What is there is never shown as 0. */
    if (tenths < (unit == SIZE_UNIT_GIB ? 1 : 10))
        return size_format_short(bytes, text);
    if (unit == SIZE_UNIT_GIB && tenths < 1000)
        length =
            snprintf(text, SIZE_TEXT_MAX, "%" PRIu64 ".%" PRIu64 "G", tenths / 10, tenths % 10);
    else
        length = snprintf(text, SIZE_TEXT_MAX, "%" PRIu64 "%s", tenths / 10, letters[powers[unit]]);
    return length <= (int)width ? text : size_format_short(bytes, text);
}

static void format_time(uint64_t seconds, char text[SIZE_TEXT_MAX])
{
    g_autoptr(GDateTime) time =
        seconds <= G_MAXINT64 ? g_date_time_new_from_unix_local((gint64)seconds) : NULL;
    g_autofree char *shown = time ? g_date_time_format(time, "%Y-%m-%d %H:%M:%S") : NULL;

    snprintf(text, SIZE_TEXT_MAX, "%s", shown ? shown : "?");
}

static void format_number(uint64_t number, enum unit unit, char text[SIZE_TEXT_MAX])
{
    switch (unit) {
    case UNIT_BYTES:
        size_format(number, text);
        return;
    case UNIT_COUNT:
    case UNIT_PLAIN:
    case UNIT_SHARES:
        snprintf(text, SIZE_TEXT_MAX, "%" PRIu64, number);
        return;
    case UNIT_SECONDS:
        snprintf(text, SIZE_TEXT_MAX, number ? "every %" PRIu64 " s" : "off", number);
        return;
    case UNIT_AGE:
        snprintf(text, SIZE_TEXT_MAX, "%" PRIu64 " s", number);
        return;
    case UNIT_PERCENT:
        snprintf(text, SIZE_TEXT_MAX, "%" PRIu64 " %%", number);
        return;
    case UNIT_CENTI_PERCENT:
        snprintf(text, SIZE_TEXT_MAX, "%" PRIu64 ".%" PRIu64 " %%", number / 100,
                 number % 100 / 10);
        return;
    case UNIT_MICROSECONDS:
        snprintf(text, SIZE_TEXT_MAX, "%" PRIu64 ".%" PRIu64 " s", number / 1000000,
                 number % 1000000 / 100000);
        return;
    case UNIT_TIME:
        format_time(number, text);
        return;
    case UNIT_FLAG:
        snprintf(text, SIZE_TEXT_MAX, "%s", number ? "yes" : "no");
        return;
    }
    g_assert_not_reached();
}

static void format_choice(struct value value, enum unit unit, const char *const *choices,
                          char text[SIZE_TEXT_MAX])
{
    static const char *const flags[] = {"no", "yes", NULL};
    unsigned n = 0;

    if (unit == UNIT_FLAG && !choices)
        choices = flags;
    while (choices && choices[n] && n < value.choice)
        n++;
    if (choices && choices[n])
        snprintf(text, SIZE_TEXT_MAX, "%s", choices[n]);
    else
        snprintf(text, SIZE_TEXT_MAX, "choice %u", value.choice);
}

const char *size_format_value(struct value value, enum unit unit, const char *const *choices,
                              char text[SIZE_TEXT_MAX])
{
    switch ((enum value_kind)value.kind) {
    case VALUE_UNKNOWN:
        snprintf(text, SIZE_TEXT_MAX, "?");
        return text;
    case VALUE_UNSUPPORTED:
        snprintf(text, SIZE_TEXT_MAX, "-");
        return text;
    case VALUE_UNSET:
        snprintf(text, SIZE_TEXT_MAX, "not set");
        return text;
    case VALUE_UNLIMITED:
        snprintf(text, SIZE_TEXT_MAX, "none");
        return text;
    case VALUE_CHOICE:
        format_choice(value, unit, choices, text);
        return text;
    case VALUE_NUMBER:
        format_number(value.number, unit, text);
        return text;
    }
    g_assert_not_reached();
}

const char *size_format_exact(struct value value, enum unit unit, const char *const *choices,
                              char text[SIZE_TEXT_MAX])
{
    if (value.kind == VALUE_UNSET)
        snprintf(text, SIZE_TEXT_MAX, "unset");
    else if (value.kind == VALUE_NUMBER && unit == UNIT_CENTI_PERCENT)
        snprintf(text, SIZE_TEXT_MAX, "%" PRIu64 ".%02u%%", value.number / 100,
                 (unsigned)(value.number % 100));
    else if (value.kind == VALUE_NUMBER && unit != UNIT_FLAG)
        snprintf(text, SIZE_TEXT_MAX, unit == UNIT_BYTES ? "%" PRIu64 "B" : "%" PRIu64,
                 value.number);
    else
        size_format_value(value, unit, choices, text);
    return text;
}
