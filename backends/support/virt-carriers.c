/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/support/virt-carriers.h"

#include "backends/support/virt-library.h"

#include <string.h>

#define KIB 1024

/* What is sent: rounded as the hypervisor would, so that both scopes end up the same. */
static uint64_t whole_kib(const struct change *change)
{
    struct value value = tunable_round(change->tunable, change->to);

    return value.kind == VALUE_UNLIMITED ? VIR_DOMAIN_MEMORY_PARAM_UNLIMITED : value.number / KIB;
}

static unsigned scope_flags(enum scope scope)
{
    return (scope & SCOPE_LIVE ? VIR_DOMAIN_AFFECT_LIVE : 0U) |
           (scope & SCOPE_CONFIG ? VIR_DOMAIN_AFFECT_CONFIG : 0U);
}

/* --- memory parameters --- */

struct parameter {
    const char *libvirt, *option;
    enum virt_param param;
    size_t offset; /* of the value in struct domain_xml */
};

/* clang-format off */
static const struct parameter parameters[] = {
    {VIR_DOMAIN_MEMORY_HARD_LIMIT, "--hard-limit", VIRT_PARAM_HARD,
     offsetof(struct domain_xml, hard_limit)},
    {VIR_DOMAIN_MEMORY_SOFT_LIMIT, "--soft-limit", VIRT_PARAM_SOFT,
     offsetof(struct domain_xml, soft_limit)},
    {VIR_DOMAIN_MEMORY_SWAP_HARD_LIMIT, "--swap-hard-limit", VIRT_PARAM_SWAP,
     offsetof(struct domain_xml, swap_hard_limit)},
    {VIR_DOMAIN_MEMORY_MIN_GUARANTEE, "--min-guarantee", VIRT_PARAM_GUARANTEE,
     offsetof(struct domain_xml, min_guarantee)},
};
/* clang-format on */

static const struct parameter *parameter_of(const struct tunable *row)
{
    for (size_t i = 0; i < G_N_ELEMENTS(parameters); i++) {
        if (strcmp(parameters[i].libvirt, row->libvirt) == 0)
            return &parameters[i];
    }
    g_assert_not_reached(); /* a row that names a parameter which there is none of */
}

struct value virt_parameter_read(const struct virt_domain *domain, const struct tunable *row,
                                 enum scope scope)
{
    const struct parameter *parameter = parameter_of(row);
    unsigned version = domain->connection->cgroup_version;
    struct value value;

    if (row->role == ROLE_MEMSW && version == 2)
        return value_unsupported("cgroup_v2: control group v2 limits swap alone: swap_max");
    if (row->role == ROLE_SWAP && version == 1)
        return value_unsupported(
            "cgroup_v1: control group v1 limits memory and swap together: swap_hard_limit");
    if (row->role == ROLE_SWAP && version != 2)
        return value_unsupported("cgroup_unknown: which control groups that host has is not known");
    if (scope == SCOPE_LIVE)
        return domain->params[parameter->param];
    value = *(const struct value *)((const char *)&domain->config + parameter->offset);
    return value.kind == VALUE_UNSET ? value_unlimited() : value;
}

void virt_parameter_words(GString *command, const char *uuid, const struct change *changes,
                          size_t n)
{
    g_string_append_printf(command, "memtune %s", uuid);
    for (size_t i = 0; i < n; i++) {
        uint64_t kib = whole_kib(&changes[i]);

        if (kib >= VIR_DOMAIN_MEMORY_PARAM_UNLIMITED)
            g_string_append_printf(command, " %s -1", parameter_of(changes[i].tunable)->option);
        else
            g_string_append_printf(command, " %s %" G_GUINT64_FORMAT,
                                   parameter_of(changes[i].tunable)->option, kib);
    }
}

/* A change in both scopes appears twice: it is one parameter. */
static bool seen_before(const struct step *step, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (step->changes[i].tunable == step->changes[index].tunable)
            return true;
    }
    return false;
}

bool virt_parameter_apply(struct virt_connection *connection, virDomainPtr domain,
                          const struct step *step, GError **error)
{
    virTypedParameterPtr values = NULL;
    int n = 0, room = 0, failed = 0;

    for (size_t i = 0; i < step->n_changes && !failed; i++) {
        if (!seen_before(step, i))
            failed = virTypedParamsAddULLong(&values, &n, &room, step->changes[i].tunable->libvirt,
                                             whole_kib(&step->changes[i])) < 0;
    }
    if (!failed)
        failed = virDomainSetMemoryParameters(domain, values, n, scope_flags(step->scope)) < 0;
    if (failed)
        virt_error_take(error, "cannot set memory parameters");
    virTypedParamsFree(values, n);
    return !failed;
}

/* --- balloon, maximum, statistics period --- */

static struct value balloon_read(const struct virt_domain *domain, const struct tunable *row,
                                 enum scope scope)
{
    if (scope == SCOPE_CONFIG)
        return domain->config.current;
    if (domain->live_gap.kind != VALUE_UNKNOWN && domain->live.balloon == BALLOON_NONE)
        return value_unsupported("no_balloon: it has no balloon device");
    if (domain->stats[VIRT_STAT_CURRENT].kind == VALUE_NUMBER)
        return domain->stats[VIRT_STAT_CURRENT];
    return domain->live_gap.kind == VALUE_UNKNOWN ? domain->live_gap : domain->live.current;
}

static void balloon_words(GString *command, const char *uuid, const struct change *changes,
                          size_t n)
{
    g_string_append_printf(command, "setmem %s %" G_GUINT64_FORMAT, uuid, whole_kib(&changes[0]));
}

static bool set_memory(virDomainPtr domain, const struct step *step, unsigned flags,
                       const char *what, GError **error)
{
    unsigned long kib = (unsigned long)whole_kib(&step->changes[0]);

    if (virDomainSetMemoryFlags(domain, kib, scope_flags(step->scope) | flags) == 0)
        return true;
    virt_error_take(error, what);
    return false;
}

static bool balloon_apply(struct virt_connection *connection, virDomainPtr domain,
                          const struct step *step, GError **error)
{
    return set_memory(domain, step, 0, "cannot set the memory", error);
}

static struct value maximum_read(const struct virt_domain *domain, const struct tunable *row,
                                 enum scope scope)
{
    if (scope == SCOPE_CONFIG)
        return domain->config.memory;
    return domain->live_gap.kind == VALUE_UNKNOWN ? domain->live_gap : domain->live.memory;
}

static void maximum_words(GString *command, const char *uuid, const struct change *changes,
                          size_t n)
{
    g_string_append_printf(command, "setmaxmem %s %" G_GUINT64_FORMAT, uuid,
                           whole_kib(&changes[0]));
}

static bool maximum_apply(struct virt_connection *connection, virDomainPtr domain,
                          const struct step *step, GError **error)
{
    return set_memory(domain, step, VIR_DOMAIN_MEM_MAXIMUM, "cannot set the maximum memory", error);
}

static struct value period_read(const struct virt_domain *domain, const struct tunable *row,
                                enum scope scope)
{
    const struct domain_xml *xml = scope == SCOPE_LIVE ? &domain->live : &domain->config;

    if (scope == SCOPE_LIVE && domain->live_gap.kind == VALUE_UNKNOWN)
        return domain->live_gap;
    if (xml->balloon != BALLOON_VIRTIO)
        return value_unsupported("no_balloon: it has no virtio balloon device");
    return xml->stats_period;
}

static void period_words(GString *command, const char *uuid, const struct change *changes, size_t n)
{
    g_string_append_printf(command, "dommemstat %s --period %" G_GUINT64_FORMAT, uuid,
                           changes[0].to.number);
}

static bool period_apply(struct virt_connection *connection, virDomainPtr domain,
                         const struct step *step, GError **error)
{
    if (virDomainSetMemoryStatsPeriod(domain, (int)step->changes[0].to.number,
                                      scope_flags(step->scope)) == 0)
        return true;
    virt_error_take(error, "cannot set the statistics period");
    return false;
}

/* clang-format off */
const struct carrier virt_memory_parameters = {
    .name = "memory parameters", .whole = true, .both = true,
    .read = virt_parameter_read, .words = virt_parameter_words, .apply = virt_parameter_apply,
};
const struct carrier virt_memory_parameters_single = {
    .name = "memory parameters", .whole = true,
    .read = virt_parameter_read, .words = virt_parameter_words, .apply = virt_parameter_apply,
};
const struct carrier virt_balloon = {
    .name = "balloon", .both = true,
    .read = balloon_read, .words = balloon_words, .apply = balloon_apply,
};
const struct carrier virt_balloon_single = {
    .name = "balloon",
    .read = balloon_read, .words = balloon_words, .apply = balloon_apply,
};
const struct carrier virt_maximum = {
    .name = "maximum memory", .both = true,
    .read = maximum_read, .words = maximum_words, .apply = maximum_apply,
};
const struct carrier virt_stats_period = {
    .name = "statistics period", .both = true,
    .read = period_read, .words = period_words, .apply = period_apply,
};
/* clang-format on */
