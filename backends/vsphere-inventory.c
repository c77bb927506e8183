/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/vsphere.h"

#include <string.h>

/* --- entities -------------------------------------------------------------------------------- */

static void entity_free(gpointer data)
{
    struct entity *entity = data;

    if (entity == NULL) {
        return;
    }
    g_free(entity->id);
    g_free(entity->type);
    inventory_free_texts(entity);
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

    if (id == NULL || *id == '\0' || !inventory_kind(type, &kind)) {
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
    const struct property *property = inventory_property(entity->kind, path);

    if (property == NULL) {
        return;
    }
    property->take(entity, property->offset, value);
    entity->changed = entity->changed || property->effect != EFFECT_FIGURES;
    inventory->moved = inventory->moved || property->effect == EFFECT_PLACES;
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

/* Returns whether the session had ended: then nothing at all is readable, and that is no fault of
 * the call's. */
static bool note_missing(struct entity *entity, xmlNode *content)
{
    bool ended = false;

    entity->denied = false;
    for (xmlNode *missing = soap_child(content, "missingSet"); missing != NULL;
         missing = soap_next(missing)) {
        const char *type = soap_type(soap_child(soap_child(missing, "fault"), "fault"));

        entity->denied = entity->denied || strcmp(type, "NoPermission") == 0;
        ended = ended || strcmp(type, "NotAuthenticated") == 0;
    }
    return ended;
}

bool inventory_take_page(struct inventory *inventory, xmlNode *result, char **token)
{
    bool ended = false;

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
            ended = note_missing(entity, content) || ended;
            /* Pages ask for extraConfig always. */
            g_free(entity->extra_version);
            entity->extra_version = g_strdup(entity->change_version);
        }
    }
    return !ended;
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
    bool truncated = false, any = false;

    for (xmlNode *filter = soap_child(set, "filterSet"); filter != NULL;
         filter = soap_next(filter)) {
        for (xmlNode *update = soap_child(filter, "objectSet"); update != NULL;
             update = soap_next(update)) {
            take_object(inventory, update);
            any = true;
        }
    }
    if (next != NULL) {
        g_free(*version);
        *version = next;
    }
    soap_get_flag(soap_child(set, "truncated"), &truncated);
    return truncated && any; /* else it would be asked for ever */
}
