/* SPDX-License-Identifier: GPL-2.0-or-later */
/* memory.swap.max, which libvirt takes only where it is not below the hard limit. */
#include "backends/support/virt-carriers.h"
#include "backends/support/virt-group-carriers.h"
#include "backends/support/virt-group-private.h"
#include "backends/support/virt-kept.h"
#include "model/checks.h"

static struct value swap_read(const struct virt_domain *domain, const struct tunable *row,
                              enum scope scope)
{
    struct value kept = domain->kept.items[CGROUP_SWAP_MAX];

    if (domain->connection->cgroup_version == 2 && scope == SCOPE_CONFIG && value_known(kept) &&
        kept.kind != VALUE_UNSET)
        return kept;
    return virt_parameter_read(domain, row, scope);
}

bool virt_group_swap_below_hard(const struct snapshot *snapshot, const struct domain *domain,
                                const struct change *changes, size_t n, const struct change *change)
{
    const struct tunable *hard = tunable_by_role(snapshot->backend->tunables, ROLE_HARD);
    struct value limit = checks_after(snapshot, domain, changes, n, hard, change->scope);

    return value_known(change->to) && value_known(limit) && value_compare(change->to, limit) < 0;
}

bool virt_group_swap_is_own(const struct snapshot *snapshot, const struct domain *domain,
                            const struct tunable *row, enum scope scope)
{
    const struct setting *setting = snapshot_setting(snapshot, domain, row);
    const struct setting *hard = snapshot_role(snapshot, domain, ROLE_HARD);
    struct value now = scope == SCOPE_LIVE ? setting->live : setting->config;
    struct value limit = scope == SCOPE_LIVE ? hard->live : hard->config;

    return snapshot->host.local && value_known(now) && value_known(limit) &&
           value_compare(now, limit) < 0;
}

static const struct carrier swap_own;

static const struct carrier *swap_choose(const struct snapshot *snapshot,
                                         const struct domain *domain, const struct change *changes,
                                         size_t n, const struct change *change)
{
    bool own = snapshot->host.local &&
               (virt_group_swap_below_hard(snapshot, domain, changes, n, change) ||
                (change->scope == SCOPE_CONFIG &&
                 virt_group_swap_is_own(snapshot, domain, change->tunable, SCOPE_CONFIG)));

    /* In one call with the hard limit, which libvirt puts in order. */
    return own ? &swap_own : tunable_by_role(snapshot->backend->tunables, ROLE_HARD)->carrier;
}

/* Kept where libvirt refuses it; what libvirt takes replaces what is kept. */
static bool swap_apply(struct virt_connection *connection, virDomainPtr domain,
                       const struct step *step, GError **error)
{
    const struct change *change = &step->changes[0];

    if (change->scope == SCOPE_LIVE)
        return virt_group_write_live(connection, domain, change, error);
    if (virt_parameter_apply(connection, domain, step, NULL))
        return virt_kept_put(domain, CGROUP_SWAP_MAX, value_unset(), error);
    return virt_kept_put(domain, CGROUP_SWAP_MAX, tunable_round(change->tunable, change->to),
                         error);
}

static const struct carrier swap_own = {
    .name = "control file, domain metadata",
    .read = swap_read,
    .command = virt_group_file_command,
    .apply = swap_apply,
};

const struct carrier virt_group_swap = {
    .name = "memory parameters; control file, domain metadata",
    .read = swap_read,
    .choose = swap_choose,
    .words = virt_parameter_words,
    .apply = swap_apply,
};
