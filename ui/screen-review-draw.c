/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/screen-review-private.h"
#include "ui/width.h"

#include <string.h>

/* Text of a choice, newly allocated; NULL: it is not offered. */
static char *apply_text(struct review_screen *about)
{
    g_autofree char *summary = review_summary(about->review);

    return g_strdup_printf("%-28s %s", "apply now", summary);
}

static char *confirm_text(struct review_screen *about)
{
    return review_may_confirm(about) ? g_strdup_printf("apply, goes back in %u s unless kept",
                                                       app_countdown(about->screen.app))
                                     : NULL;
}

static char *shrink_text(struct review_screen *about)
{
    return review_shrink_summary(about->review);
}

static char *rest_text(struct review_screen *about)
{
    return g_strdup("drop   e  edit   w  write script or JSON   y  show to copy   Esc  back");
}

static const struct choice {
    const char *key;
    char *(*text)(struct review_screen *about);
} choices[] = {{"a", apply_text}, {"c", confirm_text}, {"s", shrink_text}, {"x", rest_text}};

/* ", kvm07, vc01" */
static char *hosts_of(const struct review *review)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    GString *text = g_string_new(NULL);

    for (size_t i = 0; i < review_count(review); i++) {
        const struct row *row = &review_get(review, i)->row;
        char *host = row->domain ? row->snapshot->host.name : NULL;

        if (host && g_hash_table_add(seen, host))
            g_string_append_printf(text, ", %s", host);
    }
    return g_string_free(text, FALSE);
}

static void draw_title(struct review_screen *about, const struct canvas *canvas)
{
    const struct review *review = about->review;
    const char *right = "nothing written yet";
    size_t n = review_n_changes(review), domains = review_count(review);
    g_autofree char *hosts = hosts_of(review);
    int column = canvas_text(canvas, 0, 0, PAINT_STRONG, "Review");

    column = canvas_printf(canvas, 0, column, PAINT_TEXT, "   %zu change%s, %zu domain%s%s", n,
                           n == 1 ? "" : "s", domains, domains == 1 ? "" : "s", hosts);
    if (column + 2 + width_of(right) <= canvas->columns)
        canvas_text_right(canvas, 0, canvas->columns, PAINT_TEXT, right);
}

static void draw_order(const struct review *review, const struct canvas *canvas, int row)
{
    if (review_count(review) > 1)
        canvas_text(canvas, row, 0, PAINT_TEXT,
                    "In this order. Where a call fails, the rest of that domain is not sent.");
}

/* The lines below the changes; more of them are offered, more are there. */
static int draw_menu(struct review_screen *about, const struct canvas *canvas)
{
    int row = 0;

    draw_order(about->review, canvas, row++);
    if (review_may_confirm(about) || *about->guard)
        canvas_printf(canvas, row++, 0, PAINT_TEXT, "%s: %s",
                      about->guard_ready ? "Guard for the countdown" : "No countdown",
                      about->guard);
    for (size_t i = 0; i < G_N_ELEMENTS(choices); i++) {
        g_autofree char *text = choices[i].text(about);

        if (!text)
            continue;
        canvas_text(canvas, row, 1, PAINT_STRONG, choices[i].key);
        canvas_text(canvas, row++, 4, PAINT_TEXT, text);
    }
    canvas_text(canvas, ++row, 0, PAINT_TEXT,
                "> Enter on its own writes nothing. What writes asks once more.");
    return row + 1;
}

static void draw_line(const struct canvas *canvas, int row, const struct review_line *line,
                      bool chosen)
{
    int column = canvas_text(canvas, row, 0, line->paint, line->text);

    if (line->right && column + 1 + width_of(line->right) <= canvas->columns)
        canvas_text_right(canvas, row, canvas->columns,
                          !strcmp(line->right, "loosens") ? PAINT_OK
                          : *line->right                  ? PAINT_NOTICE
                                                          : PAINT_TEXT,
                          line->right);
    if (!chosen)
        return;
    canvas_text(canvas, row, canvas->columns < 60 ? 0 : 2, PAINT_STRONG, ">");
    canvas_cursor(canvas, row, canvas->columns < 60 ? 0 : 2, false);
}

static void draw_lines(struct review_screen *about, const struct canvas *canvas)
{
    int n, at;

    g_ptr_array_unref(about->lines);
    about->lines = review_lines(about->review, canvas->columns);
    n = (int)about->lines->len;
    at = review_selected(about);
    about->rows = canvas->rows;
    about->top = CLAMP(about->top, 0, MAX(n - canvas->rows, 0));
    for (int i = 0; i < canvas->rows && about->top + i < n; i++)
        draw_line(canvas, i, g_ptr_array_index(about->lines, (guint)(about->top + i)),
                  about->top + i == at);
    if (about->top + canvas->rows < n && canvas->columns > 8)
        canvas_text(canvas, canvas->rows - 1, canvas->columns - 6, PAINT_HEADER, " more ");
}

void review_draw(struct screen *screen, const struct canvas *canvas)
{
    struct review_screen *about = (struct review_screen *)screen;
    bool tall = canvas->rows >= 14, title = canvas->rows >= 4;
    struct canvas nothing = canvas_part(canvas, 0, 0, 0, 0), menu;
    int head = tall ? 2 : title, foot = tall ? draw_menu(about, &nothing) + 1 : 0;
    struct canvas lines = canvas_part(canvas, head, 0, canvas->rows - head - foot, -1);

    if (title)
        draw_title(about, canvas);
    draw_lines(about, &lines);
    if (!tall)
        return;
    menu = canvas_part(canvas, canvas->rows - foot + 1, 0, -1, -1);
    draw_menu(about, &menu);
}
