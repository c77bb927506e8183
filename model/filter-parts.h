/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A filter's insides, for filter*.c alone. */
#ifndef MODEL_FILTER_PARTS_H
#define MODEL_FILTER_PARTS_H

#include "model/select.h"

enum relation {
    LESS = 1,
    EQUAL = 2,
    GREATER = 4,
};

enum operand {
    OPERAND_VALUE, /* bytes, or unlimited */
    OPERAND_BARE,  /* a number of whatever the row counts */
    OPERAND_PERCENT,
    OPERAND_WORD, /* one of the row's choices */
};

struct term;
typedef bool term_match(const struct term *term, const struct row *row);

/* One alternative of a word. */
struct term {
    term_match *match;
    char *name;         /* of a comparison */
    GPatternSpec *glob; /* of a text, case folded */
    unsigned relation;
    enum operand operand;
    struct value value;
    double number; /* bare or percent */
    char *text;
};

/* A word that stands for a match of its own. */
struct text_key {
    const char *name;
    term_match *match;
    bool anywhere;
};

/* filter-match.c. Both end with a NULL name: what is written NAME:TEXT, and what is written alone.
 */
extern const struct text_key filter_text_keys[];
extern const struct text_key filter_flags[];
/* A text anywhere in what identifies the row. */
bool filter_match_anything(const struct term *term, const struct row *row);
/* NAME, a relation and an operand. */
bool filter_match_comparison(const struct term *term, const struct row *row);

#endif
