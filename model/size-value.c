/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/decimal.h"
#include "model/size-text.h"

#include <string.h>

/* How kernels and their tools write "no limit" where a bare number counts their own unit. */
#define LONG_MAX_TEXT "9223372036854775807"

/* What is being read: the parts that every rule needs. */
struct typed {
    const char *text; /* trimmed, not empty */
    const struct tunable *tunable;
    const struct size_context *context;
    bool computed; /* the result is ours: it is rounded to the row's step, never refused for it */
};

static const char *shown(const struct typed *typed, struct value value, char text[SIZE_TEXT_MAX])
{
    return size_format_value(value, typed->tunable->unit, typed->tunable->choices, text);
}

static bool is_word(const char *text, const char *const *words)
{
    for (; *words; words++) {
        if (!g_ascii_strcasecmp(text, *words))
            return true;
    }
    return false;
}

static const struct tunable *look_up(const struct typed *typed, const char *name,
                                     struct value *value)
{
    const struct size_context *context = typed->context;

    if (!context || !context->lookup)
        return NULL;
    return context->lookup(strcmp(name, "max") ? name : "maximum", value, context->data);
}

/* A number without sign in the row's unit. */
static bool read_plain(const char *text, const char *const *units, uint64_t factor,
                       const char *what, uint64_t *number, GError **error)
{
    struct decimal decimal;
    size_t read = decimal_scan(text, &decimal);
    const char *unit = text + read;

    unit += strspn(unit, " ");
    if (!read || (*unit && !is_word(unit, units)) || (factor == 1 && decimal.n_places) ||
        decimal.n_places > 2)
        return size_refuse(error, SIZE_ERROR_JUNK, "\"%s\" is not %s", text, what);
    if (!decimal_times(&decimal, factor, number))
        return size_refuse(error, SIZE_ERROR_OVERFLOW, "%s is too large", text);
    return true;
}

static bool read_amount(const struct typed *typed, const char *text, uint64_t *number,
                        GError **error)
{
    static const char *const none[] = {NULL};
    static const char *const seconds[] = {"s", "sec", "second", "seconds", NULL};
    static const char *const percent[] = {"%", "percent", NULL};
    uint64_t bare = typed->tunable->bare;

    switch (typed->tunable->unit) {
    case UNIT_BYTES:
        return size_parse_bytes(text, bare > 1 ? bare : 4096, bare, number, error);
    case UNIT_SECONDS:
    case UNIT_AGE:
        return read_plain(text, seconds, 1, "a number of seconds. Write 5 or off", number, error);
    case UNIT_PERCENT:
        return read_plain(text, percent, 1, "a whole percentage. Write 40 or 40%", number, error);
    case UNIT_CENTI_PERCENT:
        return read_plain(text, percent, 100, "a percentage. Write 40 or 2.5%", number, error);
    case UNIT_SHARES:
        return read_plain(text, none, 1, "a level or a number of shares", number, error);
    case UNIT_FLAG:
        return size_refuse(error, SIZE_ERROR_JUNK, "\"%s\" is neither yes nor no", text);
    case UNIT_COUNT:
    case UNIT_PLAIN:
    case UNIT_MICROSECONDS:
    case UNIT_TIME:
        return read_plain(text, none, 1, "a whole number", number, error);
    }
    g_assert_not_reached();
}

/* The number that a relative form starts from. */
static bool read_base(const struct typed *typed, const char *how, uint64_t *base, GError **error)
{
    struct value present = typed->context ? typed->context->present : value_unknown(NULL);
    char text[SIZE_TEXT_MAX];

    if (value_get(present, base))
        return true;
    if (present.kind == VALUE_CHOICE && present.number) {
        *base = present.number;
        return true;
    }
    if (!value_known(present))
        return size_refuse(error, SIZE_ERROR_RELATIVE,
                           "the present value is not known (%s): write the new value itself",
                           value_reason_text(present));
    return size_refuse(error, SIZE_ERROR_RELATIVE, "%s %s is %s", shown(typed, present, text), how,
                       shown(typed, present, text));
}

static bool read_relative(struct typed *typed, struct value *value, GError **error)
{
    bool up = *typed->text == '+';
    const char *rest = typed->text + 1 + strspn(typed->text + 1, " ");
    size_t length = strlen(rest);
    bool percent = length && rest[length - 1] == '%';
    enum unit unit = typed->tunable->unit;
    g_autofree char *how = NULL;
    struct decimal decimal = {0};
    uint64_t base, amount = 0, result;
    char text[SIZE_TEXT_MAX];

    if (percent && (unit == UNIT_PERCENT || unit == UNIT_CENTI_PERCENT))
        return size_refuse(error, SIZE_ERROR_RELATIVE,
                           "%s of a percentage can be meant in two ways: write the new value",
                           typed->text);
    if (percent) {
        size_t read = decimal_scan(rest, &decimal);

        if (!read || rest[read + strspn(rest + read, " ")] != '%' ||
            strspn(rest + read, " ") + read + 1 != length)
            return size_refuse(error, SIZE_ERROR_JUNK, "\"%s\" is not a percentage", typed->text);
        decimal = decimal_percent(&decimal);
        how = g_strdup_printf("%c %s", up ? '+' : '-', rest);
    } else {
        if (!read_amount(typed, rest, &amount, error))
            return false;
        how = g_strdup_printf("%c %s", up ? '+' : '-', shown(typed, value_number(amount), text));
    }
    if (!read_base(typed, how, &base, error))
        return false;
    if (percent && !decimal_times(&decimal, base, &amount))
        return size_refuse(error, SIZE_ERROR_OVERFLOW, "%s is too much", typed->text);
    if (!up && amount > base)
        return size_refuse(error, SIZE_ERROR_RANGE, "%s %s is less than nothing",
                           shown(typed, value_number(base), text), how);
    if (up && !g_uint64_checked_add(&result, base, amount))
        return size_refuse(error, SIZE_ERROR_OVERFLOW, "%s %s is too large",
                           shown(typed, value_number(base), text), how);
    *value = value_number(up ? result : base - amount);
    typed->computed = true;
    return true;
}

/* The row and value that a name stands for, in the same unit. */
static bool read_other(const struct typed *typed, const char *name, const struct tunable **row,
                       struct value *value, GError **error)
{
    *row = look_up(typed, name, value);
    if (!*row)
        return size_refuse(error, SIZE_ERROR_NAME, "there is no \"%s\" here", name);
    if ((*row)->unit != typed->tunable->unit)
        return size_refuse(error, SIZE_ERROR_NAME, "%s and %s are not counted in the same unit",
                           (*row)->name, typed->tunable->name);
    if (!value_known(*value))
        return size_refuse(error, SIZE_ERROR_RELATIVE, "%s is not known: %s", (*row)->name,
                           value_reason_text(*value));
    return true;
}

static bool read_part(struct typed *typed, struct value *value, GError **error)
{
    const char *sign = strchr(typed->text, '%');
    const char *name = sign + 1 + strspn(sign + 1, " ");
    const struct tunable *row;
    struct decimal decimal;
    size_t read = decimal_scan(typed->text, &decimal);
    struct value other;
    uint64_t base, result;
    char text[SIZE_TEXT_MAX];

    if (!read || typed->text + read + strspn(typed->text + read, " ") != sign)
        return size_refuse(error, SIZE_ERROR_JUNK, "\"%s\" is not a size", typed->text);
    if (!*name)
        return size_refuse(error, SIZE_ERROR_RELATIVE, "%s of what? Write %smax, +10%% or -10%%",
                           typed->text, typed->text);
    if (!read_other(typed, name, &row, &other, error))
        return false;
    if (!value_get(other, &base))
        return size_refuse(error, SIZE_ERROR_RELATIVE, "%s is %s, and no part of that is a number",
                           row->name, shown(typed, other, text));
    decimal = decimal_percent(&decimal);
    if (!decimal_times(&decimal, base, &result))
        return size_refuse(error, SIZE_ERROR_OVERFLOW, "%s is too large", typed->text);
    *value = value_number(result);
    typed->computed = true;
    return true;
}

static bool read_copy(struct typed *typed, struct value *value, GError **error)
{
    const struct tunable *tunable = typed->tunable, *row;
    struct value other;
    char text[SIZE_TEXT_MAX];

    /* A word that names nothing is no number: the unit's own sentence says what is. */
    if (!look_up(typed, typed->text, &other))
        return read_amount(typed, typed->text, &value->number, error);
    if (!read_other(typed, typed->text, &row, &other, error))
        return false;
    if ((other.kind == VALUE_UNLIMITED && !tunable->unlimited) ||
        (other.kind == VALUE_UNSET && !tunable->unset) ||
        (other.kind == VALUE_CHOICE && row->choices != tunable->choices))
        return size_refuse(error, SIZE_ERROR_RANGE, "%s is %s, which %s cannot be", row->name,
                           size_format_value(other, row->unit, row->choices, text), tunable->name);
    *value = other;
    typed->computed = true;
    return true;
}

/* Words that stand for themselves. *found tells whether it was one; false with *found: refused. */
static bool read_word(const struct typed *typed, struct value *value, bool *found, GError **error)
{
    static const char *const unlimited[] = {"none", "unlimited", "inf", "infinity",
                                            "max",  "-1",        NULL};
    static const char *const unset[] = {"unset", "default", "not set", NULL};
    static const char *const yes[] = {"yes", "on", "true", "1", NULL};
    static const char *const no[] = {"no", "off", "false", "0", NULL};
    const struct tunable *tunable = typed->tunable;
    const char *text = typed->text;
    struct value other;

    *found = true;
    for (unsigned i = 0; tunable->choices && tunable->choices[i]; i++) {
        if (!g_ascii_strcasecmp(text, tunable->choices[i])) {
            *value = value_choice(i, tunable->unit == UNIT_FLAG ? i : 0);
            return true;
        }
    }
    if (tunable->unit == UNIT_FLAG && (is_word(text, yes) || is_word(text, no)))
        *value = value_choice(is_word(text, yes), is_word(text, yes));
    else if (tunable->unit == UNIT_SECONDS && !g_ascii_strcasecmp(text, "off"))
        *value = value_number(0);
    else if (tunable->unset && is_word(text, unset))
        *value = value_unset();
    else if (tunable->unlimited && is_word(text, unlimited))
        *value = value_unlimited();
    else if (tunable->unlimited && tunable->bare && !strcmp(text, LONG_MAX_TEXT))
        *value = value_unlimited();
    else if (tunable->unit == UNIT_BYTES && is_word(text, unlimited) &&
             (strcmp(text, "max") || !look_up(typed, text, &other)))
        return size_refuse(error, SIZE_ERROR_RANGE, "%s cannot be unlimited: write a size",
                           tunable->name);
    else
        *found = false;
    return true;
}

static bool check_range(const struct typed *typed, struct value *value, GError **error)
{
    const struct tunable *tunable = typed->tunable;
    uint64_t step = tunable->step > 1 ? tunable->step : 1;
    char text[SIZE_TEXT_MAX], bound[SIZE_TEXT_MAX];

    if (value->kind != VALUE_NUMBER)
        return true;
    if (typed->computed)
        value->number -= value->number % step;
    shown(typed, *value, text);
    if (value->number < tunable->min)
        return size_refuse(error, SIZE_ERROR_RANGE, "%s is below the least %s can be, %s", text,
                           tunable->name, shown(typed, value_number(tunable->min), bound));
    if (tunable->max && value->number > tunable->max)
        return size_refuse(error, SIZE_ERROR_OVERFLOW, "%s is above the most %s can be, %s", text,
                           tunable->name, shown(typed, value_number(tunable->max), bound));
    if (value->number % step)
        return size_refuse(error, SIZE_ERROR_RANGE, "%s must be a multiple of %s", tunable->name,
                           shown(typed, value_number(step), bound));
    return true;
}

bool size_parse_value(const char *text, const struct tunable *tunable,
                      const struct size_context *context, struct value *value, GError **error)
{
    g_autofree char *trimmed = size_trim(text, error);
    struct typed typed = {.text = trimmed, .tunable = tunable, .context = context};
    struct value parsed = value_number(0);
    bool percent = tunable->unit == UNIT_PERCENT || tunable->unit == UNIT_CENTI_PERCENT;
    const char *sign;
    bool found, read;

    if (!trimmed)
        return false;
    sign = strchr(trimmed, '%');
    read = read_word(&typed, &parsed, &found, error);
    if (read && !found) {
        if (*trimmed == '+' || *trimmed == '-')
            read = read_relative(&typed, &parsed, error);
        else if (sign && !(percent && !sign[1]))
            read = read_part(&typed, &parsed, error);
        else if (g_ascii_isalpha(*trimmed) || *trimmed == '_')
            read = read_copy(&typed, &parsed, error);
        else
            read = read_amount(&typed, trimmed, &parsed.number, error);
    }
    if (!read || !check_range(&typed, &parsed, error))
        return false;
    *value = parsed;
    return true;
}
