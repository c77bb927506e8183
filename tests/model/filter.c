/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/model/scene.h"

#include <criterion/criterion.h>

#define NOW (UINT64_C(1000) * SECOND)

/* Three rows: a tight container, a big machine with a note, one that is off. */
static const struct scene scenes[] = {
    {.name = "ci-runner-2",
     .host = "kvm07",
     .title = "Nightly build",
     .parents = "machine.slice/ci",
     .live = {[ROW_HARD] = G(1), [ROW_MAXIMUM] = G(2)},
     .figures = {[COLUMN_HELD] = M(1000), [COLUMN_PSI_FULL] = 350, [COLUMN_THROTTLED] = 12}},
    {.name = "db-prod",
     .live = {[ROW_HARD] = UINT64_MAX, [ROW_MAXIMUM] = G(32), [ROW_SWAPPINESS] = 60},
     .config = {[ROW_SWAPPINESS] = 10},
     .figures = {[COLUMN_HELD] = G(16), [COLUMN_SWAP] = G(1)}},
    {.name = "Web Front", .state = DOMAIN_OFF, .config = {[ROW_HARD] = G(4)}},
};

struct accepted {
    const char *text;
    const char *rows; /* of "012" */
};

/* clang-format off */
static const struct accepted accepted[] = {
    {"", "012"}, {"   ", "012"},
    {"ci", "0"}, {"PROD", "1"}, {"nightly", "0"}, {"kvm07", "012"}, {"nosuch", ""},
    {"name:ci-*", "0"}, {"name:runner", "0"}, {"name:*front", "2"}, {"name:c?-*", "0"}, {"name:i-*", ""},
    {"name:\"web front\"", "2"}, {"\"web front\"", "2"}, {"web front", "2"}, {"front web", "2"},
    {"state:run", "01"}, {"state:off", "2"}, {"!state:run", "2"}, {"state:unning", ""},
    {"drv:kvm", "012"}, {"drv:scene", "012"}, {"drv:lxc", ""}, {"drv:lxc|kvm", "012"}, {"drv:lxc|xen", ""},
    {"host:kvm*", "012"}, {"title:build", "0"}, {"uuid:db-", "1"}, {"pool:ci", "0"},
    {"name:ci*|name:db*", "01"}, {"ci|db", "01"}, {"!ci|db", "2"}, {"state:off|name:ci*", "02"},
    {"held>2G", "1"}, {"held>=16G", "1"}, {"held<16G", "0"}, {"held!=16G", "0"}, {"held=16G", "1"}, {"!held>2G", "02"},
    {"hard<2G", "0"}, {"hard=none", "1"}, {"hard>2G", "12"}, {"hard_limit=1G", "0"}, {"hard!=none", "02"},
    {"held>40%", "01"}, {"held>50%", ""}, {"held<49%", "0"},
    {"left<=10%", "0"}, {"left<100M", "0"}, {"left>0", "0"}, {"needed>1G", "1"},
    {"swap>0", "1"}, {"psi_full>3", "0"}, {"psi_full>3%", "0"}, {"psi_full>4", ""}, {"psi_full>3.4", "0"},
    {"throttled>10", "0"}, {"swappiness=60", "1"}, {"swappiness<60", ""},
    {"trouble", "01"}, {"!trouble", "2"}, {"differs", "1"}, {"stale", ""}, {"tagged", "2"}, {"why:left", "0"},
    {"\"trouble\"", ""}, {"privvmpages>1G", ""}, {"!privvmpages>1G", "012"},
    {"hard<2G state:run !db", "0"},
};

static const struct {
    const char *text;
    enum filter_error code;
    const char *says;
} refused[] = {
    {"hard<2",      FILTER_ERROR_VALUE,  "2 what?"},
    {"held<junk!",  FILTER_ERROR_VALUE,  "held"},
    {"hard<",       FILTER_ERROR_SYNTAX, "compared with what"},
    {"held<99999999999999G", FILTER_ERROR_VALUE, "held"},
    {"drv:",        FILTER_ERROR_SYNTAX, "drv:"},
    {"nosuch:x",    FILTER_ERROR_KEY,    "nosuch"},
    {"name:\"open", FILTER_ERROR_SYNTAX, "quote"},
    {"!",           FILTER_ERROR_SYNTAX, "missing"},
    {"a|",          FILTER_ERROR_SYNTAX, "missing"},
    {"|a",          FILTER_ERROR_SYNTAX, "missing"},
    {"\"\"",        FILTER_ERROR_SYNTAX, "missing"},
    {"\xff",        FILTER_ERROR_SYNTAX, "UTF-8"},
};
/* clang-format on */

static void make_rows(const struct snapshot *picture, struct row rows[3])
{
    struct trouble_clock clock = scene_clock(NOW);
    for (size_t i = 0; i < 3; i++) {
        rows[i] = (struct row){.snapshot = picture, .domain = &picture->domains[i]};
        rows[i].tagged = i == 2;
        trouble_find(picture, rows[i].domain, NULL, NULL, &clock, &rows[i].trouble);
    }
}

Test(filter, words_select_rows)
{
    struct row rows[3];
    struct snapshot *picture = scene_take(scenes, 3, NOW);
    make_rows(picture, rows);
    for (size_t i = 0; i < G_N_ELEMENTS(accepted); i++) {
        struct filter *filter = NULL;
        g_autoptr(GError) error = NULL;
        char selected[4] = "", *end = selected;
        cr_assert(filter_parse(accepted[i].text, &filter, &error), "%s: %s", accepted[i].text,
                  error ? error->message : "");
        for (int k = 0; k < 3; k++)
            if (filter_match(filter, &rows[k]))
                *end++ = (char)('0' + k);
        *end = '\0';
        cr_expect_str_eq(selected, accepted[i].rows, "%s: %s", accepted[i].text, selected);
        filter_free(filter);
    }
    cr_expect(filter_match(NULL, &rows[0]), "no filter takes all");
    snapshot_unref(picture);
}

Test(filter, refuses_in_one_sentence)
{
    for (size_t i = 0; i < G_N_ELEMENTS(refused); i++) {
        struct filter *filter = NULL;
        g_autoptr(GError) error = NULL;
        cr_expect_not(filter_parse(refused[i].text, &filter, &error), "%s", refused[i].text);
        cr_expect_null(filter);
        cr_expect(g_error_matches(error, FILTER_ERROR, refused[i].code), "%s", refused[i].text);
        cr_expect(error && strstr(error->message, refused[i].says), "%s: %s", refused[i].text,
                  error ? error->message : "");
        cr_expect(error && !strchr(error->message, '\n'));
    }
}
