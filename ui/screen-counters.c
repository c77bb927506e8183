/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/screen-counters.h"

#include "model/history.h"
#include "model/size.h"
#include "ui/screen-page.h"
#include "ui/view.h"

#include <string.h>

#define NEAR 0.8 /* of the barrier */
#define NAME 14
#define WIDE 110 /* from here on there is room for what happens */

/* One counter: its two tunables and its three figures. */
struct line {
    const struct tunable *tunable; /* of the first half */
    struct value barrier, limit, held, maxheld, failcnt;
    const char *does;           /* what happens where it is reached, or why nothing does */
    int64_t held_by, failed_by; /* since this program saw it first */
    double share;               /* held of its bound; -1: nothing bounds it */
};

static int figure_of(const struct figure *figures, const char *group, const char *label)
{
    for (int i = 0; figures[i].name; i++)
        if (!g_strcmp0(figures[i].group, group) && !g_strcmp0(figures[i].label, label))
            return i;
    return -1;
}

static struct value read_figure(const struct row *row, const char *group, const char *label,
                                int64_t *by)
{
    int index = figure_of(row->snapshot->backend->figures, group, label);

    if (by && (index < 0 || !history_difference(row->history, (size_t)index, by)))
        *by = 0;
    return index < 0 ? value_unknown(NULL) : row->domain->figures[index];
}

/* A barrier of 0 has no meaning beside a limit; held above a guarantee is no trouble. */
static double share_of(const struct line *line)
{
    uint64_t held, bound;

    if (line->tunable->may_hurt_up || !value_get(line->held, &held))
        return -1;
    if ((!value_get(line->barrier, &bound) || !bound) &&
        (!value_get(line->limit, &bound) || !bound))
        return -1;
    return (double)held / (double)bound;
}

static struct line line_of(const struct row *row, size_t index)
{
    const struct tunable *tunable = &row->snapshot->backend->tunables[index];
    const struct setting *settings = row->domain->settings;
    bool pair = tunable[1].name && !g_strcmp0(tunable->group, tunable[1].group);
    struct line line = {
        .tunable = tunable,
        .barrier = settings[index].live,
        .limit = settings[pair ? index + 1 : index].live,
    };

    line.does = tunable->effect ? tunable->effect : "";
    if (settings[index].why_not && !(settings[index].writable & SCOPE_LIVE) &&
        value_known(line.barrier))
        line.does = value_reason_text(value_unsupported(settings[index].why_not));
    line.held = read_figure(row, tunable->group, "held", &line.held_by);
    line.maxheld = read_figure(row, tunable->group, "maxheld", NULL);
    line.failcnt = read_figure(row, tunable->group, "failcnt", &line.failed_by);
    line.share = share_of(&line);
    return line;
}

/* What refuses now, then what is nearly full, then the table's order. */
static gint compare(gconstpointer a, gconstpointer b)
{
    const struct line *left = a, *right = b;
    double l = left->share >= NEAR ? left->share : 0, r = right->share >= NEAR ? right->share : 0;

    if (left->failed_by != right->failed_by)
        return left->failed_by > right->failed_by ? -1 : 1;
    if (l < r || l > r)
        return l > r ? -1 : 1;
    return (left->tunable > right->tunable) - (left->tunable < right->tunable);
}

static GArray *lines_of(const struct row *row)
{
    const struct tunable *tunables = row->snapshot->backend->tunables;
    GArray *lines = g_array_new(FALSE, FALSE, sizeof(struct line));

    for (size_t i = 0; tunables[i].name; i++) {
        bool second =
            i && tunables[i].group && !g_strcmp0(tunables[i].group, tunables[i - 1].group);

        if (tunables[i].group && !second &&
            figure_of(row->snapshot->backend->figures, tunables[i].group, "held") >= 0) {
            struct line line = line_of(row, i);

            g_array_append_val(lines, line);
        }
    }
    g_array_sort(lines, compare);
    return lines;
}

/* At most 7 columns. */
static const char *short_text(struct value value, enum unit unit, char text[SIZE_TEXT_MAX])
{
    if (value.kind != VALUE_NUMBER)
        return size_format_value(value, unit, NULL, text);
    if (unit == UNIT_BYTES)
        return size_format_short(value.number, text);
    g_snprintf(text, SIZE_TEXT_MAX, "%" G_GUINT64_FORMAT, value.number);
    return text;
}

/* "+1.2M", "-3"; "" for no difference. */
static const char *difference_text(int64_t by, enum unit unit, char text[SIZE_TEXT_MAX])
{
    char size[SIZE_TEXT_MAX];

    if (!by)
        return "";
    short_text(value_number(by < 0 ? (uint64_t) - (by + 1) + 1 : (uint64_t)by), unit, size);
    g_snprintf(text, SIZE_TEXT_MAX, "%c%s", by < 0 ? '-' : '+', g_strchug(size));
    return text;
}

static enum paint paint_of(const struct line *line)
{
    return line->failed_by > 0       ? PAINT_KILLED
           : line->share >= NEAR     ? PAINT_NOTICE
           : value_known(line->held) ? PAINT_TEXT
                                     : PAINT_STALE;
}

static void add_line(struct page *page, const struct line *line, bool wide)
{
    enum unit unit = line->tunable->unit;
    char held[SIZE_TEXT_MAX], by[SIZE_TEXT_MAX], most[SIZE_TEXT_MAX], barrier[SIZE_TEXT_MAX],
        limit[SIZE_TEXT_MAX], fails[SIZE_TEXT_MAX], failed[SIZE_TEXT_MAX];
    char share[16] = "";
    bool trouble = line->failed_by > 0 || line->share >= NEAR;
    g_autofree char *label = g_strdup_printf("%c%s", trouble ? '!' : ' ', line->tunable->group);

    if (line->share >= 0)
        g_snprintf(share, sizeof share, "%d%%", (int)MIN(line->share * 100, 9999.0));
    page_line(page, paint_of(line), label, NAME, "%7s %7s %7s %7s %7s %5s %8s %6s%s%s",
              short_text(line->held, unit, held), difference_text(line->held_by, unit, by),
              short_text(line->maxheld, unit, most), short_text(line->barrier, unit, barrier),
              short_text(line->limit, unit, limit), share,
              short_text(line->failcnt, UNIT_COUNT, fails),
              difference_text(line->failed_by, UNIT_COUNT, failed), wide ? "  " : "",
              wide ? line->does : "");
}

static void fill(struct page_screen *about)
{
    struct app *app = about->screen.app;
    struct page *page = about->page;
    g_autoptr(GArray) lines = NULL;
    struct row row;
    bool wide = app_width(app) >= WIDE;

    if (!model_find(app_model(app), &about->key, &row)) {
        page_line(page, PAINT_STALE, NULL, 0, "this domain is not known any more");
        return;
    }
    lines = lines_of(&row);
    page_line(page, PAINT_STRONG, NULL, 0, "Beancounters: %s on %s, %s", row.domain->identity->name,
              row.snapshot->host.name, domain_state_name(row.domain->identity->state));
    page_line(page, PAINT_HEADER, " counter", NAME, "%7s %7s %7s %7s %7s %5s %8s %6s%s", "held",
              "since", "maxheld", "barrier", "limit", "full", "failcnt", "since",
              wide ? "  when it is reached" : "");
    for (guint i = 0; i < lines->len; i++)
        add_line(page, &g_array_index(lines, struct line, i), wide);
    page_blank(page);
    page_line(page, PAINT_TEXT, NULL, 0,
              "! refused something since this program saw the container first, or is %d %% full; "
              "\"since\" is the difference since then. failcnt and maxheld count from the "
              "container's own start.",
              (int)(NEAR * 100));
}

static const struct binding bindings[] = {PAGE_BINDINGS, {0}};

static const struct screen_ops ops = {
    .name = "beancounters",
    .title = "Beancounters",
    .about = "Every beancounter of one container: what refused something on top, then what is "
             "nearly full.",
    .bindings = bindings,
    .draw = page_screen_draw,
    .status = page_screen_status,
    .event = page_screen_event,
    .free = page_screen_free,
};

struct screen *screen_counters_new(struct app *app, const struct domain_key *key)
{
    g_autoptr(GArray) lines = NULL;
    struct row row;

    if (!model_find(app_model(app), key, &row))
        return NULL;
    lines = lines_of(&row);
    return lines->len ? page_screen_new(&ops, key, fill) : NULL;
}
