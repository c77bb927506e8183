/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which rows a term takes. */
#include "model/filter-parts.h"

#include "model/backend.h"
#include "model/size.h"

#include <string.h>

/* --- texts ------------------------------------------------------------------------------- */

static bool glob_matches(const struct term *term, const char *text)
{
    g_autofree char *folded = text ? g_utf8_casefold(text, -1) : NULL;
    return folded && g_pattern_spec_match_string(term->glob, folded);
}

static bool match_name(const struct term *term, const struct row *row)
{
    return glob_matches(term, row->domain->identity->name);
}

static bool match_title(const struct term *term, const struct row *row)
{
    return glob_matches(term, row->domain->identity->title);
}

static bool match_host(const struct term *term, const struct row *row)
{
    return glob_matches(term, row->snapshot->host.name);
}

static bool match_driver(const struct term *term, const struct row *row)
{
    return glob_matches(term, row->snapshot->host.hypervisor) ||
           glob_matches(term, row->snapshot->backend->name);
}

static bool match_state(const struct term *term, const struct row *row)
{
    return glob_matches(term, domain_state_name(row->domain->identity->state));
}

static bool match_uuid(const struct term *term, const struct row *row)
{
    return glob_matches(term, row->domain->identity->native_id);
}

static bool match_pool(const struct term *term, const struct row *row)
{
    return glob_matches(term, row->domain->identity->parents);
}

static bool match_kind(const struct term *term, const struct row *row)
{
    return glob_matches(term, row->domain->identity->kind);
}

static bool match_why(const struct term *term, const struct row *row)
{
    return row->trouble.why[0] && glob_matches(term, row->trouble.why);
}

bool filter_match_anything(const struct term *term, const struct row *row)
{
    return match_name(term, row) || match_title(term, row) || match_host(term, row);
}

/* --- flags ------------------------------------------------------------------------------- */

static bool match_trouble(const struct term *term, const struct row *row)
{
    return row->trouble.rank != TROUBLE_NONE;
}

static bool match_stale(const struct term *term, const struct row *row)
{
    return row->trouble.stale;
}

static bool match_tagged(const struct term *term, const struct row *row)
{
    return row->tagged;
}

static bool match_differs(const struct term *term, const struct row *row)
{
    const struct tunable *rows = row->snapshot->backend->tunables;
    for (size_t i = 0; rows[i].name; i++)
        if (trouble_differs(&rows[i], &row->domain->settings[i]))
            return true;
    return false;
}

/* --- comparisons ------------------------------------------------------------------------- */

struct operand_value {
    struct value value;
    enum unit unit;
    const char *const *choices;
};

static struct value setting_value(const struct setting *setting)
{
    return value_known(setting->live) ? setting->live : setting->config;
}

/* What `name` is of this row; false where its hypervisor has nothing of that name. */
static bool look_up(const struct row *row, const char *name, struct operand_value *found)
{
    const struct backend *backend = row->snapshot->backend;
    *found = (struct operand_value){.unit = UNIT_BYTES};
    if (strcmp(name, "needed") == 0)
        found->value = row->trouble.needed;
    else if (strcmp(name, "left") == 0)
        found->value = row->trouble.left;
    else if (strcmp(name, "limit") == 0 && !tunable_find(backend->tunables, name))
        found->value = row->trouble.limit;
    if (found->value.reason || found->value.kind != VALUE_UNKNOWN)
        return true;
    const struct tunable *tunable = tunable_find(backend->tunables, name);
    if (tunable) {
        const struct setting *setting = &row->domain->settings[tunable - backend->tunables];
        *found = (struct operand_value){setting_value(setting), tunable->unit, tunable->choices};
        if (value_known(found->value))
            return true;
    }
    int index = figure_index(backend->figures, name);
    if (index >= 0)
        *found =
            (struct operand_value){row->domain->figures[index], backend->figures[index].unit, NULL};
    return index >= 0 || tunable;
}

static bool relation_holds(unsigned relation, int order)
{
    return relation & (order < 0 ? LESS : order > 0 ? GREATER : EQUAL);
}

static bool compare_numbers(const struct term *term, double a, double b)
{
    return relation_holds(term->relation, (a > b) - (a < b));
}

/* N% is of the wall for what is left, of the maximum for another size, and itself for a share. */
static bool compare_percent(const struct term *term, const struct row *row,
                            const struct operand_value *found)
{
    struct operand_value maximum;
    uint64_t number, whole;
    if (strcmp(term->name, "left") == 0)
        return row->trouble.percent_left >= 0 &&
               compare_numbers(term, row->trouble.percent_left, term->number);
    if (!value_get(found->value, &number))
        return false;
    if (found->unit == UNIT_PERCENT)
        return compare_numbers(term, (double)number, term->number);
    if (found->unit == UNIT_CENTI_PERCENT)
        return compare_numbers(term, (double)number / 100, term->number);
    if (found->unit != UNIT_BYTES || !look_up(row, "maximum", &maximum) ||
        !value_get(maximum.value, &whole) || !whole)
        return false;
    return compare_numbers(term, (double)number * 100 / (double)whole, term->number);
}

static bool compare_bare(const struct term *term, const struct operand_value *found)
{
    if (found->value.kind != VALUE_NUMBER && found->value.kind != VALUE_CHOICE)
        return false;
    double scale = found->unit == UNIT_CENTI_PERCENT ? 100 : 1;
    if (found->unit == UNIT_BYTES && term->number > 0)
        return false; /* 2 what? */
    return compare_numbers(term, (double)found->value.number / scale, term->number);
}

static bool compare_word(const struct term *term, const struct operand_value *found)
{
    if (found->value.kind != VALUE_CHOICE || !found->choices)
        return false;
    bool same = g_ascii_strcasecmp(found->choices[found->value.choice], term->text) == 0;
    return relation_holds(term->relation, same ? 0 : 1);
}

bool filter_match_comparison(const struct term *term, const struct row *row)
{
    struct operand_value found;
    if (!look_up(row, term->name, &found) || !value_known(found.value))
        return false;
    switch (term->operand) {
    case OPERAND_PERCENT:
        return compare_percent(term, row, &found);
    case OPERAND_BARE:
        return compare_bare(term, &found);
    case OPERAND_WORD:
        return compare_word(term, &found);
    case OPERAND_VALUE:
        break;
    }
    if (found.value.kind == VALUE_UNSET || found.value.kind == VALUE_CHOICE)
        return false;
    return relation_holds(term->relation, value_compare(found.value, term->value));
}

/* clang-format off */
const struct text_key filter_text_keys[] = {
    {"name",  match_name,   true},
    {"host",  match_host,   false},
    {"drv",   match_driver, false},
    {"state", match_state,  false},
    {"title", match_title,  true},
    {"uuid",  match_uuid,   false},
    {"pool",  match_pool,   true},
    {"kind",  match_kind,   false},
    {"why",   match_why,    true},
    {0},
};

const struct text_key filter_flags[] = {
    {"trouble", match_trouble, false},
    {"stale",   match_stale,   false},
    {"tagged",  match_tagged,  false},
    {"differs", match_differs, false},
    {0},
};
/* clang-format on */
