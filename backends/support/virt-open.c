/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/support/virt-events.h"
#include "backends/support/virt-library.h"
#include "backends/support/virt-private.h"

#include <string.h>

#define KEEPALIVE_SECONDS 5
#define KEEPALIVE_COUNT 3

/* A question of libvirt's authentication (SASL, a password of libssh2) goes to the person. */
static int on_question(virConnectCredentialPtr credentials, unsigned n, void *opaque)
{
    struct uplink *uplink = opaque;

    for (unsigned i = 0; i < n; i++) {
        const struct question question = {
            .prompt = credentials[i].prompt,
            .secret = credentials[i].type == VIR_CRED_PASSPHRASE ||
                      credentials[i].type == VIR_CRED_NOECHOPROMPT,
        };
        char *answer = NULL;

        if (!uplink->ask(uplink, &question, &answer))
            return -1;
        /* libvirt frees the result with free(), wiping nothing. */
        credentials[i].result = strdup(answer);
        credentials[i].resultlen = (unsigned)strlen(answer);
        explicit_bzero(answer, strlen(answer));
        g_free(answer);
    }
    return 0;
}

static virConnectPtr connect_libvirt(const char *uri, enum access access, struct uplink *uplink)
{
    static int asked[] = {VIR_CRED_AUTHNAME, VIR_CRED_ECHOPROMPT, VIR_CRED_PASSPHRASE,
                          VIR_CRED_NOECHOPROMPT, VIR_CRED_USERNAME};
    virConnectAuth auth = {asked, G_N_ELEMENTS(asked), on_question, uplink};
    g_autofree char *batch = virt_uri_batch(uri);

    return virConnectOpenAuth(batch, &auth, access == ACCESS_READ ? VIR_CONNECT_RO : 0);
}

/* Adds to a refusal what can be done about it. */
static void advise(GError **error, enum access access)
{
    if (!error || !g_error_matches(*error, BACKEND_ERROR, BACKEND_ERROR_PERMISSION))
        return;
    g_autofree char *message = (*error)->message;
    (*error)->message = g_strdup_printf(
        "%s: %s", message,
        access == ACCESS_WRITE
            ? "to write, be root, join the group libvirt, or have polkit allow org.libvirt.unix.manage"
            : "to watch, be allowed org.libvirt.unix.monitor by polkit, or read the socket libvirt-sock-ro");
}

static char *version_text(virConnectPtr libvirt)
{
    unsigned long library = 0, hypervisor = 0;
    const char *type = virConnectGetType(libvirt);
    GString *text = g_string_new(NULL);

    if (virConnectGetLibVersion(libvirt, &library) == 0)
        g_string_append_printf(text, "libvirt %lu.%lu.%lu", library / 1000000,
                               library / 1000 % 1000, library % 1000);
    if (virConnectGetVersion(libvirt, &hypervisor) == 0 && hypervisor && type)
        g_string_append_printf(text, "%s%s %lu.%lu.%lu", text->len ? ", " : "", type,
                               hypervisor / 1000000, hypervisor / 1000 % 1000, hypervisor % 1000);
    virResetLastError();
    return g_string_free(text, FALSE);
}

bool virt_open(const struct virt_driver *driver, const char *uri, enum access access,
               struct uplink *uplink, struct connection **ret, GError **error)
{
    struct virt_connection *connection;
    virConnectPtr libvirt;
    char *hostname;

    if (!virt_library_start(error))
        return false;
    libvirt = connect_libvirt(uri, access, uplink);
    if (!libvirt) {
        virt_error_take(error,
                        access == ACCESS_WRITE ? "cannot open for writing" : "cannot connect");
        advise(error, access);
        return false;
    }
    connection = g_new0(struct virt_connection, 1);
    connection->base.backend = driver->backend;
    connection->base.uplink = uplink;
    connection->base.access = access;
    connection->driver = driver;
    connection->libvirt = libvirt;
    connection->uri = g_strdup(uri);
    connection->local = virt_uri_is_local(uri);
    connection->daemon = virConnectSetKeepAlive(libvirt, KEEPALIVE_SECONDS, KEEPALIVE_COUNT) == 0;
    virResetLastError();
    connection->events = virt_events_new(libvirt, uplink, connection->daemon);
    connection->domains =
        g_hash_table_new_full(virt_uuid_hash, virt_uuid_equal, NULL, virt_domain_free);
    connection->order = g_ptr_array_new();
    connection->list_stale = true;
    hostname = virConnectGetHostname(libvirt);
    connection->hostname = g_strdup(hostname);
    free(hostname);
    connection->version = version_text(libvirt);
    if (driver->opened)
        driver->opened(connection);
    *ret = &connection->base;
    return true;
}

void virt_close(struct connection *base)
{
    struct virt_connection *connection = (struct virt_connection *)base;
    struct uplink *uplink;
    bool ending;

    if (!connection)
        return;
    uplink = base->uplink;
    ending = connection->daemon && uplink && uplink->ending && uplink->ending(uplink);
    /* A libvirtd that is still to take a callback back when its client has gone dies of that (seen
     * with 9.0.0): the list of the callbacks is freed then, and not its length. */
    virt_events_free(connection->events, ending ? NULL : connection->libvirt);
    g_ptr_array_unref(connection->order);
    g_hash_table_unref(connection->domains);
    if (connection->driver->closed)
        connection->driver->closed(connection);
    virConnectClose(connection->libvirt);
    virResetLastError();
    g_free(connection->hostname);
    g_free(connection->version);
    g_free(connection->uri);
    g_free(connection);
}
