/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/model/scene.h"

#include <criterion/criterion.h>
#include <math.h>

#define START (UINT64_C(1000) * SECOND)

static const struct history *add(struct histories *histories, const struct scene *scene,
                                 uint64_t now_ns)
{
    struct snapshot *picture = scene_take(scene, 1, now_ns);
    histories_add(histories, NULL, picture);
    const struct history *history = histories_find(histories, &picture->domains[0].identity->key);
    snapshot_unref(picture);
    return history;
}

Test(history, a_slope_needs_ten_samples)
{
    struct histories *histories = histories_new();
    struct scene scene = {0};
    double slope = -1;
    for (unsigned i = 0; i < 12; i++) {
        scene.figures[COLUMN_HELD] = G(1) + M(3) * i;
        const struct history *history = add(histories, &scene, START + 2 * i * SECOND);
        cr_expect_eq(history_slope(history, &slope), i >= 9, "%u samples", i + 1);
    }
    cr_expect_float_eq(slope, 1.5 * M(1), 1, "%g", slope);
    cr_expect_not(history_slope(NULL, &slope));
    histories_free(histories);
}

Test(history, a_slope_is_of_the_last_five_minutes)
{
    struct histories *histories = histories_new();
    struct scene scene = {0};
    const struct history *history = NULL;
    double slope = -1;
    for (unsigned i = 0; i < 600; i++) { /* 10 minutes up, then 10 minutes flat */
        scene.figures[COLUMN_HELD] = G(1) + M(1) * MIN(i, 300);
        history = add(histories, &scene, START + 2 * i * SECOND);
    }
    cr_assert(history_slope(history, &slope));
    cr_expect_float_eq(slope, 0, 1, "%g", slope);
    histories_free(histories);
}

Test(history, thinning_keeps_the_slope_and_the_length)
{
    struct histories *histories = histories_new();
    struct scene scene = {.live[ROW_HARD] = G(4)};
    const struct history *history = NULL;
    int values[HISTORY_LENGTH * 2];
    double slope = 0;
    for (unsigned i = 0; i < 299; i++) {
        scene.figures[COLUMN_HELD] = G(1) + M(1) * i;
        history = add(histories, &scene, START + i * SECOND);
    }
    cr_assert(history_slope(history, &slope));
    cr_expect_float_eq(slope, (double)M(1), 1, "%g", slope);
    size_t n = history_trend(history, values, G_N_ELEMENTS(values));
    cr_expect_leq(n, HISTORY_LENGTH);
    cr_expect_geq(n, HISTORY_LENGTH / 2);
    for (size_t i = 1; i < n; i++)
        cr_expect_geq(values[i], values[i - 1], "oldest first");
    cr_expect_eq(values[n - 1], (int)(1000 * (1024 + 298) / 4096), "%d", values[n - 1]);
    histories_free(histories);
}

Test(history, a_picture_that_is_not_new_adds_nothing)
{
    struct histories *histories = histories_new();
    struct scene scene = {.figures[COLUMN_HELD] = G(1), .live[ROW_HARD] = G(2)};
    int values[8];
    add(histories, &scene, START);
    const struct history *history = add(histories, &scene, START);
    cr_expect_eq(history_trend(history, values, 8), 1);
    cr_expect_eq(values[0], 500);
    histories_free(histories);
}

Test(history, rates_and_growth_of_a_counter)
{
    /* clang-format off */
    static const struct { uint64_t count; double rate; uint64_t growth; const char *sentence; } steps[] = {
        {100, 0, 0,    "what was there before is not growth"},
        {110, 0, 10,   "a rate needs its whole span"},
        {120, 2, 20,   "over 10 s"},
        {120, 1, 20,   "it stops"},
        {120, 0, 20,   "and is over"},
        {7,   0.7, 27, "a counter that went down starts anew"},
    };
    /* clang-format on */
    struct histories *histories = histories_new();
    struct scene scene = {.figures[COLUMN_HELD] = G(1)};
    int64_t last;
    for (size_t i = 0; i < G_N_ELEMENTS(steps); i++) {
        scene.figures[COLUMN_THROTTLED] = steps[i].count;
        const struct history *history = add(histories, &scene, START + 5 * i * SECOND);
        double rate = history_rate(history, HISTORY_THROTTLED, 10);
        cr_expect_float_eq(rate, steps[i].rate, 1e-9, "%s: %g", steps[i].sentence, rate);
        cr_expect_eq(history_growth(history, HISTORY_THROTTLED, &last), steps[i].growth, "%s",
                     steps[i].sentence);
    }
    cr_expect_eq(last, 1025, "when it grew last: %d", (int)last);
    histories_free(histories);
}

Test(history, what_stands_beside_a_tunable_is_compared_with_its_first_sight)
{
    /* clang-format off */
    static const struct { uint64_t held, fails; int64_t held_by, failed_by; const char *sentence; } steps[] = {
        {100, 5, 0, 0,    "what was there before is no difference"},
        {130, 7, 30, 2,   "more of both"},
        {90, 7, -10, 2,   "less is held than at first"},
        {90, 3, -10, 5,   "a counter that went down began anew"},
        {110, 4, 10, 6,   "and goes on"},
    };
    /* clang-format on */
    struct histories *histories = histories_new();
    struct scene scene = {.instance = 1};
    const struct history *history = NULL;
    int64_t by = 99;
    cr_expect_not(history_difference(NULL, COLUMN_COUNTER_HELD, &by));
    for (size_t i = 0; i < G_N_ELEMENTS(steps); i++) {
        scene.figures[COLUMN_COUNTER_HELD] = steps[i].held;
        scene.figures[COLUMN_MALLOC_FAILS] = steps[i].fails;
        history = add(histories, &scene, START + 5 * i * SECOND);
        cr_assert(history_difference(history, COLUMN_COUNTER_HELD, &by), "%s", steps[i].sentence);
        cr_expect_eq(by, steps[i].held_by, "%s: held %d", steps[i].sentence, (int)by);
        cr_assert(history_difference(history, COLUMN_MALLOC_FAILS, &by), "%s", steps[i].sentence);
        cr_expect_eq(by, steps[i].failed_by, "%s: fails %d", steps[i].sentence, (int)by);
    }
    cr_expect_not(history_difference(history, COLUMN_HELD, &by), "it stands beside nothing");
    scene.instance = 2;
    history = add(histories, &scene, START + 100 * SECOND);
    cr_expect(history_difference(history, COLUMN_COUNTER_HELD, &by) && by == 0, "a new run");
    histories_free(histories);
}

Test(history, a_restart_ends_the_slope)
{
    struct histories *histories = histories_new();
    struct scene scene = {.instance = 1};
    double slope;
    for (unsigned i = 0; i < 10; i++) {
        scene.figures[COLUMN_HELD] = G(1) + M(1) * i;
        add(histories, &scene, START + 2 * i * SECOND);
    }
    scene.instance = 2;
    cr_expect_not(history_slope(add(histories, &scene, START + 20 * SECOND), &slope));
    histories_free(histories);
}

Test(history, a_target_is_late_since_it_was_asked_for)
{
    /* clang-format off */
    static const struct { uint64_t size, target; bool late; unsigned since; } steps[] = {
        {G(8), G(8), false, 0},
        {G(8), G(6), true, 2},
        {G(7), G(6), true, 2},
        {G(7), G(5), true, 6},
        {G(5) + M(10), G(5), false, 0}, /* near enough */
        {G(5), 0, false, 0},
    };
    /* clang-format on */
    struct histories *histories = histories_new();
    struct scene scene = {.figures[COLUMN_HELD] = G(1)};
    for (size_t i = 0; i < G_N_ELEMENTS(steps); i++) {
        uint64_t target = 0, since = 0;
        scene.figures[COLUMN_SIZE] = steps[i].size;
        scene.figures[COLUMN_TARGET] = steps[i].target;
        const struct history *history = add(histories, &scene, START + 2 * i * SECOND);
        cr_expect_eq(history_target(history, &target, &since), steps[i].late, "step %zu", i);
        cr_expect_eq(since, steps[i].late ? START + steps[i].since * SECOND : 0, "step %zu", i);
    }
    histories_free(histories);
}

Test(history, forgets_after_a_day)
{
    struct histories *histories = histories_new();
    struct scene scene = {.figures[COLUMN_HELD] = G(1)};
    struct snapshot *picture = scene_take(&scene, 1, START);
    const struct domain_key *key = &picture->domains[0].identity->key;
    histories_add(histories, NULL, picture);
    histories_expire(histories, START + UINT64_C(86400) * SECOND);
    cr_expect_not_null(histories_find(histories, key));
    histories_expire(histories, START + UINT64_C(86401) * SECOND);
    cr_expect_null(histories_find(histories, key));
    snapshot_unref(picture);
    histories_free(histories);
}

Test(history, a_version_is_of_what_moved_and_steady_is_of_what_did_not)
{
    struct histories *histories = histories_new();
    struct scene scene = {.total = G(9), .available = G(4), .figures[COLUMN_HELD] = G(1)};
    struct snapshot *shown = NULL;
    uint64_t version = 0;
    for (unsigned i = 0; i < 8; i++) {
        bool moved = i == 0 || i == 3 || i == 5;
        if (i == 3)
            scene.figures[COLUMN_HELD]++;
        if (i == 5)
            scene.available--;
        struct snapshot *picture = scene_follow(&scene, 1, START + i * SECOND, shown);
        histories_add(histories, shown, picture);
        const struct history *history =
            histories_find(histories, &picture->domains[0].identity->key);
        cr_expect_eq(history_version(history) != version, moved, "%u", i);
        cr_expect_eq(history_steady(history), i < 3, "%u", i);
        version = history_version(history);
        snapshot_unref(shown);
        shown = picture;
    }
    cr_expect_eq(history_version(NULL), 0);
    snapshot_unref(shown);
    histories_free(histories);
}
