/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/json-value.h"

#include <string.h>

G_DEFINE_QUARK(json_error, json_error)

void json_member(JsonBuilder *builder, const char *name, const char *text)
{
    if (text == NULL)
        return;
    json_builder_set_member_name(builder, name);
    json_builder_add_string_value(builder, text);
}

void json_number(JsonBuilder *builder, uint64_t number)
{
    char digits[24];
    if (number <= INT64_MAX) {
        json_builder_add_int_value(builder, (int64_t)number);
        return;
    }
    g_snprintf(digits, sizeof digits, "%" G_GUINT64_FORMAT, number);
    json_builder_add_string_value(builder, digits);
}

void json_timestamp(JsonBuilder *builder, int64_t us)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(us / G_USEC_PER_SEC);
    g_autofree char *second = time ? g_date_time_format(time, "%Y-%m-%dT%H:%M:%S") : g_strdup("");
    g_autofree char *text = g_strdup_printf("%s.%03dZ", second, (int)(us % G_USEC_PER_SEC / 1000));
    json_builder_add_string_value(builder, text);
}

void json_reason(JsonBuilder *builder, struct value value)
{
    char code[64];
    value_reason_code(value, code, sizeof code);
    json_builder_begin_object(builder);
    json_member(builder, "code", code);
    json_member(builder, "text", value_reason_text(value));
    json_builder_end_object(builder);
}

static void shares(JsonBuilder *builder, const char *level, uint64_t number)
{
    json_builder_begin_object(builder);
    json_member(builder, "level", level);
    json_builder_set_member_name(builder, "shares");
    json_number(builder, number);
    json_builder_end_object(builder);
}

static void number_in_unit(JsonBuilder *builder, uint64_t number, enum unit unit)
{
    switch (unit) {
    case UNIT_SHARES:
        shares(builder, "custom", number);
        return;
    case UNIT_CENTI_PERCENT:
        json_builder_add_double_value(builder, (double)number / 100);
        return;
    case UNIT_TIME:
        json_timestamp(builder, (int64_t)number * G_USEC_PER_SEC);
        return;
    case UNIT_FLAG:
        json_builder_add_boolean_value(builder, number != 0);
        return;
    case UNIT_BYTES:
    case UNIT_COUNT:
    case UNIT_PLAIN:
    case UNIT_SECONDS:
    case UNIT_AGE:
    case UNIT_PERCENT:
    case UNIT_MICROSECONDS:
        json_number(builder, number);
        return;
    }
}

static void choice(JsonBuilder *builder, struct value value, enum unit unit,
                   const char *const *choices)
{
    const char *word = choices && value.choice < g_strv_length((char **)(void *)choices)
                           ? choices[value.choice]
                           : "unknown";
    if (unit == UNIT_SHARES)
        shares(builder, word, value.number);
    else if (unit == UNIT_FLAG)
        json_builder_add_boolean_value(builder, value.choice != 0);
    else
        json_builder_add_string_value(builder, word);
}

void json_value(JsonBuilder *builder, struct value value, enum unit unit,
                const char *const *choices)
{
    switch ((enum value_kind)value.kind) {
    case VALUE_UNKNOWN:
    case VALUE_UNSUPPORTED:
        json_builder_begin_object(builder);
        json_builder_set_member_name(builder,
                                     value.kind == VALUE_UNKNOWN ? "unknown" : "unsupported");
        json_reason(builder, value);
        json_builder_end_object(builder);
        return;
    case VALUE_UNSET:
        json_builder_add_string_value(builder, "unset");
        return;
    case VALUE_UNLIMITED:
        json_builder_add_string_value(builder, "unlimited");
        return;
    case VALUE_CHOICE:
        choice(builder, value, unit, choices);
        return;
    case VALUE_NUMBER:
        number_in_unit(builder, value.number, unit);
        return;
    }
}

/* --- reading ------------------------------------------------------------------------------ */

static bool not_a_value(const struct tunable *tunable, GError **error)
{
    g_set_error(error, JSON_ERROR, JSON_ERROR_VALUE, "this is not a value of %s", tunable->name);
    return false;
}

static bool read_digits(const char *text, uint64_t *number)
{
    return g_ascii_string_to_unsigned(text, 10, 0, UINT64_MAX, number, NULL);
}

static bool read_number(JsonNode *node, uint64_t *number)
{
    GType type = JSON_NODE_HOLDS_VALUE(node) ? json_node_get_value_type(node) : G_TYPE_NONE;

    if (type == G_TYPE_INT64 && json_node_get_int(node) >= 0) {
        *number = (uint64_t)json_node_get_int(node);
        return true;
    }
    return type == G_TYPE_STRING && read_digits(json_node_get_string(node), number);
}

static bool read_choice(const char *word, const struct tunable *tunable, uint64_t number,
                        struct value *value)
{
    for (unsigned i = 0; tunable->choices && tunable->choices[i]; i++) {
        if (!strcmp(tunable->choices[i], word)) {
            *value = value_choice(i, number);
            return true;
        }
    }
    return false;
}

static bool read_word(const char *word, const struct tunable *tunable, struct value *value)
{
    uint64_t number;

    if (!strcmp(word, "unlimited"))
        *value = value_unlimited();
    else if (!strcmp(word, "unset"))
        *value = value_unset();
    else if (read_digits(word, &number) && tunable->unit != UNIT_SHARES)
        *value = value_number(number);
    else
        return read_choice(word, tunable, 0, value);
    return true;
}

static bool read_object(JsonObject *object, const struct tunable *tunable, struct value *value)
{
    JsonNode *level = json_object_get_member(object, "level");
    JsonNode *shares = json_object_get_member(object, "shares");
    uint64_t number;

    if (json_object_has_member(object, "unknown") ||
        json_object_has_member(object, "unsupported")) {
        *value = value_unknown("not_saved: it was not known when this was saved");
        return true;
    }
    if (tunable->unit != UNIT_SHARES || !level || !shares || !read_number(shares, &number) ||
        !JSON_NODE_HOLDS_VALUE(level) || json_node_get_value_type(level) != G_TYPE_STRING)
        return false;
    if (read_choice(json_node_get_string(level), tunable, number, value))
        return true;
    *value = value_number(number);
    return !strcmp(json_node_get_string(level), "custom");
}

static bool read_node(JsonNode *node, const struct tunable *tunable, struct value *value)
{
    uint64_t number;

    if (JSON_NODE_HOLDS_OBJECT(node))
        return read_object(json_node_get_object(node), tunable, value);
    if (!JSON_NODE_HOLDS_VALUE(node))
        return false;
    if (json_node_get_value_type(node) == G_TYPE_STRING)
        return read_word(json_node_get_string(node), tunable, value);
    if (json_node_get_value_type(node) == G_TYPE_BOOLEAN) {
        *value = tunable->choices ? value_choice(json_node_get_boolean(node), 0)
                                  : value_number(json_node_get_boolean(node));
        return tunable->unit == UNIT_FLAG;
    }
    if (tunable->unit == UNIT_SHARES || !read_number(node, &number))
        return false;
    *value = value_number(number);
    return true;
}

bool json_value_read(JsonNode *node, const struct tunable *tunable, struct value *value,
                     GError **error)
{
    struct value read;

    if (!node || !read_node(node, tunable, &read))
        return not_a_value(tunable, error);
    *value = read;
    return true;
}

/* --- looking before parsing ---------------------------------------------------------------- */

struct scan {
    const char *at, *end;
    unsigned line, depth;
    char open[JSON_DEPTH_MAX]; /* the brackets that close what is open */
    const char *wrong;
};

static bool wrong(struct scan *scan, const char *what)
{
    scan->wrong = what;
    return false;
}

static bool scan_string(struct scan *scan)
{
    for (scan->at++; scan->at < scan->end && *scan->at != '"'; scan->at++) {
        if ((unsigned char)*scan->at < ' ')
            return wrong(scan, "a text that does not end on its line");
        if (*scan->at == '\\')
            scan->at++;
    }
    if (scan->at >= scan->end)
        return wrong(scan, "a text that does not end");
    scan->at++;
    return true;
}

static bool scan_number(struct scan *scan)
{
    const char *start = scan->at;
    g_autofree char *text = NULL;

    scan->at += strspn(scan->at, "+-.0123456789eE");
    text = g_strndup(start, (gsize)(scan->at - start));
    if (strpbrk(text, ".eE"))
        return wrong(scan, "a number with a fraction; sizes are whole bytes");
    if (g_ascii_string_to_signed(text, 10, G_MININT64, G_MAXINT64, NULL, NULL))
        return true;
    return wrong(scan, "a number that JSON readers lose; write it as a text of digits");
}

static bool scan_bracket(struct scan *scan)
{
    char c = *scan->at++;

    if (c == '{' || c == '[') {
        if (scan->depth == JSON_DEPTH_MAX)
            return wrong(scan, "too many brackets inside of each other");
        scan->open[scan->depth++] = c == '{' ? '}' : ']';
        return true;
    }
    if (scan->depth == 0 || scan->open[scan->depth - 1] != c)
        return wrong(scan, "a bracket that nothing opened");
    scan->depth--;
    return true;
}

static bool scan_word(struct scan *scan)
{
    static const char *const words[] = {"true", "false", "null"};

    for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
        size_t n = strlen(words[i]);

        if ((size_t)(scan->end - scan->at) >= n && !memcmp(scan->at, words[i], n)) {
            scan->at += n;
            return true;
        }
    }
    return wrong(scan, "something that is no JSON");
}

static bool scan_one(struct scan *scan)
{
    char c = *scan->at;

    if (strchr(" \t\r\n,:", c)) {
        scan->line += c == '\n';
        scan->at++;
        return true;
    }
    if (c == '"')
        return scan_string(scan);
    if (strchr("{}[]", c))
        return scan_bracket(scan);
    if (c == '-' || g_ascii_isdigit(c))
        return scan_number(scan);
    return scan_word(scan);
}

bool json_scan(const char *text, size_t size, GError **error)
{
    g_autofree char *copy = NULL; /* ends with a NUL whatever was given */
    struct scan scan = {.line = 1};

    if (!g_utf8_validate_len(text, size, NULL)) {
        g_set_error(error, JSON_ERROR, JSON_ERROR_SYNTAX, "this is not UTF-8 text");
        return false;
    }
    copy = g_strndup(text, size);
    scan.at = copy;
    scan.end = copy + size;
    while (scan.at < scan.end && scan_one(&scan))
        continue;
    if (!scan.wrong && scan.depth)
        scan.wrong = "the end, although a bracket is still open";
    if (!scan.wrong)
        return true;
    g_set_error(error, JSON_ERROR, JSON_ERROR_SYNTAX, "line %u: %s", scan.line, scan.wrong);
    return false;
}
