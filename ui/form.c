/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/form-private.h"

#include "model/backend.h"
#include "model/size.h"
#include "ui/change-words.h"

#include <string.h>

struct form_row *form_at(const struct form *form, size_t index)
{
    return g_ptr_array_index(form->rows, index);
}

const struct tunable *form_tunable(const struct form *form, const struct form_row *row, size_t half,
                                   size_t domain)
{
    const struct tunable *mine = row->halves[half], *found;
    const struct snapshot *snapshot = form->domains[domain].snapshot;
    const struct tunable *table = snapshot ? snapshot->backend->tunables : NULL;

    if (!table || table == form->backend->tunables)
        return mine;
    found = tunable_find(table, mine->name);
    if (!found)
        found = tunable_by_role(table, mine->role);
    return found && found->unit == mine->unit ? found : NULL;
}

const struct setting *form_setting(const struct form *form, const struct form_row *row, size_t half,
                                   size_t domain)
{
    const struct row *at = &form->domains[domain];
    const struct tunable *tunable = form_tunable(form, row, half, domain);

    return at->domain && tunable ? snapshot_setting(at->snapshot, at->domain, tunable) : NULL;
}

bool form_absent(const struct form *form, const struct form_row *row)
{
    for (size_t i = 0; i < form->n; i++) {
        const struct setting *setting = form_setting(form, row, 0, i);

        if (setting && (setting->writable || setting->live.kind != VALUE_UNSUPPORTED ||
                        setting->config.kind != VALUE_UNSUPPORTED))
            return false;
    }
    return true;
}

unsigned form_writable(const struct form *form, const struct form_row *row)
{
    unsigned scopes = 0;

    for (size_t i = 0; i < form->n; i++) {
        const struct setting *setting = form_setting(form, row, 0, i);

        if (setting)
            scopes |= setting->writable & row->halves[0]->scopes;
    }
    return scopes;
}

/* --- what is seen and staged --------------------------------------------------------------- */

static void take_seen(struct form *form, struct form_row *row)
{
    for (size_t i = 0; i < form->n; i++) {
        for (size_t half = 0; half < row->n_halves; half++) {
            const struct setting *setting = form_setting(form, row, half, i);
            struct value *seen = &row->seen[(i * FORM_HALVES + half) * 2];

            if (!setting)
                continue;
            seen[0] = setting->live;
            seen[1] = setting->config;
        }
    }
}

void form_saw(struct form *form)
{
    for (size_t i = 0; i < form_n_rows(form); i++)
        take_seen(form, form_at(form, i));
}

const struct change *form_staged(const struct form *form, const struct form_row *row, size_t half,
                                 size_t domain, enum scope scope)
{
    const struct tunable *tunable = form_tunable(form, row, half, domain);

    return tunable ? changeset_find(form->changes, &form->keys[domain], tunable, scope) : NULL;
}

static void remember(struct form *form, struct form_row *row)
{
    for (size_t i = 0; i < form->n; i++)
        for (size_t half = 0; half < row->n_halves; half++)
            for (unsigned scope = SCOPE_LIVE; scope <= SCOPE_CONFIG; scope <<= 1) {
                const struct change *change = form_staged(form, row, half, i, (enum scope)scope);

                if (change)
                    g_array_append_val(row->before, *change);
            }
}

void form_drop(struct form *form, const struct form_row *row, unsigned scopes)
{
    for (size_t i = 0; i < form->n; i++)
        for (size_t half = 0; half < row->n_halves; half++) {
            const struct tunable *tunable = form_tunable(form, row, half, i);

            for (unsigned scope = SCOPE_LIVE; tunable && scope <= SCOPE_CONFIG; scope <<= 1)
                if (scopes & scope)
                    changeset_drop(form->changes, &form->keys[i], tunable, (enum scope)scope);
        }
}

/* "7.5G:8G" of one domain's staged halves, or NULL where nothing is staged. */
static char *staged_text(const struct form *form, const struct form_row *row, size_t domain)
{
    g_autoptr(GString) text = g_string_new(NULL);
    unsigned staged = 0;

    for (size_t half = 0; half < row->n_halves; half++) {
        const struct setting *setting = form_setting(form, row, half, domain);
        const struct change *change = NULL;
        struct value value;
        g_autofree char *typed = NULL;

        for (unsigned scope = SCOPE_LIVE; scope <= SCOPE_CONFIG && !change; scope <<= 1)
            if (form->scopes & scope)
                change = form_staged(form, row, half, domain, (enum scope)scope);
        staged += change != NULL;
        value = change    ? change->to
                : setting ? value_known(setting->live) ? setting->live : setting->config
                          : value_unknown(NULL);
        typed = words_typed(row->halves[half], value);
        g_string_append_printf(text, "%s%s", half ? ":" : "", typed);
        /* The first half alone means the same. */
        if (change && half == 0 && row->n_halves > 1 &&
            !form_staged(form, row, 1, domain, change->scope) &&
            row->halves[0]->group_one == GROUP_ONE_FIRST)
            break;
    }
    return staged ? g_strdup(text->str) : NULL;
}

void form_read_staged(struct form *form, struct form_row *row)
{
    g_autofree char *all = NULL;

    for (size_t i = 0; i < form->n; i++) {
        g_autofree char *text = staged_text(form, row, i);

        if (i > 0 && g_strcmp0(text, all)) {
            g_clear_pointer(&all, g_free);
            break;
        }
        if (i == 0)
            all = g_steal_pointer(&text);
    }
    g_free(row->text);
    row->text = all ? g_steal_pointer(&all) : g_strdup("");
    g_clear_pointer(&row->error, g_free);
    row->typed = false;
    row->staged = 0;
}

/* --- begin and end ------------------------------------------------------------------------- */

static void hold(struct form *form, const struct row *rows)
{
    for (size_t i = 0; i < form->n; i++) {
        const struct snapshot *old = form->domains[i].snapshot;

        form->domains[i] = rows[i];
        if (rows[i].domain)
            snapshot_ref(rows[i].snapshot);
        else
            form->domains[i].snapshot = NULL;
        snapshot_unref(old);
    }
}

struct form *form_new(const struct row *rows, size_t n, struct changeset *changes)
{
    struct form *form = g_new0(struct form, 1);

    form->n = n;
    form->domains = g_new0(struct row, n);
    form->keys = g_new0(struct domain_key, n);
    form->changes = changes;
    form->backend = rows[0].snapshot->backend;
    form->one_scope = form->backend->flags & BACKEND_ONE_SCOPE;
    form->scopes = form->one_scope ? SCOPE_LIVE : SCOPE_BOTH;
    form->rows = g_ptr_array_new_with_free_func(form_row_free);
    for (size_t i = 0; i < n; i++)
        form->keys[i] = rows[i].key;
    hold(form, rows);
    form_make_rows(form);
    for (size_t i = 0; i < form_n_rows(form); i++) {
        remember(form, form_at(form, i));
        form_read_staged(form, form_at(form, i));
    }
    form_saw(form);
    return form;
}

void form_free(struct form *form)
{
    if (!form)
        return;
    for (size_t i = 0; i < form->n; i++)
        snapshot_unref(form->domains[i].snapshot);
    g_ptr_array_unref(form->rows);
    g_free(form->domains);
    g_free(form->keys);
    g_free(form);
}

void form_take(struct form *form, const struct row *rows)
{
    hold(form, rows);
    /* What was staged here may have been written, dropped or taken back elsewhere. */
    for (size_t i = 0; i < form_n_rows(form); i++) {
        struct form_row *row = form_at(form, i);
        bool any = false;

        for (size_t at = 0; at < form->n && !any; at++) {
            g_autofree char *text = staged_text(form, row, at);

            any = text != NULL;
        }
        if (row->kind == FORM_FIELD && !row->error && (row->typed ? row->staged && !any : true))
            form_read_staged(form, row);
    }
}

/* --- looking ------------------------------------------------------------------------------- */

size_t form_n_domains(const struct form *form)
{
    return form->n;
}

const struct row *form_domain(const struct form *form, size_t index)
{
    return &form->domains[index];
}

size_t form_n_rows(const struct form *form)
{
    return form->rows->len;
}

const struct form_row *form_row(const struct form *form, size_t index)
{
    return form_at(form, index);
}

bool form_visible(const struct form *form, size_t index)
{
    int fold = form_at(form, index)->fold;

    return fold < 0 || form_at(form, (size_t)fold)->open;
}

void form_toggle(struct form *form, size_t fold)
{
    struct form_row *row = form_at(form, fold);

    if (row->kind == FORM_FOLD)
        row->open = !row->open;
}

static int index_of(const struct form *form, const struct tunable *tunable)
{
    for (size_t i = 0; tunable && i < form_n_rows(form); i++) {
        const struct form_row *row = form_at(form, i);

        for (size_t half = 0; half < row->n_halves; half++)
            if (row->halves[half] == tunable)
                return (int)i;
    }
    return -1;
}

size_t form_find(struct form *form, const struct tunable *tunable)
{
    int index = index_of(form, tunable);
    int fold = index < 0 ? -1 : form_at(form, (size_t)index)->fold;

    if (fold >= 0)
        form_at(form, (size_t)fold)->open = true;
    return index < 0 ? 0 : (size_t)index;
}

size_t form_first(struct form *form)
{
    const struct tunable *table = form->backend->tunables;
    const struct tunable *ways[] = {form->domains[0].trouble.wall.tunable,
                                    tunable_by_role(table, ROLE_HARD),
                                    tunable_by_role(table, ROLE_LIMIT_SLOW)};

    for (size_t i = 0; i < G_N_ELEMENTS(ways); i++) {
        int index = index_of(form, ways[i]);

        if (index >= 0 && form_writable(form, form_at(form, (size_t)index)))
            return form_find(form, ways[i]);
    }
    for (size_t i = 0; i < form_n_rows(form); i++)
        if (form_visible(form, i) && form_at(form, i)->kind == FORM_FIELD &&
            form_writable(form, form_at(form, i)))
            return i;
    return 0;
}

bool form_one_scope(const struct form *form)
{
    return form->one_scope;
}

unsigned form_scopes(const struct form *form)
{
    return form->scopes;
}

char *form_why_not(const struct form *form, size_t index)
{
    const struct form_row *row = form_at(form, index);
    const struct setting *setting = NULL;

    if (row->kind != FORM_FIELD || form_writable(form, row))
        return NULL;
    for (size_t i = 0; i < form->n && !setting; i++)
        setting = form_setting(form, row, 0, i);
    if (!setting)
        return g_strdup("this domain does not exist any more");
    if (setting->why_not)
        return g_strdup(value_reason_text(value_unsupported(setting->why_not)));
    if (!value_known(setting->live) && !value_known(setting->config))
        return g_strdup(value_reason_text(setting->live));
    return g_strdup(row->halves[0]->scopes ? "it cannot be written now" : "it is read only");
}

char *form_why_not_live(const struct form *form, size_t index)
{
    const struct form_row *row = form_at(form, index);

    if (row->kind != FORM_FIELD)
        return NULL;
    for (size_t i = 0; i < form->n; i++) {
        const struct setting *setting = form_setting(form, row, 0, i);

        if (setting && setting->why_not && !(setting->writable & SCOPE_LIVE) &&
            value_known(setting->live))
            return g_strdup(value_reason_text(value_unsupported(setting->why_not)));
    }
    return NULL;
}

const char *form_text(const struct form *form, size_t index, bool *mixed)
{
    const struct form_row *row = form_at(form, index);
    bool any = false;

    for (size_t i = 0; i < form->n && !any && !*row->text && !row->typed; i++) {
        g_autofree char *text = staged_text(form, row, i);

        any = text != NULL;
    }
    *mixed = any;
    return row->text;
}

const char *form_error(const struct form *form, size_t index)
{
    return form_at(form, index)->error;
}

size_t form_n_staged(const struct form *form)
{
    size_t staged = 0;

    for (size_t i = 0; i < form->n; i++) {
        size_t n;

        g_free(changeset_of(form->changes, &form->keys[i], &n));
        staged += n;
    }
    return staged;
}
