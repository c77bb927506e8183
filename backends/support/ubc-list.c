/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/support/ubc-list.h"

#include "model/backend.h"
#include "model/text.h"

#include <json-glib/json-glib.h>
#include <string.h>

#define CTID_MAX 64
#define DEPTH_MAX 16
#define MAX_DIGITS "9223372036854775807"

static void container_free(gpointer data)
{
    struct ubc_container *container = data;

    if (!container)
        return;
    g_free(container->ctid);
    g_free(container->status);
    g_free(container->name);
    g_free(container->hostname);
    g_free(container);
}

bool ubc_ctid_valid(const char *ctid)
{
    size_t length = strlen(ctid);

    if (length == 0 || length > CTID_MAX || !g_ascii_isalnum(*ctid))
        return false;
    return strspn(ctid, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_.-") == length;
}

static bool bad(GError **error, const char *what)
{
    g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_FAILED, "vzlist: %s", what);
    return false;
}

/* json-glib reads integers above 2^63-1 as -1 and recurses without a bound: such integers become
 * 2^63-1 here, and deep nesting is refused. Newly allocated, or NULL. */
static char *tame_json(const char *text, size_t size)
{
    GString *tame = g_string_sized_new(size);
    bool in_string = false;
    unsigned depth = 0;

    for (size_t i = 0; i < size; i++) {
        size_t digits = 0;

        if (in_string) {
            in_string = text[i] != '"';
            if (text[i] == '\\' && i + 1 < size)
                g_string_append_c(tame, text[i++]);
            g_string_append_c(tame, text[i]);
            continue;
        }
        while (i + digits < size && g_ascii_isdigit(text[i + digits]))
            digits++;
        if (digits) {
            bool large = digits > strlen(MAX_DIGITS) || (digits == strlen(MAX_DIGITS) &&
                                                         strncmp(text + i, MAX_DIGITS, digits) > 0);

            g_string_append_len(tame, large ? MAX_DIGITS : text + i,
                                large ? (gssize)strlen(MAX_DIGITS) : (gssize)digits);
            i += digits - 1;
            continue;
        }
        in_string = text[i] == '"';
        if (strchr("[{", text[i]) && text[i])
            depth++;
        else if (strchr("]}", text[i]) && text[i] && depth)
            depth--;
        if (depth > DEPTH_MAX) {
            g_string_free(tame, TRUE);
            return NULL;
        }
        g_string_append_c(tame, text[i]);
    }
    return g_string_free(tame, FALSE);
}

/* The text of a member that is a string or a number; NULL where it is null or absent. */
static char *member_text(JsonObject *object, const char *name)
{
    JsonNode *node = json_object_get_member(object, name);

    if (!node || !JSON_NODE_HOLDS_VALUE(node))
        return NULL;
    if (json_node_get_value_type(node) == G_TYPE_INT64)
        return g_strdup_printf("%" G_GINT64_FORMAT, json_node_get_int(node));
    if (json_node_get_value_type(node) == G_TYPE_STRING)
        return json_node_dup_string(node);
    return NULL;
}

static bool member_number(JsonObject *object, const char *name, uint64_t *number)
{
    JsonNode *node = json_object_get_member(object, name);

    if (!node || !JSON_NODE_HOLDS_VALUE(node) || json_node_get_value_type(node) != G_TYPE_INT64 ||
        json_node_get_int(node) < 0)
        return false;
    *number = (uint64_t)json_node_get_int(node);
    return true;
}

static void read_counters(struct ubc *counters, JsonObject *object)
{
    for (size_t i = 0; i < UBC_COUNTERS; i++) {
        JsonNode *node = json_object_get_member(object, ubc_counters[i].name);
        struct ubc_row row = {.present = true};
        JsonObject *numbers;

        if (!node || !JSON_NODE_HOLDS_OBJECT(node))
            continue;
        numbers = json_node_get_object(node);
        if (member_number(numbers, "held", &row.held) &&
            member_number(numbers, "maxheld", &row.maxheld) &&
            member_number(numbers, "barrier", &row.limits[UBC_BARRIER]) &&
            member_number(numbers, "limit", &row.limits[UBC_LIMIT]) &&
            member_number(numbers, "failcnt", &row.failcnt))
            counters->rows[i] = row;
    }
}

/* "-" is what vzlist prints for nothing. */
static char *none_is_null(char *text)
{
    if (text && (!*text || !strcmp(text, "-")))
        g_clear_pointer(&text, g_free);
    return text;
}

static bool add_container(GPtrArray *list, struct ubc_container *container, GError **error)
{
    g_ptr_array_add(list, container);
    if (!container->ctid || !ubc_ctid_valid(container->ctid)) {
        g_autofree char *clean = text_clean(container->ctid);

        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_FAILED,
                    "vzlist: \"%.70s\" is not the id of a container", clean);
        return false;
    }
    if (!container->status || !*container->status)
        return bad(error, "a container without a status");
    return true;
}

static bool read_array(JsonArray *array, GPtrArray *list, GError **error)
{
    for (unsigned i = 0; i < json_array_get_length(array); i++) {
        JsonNode *node = json_array_get_element(array, i);
        struct ubc_container *container;
        JsonObject *object;

        if (!JSON_NODE_HOLDS_OBJECT(node))
            return bad(error, "the JSON is not an array of objects");
        object = json_node_get_object(node);
        container = g_new0(struct ubc_container, 1);
        container->ctid = member_text(object, "ctid");
        container->status = member_text(object, "status");
        container->name = none_is_null(member_text(object, "name"));
        container->hostname = none_is_null(member_text(object, "hostname"));
        read_counters(&container->counters, object);
        if (!add_container(list, container, error))
            return false;
    }
    return true;
}

bool ubc_list_parse_json(const char *text, size_t size, GPtrArray **list, GError **error)
{
    g_autoptr(JsonParser) parser = json_parser_new_immutable();
    g_autofree char *tame = tame_json(text, size);
    g_autoptr(GPtrArray) result = g_ptr_array_new_with_free_func(container_free);
    g_autoptr(GError) why = NULL;
    JsonNode *root;

    if (!tame)
        return bad(error, "the JSON is nested too deeply");
    if (!json_parser_load_from_data(parser, tame, -1, &why)) {
        g_autofree char *clean = text_clean_sentence(why->message);

        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_FAILED, "vzlist: not JSON: %s", clean);
        return false;
    }
    root = json_parser_get_root(parser);
    if (root && !JSON_NODE_HOLDS_ARRAY(root))
        return bad(error, "the JSON is not an array");
    if (root && !read_array(json_node_get_array(root), result, error))
        return false;
    *list = g_steal_pointer(&result);
    return true;
}

/* Takes the first word out of *text. */
static char *take_word(char **text)
{
    char *word = g_strchug(*text);
    size_t length = strcspn(word, " \t\r");

    *text = word + length;
    return g_strndup(word, length);
}

bool ubc_list_parse_text(const char *text, size_t size, GPtrArray **list, GError **error)
{
    g_autofree char *copy = g_strndup(text, size);
    g_auto(GStrv) lines = g_strsplit(copy, "\n", -1);
    g_autoptr(GPtrArray) result = g_ptr_array_new_with_free_func(container_free);

    for (size_t i = 0; lines[i]; i++) {
        struct ubc_container *container;
        char *rest = lines[i];

        if (!*g_strchomp(lines[i]))
            continue;
        container = g_new0(struct ubc_container, 1);
        container->ctid = take_word(&rest);
        container->status = take_word(&rest);
        container->name = none_is_null(g_strdup(g_strstrip(rest)));
        if (!add_container(result, container, error))
            return false;
    }
    *list = g_steal_pointer(&result);
    return true;
}
