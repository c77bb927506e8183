/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/json.h"

#include "model/clock.h"
#include "ui/out.h"

#include <string.h>

struct json_time json_time_now(void)
{
    return (struct json_time){g_get_real_time(), clock_ns()};
}

/* --- figures ------------------------------------------------------------------------------ */

static const char *unit_suffix(enum unit unit)
{
    switch (unit) {
    case UNIT_SECONDS:
    case UNIT_AGE:
        return "_seconds";
    case UNIT_PERCENT:
    case UNIT_CENTI_PERCENT:
        return "_percent";
    case UNIT_MICROSECONDS:
        return "_microseconds";
    case UNIT_BYTES:
    case UNIT_COUNT:
    case UNIT_PLAIN:
    case UNIT_SHARES:
    case UNIT_TIME:
    case UNIT_FLAG:
        return "";
    }
    return "";
}

char *json_figure_key(const struct figure *figure)
{
    const char *suffix = unit_suffix(figure->unit);
    return g_str_has_suffix(figure->name, suffix) ? g_strdup(figure->name)
                                                  : g_strconcat(figure->name, suffix, NULL);
}

static void figure_members(JsonBuilder *builder, const struct row *row)
{
    const struct figure *table = row->snapshot->backend->figures;
    json_builder_set_member_name(builder, "figures");
    json_builder_begin_object(builder);
    for (size_t i = 0; i < figure_count(table); i++) {
        if (!value_known(row->domain->figures[i]))
            continue;
        g_autofree char *key = json_figure_key(&table[i]);
        json_builder_set_member_name(builder, key);
        json_value(builder, row->domain->figures[i], table[i].unit, NULL);
    }
    const struct {
        const char *name;
        struct value value;
    } found[] = {{"needed", row->trouble.needed}, {"left", row->trouble.left}};
    for (size_t i = 0; i < G_N_ELEMENTS(found); i++) {
        if (!value_known(found[i].value) || figure_index(table, found[i].name) >= 0)
            continue;
        json_builder_set_member_name(builder, found[i].name);
        json_value(builder, found[i].value, UNIT_BYTES, NULL);
    }
    json_builder_end_object(builder);
}

static void missing_members(JsonBuilder *builder, const struct row *row)
{
    const struct figure *table = row->snapshot->backend->figures;
    json_builder_set_member_name(builder, "missing");
    json_builder_begin_object(builder);
    for (size_t i = 0; i < figure_count(table); i++) {
        if (value_known(row->domain->figures[i]))
            continue;
        g_autofree char *key = json_figure_key(&table[i]);
        json_builder_set_member_name(builder, key);
        json_reason(builder, row->domain->figures[i]);
    }
    json_builder_end_object(builder);
}

/* --- tunables ----------------------------------------------------------------------------- */

static bool offered(struct value value)
{
    return value.kind != VALUE_UNSUPPORTED;
}

static struct value in_scope(const struct setting *setting, enum scope scope)
{
    return scope == SCOPE_CONFIG ? setting->config : setting->live;
}

/* The rows from `row` on that make one object with it. */
static size_t group_length(const struct tunable *row)
{
    size_t n = 1;
    while (row->group && row[n].name && g_strcmp0(row[n].group, row->group) == 0)
        n++;
    return n;
}

static void scope_member(JsonBuilder *builder, const struct row *row, const struct tunable *first,
                         size_t n, enum scope scope)
{
    const struct setting *settings =
        &row->domain->settings[first - row->snapshot->backend->tunables];
    bool any = false;
    for (size_t i = 0; i < n; i++)
        any |= offered(in_scope(&settings[i], scope));
    if (!any)
        return;
    json_builder_set_member_name(builder, scope == SCOPE_LIVE ? "live" : "config");
    if (!first->group) {
        json_value(builder, in_scope(settings, scope), first->unit, first->choices);
        return;
    }
    json_builder_begin_object(builder);
    for (size_t i = 0; i < n; i++) {
        json_builder_set_member_name(builder, first[i].half ? first[i].half : first[i].name);
        json_value(builder, in_scope(&settings[i], scope), first[i].unit, first[i].choices);
    }
    json_builder_end_object(builder);
}

static const char *unit_word(enum unit unit)
{
    const char *suffix = unit_suffix(unit);
    return *suffix ? suffix + 1 : NULL;
}

static void tunable_member(JsonBuilder *builder, const struct row *row, const struct tunable *first,
                           size_t n)
{
    const struct setting *setting =
        &row->domain->settings[first - row->snapshot->backend->tunables];
    json_builder_set_member_name(builder, first->group ? first->group : first->name);
    json_builder_begin_object(builder);
    if (!offered(setting->live) && !offered(setting->config)) {
        json_builder_set_member_name(builder, "unsupported");
        json_reason(builder, first->scopes == SCOPE_CONFIG ? setting->config : setting->live);
    }
    scope_member(builder, row, first, n, SCOPE_LIVE);
    scope_member(builder, row, first, n, SCOPE_CONFIG);
    if (unit_word(first->unit))
        json_member(builder, "unit", unit_word(first->unit));
    json_builder_set_member_name(builder, "writable");
    json_builder_begin_array(builder);
    if (setting->writable & first->scopes & SCOPE_LIVE)
        json_builder_add_string_value(builder, "live");
    if (setting->writable & first->scopes & SCOPE_CONFIG)
        json_builder_add_string_value(builder, "config");
    json_builder_end_array(builder);
    json_builder_end_object(builder);
}

static void tunable_members(JsonBuilder *builder, const struct row *row)
{
    json_builder_set_member_name(builder, "tunables");
    json_builder_begin_object(builder);
    for (const struct tunable *t = row->snapshot->backend->tunables; t && t->name;) {
        size_t n = group_length(t);
        tunable_member(builder, row, t, n);
        t += n;
    }
    json_builder_end_object(builder);
}

/* --- domains and connections --------------------------------------------------------------- */

static void trouble_member(JsonBuilder *builder, const struct trouble *trouble)
{
    json_builder_set_member_name(builder, "trouble");
    json_builder_begin_array(builder);
    if (trouble->code[0]) {
        json_builder_begin_object(builder);
        json_member(builder, "code", trouble->code);
        json_member(builder, "text", trouble->why);
        json_builder_end_object(builder);
    }
    json_builder_end_array(builder);
}

static void domain_object(JsonBuilder *builder, const struct row *row, struct json_time time)
{
    const struct identity *identity = row->domain->identity;
    json_builder_begin_object(builder);
    json_member(builder, "name", identity->name);
    json_member(builder, "uuid", identity->native_id ? identity->native_id : "");
    json_member(builder, "connection", row->snapshot->uri);
    json_member(builder, "hypervisor",
                row->snapshot->host.hypervisor ? row->snapshot->host.hypervisor
                                               : row->snapshot->backend->name);
    json_member(builder, "state", domain_state_name(identity->state));
    if (identity->title)
        json_member(builder, "title", identity->title);
    if (identity->ended) {
        json_builder_set_member_name(builder, "ended");
        json_reason(builder, value_unknown(identity->ended));
    }
    if (row->domain->taken_ns) {
        int64_t age_us = (int64_t)(time.now_ns - row->domain->taken_ns) / 1000;
        json_builder_set_member_name(builder, "taken");
        json_timestamp(builder, time.now_us - age_us);
    }
    figure_members(builder, row);
    missing_members(builder, row);
    tunable_members(builder, row);
    trouble_member(builder, &row->trouble);
    json_builder_end_object(builder);
}

static void host_memory(JsonBuilder *builder, const struct host *host)
{
    const struct {
        const char *name;
        struct value value;
    } members[] = {{"total", host->total},         {"available", host->available},
                   {"free", host->free_for_new},   {"swap_total", host->swap_total},
                   {"swap_free", host->swap_free}, {"reserved", host->reserved}};
    json_builder_set_member_name(builder, "memory");
    json_builder_begin_object(builder);
    for (size_t i = 0; i < G_N_ELEMENTS(members); i++) {
        if (!value_known(members[i].value))
            continue;
        json_builder_set_member_name(builder, members[i].name);
        json_value(builder, members[i].value, UNIT_BYTES, NULL);
    }
    json_builder_end_object(builder);
}

static void connection_object(JsonBuilder *builder, const struct snapshot *snapshot, bool writes)
{
    const struct host *host = &snapshot->host;
    json_builder_begin_object(builder);
    json_member(builder, "uri", snapshot->uri);
    json_member(builder, "hypervisor",
                host->hypervisor ? host->hypervisor : snapshot->backend->name);
    if (host->name)
        json_member(builder, "host", host->name);
    if (host->version)
        json_member(builder, "version", host->version);
    json_member(builder, "state", connection_state_name(snapshot->state));
    json_member(builder, "access", writes ? "read-write" : "read-only");
    if (snapshot->error)
        json_member(builder, "error", snapshot->error);
    host_memory(builder, host);
    json_builder_end_object(builder);
}

void json_sample(JsonBuilder *builder, struct model *model, const struct row *rows, size_t n,
                 struct json_time time)
{
    json_builder_begin_object(builder);
    json_builder_set_member_name(builder, "schema");
    json_builder_add_int_value(builder, JSON_SCHEMA);
    json_builder_set_member_name(builder, "time");
    json_timestamp(builder, time.now_us);
    json_builder_set_member_name(builder, "connections");
    json_builder_begin_array(builder);
    for (size_t i = 0; i < model_n_connections(model); i++)
        connection_object(builder, model_snapshot(model, (uint16_t)i),
                          model_may_write(model, (uint16_t)i));
    json_builder_end_array(builder);
    json_builder_set_member_name(builder, "domains");
    json_builder_begin_array(builder);
    for (size_t i = 0; i < n; i++)
        domain_object(builder, &rows[i], time);
    json_builder_end_array(builder);
    json_builder_end_object(builder);
}

void json_print(JsonBuilder *builder)
{
    g_autoptr(JsonGenerator) generator = json_generator_new();
    JsonNode *root = json_builder_get_root(builder);
    json_generator_set_root(generator, root);
    g_autofree char *text = json_generator_to_data(generator, NULL);
    json_node_unref(root);
    json_builder_reset(builder);
    out_line("%s", text);
}
