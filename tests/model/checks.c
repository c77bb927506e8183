/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/checks.h"
#include "model/size.h"
#include "tests/model/sample-backend.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#define MAX_CHANGES 3

/* One domain, what is done to it, and the findings: "severity code; …". Sizes in GiB unless said;
 * 0 leaves a thing as sample_new() has it. */
struct scene {
    const char *name;
    double held, droppable, guest, swap, host_swap, hard, soft, maximum, overhead, hugepages, memsw;
    bool off, blind_droppable;
    bool throttles; /* its soft limit slows it, and that is counted */
    struct {
        const char *row;
        enum scope scope;
        double to; /* GiB, -1 unlimited */
    } changes[MAX_CHANGES];
    const char *findings; /* "kills below_needed; danger …" */
    const char *text;     /* of the first, or NULL */
};

static struct value gib(double n)
{
    return n < 0 ? value_unlimited() : value_number((uint64_t)(n * (double)GIB(1)));
}

static void figure(struct sample *sample, enum figure_role role, double n)
{
    if (n > 0)
        sample_figure(sample, role, gib(n));
}

static void row(struct sample *sample, const char *name, double n, bool live)
{
    if (n > 0)
        sample_set(sample, name, live ? gib(n) : value_unsupported("no_scope: none"), gib(n));
}

static struct snapshot *scene_snapshot(const struct scene *scene)
{
    struct sample sample = sample_new("db");
    struct snapshot *snapshot;

    figure(&sample, FIGURE_HELD, scene->held);
    figure(&sample, FIGURE_DROPPABLE, scene->droppable);
    figure(&sample, FIGURE_GUEST, scene->guest);
    figure(&sample, FIGURE_SWAP, scene->swap);
    figure(&sample, FIGURE_OVERHEAD, scene->overhead);
    figure(&sample, FIGURE_HUGEPAGES, scene->hugepages);
    if (scene->held > 0)
        figure(&sample, FIGURE_MEMSW, scene->held + scene->swap);
    if (scene->throttles)
        sample_figure(&sample, FIGURE_THROTTLED, value_number(0));
    if (scene->blind_droppable)
        sample_figure(&sample, FIGURE_DROPPABLE, value_unknown("torn: not readable"));
    row(&sample, "hard_limit", scene->hard, !scene->off);
    row(&sample, "soft_limit", scene->soft, !scene->off);
    row(&sample, "maximum", scene->maximum, true);
    row(&sample, "swap_hard_limit", scene->memsw, !scene->off);
    sample_set(&sample, "swappiness", value_number(60), value_unsupported("no_scope: none"));
    sample.state = scene->off ? DOMAIN_OFF : DOMAIN_RUNNING;
    snapshot = sample_snapshot(&sample_backend, &sample, 1, NULL);
    snapshot->host.swap_total = gib(scene->host_swap);
    snapshot->host.swap_free = gib(scene->host_swap);
    return snapshot;
}

static void play(const struct scene *scene)
{
    struct snapshot *snapshot = scene_snapshot(scene);
    struct findings *findings = findings_new();
    struct change changes[MAX_CHANGES];
    g_autoptr(GString) found = g_string_new(NULL);
    size_t n = 0;

    for (; n < MAX_CHANGES && scene->changes[n].row; n++)
        changes[n] = sample_change(snapshot, "db", scene->changes[n].row, scene->changes[n].scope,
                                   gib(scene->changes[n].to));
    checks_run(snapshot, sample_domain(snapshot, "db"), changes, n, findings);
    for (size_t i = 0; i < findings_count(findings); i++) {
        const struct finding *finding = findings_get(findings, i);

        g_string_append_printf(found, "%s%s %s", i ? "; " : "", severity_name(finding->severity),
                               finding->code);
    }
    cr_expect_str_eq(found->str, scene->findings, "%s: %s, not %s", scene->name, found->str,
                     scene->findings);
    if (scene->text && findings_count(findings))
        cr_expect_str_eq(findings_get(findings, 0)->text, scene->text, "%s: %s", scene->name,
                         findings_get(findings, 0)->text);
    findings_free(findings);
    snapshot_unref(snapshot);
}

/* clang-format off */
#define LIVE(row, to) {{row, SCOPE_LIVE, to}}
#define CONFIG(row, to) {{row, SCOPE_CONFIG, to}}
static const struct scene scenes[] = {
    {.name = "a soft limit above the hard one is refused", .hard = 18, .changes = LIVE("soft_limit", 20),
     .findings = "refuse soft_above_hard", .text = "soft limit 20 GiB is above the hard limit 18 GiB"},
    {.name = "a hard limit below the soft one is refused", .hard = 32, .soft = 20, .held = 1, .droppable = 0.1,
     .changes = LIVE("hard_limit", 18), .findings = "refuse soft_above_hard"},
    {.name = "both moved together are judged by what they will be", .hard = 18, .soft = 16,
     .changes = {{"soft_limit", SCOPE_LIVE, 20}, {"hard_limit", SCOPE_LIVE, 24}}, .findings = ""},
    {.name = "each scope is judged by itself", .hard = 18, .soft = 16,
     .changes = {{"soft_limit", SCOPE_CONFIG, 20}, {"hard_limit", SCOPE_LIVE, 24}}, .findings = "refuse soft_above_hard"},
    {.name = "making a bad pair better is not refused", .hard = 18, .soft = 24, .changes = LIVE("soft_limit", 20),
     .findings = "warn soft_above_hard"},
    {.name = "a bad value that stays is still refused", .hard = 18, .soft = 24, .changes = LIVE("soft_limit", 24),
     .findings = "refuse soft_above_hard"},
    {.name = "soft equal to hard is never reached", .hard = 18, .changes = LIVE("soft_limit", 18),
     .findings = "warn soft_never_reached"},
    {.name = "soft just below hard leaves no room", .hard = 18, .changes = LIVE("soft_limit", 17.75),
     .findings = "note soft_near_hard", .text = "leaves only 256 MiB between soft and hard limit to slow down in"},
    {.name = "no soft limit at all is above nothing", .hard = 18, .soft = 17, .changes = LIVE("soft_limit", -1), .findings = ""},
    {.name = "soft 0", .changes = LIVE("soft_limit", 0), .findings = "refuse soft_zero"},
    {.name = "hard 0", .held = 1, .changes = CONFIG("hard_limit", 0),
     .findings = "refuse hard_zero; danger kills_at_start"},
    {.name = "less than a page is 0", .changes = LIVE("soft_limit", 1e-7), .findings = "refuse soft_zero"},
    {.name = "memory+swap below hard", .hard = 6, .memsw = 8, .changes = LIVE("swap_hard_limit", 4),
     .findings = "warn use_unknown; refuse hard_above_memsw", .text = "nobody can tell what it needs"},
    {.name = "no hard limit is above memory+swap", .hard = 6, .memsw = 8, .changes = LIVE("hard_limit", -1),
     .findings = "refuse hard_above_memsw", .text = "hard limit none is above the memory+swap limit 8 GiB"},
    {.name = "guarantee above hard", .hard = 6, .changes = LIVE("min", 8), .findings = "refuse guarantee_above_hard"},
    {.name = "guarantee above maximum", .maximum = 6, .changes = LIVE("min", 8), .findings = "refuse guarantee_above_maximum"},
    {.name = "target above maximum", .maximum = 6, .changes = LIVE("memory", 8), .findings = "refuse target_above_maximum"},
    {.name = "target 0", .changes = LIVE("memory", 0), .findings = "refuse target_zero"},

    {.name = "a hard limit below what is needed kills", .hard = 18, .held = 14.1, .droppable = 0.2, .changes = LIVE("hard_limit", 6),
     .findings = "kills below_needed", .text = "needs 13.9 GiB, 205 MiB can be dropped, no swap"},
    {.name = "the same in the configuration kills later", .hard = 18, .held = 14.1, .droppable = 0.2,
     .changes = CONFIG("hard_limit", 6), .findings = "danger kills_at_start"},
    {.name = "a domain that is off needs nothing now", .hard = 18, .off = true, .changes = CONFIG("hard_limit", 6), .findings = ""},
    {.name = "free swap takes what is too much", .hard = 18, .held = 14, .droppable = 1, .host_swap = 16,
     .changes = LIVE("hard_limit", 10), .findings = "warn swaps_out",
     .text = "pushes 3 GiB out to swap at once: needs 13 GiB, 1 GiB can be dropped, 16 GiB could be swapped out"},
    {.name = "too little swap does not help", .hard = 18, .held = 14, .droppable = 1, .host_swap = 1,
     .changes = LIVE("hard_limit", 10), .findings = "kills below_needed"},
    {.name = "swap forbidden in the same set does not help", .hard = 18, .held = 14, .droppable = 1, .host_swap = 16,
     .changes = {{"hard_limit", SCOPE_LIVE, 10}, {"swap_max", SCOPE_LIVE, 0}}, .findings = "kills below_needed"},
    {.name = "memory+swap leaves no swap", .hard = 18, .memsw = 20, .held = 14, .droppable = 1, .host_swap = 16,
     .changes = {{"hard_limit", SCOPE_LIVE, 10}, {"swap_hard_limit", SCOPE_LIVE, 14}},
     .findings = "warn swaps_out"},
    {.name = "memory+swap below both kills", .hard = 8, .memsw = 20, .held = 8, .droppable = 0.1, .swap = 4,
     .changes = LIVE("swap_hard_limit", 10), .findings = "kills below_needed", .text = "needs 11.9 GiB, 102 MiB can be dropped, swap counts too"},
    {.name = "just above what is needed is said", .hard = 18, .held = 14, .droppable = 1,
     .changes = LIVE("hard_limit", 13.1), .findings = "warn near_needed"},
    {.name = "a raise that is not enough is a note", .hard = 8, .held = 14, .droppable = 1,
     .changes = LIVE("hard_limit", 10), .findings = "note below_needed"},
    {.name = "what can be dropped is not known", .hard = 18, .held = 14, .blind_droppable = true,
     .changes = LIVE("hard_limit", 10), .findings = "danger below_held"},
    {.name = "nothing can be dropped: held is needed", .hard = 18, .held = 14,
     .changes = LIVE("hard_limit", 10), .findings = "kills below_needed", .text = "needs 14 GiB, no swap"},
    {.name = "only the guest's word is known", .hard = 18, .guest = 14,
     .changes = LIVE("hard_limit", 10), .findings = "danger below_guest"},
    {.name = "nothing is known", .hard = 18, .changes = LIVE("hard_limit", 10), .findings = "warn use_unknown"},
    {.name = "hard equal to what it is now says nothing", .hard = 10, .held = 14, .droppable = 0.1,
     .changes = LIVE("hard_limit", 10), .findings = ""},
    {.name = "no limit kills nothing", .hard = 10, .held = 14, .droppable = 0.1, .changes = LIVE("hard_limit", -1), .findings = ""},

    {.name = "below maximum the guest may grow into the wall", .hard = 40, .held = 8, .droppable = 1, .maximum = 32,
     .overhead = 1.3, .changes = CONFIG("hard_limit", 33), .findings = "danger below_maximum",
     .text = "the guest may grow to 32 GiB and its process about 1.3 GiB more: killed when it does"},
    {.name = "above both it may not", .hard = 40, .held = 8, .droppable = 1, .maximum = 32, .overhead = 1.3,
     .changes = CONFIG("hard_limit", 34), .findings = ""},
    {.name = "huge pages do not grow into it", .hard = 40, .held = 1, .droppable = 0.1, .maximum = 32, .hugepages = 32,
     .changes = CONFIG("hard_limit", 4), .findings = ""},
    {.name = "a raise that is still below is a note", .hard = 20, .held = 8, .droppable = 1, .maximum = 32,
     .changes = CONFIG("hard_limit", 24), .findings = "note below_maximum"},
    {.name = "soft below what is needed slows at once", .held = 8, .droppable = 1, .throttles = true,
     .changes = LIVE("soft_limit", 6), .findings = "warn soft_below_needed",
     .text = "slows it from the first second: needs 7 GiB"},
    {.name = "a soft limit that is a hint slows nothing", .held = 8, .droppable = 1, .changes = LIVE("soft_limit", 6), .findings = ""},
    {.name = "a higher hard limit does not help what its soft limit holds", .held = 33, .hard = 34, .soft = 33, .throttles = true,
     .changes = LIVE("hard_limit", 36), .findings = "note soft_stalls", .text = "the soft limit 33 GiB goes on slowing it: raise it too?"},
    {.name = "it does where the soft limit goes up too", .held = 33, .hard = 34, .soft = 33, .throttles = true,
     .changes = {{"hard_limit", SCOPE_LIVE, 38}, {"soft_limit", SCOPE_LIVE, 35}}, .findings = ""},
    {.name = "or is far", .held = 20, .hard = 34, .soft = 33, .throttles = true, .changes = LIVE("hard_limit", 36), .findings = ""},
    {.name = "or is a hint", .held = 33, .hard = 34, .soft = 33, .changes = LIVE("hard_limit", 36), .findings = ""},
    {.name = "no swapping kills at the limit", .changes = LIVE("swappiness", 0), .findings = "warn swappiness_zero",
     .text = "0 never swaps, even at the limit: it is killed instead"},
    {.name = "target below half of what the guest uses", .guest = 8, .changes = LIVE("memory", 3.9),
     .findings = "note target_below_half"}, /* from 0: it loosens */
    {.name = "maximum below held", .held = 8, .maximum = 16, .changes = CONFIG("maximum", 6),
     .findings = "note maximum_below_held", .text = "it holds 8 GiB: this shrinks nothing, it stops growth"},
    {.name = "a scope that cannot be written", .changes = LIVE("maximum", 6), .findings = "refuse not_writable"},
    {.name = "a value that the row cannot have", .maximum = 16, .changes = CONFIG("maximum", -1), .findings = "refuse bad_value"},
};
/* clang-format on */

Test(checks, every_scene_has_its_findings)
{
    for (size_t i = 0; i < G_N_ELEMENTS(scenes); i++)
        play(&scenes[i]);
}

Test(checks, a_target_is_judged_by_half_of_what_the_guest_uses)
{
    static const struct {
        double guest, held, to;
        const char *code; /* NULL: none */
        enum severity severity;
    } cases[] = {
        {8, 0, 3.9, "target_below_half", SEVERITY_DANGER},
        {8, 0, 4.1, "target_below_guest", SEVERITY_WARN},
        {8, 0, 8.1, NULL, SEVERITY_NOTE},
        {0, 8, 3.9, "target_below_half", SEVERITY_DANGER},
        {0, 8, 4.1, NULL, SEVERITY_NOTE},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct sample sample = sample_new("db");
        struct findings *findings = findings_new();
        const struct finding *worst;
        struct snapshot *snapshot;
        struct change change;

        sample_set(&sample, "memory", gib(16), gib(16));
        sample_set(&sample, "maximum", gib(16), gib(16));
        figure(&sample, FIGURE_GUEST, cases[i].guest);
        figure(&sample, FIGURE_HELD, cases[i].held);
        snapshot = sample_snapshot(&sample_backend, &sample, 1, NULL);
        change = sample_change(snapshot, "db", "memory", SCOPE_LIVE, gib(cases[i].to));
        checks_run(snapshot, sample_domain(snapshot, "db"), &change, 1, findings);
        worst = findings_worst(findings);
        cr_expect_str_eq(worst ? worst->code : "none", cases[i].code ? cases[i].code : "none");
        cr_expect(!worst || worst->severity == cases[i].severity);
        findings_free(findings);
        snapshot_unref(snapshot);
    }
}

Test(checks, the_value_said_to_be_safe_is_found_safe_also_as_a_screen_prints_it)
{
    g_autoptr(GRand) random = g_rand_new_with_seed(3);

    for (int i = 0; i < 2000; i++) {
        double held = exp2(g_rand_double_range(random, -8, 8)); /* 4 MiB to 256 GiB */
        struct scene scene = {.held = held, .droppable = held / 20, .hard = 1000};
        struct snapshot *snapshot = scene_snapshot(&scene);
        struct findings *findings = findings_new();
        struct change change =
            sample_change(snapshot, "db", "hard_limit", SCOPE_LIVE, value_number(4096));
        char text[SIZE_TEXT_MAX];
        struct value typed;

        checks_run(snapshot, sample_domain(snapshot, "db"), &change, 1, findings);
        cr_assert_eq(findings_worst(findings)->severity, SEVERITY_KILLS);
        size_format_short(findings_worst(findings)->safe.number, text);
        cr_assert(size_parse_value(text, change.tunable, NULL, &typed, NULL), "%s", text);
        change.to = typed;
        findings_free(findings);
        findings = findings_new();
        checks_run(snapshot, sample_domain(snapshot, "db"), &change, 1, findings);
        cr_assert(!findings_worst(findings) || findings_worst(findings)->severity < SEVERITY_DANGER,
                  "held %f GiB: %s", held, text);
        findings_free(findings);
        snapshot_unref(snapshot);
    }
}

static void add_own(const struct snapshot *snapshot, const struct domain *domain,
                    const struct change *changes, size_t n, struct findings *findings)
{
    findings_add(findings, SEVERITY_WARN, &changes[n - 1], "own", "a rule of its own");
}

Test(checks, the_hypervisor_adds_its_own_rules)
{
    struct backend backend = sample_backend;
    struct sample sample = sample_new("db");
    struct findings *findings = findings_new();
    struct snapshot *snapshot;
    struct change change;

    backend.check = add_own;
    snapshot = sample_snapshot(&backend, &sample, 1, NULL);
    change = sample_change(snapshot, "db", "swappiness", SCOPE_LIVE, value_number(10));
    checks_run(snapshot, sample_domain(snapshot, "db"), &change, 1, findings);
    cr_assert_eq(findings_count(findings), 1);
    cr_expect_str_eq(findings_get(findings, 0)->code, "own");
    findings_free(findings);
    snapshot_unref(snapshot);
}

Test(checks, the_value_after_is_the_last_change_rounded_or_what_is_there)
{
    struct sample sample = sample_new("db");
    struct snapshot *snapshot = sample_snapshot(&sample_backend, &sample, 1, NULL);
    const struct domain *domain = sample_domain(snapshot, "db");
    struct change changes[] = {
        sample_change(snapshot, "db", "hard_limit", SCOPE_LIVE, value_number(8193)),
    };
    const struct tunable *hard = sample_row("hard_limit");

    cr_expect(value_equal(checks_after(snapshot, domain, changes, 1, hard, SCOPE_LIVE),
                          value_number(8192)));
    cr_expect(value_equal(checks_after(snapshot, domain, changes, 1, hard, SCOPE_CONFIG),
                          value_unlimited()));
    snapshot_unref(snapshot);
}

Test(checks, the_least_safe_size_is_safe_as_it_is_shown)
{
    const struct tunable *hard = sample_row("hard_limit");
    const struct tunable *swappiness = sample_row("swappiness");

    for (uint64_t bytes = UINT64_C(1) << 20; bytes < GIB(5000); bytes += bytes / 7 + 12345) {
        struct value safe = checks_least_safe(hard, bytes);
        char text[SIZE_TEXT_MAX];
        uint64_t shown = 0;

        cr_assert(size_parse(size_format_short(safe.number, text), &shown, NULL), "%s", text);
        cr_expect_geq(shown, bytes, "%s is less than %lu", text, (unsigned long)bytes);
        cr_expect_leq(shown, bytes + bytes / 9, "%s for %lu", text, (unsigned long)bytes);
    }
    cr_expect(value_equal(checks_least_safe(swappiness, 1025), value_number(1025)));
}
