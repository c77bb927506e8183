/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From cells to the bytes that change the terminal's picture into ours. */
#include "ui/term-private.h"

#include <string.h>

void term_put(struct term *term, const char *text)
{
    const char *padding;

    while ((padding = strstr(text, "$<")) && strchr(padding, '>')) {
        term_send(term, text, (size_t)(padding - text));
        text = strchr(padding, '>') + 1;
    }
    term_send(term, text, strlen(text));
}

void term_go_to(struct term *term, int row, int column)
{
    if (term->row == row && column > term->column && *term->caps[CAP_CUF])
        term_put(term, term_parameter(term, CAP_CUF, column - term->column, 0));
    else
        term_put(term, term_parameter(term, CAP_CUP, row, column));
    term->row = row;
    term->column = column;
}

/* --- styles -------------------------------------------------------------------------------- */

static short color_of(const struct term *term, short color, bool foreground, unsigned *attrs)
{
    if (color >= term->colors && color >= 8 && color < 16) {
        color = (short)(color - 8);
        if (foreground)
            *attrs |= STYLE_BOLD;
    }
    return color < term->colors ? color : -1;
}

/* The sequences one after the other; where all are ESC [ … m, as one. */
static char *join_style(char *const *parts, size_t n)
{
    GString *joined = g_string_new("\033[");
    GString *plain = g_string_new(NULL);
    bool same = true;

    for (size_t i = 0; i < n; i++) {
        const char *part = parts[i];

        g_string_append(plain, part);
        if (i == 0 && g_str_has_prefix(part, "\033(B"))
            part += strlen("\033(B"); /* no other character set is ever chosen */
        if (g_str_has_prefix(part, "\033[") && strcspn(part + 2, "m") + 3 == strlen(part))
            g_string_append_printf(joined, "%s%.*s", i ? ";" : "", (int)strlen(part) - 3, part + 2);
        else
            same = false;
    }
    g_string_append_c(joined, 'm');
    g_string_free(same ? plain : joined, TRUE);
    return g_string_free(same ? joined : plain, FALSE);
}

static char *make_style(const struct term *term, const struct style *style)
{
    static const struct {
        unsigned style;
        enum capability capability;
    } attr_caps[] = {{STYLE_BOLD, CAP_BOLD},
                     {STYLE_DIM, CAP_DIM},
                     {STYLE_UNDERLINE, CAP_SMUL},
                     {STYLE_REVERSE, CAP_REV}};
    unsigned attrs = style->attrs;
    short foreground = color_of(term, style->foreground, true, &attrs);
    short background = color_of(term, style->background, false, &attrs);
    g_autoptr(GPtrArray) parts = g_ptr_array_new_with_free_func(g_free);

    g_ptr_array_add(parts, g_strdup(term->caps[CAP_SGR0]));
    for (size_t i = 0; i < G_N_ELEMENTS(attr_caps); i++)
        if ((attrs & attr_caps[i].style) && *term->caps[attr_caps[i].capability])
            g_ptr_array_add(parts, g_strdup(term->caps[attr_caps[i].capability]));
    if (foreground >= 0)
        g_ptr_array_add(parts, g_strdup(term_parameter(term, CAP_SETAF, foreground, 0)));
    if (background >= 0)
        g_ptr_array_add(parts, g_strdup(term_parameter(term, CAP_SETAB, background, 0)));
    return join_style((char *const *)parts->pdata, parts->len);
}

void term_theme(struct term *term, const struct theme *theme)
{
    for (size_t i = 0; i < PAINT_COUNT_; i++) {
        g_free(term->styles[i]);
        term->styles[i] = make_style(term, &theme->styles[i]);
    }
    term_forget(term);
}

/* --- drawing ------------------------------------------------------------------------------- */

#define GAP_MAX 5 /* so many unchanged cells are cheaper to write again than to jump over */

void term_forget(struct term *term)
{
    term->forget = true;
    term->row = term->paint = term->cursor = -1;
}

static void set_paint(struct term *term, enum paint paint)
{
    if (term->paint == (int)paint)
        return;
    term_put(term, term->styles[paint]);
    term->paint = (int)paint;
}

static void put_cell(struct term *term, const struct grid_cell *cell)
{
    const gunichar text[] = {cell->character, cell->marks[0], cell->marks[1]};
    bool wide = term->column + 1 < term->columns && cell[1].character == 0;
    char utf8[6];

    set_paint(term, cell->paint);
    if (cell->character < 127 || !term->utf8) {
        utf8[0] = cell->character < 127 ? (char)cell->character : '?';
        g_byte_array_append(term->out, (guint8 *)utf8, 1);
        if (wide)
            g_byte_array_append(term->out, (const guint8 *)" ", 1);
        term->column += wide ? 2 : 1;
    } else {
        for (size_t i = 0; i < G_N_ELEMENTS(text) && text[i]; i++)
            g_byte_array_append(term->out, (guint8 *)utf8, (guint)g_unichar_to_utf8(text[i], utf8));
        term->column += wide ? 2 : 1;
        if (wide || cell->marks[0])
            term->row = -1; /* terminals differ in what they think of its width */
    }
    if (term->column >= term->columns)
        term->row = -1;
}

/* From where the cursor is to `column` of the same row. */
static void go_right(struct term *term, int row, int column, const struct grid_cell *cells)
{
    bool rewrite = term->row == row && column >= term->column && column - term->column <= GAP_MAX;

    for (int i = term->column; rewrite && i < column; i++)
        rewrite =
            (int)cells[i].paint == term->paint && cells[i].character && cells[i].character < 127;
    if (rewrite)
        while (term->column < column)
            put_cell(term, &cells[term->column]);
    else
        term_go_to(term, row, column);
}

/* The first cell from which the row is blank to its end. */
static int blank_from(const struct grid_cell *cells, int n)
{
    while (n > 0 && cells[n - 1].character == ' ' && cells[n - 1].paint == PAINT_TEXT &&
           !cells[n - 1].marks[0])
        n--;
    return n;
}

static void draw_row(struct term *term, int row, const struct grid_cell *cells,
                     struct grid_cell *shown)
{
    int end = blank_from(cells, term->columns), shown_end = blank_from(shown, term->columns);
    int last = row == term->rows - 1 && !term->keeps_corner ? term->columns - 1 : term->columns;
    bool erase = shown_end > end + GAP_MAX && *term->caps[CAP_EL];

    for (int i = 0; i < MIN(erase ? end : term->columns, last); i++) {
        if (!memcmp(&cells[i], &shown[i], sizeof *cells) &&
            !(i + 1 < term->columns && !cells[i + 1].character &&
              memcmp(&cells[i + 1], &shown[i + 1], sizeof *cells)))
            continue;
        if (!cells[i].character)
            continue; /* written with its left half */
        go_right(term, row, i, cells);
        put_cell(term, &cells[i]);
    }
    if (erase) {
        go_right(term, row, end, cells);
        set_paint(term, PAINT_TEXT);
        term_put(term, term->caps[CAP_EL]);
    }
    memcpy(shown, cells, sizeof *cells * (gsize)term->columns);
}

static void begin_anew(struct term *term)
{
    set_paint(term, PAINT_TEXT);
    term_put(term, term->caps[CAP_CLEAR]);
    term->row = term->column = 0;
    for (int i = 0; i < term->rows * term->columns; i++)
        term->shown[i] = (struct grid_cell){.character = ' '};
    term->forget = false;
}

bool term_draw(struct term *term, const struct grid *grid)
{
    guint before = term->out->len;
    int cursor = grid->cursor_row >= 0 && (grid->cursor_seen || term->plain);

    if (term_pending(term) && term->sent) /* a picture is on its way */
        return false;
    if (grid->rows != term->rows || grid->columns != term->columns)
        return true; /* a resize is about to draw it again */
    if (term->forget)
        begin_anew(term);
    for (int row = 0; row < term->rows; row++) {
        const struct grid_cell *cells = &grid->cells[row * grid->columns];
        struct grid_cell *shown = &term->shown[row * grid->columns];

        if (memcmp(cells, shown, sizeof *cells * (gsize)term->columns))
            draw_row(term, row, cells, shown);
    }
    /* Where it cannot be hidden it shows the selection too, rather than where the last text was. */
    if (grid->cursor_row >= 0 && (cursor || !*term->caps[CAP_CIVIS]) &&
        (term->row != grid->cursor_row || term->column != grid->cursor_column))
        term_go_to(term, grid->cursor_row, grid->cursor_column);
    if (cursor != term->cursor)
        term_put(term, term->caps[cursor ? CAP_CNORM : CAP_CIVIS]);
    term->cursor = cursor;
    term_ask(term, term->out->len - before);
    return true;
}
