/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/screen-why.h"

#include "model/history.h"
#include "model/size.h"
#include "ui/columns.h"
#include "ui/screen-page.h"
#include "ui/view.h"

#include <math.h>

#define WALLS_MAX 32
#define LABEL 22

static const char *bytes_text(struct value value, char text[SIZE_TEXT_MAX])
{
    return size_format_value(value, UNIT_BYTES, NULL, text);
}

static void fill_verdict(struct page *page, const struct row *row)
{
    const struct trouble *trouble = &row->trouble;
    static const char *const ranks[] = {
        [TROUBLE_KILLED] = "died or had an oom-kill in the last 24 h",
        [TROUBLE_SLOWED] = "slowed now",
        [TROUBLE_FAILING] = "allocations are refused now",
        [TROUBLE_NEAR] = "nearly full of a wall that kills",
        [TROUBLE_SLOW_WALL] = "nearly full of a wall that slows",
        [TROUBLE_STALE] = "not answering: these figures are old",
        [TROUBLE_NOTE] = "worth a word",
        [TROUBLE_NONE] = "no trouble",
    };
    enum paint paint = trouble->rank == TROUBLE_NONE ? PAINT_OK : trouble_paint(trouble);

    page_line(page, paint, NULL, 0, "%s%s%s", ranks[trouble->rank], trouble->why[0] ? ": " : "",
              trouble->why);
}

static void fill_needs(struct page *page, const struct row *row)
{
    static const struct {
        enum figure_role role;
        const char *label, *help;
    } parts[] = {
        {FIGURE_HELD, "holds", "what limits act on"},
        {FIGURE_DROPPABLE, "can be dropped", "the host drops it by itself: file pages"},
        {FIGURE_GUEST, "guest says", "used inside, as the guest reports it"},
        {FIGURE_PEAK, "peak", "most ever held"},
        {FIGURE_SWAP, "in swap", "of the host"},
    };
    char text[SIZE_TEXT_MAX];

    page_line(page, PAINT_TEXT, "needs", LABEL, "%-10s  held less what can be dropped",
              bytes_text(row->trouble.needed, text));
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
        struct value value = snapshot_figure(row->snapshot, row->domain, (int)parts[i].role);

        if (value_known(value))
            page_line(page, PAINT_TEXT, parts[i].label, LABEL, "%-10s  %s", bytes_text(value, text),
                      parts[i].help);
    }
    if (fabs(row->trouble.slope) >= 1024)
        page_line(page, PAINT_TEXT, "grows", LABEL, "%s%s a minute, over the last 5 minutes",
                  row->trouble.slope < 0 ? "-" : "",
                  size_format((uint64_t)fabs(row->trouble.slope * 60), text));
}

static void fill_walls(struct page *page, const struct row *row)
{
    static const char *const does[] = {[WALL_NONE] = "",
                                       [WALL_KILLS] = "kills",
                                       [WALL_SLOWS] = "slows",
                                       [WALL_FAILS] = "allocations fail",
                                       [WALL_HOST] = "the host itself runs out"};
    struct wall_state walls[WALLS_MAX];
    size_t n = trouble_walls(row->snapshot, row->domain, walls, G_N_ELEMENTS(walls));
    char left[SIZE_TEXT_MAX], limit[SIZE_TEXT_MAX], used[SIZE_TEXT_MAX];

    page_heading(page, "Walls, nearest first");
    for (size_t i = 0; i < n; i++) {
        const struct wall_state *wall = &walls[i];
        const char *owner = wall_owner(row->snapshot, wall);
        enum paint paint = i == 0 && row->trouble.red      ? PAINT_KILLED
                           : i == 0 && row->trouble.yellow ? PAINT_NOTICE
                                                           : PAINT_TEXT;

        size_format(wall->limit, limit);
        if (!wall->known) {
            page_line(page, PAINT_TEXT, owner, LABEL,
                      "%s; what counts against it is not known (%s)", limit, does[wall->kind]);
            continue;
        }
        size_format(wall->left < 0 ? 0 : (uint64_t)wall->left, left);
        size_format(wall->used, used);
        if (wall->left < 0)
            page_line(page, paint, owner, LABEL, "passed: %s of %s (%s)", used, limit,
                      does[wall->kind]);
        else
            page_line(page, paint, owner, LABEL, "%s left: %s of %s (%s)", left, used, limit,
                      does[wall->kind]);
    }
    if (!n)
        page_line(page, PAINT_TEXT, NULL, 0, "nothing limits it");
}

static void fill_events(struct page *page, const struct row *row)
{
    static const struct {
        enum history_counter counter;
        enum figure_role role;
        const char *label;
    } events[] = {
        {HISTORY_OOM_KILLS, FIGURE_OOM_KILLS, "oom-kills"},
        {HISTORY_THROTTLED, FIGURE_THROTTLED, "throttled"},
        {HISTORY_FAILCNT, FIGURE_FAILCNT, "limit reached"},
        {HISTORY_MALLOC_FAILS, FIGURE_MALLOC_FAILS, "malloc refused"},
    };

    bool any = false;

    page_heading(page, "Events");
    for (size_t i = 0; i < G_N_ELEMENTS(events); i++) {
        struct value value = snapshot_figure(row->snapshot, row->domain, (int)events[i].role);
        int64_t last = 0;
        uint64_t grown = history_growth(row->history, events[i].counter, &last);
        g_autoptr(GString) text = g_string_new(NULL);

        if (value.kind == VALUE_UNSUPPORTED)
            continue;
        any = true;
        if (value.kind != VALUE_NUMBER) {
            page_line(page, PAINT_TEXT, events[i].label, LABEL, "?  %s", value_reason_text(value));
            continue;
        }
        g_string_printf(text, "%" G_GUINT64_FORMAT " since it started", value.number);
        if (grown)
            g_string_append_printf(text, ", %" G_GUINT64_FORMAT " since this program runs", grown);
        if (last) {
            g_autoptr(GDateTime) time = g_date_time_new_from_unix_local(last);
            g_autofree char *clock = g_date_time_format(time, "%H:%M:%S");

            g_string_append_printf(text, ", last %s", clock);
        }
        page_line(page, grown ? PAINT_NOTICE : PAINT_TEXT, events[i].label, LABEL, "%s", text->str);
    }
    if (!any && !row->domain->identity->ended)
        page_line(page, PAINT_TEXT, NULL, 0, "none is counted here");
    if (row->domain->identity->ended)
        page_line(page, PAINT_NOTICE, "ended", LABEL, "%s",
                  value_reason_text(value_unknown(row->domain->identity->ended)));
}

static void fill_missing(struct page *page, const struct row *row)
{
    const struct figure *figures = row->snapshot->backend->figures;
    bool any = false;

    for (size_t i = 0; figures[i].name; i++) {
        struct value value = row->domain->figures[i];

        if (value_known(value))
            continue;
        if (!any)
            page_heading(page, "Figures that are missing, and why");
        any = true;
        page_line(page, PAINT_TEXT, figures[i].label, LABEL, "%s  %s",
                  value.kind == VALUE_UNSUPPORTED ? "-" : "?", value_reason_text(value));
    }
}

static void fill(struct page_screen *about)
{
    struct app *app = about->screen.app;
    struct page *page = about->page;
    struct row row;

    if (!model_find(app_model(app), &about->key, &row)) {
        page_line(page, PAINT_STALE, NULL, 0, "this domain is not known any more");
        return;
    }
    page_line(page, PAINT_STRONG, NULL, 0, "Why: %s on %s, %s", row.domain->identity->name,
              row.snapshot->host.name, domain_state_name(row.domain->identity->state));
    fill_verdict(page, &row);
    page_blank(page);
    fill_needs(page, &row);
    page_blank(page);
    fill_walls(page, &row);
    page_blank(page);
    fill_events(page, &row);
    page_blank(page);
    fill_missing(page, &row);
}

static const struct binding bindings[] = {PAGE_BINDINGS, {0}};

static const struct screen_ops ops = {
    .name = "why",
    .title = "Why",
    .about = "Every wall on the way of one domain, nearest first; what it needs and what can be "
             "dropped; events; and why figures are missing.",
    .bindings = bindings,
    .draw = page_screen_draw,
    .status = page_screen_status,
    .event = page_screen_event,
    .free = page_screen_free,
};

struct screen *screen_why_new(struct app *app, const struct domain_key *key)
{
    return page_screen_new(&ops, key, fill);
}
