/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/change.h"

#include <string.h>

bool change_tightens(const struct change *change)
{
    return tunable_tightens(change->tunable, change->from, change->to);
}

bool change_is_noop(const struct change *change)
{
    return value_equal(tunable_round(change->tunable, change->from),
                       tunable_round(change->tunable, change->to));
}

struct step_list {
    GPtrArray *steps; /* struct step, owned */
};

static void step_free(gpointer data)
{
    struct step *step = data;

    g_free(step->changes);
    g_free(step->command);
    g_free(step->shared);
    g_free(step);
}

struct step_list *step_list_new(void)
{
    struct step_list *list = g_new0(struct step_list, 1);

    list->steps = g_ptr_array_new_with_free_func(step_free);
    return list;
}

void step_list_free(struct step_list *list)
{
    if (!list)
        return;
    g_ptr_array_unref(list->steps);
    g_free(list);
}

struct step *step_list_add(struct step_list *list, const struct change *changes, size_t n,
                           const struct carrier *carrier, char *command)
{
    struct step *step = g_new0(struct step, 1);
    unsigned scopes = 0;

    for (size_t i = 0; i < n; i++)
        scopes |= changes[i].scope;
    if (n)
        step->key = changes[0].key;
    step->scope = (enum scope)scopes;
    step->changes = g_new(struct change, n);
    if (n)
        memcpy(step->changes, changes, n * sizeof(*changes));
    step->n_changes = n;
    step->command = command;
    step->carrier = carrier;
    g_ptr_array_add(list->steps, step);
    return step;
}

size_t step_list_count(const struct step_list *list)
{
    return list->steps->len;
}

const struct step *step_list_get(const struct step_list *list, size_t index)
{
    return g_ptr_array_index(list->steps, index);
}

const char *outcome_name(enum outcome outcome)
{
    /* clang-format off */
    static const char *const names[] = {
        [OUTCOME_CHANGED]      = "changed",
        [OUTCOME_UNCHANGED]    = "unchanged",
        [OUTCOME_WOULD_CHANGE] = "would-change",
        [OUTCOME_PENDING]      = "pending",
        [OUTCOME_ROUNDED]      = "rounded",
        [OUTCOME_REFUSED]      = "refused",
        [OUTCOME_CONFLICT]     = "conflict",
        [OUTCOME_FAILED]       = "failed",
        [OUTCOME_SKIPPED]      = "skipped",
        [OUTCOME_GONE_BACK]    = "gone-back",
        [OUTCOME_KEPT]         = "kept",
    };
    /* clang-format on */

    return (size_t)outcome < G_N_ELEMENTS(names) ? names[outcome] : "failed";
}

void result_clear(struct result *result)
{
    if (!result)
        return;
    g_free(result->text);
    result->text = NULL;
}
