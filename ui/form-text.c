/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a row of a form says. */
#include "ui/form-private.h"

#include "model/backend.h"
#include "model/checks.h"
#include "model/size.h"
#include "ui/change-words.h"

#include <string.h>

#define DOMAINS_SHOWN 3 /* of many, in the lines of the focused field */

static struct value value_of(const struct setting *setting, enum scope scope)
{
    return !setting ? value_unknown(NULL) : scope == SCOPE_CONFIG ? setting->config : setting->live;
}

static void short_text(const struct tunable *tunable, struct value value, char text[SIZE_TEXT_MAX])
{
    if (value.kind == VALUE_NUMBER && tunable->unit == UNIT_BYTES) {
        size_format_short(value.number, text);
        memmove(text, g_strchug(text), strlen(text) + 1);
    } else {
        size_format_value(value, tunable->unit, tunable->choices, text);
    }
}

/* "7.5:8.0G": a unit that both have is said once. */
static char *join_halves(const char *a, const char *b)
{
    size_t n = strlen(a), m = strlen(b);
    bool unit = n && m && g_ascii_isalpha(a[n - 1]) && a[n - 1] == b[m - 1] && g_ascii_isdigit(*a);

    return g_strdup_printf("%.*s:%s", (int)(unit ? n - 1 : n), a, b);
}

static char *group_value(const struct form *form, const struct form_row *row, size_t domain,
                         enum scope scope)
{
    const struct tunable *first = row->halves[0];
    struct value values[FORM_HALVES];
    char texts[FORM_HALVES][SIZE_TEXT_MAX];

    for (size_t half = 0; half < FORM_HALVES; half++) {
        values[half] = value_of(form_setting(form, row, half, domain), scope);
        short_text(row->halves[half], values[half], texts[half]);
    }
    /* The other half has no meaning where one value sets the first alone. */
    if (!value_known(values[0]) ||
        (first->group_one == GROUP_ONE_FIRST && values[1].kind == VALUE_UNLIMITED))
        return g_strdup(texts[0]);
    return join_halves(texts[0], texts[1]);
}

static char *one_value(const struct form *form, const struct form_row *row, size_t domain,
                       enum scope scope)
{
    if (row->n_halves > 1)
        return group_value(form, row, domain, scope);
    return words_value(row->halves[0], value_of(form_setting(form, row, 0, domain), scope));
}

/* "2-16 GiB" of many numbers, or "mixed". */
static char *range(const struct form *form, const struct form_row *row, enum scope scope)
{
    const struct tunable *tunable = row->halves[0];
    struct value least = value_unlimited(), most = value_number(0);
    g_autofree char *pair = NULL;
    char *arrow;

    for (size_t i = 0; i < form->n; i++) {
        struct value value = value_of(form_setting(form, row, 0, i), scope);

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
    first = one_value(form, row, 0, scope);
    for (size_t i = 1; i < form->n; i++) {
        g_autofree char *other = one_value(form, row, i, scope);

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
    short_text(&shown, at->domain->figures[figure], text);
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
                !value_equal(tunable_round(row->halves[half], setting->live),
                             tunable_round(row->halves[half], setting->config)))
                return true;
        }
    }
    return false;
}

/* The value that was seen before somebody else changed it; NULL where nobody did. */
static const struct value *outside(const struct form *form, const struct form_row *row,
                                   size_t *domain, size_t *half, enum scope *scope)
{
    for (*domain = 0; *domain < form->n; ++*domain) {
        for (*half = 0; *half < row->n_halves; ++*half) {
            const struct setting *setting = form_setting(form, row, *half, *domain);
            const struct value *seen = &row->seen[(*domain * FORM_HALVES + *half) * 2];

            for (unsigned at = 0; setting && at < 2; at++) {
                *scope = at ? SCOPE_CONFIG : SCOPE_LIVE;
                if (value_known(seen[at]) && value_known(value_of(setting, *scope)) &&
                    !value_equal(seen[at], value_of(setting, *scope)))
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

    return outside(form, row, &domain, &half, &scope) != NULL;
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
        struct value own = value_of(form_setting(form, row, half, domain), SCOPE_LIVE);

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

/* --- the lines below ----------------------------------------------------------------------- */

static void line_free(gpointer data)
{
    struct form_line *line = data;

    g_free(line->text);
    g_free(line);
}

static void add_line(GPtrArray *lines, bool plain, enum severity severity, char *text)
{
    struct form_line *line = g_new0(struct form_line, 1);

    *line = (struct form_line){severity, plain, text};
    g_ptr_array_add(lines, line);
}

/* "7.5:8.0G -> 300:300M" of a group's staged halves. */
static char *group_pair(const struct form *form, const struct form_row *row, size_t domain,
                        enum scope scope)
{
    g_autofree char *before = group_value(form, row, domain, scope), *after = NULL;
    char texts[FORM_HALVES][SIZE_TEXT_MAX];

    for (size_t half = 0; half < FORM_HALVES; half++) {
        const struct change *change = form_staged(form, row, half, domain, scope);

        short_text(row->halves[half],
                   change ? change->to : value_of(form_setting(form, row, half, domain), scope),
                   texts[half]);
    }
    after = join_halves(texts[0], texts[1]);
    return g_strdup_printf("%s -> %s", before, after);
}

static void add_scope(GString *text, const struct form *form, const struct form_row *row,
                      size_t domain, enum scope scope, bool any)
{
    const struct change *first = form_staged(form, row, 0, domain, scope);
    const struct change *second =
        row->n_halves > 1 ? form_staged(form, row, 1, domain, scope) : NULL;
    struct value value = value_of(form_setting(form, row, 0, domain), scope);
    g_autofree char *shown = NULL;

    if (!first && !second && !value_known(value))
        return;
    shown = row->n_halves > 1 && (first || second) ? group_pair(form, row, domain, scope)
            : first ? words_pair(first->tunable, first->from, first->to)
                    : one_value(form, row, domain, scope);
    g_string_append_printf(text, "%s%s %s%s", text->len ? "   " : "",
                           form->one_scope ? "now" : words_scope(scope), shown,
                           any && !first && !second ? " unchanged" : "");
}

/* "live 34.0 -> 36.0 GiB   config 36.0 GiB unchanged   left 1.3 -> 3.3 GiB" */
static char *result_of(const struct form *form, const struct form_row *row, size_t domain)
{
    const struct row *at = &form->domains[domain];
    g_autoptr(GString) text = g_string_new(NULL);
    g_autofree struct change *changes = NULL;
    g_autofree char *left = NULL;
    bool any = *row->text && !row->error;
    size_t n;

    if (!at->domain)
        return g_strdup("not known any more");
    changes = changeset_of(form->changes, &form->keys[domain], &n);
    add_scope(text, form, row, domain, SCOPE_LIVE, any);
    if (!form->one_scope)
        add_scope(text, form, row, domain, SCOPE_CONFIG, any);
    left = words_left_text(at->snapshot, at->domain, changes, n);
    if (left)
        g_string_append_printf(text, "%s%s", text->len ? "   " : "", left);
    return g_strdup(text->str);
}

static void add_results(GPtrArray *lines, const struct form *form, const struct form_row *row)
{
    for (size_t i = 0; i < MIN(form->n, DOMAINS_SHOWN); i++) {
        g_autofree char *result = result_of(form, row, i);
        const struct domain *domain = form->domains[i].domain;

        if (form->n > 1)
            add_line(lines, true, SEVERITY_NOTE,
                     g_strdup_printf("%s: %s", domain ? domain->identity->name : "?", result));
        else
            add_line(lines, true, SEVERITY_NOTE, g_steal_pointer(&result));
    }
    if (form->n > DOMAINS_SHOWN)
        add_line(lines, true, SEVERITY_NOTE,
                 g_strdup_printf("and %zu more: see the review", form->n - DOMAINS_SHOWN));
}

static bool about_row(const struct form *form, const struct form_row *row, size_t domain,
                      const struct finding *finding)
{
    for (size_t half = 0; half < row->n_halves; half++)
        if (finding->tunable == form_tunable(form, row, half, domain))
            return true;
    return !finding->tunable;
}

static void add_findings(GPtrArray *lines, const struct form *form, const struct form_row *row,
                         size_t domain)
{
    const struct row *at = &form->domains[domain];
    g_autofree struct change *changes = NULL;
    struct findings *findings;
    size_t n;

    if (!at->domain)
        return;
    changes = changeset_of(form->changes, &form->keys[domain], &n);
    findings = findings_new();
    if (n)
        checks_run(at->snapshot, at->domain, changes, n, findings);
    for (int severity = SEVERITY_REFUSE; severity >= SEVERITY_NOTE; severity--) {
        for (size_t i = 0; i < findings_count(findings); i++) {
            const struct finding *finding = findings_get(findings, i);
            g_autofree char *text = NULL;

            if ((int)finding->severity != severity || !about_row(form, row, domain, finding))
                continue;
            text = words_finding(finding);
            add_line(lines, false, finding->severity,
                     form->n > 1 ? g_strdup_printf("%s: %s", at->domain->identity->name, text)
                                 : g_steal_pointer(&text));
        }
    }
    findings_free(findings);
}

static int by_severity(gconstpointer a, gconstpointer b)
{
    const struct form_line *left = *(struct form_line *const *)a;
    const struct form_line *right = *(struct form_line *const *)b;

    return (int)right->severity - (int)left->severity;
}

static void add_outside(GPtrArray *lines, const struct form *form, const struct form_row *row)
{
    size_t domain, half;
    enum scope scope;
    const struct value *seen = outside(form, row, &domain, &half, &scope);
    const struct tunable *tunable = seen ? row->halves[half] : NULL;
    g_autofree char *was = NULL;

    if (!seen)
        return;
    was = words_value(tunable, *seen);
    add_line(lines, false, SEVERITY_WARN,
             g_strdup_printf("changed by somebody else while this form is open: %s was %s",
                             form->one_scope ? "it" : words_scope(scope), was));
}

static void add_bounds(GPtrArray *lines, const struct form *form, size_t index)
{
    for (size_t i = 0; i < MIN(form->n, DOMAINS_SHOWN); i++) {
        const struct wall *wall = form_bound(form, index, i);
        char limit[SIZE_TEXT_MAX];

        if (!wall)
            continue;
        size_format_value(value_number(wall->limit), UNIT_BYTES, NULL, limit);
        add_line(lines, true, SEVERITY_NOTE,
                 g_strdup_printf("^ %s%s%s bounds it before: %s for all below it",
                                 form->n > 1 ? form->domains[i].domain->identity->name : "",
                                 form->n > 1 ? ": " : "", wall->owner, limit));
    }
}

GPtrArray *form_lines(const struct form *form, size_t index)
{
    const struct form_row *row = form_at(form, index);
    GPtrArray *lines = g_ptr_array_new_with_free_func(line_free);
    g_autoptr(GPtrArray) found = g_ptr_array_new();
    char *why_not;

    if (row->kind != FORM_FIELD)
        return lines;
    if (row->error)
        add_line(lines, false, SEVERITY_REFUSE, g_strdup(row->error));
    else
        add_results(lines, form, row);
    add_bounds(lines, form, index);
    add_outside(lines, form, row);
    why_not = form_why_not(form, index);
    if (why_not)
        add_line(lines, true, SEVERITY_NOTE, why_not);
    g_ptr_array_set_free_func(lines, NULL);
    for (size_t i = 0; i < form->n; i++)
        add_findings(found, form, row, i);
    g_ptr_array_sort(found, by_severity);
    for (guint i = 0; i < found->len; i++)
        g_ptr_array_add(lines, g_ptr_array_index(found, i));
    g_ptr_array_set_free_func(lines, line_free);
    return lines;
}
