/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/support/virt-events.h"
#include "backends/support/virt-library.h"
#include "backends/support/virt-private.h"

#include <stdlib.h>
#include <string.h>

guint virt_uuid_hash(gconstpointer uuid)
{
    guint hash;

    memcpy(&hash, uuid, sizeof(hash));
    return hash;
}

gboolean virt_uuid_equal(gconstpointer a, gconstpointer b)
{
    return memcmp(a, b, VIR_UUID_BUFLEN) == 0;
}

void virt_domain_renew(struct virt_domain *domain, virDomainPtr handle)
{
    const char *name = virDomainGetName(handle);
    unsigned id = virDomainGetID(handle);

    if (domain->handle == handle)
        return;
    virDomainRef(handle);
    if (domain->handle)
        virDomainFree(domain->handle);
    domain->handle = handle;
    if (g_strcmp0(domain->name, name) != 0) {
        g_free(domain->name);
        domain->name = g_strdup(name ? name : "");
    }
    if (domain->id != (int)id)
        domain->stale = true;
    domain->id = (int)id;
    domain->active = domain->id >= 0;
}

struct virt_domain *virt_domain_add(struct virt_connection *connection, virDomainPtr handle)
{
    struct virt_domain *domain = g_new0(struct virt_domain, 1);

    domain->connection = connection;
    domain->id = -1;
    virDomainGetUUID(handle, domain->uuid);
    virDomainGetUUIDString(handle, domain->uuid_text);
    virt_domain_renew(domain, handle);
    domain->state = DOMAIN_UNKNOWN;
    domain->live_gap = domain->config_gap = domain->kept_gap = value_unknown(NULL);
    kept_clear(&domain->kept);
    domain->stale = true;
    g_hash_table_insert(connection->domains, domain->uuid, domain);
    return domain;
}

void virt_domain_free(gpointer data)
{
    struct virt_domain *domain = data;

    if (!domain)
        return;
    if (domain->own_free)
        domain->own_free(domain->own);
    domain_xml_clear(&domain->live);
    domain_xml_clear(&domain->config);
    if (domain->handle)
        virDomainFree(domain->handle);
    g_free(domain->name);
    g_free(domain);
}

void virt_domain_put_state(struct virt_domain *domain, int state, int reason)
{
    /* clang-format off */
    static const enum domain_state states[] = {
        [VIR_DOMAIN_NOSTATE]     = DOMAIN_UNKNOWN,
        [VIR_DOMAIN_RUNNING]     = DOMAIN_RUNNING,
        [VIR_DOMAIN_BLOCKED]     = DOMAIN_RUNNING,
        [VIR_DOMAIN_PAUSED]      = DOMAIN_PAUSED,
        [VIR_DOMAIN_SHUTDOWN]    = DOMAIN_STOPPING,
        [VIR_DOMAIN_SHUTOFF]     = DOMAIN_OFF,
        [VIR_DOMAIN_CRASHED]     = DOMAIN_CRASHED,
        [VIR_DOMAIN_PMSUSPENDED] = DOMAIN_SUSPENDED,
    };
    /* clang-format on */
    enum domain_state was = domain->state;

    domain->state = (size_t)state < G_N_ELEMENTS(states) ? states[state] : DOMAIN_UNKNOWN;
    domain->active =
        domain_state_active(domain->state) || (domain->state == DOMAIN_UNKNOWN && domain->id >= 0);
    if (domain->active) {
        domain->ended = NULL;
        domain->ended_time = 0;
    } else if (!domain->ended) {
        domain->ended = virt_ended_reason(reason);
        /* Seen to end, else long ago: nobody knows. */
        if (was != DOMAIN_UNKNOWN && was != domain->state)
            domain->ended_time = g_get_real_time() / G_USEC_PER_SEC;
    }
    if (domain->state != was)
        domain->stale = true;
}

/* The UUIDs of the transient ones: two lists for all, instead of a question for each. NULL: error.
 */
static GHashTable *list_transient(struct virt_connection *connection, GError **error)
{
    virDomainPtr *handles = NULL;
    int n =
        virConnectListAllDomains(connection->libvirt, &handles, VIR_CONNECT_LIST_DOMAINS_TRANSIENT);
    GHashTable *found;

    if (n < 0) {
        virt_error_take(error, "cannot list the transient domains");
        return NULL;
    }
    found = g_hash_table_new_full(virt_uuid_hash, virt_uuid_equal, g_free, NULL);
    for (int i = 0; i < n; i++) {
        uint8_t *uuid = g_malloc(VIR_UUID_BUFLEN);

        virDomainGetUUID(handles[i], uuid);
        g_hash_table_add(found, uuid);
        virDomainFree(handles[i]);
    }
    free(handles);
    return found;
}

static void take_handle(struct virt_connection *connection, virDomainPtr handle,
                        GHashTable *transient)
{
    uint8_t uuid[VIR_UUID_BUFLEN];
    struct virt_domain *domain;
    bool persistent;

    virDomainGetUUID(handle, uuid);
    persistent = !g_hash_table_contains(transient, uuid);
    domain = g_hash_table_lookup(connection->domains, uuid);
    if (domain)
        virt_domain_renew(domain, handle);
    else
        domain = virt_domain_add(connection, handle);
    if (domain->persistent != persistent)
        domain->stale = true;
    domain->persistent = persistent;
    domain->listed = true;
    g_ptr_array_add(connection->order, domain);
}

const char *virt_domain_last_words(struct virt_connection *connection, struct virt_domain *domain)
{
    domain->active = false;
    if (connection->driver->look)
        connection->driver->look(connection, domain, false);
    return domain->ended;
}

static void drop_missing(struct virt_connection *connection, struct snapshot_builder *builder)
{
    GHashTableIter iter;
    gpointer value;

    g_hash_table_iter_init(&iter, connection->domains);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        struct virt_domain *domain = value;

        if (domain->listed)
            continue;
        snapshot_builder_gone(builder, domain->uuid, virt_domain_last_words(connection, domain));
        g_hash_table_iter_remove(&iter);
    }
}

bool virt_list(struct virt_connection *connection, struct snapshot_builder *builder, GError **error)
{
    virDomainPtr *handles = NULL;
    GHashTable *transient = list_transient(connection, error);
    int n;

    if (!transient)
        return false;
    n = virConnectListAllDomains(connection->libvirt, &handles, 0);
    if (n < 0) {
        virt_error_take(error, "cannot list the domains");
        g_hash_table_unref(transient);
        return false;
    }
    for (guint i = 0; i < connection->order->len; i++)
        ((struct virt_domain *)connection->order->pdata[i])->listed = false;
    g_ptr_array_set_size(connection->order, 0);
    for (int i = 0; i < n; i++) {
        take_handle(connection, handles[i], transient);
        virDomainFree(handles[i]);
    }
    free(handles);
    g_hash_table_unref(transient);
    drop_missing(connection, builder);
    connection->list_stale = !virt_events_lists(connection->events);
    return true;
}
