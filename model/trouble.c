/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/trouble.h"

#include "model/backend.h"
#include "model/trouble-rules.h"

#define NEAR_IN 5 /* percent left */
#define NEAR_OUT 8
#define NEAR_SECONDS (15 * 60)
#define FAR_SECONDS (24 * 60)
#define HOLD_NS (UINT64_C(60) * 1000000000)
#define STALE_NS (UINT64_C(10) * 1000000000)
#define LOW 10 /* percent left */

bool trouble_differs(const struct tunable *tunable, const struct setting *setting)
{
    struct value live = setting->live, config = setting->config;
    if (tunable->readback == READBACK_CONVERGES || tunable->role == ROLE_STATS_PERIOD)
        return false;
    if (!value_known(live) || !value_known(config) || value_equal(live, config))
        return false;
    /* Nothing kept: what its next start gives it is its parents', and not known. */
    if (tunable->role == ROLE_SWAPPINESS && config.kind == VALUE_UNSET)
        return false;
    bool floor = tunable->role == ROLE_GUARANTEE || tunable->role == ROLE_PROTECTION;
    struct value unset = floor ? value_number(0) : value_unlimited();
    if (live.kind == VALUE_UNSET)
        live = unset;
    if (config.kind == VALUE_UNSET)
        config = unset;
    return !value_equal(tunable_round(tunable, live), tunable_round(tunable, config));
}

static bool has_unknown_wall(const struct snapshot *snapshot, const struct domain *domain,
                             struct value *unknown)
{
    const struct tunable *row = snapshot->backend->tunables;
    for (size_t i = 0; row[i].name; i++) {
        bool wall = row[i].wall != WALL_NONE && row[i].role != ROLE_SOFT;
        struct value live = domain->settings[i].live;
        if (wall && live.kind == VALUE_UNKNOWN) {
            *unknown = live;
            return true;
        }
    }
    return false;
}

static void find_limit(struct trouble_case *c, struct trouble *trouble)
{
    struct value unknown;
    const struct wall_state *limit = &c->limit;
    if (!c->active) {
        trouble->limit = trouble->left = value_unsupported("not_running: it is not running");
        return;
    }
    if (limit->kind != WALL_NONE)
        trouble->limit = value_number(limit->limit);
    else if (has_unknown_wall(c->snapshot, c->domain, &unknown))
        trouble->limit = unknown;
    else
        trouble->limit = value_unlimited();
    if (limit->tunable)
        trouble->differs = trouble_differs(
            limit->tunable, snapshot_setting(c->snapshot, c->domain, limit->tunable));
    if (trouble->wall.kind != WALL_NONE)
        trouble->left = value_number((uint64_t)MAX(trouble->wall.left, 0));
    else if (trouble->limit.kind == VALUE_UNKNOWN)
        trouble->left = trouble->limit;
    else
        trouble->left = value_unsupported("no_wall: nothing limits it but the host");
}

/* A wall whose use cannot be told is one all the same: its limit is shown, what is left is not. */
static void find_blind_wall(struct trouble_case *c, struct trouble *trouble)
{
    struct wall_state walls[8];
    if (c->limit.kind != WALL_NONE || !c->active)
        return;
    size_t n = trouble_walls(c->snapshot, c->domain, walls, G_N_ELEMENTS(walls));
    for (size_t i = 0; i < n; i++) {
        bool soft = walls[i].tunable && walls[i].tunable->role == ROLE_SOFT;
        if (walls[i].known || soft || walls[i].kind == WALL_HOST)
            continue;
        c->limit = walls[i];
        find_limit(c, trouble);
        if (trouble->wall.kind == WALL_NONE)
            trouble->left = trouble->needed.kind == VALUE_UNKNOWN
                                ? trouble->needed
                                : value_unknown("not_read: what counts against it is not read");
        return;
    }
}

static void find_slope(struct trouble_case *c, struct trouble *trouble)
{
    const struct wall_state *wall = &trouble->wall;
    trouble->seconds_left = -1;
    if (!history_slope(c->history, &trouble->slope))
        return;
    /* The slope is that of what the domain needs: it says nothing of a counter or a neighbour. */
    bool own = wall->tunable && wall->kind != WALL_FAILS;
    if (!own || trouble->slope <= 0 || !wall->known)
        return;
    double seconds = (double)MAX(wall->left, 0) / trouble->slope;
    if (seconds <= 86400)
        trouble->seconds_left = (int64_t)seconds;
}

static bool is_near(const struct trouble *trouble, int percent, int64_t seconds)
{
    return trouble->percent_left < percent ||
           (trouble->seconds_left >= 0 && trouble->seconds_left < seconds);
}

/* In at 5 %, out at 8 % once that has lasted 60 s; a limit that was moved starts anew. */
static bool stays_near(const struct trouble_case *c, const struct trouble *before,
                       struct trouble *trouble)
{
    uint64_t now = c->clock->now_ns;
    if (trouble->wall.kind == WALL_NONE)
        return false;
    if (is_near(trouble, NEAR_IN, NEAR_SECONDS)) {
        trouble->near_ns = now;
        return true;
    }
    if (!before || !before->near_ns || before->wall.limit != trouble->wall.limit)
        return false;
    if (is_near(trouble, NEAR_OUT, FAR_SECONDS))
        trouble->near_ns = now;
    else if (now - before->near_ns < HOLD_NS)
        trouble->near_ns = before->near_ns;
    return trouble->near_ns != 0;
}

static void find_age(const struct trouble_case *c, struct trouble *trouble)
{
    const struct trouble_clock *clock = c->clock;
    uint64_t taken = c->domain->taken_ns;
    bool lost = c->snapshot->state == CONNECTION_LOST || c->snapshot->state == CONNECTION_FAILED;
    if (taken && clock->now_ns > taken)
        trouble->age_ns = clock->now_ns - taken;
    trouble->stale =
        lost || (c->active && taken && trouble->age_ns > MAX(3 * clock->delay_ns, STALE_NS));
}

/* Most domains of most pictures: they had no trouble, and nothing has moved since, so that only
 * their age can make one. */
static bool stays_untroubled(const struct trouble_case *c, const struct trouble *before,
                             struct trouble *trouble)
{
    if (!before || before->rank != TROUBLE_NONE || before->near_ns || before->slope != 0 ||
        !history_steady(c->history) || history_version(c->history) != before->version)
        return false;
    *trouble = *before;
    trouble->age_ns = 0;
    find_age(c, trouble);
    return !trouble->stale;
}

void trouble_find(const struct snapshot *snapshot, const struct domain *domain,
                  const struct history *history, const struct trouble *before,
                  const struct trouble_clock *clock, struct trouble *trouble)
{
    struct trouble_case c = {
        .snapshot = snapshot,
        .domain = domain,
        .history = history,
        .clock = clock,
        .active = domain_state_active(domain->identity->state),
    };
    struct trouble found = {
        .rank = TROUBLE_NONE, .mark = ' ', .percent_left = -1, .version = history_version(history)};

    if (stays_untroubled(&c, before, trouble))
        return;
    found.needed = trouble_needed(snapshot, domain);
    trouble_wall(snapshot, domain, &found.wall, &c.limit);
    if (found.wall.kind != WALL_NONE)
        found.percent_left =
            (int)((double)MAX(found.wall.left, 0) * 100 / (double)found.wall.limit);
    find_limit(&c, &found);
    find_blind_wall(&c, &found);
    find_slope(&c, &found);
    find_age(&c, &found);
    c.near = stays_near(&c, before, &found);
    found.red = c.near && found.wall.kind == WALL_KILLS;
    c.low = found.percent_left >= 0 && found.percent_left < LOW;
    trouble_judge(&c, &found);
    found.yellow = !found.red && (c.low || found.rank == TROUBLE_SLOWED ||
                                  found.rank == TROUBLE_FAILING || found.rank == TROUBLE_SLOW_WALL);
    *trouble = found;
}
