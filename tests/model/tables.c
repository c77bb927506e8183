/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values, rows of tables, and names of states: the small files of the model. */
#include "model/decimal.h"
#include "tests/model/sample-backend.h"

#include <criterion/criterion.h>
#include <string.h>

Test(value, equal_is_the_same_kind_and_content)
{
    cr_expect(value_equal(value_number(1), value_number(1)));
    cr_expect_not(value_equal(value_number(1), value_number(2)));
    cr_expect_not(value_equal(value_number(0), value_unset()));
    cr_expect_not(value_equal(value_unlimited(), value_unset()));
    cr_expect(value_equal(value_choice(1, 5), value_choice(1, 6)));
    cr_expect_not(value_equal(value_choice(1, 5), value_choice(2, 5)));
    cr_expect(value_equal(value_unknown(NULL), (struct value){0}));
    cr_expect_not(value_equal(value_unknown("a: b"), value_unknown("a: c")));
    cr_expect_not(value_equal(value_unknown("a: b"), value_unsupported("a: b")));
}

Test(value, unlimited_is_above_all_numbers_and_what_is_not_known_below)
{
    struct value order[] = {value_unknown(NULL), value_number(0), value_number(UINT64_MAX),
                            value_unlimited()};

    for (int i = 0; i < 4; i++) {
        for (int j = 0; j < 4; j++) {
            int compared = value_compare(order[i], order[j]);

            cr_expect_eq((compared > 0) - (compared < 0), (i > j) - (i < j), "%d %d", i, j);
        }
    }
}

Test(value, reasons_have_a_code_and_a_text)
{
    struct value value = value_unknown("no_balloon: containers have no balloon");
    char code[24], tiny[4];

    cr_expect_str_eq(value_reason_text(value), "containers have no balloon");
    value_reason_code(value, code, sizeof(code));
    cr_expect_str_eq(code, "no_balloon");
    value_reason_code(value, tiny, sizeof(tiny));
    cr_expect_str_eq(tiny, "no_");
    value_reason_code((struct value){0}, code, sizeof(code));
    cr_expect_str_eq(code, "not_read");
    cr_expect_str_eq(value_reason_text(value_number(5)), "");
    value_reason_code(value_number(5), code, sizeof(code));
    cr_expect_str_eq(code, "");
}

Test(tunable, is_found_by_name_alias_libvirt_name_role_and_group)
{
    static const char *const names[][2] = {
        {"hard_limit", "hard_limit"},     {"memory.max", "hard_limit"},
        {"hard", "hard_limit"},           {"soft", "soft_limit"},
        {"memsw", "swap_hard_limit"},     {"swap", "swap_max"},
        {"min_guarantee", "min"},         {"guarantee", "min"},
        {"currentMemory", "memory"},      {"target", "memory"},
        {"maximum", "maximum"},           {"shares", "shares"},
        {"shmpages", "shmpages.barrier"}, {"privvmpages.limit", "privvmpages.limit"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        const struct tunable *row = tunable_find(sample_backend.tunables, names[i][0]);

        cr_assert_not_null(row, "%s", names[i][0]);
        cr_expect_str_eq(row->name, names[i][1], "%s: %s", names[i][0], row->name);
    }
    cr_expect_null(tunable_find(sample_backend.tunables, "HARD"));
    cr_expect_null(tunable_find(sample_backend.tunables, ""));
    cr_expect_null(tunable_find(NULL, "hard"));
    cr_expect_null(tunable_by_role(sample_backend.tunables, ROLE_NONE));
    cr_expect_null(tunable_by_role(sample_backend.tunables, ROLE_LIMIT_SLOW));
}

Test(tunable, taking_room_away_is_tightening)
{
#define N(n)                                                                                       \
    {                                                                                              \
        .kind = VALUE_NUMBER, .number = (n)                                                        \
    }
    /* clang-format off */
    static const struct {
        const char *row;
        struct value from, to;
        bool tightens;
    } cases[] = {
        {"hard_limit", N(GIB(2)), N(GIB(1)), true},
        {"hard_limit", N(GIB(1)), N(GIB(2)), false},
        {"hard_limit", N(GIB(1)), N(GIB(1)), false},
        {"hard_limit", N(GIB(1) + 1), N(GIB(1)), false}, /* the same page */
        {"hard_limit", {.kind = VALUE_UNLIMITED}, N(GIB(2)), true},
        {"hard_limit", N(GIB(2)), {.kind = VALUE_UNLIMITED}, false},
        {"hard_limit", {.kind = VALUE_UNSET}, N(GIB(2)), true},
        {"hard_limit", N(GIB(2)), {.kind = VALUE_UNSET}, false},
        {"hard_limit", {.kind = VALUE_UNKNOWN}, N(GIB(2)), true},
        {"min", {.kind = VALUE_UNSET}, N(GIB(2)), false},
        {"min", N(GIB(2)), {.kind = VALUE_UNSET}, true},
        {"min", N(GIB(2)), N(GIB(1)), true},
        {"memory", N(GIB(2)), N(GIB(1)), true},
        {"maximum", N(GIB(2)), N(GIB(1)), true},
        {"swappiness", N(60), N(10), true},
        {"swappiness", N(10), N(60), false},
        {"shares", {.kind = VALUE_CHOICE, .choice = 2}, {.kind = VALUE_CHOICE, .choice = 1}, true},
        {"shares", {.kind = VALUE_CHOICE, .choice = 1}, {.kind = VALUE_CHOICE, .choice = 2}, false},
        {"shares", {.kind = VALUE_CHOICE, .choice = 1, .number = 10}, N(20), false},
        {"shares", {.kind = VALUE_CHOICE, .choice = 1}, N(20), true},
        {"stats_period", N(5), N(0), false},
        {"reserve_all", {.kind = VALUE_CHOICE, .choice = 1}, {.kind = VALUE_CHOICE, .choice = 0}, true},
    };
    /* clang-format on */

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        cr_expect_eq(tunable_tightens(sample_row(cases[i].row), cases[i].from, cases[i].to),
                     cases[i].tightens, "case %zu, %s", i, cases[i].row);
}

Test(tunable, numbers_are_rounded_down_to_the_granule)
{
    const struct tunable *row = sample_row("hard_limit");

    cr_expect(value_equal(tunable_round(row, value_number(8191)), value_number(4096)));
    cr_expect(value_equal(tunable_round(row, value_unlimited()), value_unlimited()));
    cr_expect(
        value_equal(tunable_round(sample_row("swappiness"), value_number(61)), value_number(61)));
}

Test(figure, every_role_has_a_name_of_its_own)
{
    cr_expect_null(figure_role_name(FIGURE_NONE));
    for (int i = FIGURE_NONE + 1; i < FIGURE_ROLE_COUNT_; i++) {
        cr_assert_not_null(figure_role_name((enum figure_role)i), "role %d", i);
        for (int j = FIGURE_NONE + 1; j < i; j++)
            cr_expect_str_neq(figure_role_name((enum figure_role)i),
                              figure_role_name((enum figure_role)j));
    }
}

Test(figure, is_found_by_name_and_by_role)
{
    cr_expect_eq(figure_index(sample_backend.figures, "guest"), 2);
    cr_expect_eq(figure_index(sample_backend.figures, "nosuch"), -1);
    cr_expect_eq(figure_by_role(sample_backend.figures, FIGURE_GUEST), 2);
    cr_expect_eq(figure_by_role(sample_backend.figures, FIGURE_NONE), -1);
    cr_expect_eq(figure_count(sample_backend.figures),
                 (size_t)figure_index(sample_backend.figures, "psi_total") + 1);
    cr_expect_eq(figure_count(NULL), 0);
}

Test(domain, states_have_names_and_letters_of_their_own)
{
    for (int i = DOMAIN_UNKNOWN; i <= DOMAIN_INACCESSIBLE; i++) {
        for (int j = DOMAIN_UNKNOWN; j < i; j++) {
            cr_expect_str_neq(domain_state_name((enum domain_state)i),
                              domain_state_name((enum domain_state)j));
            cr_expect_neq(domain_state_letter((enum domain_state)i),
                          domain_state_letter((enum domain_state)j));
        }
    }
    cr_expect(domain_state_active(DOMAIN_PAUSED));
    cr_expect_not(domain_state_active(DOMAIN_OFF));
    cr_expect_not(domain_state_active(DOMAIN_GONE));
}

Test(domain, keys_are_the_same_where_id_and_connection_are)
{
    struct domain_key a = sample_key("web"), b = sample_key("web"), c = sample_key("db");

    cr_expect(domain_key_equal(&a, &b));
    cr_expect_eq(domain_key_hash(&a), domain_key_hash(&b));
    cr_expect_not(domain_key_equal(&a, &c));
    b.connection = 1;
    cr_expect_not(domain_key_same(&a, &b));
}

Test(decimal, products_are_exact_and_never_wrap)
{
    struct decimal d;
    uint64_t product;

    cr_expect_eq(decimal_scan("5.", &d), 1, "a point without digits is not read");
    cr_expect_eq(decimal_scan("x", &d), 0);
    cr_expect_eq(decimal_scan("0.9999999999999999999999999", &d), 27);
    cr_expect(decimal_times(&d, UINT64_MAX, &product));
    cr_expect_eq(product, UINT64_MAX - 1);
    decimal_scan("1.0000001", &d);
    cr_expect_not(decimal_times(&d, UINT64_MAX, &product));
    decimal_scan("123.45", &d);
    d = decimal_percent(&d);
    cr_expect(decimal_times(&d, 10000, &product));
    cr_expect_eq(product, 12345);
}
