/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/screen-detail.h"

#include "model/size.h"
#include "ui/screen-page.h"
#include "ui/view.h"

#define LABEL 18

static void fill_identity(struct page *page, const struct row *row)
{
    const struct identity *identity = row->domain->identity;
    const struct {
        const char *label, *text;
    } lines[] = {
        {"id", identity->native_id}, {"title", identity->title},
        {"kind", identity->kind},    {"place", identity->parents},
        {"about", identity->detail}, {"connection", row->snapshot->uri},
    };

    page_line(page, PAINT_STRONG, NULL, 0, "%s on %s, %s%s", identity->name,
              row->snapshot->host.name, domain_state_name(identity->state),
              identity->persistent ? "" : ", transient");
    for (size_t i = 0; i < G_N_ELEMENTS(lines); i++)
        if (lines[i].text && *lines[i].text)
            page_line(page, PAINT_TEXT, lines[i].label, LABEL, "%s", lines[i].text);
    if (identity->pid)
        page_line(page, PAINT_TEXT, "process", LABEL, "%lld", (long long)identity->pid);
}

static void setting_text(const struct tunable *tunable, struct value value, char *text)
{
    size_format_value(value, tunable->unit, tunable->choices, text);
}

static void fill_settings(struct page *page, const struct row *row)
{
    const struct tunable *tunables = row->snapshot->backend->tunables;
    const char *section = NULL;

    page_heading(page, "                  live          config");
    for (size_t i = 0; tunables[i].name; i++) {
        const struct setting *setting = &row->domain->settings[i];
        char live[SIZE_TEXT_MAX], config[SIZE_TEXT_MAX];
        bool both = value_known(setting->live) && value_known(setting->config);
        const char *reason = "";

        if (g_strcmp0(section, tunables[i].section))
            page_heading(page, tunables[i].section);
        section = tunables[i].section;
        setting_text(&tunables[i], setting->live, live);
        setting_text(&tunables[i], setting->config, config);
        if (!value_known(setting->live) && !value_known(setting->config))
            reason = value_reason_text(setting->live);
        page_line(page, PAINT_TEXT, tunables[i].label, LABEL, "%-12s  %-12s %s %s", live, config,
                  both && trouble_differs(&tunables[i], setting) ? "≠" : " ",
                  *reason              ? reason
                  : tunables[i].effect ? tunables[i].effect
                                       : "");
    }
}

static void fill_figures(struct page *page, const struct row *row)
{
    const struct figure *figures = row->snapshot->backend->figures;

    page_heading(page, "Figures");
    for (size_t i = 0; figures[i].name; i++) {
        struct value value = row->domain->figures[i];
        char text[SIZE_TEXT_MAX];

        size_format_value(value, figures[i].unit, NULL, text);
        page_line(page, PAINT_TEXT, figures[i].label, LABEL, "%-12s  %s", text,
                  value_known(value) ? figures[i].source ? figures[i].source : ""
                                     : value_reason_text(value));
    }
}

static void fill(struct page_screen *about)
{
    struct row row;

    if (!model_find(app_model(about->screen.app), &about->key, &row)) {
        page_line(about->page, PAINT_STALE, NULL, 0, "this domain is not known any more");
        return;
    }
    fill_identity(about->page, &row);
    page_blank(about->page);
    fill_settings(about->page, &row);
    page_blank(about->page);
    fill_figures(about->page, &row);
}

static const struct binding bindings[] = {PAGE_BINDINGS, {0}};

static const struct screen_ops ops = {
    .name = "detail",
    .title = "Detail",
    .about = "Every setting and figure of one domain, with where it is read.",
    .bindings = bindings,
    .draw = page_screen_draw,
    .status = page_screen_status,
    .event = page_screen_event,
    .free = page_screen_free,
};

struct screen *screen_detail_new(struct app *app, const struct domain_key *key)
{
    return page_screen_new(&ops, key, fill);
}
