/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/review.h"

#include "model/backend.h"
#include "model/checks.h"
#include "ui/change-words.h"
#include "ui/review-shrink.h"

#include <string.h>

struct review {
    GPtrArray *groups; /* struct review_group */
    size_t n_changes;
};

static void group_free(gpointer data)
{
    struct review_group *group = data;

    if (group->row.domain)
        snapshot_unref(group->row.snapshot);
    findings_free(group->findings);
    step_list_free(group->steps);
    g_free(group->changes);
    g_free(group->blocked);
    g_free(group->shrink.changes);
    g_free(group->shrink.why_not);
    g_free(group);
}

/* The changes against the values of now: somebody may have moved them since they were staged. */
static struct change *rebased(const struct review_group *group)
{
    struct change *changes = g_memdup2(group->changes, group->n * sizeof *changes);

    for (size_t i = 0; i < group->n; i++) {
        const struct setting *setting =
            snapshot_setting(group->row.snapshot, group->row.domain, changes[i].tunable);
        struct value now = changes[i].scope == SCOPE_CONFIG ? setting->config : setting->live;

        if (value_known(now))
            changes[i].from = now;
    }
    return changes;
}

static void judge_direction(struct review_group *group, const struct change *changes)
{
    for (size_t i = 0; i < group->n; i++) {
        struct change back = changes[i];

        back.from = changes[i].to;
        back.to = changes[i].from;
        if (change_tightens(&changes[i]))
            group->tightens = true;
        else if (change_tightens(&back))
            group->loosens = true;
    }
}

static void block(struct review_group *group, const char *why)
{
    group->verdict = REVIEW_BLOCKED;
    if (!group->blocked)
        group->blocked = g_strdup(why);
}

static void judge_findings(struct review_group *group)
{
    const struct finding *worst = findings_worst(group->findings);

    if (!worst)
        return;
    switch (worst->severity) {
    case SEVERITY_NOTE:
    case SEVERITY_WARN:
        return;
    case SEVERITY_DANGER:
        group->verdict = REVIEW_ASKS_NAME;
        return;
    case SEVERITY_KILLS:
        group->verdict = REVIEW_ASKS_KILL;
        return;
    case SEVERITY_REFUSE:
        block(group, worst->text);
        return;
    }
}

static void judge(struct review_group *group)
{
    const struct row *row = &group->row;
    g_autofree struct change *changes = NULL;
    g_autoptr(GError) error = NULL;

    if (!row->domain || row->domain->identity->state == DOMAIN_GONE) {
        block(group, "it does not exist any more");
        return;
    }
    changes = rebased(group);
    judge_direction(group, changes);
    checks_run(row->snapshot, row->domain, changes, group->n, group->findings);
    judge_findings(group);
    if (row->trouble.stale || row->snapshot->state != CONNECTION_CONNECTED)
        block(group, "it is not answering: what is staged stays");
    if (!row->snapshot->backend->plan(row->snapshot, row->domain, changes, group->n, group->steps,
                                      &error))
        block(group, error->message);
    review_judge_shrink(group, changes);
}

struct review *review_new(const struct changeset *changes,
                          bool (*find)(const struct domain_key *key, struct row *row, void *data),
                          void *data)
{
    struct review *review = g_new0(struct review, 1);
    size_t n;
    g_autofree struct domain_key *keys = changeset_domains(changes, &n);

    review->groups = g_ptr_array_new_with_free_func(group_free);
    for (size_t i = 0; i < n; i++) {
        struct review_group *group = g_new0(struct review_group, 1);

        group->key = keys[i];
        group->findings = findings_new();
        group->steps = step_list_new();
        group->changes = changeset_of(changes, &keys[i], &group->n);
        if (find(&keys[i], &group->row, data))
            snapshot_ref(group->row.snapshot);
        else
            group->row.domain = NULL;
        judge(group);
        review->n_changes += group->n;
        g_ptr_array_add(review->groups, group);
    }
    return review;
}

void review_free(struct review *review)
{
    if (!review)
        return;
    g_ptr_array_unref(review->groups);
    g_free(review);
}

size_t review_count(const struct review *review)
{
    return review->groups->len;
}

const struct review_group *review_get(const struct review *review, size_t index)
{
    return g_ptr_array_index(review->groups, index);
}

const char *review_name(const struct review_group *group)
{
    return group->row.domain ? group->row.domain->identity->name : "a domain that is gone";
}

size_t review_n_changes(const struct review *review)
{
    return review->n_changes;
}

struct change *review_changes(const struct review *review, enum review_verdict verdict, size_t *n)
{
    struct change *changes = g_new(struct change, review->n_changes + 1);

    *n = 0;
    for (size_t i = 0; i < review_count(review); i++) {
        const struct review_group *group = review_get(review, i);

        for (size_t at = 0; group->verdict == verdict && at < group->n; at++)
            changes[(*n)++] = group->changes[at];
    }
    return changes;
}

/* --- text ---------------------------------------------------------------------------------- */

char *review_question(const struct review *review, const struct change *changes, size_t n)
{
    const struct review_group *first = NULL;
    size_t domains = 0;
    bool tightens = false, loosens = false;

    for (size_t i = 0; i < review_count(review); i++) {
        const struct review_group *group = review_get(review, i);
        bool mine = false;

        for (size_t at = 0; at < n; at++)
            mine |= domain_key_equal(&changes[at].key, &group->key);
        if (!mine)
            continue;
        domains++;
        first = first ? first : group;
        tightens |= group->tightens;
        loosens |= group->loosens;
    }
    if (domains == 1)
        return g_strdup_printf("Apply %zu %schange%s to %s? Enter = yes", n,
                               tightens  ? "tightening "
                               : loosens ? "loosening "
                                         : "",
                               n == 1 ? "" : "s", review_name(first));
    return g_strdup_printf("Apply %zu changes%s to %zu domains? Enter = yes", n,
                           tightens  ? ", some tightening,"
                           : loosens ? ", loosening,"
                                     : "",
                           domains);
}

/* "line 2", "lines 1, 3" of those with one of the verdicts; NULL where there is none. */
static char *lines_with(const struct review *review, bool ready)
{
    g_autoptr(GString) text = g_string_new(NULL);
    size_t n = 0;

    for (size_t i = 0; i < review_count(review); i++)
        if ((review_get(review, i)->verdict == REVIEW_READY) == ready)
            g_string_append_printf(text, "%s%zu", n++ ? ", " : "", i + 1);
    return n ? g_strdup_printf("line%s %s", n == 1 ? "" : "s", text->str) : NULL;
}

char *review_summary(const struct review *review)
{
    g_autofree char *ready = lines_with(review, true), *other = lines_with(review, false);

    if (!other)
        return g_strdup("");
    if (ready)
        return g_strdup_printf("%s only: %s block%s it", ready, other,
                               g_str_has_prefix(other, "lines") ? "" : "s");
    for (size_t i = 0; i < review_count(review); i++)
        if (review_get(review, i)->verdict != REVIEW_BLOCKED)
            return g_strdup("asks for the domain's name to be typed");
    return g_strdup("nothing of this can be written now");
}

char *review_commands(const struct review *review)
{
    GString *text = g_string_new(NULL);

    for (size_t i = 0; i < review_count(review); i++) {
        const struct step_list *steps = review_get(review, i)->steps;

        for (size_t at = 0; at < step_list_count(steps); at++)
            if (step_list_get(steps, at)->command)
                g_string_append_printf(text, "%s\n", step_list_get(steps, at)->command);
    }
    return g_string_free(text, FALSE);
}
