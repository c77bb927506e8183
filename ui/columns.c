/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/columns.h"

#include "model/history.h"
#include "model/size.h"
#include "ui/width.h"

#include <string.h>

static void cell_put(struct cell *cell, const char *text, enum paint paint)
{
    g_strlcpy(cell->text, text, sizeof cell->text);
    cell->paint = paint;
}

enum paint trouble_paint(const struct trouble *trouble)
{
    static const enum paint paints[] = {
        [TROUBLE_KILLED] = PAINT_KILLED,    [TROUBLE_SLOWED] = PAINT_SLOWED,
        [TROUBLE_FAILING] = PAINT_NOTICE,   [TROUBLE_NEAR] = PAINT_KILLED,
        [TROUBLE_SLOW_WALL] = PAINT_NOTICE, [TROUBLE_STALE] = PAINT_STALE,
        [TROUBLE_NOTE] = PAINT_TEXT,        [TROUBLE_NONE] = PAINT_TEXT};
    return paints[trouble->rank];
}

static bool active(const struct row *row)
{
    return domain_state_active(row->domain->identity->state);
}

/* --- values ------------------------------------------------------------------------------- */

static struct value figure_value(const struct row *row, const struct column *column)
{
    return snapshot_figure(row->snapshot, row->domain, column->figure);
}

static struct value role_value(const struct row *row, const struct column *column)
{
    const struct setting *setting = snapshot_role(row->snapshot, row->domain, column->role);
    return setting ? setting->live : value_unsupported("not_offered: not offered here");
}

static struct value limit_value(const struct row *row, const struct column *column)
{
    return row->trouble.limit;
}

static struct value left_value(const struct row *row, const struct column *column)
{
    return row->trouble.left;
}

static struct value needed_value(const struct row *row, const struct column *column)
{
    return row->trouble.needed;
}

static struct value percent_value(const struct row *row, const struct column *column)
{
    if (row->trouble.percent_left < 0)
        return value_unsupported("no_wall: nothing limits it");
    return value_number((uint64_t)row->trouble.percent_left);
}

static struct value age_value(const struct row *row, const struct column *column)
{
    if (row->domain->taken_ns == 0)
        return value_unknown(NULL);
    return value_number(row->trouble.age_ns / 1000000000u);
}

/* --- cells that are more than a value ------------------------------------------------------ */

static void mark_cell(const struct row *row, const struct column_view *view, unsigned width,
                      struct cell *cell)
{
    const char mark[2] = {row->trouble.mark ? row->trouble.mark : ' ', '\0'};
    cell_put(cell, mark, trouble_paint(&row->trouble));
}

static void name_cell(const struct row *row, const struct column_view *view, unsigned width,
                      struct cell *cell)
{
    g_autofree char *name = width_cut_middle(row->domain->identity->name, (int)width);
    g_strlcpy(cell->text, name, sizeof cell->text);
    cell->paint = active(row) ? PAINT_TEXT : PAINT_STALE;
}

static void text_cell(struct cell *cell, const char *text, unsigned width)
{
    g_autofree char *cut = width_cut(text ? text : "", (int)width);
    g_strlcpy(cell->text, cut, sizeof cell->text);
    cell->paint = PAINT_TEXT;
}

static void title_cell(const struct row *row, const struct column_view *view, unsigned width,
                       struct cell *cell)
{
    text_cell(cell, row->domain->identity->title, width);
}

static void id_cell(const struct row *row, const struct column_view *view, unsigned width,
                    struct cell *cell)
{
    text_cell(cell, row->domain->identity->native_id, width);
}

static void kind_cell(const struct row *row, const struct column_view *view, unsigned width,
                      struct cell *cell)
{
    const char *kind = row->domain->identity->kind;
    text_cell(cell, kind ? kind : row->snapshot->host.hypervisor, width);
}

static void pool_cell(const struct row *row, const struct column_view *view, unsigned width,
                      struct cell *cell)
{
    text_cell(cell, row->domain->identity->parents, width);
}

static void state_word_cell(const struct row *row, const struct column_view *view, unsigned width,
                            struct cell *cell)
{
    text_cell(cell, domain_state_name(row->domain->identity->state), width);
}

static void host_cell(const struct row *row, const struct column_view *view, unsigned width,
                      struct cell *cell)
{
    const char *name = row->snapshot->host.name;
    g_autofree char *cut = width_cut_middle(name ? name : row->snapshot->uri, (int)width);
    g_strlcpy(cell->text, cut, sizeof cell->text);
    cell->paint = PAINT_TEXT;
}

static void state_cell(const struct row *row, const struct column_view *view, unsigned width,
                       struct cell *cell)
{
    const char letter[2] = {domain_state_letter(row->domain->identity->state), '\0'};
    cell_put(cell, letter, active(row) ? PAINT_TEXT : PAINT_STALE);
}

/* One column more than the number: the sign that the persistent value differs. */
static void limit_cell(const struct row *row, const struct column_view *view, unsigned width,
                       struct cell *cell)
{
    char number[SIZE_TEXT_MAX] = "";
    const struct value limit = row->trouble.limit;
    if (limit.kind == VALUE_NUMBER)
        size_format_short_in(limit.number, view->units, width - 1, number);
    else if (active(row) && limit.kind == VALUE_UNLIMITED)
        g_strlcpy(number, "none", sizeof number);
    else if (active(row) && limit.kind == VALUE_UNKNOWN)
        g_strlcpy(number, "?", sizeof number);
    const char *sign = !row->trouble.differs ? " " : view->utf8 ? "≠" : "#";
    g_snprintf(cell->text, sizeof cell->text, "%s%s", number, sign);
    cell->paint = row->trouble.stale ? PAINT_STALE : PAINT_TEXT;
}

static void left_cell(const struct row *row, const struct column_view *view, unsigned width,
                      struct cell *cell)
{
    char number[SIZE_TEXT_MAX] = "";
    const struct value left = row->trouble.left;
    if (left.kind == VALUE_NUMBER)
        size_format_short_in(left.number, view->units, width, number);
    else if (active(row) && left.kind == VALUE_UNKNOWN && row->trouble.limit.kind == VALUE_NUMBER)
        g_strlcpy(number, "?", sizeof number);
    cell_put(cell, number,
             row->trouble.stale    ? PAINT_STALE
             : row->trouble.red    ? PAINT_KILLED
             : row->trouble.yellow ? PAINT_NOTICE
                                   : PAINT_TEXT);
}

static void percent_cell(const struct row *row, const struct column_view *view, unsigned width,
                         struct cell *cell)
{
    char number[SIZE_TEXT_MAX] = "";
    if (row->trouble.percent_left >= 0)
        g_snprintf(number, sizeof number, "%d", row->trouble.percent_left);
    cell_put(cell, number, PAINT_TEXT);
    if (row->trouble.red || row->trouble.yellow)
        cell->paint = row->trouble.red ? PAINT_KILLED : PAINT_NOTICE;
}

/* Pressure is worth a look only where there is some. */
static void psi_cell(const struct row *row, const struct column_view *view, unsigned width,
                     struct cell *cell)
{
    uint64_t centi = 0;
    cell_put(cell, "", PAINT_TEXT);
    if (!value_get(snapshot_figure(row->snapshot, row->domain, FIGURE_PSI_FULL), &centi) ||
        centi < 5)
        return;
    g_snprintf(cell->text, sizeof cell->text, "%.1f", (double)centi / 100);
    cell->paint = centi >= 500 ? PAINT_SLOWED : PAINT_TEXT;
}

static void graph_cell(const struct row *row, const struct column_view *view, unsigned width,
                       struct cell *cell)
{
    static const char *const blocks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    static const char *const ascii[] = {"_", ".", ",", "-", "~", "=", "+", "#"};
    int values[HISTORY_LENGTH];
    size_t n = row->history ? history_trend(row->history, values, MIN(width, HISTORY_LENGTH)) : 0;
    GString *text = g_string_new(NULL);

    for (size_t i = n; i < width; i++)
        g_string_append_c(text, ' ');
    for (size_t i = 0; i < n; i++) {
        int level = CLAMP(values[i] * 8 / 1000, 0, 7);

        g_string_append(text, values[i] < 0 ? " " : view->utf8 ? blocks[level] : ascii[level]);
    }
    cell_put(cell, text->str, PAINT_NEEDED);
    g_string_free(text, TRUE);
}

static void trend_cell(const struct row *row, const struct column_view *view, unsigned width,
                       struct cell *cell)
{
    char number[SIZE_TEXT_MAX] = "";
    double a_minute = row->trouble.slope * 60;
    uint64_t size = (uint64_t)(a_minute < 0 ? -a_minute : a_minute);
    cell_put(cell, "", PAINT_TEXT);
    if (size >= 1024 * 1024)
        g_snprintf(cell->text, sizeof cell->text, "%c%s", a_minute < 0 ? '-' : '+',
                   g_strchug(strcpy(number, size_format_short(size, (char[SIZE_TEXT_MAX]){0}))));
}

static void why_cell(const struct row *row, const struct column_view *view, unsigned width,
                     struct cell *cell)
{
    const struct trouble *trouble = &row->trouble;
    bool brief = trouble->brief[0] && width <= 20 && width_of(trouble->why) > (int)width;
    text_cell(cell, brief ? trouble->brief : trouble->why, width);
    cell->paint = trouble_paint(trouble);
}

static void value_cell(const struct row *row, const struct column *column,
                       const struct column_view *view, unsigned width, struct cell *cell)
{
    char text[SIZE_TEXT_MAX];
    struct value value = column->value(row, column);
    if (!active(row) && value.kind == VALUE_UNKNOWN)
        value = value_unsupported("off: it does not run");
    if (value.kind == VALUE_NUMBER && column->unit == UNIT_BYTES)
        cell_put(cell, size_format_short_in(value.number, view->units, width, text), PAINT_TEXT);
    else
        cell_put(cell, size_format_value(value, column->unit, NULL, text), PAINT_TEXT);
    if (value.kind == VALUE_UNKNOWN)
        cell->paint = PAINT_UNKNOWN;
    else if (row->trouble.stale || value.kind == VALUE_UNSUPPORTED)
        cell->paint = PAINT_STALE;
}

void column_cell(const struct column *column, const struct row *row, const struct column_view *view,
                 unsigned width, struct cell *cell)
{
    if (column->cell)
        column->cell(row, view, width, cell);
    else
        value_cell(row, column, view, width, cell);
    if (width_of(cell->text) > (int)width) {
        g_autofree char *cut = width_cut(g_strchug(cell->text), (int)width);
        g_strlcpy(cell->text, cut, sizeof cell->text);
    }
}

void column_bar(const struct row *row, const struct column_view *view, unsigned width,
                struct bar_cell *cells)
{
    struct bar bar;
    if (bar_of_row(row, view->scale, &bar)) {
        bar_draw(&bar, width, view->utf8, cells);
        return;
    }
    for (unsigned i = 0; i < width; i++)
        cells[i] = (struct bar_cell){" ", PAINT_TEXT};
}

/* --- the table ------------------------------------------------------------------------------ */

#define FIGURE(role, unit_) .value = figure_value, .figure = role, .unit = unit_
#define LIVE(role_, unit_) .value = role_value, .role = role_, .unit = unit_
#define SIX .width = 6, .grow = 6, .shrink = 6, .right = true

/* clang-format off */
const struct column columns[] = {
    {.name = "mark", .title = "", .width = 1, .grow = 1, .shrink = 1, .from = 1, .glued = true, .cell = mark_cell,
     .help = "X died or had an oom-kill in the last 24 h, ~ slowed now, ! trouble, ? stale or not answering."},
    {.name = "name", .title = "NAME", .sort = "name", .width = 20, .grow = 33, .shrink = 12, .from = 1, .glued = true, .cell = name_cell,
     .help = "The domain. Long names are cut in the middle, at the ~."},
    {.name = "s", .title = "S", .sort = "state", .width = 1, .grow = 1, .shrink = 1, .from = 1, .drop = 2, .cell = state_cell,
     .help = "State: R running, P paused, - off, X crashed, T template, ? unknown."},
    {.name = "held", .title = "HELD", .sort = "held", .width = 5, .grow = 5, .shrink = 5, .right = true, .from = 1, .drop = 5, FIGURE(FIGURE_HELD, UNIT_BYTES),
     .help = "The footprint that limits act on: the control group's charge, Xen's current memory, ESX consumed, OpenVZ physpages."},
    {.name = "guest", .title = "GUEST", .sort = "guest", SIX, .from = 120, .drop = 1, FIGURE(FIGURE_GUEST, UNIT_BYTES),
     .help = "What the guest says it uses. Never mixed with HELD; ? where the guest does not report."},
    {.name = "peak", .title = "PEAK", .sort = "peak", SIX, .from = 120, .drop = 1, FIGURE(FIGURE_PEAK, UNIT_BYTES),
     .help = "The most that was ever held."},
    {.name = "swap", .title = "SWAP", .sort = "swap", SIX, .from = 160, .drop = 1, FIGURE(FIGURE_SWAP, UNIT_BYTES),
     .help = "What lies in the host's swap."},
    {.name = "bar", .title = "MEMORY", .sort = "left_percent", .width = 21, .grow = 30, .shrink = 12, .from = 1, .drop = 3, .bar = true,
     .help = "| needed, : what only the guest could give back, . what the host drops by itself, ? held with unknown split, o ballooned away; s soft limit, g guarantee, T balloon target. The edge is ] where it is a wall, ) where nothing bites."},
    {.name = "soft", .title = "SOFT", SIX, .from = 160, .drop = 1, LIVE(ROLE_SOFT, UNIT_BYTES),
     .help = "The soft limit: above it memory is taken back or the domain is slowed."},
    {.name = "limit", .title = "LIMIT ", .sort = "limit", .width = 6, .grow = 6, .shrink = 6, .right = true, .from = 1, .drop = 4, .unit = UNIT_BYTES, .value = limit_value, .cell = limit_cell,
     .help = "The wall that bites first; none where there is none. The sign after it (\xe2\x89\xa0, in ASCII #) says that the persistent value differs."},
    {.name = "left", .title = "LEFT", .sort = "left", .width = 5, .grow = 5, .shrink = 5, .right = true, .from = 1, .unit = UNIT_BYTES, .value = left_value, .cell = left_cell,
     .help = "The smallest distance from what is needed to any wall on the way: its own limits, its parents', the host's. Page cache counts as free."},
    {.name = "%", .title = "%", .sort = "left_percent", .width = 3, .grow = 3, .shrink = 3, .right = true, .from = 160, .drop = 1, .unit = UNIT_PERCENT, .value = percent_value, .cell = percent_cell,
     .help = "LEFT in percent of that wall."},
    {.name = "psi", .title = "PSI", .sort = "psi", .width = 4, .grow = 4, .shrink = 4, .right = true, .from = 160, .drop = 1, .cell = psi_cell, FIGURE(FIGURE_PSI_FULL, UNIT_CENTI_PERCENT),
     .help = "Memory pressure: percent of the last 10 s in which everything in it waited for memory. 5 and more is slow."},
    {.name = "why", .title = "WHY", .sort = "trouble", .width = 14, .grow = 60, .shrink = 14, .from = 1, .cell = why_cell,
     .help = "What the trouble is, in words."},
    {.name = "host", .title = "HOST", .sort = "host", .width = 12, .grow = 20, .shrink = 8, .from = 180, .drop = 1, .cell = host_cell,
     .help = "The host it runs on."},
    {.name = "needed", .title = "NEEDED", .sort = "needed", SIX, .unit = UNIT_BYTES, .value = needed_value,
     .help = "HELD less what the host can drop by itself."},
    {.name = "droppable", .title = "DROP", SIX, FIGURE(FIGURE_DROPPABLE, UNIT_BYTES),
     .help = "What the host can drop by itself: file pages that are neither mapped nor being written."},
    {.name = "size", .title = "SIZE", SIX, FIGURE(FIGURE_SIZE, UNIT_BYTES),
     .help = "What the guest has been given: maximum less balloon."},
    {.name = "maximum", .title = "MAX", .sort = "maximum", SIX, LIVE(ROLE_MAXIMUM, UNIT_BYTES),
     .help = "What the guest could ever have."},
    {.name = "target", .title = "TGT", SIX, LIVE(ROLE_TARGET, UNIT_BYTES),
     .help = "What the balloon is asked for."},
    {.name = "guarantee", .title = "GUAR", SIX, LIVE(ROLE_GUARANTEE, UNIT_BYTES),
     .help = "Reserved for it: ESX reservation, vmguarpages, memory.min."},
    {.name = "hard", .title = "HARD", SIX, LIVE(ROLE_HARD, UNIT_BYTES),
     .help = "The hard limit, whichever wall bites first."},
    {.name = "memsw", .title = "MEMSW", SIX, LIVE(ROLE_MEMSW, UNIT_BYTES),
     .help = "The limit of memory and swap together."},
    {.name = "swap_limit", .title = "SWL", SIX, LIVE(ROLE_SWAP, UNIT_BYTES),
     .help = "The limit of swap alone."},
    {.name = "shares", .title = "SHARES", .width = 8, .grow = 8, .shrink = 8, .right = true, LIVE(ROLE_SHARES, UNIT_SHARES),
     .help = "The weight against its siblings when the host runs short."},
    {.name = "oom_kills", .title = "OOM", .width = 4, .grow = 4, .shrink = 4, .right = true, FIGURE(FIGURE_OOM_KILLS, UNIT_COUNT),
     .help = "How often the kernel killed in it since it started."},
    {.name = "failcnt", .title = "FAILCNT", .width = 8, .grow = 8, .shrink = 8, .right = true, FIGURE(FIGURE_FAILCNT, UNIT_COUNT),
     .help = "How often the limit was reached."},
    {.name = "trend", .title = "TREND", .sort = "trend", SIX, .cell = trend_cell,
     .help = "Growth of what is needed, in a minute."},
    {.name = "graph", .title = "GRAPH", .width = 12, .grow = 30, .shrink = 6, .cell = graph_cell,
     .help = "What was needed of the wall in the last minutes, oldest first; the top is the wall."},
    {.name = "age", .title = "AGE", SIX, .unit = UNIT_AGE, .value = age_value,
     .help = "How old the numbers are."},
    {.name = "state", .title = "STATE", .sort = "state", .width = 9, .grow = 9, .shrink = 9, .cell = state_word_cell,
     .help = "The state as a word."},
    {.name = "kind", .title = "KIND", .width = 6, .grow = 9, .shrink = 4, .cell = kind_cell,
     .help = "KVM guest, container, paravirtual and so on."},
    {.name = "pool", .title = "POOL", .width = 12, .grow = 24, .shrink = 8, .cell = pool_cell,
     .help = "The pool or slice it is in."},
    {.name = "title", .title = "TITLE", .width = 16, .grow = 40, .shrink = 8, .cell = title_cell,
     .help = "The title that its configuration gives it."},
    {.name = "id", .title = "ID", .width = 36, .grow = 36, .shrink = 8, .cell = id_cell,
     .help = "The hypervisor's own name for it: UUID, CTID or managed object."},
    {.name = NULL},
};
/* clang-format on */
