/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What LXC's domains go down by in a safe shrink: the steps of each version of control groups. */
#include "backends/lxc.h"
#include "model/checks.h"

#include <criterion/criterion.h>
#include <string.h>

#define M(n) ((uint64_t)(n) << 20)

struct scene {
    struct snapshot *snapshot;
    struct change changes[4];
    size_t n;
    struct step_list *steps;
};

static struct setting *setting(struct draft *draft, const char *name)
{
    return &draft->settings[tunable_find(lxc_backend.tunables, name) - lxc_backend.tunables];
}

static void put(struct draft *draft, const char *name, struct value value)
{
    *setting(draft, name) =
        (struct setting){.live = value, .config = value, .writable = SCOPE_BOTH};
}

static void show(struct draft *draft, enum figure_role role, uint64_t number)
{
    draft->figures[figure_by_role(lxc_backend.figures, role)] = value_number(number);
}

static struct snapshot *take(unsigned version, bool local, struct value soft)
{
    struct snapshot_builder *builder = snapshot_builder_new(&lxc_backend, 0, "lxc:///system", NULL);
    struct draft *draft = snapshot_builder_domain(builder, (uint8_t[16]){1});
    struct value none = value_unsupported("cgroup: not on this version");

    snapshot_builder_host(builder)->local = local;
    host_set(&snapshot_builder_host(builder)->detail, version == 2 ? "cgroup v2" : "cgroup v1");
    draft->name = "web1";
    draft->native_id = "uuid";
    draft->state = DOMAIN_RUNNING;
    put(draft, "hard_limit", value_number(M(400)));
    put(draft, "soft_limit", soft);
    put(draft, "swap_hard_limit", value_number(M(500)));
    put(draft, "swap_max", value_unlimited());
    if (version == 2)
        *setting(draft, "swap_hard_limit") = (struct setting){.live = none, .config = none};
    else
        *setting(draft, "swap_max") = (struct setting){.live = none, .config = none};
    show(draft, FIGURE_HELD, M(200));
    show(draft, FIGURE_DROPPABLE, M(150));
    show(draft, FIGURE_ANON, M(20));
    show(draft, FIGURE_MEMSW, M(210));
    snapshot_builder_add(builder);
    return snapshot_builder_finish(builder);
}

static void want(struct scene *scene, const char *name, enum scope scope, struct value to)
{
    const struct domain *domain = &scene->snapshot->domains[0];
    const struct tunable *row = tunable_find(lxc_backend.tunables, name);
    const struct setting *now = snapshot_setting(scene->snapshot, domain, row);

    scene->changes[scene->n++] =
        (struct change){.key = domain->identity->key,
                        .tunable = row,
                        .scope = scope,
                        .from = scope == SCOPE_LIVE ? now->live : now->config,
                        .to = to};
}

static bool plan(struct scene *scene, GError **error)
{
    scene->steps = step_list_new();
    return lxc_backend.plan_shrink(scene->snapshot, &scene->snapshot->domains[0], scene->changes,
                                   scene->n, scene->steps, error);
}

static void clear(struct scene *scene)
{
    step_list_free(scene->steps);
    snapshot_unref(scene->snapshot);
}

/* "soft_limit DOWN" and such. */
static const char *kind(const struct step *step)
{
    static const char *const kinds[] = {"", " DOWN", " THERE", " UNDO"};
    static char text[64];

    g_snprintf(text, sizeof text, "%s%s", step->changes[0].tunable->name, kinds[step->shrink]);
    return text;
}

/* No step takes more than a twentieth of what is held, and each but the first begins where the one
 * before it ended. */
static void must_be_gentle(const struct step_list *steps, const char *name, uint64_t held,
                           uint64_t last)
{
    uint64_t at = held;

    for (size_t i = 0; i < step_list_count(steps); i++) {
        const struct step *step = step_list_get(steps, i);
        const struct change *change = &step->changes[0];

        if (step->shrink != SHRINK_DOWN || strcmp(change->tunable->name, name))
            continue;
        cr_expect_lt(change->to.number, at, "it goes down");
        cr_expect_leq(at - change->to.number, at / 20 + 4096, "by a twentieth at most");
        cr_expect_gt(step->below, 0, "and is waited for");
        cr_expect_eq(step->scope, SCOPE_LIVE, "in the running domain alone");
        at = change->to.number;
    }
    cr_expect_eq(at, last, "%s ends at %" G_GUINT64_FORMAT, name, at);
}

Test(shrink, v2_lowers_the_soft_limit_first_and_sets_it_free_after_the_hard_one)
{
    struct scene scene = {.snapshot = take(2, true, value_unlimited())};
    const struct step *hard, *undo;
    size_t n;

    want(&scene, "hard_limit", SCOPE_LIVE, value_number(M(100)));
    want(&scene, "hard_limit", SCOPE_CONFIG, value_number(M(100)));
    cr_assert(plan(&scene, NULL));
    n = step_list_count(scene.steps);
    must_be_gentle(scene.steps, "soft_limit", M(200), M(99));
    hard = step_list_get(scene.steps, n - 3);
    cr_expect_str_eq(kind(hard), "hard_limit THERE");
    cr_expect_eq(hard->scope, SCOPE_LIVE);
    cr_expect_eq(step_list_get(scene.steps, n - 4)->below, M(100), "it holds less than the limit");
    undo = step_list_get(scene.steps, n - 2);
    cr_expect_str_eq(kind(undo), "soft_limit UNDO");
    cr_expect_eq(undo->changes[0].to.kind, VALUE_UNLIMITED);
    cr_expect(undo->watch && !hard->watch);
    cr_expect_eq(step_list_get(scene.steps, n - 1)->scope, SCOPE_CONFIG, "for the next start last");
    clear(&scene);
}

Test(shrink, v2_never_raises_a_soft_limit_that_is_lower_already)
{
    struct scene scene = {.snapshot = take(2, true, value_number(M(60)))};

    want(&scene, "hard_limit", SCOPE_LIVE, value_number(M(100)));
    cr_assert(plan(&scene, NULL));
    for (size_t i = 0; i < step_list_count(scene.steps); i++) {
        const struct step *step = step_list_get(scene.steps, i);

        if (step->shrink == SHRINK_DOWN)
            cr_expect_eq(step->changes[0].to.number, M(60));
    }
    clear(&scene);
}

Test(shrink, v2_takes_the_soft_limit_that_somebody_wants_instead_of_the_old_one)
{
    struct scene scene = {.snapshot = take(2, true, value_unlimited())};
    const struct step *last;

    want(&scene, "hard_limit", SCOPE_LIVE, value_number(M(100)));
    want(&scene, "soft_limit", SCOPE_LIVE, value_number(M(90)));
    cr_assert(plan(&scene, NULL));
    last = step_list_get(scene.steps, step_list_count(scene.steps) - 1);
    cr_expect_eq(last->shrink, SHRINK_THERE);
    cr_expect_eq(last->n_changes, 2);
    cr_expect(last->watch);
    clear(&scene);
}

Test(shrink, v1_lowers_the_limit_itself_and_then_that_of_memory_and_swap)
{
    struct scene scene = {.snapshot = take(1, true, value_unlimited())};
    const struct step *last;
    bool swap = false;

    want(&scene, "hard_limit", SCOPE_LIVE, value_number(M(100)));
    want(&scene, "swap_hard_limit", SCOPE_LIVE, value_number(M(110)));
    cr_assert(plan(&scene, NULL));
    must_be_gentle(scene.steps, "hard_limit", M(200), M(100));
    must_be_gentle(scene.steps, "swap_hard_limit", M(210), M(110));
    for (size_t i = 0; i < step_list_count(scene.steps); i++) {
        const struct step *step = step_list_get(scene.steps, i);

        swap |= !strcmp(kind(step), "swap_hard_limit DOWN");
        cr_expect(!swap || strcmp(kind(step), "hard_limit DOWN"), "swap comes after memory");
        cr_expect_neq(step->changes[0].tunable->role, ROLE_SOFT, "a soft limit reclaims nothing");
    }
    last = step_list_get(scene.steps, step_list_count(scene.steps) - 1);
    cr_expect(last->shrink == SHRINK_THERE && last->watch && last->n_changes == 2);
    clear(&scene);
}

Test(shrink, elsewhere_it_is_refused_and_says_where)
{
    struct scene scene = {.snapshot = take(2, false, value_unlimited())};
    g_autoptr(GError) error = NULL;

    want(&scene, "hard_limit", SCOPE_LIVE, value_number(M(100)));
    cr_assert(!plan(&scene, &error));
    cr_expect_eq(error->code, BACKEND_ERROR_UNSUPPORTED);
    cr_expect(strstr(error->message, "only on the host itself"), "%s", error->message);
    clear(&scene);
}
