/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `show`: everything about a domain, with the reason wherever something is not known. */
#include "model/size.h"
#include "ui/commands.h"
#include "ui/json.h"
#include "ui/out.h"
#include "ui/resolve.h"
#include "ui/rows.h"

#include <string.h>

static void value_text(struct value value, enum unit unit, const char *const *choices,
                       enum format format, char text[SIZE_TEXT_MAX])
{
    if (format == FORMAT_TEXT)
        size_format_value(value, unit, choices, text);
    else if (value.kind == VALUE_NUMBER)
        g_snprintf(text, SIZE_TEXT_MAX, "%" G_GUINT64_FORMAT, value.number);
    else if (value_known(value))
        size_format_exact(value, unit, choices, text);
    else
        text[0] = '\0';
}

static void row_cells(struct out_table *table, const struct row *row, const char *what,
                      const char *name, const char *live, const char *config, const char *why,
                      enum format format)
{
    if (format != FORMAT_TEXT) {
        out_table_cell(table, row->domain->identity->name, false);
        out_table_cell(table, what, false);
    }
    out_table_cell(table, name, false);
    out_table_cell(table, live, true);
    out_table_cell(table, config, true);
    out_table_cell(table, why, false);
    out_table_end_row(table);
}

static void tunable_rows(struct out_table *table, const struct row *row, enum format format)
{
    const struct tunable *tunables = row->snapshot->backend->tunables;
    for (size_t i = 0; i < tunable_count(tunables); i++) {
        const struct tunable *t = &tunables[i];
        const struct setting *setting = &row->domain->settings[i];
        char live[SIZE_TEXT_MAX], config[SIZE_TEXT_MAX];
        const char *why = "";
        value_text(setting->live, t->unit, t->choices, format, live);
        value_text(setting->config, t->unit, t->choices, format, config);
        if (!value_known(setting->live) && !value_known(setting->config))
            why = value_reason_text(setting->live);
        else if (!value_known(setting->live) && setting->live.kind == VALUE_UNKNOWN)
            why = value_reason_text(setting->live);
        else if (setting->why_not && !(setting->writable & t->scopes & SCOPE_LIVE) &&
                 (!(setting->writable & t->scopes) ||
                  (t->scopes & SCOPE_LIVE && value_known(setting->live))))
            why = value_reason_text(value_unsupported(setting->why_not));
        row_cells(table, row, "tunable", t->name, live, config, why, format);
    }
}

static void figure_rows(struct out_table *table, const struct row *row, enum format format)
{
    const struct figure *figures = row->snapshot->backend->figures;
    char text[SIZE_TEXT_MAX];
    for (size_t i = 0; i < figure_count(figures); i++) {
        struct value value = row->domain->figures[i];
        value_text(value, figures[i].unit, NULL, format, text);
        row_cells(table, row, "figure", figures[i].name, text, "",
                  value_known(value) ? "" : value_reason_text(value), format);
    }
    const struct {
        const char *name;
        struct value value;
    } found[] = {{"needed", row->trouble.needed}, {"left", row->trouble.left}};
    for (size_t i = 0; i < G_N_ELEMENTS(found); i++) {
        if (figure_index(figures, found[i].name) >= 0 || !value_known(found[i].value))
            continue;
        value_text(found[i].value, UNIT_BYTES, NULL, format, text);
        row_cells(table, row, "figure", found[i].name, text, "", "", format);
    }
}

static void show_table(const struct row *row, const char *title, enum format format,
                       void (*fill)(struct out_table *, const struct row *, enum format))
{
    static const bool right[] = {false, true, true, false};
    const char *titles[] = {title, "LIVE", "CONFIG", "", NULL};
    struct out_table *table = out_table_new(format);
    if (format == FORMAT_TEXT)
        out_table_heading(table, titles, right);
    fill(table, row, format);
    out_table_print(table);
    out_table_free(table);
}

static void show_head(const struct row *row)
{
    const struct identity *identity = row->domain->identity;
    const struct host *host = &row->snapshot->host;
    out_line("%s  %s on %s  %s%s%s", identity->name,
             identity->kind ? identity->kind : row->snapshot->backend->name,
             host->name ? host->name : row->snapshot->uri, domain_state_name(identity->state),
             identity->detail ? "  " : "", identity->detail ? identity->detail : "");
    if (identity->native_id)
        out_line("%s  %s", identity->native_id, row->snapshot->uri);
    if (identity->title)
        out_line("%s", identity->title);
    if (identity->ended)
        out_line("%s", value_reason_text(value_unknown(identity->ended)));
    if (row->trouble.why[0])
        out_line("%s", row->trouble.why);
}

static void show_walls(const struct row *row)
{
    struct wall_state walls[16];
    size_t n = trouble_walls(row->snapshot, row->domain, walls, G_N_ELEMENTS(walls));
    for (size_t i = 0; i < n; i++) {
        char limit[SIZE_TEXT_MAX], left[SIZE_TEXT_MAX];
        size_format(walls[i].limit, limit);
        size_format((uint64_t)(walls[i].left < 0 ? -walls[i].left : walls[i].left), left);
        if (walls[i].known)
            out_line("%s %s %s of %s", left, walls[i].left < 0 ? "over the" : "left to the",
                     wall_owner(row->snapshot, &walls[i]), limit);
    }
}

static void show_row(const struct row *row, enum format format)
{
    if (format == FORMAT_TEXT) {
        show_head(row);
        show_walls(row);
        out_line("%s", "");
    }
    show_table(row, "TUNABLE", format, tunable_rows);
    if (format == FORMAT_TEXT)
        out_line("%s", "");
    show_table(row, "FIGURE", format, figure_rows);
}

static bool find_rows(struct session *session, const struct options *options, GArray *rows,
                      enum status *status)
{
    const struct {
        char **words;
        bool name_only;
    } lists[] = {{options->words, false}, {options->domains, true}};
    for (size_t i = 0; i < G_N_ELEMENTS(lists); i++)
        for (char **word = lists[i].words; word && *word; word++) {
            struct domain_key key;
            struct row row;
            g_autofree char *message = NULL;
            if (!resolve_domain(session, *word, lists[i].name_only, &key, status, &message)) {
                out_message("%s", message);
                return false;
            }
            if (model_find(session_model(session), &key, &row))
                g_array_append_val(rows, row);
        }
    return true;
}

static void print_found(struct session *session, const struct options *options, const GArray *rows)
{
    enum format format = options_format(options);
    if (format == FORMAT_JSON) {
        g_autoptr(JsonBuilder) builder = json_builder_new();
        json_sample(builder, session_model(session), (const struct row *)(void *)rows->data,
                    rows->len, json_time_now());
        json_print(builder);
        return;
    }
    if (format == FORMAT_CSV)
        out_line("domain,what,name,live,config,reason");
    for (guint i = 0; i < rows->len; i++) {
        if (i && format == FORMAT_TEXT)
            out_line("%s", "");
        show_row(&g_array_index(rows, struct row, i), format);
    }
}

int show_run(const struct options *options)
{
    bool any = (options->words && *options->words) || (options->domains && *options->domains);
    if (!any) {
        out_message("show which domain? virt-memtune list names them");
        return STATUS_USAGE;
    }
    g_autofree char *uri = NULL;
    const char *name = NULL;
    const char *more[] = {NULL, NULL};
    if (options->words && *options->words && resolve_split(*options->words, &uri, &name))
        more[0] = uri;
    struct session *session = session_open(options, more, true, true, 0);
    g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(struct row));
    enum status status = session_status(session);
    if (find_rows(session, options, rows, &status))
        print_found(session, options, rows);
    session_close(session);
    return out_end((int)status);
}
