/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/support/ubc-list.h"

#include <criterion/criterion.h>
#include <string.h>

Test(ubc_list, ids_that_could_be_options_paths_or_shell_are_none)
{
    static const struct {
        const char *ctid;
        bool valid;
    } cases[] = {
        {"101", true},
        {"2147483644", true},
        {"26bc47f6-353f-444b-bc35-b634a88dbbcc", true},
        {"MyCT", true},
        {"web-1.lan", true},
        {"", false},
        {"-101", false},
        {"--save", false},
        {".", false},
        {"../101", false},
        {"10 1", false},
        {"$(touch x)", false},
        {"101;reboot", false},
        {"101\n", false},
        {"\xc3\xa4", false},
        {"0123456789012345678901234567890123456789012345678901234567890123", true},
        {"01234567890123456789012345678901234567890123456789012345678901234", false},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        cr_expect_eq(ubc_ctid_valid(cases[i].ctid), cases[i].valid, "\"%s\"", cases[i].ctid);
}

/* clang-format off */
static const struct {
    const char *sentence, *text;
    int n; /* -1: refused */
    const char *ctid, *status, *name;
    uint64_t limit; /* of privvmpages */
} json_cases[] = {
    {"a number as CTID", "[{\"ctid\": 101, \"status\": \"running\", \"name\": \"web\"}]", 1, "101", "running", "web", 0},
    {"a UUID as CTID", "[{\"ctid\": \"26bc47f6-353f-444b-bc35-b634a88dbbcc\", \"status\": \"stopped\", \"name\": null}]",
     1, "26bc47f6-353f-444b-bc35-b634a88dbbcc", "stopped", NULL, 0},
    {"LONG_MAX keeps its last digit", "[{\"ctid\": 1, \"status\": \"running\", \"privvmpages\": {\"held\": 0, \"maxheld\": 0, \"barrier\": 1, \"limit\": 9223372036854775807, \"failcnt\": 0}}]",
     1, "1", "running", NULL, 9223372036854775807U},
    {"2^53 + 1 is exact", "[{\"ctid\": 1, \"status\": \"running\", \"privvmpages\": {\"held\": 0, \"maxheld\": 0, \"barrier\": 1, \"limit\": 9007199254740993, \"failcnt\": 0}}]",
     1, "1", "running", NULL, 9007199254740993U},
    {"ULONG_MAX is no limit, not -1", "[{\"ctid\": 1, \"status\": \"running\", \"privvmpages\": {\"held\": 0, \"maxheld\": 0, \"barrier\": 1, \"limit\": 18446744073709551615, \"failcnt\": 0}}]",
     1, "1", "running", NULL, 9223372036854775807U},
    {"digits in a name are no number", "[{\"ctid\": 1, \"status\": \"running\", \"name\": \"n99999999999999999999\\\"x\"}]", 1, "1", "running", "n99999999999999999999\"x", 0},
    {"an empty array", "[\n]\n", 0, NULL, NULL, NULL, 0},
    {"nothing at all", "", 0, NULL, NULL, NULL, 0},
    {"an object", "{}", -1, NULL, NULL, NULL, 0},
    {"numbers in the array", "[1]", -1, NULL, NULL, NULL, 0},
    {"no id", "[{\"status\": \"running\"}]", -1, NULL, NULL, NULL, 0},
    {"no status", "[{\"ctid\": 101}]", -1, NULL, NULL, NULL, 0},
    {"an id that is an option", "[{\"ctid\": \"--save\", \"status\": \"running\"}]", -1, NULL, NULL, NULL, 0},
    {"no JSON", "Unable to open", -1, NULL, NULL, NULL, 0},
    {"nested deeper than any vzlist", "[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]", -1, NULL, NULL, NULL, 0},
};
/* clang-format on */

Test(ubc_list, json_of_every_generation)
{
    for (size_t i = 0; i < G_N_ELEMENTS(json_cases); i++) {
        g_autoptr(GPtrArray) list = NULL;
        g_autoptr(GError) error = NULL;
        const char *text = json_cases[i].text;
        bool ok = ubc_list_parse_json(text, strlen(text), &list, &error);
        const struct ubc_container *first;

        cr_expect_eq(ok, json_cases[i].n >= 0, "%s", json_cases[i].sentence);
        if (!ok) {
            cr_expect(g_str_has_prefix(error->message, "vzlist: "), "%s", error->message);
            continue;
        }
        cr_assert_eq((int)list->len, json_cases[i].n, "%s", json_cases[i].sentence);
        if (!list->len)
            continue;
        first = list->pdata[0];
        cr_expect_str_eq(first->ctid, json_cases[i].ctid, "%s", json_cases[i].sentence);
        cr_expect_str_eq(first->status, json_cases[i].status, "%s", json_cases[i].sentence);
        cr_expect(!g_strcmp0(first->name, json_cases[i].name), "%s", json_cases[i].sentence);
        cr_expect_eq(first->counters.rows[UBC_PRIVVMPAGES].limits[UBC_LIMIT], json_cases[i].limit,
                     "%s", json_cases[i].sentence);
    }
}

Test(ubc_list, plain_text_with_the_name_last)
{
    static const char text[] = "       101 running  web with blanks  \n       102 stopped  -\n\n"
                               "26bc47f6-353f-444b-bc35-b634a88dbbcc suspended MyCT\n";
    g_autoptr(GPtrArray) list = NULL;
    const struct ubc_container *container;

    cr_assert(ubc_list_parse_text(text, strlen(text), &list, NULL));
    cr_assert_eq(list->len, 3);
    container = list->pdata[0];
    cr_expect_str_eq(container->name, "web with blanks");
    container = list->pdata[1];
    cr_expect_null(container->name, "- is no name");
    container = list->pdata[2];
    cr_expect_str_eq(container->ctid, "26bc47f6-353f-444b-bc35-b634a88dbbcc");
    cr_expect_str_eq(container->status, "suspended");
}

Test(ubc_list, an_error_text_is_no_list)
{
    static const char text[] = "Unable to open /proc/user_beancounters: No such file\n-x running\n";
    g_autoptr(GPtrArray) list = NULL;
    g_autoptr(GError) error = NULL;

    cr_expect(!ubc_list_parse_text(text, strlen(text), &list, &error));
    cr_expect_null(list);
}
