/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The insides of a form, for form*.c alone. */
#ifndef UI_FORM_PRIVATE_H
#define UI_FORM_PRIVATE_H

#include "ui/form.h"

struct form {
    struct row *domains; /* a reference of each one's snapshot is held */
    struct domain_key *keys;
    size_t n;
    const struct backend *backend; /* of the first: its table makes the rows */
    struct changeset *changes;
    GPtrArray *rows; /* struct form_row */
    unsigned scopes;
    bool one_scope;
};

struct form_row *form_at(const struct form *form, size_t index);
/* What the row's half is called in the table of that domain, or NULL where it has none. */
const struct tunable *form_tunable(const struct form *form, const struct form_row *row, size_t half,
                                   size_t domain);
const struct setting *form_setting(const struct form *form, const struct form_row *row, size_t half,
                                   size_t domain);
const struct change *form_staged(const struct form *form, const struct form_row *row, size_t half,
                                 size_t domain, enum scope scope);
/* Nothing of it exists on any of the domains. */
bool form_absent(const struct form *form, const struct form_row *row);
/* Scopes that can be written now on at least one domain. */
unsigned form_writable(const struct form *form, const struct form_row *row);
/* form-rows.c */
void form_make_rows(struct form *form);
void form_row_free(gpointer data);

#endif
