/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/xen-private.h"

#include "backends/support/virt-carriers.h"
#include "model/text.h"

#define KIB 1024
#define MIB (UINT64_C(1) << 20)

const char xen_no_config[] = "domain_0: dom0_mem= on Xen's command line sets it at the next boot";

static bool is_domain_0(const struct virt_domain *domain)
{
    return domain->active && domain->id == 0;
}

static const struct xen_memory *memory_of(const struct virt_domain *domain)
{
    return domain->own;
}

static struct value target_read(const struct virt_domain *domain, const struct tunable *row,
                                enum scope scope)
{
    const struct xen_memory *memory = memory_of(domain);

    if (scope == SCOPE_CONFIG)
        return is_domain_0(domain) ? value_unsupported(xen_no_config) : domain->config.current;
    if (!memory)
        return value_unknown(NULL);
    /* Never asked for anything: what it was booted with is what it holds. */
    return memory->target.kind == VALUE_UNSET ? domain->stats[VIRT_STAT_USED] : memory->target;
}

static struct value maximum_read(const struct virt_domain *domain, const struct tunable *row,
                                 enum scope scope)
{
    const struct xen_memory *memory = memory_of(domain);

    if (scope == SCOPE_CONFIG)
        return is_domain_0(domain) ? value_unsupported(xen_no_config) : domain->config.memory;
    if (!memory)
        return value_unknown(NULL);
    return memory->maximum.kind == VALUE_UNSET ? domain->stats[VIRT_STAT_MAXIMUM] : memory->maximum;
}

/* --- commands --- */

static void target_words(GString *command, const char *uuid, const struct change *changes, size_t n)
{
    virt_balloon.words(command, uuid, changes, n);
}

static void maximum_words(GString *command, const char *uuid, const struct change *changes,
                          size_t n)
{
    virt_maximum.words(command, uuid, changes, n);
}

static void xl_words(GString *command, const char *verb, const struct domain *domain,
                     const struct change *change)
{
    g_autofree char *name = text_shell_quote(domain->identity->name);
    uint64_t kib = tunable_round(change->tunable, change->to).number / KIB;

    /* xl counts in MiB. */
    if (kib % 1024 == 0)
        g_string_append_printf(command, "xl %s %s %" G_GUINT64_FORMAT, verb, name, kib / 1024);
    else
        g_string_append_printf(command, "xl %s %s %" G_GUINT64_FORMAT "k", verb, name, kib);
}

static void target_native(GString *command, const struct domain *domain,
                          const struct change *change)
{
    xl_words(command, "mem-set", domain, change);
}

static void maximum_native(GString *command, const struct domain *domain,
                           const struct change *change)
{
    xl_words(command, "mem-max", domain, change);
}

static bool target_apply(struct virt_connection *connection, virDomainPtr domain,
                         const struct step *step, GError **error)
{
    return virt_balloon.apply(connection, domain, step, error);
}

static bool maximum_apply(struct virt_connection *connection, virDomainPtr domain,
                          const struct step *step, GError **error)
{
    return virt_maximum.apply(connection, domain, step, error);
}

/* --- the way down --- */

/* Xen has no floor. Going down in steps of 5 %, each of which the guest has to reach, stops at what
 * it can still give instead of far below that. */
static bool target_stop(const struct snapshot *snapshot, const struct domain *domain,
                        const struct change *change, uint64_t from, uint64_t *stop)
{
    uint64_t to, held, size;

    /* A paused domain reaches nothing before it goes on. */
    if (domain->identity->state != DOMAIN_RUNNING || !value_get(change->to, &to))
        return false;
    if (value_get(snapshot_figure(snapshot, domain, FIGURE_HELD), &held))
        from = MIN(from, held);
    size = MAX(from / 20, MIB);
    if (from <= size || from - size <= to)
        return false;
    *stop = (from - size + MIB - 1) / MIB * MIB;
    return *stop > to && *stop < from;
}

const struct carrier xen_target = {
    .name = "balloon",
    .both = true,
    .read = target_read,
    .words = target_words,
    .native = target_native,
    .stop = target_stop,
    .apply = target_apply,
};
const struct carrier xen_maximum = {
    .name = "maximum memory",
    .both = true,
    .read = maximum_read,
    .words = maximum_words,
    .native = maximum_native,
    .apply = maximum_apply,
};
