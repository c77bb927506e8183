/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/json.h"

#include <criterion/criterion.h>

static const char *const levels[] = {"low", "normal", "high", "custom", NULL};

#define REASON "no_balloon: containers have no balloon"

static const struct {
    const char *what;
    struct value value;
    enum unit unit;
    const char *const *choices;
    const char *json;
} cases[] = {
    {"a size", {.kind = VALUE_NUMBER, .number = 19327352832}, UNIT_BYTES, NULL, "19327352832"},
    {"the largest integer that stays one",
     {.kind = VALUE_NUMBER, .number = INT64_MAX},
     UNIT_BYTES,
     NULL,
     "9223372036854775807"},
    {"above it digits, never -1",
     {.kind = VALUE_NUMBER, .number = UINT64_MAX},
     UNIT_BYTES,
     NULL,
     "\"18446744073709551615\""},
    {"no limit", {.kind = VALUE_UNLIMITED}, UNIT_BYTES, NULL, "\"unlimited\""},
    {"unset", {.kind = VALUE_UNSET}, UNIT_BYTES, NULL, "\"unset\""},
    {"unknown",
     {.kind = VALUE_UNKNOWN, .reason = REASON},
     UNIT_BYTES,
     NULL,
     "{\"unknown\":{\"code\":\"no_balloon\",\"text\":\"containers have no balloon\"}}"},
    {"unsupported",
     {.kind = VALUE_UNSUPPORTED, .reason = REASON},
     UNIT_BYTES,
     NULL,
     "{\"unsupported\":{\"code\":\"no_balloon\",\"text\":\"containers have no balloon\"}}"},
    {"shares by level",
     {.kind = VALUE_CHOICE, .choice = 1, .number = 655360},
     UNIT_SHARES,
     levels,
     "{\"level\":\"normal\",\"shares\":655360}"},
    {"shares by number",
     {.kind = VALUE_NUMBER, .number = 12},
     UNIT_SHARES,
     levels,
     "{\"level\":\"custom\",\"shares\":12}"},
    {"a choice", {.kind = VALUE_CHOICE, .choice = 2}, UNIT_PLAIN, levels, "\"high\""},
    {"a choice out of range",
     {.kind = VALUE_CHOICE, .choice = 9},
     UNIT_PLAIN,
     levels,
     "\"unknown\""},
    {"a flag", {.kind = VALUE_CHOICE, .choice = 1}, UNIT_FLAG, NULL, "true"},
    {"a time",
     {.kind = VALUE_NUMBER, .number = 0},
     UNIT_TIME,
     NULL,
     "\"1970-01-01T00:00:00.000Z\""},
};

Test(json, values)
{
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(JsonBuilder) builder = json_builder_new();
        json_builder_begin_array(builder);
        json_value(builder, cases[i].value, cases[i].unit, cases[i].choices);
        json_builder_end_array(builder);
        JsonNode *root = json_builder_get_root(builder);
        g_autofree char *text = json_to_string(root, FALSE);
        g_autofree char *wanted = g_strdup_printf("[%s]", cases[i].json);
        cr_expect_str_eq(text, wanted, "%s: %s", cases[i].what, text);
        json_node_unref(root);
    }
}

Test(json, a_figure_has_its_unit_in_the_key)
{
    const struct {
        struct figure figure;
        const char *key;
    } keys[] = {{{.name = "held", .unit = UNIT_BYTES}, "held"},
                {{.name = "psi_full", .unit = UNIT_CENTI_PERCENT}, "psi_full_percent"},
                {{.name = "psi_total", .unit = UNIT_MICROSECONDS}, "psi_total_microseconds"},
                {{.name = "age_seconds", .unit = UNIT_AGE}, "age_seconds"}};
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
        g_autofree char *key = json_figure_key(&keys[i].figure);
        cr_expect_str_eq(key, keys[i].key);
    }
}
