/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The columns of the table: one row each with everything about it. The screen, -b, list and their
 * -o are made from this table; nothing else knows a column.
 */
#ifndef UI_COLUMNS_H
#define UI_COLUMNS_H

#include "model/figure.h"
#include "model/select.h"
#include "model/size.h"
#include "ui/bar.h"

#define CELL_TEXT_MAX 512
#define COLUMNS_MAX 48

/* What cells need to know beside their row. */
struct column_view {
    bool utf8;            /* else ASCII alone */
    enum bar_scale scale; /* of the bar */
    enum size_unit units; /* of sizes, where there is room for them */
};

struct cell {
    char text[CELL_TEXT_MAX]; /* clean, at most the width asked for, not padded */
    enum paint paint;
};

struct column {
    const char *name;  /* -o and JSON-like lists: "held" */
    const char *title; /* "HELD" */
    const char *help;  /* one sentence or two */
    const char *sort;  /* name of its sort key, or NULL */
    unsigned width;    /* columns at 80; the title fits */
    unsigned grow;     /* at most this wide where there is room; equal to width: fixed */
    unsigned shrink;   /* at least this wide on a narrow screen */
    unsigned from;     /* on by default on screens at least this wide; 0 only with -o */
    unsigned drop;     /* narrow screens: 1 goes first; 0 never */
    bool right;        /* aligned right */
    bool glued;        /* no blank before it */
    bool bar;          /* drawn by column_bar() */
    enum unit unit;    /* of its value */
    /* The value, for CSV and for columns without a cell function; NULL where it is text. */
    struct value (*value)(const struct row *row, const struct column *column);
    int figure;     /* enum figure_role for the common value functions */
    enum role role; /* the same */
    void (*cell)(const struct row *row, const struct column_view *view, unsigned width,
                 struct cell *cell); /* NULL: the value, short */
};

extern const struct column columns[]; /* ends with a NULL name */
const struct column *column_find(const char *name);

/* A column in its place. */
struct column_place {
    const struct column *column;
    unsigned x; /* where its text begins */
    unsigned width;
};

/* The columns of a screen `screen` columns wide, in the space from `x` to its end; names dropped
 * and widths shared as room allows. HOST is on by default where there is `more` than one host.
 * Returns how many places were written. */
size_t columns_layout(unsigned screen, unsigned x, bool more,
                      struct column_place places[COLUMNS_MAX]);
/* The same for the columns that somebody chose; what does not fit is still placed (the screen
 * scrolls). `chosen` ends with NULL. */
size_t columns_arrange(const struct column *const *chosen, unsigned screen, unsigned x,
                       struct column_place places[COLUMNS_MAX]);
/* "name,held,left": a NULL-terminated array (g_free) of rows of the table, at most COLUMNS_MAX - 1.
 * The error (G_OPTION_ERROR, BAD_VALUE) names the wrong word and all right ones. */
const struct column **columns_parse(const char *text, GError **error);

/* The text of one cell, cut to `width`. Not for the bar. */
void column_cell(const struct column *column, const struct row *row, const struct column_view *view,
                 unsigned width, struct cell *cell);
/* The bar: `width` cells. */
void column_bar(const struct row *row, const struct column_view *view, unsigned width,
                struct bar_cell *cells);
/* The title in `width` columns: the bar's says what its ends are. */
void column_title(const struct column *column, const struct column_view *view, unsigned width,
                  char *title, size_t size);
/* The paint of a row's trouble. */
enum paint trouble_paint(const struct trouble *trouble);

#endif
