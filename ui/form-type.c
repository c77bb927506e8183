/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is typed into a form, and what is staged by it. */
#include "ui/form-private.h"

#include "model/backend.h"

/* A name that change_parse() takes for the whole row. */
static const char *name_in(const struct tunable *tunable, const struct form_row *row)
{
    return row->n_halves > 1 && tunable->group ? tunable->group : tunable->name;
}

static char *sentence(const struct form *form, size_t domain, const GError *error)
{
    const struct row *row = &form->domains[domain];

    return form->n > 1 && row->domain
               ? g_strdup_printf("%s: %s", row->domain->identity->name, error->message)
               : g_strdup(error->message);
}

/* Of all domains; NULL and *problem where it makes no sense, or where no domain can take it. */
static GArray *parse(const struct form *form, const struct form_row *row, char **problem)
{
    GArray *changes = g_array_new(FALSE, FALSE, sizeof(struct change));
    g_autofree char *first = NULL;
    size_t taken = 0;

    for (size_t i = 0; i < form->n; i++) {
        const struct row *at = &form->domains[i];
        const struct tunable *tunable = form_tunable(form, row, 0, i);
        g_autoptr(GError) error = NULL;

        if (!at->domain || !tunable)
            continue;
        if (change_parse(at->snapshot, at->domain, name_in(tunable, row), row->text, form->scopes,
                         changes, &error)) {
            taken++;
            continue;
        }
        if (g_error_matches(error, BACKEND_ERROR, BACKEND_ERROR_UNSUPPORTED)) {
            first = first ? first : sentence(form, i, error);
            continue;
        }
        g_free(first);
        first = sentence(form, i, error);
        taken = 0;
        break;
    }
    if (taken)
        return changes;
    *problem = first ? g_steal_pointer(&first) : g_strdup("this domain does not exist any more");
    g_array_unref(changes);
    return NULL;
}

static bool stage(struct form *form, struct form_row *row)
{
    g_autoptr(GArray) changes = NULL;

    form_drop(form, row, row->staged | form->scopes);
    g_clear_pointer(&row->error, g_free);
    row->staged = 0;
    if (!*row->text)
        return true;
    changes = parse(form, row, &row->error);
    if (!changes)
        return false;
    for (guint i = 0; i < changes->len; i++) {
        const struct change *change = &g_array_index(changes, struct change, i);

        if (change_is_noop(change))
            continue;
        changeset_put(form->changes, change);
        row->staged |= change->scope;
    }
    return true;
}

bool form_type(struct form *form, size_t index, const char *text)
{
    struct form_row *row = form_at(form, index);
    g_autofree char *kept = g_strstrip(g_strdup(text));

    if (row->kind != FORM_FIELD)
        return true;
    g_free(row->text);
    row->text = g_steal_pointer(&kept);
    row->typed = true;
    return stage(form, row);
}

void form_set_scopes(struct form *form, unsigned scopes)
{
    if (form->one_scope || scopes == form->scopes)
        return;
    form->scopes = scopes;
    for (size_t i = 0; i < form_n_rows(form); i++) {
        struct form_row *row = form_at(form, i);

        if (row->kind != FORM_FIELD)
            continue;
        if (row->typed)
            stage(form, row);
        else
            form_read_staged(form, row);
    }
}

void form_restore(struct form *form, size_t index)
{
    struct form_row *row = form_at(form, index);

    if (row->kind != FORM_FIELD)
        return;
    form_drop(form, row, SCOPE_BOTH);
    for (guint i = 0; i < row->before->len; i++)
        changeset_put(form->changes, &g_array_index(row->before, struct change, i));
    form_read_staged(form, row);
}
