/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The memory bar: what a domain or a host holds, as cells of one terminal row. Pure.
 *
 * [||||||||||||||||::s]   | needed  : what only the guest could give back  . what the host drops
 *                         by itself  ? held, split unknown  o ballooned away
 *                         letters over it: s soft limit, g guarantee, T balloon target, ] a wall
 *                         that lies inside the scale
 * The right edge is ] where it is a wall and ) where nothing bites. The filled length is what is
 * held. With UTF-8 the fill is █ ▓ ░ and its last cell is an eighth block.
 */
#ifndef UI_BAR_H
#define UI_BAR_H

#include "model/figure.h"
#include "model/select.h"
#include "ui/paint.h"

/* What the right edge stands for. */
enum bar_scale {
    BAR_WALL,    /* the wall that bites, or the size where none does */
    BAR_MAXIMUM, /* what the guest could ever have; shows what is ballooned away */
    BAR_HOST,    /* the host's memory: lengths of different rows can be compared */
};

/* Their words in settings: "wall", "maximum", "host"; ends with NULL. */
extern const char *const bar_scale_names[];

/* All in bytes; a tick of 0 is not drawn, nor one beyond the scale. */
struct bar {
    uint64_t scale;     /* at the right edge; 0: not known, the bar is empty */
    bool wall;          /* the right edge is a wall */
    bool held_known;    /* else one "?" in the middle */
    bool split_known;   /* else what is held beyond `used` and not droppable is "?" */
    uint64_t held;      /* filled length */
    uint64_t needed;    /* held less what the host drops by itself; at most held */
    uint64_t used;      /* the part of needed that is surely in use; at most needed */
    uint64_t ballooned; /* drawn from the right edge */
    uint64_t soft, guarantee, target, inner_wall;
};

struct bar_cell {
    char text[4]; /* one character, one column wide */
    enum paint paint;
};

/* Draws `width` cells, the two edges included; below 3 they are blank. */
void bar_draw(const struct bar *bar, unsigned width, bool utf8, struct bar_cell *cells);

/* The bar of a row; false where it has none (it is off, gone or a template). */
bool bar_of_row(const struct row *row, enum bar_scale scale, struct bar *bar);

#endif
