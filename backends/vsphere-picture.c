/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/vsphere.h"

#include <string.h>

#define MIB ((uint64_t)1 << 20)
#define KIB ((uint64_t)1 << 10)

static const struct {
    const char *native;
    enum domain_state state;
} power_table[] = {
    {"poweredOn", DOMAIN_RUNNING},
    {"poweredOff", DOMAIN_OFF},
    {"suspended", DOMAIN_OFF}, /* its memory is in a file: nothing of it is in the host's */
};

static enum domain_state state_of(const struct entity *vm)
{
    if (vm->template) {
        return DOMAIN_TEMPLATE;
    }
    if (vm->connection != NULL && strcmp(vm->connection, "connected") != 0) {
        return DOMAIN_INACCESSIBLE;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(power_table); i++) {
        if (g_strcmp0(vm->state, power_table[i].native) == 0) {
            return power_table[i].state;
        }
    }
    return DOMAIN_UNKNOWN;
}

/* --- settings -------------------------------------------------------------------------------- */

static const char not_reported[] = "not_reported: the server did not report it";
static const char denied[] = "no_permission: this user may not read it";

static struct value unread(const struct entity *vm)
{
    return value_unknown(vm->denied ? denied : not_reported);
}

/* False where it is not known, or makes no sense. */
static bool in_bytes(struct maybe number, uint64_t unit, uint64_t *bytes)
{
    if (!number.known || number.number < 0 || (uint64_t)number.number > G_MAXINT64 / unit) {
        return false;
    }
    *bytes = (uint64_t)number.number * unit;
    return true;
}

static struct value from_mib(const struct entity *vm, struct maybe mib)
{
    uint64_t bytes;

    return in_bytes(mib, MIB, &bytes) ? value_number(bytes) : unread(vm);
}

static struct value limit_of(const struct entity *vm)
{
    if (vm->memory.limit.known && vm->memory.limit.number == -1) {
        return value_unlimited();
    }
    return from_mib(vm, vm->memory.limit);
}

static struct value shares_of(const struct entity *vm)
{
    uint64_t amount = vm->memory.shares.known && vm->memory.shares.number > 0
                          ? (uint64_t)vm->memory.shares.number
                          : 0;

    if (!vm->memory.known || (vm->memory.level == SHARES_CUSTOM && !vm->memory.shares.known)) {
        return unread(vm);
    }
    return vm->memory.level == SHARES_CUSTOM ? value_number(amount)
                                             : value_choice(vm->memory.level, amount);
}

static struct value flag_of(const struct entity *vm, struct maybe flag)
{
    /* The property is optional, and what is not set is off. */
    if (!flag.known && !vm->memory.known) {
        return unread(vm);
    }
    return value_choice(flag.known && flag.number != 0, 0);
}

static struct value balloon_of(const struct entity *vm)
{
    gint64 mib;

    if (vm->balloon_max == NULL) {
        return vm->extra_known ? value_unset() : unread(vm);
    }
    if (!g_ascii_string_to_signed(vm->balloon_max, 10, -1, G_MAXINT32, &mib, NULL)) {
        return value_unknown("not_a_number: sched.mem.maxmemctl holds no number");
    }
    return mib < 0 ? value_unset() : value_number((uint64_t)mib * MIB);
}

static const char *why_not(const struct entity *vm)
{
    switch (state_of(vm)) {
    case DOMAIN_TEMPLATE:
        return "template: a template is not tuned: convert it to a virtual machine first";
    case DOMAIN_INACCESSIBLE:
        return "inaccessible: the server has lost its host or its files";
    case DOMAIN_UNKNOWN:
    case DOMAIN_RUNNING:
    case DOMAIN_PAUSED:
    case DOMAIN_SUSPENDED:
    case DOMAIN_STARTING:
    case DOMAIN_STOPPING:
    case DOMAIN_OFF:
    case DOMAIN_CRASHED:
    case DOMAIN_GONE:
        break;
    }
    return NULL;
}

static void draw_settings(const struct entity *vm, struct setting *settings)
{
    const char *reason = why_not(vm);

    settings[ROW_SIZE].live = from_mib(vm, vm->memory_mib);
    settings[ROW_RESERVATION].live = from_mib(vm, vm->memory.reservation);
    settings[ROW_LIMIT].live = limit_of(vm);
    settings[ROW_SHARES].live = shares_of(vm);
    settings[ROW_LOCKED].live = flag_of(vm, vm->locked);
    settings[ROW_BALLOON_MAX].live = balloon_of(vm);
    for (unsigned i = 0; i < ROW_COUNT_; i++) {
        settings[i].config = value_unsupported("one_scope: ESX keeps one set of values");
        settings[i].writable = reason == NULL ? SCOPE_LIVE : 0;
        settings[i].why_not = reason;
    }
}

/* --- figures --------------------------------------------------------------------------------- */

static struct value scaled(struct maybe number, uint64_t factor)
{
    uint64_t bytes;

    return in_bytes(number, factor, &bytes) ? value_number(bytes) : value_unknown(not_reported);
}

static void draw_figures(const struct vsphere *vsphere, const struct entity *vm,
                         struct value *figures)
{
    const struct quick_stats *stats = &vm->stats;
    const struct entity *pool = inventory_find(&vsphere->inventory, vm->parent);
    bool on = state_of(vm) == DOMAIN_RUNNING;
    uint64_t size, ballooned;

    figures[SEEN_HELD] = scaled(stats->consumed, MIB);
    figures[SEEN_GUEST] = scaled(stats->active, MIB);
    figures[SEEN_BALLOONED] = scaled(stats->ballooned, MIB);
    figures[SEEN_SWAP] = scaled(stats->swapped, MIB);
    figures[SEEN_COMPRESSED] = scaled(stats->compressed, KIB);
    figures[SEEN_SHARED] = scaled(stats->shared, MIB);
    figures[SEEN_PRIVATE] = scaled(stats->private_, MIB);
    figures[SEEN_GRANTED] = scaled(stats->granted, MIB);
    figures[SEEN_OVERHEAD] = scaled(stats->overhead, MIB);
    figures[SEEN_MAXIMUM] = scaled(vm->memory_mib, MIB);
    figures[SEEN_SIZE] = figures[SEEN_MAXIMUM];
    if (value_get(figures[SEEN_MAXIMUM], &size) && value_get(figures[SEEN_BALLOONED], &ballooned) &&
        ballooned <= size) {
        figures[SEEN_SIZE] = value_number(size - ballooned);
    }
    for (unsigned i = 0; !on && i <= SEEN_SIZE; i++) {
        figures[i] = value_unsupported("off: it is not running");
    }
    figures[SEEN_HOT_ADD] = value_number(vm->hot_add.known && vm->hot_add.number != 0);
    figures[SEEN_HOT_ADD_STEP] = scaled(vm->hot_step_mib, MIB);
    figures[SEEN_HOT_ADD_LIMIT] = scaled(vm->hot_limit_mib, MIB);
    figures[SEEN_POOL_LEFT] =
        pool != NULL ? scaled(pool->left_bytes, 1) : value_unknown(not_reported);
}

/* A pool's name may hold anything, and owners of walls live as long as the process. */
static const char *owner_text(const char *what, const char *name)
{
    g_autofree char *plain = picture_name(name, false);
    g_autofree char *text = g_strdup_printf("%s %s", what, plain);

    return g_intern_string(text);
}

static void draw_walls(const struct vsphere *vsphere, const struct entity *vm,
                       struct snapshot_builder *builder)
{
    const struct entity *pool = inventory_find(&vsphere->inventory, vm->parent);
    const struct entity *host = inventory_find(&vsphere->inventory, vm->host);
    uint64_t total, used;

    for (unsigned depth = 0; depth < PICTURE_DEPTH_MAX && pool != NULL &&
                             pool->kind == ENTITY_POOL && !picture_is_root_pool(vsphere, pool);
         depth++) {
        uint64_t limit;

        if (in_bytes(pool->memory.limit, MIB, &limit)) {
            struct wall wall = {
                .owner = owner_text("pool", pool->name),
                .limit = limit,
                .needed = pool->used_bytes.known && pool->used_bytes.number > 0
                              ? (uint64_t)pool->used_bytes.number
                              : 0,
                .kind = WALL_SLOWS,
            };

            snapshot_builder_wall(builder, &wall);
        }
        pool = inventory_find(&vsphere->inventory, pool->parent);
    }
    /* On a vCenter the connection's host is the sum of many: this one is what it lives on. */
    if (vsphere->uri.vcenter && host != NULL && in_bytes(host->memory_bytes, 1, &total) &&
        total > 0 && in_bytes(host->used_mib, MIB, &used)) {
        struct wall wall = {
            .owner = owner_text("host", host->name),
            .limit = total,
            .needed = used,
            .kind = WALL_HOST,
        };

        snapshot_builder_wall(builder, &wall);
    }
}

/* --- the picture ----------------------------------------------------------------------------- */

static void draw_identity(const struct vsphere *vsphere, const struct entity *vm,
                          struct draft *draft)
{
    enum domain_state state = state_of(vm);

    draft->state = state;
    draft->persistent = true;
    draft->kind = "VM";
    draft->ended = state == DOMAIN_OFF && g_strcmp0(vm->state, "suspended") == 0
                       ? "suspended: its memory is in a file"
                       : NULL;
    draft->instance = vm->boot_time != NULL ? g_str_hash(vm->boot_time) : 0;
}

static void draw_vm(const struct vsphere *vsphere, struct entity *vm, GHashTable *uuids,
                    struct snapshot_builder *builder)
{
    g_autofree char *name = NULL, *parents = NULL;
    const char *uuid = picture_uuid(vsphere, vm);
    struct draft *draft;
    uint8_t id[16];

    picture_key(vsphere, vm, uuids, id);
    draft = snapshot_builder_domain(builder, id);
    if (draft->previous != NULL && !vm->changed && !vsphere->inventory.moved) {
        draft->keep_identity = true;
        draft->keep_settings = true;
    } else {
        name = picture_name(vm->name != NULL ? vm->name : vm->id, false);
        parents = picture_parents(vsphere, vm);
        draft->name = name;
        draft->native_id = uuid != NULL ? uuid : vm->id;
        draft->parents = parents;
        draw_identity(vsphere, vm, draft);
        draw_settings(vm, draft->settings);
    }
    draw_figures(vsphere, vm, draft->figures);
    draw_walls(vsphere, vm, builder);
    snapshot_builder_add(builder);
}

struct sums {
    uint64_t total, used, reserved;
    unsigned hosts;
    bool complete;
    const char *name, *product;
};

static uint64_t plus(uint64_t a, uint64_t b)
{
    return a + MIN(b, G_MAXINT64 - MIN(a, (uint64_t)G_MAXINT64));
}

static void add_up(const struct entity *entity, struct sums *sums)
{
    uint64_t total = 0, used = 0, reserved;

    if (entity->kind == ENTITY_HOST) {
        sums->hosts++;
        sums->name = entity->name;
        sums->product = entity->product;
        sums->complete = sums->complete && in_bytes(entity->memory_bytes, 1, &total) &&
                         in_bytes(entity->used_mib, MIB, &used);
        sums->total = plus(sums->total, total);
        sums->used = plus(sums->used, used);
    }
    if (entity->kind == ENTITY_VM && state_of(entity) == DOMAIN_RUNNING &&
        in_bytes(entity->memory.reservation, MIB, &reserved)) {
        sums->reserved = plus(sums->reserved, reserved);
    }
}

static void draw_host(const struct vsphere *vsphere, const struct sums *sums,
                      struct snapshot_builder *builder)
{
    struct host *host = snapshot_builder_host(builder);
    g_autofree char *detail = NULL;
    const char *plain = vsphere->uri.plain ? "not encrypted" : NULL;

    if (vsphere->uri.vcenter) {
        detail = g_strdup_printf("%u host%s%s%s", sums->hosts, sums->hosts == 1 ? "" : "s",
                                 plain != NULL ? ", " : "", plain != NULL ? plain : "");
    }
    host_set(&host->name,
             !vsphere->uri.vcenter && sums->name != NULL ? sums->name : vsphere->uri.host);
    host_set(&host->hypervisor, "esx");
    host_set(&host->version, vsphere->about.full_name);
    host_set(&host->detail, detail != NULL ? detail : plain);
    host->total =
        sums->complete && sums->hosts > 0 ? value_number(sums->total) : value_unknown(not_reported);
    host->available = sums->complete && sums->hosts > 0
                          ? value_number(sums->total > sums->used ? sums->total - sums->used : 0)
                          : value_unknown(not_reported);
    host->free_for_new = value_unsupported("same: what is available");
    host->swap_total = value_unsupported("per_vm: ESX swaps each machine into a file of its own");
    host->swap_free = host->swap_total;
    host->reserved = value_number(sums->reserved);
    host->unverified = vsphere->uri.no_verify || vsphere->uri.plain;
    host->local = false;
}

void picture_draw(struct vsphere *vsphere, struct snapshot_builder *builder)
{
    g_autoptr(GHashTable) uuids = picture_uuids(vsphere);
    struct sums sums = {.complete = true};
    GHashTableIter iter;
    gpointer value;

    g_hash_table_iter_init(&iter, vsphere->inventory.entities);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        struct entity *entity = value;

        add_up(entity, &sums);
        if (entity->kind == ENTITY_VM) {
            draw_vm(vsphere, entity, uuids, builder);
        }
    }
    draw_host(vsphere, &sums, builder);
}
