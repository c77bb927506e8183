/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/vsphere.h"

#include <string.h>

const char *picture_uuid(const struct vsphere *vsphere, const struct entity *vm)
{
    const char *uuid = vsphere->uri.vcenter ? vm->instance_uuid : vm->uuid;

    return uuid != NULL && g_uuid_string_is_valid(uuid) ? uuid : NULL;
}

GHashTable *picture_uuids(const struct vsphere *vsphere)
{
    GHashTable *counts = g_hash_table_new(g_str_hash, g_str_equal);
    GHashTableIter iter;
    gpointer value;

    g_hash_table_iter_init(&iter, vsphere->inventory.entities);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const struct entity *entity = value;
        const char *uuid = entity->kind == ENTITY_VM ? picture_uuid(vsphere, entity) : NULL;

        if (uuid != NULL) {
            gsize count = GPOINTER_TO_SIZE(g_hash_table_lookup(counts, uuid));

            g_hash_table_replace(counts, (gpointer)uuid, GSIZE_TO_POINTER(count + 1));
        }
    }
    return counts;
}

static void key_from_uuid(const char *uuid, uint8_t id[16])
{
    size_t digits = 0;

    memset(id, 0, 16);
    for (const char *at = uuid; *at != '\0' && digits < 32; at++) {
        if (*at != '-') {
            id[digits / 2] = (uint8_t)(id[digits / 2] << 4 | g_ascii_xdigit_value(*at));
            digits++;
        }
    }
}

static void key_from_moid(const struct vsphere *vsphere, const char *moid, uint8_t id[16])
{
    GChecksum *sum = g_checksum_new(G_CHECKSUM_SHA256);
    guint8 digest[32];
    gsize size = sizeof digest;

    g_checksum_update(sum, (const guchar *)vsphere->uri.host, -1);
    g_checksum_update(sum, (const guchar *)"/", 1);
    g_checksum_update(sum, (const guchar *)moid, -1);
    g_checksum_get_digest(sum, digest, &size);
    g_checksum_free(sum);
    memcpy(id, digest, 16);
}

void picture_key(const struct vsphere *vsphere, const struct entity *vm, GHashTable *taken,
                 uint8_t id[16])
{
    const char *uuid = picture_uuid(vsphere, vm);

    if (uuid != NULL && GPOINTER_TO_SIZE(g_hash_table_lookup(taken, uuid)) == 1) {
        key_from_uuid(uuid, id);
    } else {
        key_from_moid(vsphere, vm->id, id);
    }
}

const char *picture_find(const struct vsphere *vsphere, const uint8_t id[16])
{
    g_autoptr(GHashTable) uuids = picture_uuids(vsphere);
    GHashTableIter iter;
    gpointer value;

    g_hash_table_iter_init(&iter, vsphere->inventory.entities);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const struct entity *entity = value;
        uint8_t found[16];

        if (entity->kind == ENTITY_VM) {
            picture_key(vsphere, entity, uuids, found);
            if (memcmp(found, id, 16) == 0) {
                return entity->id;
            }
        }
    }
    return NULL;
}

char *picture_name(const char *name, bool keep_slash)
{
    static const struct {
        const char *code;
        char plain;
    } codes[] = {{"%2f", '/'}, {"%5c", '\\'}, {"%25", '%'}};
    GString *text = g_string_new(NULL);

    for (const char *at = name != NULL ? name : ""; *at != '\0';) {
        size_t i = 0;

        while (i < G_N_ELEMENTS(codes) && g_ascii_strncasecmp(at, codes[i].code, 3) != 0) {
            i++;
        }
        if (i < G_N_ELEMENTS(codes) && !(keep_slash && codes[i].plain == '/')) {
            g_string_append_c(text, codes[i].plain);
            at += 3;
        } else {
            g_string_append_c(text, *at++);
        }
    }
    return g_string_free(text, FALSE);
}

bool picture_is_root_pool(const struct vsphere *vsphere, const struct entity *pool)
{
    const struct entity *parent = inventory_find(&vsphere->inventory, pool->parent);

    return parent == NULL || parent->kind != ENTITY_POOL;
}

char *picture_parents(const struct vsphere *vsphere, const struct entity *vm)
{
    const struct entity *host = inventory_find(&vsphere->inventory, vm->host);
    const struct entity *pool = inventory_find(&vsphere->inventory, vm->parent);
    const struct entity *cluster;
    GString *path = g_string_new(NULL);

    for (unsigned depth = 0; depth < PICTURE_DEPTH_MAX && pool != NULL &&
                             pool->kind == ENTITY_POOL && !picture_is_root_pool(vsphere, pool);
         depth++) {
        g_autofree char *name = picture_name(pool->name, true);

        g_string_prepend(path, name);
        g_string_prepend_c(path, '/');
        pool = inventory_find(&vsphere->inventory, pool->parent);
    }
    if (vsphere->uri.vcenter && host != NULL) {
        g_autofree char *name = picture_name(host->name, true);

        g_string_prepend(path, name);
        g_string_prepend_c(path, '/');
        cluster = inventory_find(&vsphere->inventory, host->parent);
        if (cluster != NULL && strcmp(cluster->type, "ClusterComputeResource") == 0) {
            g_autofree char *cluster_name = picture_name(cluster->name, true);

            g_string_prepend(path, cluster_name);
            g_string_prepend_c(path, '/');
        }
    }
    if (path->len > 0) {
        g_string_erase(path, 0, 1);
    }
    return path->len > 0 ? g_string_free(path, FALSE) : (g_string_free(path, TRUE), NULL);
}
