/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A small invented hypervisor, and pictures of its domains, for the tests of what is made of them.
 */
#ifndef TESTS_MODEL_SCENE_H
#define TESTS_MODEL_SCENE_H

#include "model/backend.h"
#include "model/select.h"

#include <string.h>

#define M(n) (UINT64_C(n) << 20)
#define G(n) (UINT64_C(n) << 30)
#define SECOND UINT64_C(1000000000)

enum { ROW_HARD, ROW_SOFT, ROW_LIMIT, ROW_MAXIMUM, ROW_STATS, ROW_SWAPPINESS, ROW_COUNTER, ROWS };
enum {
    COLUMN_HELD,
    COLUMN_DROPPABLE,
    COLUMN_GUEST,
    COLUMN_SIZE,
    COLUMN_TARGET,
    COLUMN_SWAP,
    COLUMN_THROTTLED,
    COLUMN_OOM_KILLS,
    COLUMN_OOM_TIME,
    COLUMN_PSI_FULL,
    COLUMN_MALLOC_FAILS,
    COLUMN_COUNTER_HELD,
    COLUMNS,
};

/* clang-format off */
static const struct tunable scene_tunables[] = {
    {.name = "hard_limit", .label = "Hard limit", .role = ROLE_HARD, .unit = UNIT_BYTES, .wall = WALL_KILLS, .scopes = SCOPE_BOTH, .granule = 4096, .unlimited = true},
    {.name = "soft_limit", .label = "Soft limit", .role = ROLE_SOFT, .unit = UNIT_BYTES, .wall = WALL_SLOWS, .scopes = SCOPE_BOTH, .unlimited = true},
    {.name = "limit", .label = "Limit", .role = ROLE_LIMIT_SLOW, .unit = UNIT_BYTES, .wall = WALL_SLOWS, .wall_figure = "held", .scopes = SCOPE_BOTH, .unlimited = true},
    {.name = "maximum", .label = "Maximum", .role = ROLE_MAXIMUM, .unit = UNIT_BYTES, .scopes = SCOPE_BOTH},
    {.name = "stats_period", .label = "Guest figures", .role = ROLE_STATS_PERIOD, .unit = UNIT_SECONDS, .scopes = SCOPE_BOTH},
    {.name = "swappiness", .label = "Swappiness", .role = ROLE_SWAPPINESS, .unit = UNIT_PLAIN, .scopes = SCOPE_BOTH},
    {.name = "counter.barrier", .label = "counter", .group = "counter", .half = "barrier", .unit = UNIT_BYTES, .wall = WALL_FAILS, .wall_figure = "counter.held", .scopes = SCOPE_BOTH},
    {.name = NULL},
};

static const struct figure scene_figures[] = {
    {.name = "held", .role = FIGURE_HELD, .unit = UNIT_BYTES},
    {.name = "droppable", .role = FIGURE_DROPPABLE, .unit = UNIT_BYTES},
    {.name = "guest", .role = FIGURE_GUEST, .unit = UNIT_BYTES},
    {.name = "size", .role = FIGURE_SIZE, .unit = UNIT_BYTES},
    {.name = "target", .role = FIGURE_TARGET, .unit = UNIT_BYTES},
    {.name = "swap", .role = FIGURE_SWAP, .unit = UNIT_BYTES},
    {.name = "throttled", .role = FIGURE_THROTTLED, .unit = UNIT_COUNT, .counter = true},
    {.name = "oom_kills", .role = FIGURE_OOM_KILLS, .unit = UNIT_COUNT, .counter = true},
    {.name = "oom_time", .role = FIGURE_OOM_TIME, .unit = UNIT_TIME},
    {.name = "psi_full", .role = FIGURE_PSI_FULL, .unit = UNIT_CENTI_PERCENT},
    {.name = "malloc_fails", .role = FIGURE_MALLOC_FAILS, .unit = UNIT_COUNT, .group = "privvmpages", .counter = true},
    {.name = "counter.held", .group = "counter", .unit = UNIT_BYTES},
    {.name = NULL},
};

static const struct backend scene_backend = {
    .name = "scene", .title = "Scene", .tunables = scene_tunables, .figures = scene_figures,
};
/* clang-format on */

/* One domain of a scene; what is 0 is not read. */
struct scene {
    const char *name, *host;
    enum domain_state state;
    uint64_t instance;
    uint64_t total, available;         /* of the host */
    uint64_t live[ROWS], config[ROWS]; /* UINT64_MAX: unlimited; config 0: as live */
    uint64_t figures[COLUMNS];
    bool zero[COLUMNS]; /* it was read, and is 0 */
    struct wall wall;
    const char *ended;
    int64_t ended_time;
    const char *title, *parents;
};

static inline struct value scene_value(uint64_t number)
{
    return number == UINT64_MAX ? value_unlimited()
           : number             ? value_number(number)
                                : value_unsupported("none: not offered here");
}

static inline void scene_put(const struct scene *scene, struct snapshot_builder *builder)
{
    uint8_t id[16] = {0};
    const char *name = scene->name ? scene->name : "vm";
    strncpy((char *)id, name, sizeof id);
    struct draft *draft = snapshot_builder_domain(builder, id);
    draft->state = scene->state ? scene->state : DOMAIN_RUNNING;
    draft->persistent = true;
    draft->name = name;
    draft->native_id = name;
    draft->title = scene->title;
    draft->parents = scene->parents;
    draft->ended = scene->ended;
    draft->ended_time = scene->ended_time;
    draft->instance = scene->instance;
    for (int i = 0; i < ROWS; i++) {
        draft->settings[i].live = scene_value(scene->live[i]);
        draft->settings[i].config =
            scene_value(scene->config[i] ? scene->config[i] : scene->live[i]);
        draft->settings[i].writable = SCOPE_BOTH;
    }
    for (int i = 0; i < COLUMNS; i++)
        draft->figures[i] = scene->zero[i]      ? value_number(0)
                            : scene->figures[i] ? value_number(scene->figures[i])
                                                : value_unknown("none: not read here");
    if (scene->wall.owner)
        snapshot_builder_wall(builder, &scene->wall);
}

/* The picture of `n` domains of one host at `now_ns`, which is also `now_ns` after the epoch. */
static inline struct snapshot *scene_follow(const struct scene *scenes, size_t n, uint64_t now_ns,
                                            const struct snapshot *previous)
{
    struct snapshot_builder *builder =
        snapshot_builder_new(&scene_backend, 0, "scene:///", previous);
    struct host *host = snapshot_builder_host(builder);
    host_set(&host->name, scenes[0].host ? scenes[0].host : "host1");
    host_set(&host->hypervisor, "kvm");
    host->total = scene_value(scenes[0].total);
    host->available = scene_value(scenes[0].available);
    snapshot_builder_clock(builder, now_ns, (int64_t)(now_ns / 1000));
    for (size_t i = 0; i < n; i++)
        scene_put(&scenes[i], builder);
    return snapshot_builder_finish(builder);
}

static inline struct snapshot *scene_take(const struct scene *scenes, size_t n, uint64_t now_ns)
{
    return scene_follow(scenes, n, now_ns, NULL);
}

static inline struct trouble_clock scene_clock(uint64_t now_ns)
{
    return (struct trouble_clock){
        .now_ns = now_ns, .now = (int64_t)(now_ns / SECOND), .delay_ns = 2 * SECOND};
}

#endif
