/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/guard-state.h"

#include "model/guard-channel.h"
#include "model/text.h"

#include <string.h>

/* clang-format off */
static const char *const phases[] = {
    [GUARD_STARTING]  = "starting",
    [GUARD_ARMED]     = "armed",
    [GUARD_COUNTING]  = "counting",
    [GUARD_SAVING]    = "saving",
    [GUARD_RETURNING] = "returning",
    [GUARD_ENDED]     = "ended",
};
static const char *const endings[] = {
    [GUARD_END_NONE]         = "none",
    [GUARD_END_REFUSED]      = "refused",
    [GUARD_END_KEPT]         = "kept",
    [GUARD_END_KEPT_UNSAVED] = "kept_unsaved",
    [GUARD_END_GONE_BACK]    = "gone_back",
    [GUARD_END_KEPT_KILLS]   = "kept_kills",
    [GUARD_END_LEFT]         = "left",
    [GUARD_END_DETACHED]     = "detached",
    [GUARD_END_LOST]         = "lost",
};
static const char *const grades[] = {
    [GUARD_GRADE_EARLY] = "early",
    [GUARD_GRADE_WELL]  = "well",
    [GUARD_GRADE_WORSE] = "worse",
    [GUARD_GRADE_BAD]   = "bad",
};
/* clang-format on */

const char *guard_phase_name(enum guard_phase phase)
{
    return phases[phase];
}

const char *guard_ending_name(enum guard_ending ending)
{
    return endings[ending];
}

const char *guard_grade_name(enum guard_grade grade)
{
    return grades[grade];
}

/* --- taking apart what may be anything --- */

static unsigned small_of(JsonObject *object, const char *name)
{
    return (unsigned)CLAMP(member_number(object, name, 0), 0, G_MAXINT);
}

/* False where it is none of them. */
static bool word_of(JsonObject *object, const char *name, const char *const *words, size_t n,
                    unsigned *place)
{
    const char *text = member_text(object, name);

    for (size_t i = 0; text != NULL && i < n; i++) {
        if (strcmp(words[i], text) == 0) {
            *place = (unsigned)i;
            return true;
        }
    }
    return false;
}

static const char *keep(struct guard_told *told, const char *text)
{
    char *clean = text == NULL ? NULL : text_clean(text);

    if (clean != NULL)
        g_ptr_array_add(told->texts, clean);
    return clean;
}

static struct value value_of(JsonObject *object, const char *name, const struct tunable *tunable)
{
    static const struct tunable plain = {
        .name = "plain", .unit = UNIT_COUNT, .unlimited = true, .unset = true};
    JsonNode *node = json_object_get_member(object, name);
    struct value value = value_unknown(NULL);

    if (node != NULL)
        json_value_read(node, tunable != NULL ? tunable : &plain, &value, NULL);
    return value;
}

static void read_figures(JsonObject *domain, const char *name, struct guard_figures *figures)
{
    JsonObject *object = member_object(domain, name);
    const char *state = object == NULL ? NULL : member_text(object, "state");

    if (object == NULL)
        return;
    figures->needed = value_of(object, "needed", NULL);
    figures->left = value_of(object, "left", NULL);
    figures->wall = value_of(object, "wall", NULL);
    figures->pressure = value_of(object, "pressure", NULL);
    figures->throttled = value_of(object, "throttled", NULL);
    figures->failcnt = value_of(object, "failcnt", NULL);
    figures->oom_kills = value_of(object, "oom_kills", NULL);
    figures->throttle_rate = small_of(object, "throttle_rate");
    for (int i = DOMAIN_UNKNOWN; state != NULL && i <= DOMAIN_INACCESSIBLE; i++) {
        if (strcmp(domain_state_name((enum domain_state)i), state) == 0)
            figures->state = (enum domain_state)i;
    }
}

static void read_domain(struct guard_told *told, JsonObject *object)
{
    struct guard_domain domain = {.name = keep(told, member_text(object, "name")),
                                  .uri = keep(told, member_text(object, "uri")),
                                  .verdict = keep(told, member_text(object, "verdict"))};
    unsigned grade = 0;

    word_of(object, "grade", grades, G_N_ELEMENTS(grades), &grade);
    domain.grade = (enum guard_grade)grade;
    read_figures(object, "before", &domain.before);
    read_figures(object, "now", &domain.now);
    if (domain.name != NULL)
        g_array_append_val(told->domains, domain);
}

static const struct tunable *tunable_of(const struct guard_plan *plan, bool saved, size_t change)
{
    if (plan == NULL || change >= (saved ? plan->n_saved : plan->n_live))
        return NULL;
    return (saved ? plan->saved : plan->live)[change].tunable;
}

static void read_result(struct guard_told *told, JsonObject *object, const struct guard_plan *plan)
{
    struct guard_result result = {.change = (size_t)MAX(member_number(object, "change", 0), 0),
                                  .saved = member_yes(object, "saved"),
                                  .what = keep(told, member_text(object, "what")),
                                  .text = keep(told, member_text(object, "text")),
                                  .outcome = OUTCOME_FAILED};
    const struct tunable *tunable = tunable_of(plan, result.saved, result.change);
    const char *outcome = member_text(object, "outcome");

    if (tunable != NULL)
        result.after = value_of(object, "after", tunable);
    for (int i = OUTCOME_CHANGED; outcome != NULL && i <= OUTCOME_KEPT; i++) {
        if (strcmp(outcome_name((enum outcome)i), outcome) == 0)
            result.outcome = (enum outcome)i;
    }
    g_array_append_val(told->results, result);
}

static JsonObject *object_at(JsonArray *array, guint i)
{
    JsonNode *node = json_array_get_element(array, i);

    return JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
}

static void read_lists(struct guard_told *told, JsonObject *object, const struct guard_plan *plan)
{
    JsonArray *domains = member_array(object, "domains"),
              *results = member_array(object, "results");

    for (guint i = 0; domains != NULL && i < json_array_get_length(domains); i++) {
        if (object_at(domains, i) != NULL)
            read_domain(told, object_at(domains, i));
    }
    for (guint i = 0; results != NULL && i < json_array_get_length(results); i++) {
        if (object_at(results, i) != NULL)
            read_result(told, object_at(results, i), plan);
    }
}

/* --- all of it --- */

void guard_told_init(struct guard_told *told)
{
    *told = (struct guard_told){
        .texts = g_ptr_array_new_with_free_func(g_free),
        .domains = g_array_new(FALSE, TRUE, sizeof(struct guard_domain)),
        .results = g_array_new(FALSE, TRUE, sizeof(struct guard_result)),
    };
}

void guard_told_clear(struct guard_told *told)
{
    g_ptr_array_unref(told->texts);
    g_array_unref(told->domains);
    g_array_unref(told->results);
}

static void read_state(struct guard_told *told, JsonObject *object)
{
    struct guard_state *state = &told->state;

    state->batch = keep(told, member_text(object, "batch"));
    state->pid = member_number(object, "pid", 0);
    state->place = keep(told, member_text(object, "place"));
    state->warning = keep(told, member_text(object, "warning"));
    state->seconds = small_of(object, "seconds");
    state->total_ms = small_of(object, "total_ms");
    state->left_ms = small_of(object, "left_ms");
    state->deadline_time = member_number(object, "deadline", 0);
    state->reason = keep(told, member_text(object, "reason"));
    state->error = keep(told, member_text(object, "error"));
    state->too_late = member_yes(object, "too_late");
}

bool guard_told_read(struct guard_told *told, JsonObject *object, const struct guard_plan *plan)
{
    unsigned phase = 0, ending = 0;
    struct guard_told new;

    if (member_number(object, "schema", 0) != GUARD_STATE_SCHEMA ||
        !word_of(object, "phase", phases, G_N_ELEMENTS(phases), &phase) ||
        !word_of(object, "ending", endings, G_N_ELEMENTS(endings), &ending))
        return false;
    guard_told_init(&new);
    read_state(&new, object);
    new.state.phase = (enum guard_phase)phase;
    new.state.ending = (enum guard_ending)ending;
    read_lists(&new, object, plan);
    new.state.domains = (const struct guard_domain *)(void *)new.domains->data;
    new.state.n_domains = new.domains->len;
    new.state.results = (const struct guard_result *)(void *)new.results->data;
    new.state.n_results = new.results->len;
    guard_told_clear(told);
    *told = new;
    return true;
}
