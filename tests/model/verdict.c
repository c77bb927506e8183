/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/verdict.h"

#include <criterion/criterion.h>
#include <string.h>

#define SECOND UINT64_C(1000000000)
#define MIB(n) ((uint64_t)(n) << 20)
#define NONE value_unsupported("cgroup_v1: not here")

/* What one second does. */
struct second {
    unsigned stalled_ms, host_stalled_ms, throttled, failcnt, oom_kills;
    uint64_t left;
    enum domain_state state;
    uint64_t instance;
    bool under_oom, unknown_start;
};

static struct verdict_sample start(bool v1)
{
    return (struct verdict_sample){
        .taken_ns = 1000 * SECOND,
        .state = DOMAIN_RUNNING,
        .instance = 7,
        .needed = value_number(MIB(700)),
        .left = value_number(MIB(300)),
        .wall = value_number(MIB(1000)),
        .pressure = v1 ? NONE : value_number(0),
        .stalled = v1 ? NONE : value_number(5000000),
        .host_stalled = value_number(90000000),
        .throttled = v1 ? NONE : value_number(40),
        .failcnt = v1 ? value_number(1000) : NONE,
        .oom_kills = value_number(2),
        .under_oom = v1 ? value_choice(0, 0) : NONE,
    };
}

static void add(struct value *value, uint64_t more)
{
    if (value->kind == VALUE_NUMBER)
        value->number += more;
}

static void pass(struct verdict_sample *sample, const struct second *second)
{
    sample->taken_ns += SECOND;
    add(&sample->stalled, second->stalled_ms * 1000);
    add(&sample->host_stalled, second->host_stalled_ms * 1000);
    add(&sample->throttled, second->throttled);
    add(&sample->failcnt, second->failcnt);
    add(&sample->oom_kills, second->oom_kills);
    if (second->left != 0)
        sample->left = value_number(second->left);
    if (second->state != DOMAIN_UNKNOWN)
        sample->state = second->state;
    if (second->instance != 0)
        sample->instance = second->instance;
    if (second->unknown_start)
        sample->instance = 0;
    if (second->under_oom)
        sample->under_oom = value_choice(1, 0);
}

static const struct {
    const char *sentence;
    bool v1;
    unsigned quiet; /* seconds in which nothing happens, … */
    unsigned times; /* … and then so many of these */
    struct second second;
    enum guard_grade grade;
    const char *text;
} cases[] = {
    {"after 3 s nothing is well yet", false, 3, 0, {0}, GUARD_GRADE_EARLY, "7 s more"},
    {"after 10 quiet s it is well", false, 10, 0, {0}, GUARD_GRADE_WELL, "nothing"},
    {"an oom-kill is bad at once", false, 0, 1, {.oom_kills = 1}, GUARD_GRADE_BAD, "killed"},
    {"kills of before the change do not count", false, 12, 0, {0}, GUARD_GRADE_WELL, "nothing"},
    {"another state is bad",
     false,
     2,
     1,
     {.state = DOMAIN_PAUSED},
     GUARD_GRADE_BAD,
     "was running and is paused"},
    {"a domain that ended is bad", true, 2, 1, {.state = DOMAIN_OFF}, GUARD_GRADE_BAD, "off"},
    {"a start that is not told any more is none",
     false,
     15,
     1,
     {.unknown_start = true},
     GUARD_GRADE_WELL,
     ""},
    {"a new start within a second is bad", false, 2, 1, {.instance = 8}, GUARD_GRADE_BAD, "anew"},
    {"standing still for 19 % of 5 s is not bad",
     false,
     6,
     5,
     {.stalled_ms = 190},
     GUARD_GRADE_WELL,
     "nothing"},
    {"standing still for 21 % of 5 s is bad",
     false,
     6,
     5,
     {.stalled_ms = 210},
     GUARD_GRADE_BAD,
     "20 % of 5 s"},
    {"it is bad as soon as 5 s have passed since the change",
     false,
     0,
     5,
     {.stalled_ms = 210},
     GUARD_GRADE_BAD,
     "20 % of 5 s"},
    {"4 s of standing still are too short to tell",
     false,
     0,
     4,
     {.stalled_ms = 230},
     GUARD_GRADE_EARLY,
     "too early"},
    {"one whole second of 5 is the edge",
     false,
     6,
     1,
     {.stalled_ms = 1000},
     GUARD_GRADE_EARLY,
     "too early"},
    {"being slowed is worse, not bad",
     false,
     10,
     5,
     {.throttled = 14},
     GUARD_GRADE_WORSE,
     "14 times a second"},
    {"the host's own pressure is nobody's where the group has its own",
     false,
     6,
     5,
     {.host_stalled_ms = 900},
     GUARD_GRADE_WELL,
     "nothing"},
    {"v1: being out of memory is bad",
     true,
     3,
     1,
     {.under_oom = true},
     GUARD_GRADE_BAD,
     "out of memory"},
    {"v1: a limit reached by page cache is not bad",
     true,
     6,
     5,
     {.failcnt = 5000, .left = MIB(300)},
     GUARD_GRADE_WELL,
     "nothing"},
    {"v1: with nothing left to give it is",
     true,
     6,
     5,
     {.failcnt = 150, .left = MIB(40)},
     GUARD_GRADE_BAD,
     "100 times"},
    {"v1: now and then is worse, not bad",
     true,
     6,
     5,
     {.failcnt = 20, .left = MIB(40)},
     GUARD_GRADE_WORSE,
     "reached"},
    {"v1: the limit reached and the host stands still is bad",
     true,
     6,
     5,
     {.failcnt = 1, .host_stalled_ms = 300},
     GUARD_GRADE_BAD,
     "host"},
    {"v1: a host that stands still by itself is not",
     true,
     6,
     5,
     {.host_stalled_ms = 300},
     GUARD_GRADE_WELL,
     "nothing"},
};

Test(verdict, what_is_counted_decides)
{
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct verdict_sample sample = start(cases[i].v1);
        struct verdict_watch watch;
        struct verdict verdict;

        verdict_begin(&watch, &sample);
        for (unsigned s = 0; s < cases[i].quiet + cases[i].times; s++) {
            pass(&sample, s < cases[i].quiet ? &(struct second){0} : &cases[i].second);
            verdict_take(&watch, &sample);
        }
        verdict_judge(&watch, &verdict);
        cr_expect_eq(verdict.grade, cases[i].grade, "%s: %s", cases[i].sentence, verdict.text);
        cr_expect(strstr(verdict.text, cases[i].text) != NULL, "%s: %s", cases[i].sentence,
                  verdict.text);
    }
}

Test(verdict, a_minute_long_ring_keeps_the_window)
{
    struct verdict_sample sample = start(false);
    struct verdict_watch watch;
    struct verdict verdict;

    verdict_begin(&watch, &sample);
    for (unsigned s = 0; s < 60; s++) {
        pass(&sample, &(struct second){.stalled_ms = s < 55 ? 0 : 250});
        verdict_take(&watch, &sample);
        verdict_judge(&watch, &verdict);
        cr_expect(s == 59 || verdict.grade != GUARD_GRADE_BAD, "second %u: %s", s, verdict.text);
    }
    cr_expect_eq(verdict.grade, GUARD_GRADE_BAD, "%s", verdict.text);
}

Test(verdict, what_was_read_before_is_not_taken_again)
{
    struct verdict_sample sample = start(false), old = sample;
    struct verdict_watch watch;
    struct verdict verdict;

    verdict_begin(&watch, &sample);
    old.oom_kills = value_number(9);
    verdict_take(&watch, &old);
    verdict_judge(&watch, &verdict);
    cr_expect_eq(watch.n, 0);
    cr_expect_eq(verdict.grade, GUARD_GRADE_EARLY);
}

Test(verdict, a_counter_that_starts_anew_is_no_growth)
{
    struct verdict_sample sample = start(false);
    struct verdict_watch watch;
    struct verdict verdict;

    verdict_begin(&watch, &sample);
    for (unsigned s = 0; s < 12; s++) {
        pass(&sample, &(struct second){0});
        if (s == 6)
            sample.stalled = value_number(0);
        verdict_take(&watch, &sample);
    }
    verdict_judge(&watch, &verdict);
    cr_expect_eq(verdict.grade, GUARD_GRADE_WELL, "%s", verdict.text);
}

Test(verdict, a_count_that_began_anew_has_not_grown)
{
    cr_expect_eq(verdict_growth(value_number(7), value_number(9)), 2);
    cr_expect_eq(verdict_growth(value_number(9), value_number(2)), 0);
    cr_expect_eq(verdict_growth(NONE, value_number(2)), 0);
    cr_expect_eq(verdict_growth(value_number(9), NONE), 0);
}
