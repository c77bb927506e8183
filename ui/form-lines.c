/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is said below the focused field. */
#include "ui/form-private.h"

#include "model/backend.h"
#include "model/checks.h"
#include "model/size.h"
#include "ui/change-words.h"

#include <string.h>

#define DOMAINS_SHOWN 3 /* of many, in the lines of the focused field */

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
    g_autofree char *before = form_group_value(form, row, domain, scope), *after = NULL;
    char texts[FORM_HALVES][SIZE_TEXT_MAX];

    for (size_t half = 0; half < FORM_HALVES; half++) {
        const struct change *change = form_staged(form, row, half, domain, scope);

        form_short(row->halves[half],
                   change ? change->to
                          : form_scope_value(form_setting(form, row, half, domain), scope),
                   texts[half]);
    }
    after = form_join(texts[0], texts[1]);
    return g_strdup_printf("%s -> %s", before, after);
}

static void add_scope(GString *text, const struct form *form, const struct form_row *row,
                      size_t domain, enum scope scope, bool any)
{
    const struct change *first = form_staged(form, row, 0, domain, scope);
    const struct change *second =
        row->n_halves > 1 ? form_staged(form, row, 1, domain, scope) : NULL;
    struct value value = form_scope_value(form_setting(form, row, 0, domain), scope);
    g_autofree char *shown = NULL;

    if (!first && !second && !value_known(value))
        return;
    shown = row->n_halves > 1 && (first || second) ? group_pair(form, row, domain, scope)
            : first ? words_pair(first->tunable, first->from, first->to)
                    : form_one_value(form, row, domain, scope);
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
    const struct value *seen = form_seen_outside(form, row, &domain, &half, &scope);
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
    /* Of what is typed the findings say it. */
    if (!why_not && !*row->text)
        why_not = form_why_not_live(form, index);
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
