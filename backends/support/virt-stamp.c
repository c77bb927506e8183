/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/support/virt-stamp.h"

#include "backends/support/virt-library.h"

#include <libvirt/libvirt.h>

#define PREFIX "memtune-last"
#define NAMESPACE "urn:virt-memtune:last:1"

static unsigned flags_of(enum scope scope)
{
    return (scope & SCOPE_LIVE ? VIR_DOMAIN_AFFECT_LIVE : 0u) |
           (scope & SCOPE_CONFIG ? VIR_DOMAIN_AFFECT_CONFIG : 0u);
}

void virt_stamp(const struct connection *connection, virDomainPtr domain, enum scope scope)
{
    g_autofree char *xml = NULL;
    g_autoptr(GError) error = NULL;

    if (!connection->stamp)
        return;
    xml = g_markup_printf_escaped("<last>%s</last>", connection->stamp);
    if (virDomainSetMetadata(domain, VIR_DOMAIN_METADATA_ELEMENT, xml, PREFIX, NAMESPACE,
                             flags_of(scope)) == 0)
        return;
    virt_error_take(&error, "done, but the stamp could not be left in the domain's metadata");
    if (connection->uplink && connection->uplink->message)
        connection->uplink->message(connection->uplink, error->message);
}
