/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/clock.h"
#include "model/size.h"
#include "ui/hosts.h"
#include "ui/oom.h"
#include "ui/screen-page.h"
#include "ui/screens.h"

#define LABEL 16
#define VICTIMS 3
#define LARGEST 3
#define BAR_MAX 60

static void fill_connection(struct page *page, const struct snapshot *snapshot)
{
    gint64 wait = clock_monotonic_us(snapshot->retry_ns) - g_get_monotonic_time();
    enum paint paint = snapshot->state == CONNECTION_CONNECTED ? PAINT_TEXT : PAINT_NOTICE;

    page_line(page, paint, "  connection", LABEL, "%s: %s%s%s", snapshot->uri,
              connection_state_name(snapshot->state), snapshot->error ? ": " : "",
              snapshot->error ? snapshot->error : "");
    if (snapshot->retry_ns && wait > 0)
        page_line(page, PAINT_TEXT, NULL, LABEL, "tries again in %d s; r tries now",
                  (int)(wait / G_USEC_PER_SEC) + 1);
    if (snapshot->host.unverified)
        page_line(page, PAINT_NOTICE, NULL, LABEL, "the host's certificate was not verified");
    if (snapshot->host.version)
        page_line(page, PAINT_TEXT, "  version", LABEL, "%s", snapshot->host.version);
    if (snapshot->host.detail)
        page_line(page, PAINT_TEXT, "  about", LABEL, "%s", snapshot->host.detail);
}

static void fill_value(struct page *page, const char *label, struct value value, const char *help)
{
    char text[SIZE_TEXT_MAX];

    if (value_known(value))
        page_line(page, PAINT_TEXT, label, LABEL, "%-10s  %s",
                  size_format_value(value, UNIT_BYTES, NULL, text), help);
}

static uint64_t maximum_of(const struct row *row)
{
    uint64_t maximum;

    if (!domain_state_active(row->domain->identity->state) ||
        !value_get(snapshot_figure(row->snapshot, row->domain, FIGURE_MAXIMUM), &maximum))
        return 0;
    return maximum;
}

static bool on_host(const struct row *row, const char *host)
{
    const char *name = row->snapshot->host.name ? row->snapshot->host.name : row->snapshot->uri;

    return g_str_equal(name, host);
}

/* By whom a host is overcommitted: who may grow the most. */
static void fill_largest(struct page *page, const char *host, const struct row *rows, size_t n)
{
    const struct row *largest[LARGEST + 1] = {NULL};
    g_autoptr(GString) text = g_string_new(NULL);

    for (size_t i = 0; i < n; i++) {
        int at = LARGEST;

        if (!on_host(&rows[i], host) || !maximum_of(&rows[i]))
            continue;
        for (; at && (!largest[at - 1] || maximum_of(largest[at - 1]) < maximum_of(&rows[i])); at--)
            largest[at] = largest[at - 1];
        largest[at] = &rows[i];
    }
    for (int i = 0; i < LARGEST && largest[i]; i++) {
        char size[SIZE_TEXT_MAX];

        g_string_append_printf(text, "%s%s %s", i ? ", " : "", largest[i]->domain->identity->name,
                               size_format(maximum_of(largest[i]), size));
    }
    if (largest[0])
        page_line(page, PAINT_TEXT, NULL, LABEL, "most to %s", text->str);
}

static void fill_memory(struct page *page, const struct host_sum *sum, const struct host *host)
{
    char text[SIZE_TEXT_MAX];

    if (!value_known(host->total))
        page_line(page, PAINT_TEXT, "  memory", LABEL, "?  %s", value_reason_text(host->total));
    fill_value(page, "  memory", host->total, "");
    fill_value(page, "  available", host->available, "what new use could take without harm");
    fill_value(page, "  free for new", host->free_for_new, "for new domains");
    fill_value(page, "  swap", host->swap_total, "");
    fill_value(page, "  swap free", host->swap_free, "");
    if (sum->promised_percent >= 0)
        page_line(page, sum->promised_percent > 100 ? PAINT_NOTICE : PAINT_TEXT, "  promised",
                  LABEL, "%-10s  what domains may grow to: %d %% of the memory",
                  size_format(sum->promised, text), sum->promised_percent);
}

static void fill_victims(struct page_screen *about, const struct host_sum *sum)
{
    struct oom_victim victims[VICTIMS];
    size_t total, n;
    const struct row *rows = model_rows(app_model(about->screen.app), &total);

    n = oom_victims(rows, total, sum->name, victims, VICTIMS);
    for (size_t i = 0; i < n; i++)
        page_line(about->page, PAINT_TEXT, i ? NULL : "  OOM killer", LABEL,
                  "%s%s (process %lld, score %d)", i ? "then " : "would take first ",
                  victims[i].name, (long long)victims[i].pid, victims[i].score);
}

static void fill(struct page_screen *about)
{
    struct app *app = about->screen.app;
    struct model *model = app_model(app);
    size_t n;
    const struct host_sum *sums;
    size_t n_rows;
    const struct row *rows = model_rows(model, &n_rows);

    view_rows(app_view(app), &n); /* so that the sums are of now */
    sums = hosts_sorted(app, &n);
    for (size_t i = 0; i < n; i++) {
        page_line(about->page, sums[i].answers ? PAINT_STRONG : PAINT_NOTICE, NULL, 0,
                  "%s  %s  %u domains, %u running%s%s", sums[i].name, sums[i].kinds,
                  sums[i].n_domains, sums[i].n_active, sums[i].problem ? "; " : "",
                  sums[i].problem ? sums[i].problem : "");
        for (uint16_t c = 0; c < model_n_connections(model); c++) {
            const struct snapshot *snapshot = model_snapshot(model, c);
            const char *name = snapshot->host.name ? snapshot->host.name : snapshot->uri;

            if (!g_str_equal(name, sums[i].name))
                continue;
            if (c == sums[i].connection) {
                fill_memory(about->page, &sums[i], &snapshot->host);
                fill_largest(about->page, name, rows, n_rows);
                fill_value(about->page, "  reserved", snapshot->host.reserved,
                           "held for domains by a guarantee");
            }
            fill_connection(about->page, snapshot);
        }
        fill_victims(about, &sums[i]);
        page_blank(about->page);
    }
}

static void reconnect(struct screen *screen)
{
    struct model *model = app_model(screen->app);
    unsigned lost = 0;

    for (uint16_t i = 0; i < model_n_connections(model); i++) {
        enum connection_state state = model_snapshot(model, i)->state;

        if (state == CONNECTION_CONNECTED || state == CONNECTION_CONNECTING)
            continue;
        model_reconnect(model, i);
        lost++;
    }
    app_message(screen->app, lost ? "trying again" : "every host answers");
}

static const struct binding bindings[] = {
    PAGE_BINDINGS,
    {'r', 0, "Reconnect", "reconnect", "tries hosts that do not answer again, now", 0, reconnect},
    {0},
};

static const struct screen_ops ops = {
    .name = "hosts",
    .title = "Hosts",
    .about =
        "Every host, the fullest first: its memory, what it has promised and to whom most, its "
        "connections, and whom its own OOM killer would take.",
    .bindings = bindings,
    .draw = page_screen_draw,
    .status = page_screen_status,
    .event = page_screen_event,
    .free = page_screen_free,
};

struct screen *screen_hosts_new(struct app *app)
{
    return page_screen_new(&ops, NULL, fill);
}
