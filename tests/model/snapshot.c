/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/snapshot.h"

#include "tests/model/sample-backend.h"

#include <criterion/criterion.h>
#include <string.h>

#define HOUR_US (INT64_C(3600) * 1000000)

static struct snapshot *two(const struct snapshot *previous)
{
    struct sample samples[] = {sample_new("web"), sample_new("db")};

    sample_figure(&samples[0], FIGURE_HELD, value_number(GIB(1)));
    return sample_snapshot(&sample_backend, samples, 2, previous);
}

Test(snapshot, what_did_not_change_is_shared_with_the_previous_picture)
{
    struct snapshot *first = two(NULL), *second = two(first);
    const struct domain *a = sample_domain(first, "web"), *b = sample_domain(second, "web");

    cr_expect_eq(a->identity, b->identity);
    cr_expect_eq(a->settings, b->settings);
    cr_expect_neq(a->figures, b->figures);
    cr_expect_eq(second->serial, first->serial + 1);
    snapshot_unref(first);
    cr_expect_str_eq(b->identity->name, "web", "what was shared outlives the first picture");
    cr_expect_eq(snapshot_setting(second, b, sample_row("hard_limit"))->live.kind, VALUE_UNLIMITED);
    snapshot_unref(second);
}

Test(snapshot, each_thing_that_changed_is_seen_and_the_other_stays_shared)
{
    struct snapshot *first = two(NULL), *second;
    struct sample samples[] = {sample_new("web"), sample_new("db")};

    samples[0].state = DOMAIN_PAUSED;
    sample_set(&samples[1], "shares", value_choice(1, 10), value_choice(1, 20));
    second = sample_snapshot(&sample_backend, samples, 2, first);
    cr_expect_neq(sample_domain(first, "web")->identity, sample_domain(second, "web")->identity);
    cr_expect_eq(sample_domain(first, "web")->settings, sample_domain(second, "web")->settings);
    cr_expect_eq(sample_domain(first, "db")->identity, sample_domain(second, "db")->identity);
    cr_expect_neq(sample_domain(first, "db")->settings, sample_domain(second, "db")->settings);
    snapshot_unref(first);

    /* What a choice amounts to is worth showing, though it is the same choice. */
    sample_set(&samples[1], "shares", value_choice(1, 11), value_choice(1, 20));
    first = second;
    second = sample_snapshot(&sample_backend, samples, 2, first);
    cr_expect_neq(sample_domain(first, "db")->settings, sample_domain(second, "db")->settings);
    snapshot_unref(first);
    snapshot_unref(second);
}

Test(snapshot, names_are_cleaned_and_the_raw_name_stays)
{
    struct sample sample = sample_new("evil\033[2J");
    struct snapshot *first = sample_snapshot(&sample_backend, &sample, 1, NULL);
    struct snapshot *second = sample_snapshot(&sample_backend, &sample, 1, first);

    cr_expect_str_eq(first->domains[0].identity->name, "evil\\x1b[2J");
    cr_expect_str_eq(first->domains[0].identity->raw_name, "evil\033[2J");
    cr_expect_eq(first->domains[0].identity, second->domains[0].identity);
    snapshot_unref(first);
    snapshot_unref(second);
}

/* A picture an hour after the last with the domains named; the previous one is let go. */
static struct snapshot *later(struct snapshot *previous, int64_t time, const char *const *names)
{
    struct snapshot_builder *builder =
        snapshot_builder_new(&sample_backend, 0, "sample:///", previous);
    struct snapshot *snapshot;

    snapshot_builder_clock(builder, 1, time);
    for (; *names; names++) {
        uint8_t id[16];
        struct draft *draft;

        sample_id(*names, id);
        draft = snapshot_builder_domain(builder, id);
        draft->name = *names;
        draft->state = DOMAIN_RUNNING;
        draft->figures[0] = value_number(GIB(1)); /* held */
        draft->figures[7] = value_number(3);      /* oom_kills */
        draft->settings[0].writable = SCOPE_BOTH;
        snapshot_builder_add(builder);
    }
    snapshot = snapshot_builder_finish(builder);
    snapshot_unref(previous);
    return snapshot;
}

Test(snapshot, a_vanished_domain_stays_a_day_as_a_ghost)
{
    static const char *const both[] = {"web", "db", NULL}, *const one[] = {"web", NULL};
    int64_t start = 1000 * HOUR_US;
    struct snapshot *snapshot = later(NULL, start, both);
    const struct domain *ghost;

    snapshot = later(snapshot, start + HOUR_US, one);
    ghost = sample_domain(snapshot, "db");
    cr_assert_not_null(ghost);
    cr_expect_eq(ghost->identity->state, DOMAIN_GONE);
    cr_expect_eq(ghost->identity->ended_time, 1001 * 3600);
    cr_expect_eq(ghost->settings[0].writable, 0);
    cr_expect_eq(snapshot_figure(snapshot, ghost, FIGURE_HELD).kind, VALUE_UNSUPPORTED);
    cr_expect(value_equal(snapshot_figure(snapshot, ghost, FIGURE_OOM_KILLS), value_number(3)));

    snapshot = later(snapshot, start + 24 * HOUR_US, one);
    cr_assert_not_null(sample_domain(snapshot, "db"), "23 hours");
    cr_expect_eq(sample_domain(snapshot, "db")->identity->ended_time, 1001 * 3600);
    snapshot = later(snapshot, start + 25 * HOUR_US, one);
    cr_expect_null(sample_domain(snapshot, "db"), "24 hours");
    cr_expect_eq(snapshot->n_domains, 1);
    snapshot_unref(snapshot);
}

Test(snapshot, a_ghost_that_comes_back_is_a_domain_again)
{
    static const char *const both[] = {"web", "db", NULL}, *const one[] = {"web", NULL};
    struct snapshot *snapshot = later(NULL, HOUR_US, both);

    snapshot = later(snapshot, 2 * HOUR_US, one);
    snapshot = later(snapshot, 3 * HOUR_US, both);
    cr_expect_eq(snapshot->n_domains, 2);
    cr_expect_eq(sample_domain(snapshot, "db")->identity->state, DOMAIN_RUNNING);
    snapshot_unref(snapshot);
}

/* Found by key and by place, whatever order they come in. */
Test(snapshot, domains_are_found_in_any_order)
{
    static const char *const orders[][5] = {
        {"web", "db", "old"},
        {"web", "db", "old"},
        {"db", "web", "old"},
        {"db", "web", "new", "old"},
        {"web", "old"},
        {"web", "old", "web"},
        {"old", "old", "web", "db"},
        {"old", "web", "db", "old"},
        {NULL},
        {"db"},
    };
    struct snapshot *snapshot = NULL;

    for (size_t i = 0; i < G_N_ELEMENTS(orders); i++) {
        snapshot = later(snapshot, (int64_t)(i + 1) * 25 * HOUR_US, orders[i]);
        for (size_t k = 0; orders[i][k]; k++) {
            const struct domain *domain = sample_domain(snapshot, orders[i][k]);

            cr_assert_not_null(domain, "%zu: %s", i, orders[i][k]);
            cr_expect_str_eq(domain->identity->name, orders[i][k]);
            cr_expect_eq(domain->identity->state, DOMAIN_RUNNING);
        }
        for (size_t k = 0; k < snapshot->n_domains; k++) {
            const struct domain *domain = &snapshot->domains[k];

            cr_expect_eq(snapshot_find(snapshot, &domain->identity->key), domain);
            cr_expect_eq(snapshot_find_at(snapshot, &domain->identity->key, k + 1), domain);
            for (size_t j = 0; j < k; j++)
                cr_expect_neq(snapshot->domains[j].identity, domain->identity, "%zu twice", i);
        }
    }
    snapshot_unref(snapshot);
}

Test(snapshot, a_sample_of_one_domain_keeps_the_rest_but_for_what_is_gone)
{
    static const char *const three[] = {"web", "db", "old", NULL};
    struct snapshot *first = later(NULL, HOUR_US, three), *second;
    struct snapshot_builder *builder =
        snapshot_builder_new(&sample_backend, 0, "sample:///", first);
    uint8_t id[16];
    struct draft *draft;

    sample_id("db", id);
    draft = snapshot_builder_domain(builder, id);
    cr_assert_not_null(draft->previous);
    draft->keep_identity = draft->keep_settings = true;
    draft->figures[0] = value_number(GIB(2));
    sample_id("old", id);
    snapshot_builder_gone(builder, id, "shut_off: it was shut off");
    snapshot_builder_keep_rest(builder);
    second = snapshot_builder_finish(builder);

    cr_expect_eq(second->n_domains, 3);
    cr_expect(value_equal(sample_domain(second, "db")->figures[0], value_number(GIB(2))));
    cr_expect_eq(sample_domain(second, "db")->settings_ns, 1);
    cr_expect_gt(sample_domain(second, "db")->taken_ns, 1);
    cr_expect(value_equal(sample_domain(second, "web")->figures[0], value_number(GIB(1))));
    cr_expect_eq(sample_domain(second, "web")->taken_ns, 1);
    cr_expect_eq(sample_domain(second, "old")->identity->state, DOMAIN_GONE);
    cr_expect_str_eq(sample_domain(second, "old")->identity->ended, "shut_off: it was shut off");
    snapshot_unref(first);
    snapshot_unref(second);
}

Test(snapshot, figures_and_walls_that_are_kept_keep_their_age)
{
    struct snapshot_builder *builder = snapshot_builder_new(&sample_backend, 0, "sample:///", NULL);
    struct wall wall = {.owner = "machine.slice", .limit = GIB(9), .kind = WALL_KILLS};
    struct snapshot *first, *second;
    uint8_t id[16] = {1};
    struct draft *draft = snapshot_builder_domain(builder, id);

    draft->name = "web";
    draft->figures[0] = value_number(5);
    draft->taken_ns = 77;
    snapshot_builder_wall(builder, &wall);
    first = snapshot_builder_finish(builder);
    builder = snapshot_builder_new(&sample_backend, 0, "sample:///", first);
    draft = snapshot_builder_domain(builder, id);
    draft->keep_identity = draft->keep_settings = draft->keep_figures = true;
    second = snapshot_builder_finish(builder);
    snapshot_unref(first);

    cr_expect_eq(second->domains[0].taken_ns, 77);
    cr_expect(value_equal(second->domains[0].figures[0], value_number(5)));
    cr_assert_eq(second->domains[0].n_walls, 1);
    cr_expect_eq(second->domains[0].walls[0].limit, GIB(9));
    snapshot_unref(second);
}

Test(snapshot, a_domain_begun_twice_is_there_once_as_it_was_last)
{
    static const char *const names[] = {"web", "db", "web", NULL};
    struct snapshot *snapshot = later(NULL, HOUR_US, names);

    cr_expect_eq(snapshot->n_domains, 2);
    cr_expect_str_eq(sample_domain(snapshot, "web")->identity->name, "web");
    snapshot_unref(snapshot);
}

Test(snapshot, another_state_keeps_the_picture_and_its_age)
{
    struct snapshot *first = two(NULL);
    struct snapshot *lost = snapshot_with_state(&sample_backend, 0, "sample:///", first,
                                                CONNECTION_LOST, "broken \033pipe.\nmore", 9);
    struct snapshot *empty =
        snapshot_with_state(&sample_backend, 0, "sample:///", NULL, CONNECTION_CONNECTING, NULL, 0);

    cr_expect_eq(lost->state, CONNECTION_LOST);
    cr_expect_eq(lost->n_domains, 2);
    cr_expect_eq(lost->taken_ns, first->taken_ns);
    cr_expect_eq(lost->retry_ns, 9);
    cr_expect_str_eq(lost->error, "broken \\x1bpipe");
    cr_expect_str_eq(lost->host.name, "samplehost");
    cr_expect_eq(empty->n_domains, 0);
    cr_expect_eq(empty->taken_ns, 0);
    snapshot_unref(first);
    snapshot_unref(lost);
    snapshot_unref(empty);
}

Test(snapshot, a_builder_given_up_half_way_leaks_nothing)
{
    struct snapshot *first = two(NULL);
    struct snapshot_builder *builder = snapshot_builder_new(&sample_backend, 0, "x", first);
    uint8_t id[16] = {1};

    snapshot_builder_domain(builder, id)->name = "web";
    snapshot_builder_keep_rest(builder);
    snapshot_builder_domain(builder, id)->name = "web";
    snapshot_builder_free(builder);
    snapshot_builder_free(NULL);
    snapshot_unref(first);
    snapshot_unref(NULL);
}

Test(snapshot, a_row_that_the_hypervisor_does_not_have_is_unsupported)
{
    static const struct tunable other = {.name = "other"};
    struct snapshot *snapshot = two(NULL);
    const struct domain *domain = &snapshot->domains[0];

    cr_expect_eq(snapshot_setting(snapshot, domain, &other)->live.kind, VALUE_UNSUPPORTED);
    cr_expect_eq(snapshot_figure(snapshot, domain, FIGURE_PSI_FULL).kind, VALUE_UNSUPPORTED);
    cr_expect_null(snapshot_role(snapshot, domain, ROLE_LIMIT_SLOW));
    cr_expect_not_null(snapshot_role(snapshot, domain, ROLE_HARD));
    snapshot_unref(snapshot);
}
