/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/form-draw.h"

#include "ui/change-words.h"
#include "ui/width.h"

#include <string.h>

/* Where the columns begin; -1: not shown. */
struct layout {
    int columns; /* that the terminal has at least */
    int label, held, live, config, mark, input, input_columns, effect;
};

/* clang-format off */
static const struct layout layouts[] = {
    /*        label held live config mark input width effect */
    {80,      2,    -1,  19,  32,    43,  45,   12,   60},
    {60,      2,    -1,  19,  32,    43,  45,   14,   -1},
    {36,      2,    -1,  16,  -1,    25,  27,   12,   -1},
    {0,       1,    -1,  -1,  -1,    -1,  10,   20,   -1},
};
static const struct layout held_layouts[] = {
    {80,      2,    18,  25,  35,    44,  46,   12,   60},
    {60,      2,    -1,  17,  30,    43,  45,   14,   -1},
};
/* clang-format on */

static struct layout layout_for(const struct form *form, int columns)
{
    if (form_has_held(form))
        for (size_t i = 0; i < G_N_ELEMENTS(held_layouts); i++)
            if (columns >= held_layouts[i].columns)
                return held_layouts[i];
    for (size_t i = 0; i < G_N_ELEMENTS(layouts); i++)
        if (columns >= layouts[i].columns)
            return layouts[i];
    return layouts[G_N_ELEMENTS(layouts) - 1];
}

/* --- the rows ------------------------------------------------------------------------------ */

static void draw_titles(const struct form *form, const struct canvas *canvas, int row,
                        const struct layout *layout)
{
    const struct {
        int column;
        const char *title;
    } titles[] = {
        {layout->held, "held"},
        {layout->live, form_one_scope(form) || layout->config < 0 ? "now" : "live"},
        {form_one_scope(form) ? -1 : layout->config, "config"},
        {layout->input, "NEW"},
        {layout->effect, form_has_held(form) ? "when it is reached" : "what it does here"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(titles); i++)
        if (titles[i].column >= 0)
            canvas_text(canvas, row, titles[i].column, PAINT_HEADER, titles[i].title);
}

static void draw_cell(const struct canvas *canvas, int row, int from, int end, enum paint paint,
                      const char *text)
{
    g_autofree char *cut = from < 0 || end <= from ? NULL : width_cut(text, end - from);

    if (cut)
        canvas_text(canvas, row, from, paint, cut);
}

static int after(int first, int second)
{
    return first >= 0 ? first : second;
}

static void draw_values(const struct form *form, const struct canvas *canvas, int row,
                        const struct layout *layout, size_t index)
{
    g_autofree char *live = form_value(form, index, SCOPE_LIVE);
    g_autofree char *config = form_value(form, index, SCOPE_CONFIG);
    g_autofree char *held = form_held(form, index);
    bool outside = form_outside(form, index), differs = form_differs(form, index);
    int mark = layout->mark;
    bool one = form_one_scope(form) || layout->config < 0;
    /* One column: what acts now, else what will. */
    const char *shown = one && !form_one_scope(form) && !strcmp(live, "-") ? config : live;
    enum paint paint = outside ? PAINT_NOTICE : PAINT_TEXT;

    draw_cell(canvas, row, layout->held, layout->live - 1, PAINT_TEXT, held);
    draw_cell(canvas, row, layout->live, (one ? layout->mark : layout->config) - 1, paint, shown);
    if (!one)
        draw_cell(canvas, row, layout->config, layout->mark, paint, config);
    if (mark >= 0 && differs)
        canvas_char(canvas, row, mark++, PAINT_NOTICE, 0x2260);
    if (mark >= 0 && form_bounded(form, index))
        canvas_char(canvas, row, mark++, PAINT_NOTICE, '^');
    if (layout->mark >= 0 && outside)
        canvas_char(canvas, row, layout->mark + 1, PAINT_NOTICE, '!');
}

static void draw_input(struct form_view *view, const struct canvas *canvas, int row,
                       const struct layout *layout, size_t index)
{
    const struct form *form = view->form;
    int columns = MIN(layout->input_columns, canvas->columns - layout->input);
    struct canvas field = canvas_part(canvas, row, layout->input, 1, columns);
    bool focused = index == view->focus, mixed;
    const char *text = form_text(form, index, &mixed);
    enum paint paint = form_error(form, index) ? PAINT_KILLED : PAINT_STAGED;
    g_autofree char *why_not = form_why_not(form, index);

    if (focused && !(why_not && !*text)) {
        lineedit_draw(&view->edit, canvas, row, layout->input, columns, *text ? paint : PAINT_TEXT,
                      '_', true);
        if (mixed && !*lineedit_text(&view->edit))
            canvas_text(&field, 0, 0, PAINT_STAGED, "(mixed)");
        return;
    }
    if (why_not && !*text) {
        canvas_text(&field, 0, 0, PAINT_STALE, "read only");
        if (focused)
            canvas_cursor(&field, 0, 0, false);
        return;
    }
    canvas_fill(&field, 0, 0, -1, PAINT_TEXT, '_');
    canvas_text(&field, 0, 0, paint, mixed ? "(mixed)" : text);
}

static void draw_field(struct form_view *view, const struct canvas *canvas, int row,
                       const struct layout *layout, size_t index)
{
    const struct tunable *tunable = form_row(view->form, index)->halves[0];
    const char *label = tunable->label ? tunable->label : tunable->name;
    bool focused = index == view->focus;
    g_autofree char *not_live = form_why_not_live(view->form, index);

    canvas_text(canvas, row, 0, PAINT_STRONG, focused ? ">" : " ");
    draw_cell(canvas, row, layout->label,
              after(layout->held, after(layout->live, layout->input)) - 1,
              focused ? PAINT_SELECTED : PAINT_TEXT, label);
    if (layout->live >= 0)
        draw_values(view->form, canvas, row, layout, index);
    draw_input(view, canvas, row, layout, index);
    if (layout->effect >= 0 && (not_live || tunable->effect))
        draw_cell(canvas, row, layout->effect, layout->effect + 20,
                  not_live ? PAINT_NOTICE : PAINT_TEXT, not_live ? not_live : tunable->effect);
    if (layout->effect >= 0 && canvas->columns > layout->effect + 40 && tunable->help)
        draw_cell(canvas, row, layout->effect + 22, canvas->columns, PAINT_STALE, tunable->help);
}

/* A line of the rows: a heading (index of the row below it) or a row. */
struct line {
    bool heading;
    size_t index;
};

static GArray *lines_of(const struct form *form)
{
    GArray *lines = g_array_new(FALSE, FALSE, sizeof(struct line));
    const char *section = NULL;

    for (size_t i = 0; i < form_n_rows(form); i++) {
        const struct form_row *row = form_row(form, i);
        struct line line = {true, i};

        if (!form_visible(form, i) || row->kind == FORM_SCOPES)
            continue;
        if (row->kind == FORM_FIELD && row->fold < 0 && row->heading &&
            g_strcmp0(section, row->heading))
            g_array_append_val(lines, line);
        section = row->heading;
        line.heading = false;
        g_array_append_val(lines, line);
    }
    return lines;
}

static void draw_fold(struct form_view *view, const struct canvas *canvas, int at, size_t index)
{
    const struct form_row *row = form_row(view->form, index);
    bool focused = index == view->focus;

    canvas_text(canvas, at, 0, PAINT_STRONG, focused ? ">" : " ");
    canvas_printf(canvas, at, 1, focused ? PAINT_SELECTED : PAINT_STRONG, "%c %s (%u)",
                  row->open ? '-' : '+', row->heading, row->n_below);
    if (focused)
        canvas_cursor(canvas, at, 1, false);
}

static void scroll(struct form_view *view, const GArray *lines, int rows)
{
    int focus = -1, n = (int)lines->len;

    for (int i = 0; i < n; i++) {
        const struct line *line = &g_array_index(lines, struct line, i);

        if (!line->heading && line->index == view->focus)
            focus = i;
    }
    if (focus >= 0) {
        bool heading = focus > 0 && g_array_index(lines, struct line, focus - 1).heading;

        view->top = MIN(view->top, focus - (heading && rows > 1));
        view->top = MAX(view->top, focus - rows + 1);
    }
    view->top = CLAMP(view->top, 0, MAX(n - rows, 0));
}

static void draw_rows(struct form_view *view, const struct canvas *canvas, const GArray *lines,
                      const struct layout *layout)
{
    scroll(view, lines, canvas->rows);
    for (int i = 0; i < canvas->rows && view->top + i < (int)lines->len; i++) {
        const struct line *line = &g_array_index(lines, struct line, view->top + i);
        struct form_place place = {canvas->row + i, line->index};

        if (line->heading) {
            canvas_printf(canvas, i, 1, PAINT_STRONG, "%s",
                          form_row(view->form, line->index)->heading);
            continue;
        }
        g_array_append_val(view->places, place);
        if (form_row(view->form, line->index)->kind == FORM_FOLD)
            draw_fold(view, canvas, i, line->index);
        else
            draw_field(view, canvas, i, layout, line->index);
    }
    if (view->top + canvas->rows < (int)lines->len && canvas->columns >= 80)
        canvas_text(canvas, canvas->rows - 1, canvas->columns - 6, PAINT_HEADER, " more ");
}

/* --- below the rows ------------------------------------------------------------------------ */

static int draw_line(const struct canvas *canvas, int row, const struct form_line *line)
{
    enum paint paint = line->plain ? PAINT_TEXT : words_finding_paint(line->severity);

    return row >= canvas->rows ? row : canvas_wrap(canvas, row, 3, 5, paint, line->text);
}

static void draw_info(const struct form_view *view, const struct canvas *canvas)
{
    g_autofree char *native = form_native(view->form, view->focus);
    g_autoptr(GPtrArray) lines = form_lines(view->form, view->focus);
    int row = 0;
    bool tight = canvas->rows < 3;

    if (!tight && canvas->columns >= 60)
        row = canvas_wrap(canvas, row, 1, 3, PAINT_TEXT, native);
    /* With little room the worst comes first. */
    for (guint i = 0; tight && i < lines->len; i++) {
        const struct form_line *line = g_ptr_array_index(lines, i);

        if (!line->plain)
            row = draw_line(canvas, row, line);
    }
    for (guint i = 0; i < lines->len; i++) {
        const struct form_line *line = g_ptr_array_index(lines, i);

        if (!tight || line->plain)
            row = draw_line(canvas, row, line);
    }
}

static void draw_scopes(struct form_view *view, const struct canvas *canvas, int at)
{
    static const struct {
        unsigned scopes;
        const char *text;
    } choices[] = {
        {SCOPE_BOTH, "live and config"}, {SCOPE_LIVE, "live only"}, {SCOPE_CONFIG, "config only"}};
    size_t last = form_n_rows(view->form) - 1;
    bool focused = view->focus == last, small = canvas->columns < 72;
    struct form_place place = {canvas->row + at, last};
    int column;

    if (form_one_scope(view->form))
        return;
    g_array_append_val(view->places, place);
    canvas_text(canvas, at, 0, PAINT_STRONG, focused ? ">" : " ");
    column = canvas_text(canvas, at, 1, focused ? PAINT_SELECTED : PAINT_TEXT, "Write to") + 2;
    for (size_t i = 0; i < G_N_ELEMENTS(choices); i++) {
        bool chosen = form_scopes(view->form) == choices[i].scopes;

        if (small && !chosen)
            continue;
        column = canvas_printf(canvas, at, column, chosen ? PAINT_STRONG : PAINT_TEXT, "(%c) %s",
                               chosen ? '*' : ' ', choices[i].text) +
                 3;
    }
    if (focused)
        canvas_cursor(canvas, at, 1, false);
}

/* How the rows of the terminal are shared out. */
struct shares {
    int head, titles, body, gap, info, scopes;
};

static struct shares share(int rows, int wanted)
{
    struct shares shares = {0};
    int least = rows >= 16 ? 4 : rows >= 8 ? 3 : rows >= 4 ? 2 : rows > 1 ? 1 : 0;
    int rest;

    shares.head = rows >= 14 ? 3 : rows >= 7 ? 1 : 0;
    shares.titles = rows >= 9;
    shares.scopes = rows >= 9;
    rest = rows - shares.head - shares.titles - shares.scopes - least;
    shares.gap = rest - wanted >= 1;
    shares.body = CLAMP(rest - shares.gap, 1, wanted);
    shares.info = rows - shares.head - shares.titles - shares.body - shares.gap - shares.scopes;
    return shares;
}

void form_draw(struct form_view *view, const struct canvas *canvas)
{
    struct layout layout = layout_for(view->form, canvas->columns);
    g_autoptr(GArray) lines = lines_of(view->form);
    struct shares shares = share(canvas->rows, MAX((int)lines->len, 1));
    struct canvas part;
    int row;

    g_array_set_size(view->places, 0);
    row = form_draw_head(view, canvas, shares.head);
    if (shares.titles)
        draw_titles(view->form, canvas, row, &layout);
    row += shares.titles;
    part = canvas_part(canvas, row, 0, shares.body, -1);
    draw_rows(view, &part, lines, &layout);
    row += shares.body + shares.gap;
    part = canvas_part(canvas, row, 0, shares.info, -1);
    draw_info(view, &part);
    if (shares.scopes)
        draw_scopes(view, canvas, canvas->rows - 1);
    else if (form_row(view->form, view->focus)->kind == FORM_SCOPES && shares.info)
        draw_scopes(view, canvas, row);
}
