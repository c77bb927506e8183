/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/table.h"

#include "ui/width.h"

#include <string.h>

#define PREFIX 1 /* > or *; the mark is a column */
#define STEADY 2 /* the mark and the name never scroll away */
#define ROWS_FOR_HEADING 4

void table_clear(struct table *table)
{
    g_clear_pointer(&table->visible, g_free);
    g_clear_pointer(&table->lines, g_array_unref);
    table->n_visible = 0;
}

/* --- columns ------------------------------------------------------------------------------- */

static bool several_hosts(struct app *app)
{
    const char *first = NULL;

    for (uint16_t i = 0; i < model_n_connections(app_model(app)); i++) {
        const char *name = model_snapshot(app_model(app), i)->host.name;

        if (first && name && !g_str_equal(first, name))
            return true;
        first = first ? first : name;
    }
    return false;
}

/* Scrolled: the name, then what any screen would show but for the first `shift`. */
static size_t arrange_scrolled(const struct table *table, int width,
                               struct column_place places[COLUMNS_MAX])
{
    const struct column *list[COLUMNS_MAX + 1];
    size_t n = 0;
    int skip = table->shift + STEADY;

    for (const struct column *at = columns; at->name && n < COLUMNS_MAX; at++)
        if (at->from && (n < STEADY || skip-- <= STEADY))
            list[n++] = at;
    list[n] = NULL;
    return columns_arrange(list, (unsigned)width, PREFIX, places);
}

static size_t arrange(const struct table *table, struct app *app, int width,
                      struct column_place places[COLUMNS_MAX])
{
    if (table->shift && !table->chosen)
        return arrange_scrolled(table, width, places);
    if (table->chosen) {
        const struct column *list[COLUMNS_MAX + 1];
        size_t n = 0, from = 0;

        for (size_t i = 0; table->chosen[i] && n < COLUMNS_MAX; i++)
            if (i < STEADY || from++ >= (size_t)table->shift)
                list[n++] = table->chosen[i];
        list[n] = NULL;
        return columns_arrange(list, (unsigned)width, PREFIX, places);
    }
    return columns_layout((unsigned)width, PREFIX, several_hosts(app), places);
}

/* --- drawing ------------------------------------------------------------------------------- */

static void draw_heading(const struct canvas *canvas, const struct column_view *about,
                         const struct column_place *places, size_t n)
{
    canvas_fill(canvas, 0, 0, -1, PAINT_HEADER, ' ');
    for (size_t i = 0; i < n; i++) {
        const struct column_place *place = &places[i];
        char title[CELL_TEXT_MAX];
        int start = (int)place->x;

        if (place->column->bar && canvas->grid->plain)
            continue;
        column_title(place->column, about, place->width, title, sizeof title);
        if (place->column->right)
            start += MAX((int)place->width - width_of(title), 0);
        canvas_text(canvas, 0, start, PAINT_HEADER, title);
    }
}

static void draw_bar(const struct canvas *canvas, int line, const struct row *row,
                     const struct column_view *about, const struct column_place *place)
{
    g_autofree struct bar_cell *cells = g_new0(struct bar_cell, place->width);

    column_bar(row, about, place->width, cells);
    for (unsigned i = 0; i < place->width; i++)
        canvas_text(canvas, line, (int)(place->x + i), cells[i].paint, cells[i].text);
}

static void draw_row(const struct canvas *canvas, int line, const struct row *row, bool selected,
                     bool tagged, int depth, const struct column_view *about,
                     const struct column_place *places, size_t n)
{
    canvas_char(canvas, line, 0, PAINT_STRONG, tagged ? '*' : selected ? '>' : ' ');
    for (size_t i = 0; i < n; i++) {
        const struct column_place *place = &places[i];
        bool name = g_str_equal(place->column->name, "name");
        int start = (int)place->x + (name ? depth : 0),
            width = (int)place->width - (name ? depth : 0);
        struct cell cell;

        if (start >= canvas->columns)
            continue;
        if (place->column->bar && canvas->grid->plain)
            continue;
        if (place->column->bar) {
            draw_bar(canvas, line, row, about, place);
            continue;
        }
        column_cell(place->column, row, about, (unsigned)MAX(width, 1), &cell);
        if (place->column->right)
            start += MAX(width - width_of(cell.text), 0);
        canvas_text(canvas, line, start, name && selected ? PAINT_SELECTED : cell.paint, cell.text);
    }
    if (selected)
        canvas_cursor(canvas, line, 0, false);
}

static void draw_nothing(struct app *app, const struct canvas *canvas)
{
    struct view *view = app_view(app);

    if (*view_filter_text(view) || view_flags(view).only_trouble)
        canvas_text(canvas, 1, PREFIX, PAINT_STALE,
                    view_flags(view).only_trouble ? "no trouble anywhere; ! shows all domains"
                                                  : "nothing matches the filter; Esc clears it");
    else if (view_total(view))
        canvas_text(canvas, 1, PREFIX, PAINT_STALE, "nothing runs; A shows what is off too");
    for (uint16_t i = 0; !view_total(view) && i < model_n_connections(app_model(app)); i++) {
        const struct snapshot *snapshot = model_snapshot(app_model(app), i);

        canvas_printf(canvas, 1 + i, PREFIX, PAINT_STALE, "%s: %s%s%s", snapshot->uri,
                      connection_state_name(snapshot->state), snapshot->error ? ": " : "",
                      snapshot->error ? snapshot->error : "");
    }
}

/* Tells the model what is seen, when that changed. */
static void tell_visible(struct table *table, struct app *app, const struct row *rows, size_t n)
{
    g_autofree struct domain_key *keys = g_new0(struct domain_key, MAX(n, 1));

    for (size_t i = 0; i < n; i++) {
        memcpy(keys[i].id, rows[i].key.id, sizeof keys[i].id);
        keys[i].connection = rows[i].key.connection;
    }
    if (n == table->n_visible && (!n || !memcmp(keys, table->visible, n * sizeof *keys)))
        return;
    model_set_visible(app_model(app), keys, n);
    g_free(table->visible);
    table->visible = g_steal_pointer(&keys);
    table->n_visible = n;
}

/* --- the tree ------------------------------------------------------------------------------ */

static void add_line(struct table *table, int row, int depth, const char *heading)
{
    struct table_line line = {row, depth, heading};

    g_array_append_val(table->lines, line);
}

/* Rows come grouped: a heading stands where the host or the place changes. */
static void make_lines(struct table *table, const struct row *rows, size_t n, bool tree)
{
    const char *place = NULL;

    g_clear_pointer(&table->lines, g_array_unref);
    if (!tree)
        return;
    table->lines = g_array_new(FALSE, FALSE, sizeof(struct table_line));
    for (size_t i = 0; i < n; i++) {
        const char *parents = rows[i].domain->identity->parents;

        if (i == 0 || rows[i].key.connection != rows[i - 1].key.connection) {
            add_line(table, -1, 0, rows[i].snapshot->host.name);
            place = NULL;
        }
        if (parents && *parents && g_strcmp0(place, parents))
            add_line(table, -1, 1, parents);
        place = parents;
        add_line(table, (int)i, parents && *parents ? 2 : 1, NULL);
    }
}

static struct table_line line_at(const struct table *table, int at)
{
    return table->lines ? g_array_index(table->lines, struct table_line, at)
                        : (struct table_line){at, 0, NULL};
}

static int count_lines(const struct table *table, size_t n)
{
    return table->lines ? (int)table->lines->len : (int)n;
}

static int line_of_row(const struct table *table, int row)
{
    for (guint i = 0; table->lines && i < table->lines->len; i++)
        if (g_array_index(table->lines, struct table_line, i).row == row)
            return (int)i;
    return row;
}

/* --- the whole ----------------------------------------------------------------------------- */

static void scroll(struct table *table, struct app *app, int selected, int n)
{
    struct view *view = app_view(app);

    if (view_moved(view) || view_flags(view).follow)
        table->top = CLAMP(table->top, selected - table->page + 1, MAX(selected, 0));
    table->top = CLAMP(table->top, 0, MAX(n - table->page, 0));
}

static void draw_lines(struct table *table, struct app *app, const struct canvas *lines,
                       const struct row *rows, size_t n)
{
    struct view *view = app_view(app);
    struct column_view about = {app_utf8(app), view_flags(view).scale, view_flags(view).units};
    struct column_place places[COLUMNS_MAX];
    size_t n_places = arrange(table, app, lines->columns, places), n_seen = 0;
    int selected = view_selected(view), total = count_lines(table, n), first = -1;

    for (int i = 0; i < lines->rows && table->top + i < total; i++) {
        struct table_line line = line_at(table, table->top + i);

        if (line.row < 0) {
            canvas_text(lines, i, PREFIX + 1 + line.depth, PAINT_STRONG,
                        line.heading ? line.heading : "");
            continue;
        }
        first = first < 0 ? line.row : first;
        n_seen++;
        draw_row(lines, i, &rows[line.row], line.row == selected,
                 view_tagged(view, &rows[line.row].key), line.depth, &about, places, n_places);
    }
    tell_visible(table, app, rows + MAX(first, 0), n_seen);
}

void table_draw(struct table *table, struct app *app, const struct canvas *canvas)
{
    struct view *view = app_view(app);
    struct column_view about = {app_utf8(app), view_flags(view).scale, view_flags(view).units};
    struct column_place places[COLUMNS_MAX];
    bool heading = canvas->rows >= ROWS_FOR_HEADING;
    struct canvas lines = canvas_part(canvas, heading ? 1 : 0, 0, -1, -1);
    size_t n;
    const struct row *rows = view_rows(view, &n);

    if (heading)
        draw_heading(canvas, &about, places, arrange(table, app, canvas->columns, places));
    make_lines(table, rows, n, view_flags(view).tree);
    table->page = MAX(lines.rows, 1);
    table->first_row = lines.row;
    scroll(table, app, line_of_row(table, view_selected(view)), count_lines(table, n));
    draw_lines(table, app, &lines, rows, n);
    if (!n)
        draw_nothing(app, &lines);
}

/* --- keys ---------------------------------------------------------------------------------- */

enum motion_unit { LINES, HALVES, PAGES, ENDS };

static const struct motion {
    int key;
    enum motion_unit unit;
    int amount;
} motions[] = {
    {'j', LINES, 1},         {K_DOWN, LINES, 1},       {'k', LINES, -1},
    {K_UP, LINES, -1},       {K_CTRL('d'), HALVES, 1}, {K_CTRL('u'), HALVES, -1},
    {K_CTRL('f'), PAGES, 1}, {K_PAGE_DOWN, PAGES, 1},  {K_CTRL('b'), PAGES, -1},
    {K_PAGE_UP, PAGES, -1},  {'g', ENDS, -1},          {K_HOME, ENDS, -1},
    {'G', ENDS, 1},          {K_END, ENDS, 1},
};

static void move_by(struct table *table, struct app *app, int lines)
{
    view_select(app_view(app), view_selected(app_view(app)) + lines);
}

static bool move_key(struct table *table, struct app *app, int key)
{
    const int steps[] = {[LINES] = 1,
                         [HALVES] = MAX(table->page / 2, 1),
                         [PAGES] = MAX(table->page - 1, 1),
                         [ENDS] = G_MAXINT / 4};

    for (size_t i = 0; i < G_N_ELEMENTS(motions); i++) {
        if (motions[i].key == key) {
            move_by(table, app, motions[i].amount * steps[motions[i].unit]);
            return true;
        }
    }
    if (key == K_LEFT || key == 'H') {
        table->shift = MAX(table->shift - 1, 0);
        return true;
    }
    if (key == K_RIGHT || key == 'L') {
        table->shift = MIN(table->shift + 1, COLUMNS_MAX / 2);
        return true;
    }
    return false;
}

bool table_event(struct table *table, struct app *app, const struct event *event)
{
    struct view *view = app_view(app);
    size_t n;
    int at = table->top + event->row - table->first_row;

    view_rows(view, &n);
    view_touch(view);
    switch (event->kind) {
    case EVENT_KEY:
        return move_key(table, app, event->key);
    case EVENT_CLICK:
        if (event->row >= table->first_row && event->row < table->first_row + table->page &&
            at < count_lines(table, n) && line_at(table, at).row >= 0)
            view_select(view, line_at(table, at).row);
        return true;
    case EVENT_WHEEL_UP:
        move_by(table, app, -3);
        return true;
    case EVENT_WHEEL_DOWN:
        move_by(table, app, 3);
        return true;
    case EVENT_PASTE: /* ignored in lists */
    case EVENT_STATUS:
        return true;
    }
    return false;
}
