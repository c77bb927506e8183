/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whom a form is about: name and state, the bar, what is held and left. */
#include "ui/form-draw.h"

#include "model/backend.h"
#include "model/size.h"
#include "ui/bar.h"
#include "ui/width.h"

#include <string.h>

#define BAR_MAX 200

static const char *bytes_short(uint64_t bytes, char text[SIZE_TEXT_MAX])
{
    size_format_short(bytes, text);
    return g_strchug(text);
}

static bool figure(const struct row *row, enum figure_role role, uint64_t *bytes)
{
    return value_get(snapshot_figure(row->snapshot, row->domain, (int)role), bytes);
}

static char *age_text(const struct row *row)
{
    uint64_t seconds = row->trouble.age_ns / 1000000000;

    if (!row->domain->taken_ns)
        return g_strdup("");
    if (row->trouble.stale)
        return g_strdup_printf("not answering, %2" G_GUINT64_FORMAT " s old", seconds);
    return g_strdup_printf("%2" G_GUINT64_FORMAT " s old", seconds);
}

/* Whole words of it. */
static void cut_to_words(char *text, int columns)
{
    while (*text && width_of(text) > columns) {
        char *comma = strrchr(text, ','), *blank = g_strrstr(text, "  ");
        *MAX(MAX(comma, blank), text) = '\0';
    }
}

/* " prod-postgres-primary-eu-west-1a  kvm07  running  cgroup v2, no swap    1 s old" */
static void draw_name(const struct row *row, const struct canvas *canvas)
{
    const struct identity *identity = row->domain->identity;
    g_autofree char *age = age_text(row);
    g_autofree char *rest = g_strdup_printf(
        "  %s  %s%s%s%s%s", row->snapshot->host.name ? row->snapshot->host.name : "",
        domain_state_name(identity->state), identity->kind ? "  " : "",
        identity->kind ? identity->kind : "", identity->detail ? "  " : "",
        identity->detail ? identity->detail : "");
    int end = canvas->columns - width_of(age) - 1;
    int room = MAX(end - 2 - width_of(rest), MIN(16, canvas->columns - 1));
    g_autofree char *name = width_cut_middle(identity->name, room);
    int column = canvas_text(canvas, 0, 1, PAINT_STRONG, name);

    cut_to_words(rest, MAX(end - 1 - column, 0));
    column = canvas_text(canvas, 0, column, PAINT_TEXT, rest);
    if (column < end)
        canvas_text(canvas, 0, end, row->trouble.stale ? PAINT_STALE : PAINT_TEXT, age);
}

/* A wall that counts something else than what is held: how full it is. */
static bool other_wall(const struct row *row, struct bar *bar)
{
    const struct wall_state *wall = &row->trouble.wall;
    int figure = wall->tunable && wall->tunable->wall_figure
                     ? figure_index(row->snapshot->backend->figures, wall->tunable->wall_figure)
                     : -1;

    if (figure < 0 || !wall->known || row->snapshot->backend->figures[figure].role == FIGURE_HELD)
        return false;
    *bar = (struct bar){.scale = wall->limit,
                        .wall = true,
                        .held_known = true,
                        .split_known = true,
                        .held = wall->used,
                        .needed = wall->used,
                        .used = wall->used};
    return true;
}

/* Where nothing bites, up to what the domain can be given. */
static bool up_to_maximum(const struct row *row, struct bar *bar)
{
    struct bar whole;

    if (bar->wall || !bar_of_row(row, BAR_MAXIMUM, &whole) || whole.wall || !whole.scale)
        return false;
    whole.ballooned = 0;
    *bar = whole;
    return true;
}

/* What the right edge stands for: "34.0G hard". */
static char *edge_text(const struct row *row, const struct bar *bar, const char *word)
{
    const struct tunable *tunable = row->trouble.wall.tunable;
    char size[SIZE_TEXT_MAX];

    if (!bar->scale)
        return g_strdup("");
    if (bar->wall)
        word = !tunable                   ? "limit"
               : role_name(tunable->role) ? role_name(tunable->role)
               : tunable->group           ? tunable->group
                                          : "limit";
    return g_strdup_printf("%s %s", bytes_short(bar->scale, size), word);
}

static void draw_bar(const struct form_view *view, const struct row *row,
                     const struct canvas *canvas, int at)
{
    struct bar_cell cells[BAR_MAX];
    struct bar bar;
    char held[SIZE_TEXT_MAX];
    g_autofree char *edge = NULL;
    int width;

    if (!bar_of_row(row, BAR_WALL, &bar)) {
        canvas_printf(canvas, at, 1, PAINT_STALE, "%s",
                      domain_state_name(row->domain->identity->state));
        return;
    }
    other_wall(row, &bar);
    edge = edge_text(row, &bar, up_to_maximum(row, &bar) ? "maximum" : "size");
    if (canvas->grid->plain) {
        if (bar.held_known)
            canvas_printf(canvas, at, 1, PAINT_TEXT, "%s of %s", bytes_short(bar.held, held), edge);
        return;
    }
    width = CLAMP(canvas->columns - 4 - width_of(edge) - 1, 0, BAR_MAX);
    bar_draw(&bar, (unsigned)width, view->utf8, cells);
    canvas_text(canvas, at, 1, PAINT_TEXT, "0");
    for (int i = 0; i < width; i++)
        canvas_text(canvas, at, 3 + i, cells[i].paint, cells[i].text);
    canvas_text(canvas, at, 3 + width + 1, PAINT_TEXT, edge);
}

static void add_part(GString *text, const char *between, const char *format, uint64_t bytes)
{
    char size[SIZE_TEXT_MAX];

    g_string_append(text, text->len ? between : "");
    g_string_append_printf(text, format, bytes_short(bytes, size));
}

/* "holds 33.0G: 32.7G needed, 0.3G the host can drop; guest 27.4G  peak 33.0G" */
static void add_numbers(const struct row *row, GString *text)
{
    static const struct {
        enum figure_role role;
        const char *format;
        bool always;
    } others[] = {
        {FIGURE_GUEST, "guest %s", true},
        {FIGURE_BALLOONED, "balloon %s", false},
        {FIGURE_SWAP, "swap %s", false},
    };
    uint64_t bytes, needed;

    if (figure(row, FIGURE_HELD, &bytes))
        add_part(text, "", "holds %s", bytes);
    if (figure(row, FIGURE_DROPPABLE, &bytes) && value_get(row->trouble.needed, &needed)) {
        add_part(text, ": ", "%s needed", needed);
        add_part(text, ", ", "%s droppable", bytes);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++)
        if (figure(row, others[i].role, &bytes) && (bytes || others[i].always))
            add_part(text, "; ", others[i].format, bytes);
    if (figure(row, FIGURE_PEAK, &bytes))
        add_part(text, "  ", "peak %s", bytes);
}

static enum paint paint_of(const struct row *row)
{
    return row->trouble.red ? PAINT_KILLED : row->trouble.yellow ? PAINT_NOTICE : PAINT_TEXT;
}

static void draw_left(const struct row *row, const struct canvas *canvas, int column)
{
    char size[SIZE_TEXT_MAX];
    uint64_t left;

    if (value_get(row->trouble.left, &left))
        column =
            canvas_printf(canvas, 2, column, paint_of(row), "left %s", bytes_short(left, size)) + 2;
    canvas_text(canvas, 2, column, paint_of(row),
                column + width_of(row->trouble.why) <= canvas->columns ? row->trouble.why
                                                                       : row->trouble.brief);
}

static void draw_one(const struct form_view *view, const struct canvas *canvas, int rows)
{
    const struct row *row = form_domain(view->form, 0);
    g_autoptr(GString) numbers = g_string_new(NULL);

    if (!row->domain) {
        canvas_text(canvas, 0, 1, PAINT_NOTICE,
                    "this domain does not exist any more: nothing can be changed");
        return;
    }
    draw_name(row, canvas);
    if (rows > 1)
        draw_bar(view, row, canvas, 1);
    add_numbers(row, numbers);
    if (rows > 2)
        draw_left(row, canvas, canvas_text(canvas, 2, 1, PAINT_TEXT, numbers->str) + 2);
}

/* "4 domains: web1, web2, …", and the one that is nearest to its wall. */
static void draw_many(const struct form_view *view, const struct canvas *canvas, int rows)
{
    size_t n = form_n_domains(view->form);
    const struct row *nearest = NULL;
    g_autoptr(GString) names = g_string_new(NULL);
    g_autofree char *cut = NULL;
    uint64_t left, least = G_MAXUINT64;
    char size[SIZE_TEXT_MAX];

    for (size_t i = 0; i < n; i++) {
        const struct row *row = form_domain(view->form, i);

        if (!row->domain)
            continue;
        g_string_append_printf(names, "%s%s", names->len ? ", " : "", row->domain->identity->name);
        if (!value_get(row->trouble.left, &left) || left >= least)
            continue;
        least = left;
        nearest = row;
    }
    cut = width_cut(names->str, MAX(canvas->columns - 16, 1));
    canvas_printf(canvas, 0, 1, PAINT_STRONG, "%zu domains: %s", n, cut);
    if (rows > 1 && nearest)
        canvas_printf(canvas, 1, 1, paint_of(nearest), "least is left of %s: %s",
                      nearest->domain->identity->name, bytes_short(least, size));
    if (rows > 2)
        canvas_text(canvas, 2, 1, PAINT_TEXT,
                    "What is relative (+2g, -10%) is computed for each domain by itself.");
}

int form_draw_head(const struct form_view *view, const struct canvas *canvas, int rows)
{
    if (rows < 1)
        return 0;
    if (form_n_domains(view->form) > 1)
        draw_many(view, canvas, rows);
    else
        draw_one(view, canvas, rows);
    return rows;
}
