/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is drawn on: a grid of cells, and rectangles of it. Knows no terminal. Everything is clipped
 * to the rectangle; text is measured (ui/width.h), a wide character that would be cut becomes a
 * blank. Positions count from 0. The grid only says what each cell holds; term.c sends differences.
 */
#ifndef UI_CANVAS_H
#define UI_CANVAS_H

#include "ui/theme.h"

#include <stdint.h>

struct grid_cell {
    gunichar character; /* ' ' where nothing was drawn; 0: right half of a wide one */
    gunichar marks[2];  /* combining, or 0 */
    uint32_t paint;     /* enum paint */
};

struct grid {
    int rows, columns;
    struct grid_cell *cells;       /* rows * columns */
    int cursor_row, cursor_column; /* hardware cursor; row -1: hidden */
    bool cursor_seen;              /* shown (a text field), or only put there for screen readers */
    bool plain;                    /* no boxes: for screen readers */
    bool ascii; /* the program's own marks (█ ▓ ░ ≠ … and such) by ASCII */
};

struct grid *grid_new(int rows, int columns);
void grid_free(struct grid *grid);
void grid_resize(struct grid *grid, int rows, int columns);
void grid_clear(struct grid *grid);

/* A rectangle of a grid; small, copied by value. */
struct canvas {
    struct grid *grid;
    int row, column, rows, columns;
};

struct canvas canvas_whole(struct grid *grid);
/* Clipped to `canvas`; rows or columns of -1: to its end. */
struct canvas canvas_part(const struct canvas *canvas, int row, int column, int rows, int columns);

/* Returns the column after the text (also past the right edge, so that callers can go on). */
int canvas_text(const struct canvas *canvas, int row, int column, enum paint paint,
                const char *text);
int canvas_printf(const struct canvas *canvas, int row, int column, enum paint paint,
                  const char *format, ...) G_GNUC_PRINTF(5, 6);
/* Ends at column `end` (exclusive). */
void canvas_text_right(const struct canvas *canvas, int row, int end, enum paint paint,
                       const char *text);
/* Breaks at blanks into lines of the canvas' width, `indent` columns in from the second line on.
 * Returns the row after the last. */
int canvas_wrap(const struct canvas *canvas, int row, int column, int indent, enum paint paint,
                const char *text);
void canvas_char(const struct canvas *canvas, int row, int column, enum paint paint, gunichar c);
/* `n` times the same character; n < 0: to the right edge. */
void canvas_fill(const struct canvas *canvas, int row, int column, int n, enum paint paint,
                 gunichar c);
/* Paints cells that hold text already. */
void canvas_paint(const struct canvas *canvas, int row, int column, int n, enum paint paint);
void canvas_erase(const struct canvas *canvas);
/* The hardware cursor; seen in text fields. */
void canvas_cursor(const struct canvas *canvas, int row, int column, bool seen);
/* A box's corners and edges on the canvas' border, its inside erased, with a title (or NULL). */
void canvas_box(const struct canvas *canvas, enum paint paint, const char *title);

#endif
