/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/model/scene.h"

#include <criterion/criterion.h>

#define NOW (UINT64_C(100000) * SECOND)

struct judged {
    const char *sentence;
    struct scene scene;
    enum trouble_rank rank;
    char mark;
    bool red, yellow;
    int percent;
    const char *code, *why;
};

/* clang-format off */
static const struct judged single[] = {
    {"what the host can drop is no trouble",
     {.live[ROW_HARD] = G(4), .figures = {[COLUMN_HELD] = G(4), [COLUMN_DROPPABLE] = G(3)}},
     TROUBLE_NONE, ' ', false, false, 75, "", ""},
    {"below 5 % of a killing wall is red",
     {.live[ROW_HARD] = M(1000), .figures = {[COLUMN_HELD] = M(960)}},
     TROUBLE_NEAR, '!', true, false, 4, "near_limit", "4 % left of hard limit"},
    {"between 5 and 10 % is a yellow note",
     {.live[ROW_HARD] = M(1000), .figures = {[COLUMN_HELD] = M(910)}},
     TROUBLE_NOTE, ' ', false, true, 9, "low_left", "9 % left of hard limit"},
    {"a wall already passed has nothing left",
     {.live[ROW_HARD] = M(1000), .figures = {[COLUMN_HELD] = M(1200)}},
     TROUBLE_NEAR, '!', true, false, 0, "near_limit", "0 % left of hard limit"},
    {"a slow wall is yellow and never red",
     {.live[ROW_LIMIT] = M(1000), .figures = {[COLUMN_HELD] = M(990)}},
     TROUBLE_SLOW_WALL, '!', false, true, 1, "near_slow_limit", "1 % left of limit"},
    {"a soft limit is no wall",
     {.live[ROW_SOFT] = M(1000), .figures = {[COLUMN_HELD] = M(1000)}},
     TROUBLE_NONE, ' ', false, false, -1, "", ""},
    {"a limit below the size is a slow wall",
     {.live[ROW_LIMIT] = G(48), .live[ROW_MAXIMUM] = G(64), .figures = {[COLUMN_HELD] = G(20), [COLUMN_SWAP] = G(3)}},
     TROUBLE_SLOW_WALL, '!', false, true, 58, "limit_below_size", "limit 48G < size 64G: swaps 3.0G"},
    {"a full parent kills as an own limit does",
     {.live[ROW_HARD] = G(8), .figures = {[COLUMN_HELD] = G(1)}, .wall = {"machine.slice", G(10), G(10) - M(100), WALL_KILLS}},
     TROUBLE_NEAR, '!', true, false, 0, "near_limit", "0 % left of machine.slice"},
    {"the host is no wall of a domain without limits while it has 10 % left",
     {.total = G(100), .available = G(11), .figures = {[COLUMN_HELD] = G(1)}},
     TROUBLE_NONE, ' ', false, false, -1, "", ""},
    {"a host with less than 10 % left is everybody's wall",
     {.total = G(100), .available = G(9), .figures = {[COLUMN_HELD] = G(1)}},
     TROUBLE_NONE, ' ', false, true, 9, "", ""},
    {"a host with less than 5 % left is worth a word",
     {.total = G(100), .available = G(3), .figures = {[COLUMN_HELD] = G(1)}},
     TROUBLE_NOTE, ' ', false, true, 3, "host_low", "3 % left of host host1"},
    {"the host bites first where it has less left than the own limit",
     {.total = G(100), .available = G(20), .live[ROW_HARD] = G(64), .figures = {[COLUMN_HELD] = G(1)}},
     TROUBLE_NONE, ' ', false, false, 20, "", ""},
    {"a counter is as near as the domain can grow in proportion",
     {.live[ROW_HARD] = G(8), .live[ROW_COUNTER] = M(48), .figures = {[COLUMN_HELD] = G(7), [COLUMN_COUNTER_HELD] = M(24)}},
     TROUBLE_NONE, ' ', false, false, 12, "", ""},
    {"a full counter is a slow wall",
     {.live[ROW_HARD] = G(8), .live[ROW_COUNTER] = M(100), .figures = {[COLUMN_HELD] = G(2), [COLUMN_COUNTER_HELD] = M(98)}},
     TROUBLE_SLOW_WALL, '!', false, true, 2, "near_slow_limit", "2 % left of counter"},
    {"pressure of 5 % slows",
     {.figures = {[COLUMN_HELD] = G(1), [COLUMN_PSI_FULL] = 500}},
     TROUBLE_SLOWED, '~', false, true, -1, "stalled", "stalled 5 % of the time"},
    {"pressure below 5 % does not",
     {.figures = {[COLUMN_HELD] = G(1), [COLUMN_PSI_FULL] = 499}},
     TROUBLE_NONE, ' ', false, false, -1, "", ""},
    {"another persistent limit is named by its size",
     {.live[ROW_HARD] = G(34), .config[ROW_HARD] = G(36), .figures = {[COLUMN_HELD] = G(10)}},
     TROUBLE_NOTE, ' ', false, false, 70, "config_differs", "config 36.0G"},
    {"no persistent limit is named too",
     {.live[ROW_HARD] = G(34), .config[ROW_HARD] = UINT64_MAX, .figures = {[COLUMN_HELD] = G(10)}},
     TROUBLE_NOTE, ' ', false, false, 70, "config_differs", "config none"},
    {"a difference that rounding makes is none",
     {.live[ROW_HARD] = G(34), .config[ROW_HARD] = G(34) + 100, .figures = {[COLUMN_HELD] = G(10)}},
     TROUBLE_NONE, ' ', false, false, 70, "", ""},
    {"swappiness that only the next start has",
     {.live[ROW_SWAPPINESS] = 60, .config[ROW_SWAPPINESS] = 10, .figures = {[COLUMN_HELD] = G(10)}},
     TROUBLE_NOTE, ' ', false, false, -1, "config_differs", "swappiness 10 not applied"},
    {"kills of which nobody knows when are a note",
     {.figures = {[COLUMN_HELD] = G(1), [COLUMN_OOM_KILLS] = 3}},
     TROUBLE_NOTE, ' ', false, false, -1, "oom_kills_before", "3 oom-kills since its start, time not known"},
    {"a recorded kill of the last day is a death",
     {.figures = {[COLUMN_HELD] = G(1), [COLUMN_OOM_KILLS] = 1, [COLUMN_OOM_TIME] = 100000 - 3600}},
     TROUBLE_KILLED, 'X', false, false, -1, "oom_kill", "oom-kill 02:46"},
    {"a recorded kill of the day before is not",
     {.figures = {[COLUMN_HELD] = G(1), [COLUMN_OOM_KILLS] = 1, [COLUMN_OOM_TIME] = 100000 - 90000}},
     TROUBLE_NOTE, ' ', false, false, -1, "oom_kills_before", "1 oom-kill since its start, time not known"},
    {"what it died of is shown for a day",
     {.state = DOMAIN_OFF, .ended = "oom_kill: killed by the kernel", .ended_time = 100000 - 60},
     TROUBLE_KILLED, 'X', false, false, -1, "died", "died 03:45: killed by the kernel"},
    {"and not longer",
     {.state = DOMAIN_OFF, .ended = "oom_kill: killed by the kernel", .ended_time = 100000 - 90000},
     TROUBLE_NONE, ' ', false, false, -1, "", ""},
    {"a shutdown is nobody's trouble",
     {.state = DOMAIN_OFF, .ended = "shutdown: shut down", .ended_time = 100000 - 60},
     TROUBLE_NONE, ' ', false, false, -1, "", ""},
    {"a crash is",
     {.state = DOMAIN_CRASHED, .ended_time = 100000 - 60},
     TROUBLE_KILLED, 'X', false, false, -1, "died", "crashed 03:45"},
    {"a failure of which nobody knows when is a note",
     {.state = DOMAIN_OFF, .ended = "crashed: it crashed"},
     TROUBLE_NOTE, ' ', false, false, -1, "failed_before", "it crashed"},
    {"a template is called one",
     {.state = DOMAIN_TEMPLATE}, TROUBLE_NOTE, ' ', false, false, -1, "template", "template"},
};
/* clang-format on */

static void judge(const struct judged *judged, const struct trouble *trouble)
{
    cr_expect_eq(trouble->rank, judged->rank, "%s: rank %d", judged->sentence, trouble->rank);
    cr_expect_eq(trouble->mark, judged->mark, "%s: mark %c", judged->sentence, trouble->mark);
    cr_expect_eq(trouble->red, judged->red, "%s: red", judged->sentence);
    cr_expect_eq(trouble->yellow, judged->yellow, "%s: yellow", judged->sentence);
    cr_expect_eq(trouble->percent_left, judged->percent, "%s: %d %%", judged->sentence,
                 trouble->percent_left);
    cr_expect_str_eq(trouble->code, judged->code, "%s: %s", judged->sentence, trouble->code);
    cr_expect_str_eq(trouble->why, judged->why, "%s: %s", judged->sentence, trouble->why);
}

static struct trouble find(const struct scene *scene, uint64_t taken_ns, uint64_t now_ns,
                           struct histories *histories, const struct trouble *before)
{
    struct trouble trouble;
    struct trouble_clock clock = scene_clock(now_ns);
    struct snapshot *picture = scene_take(scene, 1, taken_ns);
    if (histories)
        histories_add(histories, NULL, picture);
    trouble_find(picture, &picture->domains[0],
                 histories ? histories_find(histories, &picture->domains[0].identity->key) : NULL,
                 before, &clock, &trouble);
    snapshot_unref(picture);
    return trouble;
}

Test(trouble, one_picture)
{
    g_setenv("TZ", "UTC", TRUE);
    for (size_t i = 0; i < G_N_ELEMENTS(single); i++) {
        struct trouble trouble = find(&single[i].scene, NOW, NOW, NULL, NULL);
        judge(&single[i], &trouble);
        cr_expect_leq(strlen(trouble.brief), 14, "%s", trouble.brief);
    }
}

Test(trouble, red_ends_at_8_percent_once_that_lasted_60_s)
{
    /* clang-format off */
    static const struct { unsigned second, percent; bool red; } steps[] = {
        {0, 6, false}, {2, 4, true}, {4, 6, true}, {6, 7, true}, {8, 9, true}, {60, 9, true},
        {65, 9, true}, {67, 9, false}, {69, 7, false}, {71, 4, true},
    };
    /* clang-format on */
    struct trouble before, *last = NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(steps); i++) {
        uint64_t now = NOW + steps[i].second * SECOND;
        struct scene scene = {.live[ROW_HARD] = M(100),
                              .figures[COLUMN_HELD] = M(100) - M(1) * steps[i].percent};
        struct trouble trouble = find(&scene, now, now, NULL, last);
        cr_expect_eq(trouble.red, steps[i].red, "%u %% at %u s", steps[i].percent, steps[i].second);
        before = trouble;
        last = &before;
    }
}

Test(trouble, a_raised_limit_ends_red_at_once)
{
    struct scene scene = {.live[ROW_HARD] = M(100), .figures[COLUMN_HELD] = M(98)};
    struct trouble before = find(&scene, NOW, NOW, NULL, NULL);
    cr_assert(before.red);
    scene.live[ROW_HARD] = M(200);
    cr_expect_not(find(&scene, NOW + SECOND, NOW + SECOND, NULL, &before).red);
}

Test(trouble, an_old_picture_says_nothing_of_what_is_slow_now)
{
    struct scene scene = {.live[ROW_HARD] = M(100),
                          .figures = {[COLUMN_HELD] = M(50), [COLUMN_PSI_FULL] = 4000}};
    struct trouble fresh = find(&scene, NOW, NOW + 10 * SECOND, NULL, NULL);
    struct trouble old = find(&scene, NOW, NOW + 11 * SECOND, NULL, NULL);
    cr_expect_eq(fresh.mark, '~');
    cr_expect_eq(old.mark, '?');
    cr_expect_str_eq(old.why, "not answering");
    cr_expect(old.stale);
    cr_expect_eq(old.age_ns, 11 * SECOND);
}

Test(trouble, a_slope_of_ten_samples_tells_when_it_is_killed)
{
    struct histories *histories = histories_new();
    struct scene scene = {.live[ROW_HARD] = M(1000)};
    struct trouble trouble = {0};
    for (unsigned i = 0; i < 10; i++) {
        cr_expect_eq(trouble.seconds_left, i ? -1 : 0, "no slope of %u samples", i);
        scene.figures[COLUMN_HELD] = M(400) + M(2) * i;
        trouble = find(&scene, NOW + 2 * i * SECOND, NOW + 2 * i * SECOND, histories, NULL);
    }
    cr_expect_eq(trouble.seconds_left, 582, "%d s", (int)trouble.seconds_left);
    cr_expect(trouble.red);
    cr_expect_str_eq(trouble.why, "kill in ~10 min; 582M left of hard limit", "%s", trouble.why);
    cr_expect_str_eq(trouble.brief, "kill ~10 min");
    histories_free(histories);
}

/* 12 pictures, 2 s apart, of one counter that grows by `step`. */
static struct trouble count_up(struct scene scene, int column, unsigned step)
{
    struct histories *histories = histories_new();
    struct trouble trouble = {0};
    for (unsigned i = 0; i < 12; i++) {
        uint64_t now = NOW + 2 * i * SECOND;
        scene.figures[column] = 5 + i * step;
        trouble = find(&scene, now, now, histories, NULL);
    }
    histories_free(histories);
    return trouble;
}

Test(trouble, counters_that_grow)
{
    /* clang-format off */
    static const struct {
        const char *sentence;
        struct scene scene;
        int column;
        unsigned step;
        char mark;
        const char *why;
    } cases[] = {
        {"one throttling a second", {.figures[COLUMN_HELD] = G(1)}, COLUMN_THROTTLED, 2, '~', "throttled 1/s"},
        {"28 in 2 s", {.figures[COLUMN_HELD] = G(1)}, COLUMN_THROTTLED, 28, '~', "throttled 14/s"},
        {"one in 2 s", {.figures[COLUMN_HELD] = G(1)}, COLUMN_THROTTLED, 1, ' ', ""},
        {"only cache is reclaimed",
         {.live[ROW_SOFT] = G(4), .figures = {[COLUMN_HELD] = G(4), [COLUMN_DROPPABLE] = G(3)}},
         COLUMN_THROTTLED, 28, ' ', "page cache reclaimed 14/s"},
        {"an oom-kill that was seen", {.figures[COLUMN_HELD] = G(1)}, COLUMN_OOM_KILLS, 1, 'X', "11 oom-kills, last 03:47"},
        {"malloc refused just now", {.figures[COLUMN_HELD] = G(1)}, COLUMN_MALLOC_FAILS, 1, '!', "malloc fails: privvm fail +11"},
    };
    /* clang-format on */
    g_setenv("TZ", "UTC", TRUE);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct trouble trouble = count_up(cases[i].scene, cases[i].column, cases[i].step);
        cr_expect_eq(trouble.mark, cases[i].mark, "%s: %c", cases[i].sentence, trouble.mark);
        cr_expect_str_eq(trouble.why, cases[i].why, "%s: %s", cases[i].sentence, trouble.why);
    }
}

Test(trouble, every_wall_nearest_first)
{
    struct scene scene = {.total = G(100),
                          .available = M(1536),
                          .live = {[ROW_HARD] = G(8), [ROW_SOFT] = G(7), [ROW_COUNTER] = M(48)},
                          .figures = {[COLUMN_HELD] = G(5), [COLUMN_COUNTER_HELD] = 0},
                          .wall = {"machine.slice", G(10), G(9), WALL_KILLS}};
    static const char *const owners[] = {"machine.slice", "host host1", "soft limit", "hard limit",
                                         "counter"};
    struct wall_state walls[8];
    struct snapshot *picture = scene_take(&scene, 1, NOW);
    size_t n = trouble_walls(picture, &picture->domains[0], walls, 8);
    cr_assert_eq(n, 5, "%zu", n);
    for (size_t i = 0; i < n; i++)
        cr_expect_str_eq(wall_owner(picture, &walls[i]), owners[i], "%zu", i);
    cr_expect_eq(walls[0].left, (int64_t)G(1));
    cr_expect_not(walls[4].known, "what counts against it was not read");
    cr_expect_eq(trouble_walls(picture, &picture->domains[0], walls, 2), 2);
    snapshot_unref(picture);
}

/* What is not looked at anew is what would be found, whatever moves and however long nothing does.
 */
Test(trouble, what_is_not_looked_at_anew_would_be_the_same)
{
    struct histories *histories = histories_new();
    struct trouble before[3] = {{.rank = TROUBLE_NONE}};
    struct snapshot *shown = NULL;
    struct scene scenes[3];
    unsigned n_kept = 0;
    for (int i = 0; i < 3; i++)
        scenes[i] = (struct scene){.name = (const char *const[]){"a", "b", "c"}[i],
                                   .total = G(100),
                                   .available = G(50),
                                   .live = {[ROW_HARD] = G(4), [ROW_SOFT] = G(3)},
                                   .figures = {[COLUMN_HELD] = G(1)}};
    g_autoptr(GRand) random = g_rand_new_with_seed(7);
    for (uint64_t step = 1; step <= 3000; step++) {
        uint64_t now = NOW + 2 * step * SECOND;
        struct trouble_clock clock = scene_clock(now + (step % 50 == 0 ? 60 * SECOND : 0));
        struct scene *scene = &scenes[g_rand_int_range(random, 0, 3)];
        int what = g_rand_int_range(random, 0, 60);
        if (what == 0)
            scene->figures[COLUMN_HELD] = M(1) * (uint64_t)g_rand_int_range(random, 100, 4096);
        else if (what == 1)
            scene->live[ROW_HARD] = scene->live[ROW_HARD] == G(4) ? M(4500) : G(4);
        else if (what == 2)
            scene->config[ROW_HARD] = scene->config[ROW_HARD] ? 0 : G(9);
        else if (what == 3)
            scenes[0].available = M(1) * (uint64_t)g_rand_int_range(random, 100, 51200);
        struct snapshot *picture = scene_follow(scenes, 3, now, shown);
        histories_add(histories, shown, picture);
        for (size_t i = 0; i < 3; i++) {
            const struct domain *domain = &picture->domains[i];
            const struct history *history = histories_find(histories, &domain->identity->key);
            struct trouble anew, found, looked = before[i];
            looked.version = 0; /* no version is */
            trouble_find(picture, domain, history, &looked, &clock, &anew);
            trouble_find(picture, domain, history, &before[i], &clock, &found);
            n_kept += history_steady(history) && before[i].version == found.version &&
                      found.rank == TROUBLE_NONE;
            cr_assert_eq(found.rank, anew.rank, "step %d", (int)step);
            cr_assert_str_eq(found.why, anew.why, "step %d", (int)step);
            cr_assert(value_equal(found.left, anew.left), "step %d", (int)step);
            cr_assert(value_equal(found.limit, anew.limit), "step %d", (int)step);
            cr_assert(value_equal(found.needed, anew.needed), "step %d", (int)step);
            cr_assert_eq(found.percent_left, anew.percent_left, "step %d", (int)step);
            cr_assert_eq(found.age_ns, anew.age_ns, "step %d", (int)step);
            cr_assert_eq(found.slope, anew.slope, "step %d", (int)step);
            cr_assert_eq(found.near_ns, anew.near_ns, "step %d", (int)step);
            cr_assert_eq(found.wall.left, anew.wall.left, "step %d", (int)step);
            before[i] = found;
        }
        snapshot_unref(shown);
        shown = picture;
    }
    cr_expect_gt(n_kept, 500, "%u", n_kept);
    snapshot_unref(shown);
    histories_free(histories);
}
