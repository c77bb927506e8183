/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/support/virt-oom.h"

#include "backends/support/virt-group.h"
#include "model/size.h"

#include <string.h>

#define LOOK_AGAIN_US (10 * G_USEC_PER_SEC)

struct virt_oom {
    pid_t pid;  /* 0: nobody */
    char *comm; /* its short name */
    char *path; /* lines of /proc/PID/cgroup */
    gint64 looked_us;
};

struct virt_oom *virt_oom_new(void)
{
    return g_new0(struct virt_oom, 1);
}

static void forget(struct virt_oom *oom)
{
    g_clear_pointer(&oom->comm, g_free);
    g_clear_pointer(&oom->path, g_free);
    oom->pid = 0;
}

void virt_oom_free(struct virt_oom *oom)
{
    if (oom)
        forget(oom);
    g_free(oom);
}

static char *process_file(const char *pid, const char *file)
{
    g_autofree char *path = g_strdup_printf("/proc/%s/%s", pid, file);
    char *text = NULL;

    return g_file_get_contents(path, &text, NULL, NULL) ? g_strchomp(text) : NULL;
}

static void look(struct virt_oom *oom)
{
    GDir *directory = g_dir_open("/proc", 0, NULL);
    const char *name;
    guint64 worst = 0;
    char pid[16] = "";

    forget(oom);
    oom->looked_us = g_get_monotonic_time();
    while (directory && (name = g_dir_read_name(directory))) {
        g_autofree char *text = g_ascii_isdigit(*name) ? process_file(name, "oom_score") : NULL;
        guint64 score = text ? g_ascii_strtoull(text, NULL, 10) : 0;

        if (score > worst) {
            worst = score;
            g_strlcpy(pid, name, sizeof(pid));
        }
    }
    if (directory)
        g_dir_close(directory);
    if (!*pid)
        return;
    oom->pid = (pid_t)g_ascii_strtoull(pid, NULL, 10);
    oom->comm = process_file(pid, "comm");
    oom->path = process_file(pid, "cgroup");
}

/* A line of /proc/PID/cgroup ends with the group's path or with one below it. */
static bool is_inside(const char *lines, const char *path)
{
    size_t length = strlen(path);

    for (const char *at = strstr(lines, path); at; at = strstr(at + 1, path)) {
        if (at > lines && at[-1] == ':' && strchr("/\n", at[length]))
            return true;
    }
    return false;
}

static const char *domain_of(const struct virt_oom *oom, const struct virt_connection *connection)
{
    for (guint i = 0; oom->path && i < connection->order->len; i++) {
        const struct virt_domain *domain = connection->order->pdata[i];
        const struct virt_group *held = domain->own;

        if (held && held->group && is_inside(oom->path, cgroup_path(held->group)))
            return domain->name;
    }
    return NULL;
}

void virt_oom_tick(struct virt_oom *oom, const struct virt_connection *connection,
                   struct host *host)
{
    g_autoptr(GString) text = g_string_new(NULL);
    char size[SIZE_TEXT_MAX];
    uint64_t swap;

    if (!oom->looked_us || g_get_monotonic_time() - oom->looked_us > LOOK_AGAIN_US)
        look(oom);
    g_string_append_printf(text, "cgroup v%u", connection->cgroup_version);
    if (value_get(host->swap_total, &swap))
        g_string_append_printf(text, ", %s%s", swap ? "swap " : "no swap",
                               swap ? size_format(swap, size) : "");
    if (oom->pid) {
        const char *domain = domain_of(oom, connection);

        g_string_append_printf(text, ", out of memory it kills %s%s%s first", domain ? domain : "",
                               domain ? "'s " : "", oom->comm ? oom->comm : "a process");
    }
    if (g_strcmp0(host->detail, text->str) != 0)
        host_set(&host->detail, text->str);
}
