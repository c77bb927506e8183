/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -b: the table as text, once for each refresh, with no escapes. */
#include "model/size.h"
#include "ui/columns.h"
#include "ui/commands.h"
#include "ui/json.h"
#include "ui/out.h"
#include "ui/rows.h"
#include "ui/session.h"
#include "ui/width.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define HOST_BAR 30

static unsigned screen_width(void)
{
    const char *wish = g_getenv("COLUMNS");
    struct winsize size;
    unsigned long width = wish ? strtoul(wish, NULL, 10) : 0;
    if (width == 0 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
        width = size.ws_col;
    return width == 0 ? 160 : (unsigned)CLAMP(width, 40, 1000);
}

static void pad(GString *line, const char *text, unsigned width, bool right)
{
    int blank = (int)width - width_of(text);
    if (right && blank > 0)
        g_string_append_printf(line, "%*s", blank, "");
    g_string_append(line, text);
    if (!right && blank > 0)
        g_string_append_printf(line, "%*s", blank, "");
}

static void print_line(GString *line)
{
    g_strchomp(line->str);
    out_line("%s", line->str);
}

static void host_line(const struct snapshot *snapshot, const struct column_view *view)
{
    const struct host *host = &snapshot->host;
    uint64_t total = 0, available = 0;
    char free_text[SIZE_TEXT_MAX], total_text[SIZE_TEXT_MAX];
    struct bar_cell cells[HOST_BAR];
    g_autoptr(GString) line = g_string_new(NULL);
    g_autofree char *name = width_cut_middle(host->name ? host->name : snapshot->uri, 20);
    pad(line, name, 20, false);
    g_string_append_printf(line, " %-6s ",
                           host->hypervisor ? host->hypervisor : snapshot->backend->name);
    bool known = value_get(host->total, &total) && value_get(host->available, &available);
    uint64_t used = total - MIN(total, available);
    const struct bar bar = {.scale = total,
                            .wall = true,
                            .held_known = known,
                            .split_known = true,
                            .held = used,
                            .needed = used,
                            .used = used};
    bar_draw(&bar, HOST_BAR, view->utf8, cells);
    for (unsigned i = 0; i < HOST_BAR; i++)
        g_string_append(line, cells[i].text);
    if (known)
        g_string_append_printf(
            line, " free %s of %s",
            g_strchug(strcpy(free_text, size_format_short(available, (char[SIZE_TEXT_MAX]){0}))),
            g_strchug(strcpy(total_text, size_format_short(total, (char[SIZE_TEXT_MAX]){0}))));
    if (snapshot->state != CONNECTION_CONNECTED)
        g_string_append_printf(line, "  %s%s%s", connection_state_name(snapshot->state),
                               snapshot->error ? ": " : "", snapshot->error ? snapshot->error : "");
    print_line(line);
}

static void heading(const struct column_place *places, size_t n, const struct column_view *view)
{
    g_autoptr(GString) line = g_string_new(NULL);
    for (size_t i = 0; i < n; i++) {
        char title[CELL_TEXT_MAX];
        column_title(places[i].column, view, places[i].width, title, sizeof title);
        while ((unsigned)width_of(line->str) < places[i].x)
            g_string_append_c(line, ' ');
        pad(line, title, places[i].width, places[i].column->right);
    }
    print_line(line);
}

static void table_line(const struct row *row, const struct column_place *places, size_t n,
                       const struct column_view *view)
{
    g_autoptr(GString) line = g_string_new(NULL);
    unsigned at = 0;
    for (size_t i = 0; i < n; i++) {
        const struct column_place *place = &places[i];
        g_string_append_printf(line, "%*s", (int)(place->x - at), "");
        at = place->x + place->width;
        if (place->column->bar) {
            g_autofree struct bar_cell *cells = g_new(struct bar_cell, place->width);
            column_bar(row, view, place->width, cells);
            for (unsigned c = 0; c < place->width; c++)
                g_string_append(line, cells[c].text);
            continue;
        }
        struct cell cell;
        column_cell(place->column, row, view, place->width, &cell);
        pad(line, cell.text, place->width, place->column->right);
    }
    print_line(line);
}

static size_t places_of(const struct options *options, bool more, struct column_place *places)
{
    unsigned width = screen_width();
    if (!options->settings.columns)
        return columns_layout(width, 0, more, places);
    g_autofree const struct column **chosen = columns_parse(options->settings.columns, NULL);
    return columns_arrange(chosen, width, 0, places);
}

static void print_table(const struct options *options, struct model *model, unsigned delay_ms)
{
    struct column_place places[COLUMNS_MAX];
    const struct column_view view = {.utf8 = options_utf8(options)};
    size_t n = 0, n_all = 0, hosts = model_n_connections(model);
    model_rows(model, &n_all);
    g_autofree struct row *rows = rows_select(model, options, ROWS_LIVE, &n);
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    g_autofree char *clock = g_date_time_format(now, "%H:%M:%S");
    size_t n_places = places_of(options, hosts > 1, places);
    out_line("%s  %zu of %zu domain%s  %zu host%s  every %g s  %s", options->program, n, n_all,
             n_all == 1 ? "" : "s", hosts, hosts == 1 ? "" : "s", delay_ms / 1000.0, clock);
    for (size_t i = 0; i < hosts; i++)
        host_line(model_snapshot(model, (uint16_t)i), &view);
    heading(places, n_places, &view);
    for (size_t i = 0; i < n; i++)
        table_line(&rows[i], places, n_places, &view);
}

static void print_json(const struct options *options, struct model *model)
{
    size_t n = 0;
    g_autofree struct row *rows = rows_select(model, options, ROWS_LIVE, &n);
    g_autoptr(JsonBuilder) builder = json_builder_new();
    json_sample(builder, model, rows, n, json_time_now());
    json_print(builder);
}

static bool never(void *data)
{
    return false;
}

/* Each refresh is as old as the delay at most; the model samples by itself. */
int batch_run(const struct options *options)
{
    unsigned delay_ms =
        options->settings.delay > 0 ? (unsigned)(options->settings.delay * 1000) : 2000;
    struct session *session = session_open(options, NULL, false, true, delay_ms);
    struct model *model = session_model(session);
    for (int i = 0; (options->count == 0 || i < options->count); i++) {
        if (i) {
            session_run(session, never, NULL, delay_ms);
            if (session_interrupted(session))
                break;
            if (!options->json)
                out_line("%s", "");
        }
        if (options->json)
            print_json(options, model);
        else
            print_table(options, model, delay_ms);
        if (!out_flush() || session_interrupted(session) || model_n_connections(model) == 0)
            break;
    }
    enum status status = session_status(session);
    session_close(session);
    return out_end((int)status);
}
