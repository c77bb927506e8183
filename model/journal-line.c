/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/journal-line.h"

#include "model/backend.h"
#include "model/size.h"
#include "model/text.h"

#include <string.h>

/* --- writing ------------------------------------------------------------------------------- */

static void add_number(JsonBuilder *builder, const char *name, uint64_t number)
{
    json_builder_set_member_name(builder, name);
    json_number(builder, number);
}

static void add_value(JsonBuilder *builder, const char *name, const struct tunable *tunable,
                      struct value value)
{
    json_builder_set_member_name(builder, name);
    json_value(builder, value, tunable->unit, tunable->choices);
}

static void add_author(JsonBuilder *builder, const struct journal_author *author)
{
    json_member(builder, "user", author->user);
    json_member(builder, "sudo_user", author->sudo_user);
    json_member(builder, "ssh_address", author->ssh_address);
    json_member(builder, "machine", author->machine);
    add_number(builder, "pid", (uint64_t)author->pid);
}

static void add_domain(JsonBuilder *builder, const struct journal_record *record)
{
    const struct snapshot *snapshot = record->snapshot;

    if (snapshot != NULL) {
        json_member(builder, "hypervisor", snapshot->backend->name);
        json_member(builder, "connection", snapshot->uri);
        json_member(builder, "host", snapshot->host.name);
    }
    if (record->domain != NULL) {
        json_member(builder, "uuid", record->domain->identity->native_id);
        json_member(builder, "domain", record->domain->identity->name);
    }
}

static void add_change(JsonBuilder *builder, const struct journal_record *record)
{
    const struct change *change = record->change;

    if (change == NULL)
        return;
    json_member(builder, "tunable", change->tunable->name);
    json_member(builder, "scope", change->scope == SCOPE_CONFIG ? "config" : "live");
    add_value(builder, "before", change->tunable, change->from);
    if (record->kind == JOURNAL_SEEN)
        add_value(builder, "after", change->tunable, change->to);
    else
        add_value(builder, "wanted", change->tunable, change->to);
    if (record->kind != JOURNAL_OUTCOME)
        return;
    add_value(builder, "after", change->tunable, record->after);
    json_member(builder, "outcome", outcome_name(record->outcome));
}

char *journal_line(const struct journal_record *record, const struct journal_author *author,
                   int64_t time_us)
{
    g_autoptr(JsonBuilder) builder = json_builder_new();
    g_autoptr(JsonNode) root = NULL;
    g_autofree char *text = NULL;

    json_builder_begin_object(builder);
    add_number(builder, "schema", JOURNAL_SCHEMA);
    json_member(builder, "record", journal_kind_name(record->kind));
    json_builder_set_member_name(builder, "time");
    json_timestamp(builder, time_us);
    json_member(builder, "batch", record->batch);
    if (record->call != 0)
        add_number(builder, "call", record->call);
    if (record->back) {
        json_builder_set_member_name(builder, "back");
        json_builder_add_boolean_value(builder, TRUE);
    }
    add_author(builder, author);
    add_domain(builder, record);
    add_change(builder, record);
    json_member(builder, "command", record->command);
    json_member(builder, "code", record->code);
    json_member(builder, "text", record->text);
    json_builder_end_object(builder);
    root = json_builder_get_root(builder);
    text = json_to_string(root, FALSE);
    return g_strconcat(text, "\n", NULL);
}

/* --- reading ------------------------------------------------------------------------------- */

/* clang-format off */
#define MEMBER(name) {#name, offsetof(struct journal_entry, name)}
static const struct {
    const char *name;
    size_t offset;
} texts[] = {
    MEMBER(batch), MEMBER(user), MEMBER(sudo_user), MEMBER(ssh_address), MEMBER(machine),
    MEMBER(hypervisor), MEMBER(connection), MEMBER(host), MEMBER(uuid), MEMBER(domain),
    MEMBER(tunable), MEMBER(scope), MEMBER(command), MEMBER(outcome), MEMBER(code), MEMBER(text),
}, values[] = {
    MEMBER(before), MEMBER(wanted), MEMBER(after),
};
/* clang-format on */

static char **text_at(const struct journal_entry *entry, size_t i)
{
    return (char **)((char *)entry + texts[i].offset);
}

static JsonNode **value_at(const struct journal_entry *entry, size_t i)
{
    return (JsonNode **)((char *)entry + values[i].offset);
}

void journal_entry_free(struct journal_entry *entry)
{
    if (entry == NULL)
        return;
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(*text_at(entry, i));
    for (size_t i = 0; i < G_N_ELEMENTS(values); i++)
        g_clear_pointer(value_at(entry, i), json_node_unref);
    g_free(entry);
}

static bool holds(JsonNode *node, GType type)
{
    return node != NULL && JSON_NODE_HOLDS_VALUE(node) && json_node_get_value_type(node) == type;
}

static uint64_t number_of(JsonObject *object, const char *name)
{
    JsonNode *node = json_object_get_member(object, name);

    return holds(node, G_TYPE_INT64) ? (uint64_t)MAX(json_node_get_int(node), 0) : 0;
}

static bool take_kind(JsonObject *object, enum journal_kind *kind)
{
    JsonNode *node = json_object_get_member(object, "record");

    for (unsigned i = JOURNAL_INTENT; holds(node, G_TYPE_STRING) && i <= JOURNAL_SEEN; i++) {
        if (strcmp(json_node_get_string(node), journal_kind_name(i)) != 0)
            continue;
        *kind = i;
        return true;
    }
    return false;
}

static bool take_time(JsonObject *object, int64_t *time_us)
{
    JsonNode *node = json_object_get_member(object, "time");
    g_autoptr(GDateTime) time = NULL;

    if (holds(node, G_TYPE_STRING))
        time = g_date_time_new_from_iso8601(json_node_get_string(node), NULL);
    if (time == NULL)
        return false;
    *time_us = g_date_time_to_unix(time) * G_USEC_PER_SEC + g_date_time_get_microsecond(time);
    return true;
}

static bool complete(const struct journal_entry *entry)
{
    bool change = entry->tunable != NULL && entry->scope != NULL && entry->before != NULL;

    switch (entry->kind) {
    case JOURNAL_INTENT:
        return change && entry->batch != NULL && entry->wanted != NULL;
    case JOURNAL_OUTCOME:
        return change && entry->batch != NULL && entry->outcome != NULL && entry->after != NULL;
    case JOURNAL_SEEN:
        return change && entry->after != NULL;
    case JOURNAL_NOTE:
        return entry->text != NULL;
    }
    return false;
}

static bool take_members(JsonObject *object, struct journal_entry *entry)
{
    JsonNode *back = json_object_get_member(object, "back");

    if (number_of(object, "schema") != JOURNAL_SCHEMA || !take_kind(object, &entry->kind) ||
        !take_time(object, &entry->time_us))
        return false;
    entry->pid = (int64_t)number_of(object, "pid");
    entry->call = number_of(object, "call");
    entry->back = holds(back, G_TYPE_BOOLEAN) && json_node_get_boolean(back);
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        JsonNode *node = json_object_get_member(object, texts[i].name);

        if (holds(node, G_TYPE_STRING))
            *text_at(entry, i) = json_node_dup_string(node);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(values); i++) {
        JsonNode *node = json_object_get_member(object, values[i].name);

        if (node != NULL && (JSON_NODE_HOLDS_VALUE(node) || JSON_NODE_HOLDS_OBJECT(node)))
            *value_at(entry, i) = json_node_copy(node);
    }
    if (entry->kind == JOURNAL_OUTCOME)
        entry->outcome_us = entry->time_us;
    return complete(entry);
}

struct journal_entry *journal_line_read(const char *line, size_t length)
{
    g_autoptr(JsonParser) parser = NULL;
    struct journal_entry *entry;
    JsonNode *root;

    if (length > JOURNAL_LINE_MAX || !json_scan(line, length, NULL))
        return NULL;
    parser = json_parser_new();
    if (!json_parser_load_from_data(parser, line, (gssize)length, NULL))
        return NULL;
    root = json_parser_get_root(parser);
    if (root == NULL || !JSON_NODE_HOLDS_OBJECT(root))
        return NULL;
    entry = g_new0(struct journal_entry, 1);
    if (take_members(json_node_get_object(root), entry))
        return entry;
    journal_entry_free(entry);
    return NULL;
}

/* --- for others ---------------------------------------------------------------------------- */

void journal_entry_members(JsonBuilder *builder, const struct journal_entry *entry)
{
    json_member(builder, "record",
                entry->kind == JOURNAL_INTENT ? "change" : journal_kind_name(entry->kind));
    json_builder_set_member_name(builder, "time");
    json_timestamp(builder, entry->time_us);
    if (entry->outcome_us != 0) {
        json_builder_set_member_name(builder, "outcome_time");
        json_timestamp(builder, entry->outcome_us);
    }
    add_number(builder, "pid", (uint64_t)entry->pid);
    if (entry->call != 0)
        add_number(builder, "call", entry->call);
    if (entry->back) {
        json_builder_set_member_name(builder, "back");
        json_builder_add_boolean_value(builder, TRUE);
    }
    if (entry->times != 0)
        add_number(builder, "times", entry->times);
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        json_member(builder, texts[i].name, *text_at(entry, i));
    for (size_t i = 0; i < G_N_ELEMENTS(values); i++) {
        if (*value_at(entry, i) == NULL)
            continue;
        json_builder_set_member_name(builder, values[i].name);
        json_builder_add_value(builder, json_node_copy(*value_at(entry, i)));
    }
}

static void add_words(GString *text, const struct journal_record *record)
{
    const struct change *change = record->change;
    const struct tunable *tunable = change->tunable;
    char from[SIZE_TEXT_MAX], to[SIZE_TEXT_MAX];
    bool read_back = record->kind == JOURNAL_OUTCOME && value_known(record->after);

    size_format_value(change->from, tunable->unit, tunable->choices, from);
    size_format_value(read_back ? record->after : change->to, tunable->unit, tunable->choices, to);
    g_string_append_printf(text, ": %s %s %s -> %s", tunable->name,
                           change->scope == SCOPE_CONFIG ? "config" : "live", from, to);
    if (record->kind == JOURNAL_OUTCOME)
        g_string_append_printf(text, ": %s", outcome_name(record->outcome));
}

char *journal_sentence(const struct journal_record *record, const struct journal_author *author)
{
    GString *text = g_string_new(author->user);

    if (author->sudo_user != NULL)
        g_string_append_printf(text, " (sudo: %s)", author->sudo_user);
    if (author->ssh_address != NULL)
        g_string_append_printf(text, " from %s", author->ssh_address);
    if (record->domain != NULL && record->snapshot != NULL)
        g_string_append_printf(text, ": %s on %s", record->domain->identity->name,
                               record->snapshot->uri);
    if (record->change != NULL)
        add_words(text, record);
    if (record->text != NULL)
        g_string_append_printf(text, ": %s", record->text);
    if (record->batch != NULL)
        g_string_append_printf(text, " [%s]", record->batch);
    return g_string_free(text, FALSE);
}
