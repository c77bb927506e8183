/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/size.h"

#include "tests/model/sample-backend.h"

#include <criterion/criterion.h>
#include <string.h>

Test(size, absolute_sizes_are_read_exactly)
{
    /* clang-format off */
    static const struct {
        const char *text;
        uint64_t bytes;
    } cases[] = {
        {"0", 0}, {"0B", 0}, {"1B", 1}, {"1 byte", 1}, {"4096b", 4096},
        {"1k", 1024}, {"1K", 1024}, {"1KiB", 1024}, {"1kb", 1000}, {"1KB", 1000},
        {"64M", MIB(64)}, {"64 MiB", MIB(64)}, {"64MB", 64000000}, {" 2g ", GIB(2)},
        {"1.5 GiB", GIB(3) / 2}, {"1.5G", GIB(3) / 2}, {".5G", GIB(1) / 2}, {"0.1K", 102},
        {"14.4G", 15461882265}, {"1T", GIB(1024)}, {"1TB", UINT64_C(1000000000000)},
        {"1P", GIB(1024) * 1024}, {"1PiB", GIB(1024) * 1024}, {"1pb", UINT64_C(1000000000000000)},
        {"1p", 4096}, {"3 pages", 12288}, {"15E", UINT64_C(15) << 60},
        {"18446744073709551615B", UINT64_MAX}, {"18.446744073709551615EB", UINT64_MAX},
        {"00018G", GIB(18)}, {"1.000000000000000000000000000000000000001G", GIB(1)},
    };
    /* clang-format on */

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        uint64_t bytes = 7;

        cr_expect(size_parse(cases[i].text, &bytes, &error), "%s: %s", cases[i].text,
                  error ? error->message : "");
        cr_expect_eq(bytes, cases[i].bytes, "%s: %lu", cases[i].text, (unsigned long)bytes);
    }
}

Test(size, what_is_no_size_is_refused_in_a_sentence_and_changes_nothing)
{
    /* clang-format off */
    static const struct {
        const char *text;
        int code;
        const char *sentence; /* its beginning */
    } cases[] = {
        {"18", SIZE_ERROR_BARE, "18 what? Write 18G, 18M or bytes as 18B."},
        {"1.5", SIZE_ERROR_BARE, "1.5 what?"},
        {"", SIZE_ERROR_JUNK, "nothing is written"},
        {"   ", SIZE_ERROR_JUNK, "nothing is written"},
        {"4Q", SIZE_ERROR_JUNK, "\"4Q\" is not a size"},
        {"G", SIZE_ERROR_JUNK, "\"G\" is not a size"},
        {"5.G", SIZE_ERROR_JUNK, "\"5.G\" is not a size"},
        {"1.2.3G", SIZE_ERROR_JUNK, "\"1.2.3G\" is not a size"},
        {"1,5G", SIZE_ERROR_JUNK, "\"1,5G\" is not a size"},
        {"0x10G", SIZE_ERROR_JUNK, "\"0x10G\" is not a size"},
        {"1e3G", SIZE_ERROR_JUNK, "\"1e3G\" is not a size"},
        {"-2G", SIZE_ERROR_JUNK, "\"-2G\" is not a size"},
        {"2G 3M", SIZE_ERROR_JUNK, "\"2G 3M\" is not a size"},
        {"1.5B", SIZE_ERROR_JUNK, "\"1.5B\" is a part of a byte"},
        {"16E", SIZE_ERROR_OVERFLOW, "16E is too large"},
        {"18446744073709551616B", SIZE_ERROR_OVERFLOW, "18446744073709551616B is too large"},
        {"99999999999999999999999999G", SIZE_ERROR_OVERFLOW, "99999999999999999999999999G is too"},
        {"15.99999999999999999999999E1", SIZE_ERROR_JUNK, "\"15.9"},
        {"1G\033[31m", SIZE_ERROR_JUNK, "\"1G\\x1b[31m\" is not a size"},
    };
    /* clang-format on */

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        uint64_t bytes = 7;

        cr_assert_not(size_parse(cases[i].text, &bytes, &error), "\"%s\"", cases[i].text);
        cr_expect(g_error_matches(error, SIZE_ERROR, cases[i].code), "\"%s\": %d", cases[i].text,
                  error->code);
        cr_expect(g_str_has_prefix(error->message, cases[i].sentence), "%s", error->message);
        cr_expect_eq(bytes, 7);
    }
}

Test(size, what_is_too_long_to_be_a_value_is_not_read_as_its_beginning)
{
    g_autofree char *text = g_strdup_printf("18G%300sjunk", "");
    g_autoptr(GError) error = NULL;
    uint64_t bytes;

    cr_assert_not(size_parse(text, &bytes, &error));
    cr_assert(g_error_matches(error, SIZE_ERROR, SIZE_ERROR_JUNK));
}

Test(size, any_number_of_bytes_round_trips_exactly)
{
    g_autoptr(GRand) random = g_rand_new_with_seed(20261122);

    for (int i = 0; i < 20000; i++) {
        uint64_t bytes = ((uint64_t)g_rand_int(random) << 32 | g_rand_int(random)) >>
                         g_rand_int_range(random, 0, 64);
        char text[SIZE_TEXT_MAX];
        uint64_t read;

        size_format_exact(value_number(bytes), UNIT_BYTES, NULL, text);
        cr_assert(size_parse(text, &read, NULL), "%s", text);
        cr_assert_eq(read, bytes, "%s", text);
    }
}

/* What a short text stands for, rounded down; its unit's size is stored. */
static double short_value(const char *text, double *unit)
{
    char *end;
    double number = g_ascii_strtod(text, &end);
    const char *letter = *end ? strchr("BKMGTPE", *end) : "B";

    *unit = 1;
    for (const char *l = "BKMGTPE"; *l != *letter; l++)
        *unit *= 1024;
    return number * *unit;
}

Test(size, a_short_size_has_five_columns_at_most_and_never_1024_of_a_unit)
{
    g_autoptr(GRand) random = g_rand_new_with_seed(7);

    for (int i = 0; i < 200000; i++) {
        uint64_t bytes = ((uint64_t)g_rand_int(random) << 32 | g_rand_int(random)) >>
                         g_rand_int_range(random, 0, 64);
        char text[SIZE_TEXT_MAX];
        double shown, unit;

        if (i < 2000) /* around the edges of the units */
            bytes = (UINT64_C(1) << (i % 60 + 1)) - (uint64_t)(i / 60 % 3);
        size_format_short(bytes, text);
        cr_assert_leq(strlen(text), 5, "%lu: %s", (unsigned long)bytes, text);
        cr_assert_lt(strtod(text, NULL), 1024, "%lu: %s", (unsigned long)bytes, text);
        shown = short_value(text, &unit);
        cr_assert(shown <= (double)bytes * 1.0000001 && (double)bytes - shown <= unit * 1.001,
                  "%lu: %s", (unsigned long)bytes, text);
    }
}

Test(size, sizes_for_tables_and_for_sentences)
{
    /* clang-format off */
    static const struct {
        uint64_t bytes;
        const char *brief, *sentence;
    } cases[] = {
        {0, "0", "0"}, {1, "1B", "1 B"}, {1000, "1000B", "1000 B"}, {1023, "1023B", "1023 B"},
        {KIB(1), "1.0K", "1 KiB"}, {MIB(512), "512M", "512 MiB"}, {MIB(61) + 5, "61M", "61.0 MiB"},
        {GIB(34), "34.0G", "34 GiB"}, {GIB(35) / 2, "17.5G", "17.5 GiB"},
        {GIB(127), "127G", "127 GiB"}, {GIB(3) - 1, "2.9G", "3.0 GiB"},
        {MIB(1024) - 1, "1023M", "1.0 GiB"}, {GIB(1024) - 1, "1023G", "1.0 TiB"},
        {GIB(100) - 1, "99.9G", "100 GiB"}, {MIB(300) + KIB(700), "300M", "301 MiB"},
        {UINT64_MAX, "15.9E", "16.0 EiB"}, {MIB(3) + KIB(200), "3.1M", "3.2 MiB"},
    };
    /* clang-format on */

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        char text[SIZE_TEXT_MAX];

        cr_expect_str_eq(size_format_short(cases[i].bytes, text), cases[i].brief);
        cr_expect_str_eq(size_format(cases[i].bytes, text), cases[i].sentence);
    }
}

Test(size, one_unit_for_all_where_it_fits)
{
    static const struct {
        uint64_t bytes;
        enum size_unit unit;
        unsigned width;
        const char *text;
    } cases[] = {
        {GIB(34), SIZE_UNIT_FITTING, 5, "34.0G"}, {GIB(34), SIZE_UNIT_MIB, 6, "34816M"},
        {GIB(34), SIZE_UNIT_MIB, 5, "34.0G"},     {MIB(1024) - 1, SIZE_UNIT_MIB, 5, "1023M"},
        {MIB(512), SIZE_UNIT_GIB, 5, "0.5G"},     {GIB(2000), SIZE_UNIT_GIB, 5, "2000G"},
        {GIB(20000), SIZE_UNIT_GIB, 5, "19.5T"},  {MIB(61), SIZE_UNIT_GIB, 5, "61M"},
        {KIB(700), SIZE_UNIT_MIB, 5, "700K"},     {0, SIZE_UNIT_GIB, 5, "0"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        char text[SIZE_TEXT_MAX];

        cr_expect_str_eq(size_format_short_in(cases[i].bytes, cases[i].unit, cases[i].width, text),
                         cases[i].text, "%s instead of %s", text, cases[i].text);
    }
}

Test(size, every_kind_and_unit_has_a_text)
{
    static const char *const levels[] = {"low", "normal", NULL};
    /* clang-format off */
    static const struct {
        struct value value;
        enum unit unit;
        const char *shown, *exact;
    } cases[] = {
        {{.kind = VALUE_UNKNOWN}, UNIT_BYTES, "?", "?"},
        {{.kind = VALUE_UNSUPPORTED}, UNIT_BYTES, "-", "-"},
        {{.kind = VALUE_UNSET}, UNIT_BYTES, "not set", "unset"},
        {{.kind = VALUE_UNLIMITED}, UNIT_BYTES, "none", "none"},
        {{.kind = VALUE_NUMBER, .number = 18 * (UINT64_C(1) << 30)}, UNIT_BYTES, "18 GiB", "19327352832B"},
        {{.kind = VALUE_NUMBER, .number = 60}, UNIT_PLAIN, "60", "60"},
        {{.kind = VALUE_NUMBER, .number = 5}, UNIT_SECONDS, "every 5 s", "5"},
        {{.kind = VALUE_NUMBER, .number = 0}, UNIT_SECONDS, "off", "0"},
        {{.kind = VALUE_NUMBER, .number = 5}, UNIT_AGE, "5 s", "5"},
        {{.kind = VALUE_NUMBER, .number = 40}, UNIT_PERCENT, "40 %", "40"},
        {{.kind = VALUE_NUMBER, .number = 3105}, UNIT_CENTI_PERCENT, "31.0 %", "31.05%"},
        {{.kind = VALUE_NUMBER, .number = 1234567}, UNIT_MICROSECONDS, "1.2 s", "1234567"},
        {{.kind = VALUE_CHOICE, .choice = 1, .number = 655360}, UNIT_SHARES, "normal", "normal"},
        {{.kind = VALUE_CHOICE, .choice = 9}, UNIT_SHARES, "choice 9", "choice 9"},
        {{.kind = VALUE_CHOICE, .choice = 1}, UNIT_FLAG, "yes", "yes"},
        {{.kind = VALUE_NUMBER, .number = 0}, UNIT_FLAG, "no", "no"},
    };
    /* clang-format on */

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const char *const *choices = cases[i].unit == UNIT_SHARES ? levels : NULL;
        char text[SIZE_TEXT_MAX];

        cr_expect_str_eq(size_format_value(cases[i].value, cases[i].unit, choices, text),
                         cases[i].shown);
        cr_expect_str_eq(size_format_exact(cases[i].value, cases[i].unit, choices, text),
                         cases[i].exact);
    }
}
