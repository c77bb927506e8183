/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/review-shrink.h"

#include "model/checks.h"
#include "model/shrink.h"
#include "ui/change-words.h"

#include <string.h>

/* --- what is offered ----------------------------------------------------------------------- */

static bool plans(const struct review_group *group, const struct change *changes, GError **error)
{
    struct step_list *steps = step_list_new();
    bool fine =
        shrink_plan(group->row.snapshot, group->row.domain, changes, group->n, steps, error);

    step_list_free(steps);
    return fine;
}

static void set_both(struct change *changes, size_t n, const struct tunable *tunable,
                     struct value staged, struct value to)
{
    for (size_t i = 0; i < n; i++)
        if (changes[i].tunable == tunable && value_equal(changes[i].to, staged))
            changes[i].to = to;
}

/* What does not fit becomes the lowest value that would do, for the next start as well. */
static void raise_to_lowest(struct review_group *group, struct change *changes)
{
    for (size_t i = 0; i < group->n; i++) {
        struct value lowest;

        if (!shrink_takes(&changes[i]))
            continue;
        lowest =
            shrink_lowest(group->row.snapshot, group->row.domain, changes, group->n, &changes[i]);
        if (lowest.kind != VALUE_NUMBER || value_compare(lowest, changes[i].to) <= 0)
            continue;
        set_both(changes, group->n, changes[i].tunable, changes[i].to, lowest);
        group->shrink.other = true;
    }
}

static void find_first(struct review_group *group, const struct change *changes)
{
    for (size_t i = 0; i < group->n; i++) {
        if (!shrink_takes(&changes[i]))
            continue;
        group->shrink.tunable = changes[i].tunable;
        group->shrink.to = changes[i].to;
        return;
    }
    group->shrink.tunable = NULL;
}

/* Nothing that kills is shrunk either; what is dangerous asks for the name as ever. */
static void judge_shrunk(struct review_group *group, const struct change *changes)
{
    struct findings *findings = findings_new();
    const struct finding *worst;

    checks_run(group->row.snapshot, group->row.domain, changes, group->n, findings);
    worst = findings_worst(findings);
    group->shrink.offered = worst == NULL || worst->severity < SEVERITY_KILLS;
    group->shrink.verdict =
        worst != NULL && worst->severity == SEVERITY_DANGER ? REVIEW_ASKS_NAME : REVIEW_READY;
    findings_free(findings);
}

void review_judge_shrink(struct review_group *group, const struct change *rebased)
{
    g_autofree struct change *changes = g_memdup2(rebased, group->n * sizeof *changes);
    g_autoptr(GError) error = NULL;

    find_first(group, changes);
    if (group->shrink.tunable == NULL || group->verdict == REVIEW_BLOCKED)
        return;
    if (!plans(group, changes, &error) &&
        g_error_matches(error, BACKEND_ERROR, BACKEND_ERROR_UNSAFE)) {
        g_clear_error(&error);
        raise_to_lowest(group, changes);
        find_first(group, changes);
        if (group->shrink.tunable == NULL) {
            group->shrink.why_not = g_strdup("it needs all it may have");
            return;
        }
        plans(group, changes, &error);
    }
    if (error != NULL) {
        group->shrink.why_not = g_strdup(error->message);
        return;
    }
    judge_shrunk(group, changes);
    group->shrink.changes = g_memdup2(group->changes, group->n * sizeof *changes);
    for (size_t i = 0; i < group->n; i++)
        group->shrink.changes[i].to = changes[i].to;
}

struct change *review_shrink_changes(const struct review *review, enum review_verdict verdict,
                                     size_t *n)
{
    struct change *changes = g_new(struct change, review_n_changes(review) + 1);
    bool any = false;

    *n = 0;
    for (size_t i = 0; i < review_count(review); i++) {
        const struct review_group *group = review_get(review, i);
        bool shrinks = group->shrink.offered && group->shrink.verdict == verdict;

        any |= shrinks;
        for (size_t at = 0; at < group->n; at++)
            if (shrinks)
                changes[(*n)++] = group->shrink.changes[at];
            else if (!group->shrink.offered && group->verdict == REVIEW_READY)
                changes[(*n)++] = group->changes[at];
    }
    *n = any ? *n : 0;
    return changes;
}

/* --- text ---------------------------------------------------------------------------------- */

/* "line 2", "lines 1, 3"; NULL where there is none. */
static char *lines_of(const struct review *review, bool shrink)
{
    g_autoptr(GString) text = g_string_new(NULL);
    size_t n = 0;

    for (size_t i = 0; i < review_count(review); i++) {
        const struct review_group *group = review_get(review, i);

        if (shrink ? group->shrink.offered
                   : !group->shrink.offered && group->verdict == REVIEW_READY)
            g_string_append_printf(text, "%s%zu", n++ ? ", " : "", i + 1);
    }
    return n ? g_strdup_printf("line%s %s", n == 1 ? "" : "s", text->str) : NULL;
}

static const struct review_group *only_shrunk(const struct review *review)
{
    const struct review_group *found = NULL;

    for (size_t i = 0; i < review_count(review); i++) {
        if (!review_get(review, i)->shrink.offered)
            continue;
        if (found != NULL)
            return NULL;
        found = review_get(review, i);
    }
    return found;
}

char *review_shrink_summary(const struct review *review)
{
    g_autofree char *shrunk = lines_of(review, true), *ready = lines_of(review, false);
    const struct review_group *only = only_shrunk(review);
    g_autofree char *to = only != NULL ? words_value(only->shrink.tunable, only->shrink.to) : NULL;

    if (shrunk == NULL)
        return NULL;
    return g_strdup_printf("safe shrink %s%s%s%s%s", shrunk, to ? " to " : "", to ? to : "",
                           ready ? ", apply " : "", ready ? ready : "");
}

char *review_shrink_line(const struct review_group *group)
{
    g_autofree char *to = NULL;

    if (group->shrink.why_not != NULL)
        return g_strdup(group->shrink.why_not);
    if (!group->shrink.offered || !group->shrink.other)
        return NULL;
    to = words_value(group->shrink.tunable, group->shrink.to);
    return g_strdup_printf("Safe shrink reaches %s.", to);
}
