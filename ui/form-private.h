/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The insides of a form, for form*.c alone. */
#ifndef UI_FORM_PRIVATE_H
#define UI_FORM_PRIVATE_H

#include "model/size.h"
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
/* Nothing of the row is staged any more in these scopes. */
void form_drop(struct form *form, const struct form_row *row, unsigned scopes);
/* The row as what is staged has it. */
void form_read_staged(struct form *form, struct form_row *row);
/* Nothing of it exists on any of the domains. */
bool form_absent(const struct form *form, const struct form_row *row);
/* Scopes that can be written now on at least one domain. */
unsigned form_writable(const struct form *form, const struct form_row *row);
/* form-text.c: values as a form says them; texts are newly allocated. */
/* UNKNOWN without a setting. */
struct value form_scope_value(const struct setting *setting, enum scope scope);
void form_short(const struct tunable *tunable, struct value value, char text[SIZE_TEXT_MAX]);
/* "7.5:8.0G": a unit that both have is said once. */
char *form_join(const char *a, const char *b);
char *form_group_value(const struct form *form, const struct form_row *row, size_t domain,
                       enum scope scope);
char *form_one_value(const struct form *form, const struct form_row *row, size_t domain,
                     enum scope scope);
/* The value that was seen before somebody else changed it, and of what; NULL where nobody did. */
const struct value *form_seen_outside(const struct form *form, const struct form_row *row,
                                      size_t *domain, size_t *half, enum scope *scope);
/* form-rows.c */
void form_make_rows(struct form *form);
void form_row_free(gpointer data);

#endif
