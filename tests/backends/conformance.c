/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What every backend must do, whatever it manages. CONFORMANCE_URI names a hypervisor whose domains
 * may be changed, CONFORMANCE_DOMAIN one of them (raw name); by default the test driver's own.
 * Everything that is written is set back.
 */
#include "bench.h"

#include <criterion/criterion.h>
#include <string.h>

static const char *uri_under_test(void)
{
    return g_getenv("CONFORMANCE_URI") ? g_getenv("CONFORMANCE_URI") : "test:///default";
}

static const char *domain_under_test(void)
{
    return g_getenv("CONFORMANCE_DOMAIN") ? g_getenv("CONFORMANCE_DOMAIN") : "test";
}

/* Opened and read once, or the test has failed. */
static struct bench *opened(enum access access)
{
    GError *error = NULL;
    struct bench *bench = bench_open(uri_under_test(), access, &error);

    cr_assert(bench, "%s: %s", uri_under_test(), error ? error->message : "");
    cr_assert(bench_sample(bench, true, &error), "%s", error ? error->message : "");
    return bench;
}

static bool is_reason(const char *reason)
{
    size_t code = reason ? strspn(reason, "abcdefghijklmnopqrstuvwxyz0123456789_") : 0;

    return !reason || (code && strncmp(reason + code, ": ", 2) == 0 && reason[code + 2] &&
                       !g_str_has_suffix(reason, "."));
}

Test(conformance, every_row_of_the_table_can_be_shown)
{
    struct bench *bench = opened(ACCESS_READ);
    const struct tunable *rows = bench->backend->tunables;

    for (size_t i = 0; rows[i].name; i++) {
        cr_expect(rows[i].label && strlen(rows[i].label) <= 16, "%s: label", rows[i].name);
        cr_expect(rows[i].effect && g_utf8_strlen(rows[i].effect, -1) <= 20, "%s: effect",
                  rows[i].name);
        cr_expect(rows[i].native && rows[i].source && rows[i].section,
                  "%s: its native name, source and section", rows[i].name);
        cr_expect(rows[i].help && g_str_has_suffix(rows[i].help, "."), "%s: help in sentences",
                  rows[i].name);
        cr_expect(rows[i].carrier || !rows[i].scopes, "%s: says what carries it", rows[i].name);
        for (size_t k = 0; k < i; k++) {
            cr_expect(strcmp(rows[i].name, rows[k].name) != 0, "%s twice", rows[i].name);
            cr_expect(!rows[i].role || rows[i].role != rows[k].role, "%s and %s: one role",
                      rows[i].name, rows[k].name);
        }
    }
    bench_close(bench);
}

Test(conformance, every_figure_with_a_role_has_the_name_of_its_role)
{
    struct bench *bench = opened(ACCESS_READ);
    const struct figure *rows = bench->backend->figures;

    for (size_t i = 0; rows[i].name; i++) {
        cr_expect(rows[i].label && rows[i].help && rows[i].source, "%s is described", rows[i].name);
        if (rows[i].role)
            cr_expect_str_eq(rows[i].name, figure_role_name(rows[i].role));
    }
    bench_close(bench);
}

Test(conformance, what_is_not_known_says_why)
{
    struct bench *bench = opened(ACCESS_READ);
    const struct backend *backend = bench->backend;

    cr_expect(bench->snapshot->n_domains > 0);
    for (size_t i = 0; i < bench->snapshot->n_domains; i++) {
        const struct domain *domain = &bench->snapshot->domains[i];

        cr_expect(domain->identity->native_id && *domain->identity->native_id);
        for (size_t k = 0; backend->tunables[k].name; k++) {
            const struct setting *setting = &domain->settings[k];

            cr_expect(is_reason(setting->live.reason) && is_reason(setting->config.reason) &&
                          is_reason(setting->why_not),
                      "%s %s", domain->identity->name, backend->tunables[k].name);
            cr_expect(!(setting->writable & ~backend->tunables[k].scopes));
            cr_expect(!(setting->writable & SCOPE_LIVE) || setting->live.kind != VALUE_UNSUPPORTED);
            cr_expect(setting->writable == backend->tunables[k].scopes || setting->why_not,
                      "%s %s: not writable without a reason", domain->identity->name,
                      backend->tunables[k].name);
        }
        for (size_t k = 0; backend->figures[k].name; k++)
            cr_expect(is_reason(domain->figures[k].reason), "%s", backend->figures[k].name);
    }
    bench_close(bench);
}

Test(conformance, a_refresh_finds_the_same_domains_and_shares_what_did_not_change)
{
    struct bench *bench = opened(ACCESS_READ);
    struct snapshot *first = snapshot_ref(bench->snapshot);

    cr_assert(bench_sample(bench, false, NULL));
    cr_assert_eq(first->n_domains, bench->snapshot->n_domains);
    for (size_t i = 0; i < first->n_domains; i++) {
        const struct domain *now = snapshot_find(bench->snapshot, &first->domains[i].identity->key);

        cr_assert(now);
        cr_expect_eq(now->identity, first->domains[i].identity);
        cr_expect_eq(now->settings, first->domains[i].settings);
    }
    snapshot_unref(first);
    bench_close(bench);
}

/* Another value that can be written without harm; UNKNOWN where there is none. */
static struct value other_value(const struct bench *bench, const struct domain *domain,
                                const struct tunable *row, struct value now)
{
    uint64_t number, maximum;

    if (row->unit == UNIT_SECONDS)
        return value_number(value_get(now, &number) && number == 7 ? 8 : 7);
    if (row->unit == UNIT_PLAIN)
        return value_number(value_get(now, &number) && number == 40 ? 50 : 40);
    if (row->unit != UNIT_BYTES || row->choices)
        return value_unknown("no_other: no idea");
    if (row->role == ROLE_TARGET && value_get(now, &number))
        return value_number(number - number / 16 / 1048576 * 1048576);
    if (row->role == ROLE_PROTECTION || row->role == ROLE_GUARANTEE)
        return value_number(16 << 20);
    if (value_get(now, &number))
        return value_number(number + (UINT64_C(64) << 20));
    /* Far above anything that a domain of a lab holds, and below any memory+swap. */
    maximum = row->role == ROLE_SOFT ? UINT64_C(3) << 30 : UINT64_C(8) << 30;
    return row->role == ROLE_MEMSW || row->role == ROLE_SWAP ? value_number(UINT64_C(16) << 30)
                                                             : value_number(maximum);
}

static struct value value_in(const struct bench *bench, const struct domain_key *key,
                             const struct tunable *row, enum scope scope)
{
    const struct setting *setting =
        snapshot_setting(bench->snapshot, snapshot_find(bench->snapshot, key), row);

    return scope == SCOPE_LIVE ? setting->live : setting->config;
}

/* Writes values of one scope and looks at what is there then. */
static void write_and_read(struct bench *bench, const struct change *changes, size_t n)
{
    GError *error = NULL;
    const char *scope = changes[0].scope == SCOPE_LIVE ? "live" : "config";

    cr_expect(bench_write(bench, changes, n, &error), "%s %s: %s", changes[0].tunable->name, scope,
              error ? error->message : "");
    g_clear_error(&error);
    for (size_t i = 0; i < n; i++) {
        const struct tunable *row = changes[i].tunable;
        struct value wanted = tunable_round(row, changes[i].to);
        struct value after = value_in(bench, &changes[i].key, row, changes[i].scope);

        if (row->readback == READBACK_EXACT)
            cr_expect(value_equal(after, wanted), "%s %s: wrote %lu (kind %d), read %lu (kind %d)",
                      row->name, scope, wanted.number, wanted.kind, after.number, after.kind);
    }
}

/* There and back again. A limit on memory and swap needs a hard limit below it. */
static bool try_row(struct bench *bench, const struct domain_key *key, const struct tunable *row,
                    enum scope scope)
{
    const struct domain *domain = snapshot_find(bench->snapshot, key);
    const struct tunable *hard = tunable_by_role(bench->backend->tunables, ROLE_HARD);
    const enum scope other = scope == SCOPE_LIVE ? SCOPE_CONFIG : SCOPE_LIVE;
    struct change changes[2] = {{*key, row, scope, value_in(bench, key, row, scope), {0}}}, back[2];
    struct value other_before = value_in(bench, key, row, other), other_after;
    size_t n = 1;

    if (!(snapshot_setting(bench->snapshot, domain, row)->writable & scope))
        return false;
    changes[0].to = other_value(bench, domain, row, changes[0].from);
    if (!value_known(changes[0].from) || !value_known(changes[0].to))
        return false;
    if (hard && (row->role == ROLE_MEMSW || row->role == ROLE_SWAP))
        changes[n++] = (struct change){*key, hard, scope, value_in(bench, key, hard, scope),
                                       value_number(UINT64_C(8) << 30)};
    for (size_t i = 0; i < n; i++)
        back[i] = (struct change){*key, changes[i].tunable, scope, changes[i].to, changes[i].from};
    write_and_read(bench, changes, n);
    other_after = value_in(bench, key, row, other);
    cr_expect(value_equal(other_before, other_after), "%s: the other scope moved too", row->name);
    write_and_read(bench, back, n);
    return true;
}

Test(conformance, what_was_written_is_read_back_in_every_scope)
{
    struct bench *bench = opened(ACCESS_WRITE);
    const struct tunable *rows = bench->backend->tunables;
    const struct domain *domain = bench_find(bench, domain_under_test());
    unsigned written = 0;

    cr_assert(domain, "there is no domain %s", domain_under_test());
    const struct domain_key key = domain->identity->key;
    for (size_t i = 0; rows[i].name; i++) {
        written += try_row(bench, &key, &rows[i], SCOPE_LIVE);
        written += try_row(bench, &key, &rows[i], SCOPE_CONFIG);
    }
    cr_expect(written > 0, "nothing could be written");
    bench_close(bench);
}

Test(conformance, a_value_goes_to_both_scopes)
{
    struct bench *bench = opened(ACCESS_WRITE);
    const struct domain *domain = bench_find(bench, domain_under_test());
    const struct tunable *row = tunable_by_role(bench->backend->tunables, ROLE_SOFT);
    GError *error = NULL;

    cr_assert(domain);
    const struct domain_key key = domain->identity->key;
    if (!row || snapshot_setting(bench->snapshot, domain, row)->writable != SCOPE_BOTH) {
        bench_close(bench);
        cr_skip_test("no soft limit in both scopes");
    }
    const struct value live = value_in(bench, &key, row, SCOPE_LIVE);
    const struct value config = value_in(bench, &key, row, SCOPE_CONFIG);
    const struct value wanted = value_number(UINT64_C(3) << 30);
    const struct change changes[] = {{key, row, SCOPE_LIVE, live, wanted},
                                     {key, row, SCOPE_CONFIG, config, wanted}};
    const struct change back[] = {{key, row, SCOPE_LIVE, wanted, live},
                                  {key, row, SCOPE_CONFIG, wanted, config}};

    cr_expect(bench_write(bench, changes, 2, &error), "%s", error ? error->message : "");
    cr_expect(value_equal(value_in(bench, &key, row, SCOPE_LIVE), wanted));
    cr_expect(value_equal(value_in(bench, &key, row, SCOPE_CONFIG), wanted));
    cr_expect(bench_write(bench, back, 2, &error), "%s", error ? error->message : "");
    bench_close(bench);
}

Test(conformance, what_is_not_offered_is_refused_with_a_code_and_changes_nothing)
{
    struct bench *bench = opened(ACCESS_WRITE);
    const struct tunable *rows = bench->backend->tunables;
    const struct domain *domain = bench_find(bench, domain_under_test());

    cr_assert(domain);
    const struct domain_key key = domain->identity->key;
    for (size_t i = 0; rows[i].name; i++) {
        const struct setting *setting = snapshot_setting(bench->snapshot, domain, &rows[i]);
        const struct change change = {key, &rows[i], SCOPE_LIVE, setting->live,
                                      value_number(UINT64_C(5) << 30)};
        struct value before = setting->live;
        GError *error = NULL;

        if (setting->writable & SCOPE_LIVE)
            continue;
        cr_expect(!bench_write(bench, &change, 1, &error), "%s was accepted", rows[i].name);
        cr_expect(error && error->domain == BACKEND_ERROR, "%s: an error with a code",
                  rows[i].name);
        g_clear_error(&error);
        cr_expect(value_equal(before, value_in(bench, &key, &rows[i], SCOPE_LIVE)));
        domain = snapshot_find(bench->snapshot, &key);
    }
    bench_close(bench);
}

Test(conformance, a_domain_that_does_not_exist_is_gone)
{
    struct bench *bench = opened(ACCESS_WRITE);
    const struct domain *domain = bench_find(bench, domain_under_test());
    const struct tunable *row = tunable_by_role(bench->backend->tunables, ROLE_HARD);
    GError *error = NULL;

    cr_assert(domain);
    if (!row)
        row = &bench->backend->tunables[0];
    struct change change = {
        domain->identity->key, row, SCOPE_CONFIG, {0}, value_number(UINT64_C(8) << 30)};
    struct step_list *steps = step_list_new();

    cr_assert(bench->backend->plan(bench->snapshot, domain, &change, 1, steps, NULL));
    struct step step = *step_list_get(steps, 0);
    memset(step.key.id, 0x5a, sizeof(step.key.id));
    cr_expect(!bench->backend->apply(bench->connection, &step, &error));
    cr_expect(g_error_matches(error, BACKEND_ERROR, BACKEND_ERROR_GONE), "%s",
              error ? error->message : "");
    g_clear_error(&error);
    cr_expect(bench_sample_one(bench, &step.key, NULL), "asking for it alone is no error");
    step_list_free(steps);
    bench_close(bench);
}

Test(conformance, a_connection_for_reading_writes_nothing)
{
    struct bench *bench = opened(ACCESS_READ);
    const struct domain *domain = bench_find(bench, domain_under_test());
    const struct tunable *row = tunable_by_role(bench->backend->tunables, ROLE_HARD);
    GError *error = NULL;

    cr_assert(domain);
    cr_assert(row);
    struct change change = {
        domain->identity->key, row, SCOPE_CONFIG, {0}, value_number(UINT64_C(8) << 30)};

    cr_expect(!bench_write(bench, &change, 1, &error));
    cr_expect(g_error_matches(error, BACKEND_ERROR, BACKEND_ERROR_PERMISSION), "%s",
              error ? error->message : "");
    g_clear_error(&error);
    bench_close(bench);
}

Test(conformance, stopping_the_worker_ends_a_sample_with_cancelled)
{
    struct bench *bench = opened(ACCESS_READ);
    GError *error = NULL;

    g_atomic_int_set(&bench->stop, 1);
    cr_expect(!bench_sample(bench, true, &error));
    cr_expect(g_error_matches(error, BACKEND_ERROR, BACKEND_ERROR_CANCELLED));
    g_clear_error(&error);
    bench_close(bench);
}
