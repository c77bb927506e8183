/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A safe shrink that goes back: raising cannot hurt, and what somebody else wrote is left alone. */
#include "model/part-state.h"

#include "model/link.h"
#include "model/shrink.h"
#include "model/size.h"

#define TRIES 3

void part_shrink_fails(struct part *part, const char *why)
{
    struct shrink *shrink = part_shrink(part);

    shrink->why = shrink->why ? shrink->why : g_strdup(why);
    shrink->back = true;
    g_free(part->detail);
    part->detail = g_strdup(shrink->why);
    part->n_steps = part->step;
    part->not_before_ns = 0;
    /* By way of NEXT, so that the journal has what became of the last step. */
    part->targets[part->at].next_step = 0;
    part->stage = STAGE_NEXT;
}

bool shrink_is_old(const struct touched *touched, struct value now)
{
    if (touched->tunable->readback == READBACK_CONVERGES)
        return value_equal(touched->last, touched->old);
    return value_equal(tunable_round(touched->tunable, now),
                       tunable_round(touched->tunable, touched->old));
}

static bool is_ours(const struct touched *touched, struct value now)
{
    const struct value ours[] = {touched->old, touched->before, touched->last};

    if (touched->tunable->readback != READBACK_EXACT || !value_known(now))
        return true;
    for (size_t i = 0; i < G_N_ELEMENTS(ours); i++) {
        if (value_equal(tunable_round(touched->tunable, now),
                        tunable_round(touched->tunable, ours[i])))
            return true;
    }
    return false;
}

static struct change change_back(const struct target *target, const struct touched *touched,
                                 const struct snapshot *snapshot)
{
    struct change change = {
        .key = target->key, .tunable = touched->tunable, .scope = SCOPE_LIVE, .to = touched->old};

    change.from = value_in(snapshot, &change);
    return change;
}

/* --- the end ------------------------------------------------------------------------------- */

static const struct touched *touched_of(const struct shrink *shrink, const struct item *item)
{
    for (guint i = 0; item->result.change.scope == SCOPE_LIVE && i < shrink->touched->len; i++) {
        const struct touched *touched = &g_array_index(shrink->touched, struct touched, i);

        if (touched->tunable == item->result.change.tunable)
            return touched;
    }
    return NULL;
}

static char *meddled(const struct tunable *row, struct value now, struct value was)
{
    char is_text[SIZE_TEXT_MAX], was_text[SIZE_TEXT_MAX];

    if (row->readback != READBACK_EXACT || !value_known(now) || !value_known(was) ||
        value_equal(tunable_round(row, now), tunable_round(row, was)))
        return NULL;
    size_format_value(now, row->unit, row->choices, is_text);
    size_format_value(was, row->unit, row->choices, was_text);
    return g_strdup_printf("%s was changed by somebody else: reads %s now, was %s", row->name,
                           is_text, was_text);
}

char *part_shrink_meddled(const struct part *part, const struct snapshot *snapshot)
{
    const struct target *target = &part->targets[part->at];
    const struct shrink *shrink = target->shrink;
    char *found = NULL;

    for (guint i = 0; found == NULL && i < shrink->touched->len; i++) {
        const struct touched *touched = &g_array_index(shrink->touched, struct touched, i);

        found =
            meddled(touched->tunable, change_back(target, touched, snapshot).from, touched->last);
    }
    /* What is still to be written was compared before the first step, which may be long ago. */
    for (size_t i = target->first; found == NULL && i < target->first + target->n; i++) {
        const struct item *item = &part->items[i];

        if (!item->sent && !item->decided && touched_of(shrink, item) == NULL)
            found = meddled(item->result.change.tunable, value_in(snapshot, &item->result.change),
                            item->result.before);
    }
    return found;
}

/* "soft_limit reads 30 MiB now, was none", of what is not what it was; or NULL. */
static char *what_is_left(const struct target *target, const struct snapshot *snapshot)
{
    GString *text = g_string_new(NULL);
    char now[SIZE_TEXT_MAX], old[SIZE_TEXT_MAX];

    for (guint i = 0; i < target->shrink->touched->len; i++) {
        const struct touched *touched = &g_array_index(target->shrink->touched, struct touched, i);
        const struct tunable *row = touched->tunable;
        struct change change = change_back(target, touched, snapshot);

        if (shrink_is_old(touched, change.from))
            continue;
        size_format_value(change.from, row->unit, row->choices, now);
        size_format_value(touched->old, row->unit, row->choices, old);
        g_string_append_printf(text, "%s%s reads %s now, was %s", text->len ? ", " : "", row->name,
                               now, old);
    }
    return g_string_free(text, text->len == 0);
}

/* `snapshot` NULL: nobody knows what is true now. */
static void finish(struct part *part, const struct snapshot *snapshot, const char *trouble)
{
    struct target *target = &part->targets[part->at];
    struct shrink *shrink = target->shrink;
    g_autofree char *left = snapshot ? what_is_left(target, snapshot) : NULL;
    bool back = snapshot != NULL && left == NULL;

    for (size_t i = target->first; i < target->first + target->n; i++) {
        struct item *item = &part->items[i];

        if (touched_of(shrink, item) == NULL &&
            (item->decided || !shrink_takes(&item->result.change)))
            continue;
        item->result.after = snapshot ? value_in(snapshot, &item->result.change)
                                      : value_unknown("not_read_back: could not be read back");
        if (back && (shrink->changed || item->sent)) {
            /* Where the job itself was to go back, this is what it could not do. */
            item_decide(item, part->options.back ? OUTCOME_KEPT : OUTCOME_GONE_BACK, "%s",
                        shrink->why);
        } else if (back) {
            item_decide(item, OUTCOME_FAILED, "%s", shrink->why);
            item->result.error = shrink->code;
        } else {
            item_decide(item, OUTCOME_FAILED, "%s; not all went back: %s%s%s", shrink->why,
                        left ? left : "", left && trouble ? ": " : "", trouble ? trouble : "");
        }
    }
    shrink->begun = false;
    g_clear_pointer(&part->detail, g_free);
    target_skip(part, target, "not sent: the shrink before it went back");
    part->n_steps = part->step;
    part->stage = STAGE_NEXT;
    link_changed(part->link, target->key.id, true);
}

void part_shrink_left(struct part *part, const char *why)
{
    struct shrink *shrink = part_shrink(part);

    if (shrink == NULL || !shrink->begun)
        return;
    shrink->why = shrink->why ? shrink->why : g_strdup("stopped on the way");
    finish(part, NULL, why);
}

/* The domain ended: what it had is gone with it. */
static void finish_gone(struct part *part, const struct snapshot *snapshot)
{
    struct target *target = &part->targets[part->at];

    for (size_t i = target->first; i < target->first + target->n; i++) {
        struct item *item = &part->items[i];

        if (item->result.change.scope != SCOPE_LIVE)
            continue;
        item->result.after = value_in(snapshot, &item->result.change);
        item_decide(item, OUTCOME_FAILED, "%s", target->shrink->why);
        item->result.error = BACKEND_ERROR_GONE;
    }
    target->shrink->begun = false;
    target_skip(part, target, "not sent: the domain ended");
    part->n_steps = part->step;
    part->stage = STAGE_NEXT;
    link_changed(part->link, target->key.id, true);
}

/* --- writing back -------------------------------------------------------------------------- */

static GArray *changes_back(const struct target *target, const struct snapshot *snapshot)
{
    GArray *changes = g_array_new(FALSE, FALSE, sizeof(struct change));

    for (guint i = 0; i < target->shrink->touched->len; i++) {
        const struct touched *touched = &g_array_index(target->shrink->touched, struct touched, i);
        struct change change = change_back(target, touched, snapshot);

        if (value_known(touched->old) && !shrink_is_old(touched, change.from) &&
            is_ours(touched, change.from))
            g_array_append_val(changes, change);
    }
    return changes;
}

static bool plan_back(struct part *part, const struct snapshot *snapshot, const GArray *changes,
                      GError **error)
{
    struct target *target = &part->targets[part->at];
    struct step_list *steps = step_list_new();

    g_ptr_array_add(part->lists, steps);
    if (!part->link->backend->plan(snapshot, snapshot_find(snapshot, &target->key),
                                   (const struct change *)(void *)changes->data, changes->len,
                                   steps, error))
        return false;
    target->steps = steps;
    target->next_step = 0;
    part->n_steps = part->step + step_list_count(steps);
    part->stage = STAGE_INTENT;
    return true;
}

void part_taking_back(struct part *part, const struct snapshot *snapshot, const GError *error)
{
    struct target *target = &part->targets[part->at];
    struct shrink *shrink = target->shrink;
    const struct domain *domain = snapshot ? snapshot_find(snapshot, &target->key) : NULL;
    g_autoptr(GArray) changes = NULL;
    g_autoptr(GError) failure = NULL;

    if (snapshot == NULL) {
        if (++shrink->tries >= TRIES)
            finish(part, NULL, error->message);
        return;
    }
    if (domain == NULL || domain_state_ended(domain->identity->state)) {
        finish_gone(part, snapshot);
        return;
    }
    changes = changes_back(target, snapshot);
    if (changes->len == 0)
        finish(part, snapshot, "somebody else changed it meanwhile");
    else if (shrink->tries >= TRIES)
        finish(part, snapshot, shrink->trouble);
    else if (!plan_back(part, snapshot, changes, &failure))
        finish(part, snapshot, failure->message);
}

void part_shrink_went_back(struct part *part, const struct snapshot *snapshot)
{
    struct target *target = &part->targets[part->at];
    struct shrink *shrink = target->shrink;
    bool last = target->next_step >= step_list_count(target->steps);

    if (part->step_error != NULL) {
        g_free(shrink->trouble);
        shrink->trouble = g_strdup(part->step_error->message);
    }
    /* What is true is read once more; what is not back yet is planned and sent again. */
    if (last)
        shrink->tries++;
    part->stage = STAGE_NEXT;
    if (last)
        target->next_step = 0;
}
