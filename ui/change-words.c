/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/change-words.h"

#include "model/backend.h"
#include "model/size.h"
#include "model/trouble.h"

#include <string.h>

static const char *label_of(const struct tunable *tunable)
{
    return tunable->label ? tunable->label : tunable->name;
}

char *words_label(const struct tunable *tunable)
{
    const char *label = label_of(tunable);
    char *text = tunable->half ? g_strdup_printf("%s %s", label, tunable->half) : g_strdup(label);

    if (g_ascii_isupper(text[0]) && g_ascii_islower(text[1]))
        text[0] = g_ascii_tolower(text[0]);
    return text;
}

char *words_value(const struct tunable *tunable, struct value value)
{
    char text[SIZE_TEXT_MAX];

    size_format_value(value, tunable->unit, tunable->choices, text);
    /* "normal 655360" */
    if (value.kind == VALUE_CHOICE && tunable->unit == UNIT_SHARES && value.number)
        return g_strdup_printf("%s %" G_GUINT64_FORMAT, text, value.number);
    return g_strdup(text);
}

/* Where the unit begins that both have: "34.0 GiB" and "36.0 GiB". */
static const char *common_unit(const char *a, const char *b)
{
    const char *unit = strchr(a, ' '), *other = strchr(b, ' ');

    return unit && other && g_ascii_isdigit(*a) && !strcmp(unit, other) ? unit : NULL;
}

char *words_pair(const struct tunable *tunable, struct value from, struct value to)
{
    char a[SIZE_TEXT_MAX], b[SIZE_TEXT_MAX];
    const char *unit;

    size_format_value(from, tunable->unit, tunable->choices, a);
    size_format_value(to, tunable->unit, tunable->choices, b);
    /* A small step is lost in rounding: then both are written out. */
    if (!strcmp(a, b) && !value_equal(from, to)) {
        size_format_exact(from, tunable->unit, tunable->choices, a);
        size_format_exact(to, tunable->unit, tunable->choices, b);
    }
    unit = common_unit(a, b);
    return unit ? g_strdup_printf("%.*s -> %s", (int)(unit - a), a, b)
                : g_strdup_printf("%s -> %s", a, b);
}

char *words_typed(const struct tunable *tunable, struct value value)
{
    char text[SIZE_TEXT_MAX];
    uint64_t bytes;

    if (value.kind == VALUE_NUMBER && tunable->unit == UNIT_BYTES &&
        size_parse(size_format(value.number, text), &bytes, NULL) && bytes == value.number)
        return g_strdup(text);
    return g_strdup(size_format_exact(value, tunable->unit, tunable->choices, text));
}

const char *words_scope(unsigned scopes)
{
    return scopes == SCOPE_LIVE ? "live" : scopes == SCOPE_CONFIG ? "config" : "live+config";
}

/* --- findings ------------------------------------------------------------------------------ */

char *words_finding(const struct finding *finding)
{
    static const char *const heads[] = {
        [SEVERITY_NOTE] = "note",           [SEVERITY_WARN] = "warning",
        [SEVERITY_DANGER] = "DANGER",       [SEVERITY_KILLS] = "KILLS AT ONCE",
        [SEVERITY_REFUSE] = "cannot be so",
    };
    GString *text = g_string_new(NULL);
    char size[SIZE_TEXT_MAX];

    g_string_printf(text, "%s%s: %s", heads[finding->severity],
                    finding->scope == SCOPE_CONFIG ? " (config)" : "", finding->text);
    if (finding->safe.kind == VALUE_NUMBER && finding->tunable &&
        finding->severity >= SEVERITY_DANGER)
        g_string_append_printf(text, ". %s safe now: %s",
                               finding->safe_is_most ? "Highest" : "Lowest",
                               size_format_value(finding->safe, finding->tunable->unit,
                                                 finding->tunable->choices, size));
    return g_string_free(text, FALSE);
}

enum paint words_finding_paint(enum severity severity)
{
    switch (severity) {
    case SEVERITY_NOTE:
        return PAINT_TEXT;
    case SEVERITY_WARN:
        return PAINT_NOTICE;
    case SEVERITY_DANGER:
    case SEVERITY_KILLS:
    case SEVERITY_REFUSE:
        return PAINT_KILLED;
    }
    return PAINT_TEXT;
}

/* --- what is left -------------------------------------------------------------------------- */

static struct value left_of(const struct snapshot *snapshot, const struct domain *domain)
{
    struct wall_state wall, limit;

    if (!trouble_wall(snapshot, domain, &wall, &limit))
        return value_unlimited();
    return value_number((uint64_t)MAX(wall.left, 0));
}

bool words_left(const struct snapshot *snapshot, const struct domain *domain,
                const struct change *changes, size_t n, struct value *before, struct value *after)
{
    const struct tunable *table = snapshot->backend->tunables;
    size_t rows = tunable_count(table);
    g_autofree struct setting *settings = g_memdup2(domain->settings, rows * sizeof *settings);
    struct domain trial = *domain;

    for (size_t i = 0; i < n; i++)
        if (changes[i].scope == SCOPE_LIVE)
            settings[changes[i].tunable - table].live =
                tunable_round(changes[i].tunable, changes[i].to);
    trial.settings = settings;
    *before = left_of(snapshot, domain);
    *after = left_of(snapshot, &trial);
    return before->kind == VALUE_NUMBER || after->kind == VALUE_NUMBER;
}

char *words_left_text(const struct snapshot *snapshot, const struct domain *domain,
                      const struct change *changes, size_t n)
{
    static const struct tunable bytes = {.unit = UNIT_BYTES};
    struct value before, after;
    g_autofree char *pair = NULL;

    if (!words_left(snapshot, domain, changes, n, &before, &after))
        return NULL;
    pair =
        value_equal(before, after) ? words_value(&bytes, after) : words_pair(&bytes, before, after);
    return g_strdup_printf("left %s", pair);
}
