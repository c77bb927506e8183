/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/support/virt-group-carriers.h"

#include "backends/support/protection.h"
#include "backends/support/virt-carriers.h"
#include "backends/support/virt-group-private.h"
#include "backends/support/virt-group.h"
#include "backends/support/virt-kept.h"
#include "model/text.h"

#include <string.h>
#include <unistd.h>

const char *const virt_group_resets[] = {"reset", NULL};

/* --- rows and items --- */

/* clang-format off */
static const struct { const char *name; enum cgroup_item item; } items[] = {
    {"swappiness", CGROUP_SWAPPINESS}, {"low", CGROUP_LOW}, {"min", CGROUP_MIN},
    {"swap_max", CGROUP_SWAP_MAX}, {"swap_high", CGROUP_SWAP_HIGH}, {"zswap_max", CGROUP_ZSWAP_MAX},
    {"peak", CGROUP_PEAK}, {"memsw_peak", CGROUP_MEMSW_PEAK},
    {"failcnt", CGROUP_FAILCNT}, {"memsw_failcnt", CGROUP_MEMSW_FAILCNT},
};
/* clang-format on */

static enum cgroup_item item_of(const struct tunable *row)
{
    for (size_t i = 0; i < G_N_ELEMENTS(items); i++) {
        if (!strcmp(items[i].name, row->name))
            return items[i].item;
    }
    g_assert_not_reached(); /* a row of another carrier */
}

static enum cgroup_version version_of(const struct virt_connection *connection)
{
    return connection->cgroup_version == 2 ? CGROUP_V2 : CGROUP_V1;
}

/* What the kernel does where nothing is kept. */
static struct value default_of(enum cgroup_item item)
{
    if (item == CGROUP_LOW || item == CGROUP_MIN)
        return value_number(0);
    return item == CGROUP_SWAPPINESS ? value_unset() : value_unlimited();
}

static struct value lacking(const struct virt_connection *connection, enum cgroup_item item)
{
    if (!connection->local)
        return value_unsupported("remote: control groups are set only on the host itself");
    if (!connection->cgroup_version)
        return value_unsupported("no_group: no control groups of this machine are mounted here");
    if (cgroup_file(version_of(connection), item))
        return value_number(0);
    return value_unsupported(connection->cgroup_version == 2
                                 ? "cgroup_v2: no counterpart on cgroup v2"
                                 : "cgroup_v1: no counterpart on cgroup v1");
}

static struct value file_read(const struct virt_domain *domain, const struct tunable *row,
                              enum scope scope)
{
    enum cgroup_item item = item_of(row);
    struct value lacks = lacking(domain->connection, item);

    if (lacks.kind == VALUE_UNSUPPORTED)
        return lacks;
    if (scope == SCOPE_LIVE)
        return virt_group_item(domain, item);
    if (domain->kept_gap.kind == VALUE_UNKNOWN)
        return domain->kept_gap;
    struct value kept = domain->kept.items[item];
    return kept.kind == VALUE_UNSET ? default_of(item) : kept;
}

static const char *file_refuses(const struct virt_domain *domain, const struct tunable *row,
                                enum scope scope)
{
    if (scope == SCOPE_LIVE && geteuid() != 0)
        return "permission: only root may write control groups: run as root";
    return NULL;
}

/* --- writing --- */

static bool is_protection(enum cgroup_item item)
{
    return item == CGROUP_LOW || item == CGROUP_MIN;
}

bool virt_group_write_live(struct virt_connection *connection, virDomainPtr domain,
                           const struct change *change, GError **error)
{
    enum cgroup_item item = item_of(change->tunable);
    struct value to = tunable_round(change->tunable, change->to);
    struct cgroup *group;

    if (!virt_group_open(connection, domain, &group, error))
        return false;
    bool done = is_protection(item) ? protection_write(group, item, to, error)
                                    : cgroup_write(group, item, to, error);
    cgroup_close(group);
    return done;
}

/* A kept value that is what the kernel does anyway is taken out. */
static struct value value_to_keep(const struct change *change)
{
    struct value to = tunable_round(change->tunable, change->to);

    return value_equal(to, default_of(item_of(change->tunable))) ? value_unset() : to;
}

static bool file_apply(struct virt_connection *connection, virDomainPtr domain,
                       const struct step *step, GError **error)
{
    return virt_group_write_live(connection, domain, &step->changes[0], error);
}

static bool kept_apply(struct virt_connection *connection, virDomainPtr domain,
                       const struct step *step, GError **error)
{
    struct kept kept;

    if (!virt_kept_get(domain, &kept, error))
        return false;
    for (size_t i = 0; i < step->n_changes; i++)
        kept.items[item_of(step->changes[i].tunable)] = value_to_keep(&step->changes[i]);
    return virt_kept_put_all(domain, &kept, error);
}

/* --- what is shown of a step: may look at this machine's groups --- */

static struct cgroup *group_of(const struct domain *domain, struct cgroups **cgroups)
{
    struct cgroup *group = NULL;

    *cgroups = NULL;
    if (domain->identity->pid && cgroups_open(cgroups, NULL))
        cgroup_open(*cgroups, (pid_t)domain->identity->pid, &group, NULL);
    return group;
}

static const char *file_text(struct value to, const char *unlimited, char text[24])
{
    if (to.kind == VALUE_UNLIMITED)
        return unlimited;
    g_snprintf(text, 24, "%" G_GUINT64_FORMAT, to.number);
    return text;
}

char *virt_group_echo(const struct domain *domain, enum cgroup_item item, struct value to)
{
    struct cgroups *cgroups;
    struct cgroup *group = group_of(domain, &cgroups);
    char text[24], *command = NULL;

    if (group) {
        enum cgroup_version version = cgroups_version(cgroups);
        g_autofree char *file = cgroup_file_path(group, item);
        g_autofree char *quoted = file ? text_shell_quote(file) : NULL;

        if (quoted)
            command = g_strdup_printf(
                "echo %s > %s", file_text(to, version == CGROUP_V2 ? "max" : "-1", text), quoted);
    }
    cgroup_close(group);
    cgroups_close(cgroups);
    return command;
}

/* What is kept now, as far as the picture tells. */
static struct kept kept_of(const struct snapshot *snapshot, const struct domain *domain)
{
    const struct tunable *rows = snapshot->backend->tunables;
    struct kept kept;

    kept_clear(&kept);
    for (size_t i = 0; rows[i].name; i++) {
        struct value now = snapshot_setting(snapshot, domain, &rows[i])->config;

        if (!value_known(now) ||
            (rows[i].carrier != &virt_group_file &&
             (rows[i].carrier != &virt_group_swap ||
              !virt_group_swap_is_own(snapshot, domain, &rows[i], SCOPE_CONFIG))))
            continue;
        if (!value_equal(now, default_of(item_of(&rows[i]))))
            kept.items[item_of(&rows[i])] = now;
    }
    return kept;
}

static char *kept_command(const struct snapshot *snapshot, const struct domain *domain,
                          const struct change *changes, size_t n)
{
    struct kept kept = kept_of(snapshot, domain);

    for (size_t i = 0; i < n; i++)
        kept.items[item_of(changes[i].tunable)] = value_to_keep(&changes[i]);
    g_autofree char *uri = text_shell_quote(snapshot->uri), *xml = kept_format(&kept);
    g_autofree char *quoted = xml ? text_shell_quote(xml) : NULL;
    return g_strdup_printf("virsh -c %s metadata %s %s --config --key %s %s%s", uri,
                           domain->identity->native_id, KEPT_NAMESPACE, KEPT_PREFIX,
                           quoted ? "--set " : "--remove", quoted ? quoted : "");
}

static char *live_command(const struct domain *domain, const struct change *change)
{
    return virt_group_echo(domain, item_of(change->tunable),
                           tunable_round(change->tunable, change->to));
}

char *virt_group_file_command(const struct snapshot *snapshot, const struct domain *domain,
                              const struct change *changes, size_t n)
{
    return changes[0].scope == SCOPE_LIVE ? live_command(domain, &changes[0]) : NULL;
}

/* One call for all that is kept, one for each control file. */
static const struct carrier kept_whole = {
    .name = "domain metadata",
    .whole = true,
    .read = file_read,
    .command = kept_command,
    .apply = kept_apply,
};

static const struct carrier *file_choose(const struct snapshot *snapshot,
                                         const struct domain *domain, const struct change *changes,
                                         size_t n, const struct change *change)
{
    return change->scope == SCOPE_CONFIG ? &kept_whole : &virt_group_file;
}

static char *file_shared(const struct domain *domain, const struct change *changes, size_t n)
{
    enum cgroup_item item = item_of(changes[0].tunable);
    struct value to = tunable_round(changes[0].tunable, changes[0].to);
    struct cgroups *cgroups;
    char *text = NULL;

    if (changes[0].scope != SCOPE_LIVE || !is_protection(item))
        return NULL;
    struct cgroup *group = group_of(domain, &cgroups);
    g_autoptr(GArray) levels =
        group ? protection_levels(group, item, to.kind == VALUE_UNLIMITED ? UINT64_MAX : to.number,
                                  NULL)
              : NULL;
    if (levels)
        text = protection_describe(levels, item);
    cgroup_close(group);
    cgroups_close(cgroups);
    return text;
}

const struct carrier virt_group_file = {
    .name = "control file, domain metadata",
    .choose = file_choose,
    .read = file_read,
    .refuses = file_refuses,
    .command = virt_group_file_command,
    .shared = file_shared,
    .apply = file_apply,
};

bool virt_group_keeps(const struct snapshot *snapshot, const struct domain *domain,
                      const struct change *changes, size_t n, const struct change *change)
{
    const struct carrier *carrier = change->tunable->carrier;

    if (change->scope != SCOPE_CONFIG)
        return false;
    return carrier == &virt_group_file ||
           (carrier == &virt_group_swap &&
            virt_group_swap_below_hard(snapshot, domain, changes, n, change));
}

/* --- resets --- */

static struct value reset_read(const struct virt_domain *domain, const struct tunable *row,
                               enum scope scope)
{
    if (scope == SCOPE_CONFIG)
        return value_unsupported("live_only: it counts while it runs");
    if (domain->connection->cgroup_version == 2)
        return value_unsupported("cgroup_v2: cgroup v2 cannot set it back");
    struct value lacks = lacking(domain->connection, item_of(row));
    return lacks.kind == VALUE_UNSUPPORTED ? lacks : virt_group_item(domain, item_of(row));
}

static bool reset_apply(struct virt_connection *connection, virDomainPtr domain,
                        const struct step *step, GError **error)
{
    const struct change *change = &step->changes[0];
    struct cgroup *group;

    if (change->to.kind != VALUE_CHOICE) {
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_UNSUPPORTED,
                    "%s cannot be set to a value, only reset", change->tunable->name);
        return false;
    }
    if (!virt_group_open(connection, domain, &group, error))
        return false;
    bool done = cgroup_reset(group, item_of(change->tunable), error);
    cgroup_close(group);
    return done;
}

static char *reset_command(const struct snapshot *snapshot, const struct domain *domain,
                           const struct change *changes, size_t n)
{
    const struct change change = {.tunable = changes[0].tunable, .to = value_number(0)};

    return live_command(domain, &change);
}

const struct carrier virt_group_reset = {
    .name = "control file",
    .read = reset_read,
    .refuses = file_refuses,
    .command = reset_command,
    .apply = reset_apply,
};
