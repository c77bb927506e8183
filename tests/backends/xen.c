/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Xen's rules and commands, and what is read of xenstore and of its configuration, without Xen. */
#include "backends/xen-private.h"
#include "model/checks.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define M(n) ((uint64_t)(n) << 20)

/* --- xenstore --- */

/* A store of one text, "PATH: VALUE" lines in any order. */
struct store {
    const char *text, *why;
    unsigned runs;
};

static char *run(void *data, const char *const *paths, const char **why)
{
    struct store *store = data;
    GString *out = g_string_new(NULL);

    store->runs++;
    *why = store->why;
    if (store->why)
        return g_string_free(out, TRUE), NULL;
    for (size_t i = 0; paths[i]; i++) {
        g_autofree char *key = g_strdup_printf("%s: ", paths[i]);
        const char *at = strstr(store->text, key);

        if (!at)
            break;
        g_string_append_printf(out, "%.*s\n", (int)strcspn(at, "\n"), at);
    }
    return g_string_free(out, FALSE);
}

#define P "/local/domain/"
/* clang-format off */
static const struct {
    const char *sentence, *text, *why;
    uint64_t target1, maximum1; /* KiB; 0: unknown */
    uint64_t target7;
    bool zero;                  /* Domain-0 has entries */
    unsigned runs;
} stores[] = {
    {"all is read by one process", P "1/memory/static-max: 262144\n" P "1/memory/target: 196608\n" P "1/memory/videoram: 0\n"
     P "7/memory/static-max: 100\n" P "7/memory/target: 90\n" P "7/memory/videoram: 0\n"
     P "0/memory/static-max: 458752\n" P "0/memory/target: 458752\n" P "0/memory/videoram: 0\n", NULL, 196608, 262144, 90, true, 1},
    {"a target is without the video memory", P "1/memory/static-max: 262144\n" P "1/memory/target: 188416\n" P "1/memory/videoram: 8192\n"
     P "7/memory/static-max: 100\n" P "7/memory/target: 90\n", NULL, 196608, 262144, 90, false, 2},
    {"Domain-0 was never asked for anything", P "1/memory/static-max: 262144\n" P "1/memory/target: 196608\n" P "1/memory/videoram: 0\n"
     P "7/memory/static-max: 100\n" P "7/memory/target: 90\n" P "7/memory/videoram: 0\n", NULL, 196608, 262144, 90, false, 1},
    {"one that vanished takes nobody with it", P "7/memory/static-max: 100\n" P "7/memory/target: 90\n" P "7/memory/videoram: 0\n", NULL, 0, 0, 90, false, 2},
    {"what is no number is unknown", P "1/memory/static-max: x\n" P "1/memory/target: 196608\n", NULL, 0, 0, 0, false, 3},
    {"nothing answers", "", "no_readback: test", 0, 0, 0, false, 1},
};
/* clang-format on */

static void must_hold(struct value value, uint64_t kib, const char *sentence)
{
    uint64_t number = 0;

    cr_expect_eq(value_get(value, &number), kib != 0, "%s", sentence);
    cr_expect_eq(number, kib * 1024, "%s: %" G_GUINT64_FORMAT, sentence, number);
}

Test(xen, store)
{
    for (size_t i = 0; i < G_N_ELEMENTS(stores); i++) {
        struct store store = {stores[i].text, stores[i].why, 0};
        struct xen_memory memories[] = {{.id = 1}, {.id = 7}, {.id = 0}};

        xen_store_collect(&(struct xen_store_source){run, &store}, memories, 3);
        must_hold(memories[0].target, stores[i].target1, stores[i].sentence);
        must_hold(memories[0].maximum, stores[i].maximum1, stores[i].sentence);
        must_hold(memories[1].target, stores[i].target7, stores[i].sentence);
        if (!stores[i].why)
            cr_expect_eq(memories[2].target.kind, stores[i].zero ? VALUE_NUMBER : VALUE_UNSET, "%s",
                         stores[i].sentence);
        cr_expect_leq(store.runs, stores[i].runs + 1, "%s: %u", stores[i].sentence, store.runs);
    }
}

/* --- Domain-0 --- */

/* clang-format off */
static const struct {
    const char *sentence, *command_line, *xl, *libxl;
    uint64_t dom0_mem;   /* 0: not given */
    int autoballoon;     /* -1: unknown */
} boots[] = {
    {"dom0_mem= turns it off", "console=com1 dom0_mem=448M,max:448M noreboot", "", NULL, M(448), 0},
    {"nothing said turns it on", "console=com1", "#autoballoon=\"off\"\n", NULL, 0, 1},
    {"a bare number is KiB", "dom0_mem=524288", NULL, NULL, M(512), 0},
    {"bounds are not what it gets", "dom0_mem=min:128M,max:1G,2G", NULL, NULL, M(2048), 0},
    {"bounds alone give nothing", "dom0_mem=max:1G", NULL, NULL, 0, 1},
    {"xl says on", "dom0_mem=1G", "autoballoon=\"on\"\n", NULL, M(1024), 1},
    {"libvirt says on", "dom0_mem=1G", "autoballoon=\"off\"\n", "autoballoon = 1\n", M(1024), 1},
    {"both say off", "", "autoballoon=0\n", "autoballoon=0\n", 0, 0},
    {"xl says off, libvirt decides by itself", "", "autoballoon='off'\n", NULL, 0, 1},
    {"the command line is not known", NULL, NULL, NULL, 0, -1},
};
/* clang-format on */

Test(xen, boot)
{
    for (size_t i = 0; i < G_N_ELEMENTS(boots); i++) {
        struct xen_boot boot = xen_boot_parse(boots[i].command_line, boots[i].xl, boots[i].libxl);
        uint64_t number = 0;

        value_get(boot.dom0_mem, &number);
        cr_expect_eq(number, boots[i].dom0_mem, "%s: %" G_GUINT64_FORMAT, boots[i].sentence,
                     number);
        cr_expect_eq(boot.autoballoon.kind == VALUE_CHOICE ? boot.autoballoon.choice : -1,
                     boots[i].autoballoon, "%s", boots[i].sentence);
    }
}

/* --- rules and steps --- */

/* One domain, in MiB. Target and maximum are what xenstore says, `booted` what libvirt says. */
struct scene {
    const char *sentence;
    unsigned held, target, maximum, booted, heap;
    bool domain_0, paused, remote, autoballoon;
    const char *row;
    enum scope scope;
    unsigned to;
    const char *findings; /* "refuse no_room; …" */
    const char *text;     /* in the first, or NULL */
    unsigned steps;
};

/* clang-format off */
static const struct scene scenes[] = {
    {"a little less is asked for at once", 4096, 4096, 8192, 8192, 386, .row = "target", .scope = SCOPE_LIVE, .to = 4000, .findings = "", .steps = 1},
    {"less goes down in steps of 5 %", 4096, 4096, 8192, 8192, 386, .row = "target", .scope = SCOPE_LIVE, .to = 3000, .findings = "", .steps = 7},
    {"more is asked for at once", 4096, 4096, 8192, 8192, 8000, .row = "target", .scope = SCOPE_LIVE, .to = 6000, .findings = "", .steps = 1},
    {"a quarter of what it was started with", 4096, 4096, 16384, 16384, 386, .row = "target", .scope = SCOPE_LIVE, .to = 3000,
     .findings = "danger no_floor", .text = "quarter of the 16 GiB", .steps = 7},
    {"half of what it holds", 4096, 4096, 4096, 4096, 386, .row = "target", .scope = SCOPE_LIVE, .to = 2000,
     .findings = "danger target_below_half; danger no_floor", .steps = 15},
    {"below 256 MiB", 300, 300, 400, 400, 386, .row = "target", .scope = SCOPE_LIVE, .to = 255, .findings = "danger no_floor", .text = "256 MiB", .steps = 4},
    {"raising to below 256 MiB is no danger", 100, 100, 400, 400, 386, .row = "target", .scope = SCOPE_LIVE, .to = 200, .findings = "", .steps = 1},
    {"above the maximum", 192, 192, 256, 256, 386, .row = "target", .scope = SCOPE_LIVE, .to = 300, .findings = "refuse target_above_maximum", .steps = 1},
    {"above what libvirt knows, not above Xen's", 192, 192, 320, 256, 386, .row = "target", .scope = SCOPE_LIVE, .to = 300,
     .findings = "refuse above_known_maximum", .text = "xl mem-set guest 307200k", .steps = 1},
    {"above the maximum where the host is not read", 192, 0, 0, 256, 386, .remote = true, .row = "target", .scope = SCOPE_LIVE, .to = 300,
     .findings = "refuse above_known_maximum; note no_readback", .steps = 1},
    {"more than there is", 192, 192, 1000, 1000, 386, .row = "target", .scope = SCOPE_LIVE, .to = 900,
     .findings = "refuse no_room", .text = "host has 386 MiB free: the guest would take up to 578 MiB", .steps = 1},
    {"less, but still more than there is", 192, 900, 1000, 1000, 386, .row = "target", .scope = SCOPE_LIVE, .to = 800, .findings = "warn no_room", .steps = 1},
    {"paused acts later and in one step", 4096, 4096, 8192, 8192, 386, .paused = true, .row = "target", .scope = SCOPE_LIVE, .to = 3000, .findings = "note paused", .steps = 1},
    {"Domain-0 below 1 GiB", 2048, 2048, 2048, 2048, 386, .domain_0 = true, .row = "target", .scope = SCOPE_LIVE, .to = 1023,
     .findings = "danger target_below_half; danger domain_0", .steps = 14},
    {"Domain-0 below its dom0_mem=", 4096, 4096, 4096, 4096, 386, .domain_0 = true, .row = "target", .scope = SCOPE_LIVE, .to = 3000,
     .findings = "danger below_dom0_mem", .text = "4 GiB", .steps = 7},
    {"Domain-0 below what libxl takes", 448, 448, 448, 448, 386, .domain_0 = true, .row = "target", .scope = SCOPE_LIVE, .to = 100,
     .findings = "danger target_below_half; refuse below_least", .steps = 31},
    {"Domain-0 grows, autoballoon takes it back", 2048, 2048, 8192, 8192, 4096, .domain_0 = true, .autoballoon = true, .row = "target", .scope = SCOPE_LIVE, .to = 3000,
     .findings = "note autoballoon", .steps = 1},
    {"a live maximum", 192, 192, 256, 256, 386, .row = "maximum", .scope = SCOPE_LIVE, .to = 320, .findings = "warn libvirt_keeps_maximum", .text = "saying 256 MiB", .steps = 1},
    {"a persistent maximum below the persistent target", 192, 192, 256, 256, 386, .row = "maximum", .scope = SCOPE_CONFIG, .to = 64,
     .findings = "note maximum_below_held; warn takes_target", .steps = 1},
    {"a persistent target alone", 192, 192, 256, 256, 386, .row = "target", .scope = SCOPE_CONFIG, .to = 100, .findings = "", .steps = 1},
};
/* clang-format on */

static struct value mib(unsigned n, bool remote)
{
    return remote ? value_unknown("no_readback: elsewhere") : value_number(M(n));
}

static void draw(const struct scene *scene, struct draft *draft)
{
    struct value *f = draft->figures;

    draft->name = scene->domain_0 ? "Domain-0" : "guest";
    draft->native_id = "4f46aea3-b691-4255-a1d0-38a9c4b3524b";
    draft->state = scene->paused ? DOMAIN_PAUSED : DOMAIN_RUNNING;
    draft->persistent = true;
    draft->settings[0] = (struct setting){mib(scene->target, scene->remote),
                                          mib(scene->held, false), SCOPE_BOTH, NULL};
    draft->settings[1] = (struct setting){mib(scene->maximum, scene->remote),
                                          mib(scene->booted, false), SCOPE_BOTH, NULL};
    f[XEN_HELD] = f[XEN_SIZE] = value_number(M(scene->held));
    f[XEN_TARGET] = draft->settings[0].live;
    f[XEN_MAXIMUM] = value_number(M(scene->booted));
    f[XEN_DOM0_MEM] =
        scene->domain_0 && !scene->autoballoon ? value_number(M(scene->held)) : value_unset();
    f[XEN_AUTOBALLOON] = value_choice(scene->autoballoon, 0);
}

static struct snapshot *take(const struct scene *scene, uint8_t id[16])
{
    struct snapshot_builder *builder = snapshot_builder_new(&xen_backend, 0, "xen:///system", NULL);
    struct host *host = snapshot_builder_host(builder);

    id[0] = !scene->domain_0;
    host_set(&host->name, "host");
    host->free_for_new = value_number(M(scene->heap));
    draw(scene, snapshot_builder_domain(builder, id));
    snapshot_builder_add(builder);
    return snapshot_builder_finish(builder);
}

static void judge(const struct scene *scene, const struct snapshot *snapshot,
                  const struct change *change)
{
    struct findings *findings = findings_new();
    g_autoptr(GString) found = g_string_new(NULL);

    checks_run(snapshot, &snapshot->domains[0], change, 1, findings);
    for (size_t i = 0; i < findings_count(findings); i++)
        g_string_append_printf(found, "%s%s %s", i ? "; " : "",
                               severity_name(findings_get(findings, i)->severity),
                               findings_get(findings, i)->code);
    cr_expect_str_eq(found->str, scene->findings, "%s: %s", scene->sentence, found->str);
    if (scene->text && findings_count(findings))
        cr_expect(strstr(findings_get(findings, 0)->text, scene->text), "%s: %s", scene->sentence,
                  findings_get(findings, 0)->text);
    findings_free(findings);
}

/* Down by at most 5 % each, and the last one is what was asked for. */
static void step(const struct scene *scene, const struct snapshot *snapshot,
                 const struct change *change)
{
    struct step_list *steps = step_list_new();
    size_t n;
    uint64_t at = M(scene->held);

    cr_assert(xen_backend.plan(snapshot, &snapshot->domains[0], change, 1, steps, NULL));
    n = step_list_count(steps);
    cr_expect_eq(n, scene->steps, "%s: %zu steps", scene->sentence, n);
    for (size_t i = 0; i < n; i++) {
        const struct step *each = step_list_get(steps, i);

        cr_expect_eq(each->settle, i + 1 < n, "%s: step %zu", scene->sentence, i);
        if (n > 1)
            cr_expect(each->changes[0].to.number < at && at - each->changes[0].to.number <= at / 20,
                      "%s: step %zu", scene->sentence, i);
        at = each->changes[0].to.number;
    }
    cr_expect_eq(at, M(scene->to), "%s", scene->sentence);
    step_list_free(steps);
}

Test(xen, rules)
{
    for (size_t i = 0; i < G_N_ELEMENTS(scenes); i++) {
        uint8_t id[16] = {0};
        struct snapshot *snapshot = take(&scenes[i], id);
        const struct domain *domain = &snapshot->domains[0];
        const struct tunable *row = tunable_find(xen_backend.tunables, scenes[i].row);
        struct change change = {.key = domain->identity->key,
                                .tunable = row,
                                .scope = scenes[i].scope,
                                .to = value_number(M(scenes[i].to))};

        change.from = scenes[i].scope == SCOPE_LIVE
                          ? snapshot_setting(snapshot, domain, row)->live
                          : snapshot_setting(snapshot, domain, row)->config;
        judge(&scenes[i], snapshot, &change);
        step(&scenes[i], snapshot, &change);
        snapshot_unref(snapshot);
    }
}

Test(xen, commands_of_both_worlds)
{
    static const struct scene scene = {.held = 192, .target = 192, .maximum = 256, .booted = 256};
    /* clang-format off */
    static const struct { const char *row; unsigned scope; uint64_t to; const char *command; } cases[] = {
        {"target", SCOPE_LIVE, M(200), "virsh -c xen:///system setmem 4f46aea3-b691-4255-a1d0-38a9c4b3524b 204800 --live # or: xl mem-set guest 200"},
        {"target", SCOPE_LIVE, M(200) + 4096, "virsh -c xen:///system setmem 4f46aea3-b691-4255-a1d0-38a9c4b3524b 204804 --live # or: xl mem-set guest 204804k"},
        {"target", SCOPE_CONFIG, M(200), "virsh -c xen:///system setmem 4f46aea3-b691-4255-a1d0-38a9c4b3524b 204800 --config"},
        {"maximum", SCOPE_BOTH, M(320), "virsh -c xen:///system setmaxmem 4f46aea3-b691-4255-a1d0-38a9c4b3524b 327680 --live --config # or: xl mem-max guest 320"},
    };
    /* clang-format on */
    uint8_t id[16] = {0};
    struct snapshot *snapshot = take(&scene, id);

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct step_list *steps = step_list_new();
        struct change changes[2] = {0};
        size_t n = 0;

        for (unsigned scope = SCOPE_LIVE; scope <= SCOPE_CONFIG; scope++) {
            if (cases[i].scope & scope)
                changes[n++] =
                    (struct change){.key = snapshot->domains[0].identity->key,
                                    .tunable = tunable_find(xen_backend.tunables, cases[i].row),
                                    .scope = (enum scope)scope,
                                    .from = value_number(M(192)),
                                    .to = value_number(cases[i].to)};
        }
        cr_assert(xen_backend.plan(snapshot, &snapshot->domains[0], changes, n, steps, NULL));
        cr_assert_eq(step_list_count(steps), 1);
        cr_expect_str_eq(step_list_get(steps, 0)->command, cases[i].command);
        step_list_free(steps);
    }
    snapshot_unref(snapshot);
}
