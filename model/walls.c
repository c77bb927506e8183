/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every limit on a domain's way, and which of them it meets first. */
#include "model/backend.h"
#include "model/trouble.h"

#include <string.h>

struct candidate {
    struct wall_state state;
    double distance; /* bytes that the domain could still grow by */
};

struct value trouble_needed(const struct snapshot *snapshot, const struct domain *domain)
{
    struct value held = snapshot_figure(snapshot, domain, FIGURE_HELD);
    uint64_t total, droppable;
    if (value_get(held, &total) &&
        value_get(snapshot_figure(snapshot, domain, FIGURE_DROPPABLE), &droppable))
        return value_number(total - MIN(total, droppable));
    return held;
}

/* What counts against a row's wall. Page cache counts in HELD and in memory+swap, and is dropped
 * before either does harm. */
struct value trouble_used(const struct snapshot *snapshot, const struct domain *domain,
                          const struct tunable *tunable)
{
    const struct figure *figures = snapshot->backend->figures;
    if (!tunable->wall_figure || strcmp(tunable->wall_figure, "needed") == 0)
        return trouble_needed(snapshot, domain);
    int index = figure_index(figures, tunable->wall_figure);
    if (index < 0)
        return value_unknown("no_figure: nothing is read that counts against it");
    struct value used = domain->figures[index];
    uint64_t total, droppable;
    if ((figures[index].role == FIGURE_HELD || figures[index].role == FIGURE_MEMSW) &&
        value_get(used, &total) &&
        value_get(snapshot_figure(snapshot, domain, FIGURE_DROPPABLE), &droppable))
        return value_number(total - MIN(total, droppable));
    return used;
}

/* A counter of something else than memory held (address space, kernel memory) is as near as the
 * domain can grow in proportion before it is full: 7 of 48 MiB are not nearer than 1 of 8 GiB. */
static double distance_of(const struct wall_state *state, struct value needed, bool in_memory)
{
    uint64_t size;
    if (!state->known)
        return 1e30;
    if (in_memory || !value_get(needed, &size))
        return (double)state->left;
    return state->used ? (double)state->left * (double)size / (double)state->used : 1e29;
}

static bool counts_memory(const struct snapshot *snapshot, const struct tunable *tunable)
{
    if (!tunable->wall_figure || strcmp(tunable->wall_figure, "needed") == 0)
        return true;
    int index = figure_index(snapshot->backend->figures, tunable->wall_figure);
    if (index < 0)
        return true;
    int role = snapshot->backend->figures[index].role;
    return role == FIGURE_HELD || role == FIGURE_MEMSW || role == FIGURE_SWAP;
}

/* "Hard limit" in the middle of a sentence. */
static const char *label_of(const struct tunable *tunable)
{
    const char *label = tunable->label ? tunable->label : tunable->name;
    if (!g_ascii_isupper(label[0]) || !g_ascii_islower(label[1]))
        return g_intern_string(label);
    g_autofree char *lower = g_strdup(label);
    lower[0] = g_ascii_tolower(lower[0]);
    return g_intern_string(lower);
}

const char *wall_owner(const struct snapshot *snapshot, const struct wall_state *wall)
{
    const struct host *host = &snapshot->host;
    if (wall->parent)
        return wall->parent;
    if (wall->tunable)
        return label_of(wall->tunable);
    if (wall->kind != WALL_HOST)
        return "a wall";
    g_autofree char *owner = g_strconcat("host ", host->name ? host->name : snapshot->uri, NULL);
    return g_intern_string(owner);
}

static void set_used(struct wall_state *state, struct value used)
{
    state->known = value_get(used, &state->used);
    if (state->known)
        state->left = state->limit >= state->used
                          ? (int64_t)MIN(state->limit - state->used, (uint64_t)INT64_MAX)
                          : -(int64_t)MIN(state->used - state->limit, (uint64_t)INT64_MAX);
}

static bool own_wall(const struct snapshot *snapshot, const struct domain *domain,
                     const struct tunable *tunable, struct candidate *candidate)
{
    size_t index = (size_t)(tunable - snapshot->backend->tunables);
    uint64_t limit;
    /* 0 is "none of it allowed" (no swap): nothing to come nearer to. */
    if (tunable->wall == WALL_NONE || tunable->unit != UNIT_BYTES ||
        !value_get(domain->settings[index].live, &limit) || !limit)
        return false;
    *candidate = (struct candidate){
        .state = {.tunable = tunable, .kind = tunable->wall, .limit = limit},
    };
    set_used(&candidate->state, trouble_used(snapshot, domain, tunable));
    candidate->distance = distance_of(&candidate->state, trouble_needed(snapshot, domain),
                                      counts_memory(snapshot, tunable));
    return true;
}

static struct candidate parent_wall(const struct wall *wall)
{
    struct candidate candidate = {
        .state = {.parent = wall->owner, .kind = wall->kind, .limit = wall->limit},
    };
    set_used(&candidate.state, value_number(wall->needed));
    candidate.distance = (double)candidate.state.left;
    return candidate;
}

static bool host_wall(const struct snapshot *snapshot, struct candidate *candidate)
{
    const struct host *host = &snapshot->host;
    uint64_t total, available;
    if (!value_get(host->total, &total) || !total ||
        snapshot->backend->flags & BACKEND_HOST_NO_WALL)
        return false;
    *candidate = (struct candidate){.state = {.kind = WALL_HOST, .limit = total}};
    set_used(&candidate->state, value_get(host->available, &available)
                                    ? value_number(total - MIN(total, available))
                                    : host->available);
    candidate->distance = distance_of(&candidate->state, value_unlimited(), true);
    return true;
}

static int compare_candidates(const void *a, const void *b)
{
    const struct candidate *left = a, *right = b;
    return (left->distance > right->distance) - (left->distance < right->distance);
}

/* At most so many; see collect(). */
static size_t walls_max(const struct snapshot *snapshot, const struct domain *domain)
{
    return tunable_count(snapshot->backend->tunables) + domain->n_walls + 1;
}

static size_t collect(const struct snapshot *snapshot, const struct domain *domain,
                      struct candidate *found)
{
    const struct tunable *tunables = snapshot->backend->tunables;
    size_t n = 0;
    if (!domain_state_active(domain->identity->state))
        return 0;
    for (size_t i = 0; tunables && tunables[i].name; i++)
        n += own_wall(snapshot, domain, &tunables[i], &found[n]);
    for (size_t i = 0; i < domain->n_walls; i++)
        found[n++] = parent_wall(&domain->walls[i]);
    return n + host_wall(snapshot, &found[n]);
}

size_t trouble_walls(const struct snapshot *snapshot, const struct domain *domain,
                     struct wall_state *walls, size_t max)
{
    g_autofree struct candidate *found = g_new(struct candidate, walls_max(snapshot, domain));
    size_t n = collect(snapshot, domain, found);
    qsort(found, n, sizeof *found, compare_candidates);
    n = MIN(n, max);
    for (size_t i = 0; i < n; i++)
        walls[i] = found[i].state;
    return n;
}

/* A soft limit is no wall: being above it is what it is for, and shows as throttling. */
static bool bites(const struct wall_state *wall)
{
    return wall->known && !(wall->tunable && wall->tunable->role == ROLE_SOFT);
}

bool trouble_wall(const struct snapshot *snapshot, const struct domain *domain,
                  struct wall_state *wall, struct wall_state *limit)
{
    struct candidate *found = g_newa(struct candidate, walls_max(snapshot, domain));
    size_t n = collect(snapshot, domain, found);
    struct candidate *own = NULL, *host = NULL;
    for (size_t i = 0; i < n; i++) {
        if (!bites(&found[i].state))
            continue;
        if (found[i].state.kind == WALL_HOST)
            host = host && host->distance <= found[i].distance ? host : &found[i];
        else
            own = own && own->distance <= found[i].distance ? own : &found[i];
    }
    struct candidate *first = own;
    if (host && (own ? host->state.left < own->state.left
                     : host->state.left < (int64_t)(host->state.limit / 10)))
        first = host;
    *wall = first ? first->state : (struct wall_state){.kind = WALL_NONE};
    *limit = own ? own->state : (struct wall_state){.kind = WALL_NONE};
    return first != NULL;
}
