/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/support/virt-limits.h"

#include "model/size.h"
#include "model/trouble.h"

const char *virt_limits_detail(const struct virt_connection *connection)
{
    static const char *const details[] = {NULL, "cgroup v1", "cgroup v2"};

    return details[connection->cgroup_version];
}

/* Which rows a domain has says which control groups its host has. */
unsigned virt_limits_version(const struct snapshot *snapshot, const struct domain *domain)
{
    const struct setting *swap = snapshot_role(snapshot, domain, ROLE_SWAP);
    const struct setting *memsw = snapshot_role(snapshot, domain, ROLE_MEMSW);

    if (swap && (swap->writable || value_known(swap->live) || value_known(swap->config)))
        return 2;
    if (memsw && snapshot->host.detail &&
        (memsw->writable || value_known(memsw->live) || value_known(memsw->config)))
        return 1;
    return 0;
}

void virt_limits_check(const struct snapshot *snapshot, const struct domain *domain,
                       const struct change *change, struct findings *findings)
{
    uint64_t limit, needed;

    if (change->scope != SCOPE_LIVE || !change_tightens(change) || !value_get(change->to, &limit) ||
        !value_get(trouble_needed(snapshot, domain), &needed) || limit >= needed)
        return;
    if ((change->tunable->role == ROLE_HARD || change->tunable->role == ROLE_MEMSW) &&
        virt_limits_version(snapshot, domain) == 1)
        findings_add(findings, SEVERITY_NOTE, change, "busy",
                     "this kernel refuses it (EBUSY) when it cannot swap that much out; nothing "
                     "changes then");
}
