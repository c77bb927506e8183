/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/model/sample-backend.h"

#include <string.h>

static const char *const levels[] = {"low", "normal", "high", NULL};
static const char *const hard_aliases[] = {"memory.max", NULL};

/* clang-format off */
static const struct tunable tunables[] = {
    {.name = "hard_limit", .native = "memory.max", .libvirt = "hard_limit", .label = "Hard limit",
     .aliases = hard_aliases, .role = ROLE_HARD, .unit = UNIT_BYTES, .scopes = SCOPE_BOTH,
     .granule = 4096, .unlimited = true, .unset = true, .wall = WALL_KILLS},
    {.name = "soft_limit", .native = "memory.high", .libvirt = "soft_limit", .label = "Soft limit",
     .role = ROLE_SOFT, .unit = UNIT_BYTES, .scopes = SCOPE_BOTH, .granule = 4096,
     .unlimited = true, .wall = WALL_SLOWS},
    {.name = "swap_max", .native = "memory.swap.max", .label = "Swap limit", .role = ROLE_SWAP,
     .unit = UNIT_BYTES, .scopes = SCOPE_BOTH, .granule = 4096, .unlimited = true},
    {.name = "swap_hard_limit", .native = "memory.memsw.limit_in_bytes", .label = "Memory+swap",
     .role = ROLE_MEMSW, .unit = UNIT_BYTES, .scopes = SCOPE_BOTH, .granule = 4096,
     .unlimited = true, .wall = WALL_KILLS, .wall_figure = "memsw"},
    {.name = "min", .native = "memory.min", .libvirt = "min_guarantee", .label = "Min",
     .role = ROLE_GUARANTEE, .unit = UNIT_BYTES, .scopes = SCOPE_BOTH, .unlimited = true},
    {.name = "memory", .native = "balloon", .libvirt = "currentMemory", .label = "Now",
     .role = ROLE_TARGET, .unit = UNIT_BYTES, .scopes = SCOPE_BOTH, .granule = 1024,
     .readback = READBACK_CONVERGES},
    {.name = "maximum", .native = "memory", .label = "Maximum", .role = ROLE_MAXIMUM,
     .unit = UNIT_BYTES, .scopes = SCOPE_CONFIG, .granule = 1024},
    {.name = "swappiness", .native = "memory.swappiness", .label = "Swappiness",
     .role = ROLE_SWAPPINESS, .unit = UNIT_PLAIN, .scopes = SCOPE_LIVE, .max = 200},
    {.name = "stats_period", .native = "period", .label = "Guest figures",
     .role = ROLE_STATS_PERIOD, .unit = UNIT_SECONDS, .scopes = SCOPE_BOTH},
    {.name = "shares", .native = "shares", .label = "Shares", .role = ROLE_SHARES,
     .unit = UNIT_SHARES, .scopes = SCOPE_BOTH, .choices = levels},
    {.name = "reserve_all", .native = "locked", .label = "Reserve all", .unit = UNIT_FLAG,
     .scopes = SCOPE_CONFIG},
    {.name = "quota", .native = "memguarantee", .label = "Quota", .unit = UNIT_PERCENT,
     .scopes = SCOPE_BOTH, .max = 100},
    {.name = "size", .native = "memoryMB", .label = "Size", .unit = UNIT_BYTES,
     .scopes = SCOPE_CONFIG, .min = MIB(4), .max = GIB(1024), .step = MIB(4)},
    {.name = "privvmpages.barrier", .native = "privvmpages", .group = "privvmpages",
     .half = "barrier", .label = "privvmpages", .unit = UNIT_BYTES, .scopes = SCOPE_BOTH,
     .bare = 4096, .granule = 4096, .unlimited = true},
    {.name = "privvmpages.limit", .native = "privvmpages", .group = "privvmpages",
     .half = "limit", .label = "privvmpages", .unit = UNIT_BYTES, .scopes = SCOPE_BOTH,
     .bare = 4096, .granule = 4096, .unlimited = true},
    {.name = "shmpages.barrier", .native = "shmpages", .group = "shmpages", .half = "barrier",
     .group_one = GROUP_ONE_BOTH, .label = "shmpages", .unit = UNIT_BYTES, .scopes = SCOPE_BOTH,
     .bare = 4096, .granule = 4096, .unlimited = true},
    {.name = "shmpages.limit", .native = "shmpages", .group = "shmpages", .half = "limit",
     .label = "shmpages", .unit = UNIT_BYTES, .scopes = SCOPE_BOTH, .bare = 4096,
     .granule = 4096, .unlimited = true},
    {.name = "held_pages", .native = "physpages", .label = "physpages", .unit = UNIT_BYTES},
    {0},
};

static const struct figure figures[] = {
    {.name = "held", .role = FIGURE_HELD, .unit = UNIT_BYTES},
    {.name = "droppable", .role = FIGURE_DROPPABLE, .unit = UNIT_BYTES},
    {.name = "guest", .role = FIGURE_GUEST, .unit = UNIT_BYTES},
    {.name = "swap", .role = FIGURE_SWAP, .unit = UNIT_BYTES},
    {.name = "memsw", .role = FIGURE_MEMSW, .unit = UNIT_BYTES},
    {.name = "peak", .role = FIGURE_PEAK, .unit = UNIT_BYTES},
    {.name = "overhead", .role = FIGURE_OVERHEAD, .unit = UNIT_BYTES},
    {.name = "oom_kills", .role = FIGURE_OOM_KILLS, .unit = UNIT_COUNT, .counter = true},
    {.name = "throttled", .role = FIGURE_THROTTLED, .unit = UNIT_COUNT, .counter = true},
    {.name = "hugepages", .role = FIGURE_HUGEPAGES, .unit = UNIT_BYTES},
    {.name = "anon", .role = FIGURE_ANON, .unit = UNIT_BYTES},
    {.name = "locked", .role = FIGURE_LOCKED, .unit = UNIT_FLAG},
    {.name = "psi_total", .role = FIGURE_PSI_TOTAL, .unit = UNIT_COUNT, .counter = true},
    {0},
};
/* clang-format on */

static const char *const schemes[] = {"sample", NULL};

const struct backend sample_backend = {
    .name = "sample",
    .title = "Sample",
    .schemes = schemes,
    .tunables = tunables,
    .figures = figures,
};

const struct backend sample_backend_one_scope = {
    .name = "sample-one",
    .title = "Sample",
    .schemes = schemes,
    .tunables = tunables,
    .figures = figures,
    .flags = BACKEND_ONE_SCOPE,
};

static size_t row_index(const char *name)
{
    for (size_t i = 0; tunables[i].name; i++) {
        if (!strcmp(tunables[i].name, name))
            return i;
    }
    g_error("the sample has no row %s", name);
}

const struct tunable *sample_row(const char *name)
{
    return &tunables[row_index(name)];
}

struct sample sample_new(const char *name)
{
    struct sample sample = {.name = name, .state = DOMAIN_RUNNING};

    for (size_t i = 0; tunables[i].name; i++) {
        struct value value = tunables[i].unlimited ? value_unlimited() : value_number(0);
        struct value none = value_unsupported("no_scope: this row has no such scope");

        sample.settings[i].live = tunables[i].scopes & SCOPE_LIVE ? value : none;
        sample.settings[i].config = tunables[i].scopes & SCOPE_CONFIG ? value : none;
        sample.settings[i].writable = (uint8_t)tunables[i].scopes;
    }
    for (size_t i = 0; figures[i].name; i++)
        sample.figures[i] = value_unsupported("not_here: not counted here");
    return sample;
}

void sample_set(struct sample *sample, const char *name, struct value live, struct value config)
{
    sample->settings[row_index(name)].live = live;
    sample->settings[row_index(name)].config = config;
}

void sample_writable(struct sample *sample, const char *name, unsigned scopes, const char *why_not)
{
    sample->settings[row_index(name)].writable = (uint8_t)scopes;
    sample->settings[row_index(name)].why_not = why_not;
}

void sample_figure(struct sample *sample, enum figure_role role, struct value value)
{
    sample->figures[figure_by_role(figures, role)] = value;
}

void sample_id(const char *name, uint8_t id[16])
{
    memset(id, 0, 16);
    memcpy(id, name, MIN(strlen(name), (size_t)16));
}

struct domain_key sample_key(const char *name)
{
    struct domain_key key = {.connection = 0};

    sample_id(name, key.id);
    return key;
}

struct snapshot *sample_snapshot(const struct backend *backend, const struct sample *samples,
                                 size_t n, const struct snapshot *previous)
{
    struct snapshot_builder *builder = snapshot_builder_new(backend, 0, "sample:///", previous);
    struct host *host = snapshot_builder_host(builder);

    host_set(&host->name, "samplehost");
    host->total = value_number(GIB(64));
    host->available = value_number(GIB(40));
    host->swap_total = value_number(0);
    host->swap_free = value_number(0);
    for (size_t i = 0; i < n; i++) {
        uint8_t id[16];
        struct draft *draft;

        sample_id(samples[i].name, id);
        draft = snapshot_builder_domain(builder, id);
        draft->name = samples[i].name;
        draft->native_id = samples[i].name;
        draft->state = samples[i].state;
        draft->persistent = true;
        memcpy(draft->settings, samples[i].settings,
               tunable_count(tunables) * sizeof(struct setting));
        memcpy(draft->figures, samples[i].figures, figure_count(figures) * sizeof(struct value));
        snapshot_builder_add(builder);
    }
    return snapshot_builder_finish(builder);
}

const struct domain *sample_domain(const struct snapshot *snapshot, const char *name)
{
    struct domain_key key = sample_key(name);

    return snapshot_find(snapshot, &key);
}

struct change sample_change(const struct snapshot *snapshot, const char *domain, const char *name,
                            enum scope scope, struct value to)
{
    const struct tunable *row = sample_row(name);
    const struct setting *setting =
        snapshot_setting(snapshot, sample_domain(snapshot, domain), row);

    return (struct change){
        .key = sample_key(domain),
        .tunable = row,
        .scope = scope,
        .from = scope == SCOPE_LIVE ? setting->live : setting->config,
        .to = to,
    };
}
