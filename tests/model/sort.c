/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/model/scene.h"

#include <criterion/criterion.h>

#define NOW (UINT64_C(1000) * SECOND)

Test(name, compares_as_people_do)
{
    /* clang-format off */
    static const struct { const char *a, *b; int order; } cases[] = {
        {"vm2", "vm10", -1}, {"vm10", "vm2", 1}, {"vm2", "vm2", 0}, {"vm02", "vm2", -1},
        {"vm2a", "vm2b", -1}, {"VM2", "vm10", -1}, {"vm", "vm1", -1}, {"", "a", -1}, {"", "", 0},
        {"a", "B", -1}, {"Ä1", "ä2", -1}, {"a9999999999999999999999", "a10000000000000000000000", -1},
        {"1-2", "1-10", -1}, {"A", "a", -1},
    };
    /* clang-format on */
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        cr_expect_eq(name_compare(cases[i].a, cases[i].b), cases[i].order, "%s %s: %d", cases[i].a,
                     cases[i].b, name_compare(cases[i].a, cases[i].b));
}

/* a: near its limit; b: slowed; c: half full; d: no limit, biggest; e: full a third; f: off */
static const struct scene scenes[] = {
    {.name = "a", .live[ROW_HARD] = G(1), .figures = {[COLUMN_HELD] = M(1000)}},
    {.name = "b",
     .live[ROW_HARD] = G(8),
     .figures = {[COLUMN_HELD] = G(2), [COLUMN_PSI_FULL] = 900}},
    {.name = "c", .live[ROW_HARD] = G(8), .figures = {[COLUMN_HELD] = G(4)}},
    {.name = "d", .figures = {[COLUMN_HELD] = G(32), [COLUMN_SWAP] = G(1)}},
    {.name = "e", .live[ROW_HARD] = G(3), .figures = {[COLUMN_HELD] = G(1)}},
    {.name = "f", .state = DOMAIN_OFF},
};
#define N G_N_ELEMENTS(scenes)

static const char *names(const struct row *rows, char text[N + 1])
{
    for (size_t i = 0; i < N; i++)
        text[i] = rows[i].domain->identity->name[0];
    text[N] = '\0';
    return text;
}

static struct snapshot *make_rows(struct row rows[N])
{
    struct trouble_clock clock = scene_clock(NOW);
    struct snapshot *picture = scene_take(scenes, N, NOW);
    for (size_t i = 0; i < N; i++) {
        rows[i] = (struct row){.snapshot = picture, .domain = &picture->domains[N - 1 - i]};
        rows[i].key = rows[i].domain->identity->key;
        trouble_find(picture, rows[i].domain, NULL, NULL, &clock, &rows[i].trouble);
    }
    return picture;
}

Test(sort, by_every_key)
{
    /* clang-format off */
    static const struct { const char *key; bool reverse, pin; const char *order; } cases[] = {
        {"trouble", false, true, "bacedf"},
        {"name", false, false, "abcdef"}, {"name", true, false, "fedcba"}, {"name", false, true, "bacdef"},
        {"held", false, false, "dcbeaf"}, {"held", true, false, "aebcdf"}, {"held", false, true, "badcef"},
        {"left", false, false, "aecbdf"}, {"left_percent", false, false, "acebdf"},
        {"limit", false, false, "dbceaf"}, {"swap", false, false, "dabcef"},
        {"state", false, false, "abcdef"}, {"host", false, false, "abcdef"},
        {"psi", false, false, "bacdef"}, {"needed", true, false, "aebcdf"},
    };
    /* clang-format on */
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct row rows[N];
        char text[N + 1];
        struct snapshot *picture = make_rows(rows);
        rows_sort(rows, N, sort_key_find(cases[i].key), cases[i].reverse, cases[i].pin);
        cr_expect_str_eq(names(rows, text), cases[i].order, "%s%s%s: %s", cases[i].key,
                         cases[i].reverse ? " reversed" : "", cases[i].pin ? " pinned" : "", text);
        snapshot_unref(picture);
    }
}

Test(sort, every_key_has_a_name_and_is_found)
{
    for (const struct sort_key *key = sort_keys; key->name; key++)
        cr_expect_eq(sort_key_find(key->name), key, "%s", key->name);
    for (int role = FIGURE_HELD; role < FIGURE_ROLE_COUNT_; role++)
        cr_expect_not_null(sort_key_find(figure_role_name(role)), "%s", figure_role_name(role));
    cr_expect_null(sort_key_find("nosuch"));
}

Test(sort, holds_the_order_and_puts_new_rows_behind_it)
{
    struct row rows[N], held[N];
    struct domain_key order[3];
    char text[N + 1];
    struct snapshot *picture = make_rows(rows);
    rows_sort(rows, N, sort_key_find("name"), false, false);
    memcpy(held, rows, sizeof held);
    order[0] = rows[4].key;
    order[1] = rows[0].key;
    order[2] = rows[2].key;
    rows_hold(held, N, order, 3);
    cr_expect_str_eq(names(held, text), "eacbdf", "%s", text);
    memcpy(held, rows, sizeof held);
    rows_hold(held, N, order, 0);
    cr_expect_str_eq(names(held, text), "abcdef", "%s", text);
    snapshot_unref(picture);
}
