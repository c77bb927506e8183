/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/size.h"

#include "tests/model/sample-backend.h"

#include <criterion/criterion.h>
#include <string.h>

/* soft_limit 16 GiB, maximum 32 GiB, swap_max none, swappiness 60, min not known. */
static const struct tunable *look_up(const char *name, struct value *value, void *data)
{
    const struct tunable *row = tunable_find(sample_backend.tunables, name);

    if (!row)
        return NULL;
    *value = row->role == ROLE_SOFT         ? value_number(GIB(16))
             : row->role == ROLE_MAXIMUM    ? value_number(GIB(32))
             : row->role == ROLE_SWAP       ? value_unlimited()
             : row->role == ROLE_SWAPPINESS ? value_number(60)
                                            : value_unknown("torn: the file is torn");
    return row;
}

/* clang-format off */
static const struct {
    const char *row, *text;
    struct value present, expected;
} good[] = {
#define NUMBER(n) {.kind = VALUE_NUMBER, .number = (n)}
#define LIMITLESS {.kind = VALUE_UNLIMITED}
    {"hard_limit", "18G", NUMBER(0), NUMBER(GIB(18))},
    {"hard_limit", "none", NUMBER(0), LIMITLESS},
    {"hard_limit", "Unlimited", NUMBER(0), LIMITLESS},
    {"hard_limit", "inf", NUMBER(0), LIMITLESS},
    {"hard_limit", "infinity", NUMBER(0), LIMITLESS},
    {"hard_limit", "max", NUMBER(0), LIMITLESS},
    {"hard_limit", "-1", NUMBER(0), LIMITLESS},
    {"hard_limit", "unset", NUMBER(0), {.kind = VALUE_UNSET}},
    {"hard_limit", "+2G", NUMBER(GIB(16)), NUMBER(GIB(18))},
    {"hard_limit", "+ 2g", NUMBER(GIB(16)), NUMBER(GIB(18))},
    {"hard_limit", "-512M", NUMBER(GIB(1)), NUMBER(MIB(512))},
    {"hard_limit", "+10%", NUMBER(GIB(10)), NUMBER(GIB(11))},
    {"hard_limit", "-10%", NUMBER(GIB(10)), NUMBER(GIB(9))},
    {"hard_limit", "-100%", NUMBER(GIB(10)), NUMBER(0)},
    {"hard_limit", "+12.5%", NUMBER(GIB(8)), NUMBER(GIB(9))},
    {"hard_limit", "90%max", NUMBER(0), NUMBER(30923764531)},
    {"hard_limit", "50%soft", NUMBER(0), NUMBER(GIB(8))},
    {"hard_limit", "50 % soft_limit", NUMBER(0), NUMBER(GIB(8))},
    {"hard_limit", "150%maximum", NUMBER(0), NUMBER(GIB(48))},
    {"hard_limit", "soft_limit", NUMBER(0), NUMBER(GIB(16))},
    {"hard_limit", "swap_max", NUMBER(0), LIMITLESS},
    {"hard_limit", "3p", NUMBER(0), NUMBER(12288)},
    {"memory", "max", NUMBER(0), NUMBER(GIB(32))},
    {"privvmpages.barrier", "65536", NUMBER(0), NUMBER(MIB(256))},
    {"privvmpages.barrier", "300M", NUMBER(0), NUMBER(MIB(300))},
    {"privvmpages.barrier", "+256", NUMBER(MIB(1)), NUMBER(MIB(2))},
    {"privvmpages.barrier", "unlimited", NUMBER(0), LIMITLESS},
    {"privvmpages.barrier", "9223372036854775807", NUMBER(0), LIMITLESS},
    {"swappiness", "60", NUMBER(0), NUMBER(60)},
    {"swappiness", "0", NUMBER(10), NUMBER(0)},
    {"swappiness", "+10", NUMBER(60), NUMBER(70)},
    {"swappiness", "-10%", NUMBER(60), NUMBER(54)},
    {"swappiness", "swappiness", NUMBER(0), NUMBER(60)},
    {"stats_period", "5", NUMBER(0), NUMBER(5)},
    {"stats_period", "5s", NUMBER(0), NUMBER(5)},
    {"stats_period", "5 sec", NUMBER(0), NUMBER(5)},
    {"stats_period", "off", NUMBER(5), NUMBER(0)},
    {"shares", "high", NUMBER(0), {.kind = VALUE_CHOICE, .choice = 2}},
    {"shares", "Normal", NUMBER(0), {.kind = VALUE_CHOICE, .choice = 1}},
    {"shares", "2000", NUMBER(0), NUMBER(2000)},
    {"shares", "+10%", {.kind = VALUE_CHOICE, .choice = 1, .number = 1000}, NUMBER(1100)},
    {"reserve_all", "yes", NUMBER(0), {.kind = VALUE_CHOICE, .choice = 1}},
    {"reserve_all", "on", NUMBER(0), {.kind = VALUE_CHOICE, .choice = 1}},
    {"reserve_all", "OFF", NUMBER(0), {.kind = VALUE_CHOICE, .choice = 0}},
    {"reserve_all", "no", NUMBER(0), {.kind = VALUE_CHOICE, .choice = 0}},
    {"quota", "40", NUMBER(0), NUMBER(40)},
    {"quota", "40%", NUMBER(0), NUMBER(40)},
    {"quota", "40 %", NUMBER(0), NUMBER(40)},
    {"quota", "+5", NUMBER(40), NUMBER(45)},
    {"size", "64G", NUMBER(0), NUMBER(GIB(64))},
    {"size", "+10%", NUMBER(GIB(1)), NUMBER(MIB(1124))},
    {"size", "1024G", NUMBER(0), NUMBER(GIB(1024))},
};

static const struct {
    const char *row, *text;
    struct value present;
    int code;
    const char *sentence; /* its beginning */
} bad[] = {
    {"hard_limit", "18", NUMBER(0), SIZE_ERROR_BARE, "18 what? Write 18G, 18M or bytes as 18B."},
    {"hard_limit", "+2", NUMBER(0), SIZE_ERROR_BARE, "2 what?"},
    {"hard_limit", "90%", NUMBER(0), SIZE_ERROR_RELATIVE, "90% of what? Write 90%max, +10% or -10%"},
    {"hard_limit", "+2G", LIMITLESS, SIZE_ERROR_RELATIVE, "none + 2 GiB is none"},
    {"hard_limit", "-10%", LIMITLESS, SIZE_ERROR_RELATIVE, "none - 10% is none"},
    {"hard_limit", "+2G", {.kind = VALUE_UNSET}, SIZE_ERROR_RELATIVE, "not set + 2 GiB is not set"},
    {"hard_limit", "+2G", {.reason = "torn: the file is torn"}, SIZE_ERROR_RELATIVE,
     "the present value is not known (the file is torn)"},
    {"hard_limit", "-3G", NUMBER(GIB(2)), SIZE_ERROR_RANGE, "2 GiB - 3 GiB is less than nothing"},
    {"hard_limit", "-101%", NUMBER(GIB(2)), SIZE_ERROR_RANGE, "2 GiB - 101% is less than nothing"},
    {"hard_limit", "+15E", NUMBER(UINT64_C(2) << 60), SIZE_ERROR_OVERFLOW, "2 EiB + 15 EiB is too large"},
    {"hard_limit", "+99999999999999999999%", NUMBER(GIB(2)), SIZE_ERROR_OVERFLOW, "+9999"},
    {"hard_limit", "++2G", NUMBER(0), SIZE_ERROR_JUNK, "\"+2G\" is not a size"},
    {"hard_limit", "+90%max", NUMBER(0), SIZE_ERROR_JUNK, "\"90%max\" is not a size"},
    {"hard_limit", "+x%", NUMBER(0), SIZE_ERROR_JUNK, "\"+x%\" is not a percentage"},
    {"hard_limit", "90%nosuch", NUMBER(0), SIZE_ERROR_NAME, "there is no \"nosuch\" here"},
    {"hard_limit", "90%swap", NUMBER(0), SIZE_ERROR_RELATIVE, "swap_max is none"},
    {"hard_limit", "90%min", NUMBER(0), SIZE_ERROR_RELATIVE, "min is not known: the file is torn"},
    {"hard_limit", "min", NUMBER(0), SIZE_ERROR_RELATIVE, "min is not known: the file is torn"},
    {"hard_limit", "swappiness", NUMBER(0), SIZE_ERROR_NAME, "swappiness and hard_limit are not"},
    {"hard_limit", "9x%max", NUMBER(0), SIZE_ERROR_JUNK, "\"9x%max\" is not a size"},
    {"hard_limit", "lots", NUMBER(0), SIZE_ERROR_JUNK, "\"lots\" is not a size"},
    {"hard_limit", "20E", NUMBER(0), SIZE_ERROR_OVERFLOW, "20E is too large"},
    {"hard_limit", "", NUMBER(0), SIZE_ERROR_JUNK, "nothing is written"},
    {"memory", "none", NUMBER(0), SIZE_ERROR_RANGE, "memory cannot be unlimited"},
    {"memory", "swap_max", NUMBER(0), SIZE_ERROR_RANGE, "swap_max is none, which memory cannot be"},
    {"memory", "unset", NUMBER(0), SIZE_ERROR_JUNK, "\"unset\" is not a size"},
    {"swappiness", "5k", NUMBER(0), SIZE_ERROR_JUNK, "\"5k\" is not a whole number"},
    {"swappiness", "1.5", NUMBER(0), SIZE_ERROR_JUNK, "\"1.5\" is not a whole number"},
    {"swappiness", "201", NUMBER(0), SIZE_ERROR_OVERFLOW, "201 is above the most swappiness can be, 200"},
    {"swappiness", "-70", NUMBER(60), SIZE_ERROR_RANGE, "60 - 70 is less than nothing"},
    {"stats_period", "5G", NUMBER(0), SIZE_ERROR_JUNK, "\"5G\" is not a number of seconds"},
    {"shares", "lots", NUMBER(0), SIZE_ERROR_JUNK, "\"lots\" is not a level or a number of shares"},
    {"reserve_all", "maybe", NUMBER(0), SIZE_ERROR_JUNK, "\"maybe\" is neither yes nor no"},
    {"quota", "+10%", NUMBER(40), SIZE_ERROR_RELATIVE, "+10% of a percentage"},
    {"quota", "40%max", NUMBER(0), SIZE_ERROR_NAME, "maximum and quota are not counted"},
    {"quota", "101", NUMBER(0), SIZE_ERROR_OVERFLOW, "101 % is above the most quota can be, 100 %"},
    {"size", "2M", NUMBER(0), SIZE_ERROR_RANGE, "2 MiB is below the least size can be, 4 MiB"},
    {"size", "2048G", NUMBER(0), SIZE_ERROR_OVERFLOW, "2 TiB is above the most size can be, 1 TiB"},
    {"size", "4097K", NUMBER(0), SIZE_ERROR_RANGE, "size must be a multiple of 4 MiB"},
};
/* clang-format on */

Test(size_value, what_people_type_is_understood)
{
    for (size_t i = 0; i < G_N_ELEMENTS(good); i++) {
        struct size_context context = {.present = good[i].present, .lookup = look_up};
        g_autoptr(GError) error = NULL;
        struct value value = value_unset();

        cr_expect(size_parse_value(good[i].text, sample_row(good[i].row), &context, &value, &error),
                  "%s=%s: %s", good[i].row, good[i].text, error ? error->message : "");
        cr_expect(value_equal(value, good[i].expected), "%s=%s: kind %d, %lu", good[i].row,
                  good[i].text, value.kind, (unsigned long)value.number);
    }
}

Test(size_value, what_cannot_be_meant_is_refused_in_a_sentence_and_changes_nothing)
{
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        struct size_context context = {.present = bad[i].present, .lookup = look_up};
        g_autoptr(GError) error = NULL;
        struct value value = value_number(7);

        cr_assert_not(
            size_parse_value(bad[i].text, sample_row(bad[i].row), &context, &value, &error),
            "%s=%s", bad[i].row, bad[i].text);
        cr_expect(g_error_matches(error, SIZE_ERROR, bad[i].code), "%s=%s: code %d", bad[i].row,
                  bad[i].text, error->code);
        cr_expect(g_str_has_prefix(error->message, bad[i].sentence), "%s=%s: %s", bad[i].row,
                  bad[i].text, error->message);
        cr_expect_eq(value.number, 7);
    }
}

Test(size_value, without_context_absolute_values_are_read_and_names_are_not)
{
    g_autoptr(GError) error = NULL;
    struct value value;

    cr_expect(size_parse_value("18G", sample_row("hard_limit"), NULL, &value, NULL));
    cr_expect(value_equal(value, value_number(GIB(18))));
    cr_expect_not(size_parse_value("+2G", sample_row("hard_limit"), NULL, &value, NULL));
    cr_expect_not(size_parse_value("soft_limit", sample_row("hard_limit"), NULL, &value, &error));
    cr_expect(g_error_matches(error, SIZE_ERROR, SIZE_ERROR_JUNK));
}

Test(size_value, what_is_printed_exactly_is_read_again_as_the_same_value)
{
    static const struct {
        const char *row;
        uint64_t least, most; /* of numbers */
    } rows[] = {{"hard_limit", 0, UINT64_MAX},
                {"swappiness", 0, 200},
                {"stats_period", 0, 3600},
                {"shares", 0, 1000000},
                {"quota", 0, 100}};
    g_autoptr(GRand) random = g_rand_new_with_seed(42);

    for (size_t i = 0; i < 5000; i++) {
        const struct tunable *row = sample_row(rows[i % G_N_ELEMENTS(rows)].row);
        uint64_t bits = (uint64_t)g_rand_int(random) << 32 | g_rand_int(random);
        uint64_t most = rows[i % G_N_ELEMENTS(rows)].most;
        struct value value = value_number(most == UINT64_MAX ? bits : bits % (most + 1)), read;
        char text[SIZE_TEXT_MAX];

        if (row->unlimited && i % 7 == 0)
            value = value_unlimited();
        if (row->choices && i % 3 == 0)
            value = value_choice((unsigned)(i % 9 / 3), 0);
        size_format_exact(value, row->unit, row->choices, text);
        cr_assert(size_parse_value(text, row, NULL, &read, NULL), "%s=%s", row->name, text);
        cr_assert(value_equal(read, value), "%s=%s", row->name, text);
    }
}
