/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * On the way down in stops the guest has to reach each one before it is asked for the next: one
 * that cannot give more is not asked for more.
 */
#include "model/part-state.h"

#include "model/link.h"
#include "model/size.h"

static struct value stop_of(const struct part *part)
{
    return part->current->changes[0].to;
}

/* Bytes between the guest and the stop; 0 where it is there. False: nothing tells. */
static bool left(const struct part *part, const struct snapshot *snapshot, uint64_t *bytes)
{
    uint64_t size, stop;

    if (snapshot == NULL || !value_get(size_in(snapshot, &part->current->changes[0]), &size) ||
        !value_get(stop_of(part), &stop))
        return false;
    *bytes = size_reached(size, stop) ? 0 : MAX(size, stop) - MIN(size, stop);
    return true;
}

bool part_settle(struct part *part, const struct snapshot *snapshot)
{
    uint64_t bytes = UINT64_MAX;

    if (!part->current->settle)
        return false;
    left(part, snapshot, &bytes);
    if (bytes == 0)
        return false;
    part->settle_left = bytes;
    part->give_up_ns = hub_in(part->link->hub->timing->settle_ms);
    part->not_before_ns = hub_in(part->link->hub->timing->poll_ms);
    part->stage = STAGE_SETTLE;
    return true;
}

/* Told of the change that the stop is of, once: what comes after it is skipped by that. */
static void halt(struct part *part, struct target *target, const struct snapshot *snapshot,
                 const GError *error)
{
    char stop[SIZE_TEXT_MAX], size_text[SIZE_TEXT_MAX];
    const struct change *change = &part->current->changes[0];
    struct value size = size_in(snapshot, change);

    for (size_t i = target->first; i < target->first + target->n; i++) {
        struct item *item = &part->items[i];

        if (item->result.change.tunable != change->tunable ||
            item->result.change.scope != change->scope || item_failed(item))
            continue;
        item->halted = true;
        size_format_value(stop_of(part), change->tunable->unit, NULL, stop);
        size_format_value(size, change->tunable->unit, NULL, size_text);
        if (error != NULL)
            item_decide(item, OUTCOME_PENDING, "stopped at %s: %s", stop, error->message);
        else
            item_decide(item, OUTCOME_PENDING,
                        "stopped on the way: asked for %s, the guest stays at %s", stop, size_text);
    }
    target_skip(part, target, "not sent: the guest does not follow");
    link_changed(part->link, target->key.id, true);
}

void part_settling(struct part *part, const struct snapshot *snapshot, const GError *error)
{
    struct target *target = &part->targets[part->at];
    uint64_t bytes = UINT64_MAX;
    bool gone = false;

    part_look_again(part, target, snapshot, error == NULL ? NULL : error->message);
    for (size_t i = target->first; i < target->first + target->n; i++)
        gone |= part->items[i].sent && !part->back && item_failed(&part->items[i]);
    left(part, snapshot, &bytes);
    part->not_before_ns = hub_in(part->link->hub->timing->poll_ms);
    if (bytes < part->settle_left) {
        part->settle_left = bytes;
        part->give_up_ns = hub_in(part->link->hub->timing->settle_ms);
    }
    if (snapshot == NULL || gone || (bytes > 0 && clock_ns() >= part->give_up_ns))
        halt(part, target, snapshot, error);
    else if (bytes > 0 && g_atomic_int_get(&part->stop) == PART_GO_ON)
        return;
    part->stage = STAGE_NEXT;
}
