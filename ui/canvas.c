/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/canvas.h"

#include "ui/width.h"

#include <string.h>

static const struct grid_cell blank = {.character = ' '};

struct grid *grid_new(int rows, int columns)
{
    struct grid *grid = g_new0(struct grid, 1);

    grid_resize(grid, rows, columns);
    return grid;
}

void grid_free(struct grid *grid)
{
    if (!grid)
        return;
    g_free(grid->cells);
    g_free(grid);
}

void grid_resize(struct grid *grid, int rows, int columns)
{
    grid->rows = MAX(rows, 1);
    grid->columns = MAX(columns, 1);
    grid->cells = g_renew(struct grid_cell, grid->cells, (gsize)grid->rows * (gsize)grid->columns);
    grid_clear(grid);
}

void grid_clear(struct grid *grid)
{
    for (int i = 0; i < grid->rows * grid->columns; i++)
        grid->cells[i] = blank;
    grid->cursor_row = grid->cursor_column = -1;
    grid->cursor_seen = false;
}

struct canvas canvas_whole(struct grid *grid)
{
    return (struct canvas){grid, 0, 0, grid->rows, grid->columns};
}

struct canvas canvas_part(const struct canvas *canvas, int row, int column, int rows, int columns)
{
    struct canvas part = *canvas;

    row = CLAMP(row, 0, canvas->rows);
    column = CLAMP(column, 0, canvas->columns);
    part.row += row;
    part.column += column;
    part.rows = rows < 0 ? canvas->rows - row : MIN(rows, canvas->rows - row);
    part.columns = columns < 0 ? canvas->columns - column : MIN(columns, canvas->columns - column);
    return part;
}

static struct grid_cell *cell_at(const struct canvas *canvas, int row, int column)
{
    return &canvas->grid
                ->cells[(canvas->row + row) * canvas->grid->columns + canvas->column + column];
}

static bool inside(const struct canvas *canvas, int row, int column)
{
    return row >= 0 && row < canvas->rows && column >= 0 && column < canvas->columns;
}

/* clang-format off */
static const struct { gunichar c; char ascii; } replacements[] = {
    {0x2588, '|'}, {0x2593, ':'}, {0x2591, '.'}, {0x2592, ':'}, {0x2260, '#'}, {0x2026, '~'},
    {0x2014, '-'}, {0x2013, '-'}, {0x2192, '>'}, {0x2190, '<'}, {0x2191, '^'}, {0x2193, 'v'},
    {0x00b7, '.'}, {0x2022, '*'}, {0x2500, '-'}, {0x2502, '|'}, {0x250c, '+'}, {0x2510, '+'},
    {0x2514, '+'}, {0x2518, '+'}, {0x251c, '+'}, {0x2524, '+'}, {0x2581, '_'}, {0x2582, '_'},
    {0x2583, '.'}, {0x2584, '-'}, {0x2585, '='}, {0x2586, '+'}, {0x2587, '#'},
    {0x2589, '|'}, {0x258a, '|'}, {0x258b, '|'}, {0x258c, '|'}, {0x258d, '|'}, {0x258e, '|'},
    {0x258f, '|'},
};
/* clang-format on */

static gunichar as_ascii(gunichar c)
{
    for (size_t i = 0; i < G_N_ELEMENTS(replacements); i++)
        if (replacements[i].c == c)
            return (gunichar)replacements[i].ascii;
    return c;
}

/* What is left of a wide character that lost a half is a blank. */
static void unlink_halves(const struct canvas *canvas, int row, int column)
{
    int at = canvas->column + column;
    struct grid_cell *cell = cell_at(canvas, row, column);

    if (!cell->character && at > 0)
        cell[-1] = (struct grid_cell){.character = ' ', .paint = cell[-1].paint};
    if (at + 1 < canvas->grid->columns && !cell[1].character)
        cell[1] = (struct grid_cell){.character = ' ', .paint = cell[1].paint};
}

static void put(const struct canvas *canvas, int row, int column, int width, enum paint paint,
                gunichar c)
{
    if (!inside(canvas, row, column))
        return;
    unlink_halves(canvas, row, column);
    if (width == 2 && inside(canvas, row, column + 1)) {
        unlink_halves(canvas, row, column + 1);
        *cell_at(canvas, row, column + 1) = (struct grid_cell){.character = 0, .paint = paint};
    } else if (width == 2) {
        c = ' ';
    }
    *cell_at(canvas, row, column) = (struct grid_cell){.character = c, .paint = paint};
}

static void put_mark(const struct canvas *canvas, int row, int column, gunichar mark)
{
    struct grid_cell *cell;

    if (!inside(canvas, row, column))
        return;
    cell = cell_at(canvas, row, column);
    if (!cell->character && inside(canvas, row, column - 1))
        cell--;
    for (size_t i = 0; i < G_N_ELEMENTS(cell->marks); i++) {
        if (!cell->marks[i]) {
            cell->marks[i] = mark;
            break;
        }
    }
}

int canvas_text(const struct canvas *canvas, int row, int column, enum paint paint,
                const char *text)
{
    for (; *text; text = g_utf8_next_char(text)) {
        gunichar c = g_utf8_get_char(text);
        int width;

        if (c < ' ' || c == 127)
            c = ' ';
        if (c >= 127 && canvas->grid->ascii)
            c = as_ascii(c);
        width = width_of_char(c);
        if (width == 0)
            put_mark(canvas, row, column - 1, c);
        else
            put(canvas, row, column, width, paint, c);
        column += width;
    }
    return column;
}

int canvas_printf(const struct canvas *canvas, int row, int column, enum paint paint,
                  const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list args;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    return canvas_text(canvas, row, column, paint, text);
}

void canvas_text_right(const struct canvas *canvas, int row, int end, enum paint paint,
                       const char *text)
{
    canvas_text(canvas, row, end - width_of(text), paint, text);
}

int canvas_wrap(const struct canvas *canvas, int row, int column, int indent, enum paint paint,
                const char *text)
{
    while (*text) {
        int room = canvas->columns - column;
        size_t n = room > 0 ? width_fit(text, room) : 0;
        g_autofree char *line = NULL;

        if (text[n] && text[n] != ' ') {
            size_t cut = n;

            while (cut > 0 && text[cut - 1] != ' ')
                cut--;
            n = cut ? cut : n;
        }
        if (!n)
            n = (size_t)(g_utf8_next_char(text) - text);
        line = g_strndup(text, n);
        canvas_text(canvas, row++, column, paint, line);
        for (text += n; *text == ' '; text++)
            ;
        column = indent;
    }
    return row;
}

void canvas_char(const struct canvas *canvas, int row, int column, enum paint paint, gunichar c)
{
    if (canvas->grid->ascii && c >= 127)
        c = as_ascii(c);
    put(canvas, row, column, width_of_char(c) == 2 ? 2 : 1, paint, c);
}

void canvas_fill(const struct canvas *canvas, int row, int column, int n, enum paint paint,
                 gunichar c)
{
    int end = n < 0 ? canvas->columns : MIN(column + n, canvas->columns);

    for (; column < end; column++)
        canvas_char(canvas, row, column, paint, c);
}

void canvas_paint(const struct canvas *canvas, int row, int column, int n, enum paint paint)
{
    int end = n < 0 ? canvas->columns : MIN(column + n, canvas->columns);

    for (column = MAX(column, 0); column < end; column++)
        if (inside(canvas, row, column))
            cell_at(canvas, row, column)->paint = paint;
}

void canvas_erase(const struct canvas *canvas)
{
    for (int row = 0; row < canvas->rows; row++)
        canvas_fill(canvas, row, 0, -1, PAINT_TEXT, ' ');
}

void canvas_cursor(const struct canvas *canvas, int row, int column, bool seen)
{
    if (canvas->rows < 1 || canvas->columns < 1)
        return;
    canvas->grid->cursor_row = canvas->row + CLAMP(row, 0, canvas->rows - 1);
    canvas->grid->cursor_column = canvas->column + CLAMP(column, 0, canvas->columns - 1);
    canvas->grid->cursor_seen = seen;
}

void canvas_box(const struct canvas *canvas, enum paint paint, const char *title)
{
    int bottom = canvas->rows - 1, right = canvas->columns - 1;

    canvas_erase(canvas);
    if (canvas->grid->plain) {
        canvas_printf(canvas, 0, 2, PAINT_STRONG, "%s", title ? title : "");
        return;
    }
    canvas_fill(canvas, 0, 0, -1, paint, 0x2500);
    canvas_fill(canvas, bottom, 0, -1, paint, 0x2500);
    for (int row = 1; row < bottom; row++) {
        canvas_char(canvas, row, 0, paint, 0x2502);
        canvas_char(canvas, row, right, paint, 0x2502);
    }
    canvas_char(canvas, 0, 0, paint, 0x250c);
    canvas_char(canvas, 0, right, paint, 0x2510);
    canvas_char(canvas, bottom, 0, paint, 0x2514);
    canvas_char(canvas, bottom, right, paint, 0x2518);
    if (title)
        canvas_printf(canvas, 0, 2, PAINT_STRONG, " %s ", title);
}
