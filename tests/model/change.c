/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/changeset.h"

#include "tests/model/sample-backend.h"

#include <criterion/criterion.h>
#include <string.h>

static struct change change(const char *domain, const char *row, enum scope scope, uint64_t from,
                            uint64_t to)
{
    return (struct change){
        .key = sample_key(domain),
        .tunable = sample_row(row),
        .scope = scope,
        .from = value_number(from),
        .to = value_number(to),
    };
}

Test(change, within_the_same_page_is_none)
{
    struct change c = change("db", "hard_limit", SCOPE_LIVE, 8192, 8193);

    cr_expect(change_is_noop(&c));
    cr_expect_not(change_tightens(&c));
    c.to = value_number(4096);
    cr_expect_not(change_is_noop(&c));
    cr_expect(change_tightens(&c));
}

Test(change, danger_is_found_on_tightening_only)
{
    struct change lower = change("db", "hard_limit", SCOPE_LIVE, GIB(2), GIB(1));
    struct change raise = change("db", "hard_limit", SCOPE_LIVE, GIB(1), GIB(2));
    struct findings *findings = findings_new();

    cr_expect_null(findings_worst(findings));
    findings_add(findings, SEVERITY_KILLS, &raise, "a", "raised");
    findings_add(findings, SEVERITY_DANGER, &raise, "b", "raised");
    findings_add(findings, SEVERITY_REFUSE, &raise, "c", "raised");
    findings_add(findings, SEVERITY_KILLS, &lower, "d", "lowered");
    cr_expect_eq(findings_get(findings, 0)->severity, SEVERITY_NOTE);
    cr_expect_eq(findings_get(findings, 1)->severity, SEVERITY_NOTE);
    cr_expect_eq(findings_get(findings, 2)->severity, SEVERITY_REFUSE);
    cr_expect_eq(findings_get(findings, 3)->severity, SEVERITY_KILLS);
    cr_expect_str_eq(findings_worst(findings)->code, "c");
    findings_free(findings);
    findings_free(NULL);
}

Test(change, the_same_finding_in_both_scopes_is_said_once)
{
    struct change live = change("db", "hard_limit", SCOPE_LIVE, GIB(2), GIB(1));
    struct change config = change("db", "hard_limit", SCOPE_CONFIG, GIB(2), GIB(1));
    struct findings *findings = findings_new();

    findings_add(findings, SEVERITY_WARN, &live, "a", "%s\033", "text");
    findings_add(findings, SEVERITY_WARN, &config, "a", "%s\033", "text");
    findings_add(findings, SEVERITY_WARN, &config, "a", "other");
    findings_add(findings, SEVERITY_WARN, NULL, "a", "of nothing");
    cr_assert_eq(findings_count(findings), 3);
    cr_expect_eq(findings_get(findings, 0)->scope, SCOPE_BOTH);
    cr_expect_str_eq(findings_get(findings, 0)->text, "text\\x1b");
    cr_expect_eq(findings_get(findings, 1)->scope, SCOPE_CONFIG);
    cr_expect_null(findings_get(findings, 2)->tunable);
    findings_free(findings);
}

Test(change, a_step_owns_a_copy_of_what_it_carries)
{
    struct change both[] = {change("db", "hard_limit", SCOPE_LIVE, GIB(2), GIB(1)),
                            change("db", "hard_limit", SCOPE_CONFIG, GIB(2), GIB(1))};
    struct step_list *list = step_list_new();
    struct step *step = step_list_add(list, both, 2, NULL, g_strdup("virsh memtune"));

    step->shared = g_strdup("machine.slice");
    step_list_add(list, both, 1, NULL, NULL);
    both[0].to = value_number(5);
    cr_assert_eq(step_list_count(list), 2);
    cr_expect_eq(step_list_get(list, 0)->scope, SCOPE_BOTH);
    cr_expect_eq(step_list_get(list, 1)->scope, SCOPE_LIVE);
    cr_expect(domain_key_equal(&step->key, &both[0].key));
    cr_expect(value_equal(step_list_get(list, 0)->changes[0].to, value_number(GIB(1))));
    cr_expect_str_eq(step->command, "virsh memtune");
    step_list_free(list);
    step_list_free(NULL);
}

Test(change, outcomes_and_severities_have_their_words)
{
    cr_expect_str_eq(outcome_name(OUTCOME_WOULD_CHANGE), "would-change");
    cr_expect_str_eq(outcome_name(OUTCOME_GONE_BACK), "gone-back");
    cr_expect_str_eq(outcome_name(OUTCOME_KEPT), "kept");
    cr_expect_str_eq(severity_name(SEVERITY_NOTE), "note");
    cr_expect_str_eq(severity_name(SEVERITY_KILLS), "kills");
    cr_expect_str_eq(severity_name(SEVERITY_REFUSE), "refuse");
}

Test(change, a_cleared_result_can_be_cleared_again)
{
    struct result result = {.text = g_strdup("x")};

    result_clear(&result);
    result_clear(&result);
    result_clear(NULL);
    cr_expect_null(result.text);
}

Test(changeset, keeps_one_change_for_each_place_in_order)
{
    struct changeset *set = changeset_new();
    struct change a = change("db", "hard_limit", SCOPE_LIVE, 1, 2);
    struct change b = change("db", "hard_limit", SCOPE_CONFIG, 1, 2);
    struct change c = change("web", "hard_limit", SCOPE_LIVE, 1, 2);
    g_autofree struct change *of = NULL;
    g_autofree struct domain_key *domains = NULL;
    struct change undone;
    size_t n;

    changeset_put(set, &a);
    changeset_put(set, &b);
    changeset_put(set, &c);
    a.to = value_number(3);
    changeset_put(set, &a);
    cr_assert_eq(changeset_count(set), 3);
    cr_expect_eq(changeset_find(set, &a.key, a.tunable, SCOPE_LIVE)->to.number, 3);
    cr_expect_null(changeset_find(set, &c.key, a.tunable, SCOPE_CONFIG));
    of = changeset_of(set, &a.key, &n);
    cr_expect_eq(n, 2);
    cr_expect_eq(of[0].scope, SCOPE_CONFIG);
    domains = changeset_domains(set, &n);
    cr_assert_eq(n, 2);
    cr_expect(domain_key_equal(&domains[0], &b.key));
    cr_expect(domain_key_equal(&domains[1], &c.key));

    cr_expect(changeset_undo(set, &undone));
    cr_expect_eq(undone.to.number, 3, "the newest is what was staged last");
    changeset_drop_domain(set, &changeset_get(set, 0)->key);
    cr_expect_eq(changeset_count(set), 1);
    changeset_clear(set);
    cr_expect_not(changeset_undo(set, &undone));
    changeset_free(set);
    changeset_free(NULL);
}

Test(changeset, a_change_back_takes_it_out)
{
    struct changeset *set = changeset_new();
    struct change c = change("db", "hard_limit", SCOPE_LIVE, 1, 2);

    changeset_put(set, &c);
    c.to = c.from;
    changeset_put(set, &c);
    cr_expect_eq(changeset_count(set), 0);
    changeset_free(set);
}
