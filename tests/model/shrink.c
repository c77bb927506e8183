/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Safe shrink before anything is sent: what it takes, what fits, what would do; and who suffers. */
#include "model/shrink.h"
#include "model/strain.h"
#include "tests/model/sample-backend.h"

#include <criterion/criterion.h>
#include <string.h>

#define SECOND UINT64_C(1000000000)

static bool plan(const struct snapshot *snapshot, const struct domain *domain,
                 const struct change *changes, size_t n, struct step_list *steps, GError **error)
{
    step_list_add(steps, changes, n, NULL, g_strdup("plan"));
    return true;
}

static bool plan_shrink(const struct snapshot *snapshot, const struct domain *domain,
                        const struct change *changes, size_t n, struct step_list *steps,
                        GError **error)
{
    step_list_add(steps, changes, n, NULL, g_strdup("shrink"));
    return true;
}

struct scene {
    struct backend backend;
    struct sample sample;
    struct snapshot *snapshot;
};

/* Holds 4 GiB, of which 1 GiB can be dropped and 2 GiB are anonymous; no swap. */
static void scene_init(struct scene *scene)
{
    scene->backend = sample_backend;
    scene->backend.plan = plan;
    scene->backend.plan_shrink = plan_shrink;
    scene->sample = sample_new("web1");
    sample_set(&scene->sample, "hard_limit", value_number(GIB(8)), value_number(GIB(8)));
    sample_set(&scene->sample, "memory", value_number(GIB(4)), value_number(GIB(4)));
    sample_figure(&scene->sample, FIGURE_HELD, value_number(GIB(4)));
    sample_figure(&scene->sample, FIGURE_DROPPABLE, value_number(GIB(1)));
    sample_figure(&scene->sample, FIGURE_ANON, value_number(GIB(2)));
}

static const struct domain *look(struct scene *scene)
{
    snapshot_unref(scene->snapshot);
    scene->snapshot = sample_snapshot(&scene->backend, &scene->sample, 1, NULL);
    return sample_domain(scene->snapshot, "web1");
}

/* What the plan says: the command of its first step, or the error. Newly allocated. */
static char *says(struct scene *scene, const char *name, uint64_t to, int *code)
{
    const struct domain *domain = look(scene);
    struct change change =
        sample_change(scene->snapshot, "web1", name, SCOPE_LIVE, value_number(to));
    struct step_list *steps = step_list_new();
    g_autoptr(GError) error = NULL;
    char *text;

    if (shrink_plan(scene->snapshot, domain, &change, 1, steps, &error))
        text = g_strdup(step_list_get(steps, 0)->command);
    else
        text = g_strdup(error->message);
    *code = error ? error->code : -1;
    step_list_free(steps);
    return text;
}

static void swap(struct scene *scene, uint64_t bytes)
{
    /* Not by the limits of the domain: by what the host has. */
    scene->snapshot->host.swap_total = scene->snapshot->host.swap_free = value_number(bytes);
}

Test(shrink, takes_what_goes_down_live_and_could_kill)
{
    struct scene scene = {0};
    const struct {
        const char *what, *name;
        enum scope scope;
        uint64_t to;
        bool takes;
    } cases[] = {
        {"a lower hard limit", "hard_limit", SCOPE_LIVE, GIB(6), true},
        {"a higher one", "hard_limit", SCOPE_LIVE, GIB(9), false},
        {"one of the next start", "hard_limit", SCOPE_CONFIG, GIB(6), false},
        {"a lower soft limit", "soft_limit", SCOPE_LIVE, GIB(6), false},
        {"a lower target", "memory", SCOPE_LIVE, GIB(3), true},
        {"the same target", "memory", SCOPE_LIVE, GIB(4), false},
    };

    scene_init(&scene);
    look(&scene);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct change change = sample_change(scene.snapshot, "web1", cases[i].name, cases[i].scope,
                                             value_number(cases[i].to));

        cr_expect_eq(shrink_takes(&change), cases[i].takes, "%s", cases[i].what);
    }
    snapshot_unref(scene.snapshot);
}

Test(shrink, is_planned_only_where_it_is_possible)
{
    const struct {
        const char *what, *name;
        uint64_t to;
        enum domain_state state;
        bool no_way, unseen;
        int code;
        const char *says;
    } cases[] = {
        {"what fits goes down", "hard_limit", GIB(3), .code = -1, .says = "shrink"},
        {"what does not is refused with the lowest value", "hard_limit", GIB(2),
         .code = BACKEND_ERROR_UNSAFE,
         .says = "needs 3 GiB, 1 GiB can be dropped, no swap; lowest that would do now 3.1 GiB"},
        {"what nobody can tell is refused", "hard_limit", GIB(3), .unseen = true,
         .code = BACKEND_ERROR_UNSUPPORTED, .says = "what it needs is not known: not read"},
        {"a hypervisor without a way down says so", "hard_limit", GIB(3), .no_way = true,
         .code = BACKEND_ERROR_UNSUPPORTED, .says = "no way down"},
        {"a raise needs none", "hard_limit", GIB(9), .no_way = true, .code = -1, .says = "plan"},
        {"a target needs no figures", "memory", GIB(3), .code = -1, .says = "shrink"},
        {"a paused guest gives nothing back", "memory", GIB(3), .state = DOMAIN_PAUSED,
         .code = BACKEND_ERROR_UNSUPPORTED, .says = "does not run"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct scene scene = {0};
        g_autofree char *text = NULL;
        int code;

        scene_init(&scene);
        if (cases[i].state)
            scene.sample.state = cases[i].state;
        if (cases[i].no_way)
            scene.backend.plan_shrink = NULL;
        if (cases[i].unseen)
            sample_figure(&scene.sample, FIGURE_DROPPABLE, value_unknown("not_read: not read"));
        text = says(&scene, cases[i].name, cases[i].to, &code);
        cr_expect(strstr(text, cases[i].says), "%s: %s", cases[i].what, text);
        cr_expect_eq(code, cases[i].code, "%s: %d", cases[i].what, code);
        snapshot_unref(scene.snapshot);
    }
}

Test(shrink, only_anonymous_memory_is_swapped_out)
{
    struct scene scene = {0};
    const struct domain *domain;
    struct change change;

    scene_init(&scene);
    sample_set(&scene.sample, "swappiness", value_number(60), value_unknown(NULL));
    domain = look(&scene);
    swap(&scene, GIB(100));
    change = sample_change(scene.snapshot, "web1", "hard_limit", SCOPE_LIVE, value_number(MIB(1)));
    /* 4 - 1 - 2, and 64 MiB to breathe. */
    cr_expect_geq(shrink_lowest(scene.snapshot, domain, &change, 1, &change).number,
                  GIB(1) + MIB(64));
    cr_expect_leq(shrink_lowest(scene.snapshot, domain, &change, 1, &change).number,
                  GIB(1) + MIB(192));
    swap(&scene, GIB(1));
    cr_expect_geq(shrink_lowest(scene.snapshot, domain, &change, 1, &change).number, GIB(2));
    snapshot_unref(scene.snapshot);
}

Test(shrink, locked_memory_stays)
{
    struct scene scene = {0};
    g_autofree char *text = NULL;
    int code;

    scene_init(&scene);
    sample_figure(&scene.sample, FIGURE_LOCKED, value_choice(1, 0));
    text = says(&scene, "memory", GIB(3), &code);
    cr_expect(strstr(text, "locked"), "%s", text);
    snapshot_unref(scene.snapshot);
}

/* --- strain -------------------------------------------------------------------------------- */

static char *strained(enum figure_role role, struct value then, struct value now, bool ended,
                      uint64_t after_ns)
{
    struct scene scene = {0};
    struct strain strain;
    const struct domain *domain;
    char *text;

    scene_init(&scene);
    sample_figure(&scene.sample, FIGURE_OOM_KILLS, value_number(1));
    sample_figure(&scene.sample, FIGURE_PSI_TOTAL, value_number(0));
    sample_figure(&scene.sample, role, then);
    domain = look(&scene);
    strain_begin(&strain, scene.snapshot, domain, SECOND);
    sample_figure(&scene.sample, role, now);
    if (ended)
        scene.sample.state = DOMAIN_OFF;
    domain = look(&scene);
    text = strain_look(&strain, scene.snapshot, domain, SECOND + after_ns);
    snapshot_unref(scene.snapshot);
    return text ? text : g_strdup("");
}

Test(strain, tells_who_suffers)
{
    const struct {
        const char *what;
        enum figure_role role;
        uint64_t then, now;
        bool ended;
        const char *says;
        uint64_t after;
    } cases[] = {
        {"kills of before are none of ours", FIGURE_OOM_KILLS, 7, 7, false, ""},
        {"a new one is", FIGURE_OOM_KILLS, 7, 8, false, "killed for want of memory"},
        {"a short stall is none", FIGURE_PSI_TOTAL, 5000000, 5900000, false, ""},
        {"a fifth of 5 s is", FIGURE_PSI_TOTAL, 5000000, 6200000, false, "stalled for 1.2 of 5 s"},
        {"a fifth of a long call's time as well", FIGURE_PSI_TOTAL, 0, 7000000, false,
         "stalled for 7.0 of 30 s", 30 * SECOND},
        {"less of it is none", FIGURE_PSI_TOTAL, 0, 5000000, false, "", 30 * SECOND},
        {"the end of it is", FIGURE_OOM_KILLS, 0, 0, true, "it ended"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text =
            strained(cases[i].role, value_number(cases[i].then), value_number(cases[i].now),
                     cases[i].ended, cases[i].after ? cases[i].after : SECOND);

        cr_expect(*cases[i].says ? strstr(text, cases[i].says) != NULL : !*text, "%s: \"%s\"",
                  cases[i].what, text);
    }
}
