/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of control groups say, and what they might say instead. */
#include "backends/support/cgroup-files.h"

#include <criterion/criterion.h>
#include <string.h>

static unsigned file_number(enum cgroup_version version, const char *name)
{
    for (unsigned i = 0; i < CGROUP_FILES; i++) {
        if (cgroup_files[version][i].name && !strcmp(cgroup_files[version][i].name, name)) {
            return i;
        }
    }
    cr_assert_fail("no file %s", name);
    return 0;
}

struct parse_case {
    enum cgroup_version version;
    const char *file, *text;
    enum cgroup_item item;
    enum value_kind kind;
    uint64_t number;
};

/* clang-format off */
static const struct parse_case cases[] = {
    {CGROUP_V1, "memory.usage_in_bytes", "483328\n", CGROUP_USAGE, VALUE_NUMBER, 483328},
    {CGROUP_V1, "memory.usage_in_bytes", "0\n", CGROUP_USAGE, VALUE_NUMBER, 0},
    {CGROUP_V1, "memory.limit_in_bytes", "9223372036854771712\n", CGROUP_LIMIT, VALUE_UNLIMITED, 0},
    {CGROUP_V1, "memory.limit_in_bytes", "9223372036854710272\n", CGROUP_LIMIT, VALUE_UNLIMITED, 0}, /* 64 KiB pages */
    {CGROUP_V1, "memory.limit_in_bytes", "9223372036850000000\n", CGROUP_LIMIT, VALUE_NUMBER, 9223372036850000000u},
    {CGROUP_V1, "memory.limit_in_bytes", "max\n", CGROUP_LIMIT, VALUE_UNLIMITED, 0},
    {CGROUP_V1, "memory.usage_in_bytes", "max\n", CGROUP_USAGE, VALUE_UNKNOWN, 0},
    {CGROUP_V1, "memory.oom_control", "oom_kill_disable 0\nunder_oom 1\noom_kill 3\n", CGROUP_OOM_KILLS, VALUE_NUMBER, 3},
    {CGROUP_V1, "memory.oom_control", "oom_kill_disable 0\nunder_oom 1\noom_kill 3\n", CGROUP_UNDER_OOM, VALUE_NUMBER, 1},
    {CGROUP_V1, "memory.oom_control", "oom_kill_disable 0\nunder_oom 0\n", CGROUP_OOM_KILLS, VALUE_UNSUPPORTED, 0}, /* before 4.13 */
    {CGROUP_V1, "memory.stat", "cache 1\nrss 2\ntotal_cache 5\ntotal_rss 7\n", CGROUP_CACHE, VALUE_NUMBER, 5},
    {CGROUP_V1, "memory.stat", "cache 1\nrss 2\ntotal_cache 5\ntotal_rss 7\n", CGROUP_ANON, VALUE_NUMBER, 7},
    {CGROUP_V2, "memory.max", "max\n", CGROUP_LIMIT, VALUE_UNLIMITED, 0},
    {CGROUP_V2, "memory.max", "maximal\n", CGROUP_LIMIT, VALUE_UNKNOWN, 0},
    {CGROUP_V2, "memory.max", "36507222016", CGROUP_LIMIT, VALUE_NUMBER, 36507222016},
    {CGROUP_V2, "memory.max", "", CGROUP_LIMIT, VALUE_UNKNOWN, 0},
    {CGROUP_V2, "memory.max", "-1\n", CGROUP_LIMIT, VALUE_UNKNOWN, 0},
    {CGROUP_V2, "memory.max", "12 34\n", CGROUP_LIMIT, VALUE_UNKNOWN, 0},
    {CGROUP_V2, "memory.current", "junk\n", CGROUP_USAGE, VALUE_UNKNOWN, 0},
    {CGROUP_V2, "memory.events", "low 0\nhigh 12\nmax 4\noom 2\noom_kill 1\noom_group_kill 0\n", CGROUP_OOM_KILLS, VALUE_NUMBER, 1},
    {CGROUP_V2, "memory.events", "low 0\nhigh 12\nmax 4\noom 2\noom_kill 1\n", CGROUP_EVENTS_HIGH, VALUE_NUMBER, 12},
    {CGROUP_V2, "memory.events", "low 0\nhigh 12\nmax 4\noom 2\noom_kill 1\n", CGROUP_FAILCNT, VALUE_NUMBER, 4},
    {CGROUP_V2, "memory.events", "low 0\nhigh 12\nmax 4\noom 2\noom_kill 1\n", CGROUP_EVENTS_OOM, VALUE_NUMBER, 2},
    {CGROUP_V2, "memory.stat", "anon 10\nfile 20\nfile_mapped 3\n", CGROUP_CACHE, VALUE_NUMBER, 20},
    {CGROUP_V2, "memory.stat", "anon 10\nfile 20\nfile_mapped 3\n", CGROUP_MAPPED, VALUE_NUMBER, 3},
    {CGROUP_V2, "memory.stat", "anon 10", CGROUP_DIRTY, VALUE_UNSUPPORTED, 0},
    {CGROUP_V2, "memory.pressure", "some avg10=1.50 avg60=0.27 avg300=0.06 total=240\nfull avg10=31.00 avg60=0.2 avg300=0.0 total=123\n", CGROUP_PSI_FULL, VALUE_NUMBER, 3100},
    {CGROUP_V2, "memory.pressure", "some avg10=1.50 avg60=0.27 avg300=0.06 total=240\nfull avg10=31.00 avg60=0.2 avg300=0.0 total=123\n", CGROUP_PSI_SOME, VALUE_NUMBER, 150},
    {CGROUP_V2, "memory.pressure", "some avg10=1.50 avg60=0.27 avg300=0.06 total=240\nfull avg10=31.00 avg60=0.2 avg300=0.0 total=123\n", CGROUP_PSI_TOTAL, VALUE_NUMBER, 123},
    {CGROUP_V2, "memory.pressure", "some avg10=1.50 avg60=0.27 avg300=0.06 total=240\n", CGROUP_PSI_FULL, VALUE_UNSUPPORTED, 0},
    {CGROUP_V2, "memory.pressure", "full avg10=x\n", CGROUP_PSI_FULL, VALUE_UNKNOWN, 0},
};
/* clang-format on */

Test(cgroup_files, every_text_is_read_as_what_it_says)
{
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const struct parse_case *c = &cases[i];
        struct cgroup_reading reading = {0};
        cgroup_parse(c->version, file_number(c->version, c->file), c->text, &reading);
        cr_expect_eq(reading.items[c->item].kind, c->kind, "case %zu, %s: %s", i, c->file, c->text);
        if (c->kind == VALUE_NUMBER) {
            cr_expect_eq(reading.items[c->item].number, c->number, "case %zu: %s", i, c->text);
        }
        if (c->kind == VALUE_UNKNOWN || c->kind == VALUE_UNSUPPORTED) {
            cr_expect(reading.items[c->item].reason, "case %zu has no reason", i);
        }
    }
}

Test(cgroup_files, what_a_version_lacks_is_unsupported_with_its_reason)
{
    struct cgroup_reading reading = {0};

    cgroup_parse_absent(CGROUP_V2, &reading);
    cr_assert_eq(reading.items[CGROUP_SWAPPINESS].kind, VALUE_UNSUPPORTED);
    cr_assert_str_eq(value_reason_text(reading.items[CGROUP_SWAPPINESS]), "no counterpart on cgroup v2");
    cr_assert_eq(reading.items[CGROUP_LOW].kind, VALUE_UNKNOWN, "v2 has memory.low: left alone");
    cr_assert_str_eq(cgroup_file(CGROUP_V2, CGROUP_SOFT), "memory.high");
    cr_assert_null(cgroup_file(CGROUP_V1, CGROUP_LOW));
}

Test(cgroup_files, what_is_mapped_dirty_or_shared_cannot_be_dropped)
{
    struct cgroup_reading reading = {0};
    uint64_t number;

    cr_assert_not(value_get(cgroup_droppable(&reading), &number));
    reading.items[CGROUP_INACTIVE_FILE] = value_number(100);
    reading.items[CGROUP_ACTIVE_FILE] = value_number(50);
    cr_assert(value_get(cgroup_droppable(&reading), &number));
    cr_assert_eq(number, 150);
    reading.items[CGROUP_MAPPED] = value_number(40);
    reading.items[CGROUP_SHMEM] = value_number(30); /* mapped shared memory is on no file list */
    reading.items[CGROUP_DIRTY] = value_number(5);
    reading.items[CGROUP_WRITEBACK] = value_number(3);
    value_get(cgroup_droppable(&reading), &number);
    cr_assert_eq(number, 132);
    reading.items[CGROUP_DIRTY] = value_number(5000);
    value_get(cgroup_droppable(&reading), &number);
    cr_assert_eq(number, 0, "never below nothing");
}
