/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How it looks: one row each with what it is now and what changes it. */
#include "ui/actions.h"
#include "ui/columns.h"
#include "ui/screens.h"
#include "ui/settings.h"
#include "ui/view.h"
#include "ui/width.h"

#include <string.h>

#define LABEL 16

struct setup {
    struct screen screen;
    int selected;
    int first_row, top, rows; /* as drawn last */
};

struct setup_row {
    const char *label, *help;
    char *(*text)(struct app *app);            /* newly allocated */
    void (*change)(struct app *app, int step); /* -1 or 1 */
};

/* --- rows ---------------------------------------------------------------------------------- */

static char *theme_text(struct app *app)
{
    return g_strdup(app_theme_name(app));
}

static void theme_change(struct app *app, int step)
{
    g_auto(GStrv) names = theme_names(app_options(app)->theme_directory);
    int n = (int)g_strv_length(names), at = 0;

    for (int i = 0; i < n; i++)
        if (g_str_equal(names[i], app_theme_name(app)))
            at = i;
    if (n)
        app_set_theme(app, names[(at + step + n) % n]);
}

static char *delay_text(struct app *app)
{
    return g_strdup_printf("%g s", app_delay_ms(app) / 1000.0);
}

static void delay_change(struct app *app, int step)
{
    app_set_delay(app, (unsigned)CLAMP((int)app_delay_ms(app) + step * 1000, 1000, 3600 * 1000));
}

static char *sort_text(struct app *app)
{
    bool reverse;
    const struct sort_key *key = view_sort_key(app_view(app), &reverse);

    return g_strdup_printf("%s%s", key->label, reverse ? ", reversed" : "");
}

static void sort_change(struct app *app, int step)
{
    bool reverse;
    const struct sort_key *key = view_sort_key(app_view(app), &reverse);
    int n = 0;

    while (sort_keys[n].name)
        n++;
    view_sort(app_view(app), &sort_keys[((int)(key - sort_keys) + step + n) % n], reverse);
}

static char *all_text(struct app *app)
{
    return g_strdup(view_flags(app_view(app)).all ? "all" : "running, and died in the last 24 h");
}

static void all_change(struct app *app, int step)
{
    struct view_flags flags = view_flags(app_view(app));

    flags.all = !flags.all;
    view_set_flags(app_view(app), flags);
}

static char *scale_text(struct app *app)
{
    static const char *const words[] = {[BAR_WALL] = "the wall that bites",
                                        [BAR_MAXIMUM] = "the maximum",
                                        [BAR_HOST] = "the host's memory"};

    return g_strdup(words[view_flags(app_view(app)).scale]);
}

static void scale_change(struct app *app, int step)
{
    struct view_flags flags = view_flags(app_view(app));

    flags.scale = (flags.scale + 3 + (unsigned)step) % 3;
    view_set_flags(app_view(app), flags);
}

static char *units_text(struct app *app)
{
    enum size_unit units = view_flags(app_view(app)).units;

    return g_strdup(units == SIZE_UNIT_FITTING ? "what fits each" : size_unit_names[units]);
}

static void units_change(struct app *app, int step)
{
    struct view_flags flags = view_flags(app_view(app));

    flags.units = (flags.units + 3 + (unsigned)step) % 3;
    view_set_flags(app_view(app), flags);
}

static char *header_text(struct app *app)
{
    int lines = app_host_lines(app);

    return lines < 0 ? g_strdup("as many hosts as there is room for")
                     : g_strdup_printf("%d host%s", lines, lines == 1 ? "" : "s");
}

static void header_change(struct app *app, int step)
{
    app_set_host_lines(app, CLAMP(app_host_lines(app) + step, -1, 20));
}

/* Which columns: all of the table, and then a row each. */
static bool column_on(struct app *app, const struct column *column)
{
    const struct column *const *chosen = app_columns(app);

    if (!chosen)
        return column->from > 0 && (int)column->from <= app_width(app) + 1;
    for (; *chosen; chosen++)
        if (*chosen == column)
            return true;
    return false;
}

/* "mark,name,held", with one of them the other way round (or NULL). */
static char *columns_with(struct app *app, const struct column *toggled)
{
    GString *list = g_string_new(NULL);

    for (const struct column *at = columns; at->name; at++)
        if (column_on(app, at) != (at == toggled))
            g_string_append_printf(list, "%s%s", list->len ? "," : "", at->name);
    return g_string_free(list, FALSE);
}

static char *columns_list(struct app *app)
{
    return columns_with(app, NULL);
}

static void column_toggle(struct app *app, const struct column *toggled)
{
    g_autofree char *list = columns_with(app, toggled);

    app_set_columns(app, list);
}

static char *columns_text(struct app *app)
{
    return g_strdup(app_columns(app) ? "as chosen below" : "by the width of the terminal");
}

static void columns_change(struct app *app, int step)
{
    app_set_columns(app, NULL);
}

static const struct setup_row rows[] = {
    {"Theme", "files of roles; yours go to the folder themes in the user's settings", theme_text,
     theme_change},
    {"Delay", "between refreshes", delay_text, delay_change},
    {"Header", "lines of hosts above the table", header_text, header_change},
    {"Sort", "the worst stay on top", sort_text, sort_change},
    {"Domains", "which are listed", all_text, all_change},
    {"Bars", "what their right edge is", scale_text, scale_change},
    {"Units", "of sizes in the table, where there is room", units_text, units_change},
    {"Columns", "Enter goes back to those that fit the width", columns_text, columns_change},
};
#define N_ROWS ((int)G_N_ELEMENTS(rows))

/* The mark and the name are always there. */
static const struct column *column_of(int line)
{
    int at = 0;

    for (const struct column *column = columns; column->name; column++)
        if (*column->title && !g_str_equal(column->name, "name") && N_ROWS + at++ == line)
            return column;
    return NULL;
}

static int count_lines(void)
{
    int line = N_ROWS;

    while (column_of(line))
        line++;
    return line;
}

/* --- drawing and keys ---------------------------------------------------------------------- */

static void draw_line(struct setup *setup, const struct canvas *canvas, int at, int line)
{
    struct app *app = setup->screen.app;
    bool selected = line == setup->selected;
    const struct column *column = column_of(line);
    enum paint paint = selected ? PAINT_SELECTED : PAINT_STRONG;

    canvas_char(canvas, at, 0, PAINT_STRONG, selected ? '>' : ' ');
    if (column) {
        canvas_printf(canvas, at, 3, PAINT_TEXT, "[%c]", column_on(app, column) ? 'x' : ' ');
        canvas_text(canvas, at, 7, paint, column->title);
        canvas_text(canvas, at, LABEL + 1, PAINT_TEXT, column->help);
    } else {
        g_autofree char *text = rows[line].text(app);

        canvas_text(canvas, at, 1, paint, rows[line].label);
        canvas_text(canvas, at, 10, PAINT_TEXT, text);
        canvas_text(canvas, at, MAX(48, 12 + width_of(text)), PAINT_STALE, rows[line].help);
    }
    if (selected)
        canvas_cursor(canvas, at, 0, false);
}

static void setup_draw(struct screen *screen, const struct canvas *canvas)
{
    struct setup *setup = (struct setup *)screen;
    struct canvas list = canvas_part(canvas, canvas->rows > 4 ? 2 : 0, 0, -1, -1);
    int n = count_lines();

    if (canvas->rows > 4)
        canvas_text(canvas, 0, 0, PAINT_STRONG, "Setup");
    setup->rows = MAX(list.rows, 1);
    setup->top = CLAMP(setup->top, setup->selected - setup->rows + 1, setup->selected);
    setup->top = CLAMP(setup->top, 0, MAX(n - setup->rows, 0));
    setup->first_row = list.row;
    for (int i = 0; i < list.rows && setup->top + i < n; i++)
        draw_line(setup, &list, i, setup->top + i);
}

static void change(struct screen *screen, int step)
{
    struct setup *setup = (struct setup *)screen;
    const struct column *column = column_of(setup->selected);

    if (column)
        column_toggle(screen->app, column);
    else
        rows[setup->selected].change(screen->app, step);
    app_redraw(screen->app);
}

static void forward(struct screen *screen)
{
    change(screen, 1);
}

static void backward(struct screen *screen)
{
    change(screen, -1);
}

/* What is as it is without a setting is taken out of the file. */
static bool save_all(struct app *app, const char *path, GError **error)
{
    bool reverse;
    const struct sort_key *key = view_sort_key(app_view(app), &reverse);
    g_autofree char *delay = g_strdup_printf("%g", app_delay_ms(app) / 1000.0);
    g_autofree char *sort = g_strdup_printf("%s%s", reverse ? "-" : "", key->name);
    g_autofree char *header = g_strdup_printf("%d", app_host_lines(app));
    g_autofree char *chosen = columns_list(app);
    const char *filter = view_filter_text(app_view(app));
    struct view_flags flags = view_flags(app_view(app));
    const struct {
        const char *key, *value;
    } rows_saved[] = {
        {"theme", app_theme_name(app)},
        {"delay", delay},
        {"sort", key == sort_keys && !reverse ? NULL : sort},
        {"header", app_host_lines(app) < 0 ? NULL : header},
        {"columns", app_columns(app) ? chosen : NULL},
        {"all", flags.all ? "true" : NULL},
        {"bars", flags.scale ? bar_scale_names[flags.scale] : NULL},
        {"units", flags.units ? size_unit_names[flags.units] : NULL},
        {"filter", *filter ? filter : NULL},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows_saved); i++)
        if (!settings_write(path, rows_saved[i].key, rows_saved[i].value, error))
            return false;
    return true;
}

static void save(struct screen *screen)
{
    g_autofree char *path = settings_user_path();
    g_autoptr(GError) error = NULL;

    if (app_read_only(screen->app))
        app_error(screen->app, "this is a watch: it writes no file, its own settings neither");
    else if (save_all(screen->app, path, &error))
        app_message(screen->app, "saved in %s", path);
    else
        app_error(screen->app, "%s", error->message);
}

static void back(struct screen *screen)
{
    app_pop(screen->app, screen);
}

static bool setup_event(struct screen *screen, const struct event *event)
{
    struct setup *setup = (struct setup *)screen;
    int n = count_lines(), step = 0;

    if (event->kind == EVENT_WHEEL_UP || event->kind == EVENT_WHEEL_DOWN)
        step = event->kind == EVENT_WHEEL_UP ? -1 : 1;
    if (event->kind == EVENT_CLICK && event->row >= setup->first_row)
        step = setup->top + event->row - setup->first_row - setup->selected;
    if (event->kind == EVENT_KEY) {
        int key = event->key;

        step = key == 'j' || key == K_DOWN   ? 1
               : key == 'k' || key == K_UP   ? -1
               : key == K_PAGE_DOWN          ? setup->rows
               : key == K_PAGE_UP            ? -setup->rows
               : key == 'g' || key == K_HOME ? -n
               : key == 'G' || key == K_END  ? n
                                             : 0;
    }
    setup->selected = CLAMP(setup->selected + step, 0, n - 1);
    return step != 0;
}

static void setup_free(struct screen *screen)
{
    g_free(screen);
}

/* clang-format off */
static const struct binding bindings[] = {
    {K_RIGHT, K_ENTER, "Change", "change", "the next value", 0, forward},
    {' ', 0, NULL, NULL, "the next value, or a column on and off", 0, forward},
    {K_LEFT, 0, NULL, "change-back", "the value before", 0, backward},
    {'W', 0, "Save", "save", "keeps this for the next start, in the user's settings file", 0, save},
    {K_ESC, 0, "Back", "back", "back to the screen before", 0, back},
    {0},
};
/* clang-format on */

static const struct screen_ops ops = {
    .name = "setup",
    .title = "Setup",
    .about = "How it looks. It acts at once; W keeps it for the next start.",
    .bindings = bindings,
    .draw = setup_draw,
    .event = setup_event,
    .free = setup_free,
};

struct screen *screen_setup_new(struct app *app)
{
    struct setup *setup = g_new0(struct setup, 1);

    setup->screen.ops = &ops;
    return &setup->screen;
}
