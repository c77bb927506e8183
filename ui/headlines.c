/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/headlines.h"

#include "model/size.h"
#include "ui/hosts.h"
#include "ui/width.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

/* --- title --------------------------------------------------------------------------------- */

static const char *mode_word(struct app *app)
{
    if (app_read_only(app))
        return "read-only";
    for (uint16_t i = 0; i < model_n_connections(app_model(app)); i++)
        if (model_may_write(app_model(app), i))
            return "may write";
    return "watch";
}

static char *right_part(struct app *app, bool with_user)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_local(app_time(app));
    g_autofree char *clock = g_date_time_format(time, "%H:%M:%S");
    g_autofree char *host = g_strdup(g_get_host_name());

    if (app_options(app)->clock) /* tests: the machine is nobody's business */
        return g_strdup_printf("%s%s", with_user ? "root@host " : "", clock);
    host[strcspn(host, ".")] = '\0';
    return with_user ? g_strdup_printf("%s@%s %s", g_get_user_name(), host, clock)
                     : g_steal_pointer(&clock);
}

void headlines_title(struct app *app, const struct canvas *canvas, const char *what)
{
    struct view *view = app_view(app);
    g_autofree char *right = right_part(app, canvas->columns >= 60);
    int column, end;

    column = canvas_text(canvas, 0, 0, PAINT_STRONG, app_options(app)->program);
    column = canvas_text(canvas, 0, column + 2, PAINT_TEXT, what);
    if (view_flags(view).paused)
        column =
            canvas_printf(canvas, 0, column + 2, PAINT_HEADER, "PAUSED %u s", view_paused_s(view));
    else
        column = canvas_printf(canvas, 0, column + 2, PAINT_TEXT, "every %gs",
                               app_delay_ms(app) / 1000.0);
    column = canvas_printf(canvas, 0, column + 2, PAINT_TEXT, "%s", mode_word(app));
    end = canvas->columns - width_of(right);
    if (end > column)
        canvas_text(canvas, 0, end, PAINT_TEXT, right);
}

static void draw_title(struct app *app, const struct canvas *canvas)
{
    struct view *view = app_view(app);
    size_t n, hosts = hosts_count(app);
    g_autofree char *what = NULL;

    view_rows(view, &n);
    if (canvas->columns < 30) {
        canvas_printf(canvas, 0, 0, PAINT_STRONG, "%zu of %zu domains", n, view_total(view));
        return;
    }
    what = g_strdup_printf("%zu of %zu domains  %zu host%s", n, view_total(view), hosts,
                           hosts == 1 ? "" : "s");
    headlines_title(app, canvas, what);
}

#define BAR_END_MAX 82 /* a longer bar would say no more, and the words beside it need the room */

/* --- hosts --------------------------------------------------------------------------------- */

static void draw_host(struct app *app, const struct canvas *canvas, int row,
                      const struct host_sum *host)
{
    bool wide = canvas->columns >= 60;
    int bar_at = wide ? 20 : 12,
        after = wide ? MIN(canvas->columns - 38, BAR_END_MAX) : canvas->columns - 18;
    int width = after - bar_at - (wide ? 0 : 1);
    g_autofree char *name = width_cut_middle(host->name, 11);
    char used[SIZE_TEXT_MAX], total[SIZE_TEXT_MAX];
    g_autofree char *sizes = NULL, *free_text = NULL;

    canvas_text(canvas, row, 0, host->answers ? PAINT_TEXT : PAINT_STALE, name);
    if (wide)
        canvas_printf(canvas, row, 12, PAINT_TEXT, "%.7s", host->kinds);
    if (width >= 5 && !canvas->grid->plain) {
        g_autofree struct bar_cell *cells = g_new0(struct bar_cell, (gsize)width);

        bar_draw(&host->bar, (unsigned)width, app_utf8(app), cells);
        for (int i = 0; i < width; i++)
            canvas_text(canvas, row, bar_at + i, cells[i].paint, cells[i].text);
    }
    if (host->total) {
        host_sizes(host->bar.needed, host->total, used, total);
        sizes = g_strdup_printf("%s/%s", used, total);
        canvas_text_right(canvas, row, after + 9, PAINT_TEXT, sizes);
    }
    free_text = host->percent_free < 0 ? g_strdup("free   ?")
                                       : g_strdup_printf("free %2d%%", host->percent_free);
    canvas_text(canvas, row, after + 10,
                host->percent_free >= 0 && host->percent_free < 10 ? PAINT_NOTICE : PAINT_TEXT,
                free_text);
    if (!wide)
        return;
    if (host->problem)
        canvas_text(canvas, row, after + 21, PAINT_NOTICE, host->problem);
    else if (host->unverified)
        canvas_text(canvas, row, after + 21, PAINT_NOTICE, "not verified");
    else if (host->promised_percent >= 0)
        canvas_printf(canvas, row, after + 21, PAINT_TEXT, "promised %3d%%",
                      host->promised_percent);
}

/* --- counts -------------------------------------------------------------------------------- */

static const struct {
    enum trouble_rank rank;
    enum paint paint;
    const char *one, *many;
} words[] = {
    {TROUBLE_SLOWED, PAINT_SLOWED, "throttled", "throttled"},
    {TROUBLE_KILLED, PAINT_KILLED, "oom-killed", "oom-killed"},
    {TROUBLE_FAILING, PAINT_NOTICE, "malloc failing", "malloc failing"},
    {TROUBLE_NEAR, PAINT_KILLED, "nearly full", "nearly full"},
    {TROUBLE_SLOW_WALL, PAINT_NOTICE, "slow wall", "slow walls"},
};

static void draw_counts(struct app *app, const struct canvas *canvas, int row, size_t more_hosts,
                        size_t unverified)
{
    struct view *view = app_view(app);
    const unsigned *counts = view_counts(view);
    bool any = false;
    int column = 0;

    if (more_hosts)
        column = 1 + canvas_printf(canvas, row, 0, PAINT_TEXT, "+%zu host%s", more_hosts,
                                   more_hosts == 1 ? "" : "s");
    else if (canvas->columns >= 40)
        column = canvas_text(canvas, row, 0, PAINT_TEXT, "Trouble: ");
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
        unsigned n = counts[words[i].rank];

        if (!n)
            continue;
        any = true;
        column = 2 + canvas_printf(canvas, row, column, words[i].paint, "%u %s", n,
                                   n == 1 ? words[i].one : words[i].many);
    }
    if (hosts_silent(app)) {
        any = true;
        column = 2 + canvas_printf(canvas, row, column, PAINT_NOTICE, "%u host%s not answering",
                                   hosts_silent(app), hosts_silent(app) == 1 ? "" : "s");
    }
    if (unverified)
        column =
            2 + canvas_printf(canvas, row, column, PAINT_NOTICE, "%zu not verified", unverified);
    if (counts[TROUBLE_NOTE])
        column = 2 + canvas_printf(canvas, row, column, PAINT_TEXT, "%u note%s",
                                   counts[TROUBLE_NOTE], counts[TROUBLE_NOTE] == 1 ? "" : "s");
    if (!any && !counts[TROUBLE_NOTE])
        column = 2 + canvas_text(canvas, row, column, PAINT_OK, "none");
    if (*view_filter_text(view))
        canvas_printf(canvas, row, column + 1, PAINT_STAGED, "filter: %s", view_filter_text(view));
    else if (view_flags(view).only_trouble)
        canvas_text(canvas, row, column + 1, PAINT_STAGED, "only these: ! shows all");
    else if (any)
        canvas_text(canvas, row, column + 1, PAINT_TEXT, "! only these");
}

/* Hosts whose certificate was not looked at and whose line does not say so. */
static size_t unverified_unsaid(const struct canvas *canvas, const struct host_sum *hosts, size_t n,
                                size_t lines)
{
    size_t unsaid = 0;

    for (size_t i = 0; i < n; i++)
        unsaid += hosts[i].unverified && (i >= lines || canvas->columns < 60 || hosts[i].problem);
    return unsaid;
}

int headlines_draw(struct app *app, const struct canvas *canvas)
{
    int rows = canvas->rows, used = 1;
    size_t room = rows < 12 ? 0 : rows < 18 ? 1 : rows < 30 ? 3 : 8;
    size_t n;
    const struct host_sum *hosts = hosts_sorted(app, &n);

    if (app_host_lines(app) >= 0)
        room = MIN((size_t)app_host_lines(app), (size_t)MAX(rows - 8, 0));
    draw_title(app, canvas);
    if (rows < 7)
        return 1;
    for (size_t i = 0; i < MIN(n, room); i++)
        draw_host(app, canvas, used++, &hosts[i]);
    draw_counts(app, canvas, used++, room && n > room ? n - room : 0,
                unverified_unsaid(canvas, hosts, n, room));
    return used;
}
