/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/support/fake-script.h"

#include "model/size.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static bool wrong(const char *text, const char *what, GError **error)
{
    g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_URI, "script: \"%s\" is not %s", text, what);
    return false;
}

static const char *reason_of(const char *text)
{
    g_autofree char *stripped = g_strstrip(g_strdup(text));
    return *stripped ? g_intern_string(stripped) : NULL;
}

static bool parse_number(const char *text, enum unit unit, uint64_t *number)
{
    char *end;
    double plain = g_ascii_strtod(text, &end);
    if (end != text && !*end && plain >= 0) {
        *number = (uint64_t)(unit == UNIT_CENTI_PERCENT ? plain * 100 + 0.5 : plain);
        return true;
    }
    return unit == UNIT_BYTES && size_parse(text, number, NULL);
}

bool fake_parse_value(const char *text, enum unit unit, const char *const *choices,
                      struct value *value, GError **error)
{
    uint64_t number;
    int64_t when;
    if (text[0] == '?')
        *value = value_unknown(reason_of(text + 1));
    else if (text[0] == '-' && !g_ascii_isdigit(text[1]))
        *value = value_unsupported(reason_of(text + 1));
    else if (strcmp(text, "none") == 0)
        *value = value_unlimited();
    else if (strcmp(text, "unset") == 0)
        *value = value_unset();
    else if (unit == UNIT_TIME && fake_parse_when(text, &when, NULL))
        *value = value_number((uint64_t)when);
    else if (parse_number(text, unit, &number))
        *value = value_number(number);
    else {
        g_auto(GStrv) parts = g_strsplit(text, " ", 2);
        for (unsigned i = 0; choices && parts[0] && choices[i]; i++)
            if (strcmp(choices[i], parts[0]) == 0) {
                *value = value_choice(i, parts[1] ? g_ascii_strtoull(parts[1], NULL, 10) : 0);
                return true;
            }
        return wrong(text, "a value", error);
    }
    return true;
}

bool fake_parse_span(const char *text, double *seconds, GError **error)
{
    static const struct {
        const char *unit;
        double seconds;
    } units[] = {{"ms", 0.001}, {"s", 1}, {"min", 60}, {"h", 3600}, {"d", 86400}, {"", 1}};
    char *end;
    double number = g_ascii_strtod(text, &end);
    for (size_t i = 0; end != text && i < G_N_ELEMENTS(units); i++)
        if (strcmp(end, units[i].unit) == 0) {
            *seconds = number * units[i].seconds;
            return true;
        }
    return wrong(text, "a span such as 47s or 9min", error);
}

bool fake_parse_when(const char *text, int64_t *when, GError **error)
{
    time_t now = (time_t)(g_get_real_time() / G_TIME_SPAN_SECOND);
    unsigned hour, minute;
    double seconds;
    struct tm tm;
    char rest;
    if (text[0] == '-' && fake_parse_span(text, &seconds, NULL)) {
        *when = (int64_t)now + (int64_t)seconds;
        return true;
    }
    if (sscanf(text, "%2u:%2u%c", &hour, &minute, &rest) != 2 || hour > 23 || minute > 59)
        return wrong(text, "a time of day or -6min", error);
    localtime_r(&now, &tm);
    tm.tm_hour = (int)hour;
    tm.tm_min = (int)minute;
    tm.tm_sec = 0;
    tm.tm_isdst = -1;
    *when = (int64_t)mktime(&tm);
    if (*when > (int64_t)now)
        *when -= 86400;
    return true;
}

/* "+41M/min" */
static bool parse_slope(const char *text, enum unit unit, double *slope, GError **error)
{
    const char *slash = strchr(text, '/');
    uint64_t number;
    double seconds;
    if (!slash)
        return wrong(text, "a slope such as +41M/min", error);
    g_autofree char *amount = g_strndup(text + 1, (gsize)(slash - text - 1));
    g_autofree char *span = g_strconcat("1", slash + 1, NULL);
    if (!parse_number(amount, unit, &number) || !fake_parse_span(span, &seconds, NULL))
        return wrong(text, "a slope such as +41M/min", error);
    *slope = (text[0] == '-' ? -1 : 1) * (double)number / seconds;
    return true;
}

static bool parse_step(const char *text, enum unit unit, struct fake_moving *moving, GError **error)
{
    const char *at = strchr(text, '@');
    if (!at || moving->n_steps == FAKE_STEPS)
        return wrong(text, "a step such as 2@-6min", error);
    g_autofree char *number = g_strndup(text, (gsize)(at - text));
    unsigned i = moving->n_steps++;
    return fake_parse_value(number, unit, NULL, &moving->steps[i].value, error) &&
           fake_parse_span(at + (at[1] == '+' ? 2 : 1), &moving->steps[i].at, error);
}

bool fake_parse_moving(const char *text, enum unit unit, struct fake_moving *moving, GError **error)
{
    struct fake_moving parsed = {.slope = 0};
    bool reason = text[0] == '?' || text[0] == '-';
    g_auto(GStrv) parts = g_strsplit(text, reason ? "\n" : ";", -1);
    char *slope = NULL;
    for (char *c = parts[0]; !reason && c && *c; c++)
        if (*c == ' ' && (c[1] == '+' || c[1] == '-')) {
            *c = '\0';
            slope = c + 1;
            break;
        }
    if (!parts[0] || !fake_parse_value(g_strstrip(parts[0]), unit, NULL, &parsed.start, error))
        return parts[0] ? false : wrong(text, "a value", error);
    if (slope && !parse_slope(g_strstrip(slope), unit, &parsed.slope, error))
        return false;
    for (unsigned i = 1; parts[i]; i++)
        if (!parse_step(g_strstrip(parts[i]), unit, &parsed, error))
            return false;
    *moving = parsed;
    return true;
}

struct value fake_at(const struct fake_moving *moving, double seconds)
{
    struct value value = moving->start;
    if (value.kind == VALUE_NUMBER && moving->slope != 0)
        value.number = (uint64_t)MAX(0.0, (double)value.number + moving->slope * seconds);
    for (unsigned i = 0; i < moving->n_steps; i++)
        if (seconds >= moving->steps[i].at)
            value = moving->steps[i].value;
    return value;
}

bool fake_fail(const char *text, GError **error)
{
    static const char *const codes[] = {
        [BACKEND_ERROR_FAILED] = "failed",
        [BACKEND_ERROR_CONNECTION] = "connection",
        [BACKEND_ERROR_PERMISSION] = "permission",
        [BACKEND_ERROR_URI] = "uri",
        [BACKEND_ERROR_AUTH] = "auth",
        [BACKEND_ERROR_UNSUPPORTED] = "unsupported",
        [BACKEND_ERROR_TIMEOUT] = "timeout",
        [BACKEND_ERROR_CANCELLED] = "cancelled",
        [BACKEND_ERROR_GONE] = "gone",
        [BACKEND_ERROR_CONFLICT] = "conflict",
        [BACKEND_ERROR_BUSY] = "busy",
    };
    const char *colon = strstr(text, ": ");
    for (size_t i = 0; colon && i < G_N_ELEMENTS(codes); i++)
        if (strlen(codes[i]) == (size_t)(colon - text) &&
            strncmp(text, codes[i], strlen(codes[i])) == 0) {
            g_set_error_literal(error, BACKEND_ERROR, (int)i, colon + 2);
            return false;
        }
    g_set_error_literal(error, BACKEND_ERROR, BACKEND_ERROR_FAILED, text);
    return false;
}
