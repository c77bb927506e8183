/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a hypervisor's table to the rows of a form. */
#include "ui/form-private.h"

#include "model/backend.h"

#include <string.h>

#define ROWS_UNFOLDED 12 /* a longer form folds what stands below the table's second section */
#define SECTIONS_OPEN 2

void form_row_free(gpointer data)
{
    struct form_row *row = data;

    g_free(row->text);
    g_free(row->error);
    g_free(row->seen);
    g_array_unref(row->before);
    g_free(row);
}

static struct form_row *row_new(struct form *form, enum form_kind kind, const char *heading)
{
    struct form_row *row = g_new0(struct form_row, 1);

    row->kind = kind;
    row->heading = heading;
    row->fold = -1;
    row->text = g_strdup("");
    row->before = g_array_new(FALSE, FALSE, sizeof(struct change));
    row->seen = g_new0(struct value, form->n * FORM_HALVES * 2);
    return row;
}

/* Another hypervisor's table has it too: by name or by what it means. */
static bool everywhere(const struct form *form, const struct form_row *row)
{
    for (size_t i = 0; i < form->n; i++)
        for (size_t half = 0; half < row->n_halves; half++)
            if (!form_tunable(form, row, half, i))
                return false;
    return true;
}

static GPtrArray *fields_of(struct form *form)
{
    GPtrArray *fields = g_ptr_array_new();
    struct form_row *last = NULL;

    for (const struct tunable *tunable = form->backend->tunables; tunable->name; tunable++) {
        bool same = last && tunable->group && !g_strcmp0(last->halves[0]->group, tunable->group);

        if (same && last->n_halves < FORM_HALVES) {
            last->halves[last->n_halves++] = tunable;
            continue;
        }
        last = row_new(form, FORM_FIELD, tunable->section);
        last->halves[0] = tunable;
        last->n_halves = 1;
        g_ptr_array_add(fields, last);
    }
    return fields;
}

static int add_fold(struct form *form, const char *heading)
{
    g_ptr_array_add(form->rows, row_new(form, FORM_FOLD, heading));
    return (int)form->rows->len - 1;
}

static void add_field(struct form *form, struct form_row *row, int fold)
{
    row->fold = fold;
    if (fold >= 0)
        form_at(form, (size_t)fold)->n_below++;
    g_ptr_array_add(form->rows, row);
}

/* Those that the domains have, section by section. */
static void add_present(struct form *form, GPtrArray *fields, unsigned n_present)
{
    const char *section = NULL;
    unsigned n_sections = 0;
    int fold = -1;

    for (guint i = 0; i < fields->len; i++) {
        struct form_row *row = g_ptr_array_index(fields, i);

        if (!n_sections || g_strcmp0(section, row->heading)) {
            section = row->heading;
            n_sections++;
            fold = -1;
        }
        if (form_absent(form, row))
            continue;
        if (fold < 0 && n_present > ROWS_UNFOLDED && n_sections > SECTIONS_OPEN)
            fold = add_fold(form, section ? section : "others");
        add_field(form, row, fold);
        fields->pdata[i] = NULL;
    }
}

static void add_absent(struct form *form, GPtrArray *fields)
{
    int fold = -1;

    for (guint i = 0; i < fields->len; i++) {
        struct form_row *row = g_ptr_array_index(fields, i);

        if (!row)
            continue;
        if (fold < 0)
            fold = add_fold(form, "not on this host");
        add_field(form, row, fold);
    }
}

void form_make_rows(struct form *form)
{
    GPtrArray *fields = fields_of(form);
    unsigned n_present = 0;

    for (guint i = 0; i < fields->len; i++) {
        struct form_row *row = g_ptr_array_index(fields, i);

        if (everywhere(form, row)) {
            n_present += !form_absent(form, row);
            continue;
        }
        form_row_free(row);
        g_ptr_array_remove_index(fields, i--);
    }
    add_present(form, fields, n_present);
    add_absent(form, fields);
    if (!form->one_scope)
        g_ptr_array_add(form->rows, row_new(form, FORM_SCOPES, NULL));
    g_ptr_array_unref(fields);
}
