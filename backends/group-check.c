/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/group-check.h"

#include "backends/hook.h"
#include "backends/support/virt-group-carriers.h"
#include "model/checks.h"

#include <unistd.h>

#define MEMORY_TXT_MAX 100 /* of cgroup v1's memory.txt; kernels since 5.8 take twice as much */

/* cgroup-v1/memory.rst, 5.3: unlike the global one, a group's 0 really prevents swapping. */
static void check_swappiness(const struct change *change, struct findings *findings)
{
    uint64_t swappiness;

    if (!value_get(change->to, &swappiness))
        return;
    if (swappiness == 0)
        findings_add(findings, SEVERITY_WARN, change, "never_swaps",
                     "0 never swaps, even at the limit: it kills instead");
    if (swappiness > MEMORY_TXT_MAX)
        findings_add(findings, SEVERITY_NOTE, change, "prefers_swap",
                     "above 100 swaps rather than drop page cache; kernels before 5.8 refuse it");
}

static void check_hook(const struct snapshot *snapshot, const struct change *change,
                       struct findings *findings)
{
    const char *driver = snapshot->backend->name;
    g_autofree char *path = hook_path(driver);

    if (access(path, F_OK) != 0)
        findings_add(findings, SEVERITY_NOTE, change, "no_hook",
                     "kept in the domain's metadata, acts at its start only with the hook, which "
                     "is not installed: virt-memtune hook install %s",
                     driver);
}

void group_check(const struct snapshot *snapshot, const struct domain *domain,
                 const struct change *changes, size_t n, const struct change *change,
                 struct findings *findings)
{
    if (change->tunable->role == ROLE_SWAPPINESS)
        check_swappiness(change, findings);
    if (change->scope == SCOPE_CONFIG && snapshot->host.local && change->to.kind != VALUE_UNSET &&
        virt_group_keeps(snapshot, domain, changes, n, change))
        check_hook(snapshot, change, findings);
}
