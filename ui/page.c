/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/page.h"

#include "ui/width.h"

#include <string.h>

struct line {
    char *label, *text;
    int width;
    enum paint paint;
};

struct page {
    GArray *lines;
    int top;          /* row of the wrapped text */
    int height, rows; /* as drawn last */
    int found;        /* index of a line, -1 none */
    bool to_end, to_found;
};

static void line_clear(gpointer data)
{
    struct line *line = data;

    g_free(line->label);
    g_free(line->text);
}

struct page *page_new(void)
{
    struct page *page = g_new0(struct page, 1);

    page->lines = g_array_new(FALSE, TRUE, sizeof(struct line));
    g_array_set_clear_func(page->lines, line_clear);
    page->found = -1;
    return page;
}

void page_free(struct page *page)
{
    if (!page)
        return;
    g_array_free(page->lines, TRUE);
    g_free(page);
}

void page_begin(struct page *page)
{
    g_array_set_size(page->lines, 0);
}

static void add(struct page *page, enum paint paint, const char *label, int width, char *text)
{
    struct line line = {g_strdup(label), text, width, paint};

    g_array_append_val(page->lines, line);
}

void page_line(struct page *page, enum paint paint, const char *label, int width,
               const char *format, ...)
{
    va_list args;

    va_start(args, format);
    add(page, paint, label, width, g_strdup_vprintf(format, args));
    va_end(args);
}

void page_heading(struct page *page, const char *text)
{
    add(page, PAINT_STRONG, NULL, 0, g_strdup(text));
}

void page_blank(struct page *page)
{
    add(page, PAINT_TEXT, NULL, 0, g_strdup(""));
}

/* Rows that a line takes on `columns`. */
static int draw_line(const struct line *line, const struct canvas *canvas, int row, bool found)
{
    int hang = MIN(line->width, canvas->columns / 2);
    int after = canvas_wrap(canvas, row, hang, hang, line->paint, line->text);

    if (line->label)
        canvas_text(canvas, row, 0, PAINT_STRONG, line->label);
    if (found)
        canvas_paint(canvas, row, 0, -1, PAINT_SELECTED);
    return MAX(after - row, 1);
}

void page_draw(struct page *page, const struct canvas *canvas)
{
    struct canvas nowhere = canvas_part(canvas, 0, 0, 0, -1);
    int height = 0, row;

    for (guint i = 0; i < page->lines->len; i++) {
        if (page->to_found && (int)i == page->found)
            page->top = MAX(height - 1, 0);
        height += draw_line(&g_array_index(page->lines, struct line, i), &nowhere, 0, false);
    }
    page->to_found = false;
    page->height = height;
    page->rows = canvas->rows;
    page->top = page->to_end ? height : page->top;
    page->to_end = false;
    page->top = CLAMP(page->top, 0, MAX(height - canvas->rows, 0));
    row = -page->top;
    for (guint i = 0; i < page->lines->len && row < canvas->rows; i++)
        row += draw_line(&g_array_index(page->lines, struct line, i), canvas, row,
                         (int)i == page->found);
    if (page->top + canvas->rows < height && canvas->columns > 8)
        canvas_text(canvas, canvas->rows - 1, canvas->columns - 6, PAINT_HEADER, " more ");
}

static int step_of(const struct page *page, int key)
{
    int half = MAX(page->rows / 2, 1), full = MAX(page->rows - 1, 1);
    const struct {
        int key, twin, step;
    } steps[] = {
        {'j', K_DOWN, 1},
        {'k', K_UP, -1},
        {K_CTRL('d'), 0, half},
        {K_CTRL('u'), 0, -half},
        {K_CTRL('f'), K_PAGE_DOWN, full},
        {K_CTRL('b'), K_PAGE_UP, -full},
        {' ', 0, full},
        {'g', K_HOME, -page->height},
        {'G', K_END, page->height},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(steps); i++)
        if (steps[i].key == key || (steps[i].twin && steps[i].twin == key))
            return steps[i].step;
    return 0;
}

bool page_event(struct page *page, const struct event *event)
{
    int step = 0;

    switch (event->kind) {
    case EVENT_KEY:
        step = step_of(page, event->key);
        break;
    case EVENT_WHEEL_UP:
        step = -3;
        break;
    case EVENT_WHEEL_DOWN:
        step = 3;
        break;
    case EVENT_PASTE:
    case EVENT_CLICK:
    case EVENT_STATUS:
        return true;
    }
    page->top = CLAMP(page->top + step, 0, MAX(page->height - page->rows, 0));
    return step != 0;
}

void page_to_end(struct page *page)
{
    page->to_end = true;
}

static bool line_has(const struct line *line, const char *folded)
{
    g_autofree char *whole = g_strconcat(line->label ? line->label : "", " ", line->text, NULL);
    g_autofree char *text = g_utf8_casefold(whole, -1);

    return strstr(text, folded) != NULL;
}

bool page_find(struct page *page, const char *text, int step)
{
    g_autofree char *folded = g_utf8_casefold(text, -1);
    int n = (int)page->lines->len;

    for (int i = 1; *folded && i <= n; i++) {
        int at = ((page->found + i * step) % n + n) % n;

        if (line_has(&g_array_index(page->lines, struct line, at), folded)) {
            page->found = at;
            page->to_found = true;
            return true;
        }
    }
    page->found = -1;
    return false;
}
