/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/changefile.h"

#include "model/backend.h"
#include "model/text.h"

#include <string.h>

G_DEFINE_QUARK(changefile_error, changefile_error)

void stored_change_free(struct stored_change *stored)
{
    if (!stored)
        return;
    g_free(stored->domain);
    g_free(stored->uuid);
    g_free(stored->connection);
    g_free(stored->host);
    g_free(stored->tunable);
    g_clear_pointer(&stored->before, json_node_unref);
    g_clear_pointer(&stored->wanted, json_node_unref);
    g_free(stored);
}

static void free_stored(gpointer stored)
{
    stored_change_free(stored);
}

GPtrArray *changefile_new(void)
{
    return g_ptr_array_new_with_free_func(free_stored);
}

/* --- writing ------------------------------------------------------------------------------ */

static JsonNode *value_node(const struct tunable *tunable, struct value value)
{
    g_autoptr(JsonBuilder) builder = json_builder_new();
    g_autoptr(JsonNode) list = NULL;

    json_builder_begin_array(builder); /* a builder makes no value that is in nothing */
    json_value(builder, value, tunable->unit, tunable->choices);
    json_builder_end_array(builder);
    list = json_builder_get_root(builder);
    return json_array_dup_element(json_node_get_array(list), 0);
}

struct stored_change *stored_change_new(const struct snapshot *snapshot,
                                        const struct domain *domain, const struct change *change)
{
    struct stored_change *stored = g_new0(struct stored_change, 1);

    /* The cleaned name: JSON is UTF-8, and a name that is not is found again by its id. */
    stored->domain = g_strdup(domain->identity->name);
    stored->uuid = g_strdup(domain->identity->native_id);
    stored->connection = g_strdup(snapshot->uri);
    stored->host = g_strdup(snapshot->host.name);
    stored->tunable = g_strdup(change->tunable->name);
    stored->scope = change->scope;
    stored->before = value_node(change->tunable, change->from);
    stored->wanted = value_node(change->tunable, change->to);
    return stored;
}

static void add_stored(JsonBuilder *builder, const struct stored_change *stored)
{
    json_builder_begin_object(builder);
    json_member(builder, "domain", stored->domain);
    json_member(builder, "uuid", stored->uuid);
    json_member(builder, "connection", stored->connection);
    json_member(builder, "host", stored->host);
    json_member(builder, "tunable", stored->tunable);
    json_member(builder, "scope", stored->scope == SCOPE_LIVE ? "live" : "config");
    json_builder_set_member_name(builder, "before");
    json_builder_add_value(builder, json_node_copy(stored->before));
    json_builder_set_member_name(builder, "wanted");
    json_builder_add_value(builder, json_node_copy(stored->wanted));
    json_builder_end_object(builder);
}

void changefile_build(JsonBuilder *builder, const GPtrArray *changes)
{
    json_builder_begin_array(builder);
    for (guint i = 0; i < changes->len; i++)
        add_stored(builder, changes->pdata[i]);
    json_builder_end_array(builder);
}

char *changefile_text(const GPtrArray *changes)
{
    g_autoptr(JsonBuilder) builder = json_builder_new();
    g_autoptr(JsonNode) root = NULL;
    g_autofree char *text = NULL;

    json_builder_begin_object(builder);
    json_builder_set_member_name(builder, "schema");
    json_builder_add_int_value(builder, CHANGEFILE_SCHEMA);
    json_builder_set_member_name(builder, "changes");
    changefile_build(builder, changes);
    json_builder_end_object(builder);
    root = json_builder_get_root(builder);
    text = json_to_string(root, TRUE);
    return g_strconcat(text, "\n", NULL);
}

/* --- parsing ------------------------------------------------------------------------------ */

static bool bad_file(GError **error, const char *what)
{
    g_set_error(error, CHANGEFILE_ERROR, CHANGEFILE_ERROR_SYNTAX, "not a change file: %s", what);
    return false;
}

static bool bad_change(GError **error, guint index, const char *name, const char *what)
{
    g_set_error(error, CHANGEFILE_ERROR, CHANGEFILE_ERROR_CHANGE, "change %u: \"%s\" %s", index + 1,
                name, what);
    return false;
}

static bool take_text(JsonObject *object, guint index, const char *name, bool needed, char **text,
                      GError **error)
{
    JsonNode *node = json_object_get_member(object, name);

    if (!node)
        return !needed || bad_change(error, index, name, "is missing");
    if (!JSON_NODE_HOLDS_VALUE(node) || json_node_get_value_type(node) != G_TYPE_STRING)
        return bad_change(error, index, name, "must be a text");
    if (!json_node_get_string(node)[0])
        return bad_change(error, index, name, "is empty");
    *text = json_node_dup_string(node);
    return true;
}

static bool take_scope(JsonObject *object, guint index, enum scope *scope, GError **error)
{
    g_autofree char *text = NULL;

    if (!take_text(object, index, "scope", true, &text, error))
        return false;
    if (strcmp(text, "live") && strcmp(text, "config"))
        return bad_change(error, index, "scope", "must be \"live\" or \"config\"");
    *scope = text[0] == 'l' ? SCOPE_LIVE : SCOPE_CONFIG;
    return true;
}

static bool take_value(JsonObject *object, guint index, const char *name, JsonNode **value,
                       GError **error)
{
    JsonNode *node = json_object_get_member(object, name);

    if (!node)
        return bad_change(error, index, name, "is missing");
    if (!JSON_NODE_HOLDS_VALUE(node) && !JSON_NODE_HOLDS_OBJECT(node))
        return bad_change(error, index, name, "is no value");
    *value = json_node_copy(node);
    return true;
}

static bool take_change(JsonNode *node, guint index, struct stored_change *stored, GError **error)
{
    JsonObject *object;

    if (!JSON_NODE_HOLDS_OBJECT(node)) {
        g_set_error(error, CHANGEFILE_ERROR, CHANGEFILE_ERROR_CHANGE,
                    "change %u: must be an object in braces", index + 1);
        return false;
    }
    object = json_node_get_object(node);
    return take_text(object, index, "domain", true, &stored->domain, error) &&
           take_text(object, index, "uuid", false, &stored->uuid, error) &&
           take_text(object, index, "connection", true, &stored->connection, error) &&
           take_text(object, index, "host", false, &stored->host, error) &&
           take_text(object, index, "tunable", true, &stored->tunable, error) &&
           take_scope(object, index, &stored->scope, error) &&
           take_value(object, index, "before", &stored->before, error) &&
           take_value(object, index, "wanted", &stored->wanted, error);
}

static bool take_schema(JsonObject *object, GError **error)
{
    JsonNode *node = json_object_get_member(object, "schema");

    if (!node || !JSON_NODE_HOLDS_VALUE(node) || json_node_get_value_type(node) != G_TYPE_INT64)
        return bad_file(error, "\"schema\" is missing");
    if (json_node_get_int(node) != CHANGEFILE_SCHEMA)
        return bad_file(error, "its \"schema\" is not 1; another version of this program wrote it");
    return true;
}

static JsonArray *take_array(JsonParser *parser, GError **error)
{
    JsonNode *root = json_parser_get_root(parser), *changes;

    if (!root || !JSON_NODE_HOLDS_OBJECT(root)) {
        bad_file(error, "it must be one object in braces");
        return NULL;
    }
    if (!take_schema(json_node_get_object(root), error))
        return NULL;
    changes = json_object_get_member(json_node_get_object(root), "changes");
    if (changes && JSON_NODE_HOLDS_ARRAY(changes) &&
        json_array_get_length(json_node_get_array(changes)))
        return json_node_get_array(changes);
    bad_file(error, "\"changes\" must be a list with at least one change");
    return NULL;
}

static bool load_json(JsonParser *parser, const char *text, size_t size, GError **error)
{
    g_autoptr(GError) problem = NULL;
    g_autofree char *sentence = NULL;

    if (size > CHANGEFILE_SIZE_MAX)
        return bad_file(error, "it is larger than 8 MiB");
    if (json_scan(text, size, &problem) &&
        json_parser_load_from_data(parser, text, (gssize)size, &problem))
        return true;
    sentence = text_clean_sentence(problem->message);
    return bad_file(error, sentence);
}

bool changefile_parse(const char *text, size_t size, GPtrArray **ret, GError **error)
{
    g_autoptr(JsonParser) parser = json_parser_new();
    JsonArray *array;

    if (!load_json(parser, text, size, error))
        return false;
    array = take_array(parser, error);
    return array && changefile_take(array, ret, error);
}

bool changefile_take(JsonArray *array, GPtrArray **ret, GError **error)
{
    g_autoptr(GPtrArray) changes = changefile_new();

    for (guint i = 0; i < json_array_get_length(array); i++) {
        struct stored_change *stored = g_new0(struct stored_change, 1);

        g_ptr_array_add(changes, stored);
        if (!take_change(json_array_get_element(array, i), i, stored, error))
            return false;
    }
    *ret = g_steal_pointer(&changes);
    return true;
}

/* --- finding what is meant ------------------------------------------------------------------ */

static bool not_here(GError **error, const struct stored_change *stored, const char *format, ...)
    G_GNUC_PRINTF(3, 4);
static bool not_here(GError **error, const struct stored_change *stored, const char *format, ...)
{
    g_autofree char *name = text_clean(stored->domain);
    g_autofree char *text = NULL;
    va_list args;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error(error, CHANGEFILE_ERROR, CHANGEFILE_ERROR_DOMAIN, "%s: %s", name, text);
    return false;
}

const struct snapshot *stored_change_snapshot(const struct stored_change *stored,
                                              const struct snapshot *const *snapshots, size_t n,
                                              GError **error)
{
    g_autofree char *uri = text_clean(stored->connection);
    g_autofree char *host = text_clean(stored->host);

    for (size_t i = 0; i < n; i++) {
        if (g_strcmp0(snapshots[i]->uri, stored->connection))
            continue;
        if (stored->host && snapshots[i]->host.name &&
            strcmp(stored->host, snapshots[i]->host.name)) {
            not_here(error, stored, "%s is %s here, and the change is for %s", uri,
                     snapshots[i]->host.name, host);
            return NULL;
        }
        return snapshots[i];
    }
    not_here(error, stored, "there is no connection %s; give it with -c", uri);
    return NULL;
}

static bool is_meant(const struct identity *identity, const struct stored_change *stored)
{
    if (identity->state == DOMAIN_GONE)
        return false;
    if (stored->uuid && identity->native_id)
        return !strcmp(identity->native_id, stored->uuid);
    return !strcmp(identity->name, stored->domain);
}

const struct domain *stored_change_domain(const struct stored_change *stored,
                                          const struct snapshot *snapshot, GError **error)
{
    for (size_t i = 0; i < snapshot->n_domains; i++) {
        if (is_meant(snapshot->domains[i].identity, stored))
            return &snapshot->domains[i];
    }
    not_here(error, stored, "there is no such domain on %s", snapshot->uri);
    return NULL;
}

static bool find_tunable(const struct stored_change *stored, const struct snapshot *snapshot,
                         const struct tunable **ret, GError **error)
{
    for (const struct tunable *t = snapshot->backend->tunables; t && t->name; t++) {
        if (!strcmp(t->name, stored->tunable)) {
            *ret = t;
            return true;
        }
    }
    g_autofree char *name = text_clean(stored->domain);
    g_autofree char *tunable = text_clean(stored->tunable);
    g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_UNSUPPORTED, "%s: %s has no tunable \"%s\"",
                name, snapshot->backend->title, tunable);
    return false;
}

static bool takes(const struct tunable *tunable, struct value value)
{
    switch ((enum value_kind)value.kind) {
    case VALUE_UNKNOWN:
    case VALUE_UNSUPPORTED:
        return false;
    case VALUE_UNLIMITED:
        return tunable->unlimited;
    case VALUE_UNSET:
        return tunable->unset;
    case VALUE_CHOICE:
        return true;
    case VALUE_NUMBER:
        return value.number >= tunable->min && (!tunable->max || value.number <= tunable->max) &&
               value.number % MAX(tunable->step, 1) == 0;
    }
    return false;
}

static bool may_be_written(const struct snapshot *snapshot, const struct domain *domain,
                           const struct change *change, GError **error)
{
    const struct setting *setting = snapshot_setting(snapshot, domain, change->tunable);

    if (setting->writable & change->tunable->scopes & change->scope)
        return true;
    g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_UNSUPPORTED, "%s: %s cannot be written: %s",
                domain->identity->name, change->tunable->label,
                setting->why_not ? value_reason_text(value_unknown(setting->why_not))
                                 : "not in this scope");
    return false;
}

bool stored_change_resolve(const struct stored_change *stored,
                           const struct snapshot *const *snapshots, size_t n, struct change *change,
                           GError **error)
{
    const struct snapshot *snapshot;
    const struct domain *domain;
    struct change found = {.scope = stored->scope};

    snapshot = stored_change_snapshot(stored, snapshots, n, error);
    domain = snapshot == NULL ? NULL : stored_change_domain(stored, snapshot, error);
    if (domain == NULL || !find_tunable(stored, snapshot, &found.tunable, error))
        return false;
    found.key = domain->identity->key;
    if (!json_value_read(stored->before, found.tunable, &found.from, error) ||
        !json_value_read(stored->wanted, found.tunable, &found.to, error) ||
        !takes(found.tunable, found.to)) {
        g_clear_error(error);
        g_set_error(error, CHANGEFILE_ERROR, CHANGEFILE_ERROR_CHANGE,
                    "%s: %s cannot have the value in this change", domain->identity->name,
                    found.tunable->label);
        return false;
    }
    if (!may_be_written(snapshot, domain, &found, error))
        return false;
    *change = found;
    return true;
}
