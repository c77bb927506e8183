/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/support/ubc.h"

#include <criterion/criterion.h>
#include <string.h>

#define HEAD64                                                                                     \
    "Version: 2.5\n"                                                                               \
    "       uid  resource                     held              maxheld              barrier                limit              failcnt\n"
#define HEAD32                                                                                     \
    "Version: 2.5\n"                                                                               \
    "       uid  resource           held    maxheld    barrier      limit    failcnt\n"

static struct ubc_dump parse(const char *text, const char *id)
{
    struct ubc_dump dump = {0};
    g_autoptr(GError) error = NULL;

    cr_assert(ubc_parse(text, strlen(text), id, &dump, &error), "%s", error ? error->message : "");
    return dump;
}

static char *fixture(const char *name)
{
    g_autofree char *path =
        g_build_filename(g_getenv("MESON_SOURCE_ROOT"), "tests/fixtures/openvz", name, NULL);
    char *text = NULL;

    cr_assert(g_file_get_contents(path, &text, NULL, NULL), "%s", path);
    return text;
}

struct row_case {
    const char *sentence, *text, *id, *block;
    enum ubc_counter counter;
    uint64_t held, maxheld, barrier, limit, failcnt;
};

/* clang-format off */
static const struct row_case row_cases[] = {
    {"the id stands before the first row of its block", HEAD64 "       101: kmemsize 1 2 3 4 5\n            lockedpages 6 7 8 9 10\n",
     NULL, "101", UBC_LOCKEDPAGES, 6, 7, 8, 9, 10},
    {"an id of ten digits touches the first column", "1234567890: kmemsize 1 2 3 4 5\n", NULL, "1234567890", UBC_KMEMSIZE, 1, 2, 3, 4, 5},
    {"a UUID overflows its column", HEAD64 "26bc47f6-353f-444b-bc35-b634a88dbbcc: kmemsize 1 2 3 4 5\n",
     NULL, "26bc47f6-353f-444b-bc35-b634a88dbbcc", UBC_KMEMSIZE, 1, 2, 3, 4, 5},
    {"an id that sticks to its resource", "101:kmemsize 1 2 3 4 5\n", NULL, "101", UBC_KMEMSIZE, 1, 2, 3, 4, 5},
    {"rows without an id belong to the id that is given", "            swappages 0 0 0 65536 0\n", "101", "101", UBC_SWAPPAGES, 0, 0, 0, 65536, 0},
    {"a group below a container is not the container", "101: kmemsize 1 2 3 4 5\n101:1: kmemsize 9 9 9 9 9\n", NULL, "101", UBC_KMEMSIZE, 1, 2, 3, 4, 5},
    {"dummy rows and resources of other kernels are left out", "101: dummy 0 0 0 0 0\nnewpages 1 2 3 4 5\nnumproc 17 30 240 240 0\n",
     NULL, "101", UBC_NUMPROC, 17, 30, 240, 240, 0},
    {"columns that later kernels may add", "101: numproc 17 30 240 240 0 99 98\n", NULL, "101", UBC_NUMPROC, 17, 30, 240, 240, 0},
    {"LONG_MAX is kept as it is", "101: vmguarpages 0 0 33792 9223372036854775807 0\n", NULL, "101", UBC_VMGUARPAGES, 0, 0, 33792, 9223372036854775807U, 0},
    {"more than 64 bits saturates", "101: numproc 0 0 0 99999999999999999999999 0\n", NULL, "101", UBC_NUMPROC, 0, 0, 0, UINT64_MAX, 0},
    {"maxheld below held is what kernels print", "101: privvmpages 50 40 60 70 1\n", NULL, "101", UBC_PRIVVMPAGES, 50, 40, 60, 70, 1},
    {"tabs, carriage returns and no newline at the end", "101:\tnumproc\t1 2 3 4 5\r", NULL, "101", UBC_NUMPROC, 1, 2, 3, 4, 5},
    {"no version and no heading at all", "0: kmemsize 1 2 3 4 5\n", NULL, "0", UBC_KMEMSIZE, 1, 2, 3, 4, 5},
    {"the first of two equal rows counts", "101: numproc 1 1 1 1 1\nnumproc 2 2 2 2 2\n", NULL, "101", UBC_NUMPROC, 1, 1, 1, 1, 1},
};
/* clang-format on */

Test(ubc, rows_are_read_by_words)
{
    for (size_t i = 0; i < G_N_ELEMENTS(row_cases); i++) {
        const struct row_case *c = &row_cases[i];
        struct ubc_dump dump = parse(c->text, c->id);
        const struct ubc *block = ubc_dump_find(&dump, c->block);
        const struct ubc_row *row = block ? &block->rows[c->counter] : NULL;

        cr_expect(row && row->present && row->held == c->held && row->maxheld == c->maxheld &&
                      row->limits[UBC_BARRIER] == c->barrier &&
                      row->limits[UBC_LIMIT] == c->limit && row->failcnt == c->failcnt,
                  "%s", c->sentence);
        ubc_dump_clear(&dump);
    }
}

Test(ubc, a_line_that_makes_no_sense_costs_its_counter_alone)
{
    static const struct {
        const char *sentence, *line;
    } cases[] = {
        {"four numbers", "numproc 1 2 3 4"},
        {"a negative number", "numproc 1 2 -3 4 5"},
        {"a word for a number", "numproc 1 2 many 4 5"},
        {"a number that ends in letters", "numproc 1 2 3k 4 5"},
        {"nothing but its name", "numproc"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text =
            g_strdup_printf(HEAD64 "101: kmemsize 1 2 3 4 5\n%s\nnumfile 6 7 8 9 10\n102: numproc "
                                   "1 2 3 4 5\n",
                            cases[i].line);
        struct ubc_dump dump = parse(text, NULL);
        const struct ubc *block = ubc_dump_find(&dump, "101"), *next = ubc_dump_find(&dump, "102");
        const struct ubc_row *row = block ? &block->rows[UBC_NUMPROC] : NULL;

        cr_expect(row && !row->present && row->bad, "%s", cases[i].sentence);
        cr_expect(block && block->rows[UBC_NUMFILE].present, "%s: the row below",
                  cases[i].sentence);
        cr_expect(next && next->rows[UBC_NUMPROC].present, "%s: the container below",
                  cases[i].sentence);
        ubc_dump_clear(&dump);
    }
}

Test(ubc, a_bad_row_is_filled_in_from_another_file)
{
    struct ubc_dump a = parse("101: numproc 1 x\n", NULL),
                    b = parse("101: numproc 9 9 9 9 9\n", NULL);
    struct ubc *block = a.blocks->pdata[0];

    ubc_merge(block, ubc_dump_find(&b, "101"));
    cr_expect(block->rows[UBC_NUMPROC].present && !block->rows[UBC_NUMPROC].bad);
    ubc_dump_clear(&a);
    ubc_dump_clear(&b);
}

Test(ubc, what_the_kernel_counted_below_zero_is_unknown)
{
    cr_expect_eq(ubc_amount(UBC_PHYSPAGES, UINT64_MAX - 4, 4096).kind, VALUE_UNKNOWN);
    cr_expect_eq(ubc_amount(UBC_KMEMSIZE, (uint64_t)UBC_MAX64, 4096).kind, VALUE_UNKNOWN);
    cr_expect(value_equal(ubc_amount(UBC_PHYSPAGES, 2, 4096), value_number(8192)));
}

Test(ubc, what_is_no_beancounter_file_is_refused_with_its_line)
{
    static const struct {
        const char *sentence, *text, *message;
    } cases[] = {
        {"a counter of no container", HEAD64 "numproc 1 2 3 4 5\n", "line 3"},
        {"four numbers of no container", "numproc 1 2 3 4\n", "no container"},
        {"another file", "<html>\n<body>Welcome</body>\n", "not the beancounters"},
        {"an escape sequence is not printed raw", "numproc \033[2J 2 3 4 5\n", "\\x1b"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct ubc_dump dump = {0};
        g_autoptr(GError) error = NULL;

        cr_expect(!ubc_parse(cases[i].text, strlen(cases[i].text), NULL, &dump, &error) &&
                      strstr(error->message, cases[i].message),
                  "%s: %s", cases[i].sentence, error ? error->message : "was taken");
        cr_expect(dump.blocks == NULL, "%s: the output is untouched", cases[i].sentence);
    }
}

Test(ubc, columns_tell_a_32_bit_kernel)
{
    struct ubc_dump wide = parse(HEAD64, NULL), narrow = parse(HEAD32, NULL);

    cr_expect(!wide.narrow, "20 columns are 64 bits");
    cr_expect(narrow.narrow, "10 columns are 32 bits");
    ubc_dump_clear(&wide);
    ubc_dump_clear(&narrow);
}

Test(ubc, a_whole_host_with_the_host_itself)
{
    g_autofree char *text = fixture("transcripts/SYNTHETIC-vz7format-101-and-0.txt");
    struct ubc_dump dump = parse(text, NULL);
    const struct ubc *block = ubc_dump_find(&dump, "101");

    cr_assert_eq(dump.blocks->len, 2);
    cr_assert_not_null(block);
    cr_expect_not_null(ubc_dump_find(&dump, "0"));
    cr_expect_eq(block->rows[UBC_PRIVVMPAGES].failcnt, 3);
    cr_expect_eq(block->rows[UBC_PHYSPAGES].held, 5120);
    cr_expect(!block->rows[UBC_SWAPPAGES].present, "swappages is not in this file");
    ubc_dump_clear(&dump);
}

Test(ubc, the_emulation_of_8_and_9)
{
    g_autofree char *text =
        fixture("transcripts/vz9-user_beancounters.py-output-missing-cgroup.txt");
    struct ubc_dump dump = parse(text, NULL);

    cr_assert_eq(dump.blocks->len, 1);
    for (size_t i = 0; i < UBC_COUNTERS; i++)
        cr_expect_eq(((struct ubc *)dump.blocks->pdata[0])->rows[i].present, i != UBC_SWAPPAGES,
                     "%s", ubc_counters[i].name);
    ubc_dump_clear(&dump);
}

Test(ubc, another_file_fills_in_what_the_first_lacks)
{
    struct ubc_dump a = parse("101: numproc 1 1 1 1 1\n", NULL);
    struct ubc_dump b = parse("101: numproc 9 9 9 9 9\nswappages 2 2 2 2 2\n", NULL);
    struct ubc *block = a.blocks->pdata[0];

    ubc_merge(block, ubc_dump_find(&b, "101"));
    cr_expect_eq(block->rows[UBC_NUMPROC].held, 1);
    cr_expect_eq(block->rows[UBC_SWAPPAGES].held, 2);
    ubc_dump_clear(&a);
    ubc_dump_clear(&b);
}

Test(ubc, unlimited_in_all_its_spellings)
{
    /* clang-format off */
    static const struct {
        const char *sentence;
        enum ubc_counter counter;
        enum ubc_half half;
        uint64_t number;
        bool narrow, unlimited;
        uint64_t value;
    } cases[] = {
        {"LONG_MAX pages",                        UBC_PRIVVMPAGES, UBC_LIMIT,   9223372036854775807U, false, true, 0},
        {"ULONG_MAX",                             UBC_NUMPROC,     UBC_LIMIT,   UINT64_MAX,           false, true, 0},
        {"LONG_MAX bytes",                        UBC_KMEMSIZE,    UBC_BARRIER, 9223372036854775807U, false, true, 0},
        {"LONG_MAX of bytes, in pages",           UBC_PHYSPAGES,   UBC_LIMIT,   2251799813685247U,    false, true, 0},
        {"LONG_MAX rounded down to a page",       UBC_KMEMSIZE,    UBC_LIMIT,   9223372036854771712U, false, true, 0},
        {"a 32-bit caller's limit in pages",      UBC_PRIVVMPAGES, UBC_LIMIT,   2147483647,           false, true, 0},
        {"a 32-bit caller's limit in bytes",      UBC_KMEMSIZE,    UBC_LIMIT,   2147483647,           false, true, 0},
        {"a 32-bit kernel's barrier in bytes",    UBC_KMEMSIZE,    UBC_BARRIER, 2147483647,           true,  true, 0},
        {"2 GiB in bytes is a wall on 64 bits",   UBC_KMEMSIZE,    UBC_BARRIER, 2147483647,           false, false, 2147483647},
        {"a real 0 is 0",                         UBC_PRIVVMPAGES, UBC_BARRIER, 0,                    false, false, 0},
        {"pages become bytes",                    UBC_PRIVVMPAGES, UBC_BARRIER, 65536,                false, false, 268435456},
        {"bytes stay",                            UBC_KMEMSIZE,    UBC_BARRIER, 14372700,             false, false, 14372700},
        {"things stay",                           UBC_NUMPROC,     UBC_LIMIT,   240,                  false, false, 240},
    };
    /* clang-format on */

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct value value =
            ubc_value(cases[i].counter, cases[i].half, cases[i].number, 4096, cases[i].narrow);

        cr_expect(value_equal(value, cases[i].unlimited ? value_unlimited()
                                                        : value_number(cases[i].value)),
                  "%s", cases[i].sentence);
    }
}
