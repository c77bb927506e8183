/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/support/ubc-conf.h"

#include <criterion/criterion.h>
#include <string.h>

#define NO_LIMIT UINT64_C(9223372036854775807)

/* clang-format off */
static const struct {
    const char *text;
    enum ubc_unit unit;
    enum ubc_number result;
    uint64_t barrier, limit;
} numbers[] = {
    {"1000",                 UBC_PAGES,  UBC_NUMBER_OK,  1000, 1000},
    {"33792:unlimited",      UBC_PAGES,  UBC_NUMBER_OK,  33792, NO_LIMIT},
    {"unlimited",            UBC_PAGES,  UBC_NUMBER_OK,  NO_LIMIT, NO_LIMIT},
    {"9223372036854775807",  UBC_PAGES,  UBC_NUMBER_OK,  NO_LIMIT, NO_LIMIT},
    {"9223372036854775808",  UBC_PAGES,  UBC_NUMBER_TOO_LARGE, NO_LIMIT, NO_LIMIT},
    {"99999999999999999999", UBC_PAGES,  UBC_NUMBER_BAD, 0, 0},
    {"16777216T",            UBC_BYTES,  UBC_NUMBER_TOO_LARGE, NO_LIMIT, NO_LIMIT},
    {"-1",                   UBC_PAGES,  UBC_NUMBER_BAD, 0, 0},
    {"abc",                  UBC_PAGES,  UBC_NUMBER_BAD, 0, 0},
    {"10:20:30",             UBC_PAGES,  UBC_NUMBER_BAD, 0, 0},
    {"10Kb",                 UBC_PAGES,  UBC_NUMBER_BAD, 0, 0},
    {"1E",                   UBC_PAGES,  UBC_NUMBER_BAD, 0, 0},
    {"10K",                  UBC_THINGS, UBC_NUMBER_BAD, 0, 0},
    {"10:5",                 UBC_PAGES,  UBC_NUMBER_OK,  10, 5},
    {"",                     UBC_PAGES,  UBC_NUMBER_OK,  0, 0},
    {":10",                  UBC_PAGES,  UBC_NUMBER_OK,  0, 10},
    {"10:",                  UBC_PAGES,  UBC_NUMBER_OK,  10, 0},
    {"2147483647",           UBC_PAGES,  UBC_NUMBER_OK,  2147483647, 2147483647},
    {"10M:11M",              UBC_BYTES,  UBC_NUMBER_OK,  10485760, 11534336},
    {"1000p",                UBC_BYTES,  UBC_NUMBER_OK,  4096000, 4096000},
    {"1000P",                UBC_PAGES,  UBC_NUMBER_OK,  1000, 1000},
    {"4097B",                UBC_PAGES,  UBC_NUMBER_OK,  1, 1},
    {"4095b",                UBC_PAGES,  UBC_NUMBER_OK,  0, 0},
    {"1.5M",                 UBC_PAGES,  UBC_NUMBER_OK,  384, 384},
    {"1M:2G",                UBC_PAGES,  UBC_NUMBER_OK,  256, 524288},
    {"0:256M",               UBC_PAGES,  UBC_NUMBER_OK,  0, 65536},
    {"2.2G",                 UBC_BYTES,  UBC_NUMBER_OK,  2362232012, 2362232012},
    {"116M:128M",            UBC_BYTES,  UBC_NUMBER_OK,  121634816, 134217728},
    {"Unlimited",            UBC_PAGES,  UBC_NUMBER_BAD, 0, 0},
    {"unlimited:5x",         UBC_PAGES,  UBC_NUMBER_BAD, 0, 0},
};
/* clang-format on */

Test(ubc_conf, the_grammar_of_numbers_is_vzctls)
{
    for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++) {
        uint64_t pair[UBC_HALVES] = {0, 0};
        enum ubc_number result = ubc_parse_pair(numbers[i].text, numbers[i].unit, 4096, pair);

        cr_expect_eq(result, numbers[i].result, "\"%s\"", numbers[i].text);
        cr_expect(pair[UBC_BARRIER] == numbers[i].barrier && pair[UBC_LIMIT] == numbers[i].limit,
                  "\"%s\" is %" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT, numbers[i].text,
                  pair[UBC_BARRIER], pair[UBC_LIMIT]);
    }
}

/* clang-format off */
static const struct {
    const char *sentence, *text;
    bool set, bad;
    unsigned times;
    uint64_t barrier, limit;
} lines[] = {
    {"quoted",                                 "PRIVVMPAGES=\"1:2\"\n", true, false, 1, 1, 2},
    {"bare",                                   "PRIVVMPAGES=1:2\n", true, false, 1, 1, 2},
    {"in single quotes",                       "PRIVVMPAGES='1:2'\n", true, false, 1, 1, 2},
    {"one value is both halves",               "PRIVVMPAGES=\"7\"\n", true, false, 1, 7, 7},
    {"leading blanks",                         " \t PRIVVMPAGES=\"1:2\"\n", true, false, 1, 1, 2},
    {"trailing blanks and a carriage return",  "PRIVVMPAGES=\"1:2\" \t\r\n", true, false, 1, 1, 2},
    {"a comment behind the value",             "PRIVVMPAGES=\"1:2\" # note\n", true, false, 1, 1, 2},
    {"a comment with quotes in it",            "PRIVVMPAGES=\"1:2\" # say \"hi\"\n", true, false, 1, 1, 2},
    {"a comment behind a bare value",          "PRIVVMPAGES=1:2 # note\n", true, false, 1, 1, 2},
    {"backslashes are undone",                 "PRIVVMPAGES=\\\"1:\\2\\\"\n", true, false, 1, 1, 2},
    {"no newline at the end",                  "PRIVVMPAGES=\"1:2\"", true, false, 1, 1, 2},
    {"an unmatched quote",                     "PRIVVMPAGES=\"1:2\n", true, false, 1, 1, 2},
    {"absent is not set",                      "NUMPROC=\"5\"\n", false, false, 0, 0, 0},
    {"a real 0 is set",                        "PRIVVMPAGES=\"0:0\"\n", true, false, 1, 0, 0},
    {"a comment line",                         "# PRIVVMPAGES=\"1:2\"\n", false, false, 0, 0, 0},
    {"blanks before the = make another key",   "PRIVVMPAGES =\"1:2\"\n", false, false, 0, 0, 0},
    {"keys are upper case",                    "privvmpages=\"1:2\"\n", false, false, 0, 0, 0},
    {"the last of two lines counts",           "PRIVVMPAGES=\"1:2\"\nPRIVVMPAGES=\"3:4\"\n", true, false, 2, 3, 4},
    {"a bad value is skipped: the first stays","PRIVVMPAGES=\"1:2\"\nPRIVVMPAGES=\"junk\"\n", true, true, 2, 1, 2},
    {"a bad value alone is not set",           "PRIVVMPAGES=\"-1\"\n", false, true, 1, 0, 0},
};
/* clang-format on */

Test(ubc_conf, lines_are_read_as_vzctl_reads_them)
{
    for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
        struct ubc_conf conf = {0};
        const struct ubc_conf_entry *entry = &conf.entries[UBC_PRIVVMPAGES];

        ubc_conf_read(&conf, lines[i].text, strlen(lines[i].text), 4096);
        cr_expect(entry->set == lines[i].set && entry->bad == lines[i].bad &&
                      entry->times == lines[i].times &&
                      entry->limits[UBC_BARRIER] == lines[i].barrier &&
                      entry->limits[UBC_LIMIT] == lines[i].limit,
                  "%s", lines[i].sentence);
        ubc_conf_clear(&conf);
    }
}

Test(ubc_conf, a_containers_own_file_comes_after_the_global_one)
{
    static const char global[] = "PRIVVMPAGES=\"1:2\"\nNUMPROC=\"9\"\n",
                      own[] = "PRIVVMPAGES=\"3:4\"\n";
    struct ubc_conf conf = {0};

    ubc_conf_read(&conf, global, strlen(global), 4096);
    ubc_conf_read(&conf, own, strlen(own), 4096);
    cr_expect_eq(conf.entries[UBC_PRIVVMPAGES].limits[UBC_LIMIT], 4);
    cr_expect_eq(conf.entries[UBC_PRIVVMPAGES].times, 1, "two files are no duplicate");
    cr_expect(conf.entries[UBC_NUMPROC].set && conf.entries[UBC_NUMPROC].times == 0,
              "the global file acts, and saving does not touch it");
    ubc_conf_clear(&conf);
}

static void read_fixture(const char *name, struct ubc_conf *conf)
{
    g_autofree char *path =
        g_build_filename(g_getenv("MESON_SOURCE_ROOT"), "tests/fixtures/openvz", name, NULL);
    g_autofree char *text = NULL;
    gsize size;

    cr_assert(g_file_get_contents(path, &text, &size, NULL), "%s", path);
    ubc_conf_read(conf, text, size, 4096);
}

Test(ubc_conf, files_of_every_generation)
{
    /* clang-format off */
    static const struct {
        const char *file;
        enum ubc_counter counter;
        bool set;
        uint64_t barrier, limit;
    } cases[] = {
        {"conf/legacy-ve-basic.conf-sample",          UBC_DCACHESIZE,  true,  3409920, 3624960},
        {"conf/legacy-ve-basic.conf-sample",          UBC_VMGUARPAGES, true,  33792, NO_LIMIT},
        {"conf/legacy-ve-basic.conf-sample",          UBC_SWAPPAGES,   false, 0, 0},
        {"conf/legacy-ve-vswap-1g.conf-sample",       UBC_PHYSPAGES,   true,  0, 262144},
        {"conf/legacy-ve-vswap-1g.conf-sample",       UBC_PRIVVMPAGES, false, 0, 0},
        {"conf/vz7-ve-vswap.512MB.conf-sample",       UBC_SWAPPAGES,   true,  131072, 131072},
        {"conf/vz7-ve-slm.512MB.conf-sample.x86_64",  UBC_PHYSPAGES,   true,  NO_LIMIT, NO_LIMIT},
        {"conf/libvirt-openvzutilstest.conf",         UBC_PHYSPAGES,   true,  0, 2147483647},
        {"transcripts/vz7-after-set-ve.conf",         UBC_KMEMSIZE,    true,  10485760, 11534336},
    };
    /* clang-format on */

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct ubc_conf conf = {0};
        const struct ubc_conf_entry *entry = &conf.entries[cases[i].counter];

        read_fixture(cases[i].file, &conf);
        cr_expect(entry->set == cases[i].set && entry->limits[UBC_BARRIER] == cases[i].barrier &&
                      entry->limits[UBC_LIMIT] == cases[i].limit,
                  "%s of %s", ubc_counters[cases[i].counter].name, cases[i].file);
        ubc_conf_clear(&conf);
    }
}

Test(ubc_conf, names_and_the_guarantee)
{
    struct ubc_conf conf = {0};

    read_fixture("transcripts/vz7-after-set-ve.conf", &conf);
    cr_expect_str_eq(conf.name, "MyCT");
    cr_expect_str_eq(conf.hostname, "myct.example.org");
    cr_expect_str_eq(conf.memguarantee, "40");
    ubc_conf_clear(&conf);
    read_fixture("conf/legacy-ve-basic.conf-sample", &conf);
    cr_expect_eq(conf.avnumproc.limits[UBC_BARRIER], 180);
    ubc_conf_clear(&conf);
}
