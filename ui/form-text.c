/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a row of a form says. */
#include "ui/form-private.h"

#include "model/backend.h"
#include "model/checks.h"
#include "model/size.h"
#include "ui/change-words.h"

#include <string.h>

struct value form_scope_value(const struct setting *setting, enum scope scope)
{
    return !setting ? value_unknown(NULL) : scope == SCOPE_CONFIG ? setting->config : setting->live;
}

void form_short(const struct tunable *tunable, struct value value, char text[SIZE_TEXT_MAX])
{
    if (value.kind == VALUE_NUMBER && tunable->unit == UNIT_BYTES) {
        size_format_short(value.number, text);
        memmove(text, g_strchug(text), strlen(text) + 1);
    } else {
        size_format_value(value, tunable->unit, tunable->choices, text);
    }
}

char *form_join(const char *a, const char *b)
{
    size_t n = strlen(a), m = strlen(b);
    bool unit = n && m && g_ascii_isalpha(a[n - 1]) && a[n - 1] == b[m - 1] && g_ascii_isdigit(*a);

    return g_strdup_printf("%.*s:%s", (int)(unit ? n - 1 : n), a, b);
}

char *form_group_value(const struct form *form, const struct form_row *row, size_t domain,
                       enum scope scope)
{
    const struct tunable *first = row->halves[0];
    struct value values[FORM_HALVES];
    char texts[FORM_HALVES][SIZE_TEXT_MAX];

    for (size_t half = 0; half < FORM_HALVES; half++) {
        values[half] = form_scope_value(form_setting(form, row, half, domain), scope);
        form_short(row->halves[half], values[half], texts[half]);
    }
    /* The other half has no meaning where one value sets the first alone. */
    if (!value_known(values[0]) ||
        (values[0].kind == VALUE_UNSET && values[1].kind == VALUE_UNSET) ||
        (first->group_one == GROUP_ONE_FIRST && values[1].kind == VALUE_UNLIMITED))
        return g_strdup(texts[0]);
    return form_join(texts[0], texts[1]);
}

char *form_one_value(const struct form *form, const struct form_row *row, size_t domain,
                     enum scope scope)
{
    if (row->n_halves > 1)
        return form_group_value(form, row, domain, scope);
    return words_value(row->halves[0], form_scope_value(form_setting(form, row, 0, domain), scope));
}

/* "2-16 GiB" of many numbers, or "mixed". */
static char *range(const struct form *form, const struct form_row *row, enum scope scope)
{
    const struct tunable *tunable = row->halves[0];
    struct value least = value_unlimited(), most = value_number(0);
    g_autofree char *pair = NULL;
    char *arrow;

    for (size_t i = 0; i < form->n; i++) {
        struct value value = form_scope_value(form_setting(form, row, 0, i), scope);

        if (row->n_halves > 1 || value.kind != VALUE_NUMBER)
            return g_strdup("mixed");
        least = value_compare(value, least) < 0 ? value : least;
        most = value_compare(value, most) > 0 ? value : most;
    }
    pair = words_pair(tunable, least, most);
    arrow = strstr(pair, " -> ");
    if (!arrow)
        return g_strdup("mixed");
    *arrow = '\0';
    return g_strdup_printf("%s-%s", pair, arrow + 4);
}

char *form_value(const struct form *form, size_t index, enum scope scope)
{
    const struct form_row *row = form_at(form, index);
    g_autofree char *first = NULL;

    if (row->kind != FORM_FIELD)
        return g_strdup("");
    first = form_one_value(form, row, 0, scope);
    for (size_t i = 1; i < form->n; i++) {
        g_autofree char *other = form_one_value(form, row, i, scope);

        if (strcmp(first, other))
            return range(form, row, scope);
    }
    return g_steal_pointer(&first);
}

/* The figure that is counted against a group: "privvmpages.held". */
static int held_figure(const struct backend *backend, const struct tunable *tunable)
{
    for (int i = 0; tunable->group && backend->figures[i].name; i++)
        if (!g_strcmp0(backend->figures[i].group, tunable->group) &&
            g_str_has_suffix(backend->figures[i].name, ".held"))
            return i;
    return tunable->wall_figure ? figure_index(backend->figures, tunable->wall_figure) : -1;
}

bool form_has_held(const struct form *form)
{
    for (size_t i = 0; i < form_n_rows(form); i++) {
        const struct form_row *row = form_at(form, i);

        if (row->kind == FORM_FIELD && row->halves[0]->group && !form_absent(form, row) &&
            held_figure(form->backend, row->halves[0]) >= 0)
            return true;
    }
    return false;
}

char *form_held(const struct form *form, size_t index)
{
    const struct form_row *row = form_at(form, index);
    const struct row *at = &form->domains[0];
    int figure = row->kind == FORM_FIELD ? held_figure(form->backend, row->halves[0]) : -1;
    const struct tunable shown = {.unit = figure < 0 ? UNIT_BYTES
                                                     : form->backend->figures[figure].unit};
    char text[SIZE_TEXT_MAX];

    if (figure < 0 || form->n > 1 || !at->domain)
        return g_strdup("");
    form_short(&shown, at->domain->figures[figure], text);
    return g_strdup(text);
}

bool form_differs(const struct form *form, size_t index)
{
    const struct form_row *row = form_at(form, index);

    for (size_t i = 0; !form->one_scope && i < form->n; i++) {
        for (size_t half = 0; half < row->n_halves; half++) {
            const struct setting *setting = form_setting(form, row, half, i);

            /* Unlike the list, a form shows every difference. */
            if (setting && value_known(setting->live) && value_known(setting->config) &&
                !(row->halves[half]->role == ROLE_SWAPPINESS &&
                  setting->config.kind == VALUE_UNSET) &&
                !value_equal(tunable_round(row->halves[half], setting->live),
                             tunable_round(row->halves[half], setting->config)))
                return true;
        }
    }
    return false;
}

const struct value *form_seen_outside(const struct form *form, const struct form_row *row,
                                      size_t *domain, size_t *half, enum scope *scope)
{
    for (*domain = 0; *domain < form->n; ++*domain) {
        for (*half = 0; *half < row->n_halves; ++*half) {
            const struct setting *setting = form_setting(form, row, *half, *domain);
            const struct value *seen = &row->seen[(*domain * FORM_HALVES + *half) * 2];

            for (unsigned at = 0; setting && at < 2; at++) {
                *scope = at ? SCOPE_CONFIG : SCOPE_LIVE;
                if (value_known(seen[at]) && value_known(form_scope_value(setting, *scope)) &&
                    !value_equal(seen[at], form_scope_value(setting, *scope)))
                    return &seen[at];
            }
        }
    }
    return NULL;
}

bool form_outside(const struct form *form, size_t index)
{
    const struct form_row *row = form_at(form, index);
    size_t domain, half;
    enum scope scope;

    return form_seen_outside(form, row, &domain, &half, &scope) != NULL;
}

/* What acts now, where the domains differ in it. */
static bool differing(const struct form *form, size_t index, char **text)
{
    *text = form_value(form, index, SCOPE_LIVE);
    return strchr(*text, '-') && strlen(*text) > 1;
}

const struct wall *form_bound(const struct form *form, size_t index, size_t domain)
{
    const struct form_row *row = form_at(form, index);
    const struct domain *at = form->domains[domain].domain;
    const struct wall *nearest = NULL;

    for (size_t half = 0; at && half < row->n_halves; half++) {
        const struct tunable *tunable = form_tunable(form, row, half, domain);
        struct value own = form_scope_value(form_setting(form, row, half, domain), SCOPE_LIVE);

        /* A soft limit and swap alone are no bounds of the same thing. */
        if (!tunable || tunable->unit != UNIT_BYTES ||
            (tunable->role != ROLE_HARD && tunable->role != ROLE_LIMIT_SLOW) ||
            (own.kind != VALUE_NUMBER && own.kind != VALUE_UNLIMITED))
            continue;
        for (size_t i = 0; i < at->n_walls; i++)
            if (value_compare(value_number(at->walls[i].limit), own) < 0 &&
                (!nearest || at->walls[i].limit < nearest->limit))
                nearest = &at->walls[i];
    }
    return nearest;
}

bool form_bounded(const struct form *form, size_t index)
{
    for (size_t i = 0; i < form->n; i++)
        if (form_bound(form, index, i))
            return true;
    return false;
}

char *form_native(const struct form *form, size_t index)
{
    const struct form_row *row = form_at(form, index);
    g_autofree char *range_text = NULL;
    const struct tunable *tunable = row->halves[0];
    GString *text;

    if (row->kind == FORM_SCOPES)
        return g_strdup("Left, Right or Space: where everything typed here is written to.");
    if (row->kind == FORM_FOLD)
        return g_strdup_printf("Enter %s %u rows.", row->open ? "hides" : "shows", row->n_below);
    text = g_string_new(tunable->label ? tunable->label : tunable->name);
    if (tunable->native && !(row->n_halves > 1))
        g_string_append_printf(text, ", %s", tunable->native);
    if (tunable->libvirt)
        g_string_append_printf(text, ", \"%s\" in virsh", tunable->libvirt);
    if (row->n_halves > 1)
        g_string_append_printf(text, ", %s:%s", row->halves[0]->half, row->halves[1]->half);
    if (tunable->choices) {
        g_autofree char *choices = g_strjoinv(", ", (char **)tunable->choices);

        g_string_append_printf(text, "; %s", choices);
    }
    if (form->n > 1 && differing(form, index, &range_text))
        g_string_append_printf(text, "; mixed: %s", range_text);
    g_string_append_c(text, '.');
    return g_string_free(text, FALSE);
}
