/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/vsphere.h"

#include <stddef.h>
#include <string.h>

/* --- values of properties -------------------------------------------------------------------- */

typedef void take_value(struct entity *entity, size_t offset, xmlNode *value);

static void *field(struct entity *entity, size_t offset)
{
    return (char *)entity + offset;
}

static void take_text(struct entity *entity, size_t offset, xmlNode *value)
{
    char **text = field(entity, offset);

    g_free(*text);
    *text = soap_get_text(value);
}

static void take_number(struct entity *entity, size_t offset, xmlNode *value)
{
    struct maybe *number = field(entity, offset);

    number->known = soap_get_number(value, &number->number);
}

static void take_flag(struct entity *entity, size_t offset, xmlNode *value)
{
    struct maybe *flag = field(entity, offset);
    bool set = false;

    flag->known = soap_get_flag(value, &set);
    flag->number = set;
}

static void take_bool(struct entity *entity, size_t offset, xmlNode *value)
{
    bool *flag = field(entity, offset);

    *flag = false;
    soap_get_flag(value, flag);
}

static struct maybe child_number(xmlNode *node, const char *name)
{
    struct maybe number = {0};

    number.known = soap_get_number(soap_child(node, name), &number.number);
    return number;
}

static void take_allocation(struct entity *entity, size_t offset, xmlNode *value)
{
    static const char *const levels[] = {"low", "normal", "high", "custom"};
    struct allocation *allocation = field(entity, offset);
    xmlNode *shares = soap_child(value, "shares");
    g_autofree char *level = soap_get_text(soap_child(shares, "level"));

    memset(allocation, 0, sizeof *allocation);
    allocation->known = value != NULL;
    allocation->reservation = child_number(value, "reservation");
    allocation->limit = child_number(value, "limit");
    allocation->shares = child_number(shares, "shares");
    allocation->level = SHARES_CUSTOM;
    for (unsigned i = 0; i < G_N_ELEMENTS(levels); i++) {
        if (g_strcmp0(level, levels[i]) == 0) {
            allocation->level = i;
        }
    }
}

/* clang-format off */
static const struct {
    const char *name;
    size_t offset;
} stats_table[] = {
    {"hostMemoryUsage",        offsetof(struct quick_stats, consumed)},
    {"guestMemoryUsage",       offsetof(struct quick_stats, active)},
    {"balloonedMemory",        offsetof(struct quick_stats, ballooned)},
    {"swappedMemory",          offsetof(struct quick_stats, swapped)},
    {"compressedMemory",       offsetof(struct quick_stats, compressed)},
    {"sharedMemory",           offsetof(struct quick_stats, shared)},
    {"privateMemory",          offsetof(struct quick_stats, private_)},
    {"grantedMemory",          offsetof(struct quick_stats, granted)},
    {"consumedOverheadMemory", offsetof(struct quick_stats, overhead)},
};
/* clang-format on */

static void take_stats(struct entity *entity, size_t offset, xmlNode *value)
{
    char *stats = field(entity, offset);

    for (size_t i = 0; i < G_N_ELEMENTS(stats_table); i++) {
        *(struct maybe *)(stats + stats_table[i].offset) = child_number(value, stats_table[i].name);
    }
}

/* ResourcePoolRuntimeInfo.memory, a ResourcePoolResourceUsage: bytes. */
static void take_usage(struct entity *entity, size_t offset, xmlNode *value)
{
    entity->used_bytes = child_number(value, "overallUsage");
    entity->left_bytes = child_number(value, "unreservedForVm");
}

static void take_extra(struct entity *entity, size_t offset, xmlNode *value)
{
    g_clear_pointer(&entity->balloon_max, g_free);
    entity->extra_known = true;
    for (xmlNode *option = soap_child(value, "OptionValue"); option != NULL;
         option = soap_next(option)) {
        g_autofree char *key = soap_get_text(soap_child(option, "key"));

        /* The last one counts: a server that only appends keeps older ones before it. */
        if (key != NULL && g_ascii_strcasecmp(key, "sched.mem.maxmemctl") == 0) {
            g_free(entity->balloon_max);
            entity->balloon_max = soap_get_text(soap_child(option, "value"));
            if (entity->balloon_max != NULL && *g_strstrip(entity->balloon_max) == '\0') {
                g_clear_pointer(&entity->balloon_max, g_free);
            }
        }
    }
}

/* --- the table of properties ----------------------------------------------------------------- */

enum effect {
    FIGURE_ONLY, /* nothing but figures changes */
    REDRAW,      /* identity or settings of this machine change */
    MOVE,        /* names or places of others change */
};

/* clang-format off */
#define AT(member) offsetof(struct entity, member)

/* In each class the last row may be left out: see inventory_paths(). */
static const struct property {
    enum entity_kind kind;
    const char *path;
    take_value *take;
    size_t offset;
    enum effect effect;
} property_table[] = {
    {ENTITY_VM, "name",                                take_text,       AT(name),           REDRAW},
    {ENTITY_VM, "config.uuid",                         take_text,       AT(uuid),           REDRAW},
    {ENTITY_VM, "config.instanceUuid",                 take_text,       AT(instance_uuid),  REDRAW},
    {ENTITY_VM, "config.template",                     take_bool,       AT(template),       REDRAW},
    {ENTITY_VM, "config.changeVersion",                take_text,       AT(change_version), REDRAW},
    {ENTITY_VM, "config.hardware.memoryMB",            take_number,     AT(memory_mib),     REDRAW},
    {ENTITY_VM, "config.memoryAllocation",             take_allocation, AT(memory),         REDRAW},
    {ENTITY_VM, "config.memoryReservationLockedToMax", take_flag,       AT(locked),         REDRAW},
    {ENTITY_VM, "config.memoryHotAddEnabled",          take_flag,       AT(hot_add),        FIGURE_ONLY},
    {ENTITY_VM, "config.hotPlugMemoryIncrementSize",   take_number,     AT(hot_step_mib),   FIGURE_ONLY},
    {ENTITY_VM, "config.hotPlugMemoryLimit",           take_number,     AT(hot_limit_mib),  FIGURE_ONLY},
    {ENTITY_VM, "runtime.powerState",                  take_text,       AT(state),          REDRAW},
    {ENTITY_VM, "runtime.connectionState",             take_text,       AT(connection),     REDRAW},
    {ENTITY_VM, "runtime.bootTime",                    take_text,       AT(boot_time),      REDRAW},
    {ENTITY_VM, "runtime.host",                        take_text,       AT(host),           REDRAW},
    {ENTITY_VM, "resourcePool",                        take_text,       AT(parent),         REDRAW},
    {ENTITY_VM, "summary.quickStats",                  take_stats,      AT(stats),          FIGURE_ONLY},
    {ENTITY_VM, "config.extraConfig",                  take_extra,      0,                  REDRAW},

    {ENTITY_HOST, "name",                              take_text,       AT(name),           MOVE},
    {ENTITY_HOST, "parent",                            take_text,       AT(parent),         MOVE},
    {ENTITY_HOST, "runtime.connectionState",           take_text,       AT(connection),     FIGURE_ONLY},
    {ENTITY_HOST, "config.product.fullName",           take_text,       AT(product),        FIGURE_ONLY},
    {ENTITY_HOST, "hardware.memorySize",               take_number,     AT(memory_bytes),   FIGURE_ONLY},
    {ENTITY_HOST, "summary.quickStats.overallMemoryUsage", take_number, AT(used_mib),       FIGURE_ONLY},

    {ENTITY_POOL, "name",                              take_text,       AT(name),           MOVE},
    {ENTITY_POOL, "parent",                            take_text,       AT(parent),         MOVE},
    {ENTITY_POOL, "config.memoryAllocation",           take_allocation, AT(memory),         FIGURE_ONLY},
    {ENTITY_POOL, "runtime.memory",                    take_usage,      0,                  FIGURE_ONLY},

    {ENTITY_COMPUTE, "name",                           take_text,       AT(name),           MOVE},
};
#undef AT

static const struct {
    const char *type;
    enum entity_kind kind;
} class_table[] = {
    /* The first of each kind is the base class that views and filters name. */
    {"VirtualMachine",         ENTITY_VM},
    {"HostSystem",             ENTITY_HOST},
    {"ResourcePool",           ENTITY_POOL},
    {"VirtualApp",             ENTITY_POOL},
    {"ComputeResource",        ENTITY_COMPUTE},
    {"ClusterComputeResource", ENTITY_COMPUTE},
};
/* clang-format on */

const char *inventory_class(enum entity_kind kind)
{
    for (size_t i = 0; i < G_N_ELEMENTS(class_table); i++) {
        if (class_table[i].kind == kind) {
            return class_table[i].type;
        }
    }
    return NULL;
}

static bool kind_of(const char *type, enum entity_kind *kind)
{
    for (size_t i = 0; i < G_N_ELEMENTS(class_table); i++) {
        if (strcmp(class_table[i].type, type) == 0) {
            *kind = class_table[i].kind;
            return true;
        }
    }
    return false;
}

GStrv inventory_paths(enum entity_kind kind, bool extra)
{
    GPtrArray *paths = g_ptr_array_new();

    for (size_t i = 0; i < G_N_ELEMENTS(property_table); i++) {
        if (property_table[i].kind == kind && (extra || property_table[i].take != take_extra)) {
            g_ptr_array_add(paths, g_strdup(property_table[i].path));
        }
    }
    g_ptr_array_add(paths, NULL);
    return (GStrv)g_ptr_array_free(paths, FALSE);
}

static const struct property *find_property(enum entity_kind kind, const char *path)
{
    for (size_t i = 0; i < G_N_ELEMENTS(property_table); i++) {
        if (property_table[i].kind == kind && strcmp(property_table[i].path, path) == 0) {
            return &property_table[i];
        }
    }
    return NULL;
}

/* --- entities -------------------------------------------------------------------------------- */

static void entity_free(gpointer data)
{
    struct entity *entity = data;

    if (entity == NULL) {
        return;
    }
    g_free(entity->id);
    g_free(entity->type);
    for (size_t i = 0; i < G_N_ELEMENTS(property_table); i++) {
        if (property_table[i].take == take_text && property_table[i].kind == entity->kind) {
            g_free(*(char **)field(entity, property_table[i].offset));
        }
    }
    g_free(entity->balloon_max);
    g_free(entity->extra_version);
    g_free(entity);
}

void inventory_init(struct inventory *inventory)
{
    inventory->entities = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, entity_free);
    inventory->moved = true;
}

void inventory_clear(struct inventory *inventory)
{
    g_clear_pointer(&inventory->entities, g_hash_table_unref);
}

struct entity *inventory_find(const struct inventory *inventory, const char *id)
{
    return id != NULL ? g_hash_table_lookup(inventory->entities, id) : NULL;
}

void inventory_begin(struct inventory *inventory)
{
    GHashTableIter iter;
    gpointer value;

    g_hash_table_iter_init(&iter, inventory->entities);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        ((struct entity *)value)->fresh = false;
    }
}

static gboolean is_gone(gpointer key, gpointer value, gpointer data)
{
    return !((struct entity *)value)->fresh;
}

void inventory_end(struct inventory *inventory)
{
    if (g_hash_table_foreach_remove(inventory->entities, is_gone, NULL) > 0) {
        inventory->moved = true;
    }
}

/* The entity that an <obj type="…"> is about, made where it is new; NULL for other classes. */
static struct entity *entity_of(struct inventory *inventory, xmlNode *object)
{
    const char *type = soap_attribute(object, "type");
    g_autofree char *id = soap_get_text(object);
    enum entity_kind kind;
    struct entity *entity;

    if (id == NULL || *id == '\0' || !kind_of(type, &kind)) {
        return NULL;
    }
    entity = inventory_find(inventory, id);
    if (entity == NULL || entity->kind != kind) {
        entity = g_new0(struct entity, 1);
        entity->kind = kind;
        entity->id = g_strdup(id);
        entity->type = g_strdup(type);
        entity->changed = true;
        g_hash_table_replace(inventory->entities, entity->id, entity);
        inventory->moved = inventory->moved || kind != ENTITY_VM;
    }
    entity->fresh = true;
    return entity;
}

/* `value` NULL: the property is not there any more. */
static void take_property(struct inventory *inventory, struct entity *entity, const char *path,
                          xmlNode *value)
{
    const struct property *property = find_property(entity->kind, path);

    if (property == NULL) {
        return;
    }
    property->take(entity, property->offset, value);
    entity->changed = entity->changed || property->effect != FIGURE_ONLY;
    inventory->moved = inventory->moved || property->effect == MOVE;
}

/* Both DynamicProperty and PropertyChange have name and val. */
static void take_named(struct inventory *inventory, struct entity *entity, xmlNode *node)
{
    g_autofree char *path = soap_get_text(soap_child(node, "name"));
    g_autofree char *op = soap_get_text(soap_child(node, "op"));
    bool removed = op != NULL && (strcmp(op, "remove") == 0 || strcmp(op, "indirectRemove") == 0);

    if (path != NULL) {
        take_property(inventory, entity, path, removed ? NULL : soap_child(node, "val"));
    }
}

static void note_missing(struct entity *entity, xmlNode *content)
{
    entity->denied = false;
    for (xmlNode *missing = soap_child(content, "missingSet"); missing != NULL;
         missing = soap_next(missing)) {
        const char *type = soap_type(soap_child(soap_child(missing, "fault"), "fault"));

        entity->denied = entity->denied || strcmp(type, "NoPermission") == 0;
    }
}

void inventory_take_page(struct inventory *inventory, xmlNode *result, char **token)
{
    g_free(*token);
    *token = soap_get_text(soap_child(result, "token"));
    for (xmlNode *content = soap_child(result, "objects"); content != NULL;
         content = soap_next(content)) {
        struct entity *entity = entity_of(inventory, soap_child(content, "obj"));

        for (xmlNode *property = entity != NULL ? soap_child(content, "propSet") : NULL;
             property != NULL; property = soap_next(property)) {
            take_named(inventory, entity, property);
        }
        if (entity != NULL) {
            note_missing(entity, content);
            /* Pages ask for extraConfig always. */
            g_free(entity->extra_version);
            entity->extra_version = g_strdup(entity->change_version);
        }
    }
}

static void take_object(struct inventory *inventory, xmlNode *update)
{
    g_autofree char *kind = soap_get_text(soap_child(update, "kind"));
    xmlNode *object = soap_child(update, "obj");
    struct entity *entity;

    if (g_strcmp0(kind, "leave") == 0) {
        g_autofree char *id = soap_get_text(object);

        if (id != NULL && g_hash_table_remove(inventory->entities, id)) {
            inventory->moved = true;
        }
        return;
    }
    entity = entity_of(inventory, object);
    for (xmlNode *change = entity != NULL ? soap_child(update, "changeSet") : NULL; change != NULL;
         change = soap_next(change)) {
        take_named(inventory, entity, change);
    }
}

bool inventory_take_updates(struct inventory *inventory, xmlNode *set, char **version)
{
    char *next = soap_get_text(soap_child(set, "version"));
    bool truncated = false;

    for (xmlNode *filter = soap_child(set, "filterSet"); filter != NULL;
         filter = soap_next(filter)) {
        for (xmlNode *update = soap_child(filter, "objectSet"); update != NULL;
             update = soap_next(update)) {
            take_object(inventory, update);
        }
    }
    if (next != NULL) {
        g_free(*version);
        *version = next;
    }
    soap_get_flag(soap_child(set, "truncated"), &truncated);
    return truncated;
}
