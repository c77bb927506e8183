/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/guard-papers.h"

#include "model/guard-channel.h"
#include "model/guard.h"

#include <string.h>

struct guard_papers *guard_papers_new(void)
{
    return g_new0(struct guard_papers, 1);
}

void guard_papers_free(struct guard_papers *papers)
{
    if (papers == NULL)
        return;
    for (guint i = 0; papers->known != NULL && i < papers->live->len; i++)
        g_clear_pointer(&papers->known[i].after, json_node_unref);
    for (char **uri = papers->uris; uri != NULL && *uri != NULL; uri++)
        explicit_bzero(*uri, strlen(*uri));
    g_strfreev(papers->uris);
    g_free(papers->known);
    g_free(papers->keep_if);
    g_free(papers->boot);
    g_clear_pointer(&papers->live, g_ptr_array_unref);
    g_clear_pointer(&papers->saved, g_ptr_array_unref);
    g_free(papers);
}

void guard_papers_ready(struct guard_papers *papers)
{
    papers->known = g_new0(struct guard_known, papers->live->len + 1);
}

char *guard_boot_id(void)
{
    char *id = NULL;

    if (!g_file_get_contents("/proc/sys/kernel/random/boot_id", &id, NULL, NULL))
        return g_strdup("");
    return g_strstrip(id);
}

/* --- as JSON --- */

static void number_member(JsonBuilder *builder, const char *name, uint64_t number)
{
    json_builder_set_member_name(builder, name);
    json_builder_add_int_value(builder, (gint64)number);
}

static void build_uris(JsonBuilder *builder, char **uris)
{
    json_builder_set_member_name(builder, "uris");
    json_builder_begin_array(builder);
    for (; uris != NULL && *uris != NULL; uris++)
        json_builder_add_string_value(builder, *uris);
    json_builder_end_array(builder);
}

static void build_instances(JsonBuilder *builder, const struct guard_papers *papers)
{
    json_builder_set_member_name(builder, "instances");
    json_builder_begin_array(builder);
    for (guint i = 0; i < papers->live->len; i++)
        json_builder_add_int_value(builder, (gint64)papers->known[i].instance);
    json_builder_end_array(builder);
}

void guard_papers_build(JsonBuilder *builder, const struct guard_papers *papers, bool whole)
{
    number_member(builder, "schema", GUARD_SCHEMA);
    json_member(builder, "batch", papers->batch);
    number_member(builder, "seconds", papers->seconds);
    number_member(builder, "timeout_ms", papers->timeout_ms);
    number_member(builder, "unrecorded", papers->unrecorded);
    json_member(builder, "keep_if", papers->keep_if);
    json_member(builder, "boot", papers->boot);
    json_builder_set_member_name(builder, "live");
    changefile_build(builder, papers->live);
    json_builder_set_member_name(builder, "saved");
    changefile_build(builder, papers->saved);
    if (whole)
        build_uris(builder, papers->uris);
    else
        build_instances(builder, papers);
}

static bool bad(GError **error, const char *what)
{
    g_set_error(error, CHANGEFILE_ERROR, CHANGEFILE_ERROR_SYNTAX, "not a guard's plan: %s", what);
    return false;
}

static char **read_uris(JsonArray *array)
{
    GPtrArray *uris = g_ptr_array_new();

    for (guint i = 0; array != NULL && i < json_array_get_length(array); i++) {
        JsonNode *node = json_array_get_element(array, i);

        if (JSON_NODE_HOLDS_VALUE(node) && json_node_get_value_type(node) == G_TYPE_STRING)
            g_ptr_array_add(uris, json_node_dup_string(node));
    }
    g_ptr_array_add(uris, NULL);
    return (char **)g_ptr_array_free(uris, FALSE);
}

static void read_instances(struct guard_papers *papers, JsonArray *array)
{
    for (guint i = 0; array != NULL && i < papers->live->len && i < json_array_get_length(array);
         i++) {
        JsonNode *node = json_array_get_element(array, i);

        if (JSON_NODE_HOLDS_VALUE(node) && json_node_get_value_type(node) == G_TYPE_INT64)
            papers->known[i].instance = (uint64_t)json_node_get_int(node);
    }
}

static bool read_changes(JsonObject *object, const char *name, GPtrArray **changes, GError **error)
{
    JsonArray *array = member_array(object, name);

    return array == NULL ? bad(error, "changes are missing")
                         : changefile_take(array, changes, error);
}

static bool read_all(struct guard_papers *papers, JsonObject *object, GError **error)
{
    const char *batch = member_text(object, "batch");
    int64_t seconds = member_number(object, "seconds", -1),
            timeout_ms = member_number(object, "timeout_ms", -1);

    if (member_number(object, "schema", -1) != GUARD_SCHEMA)
        return bad(error, "another version of this program wrote it");
    if (!batch_id_valid(batch) || seconds < GUARD_SECONDS_MIN || seconds > GUARD_SECONDS_MAX ||
        timeout_ms < 0 || timeout_ms > G_MAXINT)
        return bad(error, "its ID or its time makes no sense");
    g_strlcpy(papers->batch, batch, sizeof papers->batch);
    papers->seconds = (unsigned)seconds;
    papers->timeout_ms = (unsigned)timeout_ms;
    papers->unrecorded = member_number(object, "unrecorded", -1) > 0;
    papers->keep_if = g_strdup(member_text(object, "keep_if"));
    papers->boot = g_strdup(member_text(object, "boot"));
    papers->uris = read_uris(member_array(object, "uris"));
    if (!read_changes(object, "live", &papers->live, error) ||
        !read_changes(object, "saved", &papers->saved, error))
        return false;
    if (papers->live->len == 0)
        return bad(error, "nothing is to be guarded");
    guard_papers_ready(papers);
    read_instances(papers, member_array(object, "instances"));
    return true;
}

bool guard_papers_read(JsonObject *object, struct guard_papers **ret, GError **error)
{
    struct guard_papers *papers = guard_papers_new();

    if (!read_all(papers, object, error)) {
        guard_papers_free(papers);
        return false;
    }
    *ret = papers;
    return true;
}
