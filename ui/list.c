/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `list` and `host`: every domain, every host. */
#include "model/size.h"
#include "ui/columns.h"
#include "ui/commands.h"
#include "ui/json.h"
#include "ui/out.h"
#include "ui/resolve.h"
#include "ui/rows.h"

#include <string.h>

/* As wide as names get; a list is not cut. */
#define WIDE 120

static const char default_columns[] =
    "mark,name,state,kind,held,needed,guest,limit,left,%,host,why";

/* What a program reads of a cell: exact, without marks. */
static void exact_cell(const struct column *column, const struct row *row,
                       const struct column_view *view, char text[CELL_TEXT_MAX])
{
    struct cell cell;
    if (column->value) {
        struct value value = column->value(row, column);
        char exact[SIZE_TEXT_MAX];
        if (value.kind == VALUE_NUMBER)
            g_snprintf(text, CELL_TEXT_MAX, "%" G_GUINT64_FORMAT, value.number);
        else if (value_known(value))
            g_strlcpy(text, size_format_exact(value, column->unit, NULL, exact), CELL_TEXT_MAX);
        else
            text[0] = '\0';
        return;
    }
    column_cell(column, row, view, WIDE, &cell);
    g_strlcpy(text, g_strstrip(cell.text), CELL_TEXT_MAX);
}

static void human_cell(const struct column *column, const struct row *row,
                       const struct column_view *view, char text[CELL_TEXT_MAX])
{
    struct cell cell;
    if (column->bar) {
        struct bar_cell cells[30];
        column_bar(row, view, 30, cells);
        text[0] = '\0';
        for (unsigned i = 0; i < 30; i++)
            g_strlcat(text, cells[i].text, CELL_TEXT_MAX);
        return;
    }
    column_cell(column, row, view, WIDE, &cell);
    g_strlcpy(text, g_strchug(cell.text), CELL_TEXT_MAX);
    if (!column->right)
        g_strchomp(text);
}

static void print_rows(const struct options *options, const struct row *rows, size_t n)
{
    enum format format = options_format(options);
    const char *names = options->settings.columns ? options->settings.columns : default_columns;
    g_autofree const struct column **chosen = columns_parse(names, NULL);
    struct out_table *table = out_table_new(format);
    const struct column_view view = {.utf8 = options_utf8(options)};
    const char *titles[COLUMNS_MAX] = {NULL};
    bool right[COLUMNS_MAX] = {false};
    for (size_t i = 0; chosen[i]; i++) {
        titles[i] = format == FORMAT_CSV ? chosen[i]->name : chosen[i]->title;
        right[i] = chosen[i]->right;
    }
    out_table_heading(table, titles, right);
    for (size_t r = 0; r < n; r++) {
        for (size_t i = 0; chosen[i]; i++) {
            char text[CELL_TEXT_MAX];
            (format == FORMAT_TEXT ? human_cell : exact_cell)(chosen[i], &rows[r], &view, text);
            out_table_cell(table, text, chosen[i]->right);
        }
        out_table_end_row(table);
    }
    out_table_print(table);
    out_table_free(table);
}

static void print_json(struct session *session, const struct row *rows, size_t n)
{
    g_autoptr(JsonBuilder) builder = json_builder_new();
    json_sample(builder, session_model(session), rows, n, json_time_now());
    json_print(builder);
}

/* The domains that were named; false with the messages given. */
static bool keep_named(struct session *session, const struct options *options, struct row *rows,
                       size_t *n, enum status *status)
{
    g_autoptr(GArray) keys = g_array_new(FALSE, FALSE, sizeof(struct domain_key));
    for (char **word = options->words; word && *word; word++) {
        struct domain_key key;
        g_autofree char *message = NULL;
        if (!resolve_domain(session, *word, false, &key, status, &message)) {
            out_message("%s", message);
            return false;
        }
        g_array_append_val(keys, key);
    }
    *n = rows_keep(rows, *n, (const struct domain_key *)(void *)keys->data, keys->len);
    return true;
}

int list_run(const struct options *options)
{
    struct session *session = session_open(options, NULL, false, true, 0);
    enum status status = session_status(session);
    size_t n = 0;
    g_autofree struct row *rows = rows_select(session_model(session), options, ROWS_ALL, &n);
    bool named = options->words && *options->words;
    if (named && !keep_named(session, options, rows, &n, &status)) {
        session_close(session);
        return out_end((int)status);
    }
    if (options->json)
        print_json(session, rows, n);
    else
        print_rows(options, rows, n);
    session_close(session);
    return out_end((int)status);
}

/* --- hosts --------------------------------------------------------------------------------- */

/* What the guests could ever have, together. */
static uint64_t promised(const struct snapshot *snapshot)
{
    uint64_t sum = 0, maximum = 0;
    for (size_t i = 0; i < snapshot->n_domains; i++) {
        const struct domain *domain = &snapshot->domains[i];
        if (!domain_state_active(domain->identity->state))
            continue;
        const struct setting *setting = snapshot_role(snapshot, domain, ROLE_MAXIMUM);
        if (value_get(snapshot_figure(snapshot, domain, FIGURE_MAXIMUM), &maximum) ||
            (setting && value_get(setting->live, &maximum)))
            sum += maximum;
    }
    return sum;
}

static unsigned running(const struct snapshot *snapshot)
{
    unsigned n = 0;
    for (size_t i = 0; i < snapshot->n_domains; i++)
        n += domain_state_active(snapshot->domains[i].identity->state);
    return n;
}

static void size_cell(struct out_table *table, struct value value, enum format format)
{
    char text[SIZE_TEXT_MAX] = "";
    if (format != FORMAT_TEXT && value.kind == VALUE_NUMBER)
        g_snprintf(text, sizeof text, "%" G_GUINT64_FORMAT, value.number);
    else if (format == FORMAT_TEXT)
        size_format_value(value, UNIT_BYTES, NULL, text);
    out_table_cell(table, text, true);
}

static void host_row(struct out_table *table, const struct snapshot *snapshot, enum format format)
{
    const struct host *host = &snapshot->host;
    char number[32];
    out_table_cell(table, host->name ? host->name : "?", false);
    out_table_cell(table, host->hypervisor ? host->hypervisor : snapshot->backend->name, false);
    out_table_cell(table, connection_state_name(snapshot->state), false);
    size_cell(table, host->total, format);
    size_cell(table, host->available, format);
    g_snprintf(number, sizeof number, "%u", running(snapshot));
    out_table_cell(table, number, true);
    g_snprintf(number, sizeof number, "%zu", snapshot->n_domains);
    out_table_cell(table, number, true);
    size_cell(table, value_number(promised(snapshot)), format);
    size_cell(table, host->reserved, format);
    out_table_cell(table, snapshot->uri, false);
    out_table_end_row(table);
}

int host_run(const struct options *options)
{
    static const char *const titles[] = {"HOST",     "HYPERVISOR", "STATE",   "TOTAL",
                                         "FREE",     "RUNNING",    "DOMAINS", "PROMISED",
                                         "RESERVED", "URI",        NULL};
    static const char *const names[] = {"host",      "hypervisor", "state",   "total",
                                        "available", "running",    "domains", "promised",
                                        "reserved",  "uri",        NULL};
    static const bool right[] = {false, false, false, true, true, true, true, true, true, false};
    struct session *session = session_open(options, NULL, false, true, 0);
    enum status status = session_status(session);
    enum format format = options_format(options);
    if (format == FORMAT_JSON) {
        print_json(session, NULL, 0);
        session_close(session);
        return out_end((int)status);
    }
    struct out_table *table = out_table_new(format);
    out_table_heading(table, format == FORMAT_CSV ? names : titles, right);
    for (size_t i = 0; i < model_n_connections(session_model(session)); i++)
        host_row(table, model_snapshot(session_model(session), (uint16_t)i), format);
    out_table_print(table);
    out_table_free(table);
    session_close(session);
    return out_end((int)status);
}
