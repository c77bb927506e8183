/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `set` says. */
#include "model/size.h"
#include "ui/json.h"
#include "ui/out.h"
#include "ui/set.h"

#include <string.h>

const char *order_name(const struct order *order, const struct domain_key *key)
{
    struct row row;
    return order_row(order, key, &row) ? row.domain->identity->name : "?";
}

bool order_row(const struct order *order, const struct domain_key *key, struct row *row)
{
    return model_find(session_model(order->session), key, row);
}

void order_fail(struct order *order, enum status status, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    g_autofree char *raw = g_strdup_vprintf(format, list);
    va_end(list);
    out_message("%s", raw);
    g_free(order->failure);
    order->failure = out_clean(raw);
    order->status = status;
}

static const char *scope_word(enum scope scope)
{
    switch (scope) {
    case SCOPE_LIVE:
        return "live";
    case SCOPE_CONFIG:
        return "config";
    case SCOPE_BOTH:
        return "both";
    }
    return "";
}

static bool wrote(enum outcome outcome)
{
    switch (outcome) {
    case OUTCOME_CHANGED:
    case OUTCOME_WOULD_CHANGE:
    case OUTCOME_PENDING:
    case OUTCOME_ROUNDED:
    case OUTCOME_KEPT:
        return true;
    case OUTCOME_UNCHANGED:
    case OUTCOME_REFUSED:
    case OUTCOME_CONFLICT:
    case OUTCOME_FAILED:
    case OUTCOME_SKIPPED:
    case OUTCOME_GONE_BACK:
        return false;
    }
    return false;
}

/* --- text --------------------------------------------------------------------------------- */

static void text_of(const struct item *item, struct value value, char text[SIZE_TEXT_MAX])
{
    size_format_value(value, item->change.tunable->unit, item->change.tunable->choices, text);
}

static void result_row(struct out_table *table, const struct order *order, const struct item *item)
{
    char from[SIZE_TEXT_MAX], to[SIZE_TEXT_MAX];
    bool read_back = item->outcome == OUTCOME_CHANGED || item->outcome == OUTCOME_ROUNDED;
    text_of(item, item->change.from, from);
    text_of(item, read_back && value_known(item->after) ? item->after : item->change.to, to);
    g_autofree char *move =
        item->outcome == OUTCOME_UNCHANGED ? g_strdup(from) : g_strdup_printf("%s -> %s", from, to);
    g_autofree char *outcome =
        g_strdup_printf("%s%s%s", outcome_name(item->outcome), item->text ? ": " : "",
                        item->text ? item->text : "");
    out_table_cell(table, order_name(order, &item->change.key), false);
    out_table_cell(table, item->change.tunable->name, false);
    out_table_cell(table, scope_word(item->change.scope), false);
    out_table_cell(table, move, false);
    out_table_cell(table, outcome, false);
    out_table_end_row(table);
}

static void print_text(const struct order *order)
{
    struct out_table *table = out_table_new(FORMAT_TEXT);
    for (guint i = 0; i < order->items->len; i++) {
        const struct item *item = &g_array_index(order->items, struct item, i);
        if (item->outcome != OUTCOME_REFUSED && item->outcome != OUTCOME_CONFLICT)
            result_row(table, order, item);
    }
    for (guint i = 0; i < order->items->len; i++) {
        const struct item *item = &g_array_index(order->items, struct item, i);
        if (item->outcome == OUTCOME_CONFLICT && item->text)
            result_row(table, order, item);
    }
    out_table_print(table);
    out_table_free(table);
    if (order->counting)
        out_line("goes back in %d s unless kept: virt-memtune keep %s", order->options->confirm,
                 order->batch);
}

/* The value that was wanted where the finding is about one change. */
static void wanted_text(const struct order *order, const struct found *found, GString *line)
{
    char text[SIZE_TEXT_MAX];
    for (guint i = 0; found->tunable && i < order->items->len; i++) {
        const struct item *item = &g_array_index(order->items, struct item, i);
        if (item->change.tunable != found->tunable ||
            !domain_key_equal(&item->change.key, &found->key))
            continue;
        text_of(item, item->change.to, text);
        g_string_append_printf(line, ": %s %s", found->tunable->name, text);
        return;
    }
}

static void way_out(const struct found *found, GString *line)
{
    char text[SIZE_TEXT_MAX];
    bool may = found->severity != SEVERITY_REFUSE;
    bool safe = found->safe.kind == VALUE_NUMBER;
    if (!may && !safe)
        return;
    g_string_append(line, "\n  ");
    if (safe) {
        bool size = !found->tunable || found->tunable->unit == UNIT_BYTES;
        if (size)
            size_format_short(found->safe.number, text);
        else
            g_snprintf(text, sizeof text, "%" G_GUINT64_FORMAT, found->safe.number);
        g_string_append_printf(line, "%s safe now %s", found->safe_is_most ? "highest" : "lowest",
                               g_strstrip(text));
    }
    if (may)
        g_string_append_printf(line, "%s--allow=%s", safe ? "; or " : "with ",
                               severity_name(found->severity));
}

void order_print_findings(const struct order *order)
{
    for (guint i = 0; i < order->found->len; i++) {
        const struct found *found = &g_array_index(order->found, struct found, i);
        g_autoptr(GString) line = g_string_new(order_name(order, &found->key));
        wanted_text(order, found, line);
        bool stops = found->severity >= SEVERITY_DANGER && !found->allowed;
        const char *word = severity_name(found->severity);
        if (found->severity == SEVERITY_REFUSE)
            g_string_append_printf(line, ": refused: %s", found->text);
        else if (stops)
            g_string_append_printf(line, ": refused (%s): %s", word, found->text);
        else
            g_string_append_printf(line, ": %s%s: %s", word, found->allowed ? ", allowed" : "",
                                   found->text);
        if (stops)
            way_out(found, line);
        fflush(stdout);
        fprintf(stderr, "%s\n", line->str);
    }
}

/* --- JSON --------------------------------------------------------------------------------- */

static void value_member(JsonBuilder *builder, const char *name, const struct item *item,
                         struct value value)
{
    json_builder_set_member_name(builder, name);
    json_value(builder, value, item->change.tunable->unit, item->change.tunable->choices);
}

static void domain_members(JsonBuilder *builder, const struct order *order,
                           const struct domain_key *key)
{
    struct row row;
    if (!order_row(order, key, &row))
        return;
    json_member(builder, "domain", row.domain->identity->name);
    json_member(builder, "uuid",
                row.domain->identity->native_id ? row.domain->identity->native_id : "");
    json_member(builder, "connection", row.snapshot->uri);
}

static void result_object(JsonBuilder *builder, const struct order *order, const struct item *item)
{
    json_builder_begin_object(builder);
    domain_members(builder, order, &item->change.key);
    json_member(builder, "tunable", item->change.tunable->name);
    json_member(builder, "scope", scope_word(item->change.scope));
    value_member(builder, "before", item, item->change.from);
    value_member(builder, "wanted", item, item->change.to);
    value_member(builder, "after", item, item->after);
    json_member(builder, "outcome", outcome_name(item->outcome));
    if (item->text)
        json_member(builder, "text", item->text);
    json_builder_end_object(builder);
}

static void finding_object(JsonBuilder *builder, const struct order *order,
                           const struct found *found)
{
    json_builder_begin_object(builder);
    domain_members(builder, order, &found->key);
    if (found->tunable)
        json_member(builder, "tunable", found->tunable->name);
    json_member(builder, "scope", scope_word(found->scope));
    json_member(builder, "severity", severity_name(found->severity));
    json_member(builder, "code", found->code);
    json_member(builder, "text", found->text);
    if (found->safe.kind == VALUE_NUMBER) {
        json_builder_set_member_name(builder, "safe");
        json_number(builder, found->safe.number);
    }
    json_builder_end_object(builder);
}

static void print_json(const struct order *order)
{
    g_autoptr(JsonBuilder) builder = json_builder_new();
    bool changed = false;
    json_builder_begin_object(builder);
    json_builder_set_member_name(builder, "schema");
    json_builder_add_int_value(builder, JSON_SCHEMA);
    for (guint i = 0; i < order->items->len; i++)
        changed |= wrote(g_array_index(order->items, struct item, i).outcome);
    json_builder_set_member_name(builder, "changed");
    json_builder_add_boolean_value(builder, changed);
    json_builder_set_member_name(builder, "check");
    json_builder_add_boolean_value(builder, order->options->check);
    if (*order->batch)
        json_member(builder, "id", order->batch);
    if (order->counting) {
        json_builder_set_member_name(builder, "confirm");
        json_builder_add_int_value(builder, order->options->confirm);
    }
    if (order->failure)
        json_member(builder, "error", order->failure);
    json_builder_set_member_name(builder, "results");
    json_builder_begin_array(builder);
    for (guint i = 0; i < order->items->len; i++)
        result_object(builder, order, &g_array_index(order->items, struct item, i));
    json_builder_end_array(builder);
    if (order->found->len) {
        json_builder_set_member_name(builder, "findings");
        json_builder_begin_array(builder);
        for (guint i = 0; i < order->found->len; i++)
            finding_object(builder, order, &g_array_index(order->found, struct found, i));
        json_builder_end_array(builder);
    }
    json_builder_end_object(builder);
    json_print(builder);
}

void order_print(const struct order *order)
{
    if (order->options->json)
        print_json(order);
    else
        print_text(order);
}
