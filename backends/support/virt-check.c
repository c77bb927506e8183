/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/support/virt-carriers.h"
#include "backends/support/virt-group-carriers.h"
#include "model/checks.h"
#include "model/size.h"

#include <string.h>

/* The row that libvirt stores as swap_hard_limit, whatever it means here. */
static const struct tunable *swap_row(const struct snapshot *snapshot, const struct domain *domain)
{
    const struct tunable *rows = snapshot->backend->tunables;

    for (size_t i = 0; rows[i].name; i++) {
        const struct setting *setting = snapshot_setting(snapshot, domain, &rows[i]);

        if (rows[i].libvirt && strcmp(rows[i].libvirt, VIR_DOMAIN_MEMORY_SWAP_HARD_LIMIT) == 0 &&
            (value_known(setting->live) || value_known(setting->config)))
            return &rows[i];
    }
    return NULL;
}

/* libvirt refuses hard_limit > swap_hard_limit in each scope, on every kernel; where the row does
 * mean memory and swap together, the model knows that by its role. */
static void check_order(const struct snapshot *snapshot, const struct domain *domain,
                        const struct change *changes, size_t n, size_t index,
                        struct findings *findings)
{
    const struct change *change = &changes[index];
    const struct tunable *hard_row = tunable_by_role(snapshot->backend->tunables, ROLE_HARD);
    const struct tunable *swap = swap_row(snapshot, domain);
    struct value hard_after, swap_after;
    char hard_text[SIZE_TEXT_MAX], swap_text[SIZE_TEXT_MAX];

    if (!swap || swap->role == ROLE_MEMSW || !hard_row ||
        (change->tunable != swap && change->tunable != hard_row))
        return;
    if (swap->carrier == &virt_group_swap && snapshot->host.local &&
        (change->tunable == swap || virt_group_swap_is_own(snapshot, domain, swap, change->scope)))
        return; /* written past libvirt where it refuses */
    hard_after = checks_after(snapshot, domain, changes, n, hard_row, change->scope);
    swap_after = checks_after(snapshot, domain, changes, n, swap, change->scope);
    if (!value_known(hard_after) || !value_known(swap_after) ||
        value_compare(hard_after, swap_after) <= 0)
        return;
    size_format_value(hard_after, UNIT_BYTES, NULL, hard_text);
    size_format_value(swap_after, UNIT_BYTES, NULL, swap_text);
    findings_add(findings, SEVERITY_REFUSE, change, "above_swap",
                 "libvirt refuses a hard limit (%s) above %s (%s): change both together", hard_text,
                 swap->name, swap_text);
}

static void check_maximum(const struct snapshot *snapshot, const struct domain *domain,
                          const struct change *changes, size_t n, size_t index,
                          struct findings *findings)
{
    const struct change *change = &changes[index];
    const struct tunable *target = tunable_by_role(snapshot->backend->tunables, ROLE_TARGET);
    struct value now;
    char text[SIZE_TEXT_MAX];

    if (change->tunable->role != ROLE_MAXIMUM || change->scope != SCOPE_CONFIG || !target)
        return;
    now = checks_after(snapshot, domain, changes, n, target, SCOPE_CONFIG);
    if (!value_known(now) || value_compare(now, change->to) <= 0)
        return;
    findings_add(findings, SEVERITY_WARN, change, "takes_target",
                 "lowers the configured %s to %s too", target->name,
                 size_format_value(change->to, UNIT_BYTES, NULL, text));
}

void virt_check(const struct snapshot *snapshot, const struct domain *domain,
                const struct change *changes, size_t n, struct findings *findings)
{
    for (size_t i = 0; i < n; i++) {
        check_order(snapshot, domain, changes, n, i, findings);
        check_maximum(snapshot, domain, changes, n, i, findings);
    }
}
