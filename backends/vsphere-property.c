/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The properties that are read, and how the text of each becomes data. */
#include "backends/vsphere.h"

#include <stddef.h>
#include <string.h>

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

/* clang-format off */
#define AT(member) offsetof(struct entity, member)

static const struct property property_table[] = {
    {ENTITY_VM, "name",                                take_text,       AT(name),           EFFECT_REDRAW},
    {ENTITY_VM, "config.uuid",                         take_text,       AT(uuid),           EFFECT_REDRAW},
    {ENTITY_VM, "config.instanceUuid",                 take_text,       AT(instance_uuid),  EFFECT_REDRAW},
    {ENTITY_VM, "config.template",                     take_bool,       AT(template),       EFFECT_REDRAW},
    {ENTITY_VM, "config.changeVersion",                take_text,       AT(change_version), EFFECT_REDRAW},
    {ENTITY_VM, "config.hardware.memoryMB",            take_number,     AT(memory_mib),     EFFECT_REDRAW},
    {ENTITY_VM, "config.memoryAllocation",             take_allocation, AT(memory),         EFFECT_REDRAW},
    {ENTITY_VM, "config.memoryReservationLockedToMax", take_flag,       AT(locked),         EFFECT_REDRAW},
    {ENTITY_VM, "config.memoryHotAddEnabled",          take_flag,       AT(hot_add),        EFFECT_FIGURES},
    {ENTITY_VM, "config.hotPlugMemoryIncrementSize",   take_number,     AT(hot_step_mib),   EFFECT_FIGURES},
    {ENTITY_VM, "config.hotPlugMemoryLimit",           take_number,     AT(hot_limit_mib),  EFFECT_FIGURES},
    {ENTITY_VM, "runtime.powerState",                  take_text,       AT(state),          EFFECT_REDRAW},
    {ENTITY_VM, "runtime.connectionState",             take_text,       AT(connection),     EFFECT_REDRAW},
    {ENTITY_VM, "runtime.bootTime",                    take_text,       AT(boot_time),      EFFECT_REDRAW},
    {ENTITY_VM, "runtime.host",                        take_text,       AT(host),           EFFECT_REDRAW},
    {ENTITY_VM, "resourcePool",                        take_text,       AT(parent),         EFFECT_REDRAW},
    {ENTITY_VM, "summary.quickStats",                  take_stats,      AT(stats),          EFFECT_FIGURES},
    {ENTITY_VM, "config.extraConfig",                  take_extra,      0,                  EFFECT_REDRAW},

    {ENTITY_HOST, "name",                              take_text,       AT(name),           EFFECT_PLACES},
    {ENTITY_HOST, "parent",                            take_text,       AT(parent),         EFFECT_PLACES},
    {ENTITY_HOST, "runtime.connectionState",           take_text,       AT(connection),     EFFECT_FIGURES},
    {ENTITY_HOST, "config.product.fullName",           take_text,       AT(product),        EFFECT_FIGURES},
    {ENTITY_HOST, "hardware.memorySize",               take_number,     AT(memory_bytes),   EFFECT_FIGURES},
    {ENTITY_HOST, "summary.quickStats.overallMemoryUsage", take_number, AT(used_mib),       EFFECT_FIGURES},

    {ENTITY_POOL, "name",                              take_text,       AT(name),           EFFECT_PLACES},
    {ENTITY_POOL, "parent",                            take_text,       AT(parent),         EFFECT_PLACES},
    {ENTITY_POOL, "config.memoryAllocation",           take_allocation, AT(memory),         EFFECT_FIGURES},
    {ENTITY_POOL, "runtime.memory",                    take_usage,      0,                  EFFECT_FIGURES},

    {ENTITY_COMPUTE, "name",                           take_text,       AT(name),           EFFECT_PLACES},
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

bool inventory_kind(const char *type, enum entity_kind *kind)
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

const struct property *inventory_property(enum entity_kind kind, const char *path)
{
    for (size_t i = 0; i < G_N_ELEMENTS(property_table); i++) {
        if (property_table[i].kind == kind && strcmp(property_table[i].path, path) == 0) {
            return &property_table[i];
        }
    }
    return NULL;
}

void inventory_free_texts(struct entity *entity)
{
    for (size_t i = 0; i < G_N_ELEMENTS(property_table); i++) {
        if (property_table[i].take == take_text && property_table[i].kind == entity->kind) {
            g_free(*(char **)field(entity, property_table[i].offset));
        }
    }
}
