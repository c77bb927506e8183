/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/changefile.h"

#include "tests/model/sample-backend.h"

#include <criterion/criterion.h>
#include <string.h>

static const struct snapshot *two_domains(void)
{
    struct sample samples[] = {sample_new("db"), sample_new("web \"1\"")};

    sample_set(&samples[0], "hard_limit", value_number(GIB(16)), value_unset());
    sample_set(&samples[0], "shares", value_choice(1, 655360), value_number(9));
    sample_writable(&samples[1], "soft_limit", SCOPE_CONFIG, "off: it is not running");
    return sample_snapshot(&sample_backend, samples, G_N_ELEMENTS(samples), NULL);
}

static const struct {
    const char *domain, *tunable;
    enum scope scope;
    struct value to;
} written[] = {
    {"db", "hard_limit", SCOPE_LIVE, {.kind = VALUE_NUMBER, .number = GIB(18)}},
    {"db", "hard_limit", SCOPE_CONFIG, {.kind = VALUE_UNLIMITED}},
    {"db", "soft_limit", SCOPE_LIVE, {.kind = VALUE_NUMBER, .number = UINT64_MAX}},
    {"db", "shares", SCOPE_LIVE, {.kind = VALUE_CHOICE, .choice = 2}},
    {"db", "shares", SCOPE_CONFIG, {.kind = VALUE_NUMBER, .number = 77}},
    {"web \"1\"", "hard_limit", SCOPE_LIVE, {.kind = VALUE_UNSET}},
    {"web \"1\"", "privvmpages.barrier", SCOPE_CONFIG, {.kind = VALUE_NUMBER, .number = 4096}},
    {"web \"1\"", "reserve_all", SCOPE_CONFIG, {.kind = VALUE_NUMBER, .number = 1}},
};

static char *file_of_written(const struct snapshot *snapshot)
{
    g_autoptr(GPtrArray) stored = changefile_new();

    for (size_t i = 0; i < G_N_ELEMENTS(written); i++) {
        struct change change = sample_change(snapshot, written[i].domain, written[i].tunable,
                                             written[i].scope, written[i].to);

        g_ptr_array_add(stored, stored_change_new(
                                    snapshot, sample_domain(snapshot, written[i].domain), &change));
    }
    return changefile_text(stored);
}

Test(changefile, what_was_written_is_read_back_as_the_same_changes)
{
    const struct snapshot *snapshot = two_domains();
    g_autofree char *text = file_of_written(snapshot);
    g_autoptr(GPtrArray) stored = NULL;
    g_autoptr(GError) error = NULL;
    g_autofree char *again = NULL;

    cr_assert(changefile_parse(text, strlen(text), &stored, &error), "%s",
              error ? error->message : "");
    cr_assert_eq(stored->len, G_N_ELEMENTS(written));
    for (size_t i = 0; i < G_N_ELEMENTS(written); i++) {
        struct change wanted = sample_change(snapshot, written[i].domain, written[i].tunable,
                                             written[i].scope, written[i].to);
        struct change read;

        cr_assert(stored_change_resolve(stored->pdata[i], &snapshot, 1, &read, &error), "%zu: %s",
                  i, error ? error->message : "");
        cr_expect(domain_key_equal(&read.key, &wanted.key));
        cr_expect_eq(read.tunable, wanted.tunable);
        cr_expect_eq(read.scope, wanted.scope);
        cr_expect(value_equal(read.from, wanted.from), "before of %s", wanted.tunable->name);
        cr_expect(value_equal(read.to, wanted.to), "wanted of %s", wanted.tunable->name);
    }
    again = changefile_text(stored);
    cr_expect_str_eq(again, text);
    snapshot_unref(snapshot);
}

#define ONE(members) "{\"schema\":1,\"changes\":[{" members "}]}"
#define GOOD                                                                                       \
    "\"domain\":\"db\",\"uuid\":\"db\",\"connection\":\"sample:///\",\"tunable\":\"hard_limit\","  \
    "\"scope\":\"live\",\"before\":1,"

Test(changefile, a_bad_file_is_one_sentence)
{
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"", "one object in braces"},
        {"[]", "one object in braces"},
        {"{", "still open"},
        {"{}]", "a bracket that nothing opened"},
        {"{\"schema\":1,\"changes\":[}", "a bracket that nothing opened"},
        {"\xff", "not UTF-8"},
        {"{\"a\":\"x", "a text that does not end"},
        {"{\"a\":\"x\n\"}", "does not end on its line"},
        {"{\n\"a\": 0x10}", "line 2: "},
        {"{} // notes", "no JSON"},
        {"{\"a\":[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]}", "too many brackets"},
        {"{\"a\":9223372036854775808}", "a number that JSON readers lose"},
        {"{\"a\":1.5}", "whole bytes"},
        {"{\"changes\":[{}]}", "\"schema\" is missing"},
        {"{\"schema\":2,\"changes\":[{}]}", "another version"},
        {"{\"schema\":1}", "at least one change"},
        {"{\"schema\":1,\"changes\":[]}", "at least one change"},
        {"{\"schema\":1,\"changes\":[7]}", "change 1: must be an object"},
        {ONE(""), "change 1: \"domain\" is missing"},
        {ONE("\"domain\":\"\""), "\"domain\" is empty"},
        {ONE("\"domain\":5"), "\"domain\" must be a text"},
        {ONE("\"domain\":\"d\""), "\"connection\" is missing"},
        {ONE("\"domain\":\"d\",\"connection\":\"c\",\"tunable\":\"t\",\"scope\":\"both\""),
         "must be \"live\" or \"config\""},
        {ONE(GOOD "\"x\":1"), "\"wanted\" is missing"},
        {ONE(GOOD "\"wanted\":[1]"), "\"wanted\" is no value"},
        {ONE(GOOD "\"wanted\":null"), "\"wanted\" is no value"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GPtrArray) stored = NULL;
        g_autoptr(GError) error = NULL;

        cr_assert(!changefile_parse(cases[i].text, strlen(cases[i].text), &stored, &error), "%s",
                  cases[i].text);
        cr_expect_null(stored);
        cr_expect(strstr(error->message, cases[i].says), "%s: %s", cases[i].text, error->message);
        cr_expect_null(strchr(error->message, '\n'));
    }
}

Test(changefile, a_change_that_cannot_be_made_here_says_why)
{
    static const struct {
        const char *text, *says;
    } cases[] = {
        {ONE("\"domain\":\"db\",\"connection\":\"other:///\",\"tunable\":\"hard_limit\","
             "\"scope\":\"live\",\"before\":1,\"wanted\":2"),
         "db: there is no connection other:///"},
        {ONE("\"domain\":\"db\",\"connection\":\"sample:///\",\"host\":\"elsewhere\","
             "\"tunable\":\"hard_limit\",\"scope\":\"live\",\"before\":1,\"wanted\":2"),
         "samplehost here, and the change is for elsewhere"},
        {ONE("\"domain\":\"db\",\"uuid\":\"another\",\"connection\":\"sample:///\","
             "\"tunable\":\"hard_limit\",\"scope\":\"live\",\"before\":1,\"wanted\":2"),
         "there is no such domain"},
        {ONE("\"domain\":\"db\",\"connection\":\"sample:///\",\"tunable\":\"nosuch\","
             "\"scope\":\"live\",\"before\":1,\"wanted\":2"),
         "no tunable \"nosuch\""},
        {ONE("\"domain\":\"web \\\"1\\\"\",\"connection\":\"sample:///\","
             "\"tunable\":\"soft_limit\",\"scope\":\"live\",\"before\":1,\"wanted\":2"),
         "it is not running"},
        {ONE(GOOD "\"wanted\":-1"), "cannot have the value"},
        {ONE(GOOD "\"wanted\":\"much\""), "cannot have the value"},
        {ONE(GOOD "\"wanted\":true"), "cannot have the value"},
        {ONE(GOOD "\"wanted\":{\"unknown\":{}}"), "cannot have the value"},
    };
    const struct snapshot *snapshot = two_domains();

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GPtrArray) stored = NULL;
        g_autoptr(GError) error = NULL;
        struct change change;

        cr_assert(changefile_parse(cases[i].text, strlen(cases[i].text), &stored, &error), "%s",
                  error ? error->message : "");
        cr_assert(!stored_change_resolve(stored->pdata[0], &snapshot, 1, &change, &error), "%s",
                  cases[i].text);
        cr_expect(strstr(error->message, cases[i].says), "%s: %s", cases[i].text, error->message);
    }
    snapshot_unref(snapshot);
}

Test(changefile, what_was_not_known_before_is_a_change_all_the_same)
{
    static const char text[] = ONE("\"domain\":\"db\",\"connection\":\"sample:///\","
                                   "\"tunable\":\"hard_limit\",\"scope\":\"live\","
                                   "\"before\":{\"unknown\":{\"code\":\"torn\",\"text\":\"torn\"}},"
                                   "\"wanted\":\"18446744073709551615\"");
    const struct snapshot *snapshot = two_domains();
    g_autoptr(GPtrArray) stored = NULL;
    g_autoptr(GError) error = NULL;
    struct change change;

    cr_assert(changefile_parse(text, strlen(text), &stored, &error));
    cr_assert(stored_change_resolve(stored->pdata[0], &snapshot, 1, &change, &error), "%s",
              error ? error->message : "");
    cr_expect_eq(change.from.kind, VALUE_UNKNOWN);
    cr_expect(value_equal(change.to, value_number(UINT64_MAX)));
    snapshot_unref(snapshot);
}
