/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/support/virt-group.h"

#include "backends/support/kernel-log.h"
#include "backends/support/virt-events.h"
#include "backends/support/virt-group-rows.h"
#include "backends/support/virt-oom.h"
#include "backends/support/virt-process.h"
#include "model/text.h"

#include <string.h>
#include <unistd.h>

#define DEATH_SECONDS 60 /* from the kill to the picture in which it is off */

/* virt_connection.own */
struct groups {
    struct cgroups *cgroups; /* NULL: not this machine's, or none are mounted */
    struct virt_processes *processes;
    struct virt_oom *oom;
};

void virt_groups_opened(struct virt_connection *connection)
{
    struct groups *groups = g_new0(struct groups, 1);

    connection->own = groups;
    if (!connection->local || !cgroups_open(&groups->cgroups, NULL))
        return;
    connection->cgroup_version = cgroups_version(groups->cgroups) == CGROUP_V2 ? 2 : 1;
    groups->processes = virt_processes_new(connection->driver->backend->name);
    groups->oom = virt_oom_new();
}

void virt_groups_closed(struct virt_connection *connection)
{
    struct groups *groups = connection->own;

    if (!groups)
        return;
    virt_oom_free(groups->oom);
    virt_processes_free(groups->processes);
    cgroups_close(groups->cgroups);
    g_free(groups);
    connection->own = NULL;
}

void virt_groups_tick(struct virt_connection *connection, struct host *host)
{
    struct groups *groups = connection->own;

    if (!groups->cgroups)
        return;
    cgroups_new_tick(groups->cgroups);
    virt_processes_new_tick(groups->processes);
    virt_oom_tick(groups->oom, connection, host);
}

/* --- finding and following --- */

static void group_free(gpointer data)
{
    struct virt_group *held = data;

    if (!held)
        return;
    cgroup_close(held->group);
    g_free(held->parents);
    g_free(held->path);
    g_free(held);
}

static void let_go(struct virt_group *held, const char *reason)
{
    cgroup_close(held->group);
    g_free(held->parents);
    *held = (struct virt_group){.id = held->id, .path = held->path, .gap = value_unknown(reason)};
}

static const char *why_not_found(const GError *error)
{
    if (g_error_matches(error, BACKEND_ERROR, BACKEND_ERROR_UNSUPPORTED))
        return "no_group: its process has no control group of its own that can be seen here";
    return "gone: its control group is gone";
}

static void find(struct groups *groups, const struct virt_domain *domain, struct virt_group *held)
{
    g_autoptr(GError) error = NULL;

    held->id = domain->id;
    held->pid = virt_process_of(groups->processes, domain->name, domain->uuid_text, domain->id);
    if (!held->pid) {
        let_go(held, geteuid() ? "permission: this user cannot see its process: run as root"
                               : "no_process: its process was not found");
    } else if (!cgroup_open(groups->cgroups, held->pid, &held->group, &error)) {
        let_go(held, why_not_found(error));
    } else {
        const char *path = cgroup_path(held->group), *slash = strrchr(path, '/');

        g_free(held->path);
        held->path = g_strdup(path);
        held->parents = slash > path ? g_strndup(path + 1, (gsize)(slash - path - 1)) : NULL;
    }
}

static struct value limit_of(const struct virt_group *held, enum cgroup_item item)
{
    return held->reading.items[item];
}

/* The limits as the kernel has them, so that libvirt need not be asked for them. */
static void take_limits(struct virt_connection *connection, struct virt_domain *domain)
{
    const struct virt_group *held = domain->own;
    const enum cgroup_item swap =
        connection->cgroup_version == 2 ? CGROUP_SWAP_MAX : CGROUP_MEMSW_LIMIT;
    const struct {
        enum virt_param param;
        enum cgroup_item item;
    } rows[] = {
        {VIRT_PARAM_HARD, CGROUP_LIMIT},
        {VIRT_PARAM_SOFT, CGROUP_SOFT},
        {VIRT_PARAM_SWAP, swap},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct value now = limit_of(held, rows[i].item);

        if (!value_equal(domain->params[rows[i].param], now))
            domain->changed = true;
        domain->params[rows[i].param] = now;
    }
}

static bool read_group(struct virt_group *held, bool all)
{
    return held->group &&
           cgroup_read(held->group, all ? CGROUP_READ_ALL : CGROUP_READ_HOT, &held->reading, NULL);
}

/* libvirt takes a container whose first process was killed for one that was shut down, and says of
 * a machine only that it failed; the counters of its group are gone with it. */
static void find_cause(struct virt_domain *domain)
{
    const struct virt_group *held = domain->own;
    g_autofree char *victim =
        held && held->path ? kernel_log_last_victim(held->path, DEATH_SECONDS) : NULL;

    if (!victim)
        return;
    g_autofree char *clean = text_clean(victim);
    g_autofree char *reason =
        g_strdup_printf(VIRT_ENDED_OOM "the kernel killed its %s: out of memory", clean);
    domain->ended = g_intern_string(reason);
    domain->changed = true;
    if (!domain->ended_time)
        domain->ended_time = g_get_real_time() / G_USEC_PER_SEC;
}

bool virt_group_look(struct virt_connection *connection, struct virt_domain *domain, bool close)
{
    struct groups *groups = connection->own;
    struct virt_group *held = domain->own;
    bool fresh = !held || !held->group;

    if (!groups->cgroups)
        return false;
    if (!domain->active) {
        find_cause(domain);
        g_clear_pointer(&domain->own, group_free);
        return false;
    }
    if (!held) {
        held = domain->own = g_new0(struct virt_group, 1);
        domain->own_free = group_free;
    } else if (held->id != domain->id) {
        let_go(held, "gone: its control group is gone");
        fresh = true;
    }
    if (!held->group)
        find(groups, domain, held);
    if (!read_group(held, close || fresh) && held->group) {
        /* It went; perhaps it is back already under another process. */
        let_go(held, "gone: its control group is gone");
        virt_processes_forget(groups->processes);
        find(groups, domain, held);
        fresh = true;
        if (!read_group(held, true) && held->group)
            let_go(held, "gone: its control group is gone");
    }
    domain->changed |= fresh;
    if (!held->group)
        return false;
    take_limits(connection, domain);
    return true;
}

struct value virt_group_item(const struct virt_domain *domain, enum cgroup_item item)
{
    const struct virt_group *held = domain->own;

    if (!domain->connection->local)
        return value_unknown("remote: control groups are seen only on the host itself");
    if (!held)
        return value_unknown("no_group: no control groups of this machine are mounted here");
    return held->group ? held->reading.items[item] : held->gap;
}

bool virt_group_open(struct virt_connection *connection, virDomainPtr domain, struct cgroup **ret,
                     GError **error)
{
    struct groups *groups = connection->own;
    char uuid[VIR_UUID_STRING_BUFLEN];
    int id = (int)virDomainGetID(domain);

    if (!groups->cgroups) {
        g_set_error_literal(error, BACKEND_ERROR, BACKEND_ERROR_UNSUPPORTED,
                            connection->local
                                ? "no control groups of this machine are mounted here"
                                : "control groups are written only on the host itself");
        return false;
    }
    virDomainGetUUIDString(domain, uuid);
    virt_processes_forget(groups->processes);
    pid_t pid = virt_process_of(groups->processes, virDomainGetName(domain), uuid, id);
    if (!pid) {
        g_set_error_literal(error, BACKEND_ERROR, BACKEND_ERROR_GONE,
                            "its process was not found: it stopped, or this user may not see it");
        return false;
    }
    return cgroup_open(groups->cgroups, pid, ret, error);
}

/* --- into the picture --- */

struct wall_target {
    struct snapshot_builder *builder;
};

static void add_wall(const struct wall *wall, void *data)
{
    snapshot_builder_wall(((struct wall_target *)data)->builder, wall);
}

void virt_group_fill(const struct virt_connection *connection, const struct virt_domain *domain,
                     struct snapshot_builder *builder, struct draft *draft)
{
    const struct virt_group *held = domain->own;

    for (size_t i = 0; i < VIRT_GROUP_ROWS_; i++)
        draft->figures[i] = virt_group_item(domain, virt_group_rows[i]);
    if (!held || !held->group)
        return;
    draft->figures[VIRT_GROUP_DROPPABLE] = cgroup_droppable(&held->reading);
    if (held->reading.items[CGROUP_UNDER_OOM].kind == VALUE_NUMBER)
        draft->figures[VIRT_GROUP_UNDER_OOM] =
            value_choice(held->reading.items[CGROUP_UNDER_OOM].number != 0, 0);
    draft->pid = held->pid;
    draft->parents = held->parents;
    cgroup_parents(held->group, add_wall, &(struct wall_target){builder});
}
