/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The form without a screen: what is typed, what is staged, what it says. */
#include "ui/form.h"
#include "tests/model/sample-backend.h"

#include <criterion/criterion.h>
#include <string.h>

#define DOMAINS 2

struct scene {
    struct sample samples[DOMAINS];
    struct snapshot *snapshot;
    struct row rows[DOMAINS];
    struct changeset *changes;
    struct form *form;
    size_t n;
};

static void take(struct scene *scene)
{
    struct snapshot *old = scene->snapshot;

    scene->snapshot = sample_snapshot(&sample_backend, scene->samples, scene->n, old);
    for (size_t i = 0; i < scene->n; i++) {
        scene->rows[i] =
            (struct row){.key = sample_key(scene->samples[i].name),
                         .snapshot = scene->snapshot,
                         .domain = sample_domain(scene->snapshot, scene->samples[i].name)};
        trouble_wall(scene->snapshot, scene->rows[i].domain, &scene->rows[i].trouble.wall,
                     &(struct wall_state){0});
    }
    if (scene->form)
        form_take(scene->form, scene->rows);
    snapshot_unref(old);
}

static void set_limits(struct sample *sample, uint64_t hard_live, uint64_t hard_config)
{
    sample_set(sample, "hard_limit", value_number(hard_live), value_number(hard_config));
    sample_set(sample, "memory", value_number(GIB(2)), value_number(GIB(2)));
    sample_set(sample, "maximum", value_unsupported("off: not now"), value_number(GIB(3)));
    sample_figure(sample, FIGURE_HELD, value_number(GIB(3)));
    sample_figure(sample, FIGURE_DROPPABLE, value_number(MIB(256)));
}

static struct scene scene_new(size_t n)
{
    struct scene scene = {.n = n};

    scene.samples[0] = sample_new("web1");
    scene.samples[1] = sample_new("web2");
    set_limits(&scene.samples[0], GIB(4), GIB(6));
    set_limits(&scene.samples[1], GIB(16), GIB(16));
    scene.changes = changeset_new();
    take(&scene);
    scene.form = form_new(scene.rows, n, scene.changes);
    return scene;
}

static void scene_free(struct scene *scene)
{
    form_free(scene->form);
    changeset_free(scene->changes);
    snapshot_unref(scene->snapshot);
}

static size_t row_of(struct scene *scene, const char *name)
{
    return form_find(scene->form, sample_row(name));
}

/* What is staged for the domain's row, as bytes; 0 nothing. */
static uint64_t staged(struct scene *scene, const char *domain, const char *name, enum scope scope)
{
    struct domain_key key = sample_key(domain);
    const struct change *change = changeset_find(scene->changes, &key, sample_row(name), scope);

    return change ? change->to.number : 0;
}

Test(form, what_is_typed_is_staged_for_live_and_config)
{
    const struct {
        const char *text;
        uint64_t live, config; /* 0: nothing staged */
    } cases[] = {
        {"5g", GIB(5), GIB(5)},  {"+2g", 0 + GIB(6), 0}, /* computed from live, and config is that
                                                            already */
        {"+4g", GIB(8), GIB(8)}, {"6g", GIB(6), 0},           {"+50%", GIB(6), 0},
        {"4g", 0, GIB(4)},       {" 5 GiB ", GIB(5), GIB(5)}, {"", 0, 0},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct scene scene = scene_new(1);

        cr_expect(form_type(scene.form, row_of(&scene, "hard_limit"), cases[i].text));
        cr_expect_eq(staged(&scene, "web1", "hard_limit", SCOPE_LIVE), cases[i].live, "%s",
                     cases[i].text);
        cr_expect_eq(staged(&scene, "web1", "hard_limit", SCOPE_CONFIG), cases[i].config, "%s",
                     cases[i].text);
        scene_free(&scene);
    }
}

Test(form, nonsense_gives_one_sentence_stages_nothing_and_is_kept)
{
    static const char *const junk[] = {"18",   "4Q",    "-",     "g",
                                       "90%",  "+",     "1e9g",  "ünsin",
                                       "--5g", "none2", "+none", "99999999999999999999g"};
    struct scene scene = scene_new(1);

    for (size_t row = 0; row < form_n_rows(scene.form); row++) {
        if (form_row(scene.form, row)->kind != FORM_FIELD)
            continue;
        for (size_t i = 0; i < G_N_ELEMENTS(junk); i++) {
            bool mixed, taken = form_type(scene.form, row, junk[i]);
            const char *error = form_error(scene.form, row);

            cr_expect_str_eq(form_text(scene.form, row, &mixed), junk[i]);
            cr_expect_eq(taken, error == NULL);
            cr_expect(!error || (strlen(error) > 8 && !strchr(error, '\n')), "%s: %s", junk[i],
                      error);
            if (!taken)
                cr_expect_eq(form_n_staged(scene.form), 0, "%s", junk[i]);
            form_type(scene.form, row, "");
        }
    }
    scene_free(&scene);
}

Test(form, an_error_takes_back_what_was_staged_before_it)
{
    struct scene scene = scene_new(1);
    size_t hard = row_of(&scene, "hard_limit");

    form_type(scene.form, hard, "5g");
    cr_expect_eq(form_n_staged(scene.form), 2);
    cr_expect(!form_type(scene.form, hard, "5gg"));
    cr_expect_eq(form_n_staged(scene.form), 0, "half a value must not be written");
    scene_free(&scene);
}

Test(form, what_is_relative_is_computed_for_each_domain)
{
    struct scene scene = scene_new(2);
    size_t hard = row_of(&scene, "hard_limit");
    g_autofree char *live = form_value(scene.form, hard, SCOPE_LIVE);
    g_autofree char *native = form_native(scene.form, hard);

    cr_expect_str_eq(live, "4-16 GiB");
    cr_expect(strstr(native, "mixed: 4-16 GiB"), "%s", native);
    cr_expect(form_type(scene.form, hard, "+2g"));
    cr_expect_eq(staged(&scene, "web1", "hard_limit", SCOPE_LIVE), GIB(6));
    cr_expect_eq(staged(&scene, "web2", "hard_limit", SCOPE_LIVE), GIB(18));
    cr_expect_eq(staged(&scene, "web2", "hard_limit", SCOPE_CONFIG), GIB(18));
    scene_free(&scene);
}

Test(form, a_relative_value_does_not_move_with_what_is_live)
{
    struct scene scene = scene_new(1);

    form_type(scene.form, row_of(&scene, "hard_limit"), "+4g");
    set_limits(&scene.samples[0], GIB(5), GIB(6));
    take(&scene);
    cr_expect_eq(staged(&scene, "web1", "hard_limit", SCOPE_LIVE), GIB(8));
    scene_free(&scene);
}

Test(form, the_scope_moves_everything_typed_in_this_form)
{
    struct scene scene = scene_new(1);

    form_type(scene.form, row_of(&scene, "hard_limit"), "5g");
    form_set_scopes(scene.form, SCOPE_LIVE);
    cr_expect_eq(staged(&scene, "web1", "hard_limit", SCOPE_LIVE), GIB(5));
    cr_expect_eq(staged(&scene, "web1", "hard_limit", SCOPE_CONFIG), 0);
    form_set_scopes(scene.form, SCOPE_CONFIG);
    cr_expect_eq(staged(&scene, "web1", "hard_limit", SCOPE_LIVE), 0);
    cr_expect_eq(staged(&scene, "web1", "hard_limit", SCOPE_CONFIG), GIB(5));
    scene_free(&scene);
}

Test(form, a_form_opened_again_shows_what_is_staged_and_restores_to_it)
{
    struct scene scene = scene_new(1);
    bool mixed;
    size_t hard = row_of(&scene, "hard_limit");

    form_type(scene.form, hard, "5g");
    form_free(scene.form);
    scene.form = form_new(scene.rows, 1, scene.changes);
    cr_expect_str_eq(form_text(scene.form, hard, &mixed), "5 GiB");
    form_type(scene.form, hard, "7g");
    cr_expect_eq(staged(&scene, "web1", "hard_limit", SCOPE_LIVE), GIB(7));
    form_restore(scene.form, hard);
    cr_expect_eq(staged(&scene, "web1", "hard_limit", SCOPE_LIVE), GIB(5));
    cr_expect_str_eq(form_text(scene.form, hard, &mixed), "5 GiB");
    scene_free(&scene);
}

Test(form, a_change_from_outside_is_marked_until_it_was_seen)
{
    struct scene scene = scene_new(1);
    size_t hard = row_of(&scene, "hard_limit");

    cr_expect(!form_outside(scene.form, hard));
    set_limits(&scene.samples[0], GIB(5), GIB(6));
    take(&scene);
    cr_expect(form_outside(scene.form, hard));
    form_saw(scene.form);
    cr_expect(!form_outside(scene.form, hard));
    scene_free(&scene);
}

Test(form, a_group_is_one_row_with_two_halves)
{
    struct scene scene = scene_new(1);
    size_t row = row_of(&scene, "privvmpages.limit");

    cr_assert_eq(row, row_of(&scene, "privvmpages.barrier"));
    cr_expect(form_type(scene.form, row, "256m:300m"));
    cr_expect_eq(staged(&scene, "web1", "privvmpages.barrier", SCOPE_LIVE), MIB(256));
    cr_expect_eq(staged(&scene, "web1", "privvmpages.limit", SCOPE_LIVE), MIB(300));
    cr_expect(!form_type(scene.form, row, "1g:2g:3g"));
    cr_expect_eq(form_n_staged(scene.form), 0);
    scene_free(&scene);
}

Test(form, what_was_written_elsewhere_leaves_the_field)
{
    struct scene scene = scene_new(1);
    size_t hard = row_of(&scene, "hard_limit");
    bool mixed;

    form_type(scene.form, hard, "+2g");
    changeset_clear(scene.changes);
    take(&scene);
    cr_expect_str_eq(form_text(scene.form, hard, &mixed), "");
    scene_free(&scene);
}

Test(form, a_domain_that_is_gone_takes_nothing_and_keeps_what_was_typed)
{
    struct scene scene = scene_new(1);
    size_t hard = row_of(&scene, "hard_limit");
    struct row gone = {.key = scene.rows[0].key};
    g_autofree char *why_not = NULL;
    bool mixed;

    form_type(scene.form, hard, "5g");
    form_take(scene.form, &gone);
    why_not = form_why_not(scene.form, hard);
    cr_expect_str_eq(why_not, "this domain does not exist any more");
    cr_expect_str_eq(form_text(scene.form, hard, &mixed), "5g");
    scene_free(&scene);
}

Test(form, it_begins_at_the_wall_that_bites)
{
    struct scene scene = scene_new(1);

    cr_expect_eq(form_first(scene.form), row_of(&scene, "hard_limit"));
    scene_free(&scene);
}
