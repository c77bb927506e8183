/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the virt-*.c files share. */
#ifndef BACKENDS_SUPPORT_VIRT_PRIVATE_H
#define BACKENDS_SUPPORT_VIRT_PRIVATE_H

#include "backends/support/virt.h"

#include <libvirt/virterror.h>

guint virt_uuid_hash(gconstpointer uuid);
gboolean virt_uuid_equal(gconstpointer a, gconstpointer b);

/* A domain of `connection` by its handle, of which a reference is taken; it is put into the table.
 */
struct virt_domain *virt_domain_add(struct virt_connection *connection, virDomainPtr handle);
void virt_domain_free(gpointer domain);
/* Takes a newer handle (name and id are in it). */
void virt_domain_renew(struct virt_domain *domain, virDomainPtr handle);
void virt_domain_put_state(struct virt_domain *domain, int state, int reason);
/* It is gone: why, as far as can be told, or NULL. */
const char *virt_domain_last_words(struct virt_connection *connection, struct virt_domain *domain);

/* Reading. False only where the connection broke, with the error set; a domain's own failure is in
 * its values. `gone` is set where the domain does not exist any more. */
bool virt_read_state(struct virt_domain *domain, bool *gone, GError **error);
bool virt_read_stats(struct virt_domain *domain, bool *gone, GError **error);
/* Live memory parameters alone. */
bool virt_read_params(struct virt_domain *domain, bool *gone, GError **error);
/* Descriptions and, where libvirt must be asked for them, memory parameters. */
bool virt_read_settings(struct virt_domain *domain, bool ask, bool *gone, GError **error);

/* Memory and swap of the host; what cannot be read is unknown. */
void virt_read_host(struct virt_connection *connection, struct host *host);

/* Lists the domains anew; those that went are told to the builder. */
bool virt_list(struct virt_connection *connection, struct snapshot_builder *builder,
               GError **error);
/* States and balloons of all listed domains by one call each 4,096. */
bool virt_read_bulk(struct virt_connection *connection, GError **error);

#endif
