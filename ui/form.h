/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A form over what a hypervisor lets be tuned, for one domain or many: its rows, what was typed
 * into them, and what that means. Everything typed becomes staged changes at once and nothing else;
 * nothing is written. Bound to the domains' keys. Draws nothing.
 *
 * Rows come from the hypervisor's table: the rows of one group are one row with halves. Where a
 * table is long, the sections after the second are folded; what none of the domains has here is
 * folded at the end, with its reasons.
 */
#ifndef UI_FORM_H
#define UI_FORM_H

#include "model/changeset.h"
#include "model/select.h"

#define FORM_HALVES 2

enum form_kind {
    FORM_FIELD,
    FORM_FOLD,   /* a heading that opens and closes what is below it */
    FORM_SCOPES, /* the choice of live, config or both */
};

struct form_row {
    enum form_kind kind;
    const char *heading;                       /* of its section, or of the fold */
    const struct tunable *halves[FORM_HALVES]; /* FIELD: as the first domain's table has them */
    size_t n_halves;
    int fold;         /* index of the fold that it is in, or -1 */
    bool open;        /* FOLD */
    unsigned n_below; /* FOLD: how many rows it holds */
    /* the rest is the form's own */
    char *text, *error;
    unsigned staged;
    bool typed;
    GArray *before;
    struct value *seen;
};

struct form;
/* `rows` are the n domains' rows, at least one. Staged changes go to `changes`, which outlives the
 * form. */
struct form *form_new(const struct row *rows, size_t n, struct changeset *changes);
void form_free(struct form *form);
/* The domains as they are now, in the order of form_new(); a `domain` of NULL: not known any more.
 */
void form_take(struct form *form, const struct row *rows);
/* From now on what is read counts as seen: nothing is marked as changed by others. */
void form_saw(struct form *form);

size_t form_n_domains(const struct form *form);
const struct row *form_domain(const struct form *form, size_t index);
size_t form_n_rows(const struct form *form);
const struct form_row *form_row(const struct form *form, size_t index);
/* False where it is in a closed fold. */
bool form_visible(const struct form *form, size_t index);
void form_toggle(struct form *form, size_t fold);
/* The row of a tunable; opens its fold. The form's first field where it is NULL or not there. */
size_t form_find(struct form *form, const struct tunable *tunable);
/* Where to begin: the wall that bites first, else the hard limit, else the first that can be
 * written. */
size_t form_first(struct form *form);

/* One set of values, no live and config. */
bool form_one_scope(const struct form *form);
/* Rows have a figure of their own ("held") beside them. */
bool form_has_held(const struct form *form);
unsigned form_scopes(const struct form *form);
/* Everything typed in this form goes there from now on. */
void form_set_scopes(struct form *form, unsigned scopes);
/* NULL where the row can be written; else why not, one sentence. Newly allocated. */
char *form_why_not(const struct form *form, size_t index);
/* Why a row that has a live value cannot change it; NULL where it can. Newly allocated. */
char *form_why_not_live(const struct form *form, size_t index);

/* What was typed, or what is staged as text that means the same; "" none. `*mixed` where different
 * values are staged for different domains. */
const char *form_text(const struct form *form, size_t index, bool *mixed);
/* Takes what was typed: stages what it means (blank: takes back), or keeps the old changes dropped
 * and an error. False where it makes no sense: see form_error(). Domains that cannot take it are
 * left out, unless none can. */
bool form_type(struct form *form, size_t index, const char *text);
/* One sentence about what was typed, or NULL. */
const char *form_error(const struct form *form, size_t index);
/* As it was when the form was opened. */
void form_restore(struct form *form, size_t index);
/* Changes staged for the form's domains. */
size_t form_n_staged(const struct form *form);

/* --- text of a row; all newly allocated ------------------------------------------------------ */

/* "34.0 GiB", "7.5:8.0G", "2-16 GiB" of many. */
char *form_value(const struct form *form, size_t index, enum scope scope);
char *form_held(const struct form *form, size_t index);
/* Live and config differ. */
bool form_differs(const struct form *form, size_t index);
/* Somebody else changed it since the form was opened (or form_saw()). */
bool form_outside(const struct form *form, size_t index);
/* A parent's wall of that domain is nearer than the row's own value ("^"), or NULL: the nearest. */
const struct wall *form_bound(const struct form *form, size_t index, size_t domain);
/* So it is for one of the domains at least. */
bool form_bounded(const struct form *form, size_t index);
/* "Hard limit, memory.max, "hard_limit" in virsh." */
char *form_native(const struct form *form, size_t index);

struct form_line {
    enum severity severity;
    bool plain; /* no finding: severity does not count */
    char *text;
};
/* What the row would do, then what is found about it, worst first: GPtrArray of struct form_line,
 * owned by it. */
GPtrArray *form_lines(const struct form *form, size_t index);

#endif
