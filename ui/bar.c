/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/bar.h"

#include <math.h>
#include <string.h>

const char *const bar_scale_names[] = {
    [BAR_WALL] = "wall", [BAR_MAXIMUM] = "maximum", [BAR_HOST] = "host", NULL};

static void cell_set(struct bar_cell *cell, const char *text, enum paint paint)
{
    g_strlcpy(cell->text, text, sizeof cell->text);
    cell->paint = paint;
}

/* Where `bytes` ends, in cells, not rounded. */
static double reach(const struct bar *bar, unsigned inner, uint64_t bytes)
{
    double at = (double)bytes / (double)bar->scale * inner;
    return at > inner ? inner : at;
}

static unsigned nearest(const struct bar *bar, unsigned inner, uint64_t bytes)
{
    return (unsigned)floor(reach(bar, inner, bytes) + 0.5);
}

struct part {
    uint64_t end; /* bytes from the left */
    const char *ascii, *utf8;
    enum paint paint;
};

/* The last cell of a solid fill in eighths; shaded fills have no such characters. */
static void draw_eighth(const struct bar *bar, unsigned inner, struct bar_cell *cells)
{
    static const char *const eighths[] = {" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    double at = reach(bar, inner, bar->held);
    unsigned whole = (unsigned)floor(at);
    if (whole >= inner)
        return;
    cell_set(&cells[whole], eighths[(unsigned)floor((at - whole) * 8)], PAINT_NEEDED);
}

static void draw_fill(const struct bar *bar, unsigned inner, bool utf8, struct bar_cell *cells)
{
    const struct part unsplit = {bar->needed, "?", "?", PAINT_UNKNOWN};
    const struct part split = {bar->needed, ":", "▓", PAINT_GUEST};
    const struct part parts[] = {
        {bar->used, "|", "█", PAINT_NEEDED},
        bar->split_known ? split : unsplit,
        {bar->held, ".", "░", PAINT_DROP},
    };
    unsigned at = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
        for (unsigned end = nearest(bar, inner, parts[i].end); at < end; at++)
            cell_set(&cells[at], utf8 ? parts[i].utf8 : parts[i].ascii, parts[i].paint);
    if (utf8 && bar->used == bar->held)
        draw_eighth(bar, inner, cells);
}

static void draw_ballooned(const struct bar *bar, unsigned inner, struct bar_cell *cells)
{
    unsigned from = inner - nearest(bar, inner, bar->ballooned);
    unsigned fill = (unsigned)ceil(reach(bar, inner, bar->held));
    for (unsigned i = MAX(from, fill); i < inner; i++)
        cell_set(&cells[i], "o", PAINT_BALLOONED);
}

static void draw_ticks(const struct bar *bar, unsigned inner, struct bar_cell *cells)
{
    /* Where two fall on one cell the last one is seen. */
    const struct {
        uint64_t at;
        const char *letter;
    } ticks[] = {
        {bar->guarantee, "g"}, {bar->target, "T"}, {bar->soft, "s"}, {bar->inner_wall, "]"}};
    for (size_t i = 0; i < G_N_ELEMENTS(ticks); i++) {
        if (ticks[i].at == 0 || ticks[i].at > bar->scale)
            continue;
        unsigned at = MIN((unsigned)floor(reach(bar, inner, ticks[i].at)), inner - 1);
        bool passed = bar->held_known && bar->held >= ticks[i].at;
        cell_set(&cells[at], ticks[i].letter, passed ? PAINT_TICK_PASSED : PAINT_TICK);
    }
}

void bar_draw(const struct bar *bar, unsigned width, bool utf8, struct bar_cell *cells)
{
    for (unsigned i = 0; i < width; i++)
        cell_set(&cells[i], " ", PAINT_TEXT);
    if (width < 3)
        return;
    cell_set(&cells[0], "[", PAINT_TEXT);
    cell_set(&cells[width - 1], bar->wall ? "]" : ")", PAINT_TEXT);
    struct bar_cell *inside = cells + 1;
    unsigned inner = width - 2;
    if (!bar->held_known)
        cell_set(&inside[inner / 2], "?", PAINT_UNKNOWN);
    if (bar->scale == 0)
        return;
    if (bar->held_known)
        draw_fill(bar, inner, utf8, inside);
    draw_ballooned(bar, inner, inside);
    draw_ticks(bar, inner, inside);
}

/* --- of a row ----------------------------------------------------------------------------- */

static uint64_t number_or_0(struct value value)
{
    uint64_t number = 0;
    return value_get(value, &number) ? number : 0;
}

static uint64_t role_live(const struct row *row, enum role role)
{
    const struct setting *setting = snapshot_role(row->snapshot, row->domain, role);
    return setting ? number_or_0(setting->live) : 0;
}

static uint64_t figure_of(const struct row *row, enum figure_role role)
{
    return number_or_0(snapshot_figure(row->snapshot, row->domain, role));
}

static void take_split(const struct row *row, struct bar *bar)
{
    struct value guest = snapshot_figure(row->snapshot, row->domain, FIGURE_GUEST);
    struct value drop = snapshot_figure(row->snapshot, row->domain, FIGURE_DROPPABLE);
    uint64_t droppable = number_or_0(drop);
    bool drop_known = drop.kind == VALUE_NUMBER;
    bar->needed = bar->held - MIN(bar->held, droppable);
    if (guest.kind == VALUE_NUMBER)
        bar->used = MIN(guest.number + figure_of(row, FIGURE_OVERHEAD), bar->needed);
    else if (guest.kind == VALUE_UNSUPPORTED && drop_known)
        bar->used = bar->needed; /* nobody else could give anything back: a container */
    bar->split_known = drop_known && guest.kind != VALUE_UNKNOWN;
}

/* The guest's size where it is known; else its maximum; else what it was asked to have. */
static uint64_t size_of(const struct row *row)
{
    uint64_t size = figure_of(row, FIGURE_SIZE);
    if (size == 0)
        size = figure_of(row, FIGURE_MAXIMUM);
    if (size == 0)
        size = role_live(row, ROLE_MAXIMUM);
    return size ? size : role_live(row, ROLE_TARGET);
}

static void take_scale(const struct row *row, enum bar_scale scale, struct bar *bar)
{
    uint64_t wall = number_or_0(row->trouble.limit);
    uint64_t maximum = figure_of(row, FIGURE_MAXIMUM);
    if (maximum == 0)
        maximum = role_live(row, ROLE_MAXIMUM);
    switch (scale) {
    case BAR_WALL:
        bar->scale = wall ? wall : size_of(row);
        bar->wall = wall != 0;
        return;
    case BAR_MAXIMUM:
        bar->scale = maximum ? maximum : wall;
        bar->wall = maximum == 0 && wall != 0;
        bar->ballooned = figure_of(row, FIGURE_BALLOONED);
        if (bar->ballooned == 0 && maximum > size_of(row))
            bar->ballooned = maximum - size_of(row);
        break;
    case BAR_HOST:
        bar->scale = number_or_0(row->snapshot->host.total);
        bar->wall = true; /* the host's own memory is one */
        break;
    }
    if (wall < bar->scale)
        bar->inner_wall = wall;
}

bool bar_of_row(const struct row *row, enum bar_scale scale, struct bar *bar)
{
    *bar = (struct bar){0};
    if (!domain_state_active(row->domain->identity->state))
        return false;
    struct value held = snapshot_figure(row->snapshot, row->domain, FIGURE_HELD);
    bar->held_known = value_get(held, &bar->held);
    take_split(row, bar);
    take_scale(row, scale, bar);
    bar->soft = role_live(row, ROLE_SOFT);
    bar->guarantee = role_live(row, ROLE_GUARANTEE);
    uint64_t target = role_live(row, ROLE_TARGET);
    if (target == 0)
        target = figure_of(row, FIGURE_TARGET);
    /* A balloon that has arrived is no news. */
    bar->target = target != size_of(row) ? target : 0;
    return true;
}
