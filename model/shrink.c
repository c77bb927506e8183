/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/shrink.h"

#include "model/checks-parts.h"
#include "model/size.h"
#include "model/trouble.h"

/* What stands against a limit. */
struct need {
    uint64_t needed; /* cannot be dropped */
    uint64_t least;  /* and cannot be swapped out either */
    struct value droppable, swap_room;
    bool in_swap_too; /* the limit counts swap */
};

static bool is_wall(const struct tunable *row)
{
    return (row->role == ROLE_HARD || row->role == ROLE_MEMSW) && row->wall == WALL_KILLS;
}

bool shrink_takes(const struct change *change)
{
    return change->scope == SCOPE_LIVE &&
           (is_wall(change->tunable) || change->tunable->role == ROLE_TARGET) &&
           tunable_round(change->tunable, change->to).kind == VALUE_NUMBER &&
           !change_is_noop(change) && change_tightens(change);
}

/* False where nobody can tell. */
static bool find_need(const struct trial *trial, const struct change *change, struct need *need)
{
    struct value anon = snapshot_figure(trial->snapshot, trial->domain, FIGURE_ANON);
    uint64_t room = 0, most;

    *need = (struct need){
        .droppable = snapshot_figure(trial->snapshot, trial->domain, FIGURE_DROPPABLE),
        .swap_room = check_swap_room(trial, change),
        .in_swap_too = change->tunable->role == ROLE_MEMSW,
    };
    if (need->droppable.kind == VALUE_UNKNOWN ||
        !value_get(trouble_used(trial->snapshot, trial->domain, change->tunable), &need->needed))
        return false;
    if (!need->in_swap_too)
        value_get(need->swap_room, &room);
    /* Nothing else than anonymous memory is swapped out. */
    if (value_get(anon, &most) && room > most) {
        room = most;
        need->swap_room = value_number(room);
    }
    need->least = need->needed - MIN(room, need->needed);
    return true;
}

struct value shrink_lowest(const struct snapshot *snapshot, const struct domain *domain,
                           const struct change *changes, size_t n, const struct change *change)
{
    const struct trial trial = {snapshot, domain, changes, n, NULL};
    struct need need;

    if (!is_wall(change->tunable) || !find_need(&trial, change, &need))
        return value_unknown(NULL);
    return check_safe(change->tunable, need.least);
}

static bool refuse(GError **error, enum backend_error code, const struct change *change,
                   const char *why)
{
    g_set_error(error, BACKEND_ERROR, code, "%s: no safe shrink: %s", change->tunable->name, why);
    return false;
}

static bool fits(const struct trial *trial, const struct change *change, GError **error)
{
    char lowest[SIZE_TEXT_MAX];
    g_autofree char *text = NULL, *why = NULL;
    struct need need;

    if (!find_need(trial, change, &need)) {
        struct value used = trouble_used(trial->snapshot, trial->domain, change->tunable);

        why = g_strdup_printf("what it needs is not known: %s",
                              value_reason_text(value_known(used) ? need.droppable : used));
        return refuse(error, BACKEND_ERROR_UNSUPPORTED, change, why);
    }
    if (tunable_round(change->tunable, change->to).number >= need.least)
        return true;
    text = check_need_text(need.needed, need.droppable, need.in_swap_too, need.swap_room);
    size_format_value(check_safe(change->tunable, need.least), change->tunable->unit, NULL, lowest);
    why = g_strdup_printf("%s; lowest that would do now %s", text, lowest);
    return refuse(error, BACKEND_ERROR_UNSAFE, change, why);
}

static bool may_shrink(const struct trial *trial, const struct change *change, GError **error)
{
    struct value locked = snapshot_figure(trial->snapshot, trial->domain, FIGURE_LOCKED);

    if (trial->snapshot->backend->plan_shrink == NULL)
        return refuse(error, BACKEND_ERROR_UNSUPPORTED, change,
                      "this hypervisor has no way down in steps");
    if (value_equal(locked, value_choice(1, 0)))
        return refuse(error, BACKEND_ERROR_UNSUPPORTED, change,
                      "its memory is locked or given to a device: nothing of it can be taken back");
    if (change->tunable->role != ROLE_TARGET)
        return fits(trial, change, error);
    if (trial->domain->identity->state == DOMAIN_RUNNING)
        return true;
    return refuse(error, BACKEND_ERROR_UNSUPPORTED, change,
                  "its guest does not run, so it gives nothing back");
}

bool shrink_plan(const struct snapshot *snapshot, const struct domain *domain,
                 const struct change *changes, size_t n, struct step_list *steps, GError **error)
{
    const struct trial trial = {snapshot, domain, changes, n, NULL};
    bool any = false;

    for (size_t i = 0; i < n; i++) {
        if (!shrink_takes(&changes[i]))
            continue;
        any = true;
        if (!may_shrink(&trial, &changes[i], error))
            return false;
    }
    return (any ? snapshot->backend->plan_shrink
                : snapshot->backend->plan)(snapshot, domain, changes, n, steps, error);
}
