/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The review without a screen: what is judged, what blocks, what is asked, what is written. */
#include "ui/review.h"
#include "tests/model/sample-backend.h"
#include "ui/review-file.h"

#include <criterion/criterion.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

static bool plan(const struct snapshot *snapshot, const struct domain *domain,
                 const struct change *changes, size_t n, struct step_list *steps, GError **error)
{
    step_list_add(steps, changes, n, NULL,
                  g_strdup_printf("tune '%s with a blank' --some-rather-long-option=1 "
                                  "--another-rather-long-option=2 --last",
                                  domain->identity->name));
    return true;
}

struct scene {
    struct backend backend;
    struct sample sample;
    struct snapshot *snapshot;
    struct changeset *changes;
    struct review *review;
    bool stale, gone;
};

static bool find(const struct domain_key *key, struct row *row, void *data)
{
    struct scene *scene = data;

    *row = (struct row){.key = *key, .snapshot = scene->snapshot};
    row->domain = scene->gone ? NULL : snapshot_find(scene->snapshot, key);
    row->trouble.stale = scene->stale;
    return row->domain != NULL;
}

static void scene_init(struct scene *scene)
{
    scene->backend = sample_backend;
    scene->backend.plan = plan;
    scene->sample = sample_new("web1");
    sample_set(&scene->sample, "hard_limit", value_number(GIB(8)), value_number(GIB(8)));
    sample_figure(&scene->sample, FIGURE_HELD, value_number(GIB(4)));
    sample_figure(&scene->sample, FIGURE_DROPPABLE, value_number(MIB(512)));
    scene->snapshot = sample_snapshot(&scene->backend, &scene->sample, 1, NULL);
    scene->changes = changeset_new();
}

static void stage(struct scene *scene, const char *name, enum scope scope, struct value to)
{
    struct change change = sample_change(scene->snapshot, "web1", name, scope, to);

    changeset_put(scene->changes, &change);
}

static const struct review_group *judge(struct scene *scene)
{
    review_free(scene->review);
    scene->review = review_new(scene->changes, find, scene);
    return review_get(scene->review, 0);
}

static void scene_clear(struct scene *scene)
{
    review_free(scene->review);
    changeset_free(scene->changes);
    snapshot_unref(scene->snapshot);
}

static char *text_of(struct scene *scene, int width)
{
    g_autoptr(GPtrArray) lines = review_lines(scene->review, width);
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < lines->len; i++) {
        const struct review_line *line = g_ptr_array_index(lines, i);

        g_string_append_printf(text, "%s|%s\n", line->text, line->right ? line->right : "");
    }
    return g_string_free(text, FALSE);
}

Test(review, a_verdict_for_each_kind_of_change)
{
    const struct {
        const char *what;
        uint64_t to;
        bool stale, gone;
        enum review_verdict verdict;
    } cases[] = {
        {"a higher limit is ready", GIB(10), false, false, REVIEW_READY},
        {"a lower one that leaves room is ready", GIB(6), false, false, REVIEW_READY},
        {"one below what is needed asks for a kill", GIB(2), false, false, REVIEW_ASKS_KILL},
        {"a limit of 0 is blocked", 0, false, false, REVIEW_BLOCKED},
        {"a stale domain is blocked", GIB(10), true, false, REVIEW_BLOCKED},
        {"a domain that is gone is blocked", GIB(10), false, true, REVIEW_BLOCKED},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct scene scene = {.stale = cases[i].stale, .gone = cases[i].gone};
        const struct review_group *group;

        scene_init(&scene);
        stage(&scene, "hard_limit", SCOPE_LIVE, value_number(cases[i].to));
        group = judge(&scene);
        cr_expect_eq(group->verdict, cases[i].verdict, "%s: %d", cases[i].what,
                     (int)group->verdict);
        cr_expect_eq(group->verdict == REVIEW_BLOCKED, group->blocked != NULL, "%s", cases[i].what);
        scene_clear(&scene);
    }
}

Test(review, only_what_is_ready_is_in_the_asked_changes)
{
    struct scene scene = {0};
    g_autofree struct change *changes = NULL;
    g_autofree char *question = NULL;
    size_t n;

    scene_init(&scene);
    stage(&scene, "hard_limit", SCOPE_LIVE, value_number(GIB(10)));
    judge(&scene);
    changes = review_changes(scene.review, REVIEW_READY, &n);
    cr_assert_eq(n, 1);
    question = review_question(scene.review, changes, n);
    cr_expect_str_eq(question, "Apply 1 loosening change to web1? Enter = yes");
    g_free(changes);
    stage(&scene, "hard_limit", SCOPE_LIVE, value_number(GIB(2)));
    judge(&scene);
    changes = review_changes(scene.review, REVIEW_READY, &n);
    cr_expect_eq(n, 0, "a killing change is never among those that Enter applies");
    scene_clear(&scene);
}

Test(review, it_is_judged_against_the_values_of_now)
{
    struct scene scene = {0};
    const struct review_group *group;
    struct snapshot *old;
    g_autofree char *text = NULL;

    scene_init(&scene);
    stage(&scene, "hard_limit", SCOPE_LIVE, value_number(GIB(9)));
    cr_expect(judge(&scene)->loosens);
    sample_set(&scene.sample, "hard_limit", value_number(GIB(12)), value_number(GIB(8)));
    old = scene.snapshot;
    scene.snapshot = sample_snapshot(&scene.backend, &scene.sample, 1, old);
    snapshot_unref(old);
    group = judge(&scene);
    cr_expect(group->tightens, "somebody raised it: 9 GiB takes room away now");
    text = text_of(&scene, 80);
    cr_expect(strstr(text, "was 8 GiB, reads 12 GiB now"), "%s", text);
    scene_clear(&scene);
}

Test(review, the_scope_that_stays_is_said)
{
    struct scene scene = {0};
    g_autofree char *text = NULL;

    scene_init(&scene);
    stage(&scene, "hard_limit", SCOPE_LIVE, value_number(GIB(10)));
    judge(&scene);
    text = text_of(&scene, 80);
    cr_expect(strstr(text, "8 -> 10 GiB"), "%s", text);
    cr_expect(strstr(text, "stays: acts again at the next start"), "%s", text);
    cr_expect(strstr(text, "left 4.5 -> 6.5 GiB"), "%s", text);
    scene_clear(&scene);
}

Test(review, a_wrapped_command_is_the_command_with_backslashes)
{
    static const int widths[] = {40, 60, 80, 160};
    struct scene scene = {0};

    scene_init(&scene);
    stage(&scene, "hard_limit", SCOPE_LIVE, value_number(GIB(10)));
    judge(&scene);
    for (size_t i = 0; i < G_N_ELEMENTS(widths); i++) {
        g_autofree char *commands = review_commands(scene.review);
        g_autoptr(GPtrArray) lines = review_lines(scene.review, widths[i]);
        g_autoptr(GString) joined = g_string_new(NULL);
        bool inside = false;

        for (guint at = 0; at < lines->len; at++) {
            const char *text = ((struct review_line *)g_ptr_array_index(lines, at))->text;
            g_autofree char *bare = g_strstrip(g_strdup(text));
            bool more = g_str_has_suffix(bare, " \\");

            if (!inside && !g_str_has_prefix(bare, "tune "))
                continue;
            if (more)
                bare[strlen(bare) - 1] = '\0';
            g_string_append(joined, bare);
            inside = more;
        }
        g_string_append_c(joined, '\n');
        cr_expect_str_eq(joined->str, commands, "%d columns", widths[i]);
    }
    scene_clear(&scene);
}

Test(review, a_file_is_private_and_never_written_over_silently)
{
    struct scene scene = {0};
    g_autofree char *dir = g_dir_make_tmp("review-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(dir, "changes.sh", NULL), *text = NULL;
    g_autoptr(GError) error = NULL;
    struct stat status;

    scene_init(&scene);
    stage(&scene, "hard_limit", SCOPE_LIVE, value_number(GIB(10)));
    judge(&scene);
    cr_assert(review_save(scene.review, path, 0, false, NULL));
    cr_assert_eq(stat(path, &status), 0);
    cr_expect_eq(status.st_mode & 0777, 0600);
    cr_assert(g_file_get_contents(path, &text, NULL, NULL));
    cr_expect(g_str_has_prefix(text, "#!/bin/sh\n"));
    cr_expect(strstr(text, "\ntune 'web1 with a blank'"), "%s", text);
    cr_expect(!review_save(scene.review, path, 0, false, &error));
    cr_expect(g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_EXIST));
    cr_expect(review_save(scene.review, path, 0, true, NULL));
    g_remove(path);
    g_rmdir(dir);
    scene_clear(&scene);
}

Test(review, a_script_does_not_run_what_kills)
{
    struct scene scene = {0};
    g_autofree char *text = NULL;

    scene_init(&scene);
    stage(&scene, "hard_limit", SCOPE_LIVE, value_number(GIB(2)));
    judge(&scene);
    text = review_script(scene.review, 0);
    cr_expect(strstr(text, "\n# tune "), "%s", text);
    cr_expect(!strstr(text, "\ntune "), "%s", text);
    scene_clear(&scene);
}

Test(review, json_has_exact_values)
{
    struct scene scene = {0};
    g_autofree char *text = NULL;

    scene_init(&scene);
    stage(&scene, "hard_limit", SCOPE_LIVE, value_number(GIB(10)));
    stage(&scene, "hard_limit", SCOPE_CONFIG, value_unlimited());
    judge(&scene);
    text = review_json(scene.review);
    cr_expect(strstr(text, "\"wanted\" : 10737418240"), "%s", text);
    cr_expect(strstr(text, "\"wanted\" : \"unlimited\""), "%s", text);
    cr_expect(strstr(text, "\"tunable\" : \"hard_limit\""), "%s", text);
    scene_clear(&scene);
}

/* --- safe shrink ---------------------------------------------------------------------------- */

static bool plan_shrink(const struct snapshot *snapshot, const struct domain *domain,
                        const struct change *changes, size_t n, struct step_list *steps,
                        GError **error)
{
    return plan(snapshot, domain, changes, n, steps, error);
}

static bool cannot_shrink(const struct snapshot *snapshot, const struct domain *domain,
                          const struct change *changes, size_t n, struct step_list *steps,
                          GError **error)
{
    g_set_error_literal(error, BACKEND_ERROR, BACKEND_ERROR_UNSUPPORTED, "not from here");
    return false;
}

Test(review, a_shrink_is_offered_where_it_can_be_done)
{
    const struct {
        const char *what;
        uint64_t to;
        bool offered, other;
        const char *summary;
    } cases[] = {
        {"a raise is none", GIB(10), false, false, NULL},
        {"what fits goes to what is staged", GIB(6), true, false, "safe shrink line 1 to 6 GiB"},
        {"what would kill goes to the lowest that would do", GIB(2), true, true,
         "safe shrink line 1 to 3.6 GiB"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct scene scene = {0};
        const struct review_group *group;
        g_autofree char *summary = NULL;
        g_autofree struct change *changes = NULL;
        size_t n;

        scene_init(&scene);
        scene.backend.plan_shrink = plan_shrink;
        stage(&scene, "hard_limit", SCOPE_LIVE, value_number(cases[i].to));
        stage(&scene, "hard_limit", SCOPE_CONFIG, value_number(cases[i].to));
        group = judge(&scene);
        cr_expect_eq(group->shrink.offered, cases[i].offered, "%s", cases[i].what);
        cr_expect_eq(group->shrink.other, cases[i].other, "%s", cases[i].what);
        summary = review_shrink_summary(scene.review);
        cr_expect_eq(g_strcmp0(summary, cases[i].summary), 0, "%s: %s", cases[i].what, summary);
        changes = review_shrink_changes(scene.review, REVIEW_READY, &n);
        cr_expect_eq(n, cases[i].offered ? 2 : 0, "%s", cases[i].what);
        if (n == 2)
            cr_expect(value_equal(changes[0].to, changes[1].to), "%s: for the next start as well",
                      cases[i].what);
        scene_clear(&scene);
    }
}

Test(review, where_it_cannot_be_shrunk_the_reason_stands_with_what_kills)
{
    struct scene scene = {0};
    g_autofree char *text = NULL, *summary = NULL;

    scene_init(&scene);
    scene.backend.plan_shrink = cannot_shrink;
    stage(&scene, "hard_limit", SCOPE_LIVE, value_number(GIB(2)));
    judge(&scene);
    text = text_of(&scene, 120);
    cr_expect(strstr(text, "a kill takes milliseconds. not from here"), "%s", text);
    summary = review_shrink_summary(scene.review);
    cr_expect_null(summary);
    scene_clear(&scene);
}
