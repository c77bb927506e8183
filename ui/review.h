/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Everything that is staged, as it would be written: one group per domain, what each change does,
 * what is found about it, the calls and their equivalent commands, and what blocks it. Judged
 * against the values of now, whatever was seen when a change was staged. Pure: writes nothing.
 */
#ifndef UI_REVIEW_H
#define UI_REVIEW_H

#include "model/changeset.h"
#include "model/select.h"
#include "ui/paint.h"

/* What it takes to write a group. */
enum review_verdict {
    REVIEW_READY,     /* one asked line */
    REVIEW_ASKS_NAME, /* dangerous: the domain's typed name */
    REVIEW_ASKS_KILL, /* kills at once: typed "kill NAME" */
    REVIEW_BLOCKED,   /* cannot be written now: see `blocked` */
};

/* What a safe shrink of a group would do instead. */
struct review_shrink {
    bool offered;
    struct change *changes; /* as many: what does not fit is the lowest value that would do */
    struct value to;        /* of the first one that shrinks … */
    const struct tunable *tunable; /* … which is this one; NULL: nothing of the group shrinks */
    bool other;                    /* that is not what is staged */
    enum review_verdict verdict;   /* READY or ASKS_NAME */
    char *why_not;                 /* something would, but cannot; or NULL */
};

struct review_group {
    struct domain_key key;
    struct row row;         /* as it is now; `domain` NULL: not known any more */
    struct change *changes; /* as staged */
    size_t n;
    struct findings *findings;
    struct step_list *steps;
    enum review_verdict verdict;
    char *blocked; /* one sentence, or NULL */
    struct review_shrink shrink;
    bool tightens, loosens;
};

struct review;
struct review *review_new(const struct changeset *changes,
                          bool (*find)(const struct domain_key *key, struct row *row, void *data),
                          void *data);
void review_free(struct review *review);
size_t review_count(const struct review *review); /* groups */
const struct review_group *review_get(const struct review *review, size_t index);
const char *review_name(const struct review_group *group);
size_t review_n_changes(const struct review *review);

/* The changes of all groups with this verdict, in order; newly allocated (g_free). */
struct change *review_changes(const struct review *review, enum review_verdict verdict, size_t *n);

/* The changes that a safe shrink would make where this is its verdict, and those of all other
 * groups that are READY; newly allocated (g_free). *n is 0 where nothing shrinks. */
struct change *review_shrink_changes(const struct review *review, enum review_verdict verdict,
                                     size_t *n);

/* --- text, newly allocated ------------------------------------------------------------------ */

/* "Apply 1 loosening change to prod-postgres-primary? Enter = yes" for `n` changes. */
char *review_question(const struct review *review, const struct change *changes, size_t n);
/* "lines 1, 3 only: line 2 blocks it" and such: what `a` would do now. */
char *review_summary(const struct review *review);
/* "safe shrink line 2 to 7.8 GiB, apply line 1": what `s` would do now; NULL where it can do
 * nothing. */
char *review_shrink_summary(const struct review *review);
/* All commands, one a line, with nothing around them. */
char *review_commands(const struct review *review);

struct review_line {
    char *text, *right; /* right: at the right edge, or NULL */
    enum paint paint;
    size_t group;
    const struct tunable *tunable; /* of the first line of a change: it can be selected */
};
/* Lines for a screen of `width` columns: GPtrArray of struct review_line, owned by it. */
GPtrArray *review_lines(const struct review *review, int width);

#endif
