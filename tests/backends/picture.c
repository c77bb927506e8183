/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table in its worst hour: every domain of tests/fixtures/screen in its order, with its mark,
 * what is left and why. */
#include "backends/fake.h"
#include "model/clock.h"
#include "model/select.h"
#include "model/size.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

struct expected {
    const char *name;
    char mark;
    const char *left, *why, *brief;
    int percent;
    bool differs;
};

/* clang-format off */
static const struct expected picture[] = {
    {"build-arm64-nightly-runner-shared", 'X', "317M", "2 oom-kills, last 02:41; full ~1 min", "oom-kill 02:41", 3, true},
    {"prod-postgres-primary-eu-west-1a",  '~', "1.3G", "throttled 14/s; kill in ~32 min", "throttled 14/s", 3, false},
    {"EXCH-MBX-01",                       '!', "410M", "limit 48G < size 64G: swaps 3.1G", "limit < size", 0, false},
    {"prod-postgres-replica-eu-west-1b",  ' ', "4.0G", "", "", 11, false},
    {"prod-postgres-replica-eu-west-1c",  ' ', "4.3G", "config 36.0G", "config 36.0G", 12, true},
    {"gitlab-runner-shared-01",           ' ', "1.2G", "", "", 13, false},
    {"db-staging",                        '?', "2.4G", "not answering", "not answering", 13, false},
    {"102 shop-db",                       ' ', "1.1G", "privvm fail +12", "privvm +12", 13, false},
    {"mail-gateway-dmz",                  ' ', "2.1G", "", "", 42, false},
    {"web01",                             '?', "3.2G", "not answering", "not answering", 49, false},
    {"101 shop-frontend",                 ' ', "2.1G", "", "", 52, false},
    {"web-frontend-blue",                 ' ', "2.5G", "", "", 62, false},
    {"grafana",                           ' ', "1.4G", "", "", 70, false},
    {"ci-artifactory-proxy",              ' ', "3.3G", "", "", 83, false},
    {"dns-recursor-1",                    ' ', "430M", "", "", 84, false},
    {"dns-recursor-2",                    ' ', "440M", "", "", 86, false},
    {"win2019-fileserver-hq",             ' ', NULL, "no guest numbers: stats period 0", "stats period 0", -1, false},
    {"k8s-worker-prod-01",                ' ', NULL, "", "", -1, false},
    {"k8s-worker-prod-02",                ' ', NULL, "", "", -1, false},
    {"k8s-worker-prod-03",                ' ', NULL, "balloon to 40.0G: 48.0G now, 3 min", "to 40.0G", -1, false},
    {"sap-hana-qa",                       ' ', NULL, "hugepages 64G", "huge 64G", -1, false},
    {"Domain-0",                          ' ', NULL, "", "", -1, false},
    {"billing-legacy-pv",                 ' ', NULL, "target 6.0G not reached in 9 min", "target late", -1, false},
    {"fw-pfsense-hvm",                    ' ', NULL, "", "", -1, false},
    {"billing-legacy-pv-standby",         ' ', NULL, "", "", -1, false},
    {"SQLCLUSTER-NODE-A",                 ' ', "20.5G", "", "", 8, false},
    {"SQLCLUSTER-NODE-B",                 ' ', "20.5G", "", "", 8, false},
    {"vdi-pool-gold-0001",                ' ', "20.5G", "", "", 8, false},
    {"TEMPLATE-W2022-2026Q3",             ' ', NULL, "template", "template", -1, false},
    {"b7c1a9de-4f3e-4a77-9d0c-52f1e8c0aa31-legacy-intranet", ' ', NULL, "", "", -1, false},
};
/* clang-format on */

static const char *const files[] = {"kvm07", "esx-12", "ovz02", "xen03", "kvm09"};

/* Plays the script through its past to the present, or to where the host stopped answering. */
static const struct snapshot *play(const char *file, uint16_t index, struct histories *histories)
{
    g_autofree char *uri = g_strdup_printf("fake://%s/tests/fixtures/screen/%s.fake",
                                           g_getenv("MESON_SOURCE_ROOT"), file);
    const struct wanted wanted = {.everything = true};
    struct snapshot *shown = NULL;
    struct connection *connection;
    g_autoptr(GError) error = NULL;
    cr_assert(fake_backend.open(uri, ACCESS_READ, NULL, &connection, &error), "%s: %s", file,
              error ? error->message : "");
    for (;;) {
        uint64_t now_ns = clock_ns();
        struct snapshot_builder *builder = snapshot_builder_new(&fake_backend, index, uri, shown);
        if (!fake_backend.sample(connection, &wanted, shown, builder, &error)) {
            cr_assert_eq(error->code, BACKEND_ERROR_CONNECTION, "%s: %s", file, error->message);
            snapshot_builder_free(builder);
            break;
        }
        struct snapshot *taken = snapshot_builder_finish(builder);
        histories_add(histories, shown, taken);
        snapshot_unref(shown);
        shown = taken;
        if (shown->taken_ns >= now_ns)
            break;
    }
    fake_backend.close(connection);
    return shown;
}

static size_t make_rows(const struct snapshot *const *pictures, struct histories *histories,
                        struct row *rows)
{
    const struct trouble_clock clock = {
        .now_ns = clock_ns(),
        .now = g_get_real_time() / G_TIME_SPAN_SECOND,
        .delay_ns = 2000000000,
    };
    size_t n = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++)
        for (size_t k = 0; k < pictures[i]->n_domains; k++) {
            struct row *row = &rows[n++];
            *row = (struct row){.snapshot = pictures[i], .domain = &pictures[i]->domains[k]};
            row->key = row->domain->identity->key;
            row->history = histories_find(histories, &row->key);
            trouble_find(row->snapshot, row->domain, row->history, NULL, &clock, &row->trouble);
        }
    return n;
}

static const struct row *find(const struct row *rows, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(rows[i].domain->identity->name, name) == 0)
            return &rows[i];
    return NULL;
}

static void judge(const struct row *row, const struct expected *expected)
{
    const struct trouble *trouble = &row->trouble;
    char left[SIZE_TEXT_MAX] = "";
    uint64_t bytes;
    if (value_get(trouble->left, &bytes))
        size_format_short(bytes, left);
    cr_expect_eq(trouble->mark, expected->mark, "%s: mark %c", expected->name, trouble->mark);
    cr_expect_str_eq(trouble->why, expected->why, "%s: %s", expected->name, trouble->why);
    cr_expect_str_eq(trouble->brief, expected->brief, "%s: %s", expected->name, trouble->brief);
    cr_expect_str_eq(g_strstrip(left), expected->left ? expected->left : "", "%s: left %s",
                     expected->name, left);
    cr_expect_eq(trouble->percent_left, expected->percent, "%s: %d %% left", expected->name,
                 trouble->percent_left);
    cr_expect_eq(trouble->differs, expected->differs, "%s: config differs", expected->name);
    cr_expect_leq(strlen(trouble->brief), 14, "%s: %s", expected->name, trouble->brief);
}

Test(picture, every_row_says_what_the_screen_shows)
{
    struct histories *histories = histories_new();
    const struct snapshot *pictures[G_N_ELEMENTS(files)];
    struct row rows[64];
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++)
        pictures[i] = play(files[i], (uint16_t)i, histories);
    size_t n = make_rows(pictures, histories, rows);
    cr_assert_eq(n, G_N_ELEMENTS(picture), "%zu domains", n);
    for (size_t i = 0; i < n; i++) {
        const struct row *row = find(rows, n, picture[i].name);
        cr_assert_not_null(row, "%s", picture[i].name);
        judge(row, &picture[i]);
    }
    rows_sort(rows, n, &sort_keys[0], false, true);
    for (size_t i = 0; i < 3; i++)
        cr_expect_str_eq(rows[i].domain->identity->name, picture[i].name, "row %zu is %s", i,
                         rows[i].domain->identity->name);
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++)
        snapshot_unref(pictures[i]);
    histories_free(histories);
}

Test(picture, only_the_killing_walls_are_red)
{
    static const char *const red[] = {"build-arm64-nightly-runner-shared",
                                      "prod-postgres-primary-eu-west-1a", NULL};
    struct histories *histories = histories_new();
    const struct snapshot *pictures[G_N_ELEMENTS(files)];
    struct row rows[64];
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++)
        pictures[i] = play(files[i], (uint16_t)i, histories);
    size_t n = make_rows(pictures, histories, rows);
    for (size_t i = 0; i < n; i++)
        cr_expect_eq(rows[i].trouble.red, g_strv_contains(red, rows[i].domain->identity->name),
                     "%s", rows[i].domain->identity->name);
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++)
        snapshot_unref(pictures[i]);
    histories_free(histories);
}
