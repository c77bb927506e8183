/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/support/virt-kept.h"

#include "backends/support/virt-library.h"

#include <libvirt/virterror.h>
#include <stdlib.h>

bool virt_kept_get(virDomainPtr domain, struct kept *kept, GError **error)
{
    char *xml = virDomainGetMetadata(domain, VIR_DOMAIN_METADATA_ELEMENT, KEPT_NAMESPACE,
                                     VIR_DOMAIN_AFFECT_CONFIG);

    if (!xml && virGetLastErrorCode() != VIR_ERR_NO_DOMAIN_METADATA) {
        virt_error_take(error, "cannot read what is kept in the domain's metadata");
        return false;
    }
    virResetLastError();
    bool done = kept_parse(xml, kept, error);
    free(xml);
    return done;
}

bool virt_kept_put(virDomainPtr domain, enum cgroup_item item, struct value value, GError **error)
{
    struct kept kept;

    if (!virt_kept_get(domain, &kept, error))
        return false;
    kept.items[item] = value;
    return virt_kept_put_all(domain, &kept, error);
}

bool virt_kept_put_all(virDomainPtr domain, const struct kept *kept, GError **error)
{
    g_autofree char *xml = kept_format(kept);

    if (virDomainSetMetadata(domain, VIR_DOMAIN_METADATA_ELEMENT, xml, KEPT_PREFIX, KEPT_NAMESPACE,
                             VIR_DOMAIN_AFFECT_CONFIG) == 0)
        return true;
    virt_error_take(error, "cannot keep it in the domain's metadata");
    return false;
}
