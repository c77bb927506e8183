/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/support/cgroup-io.h"

#include <errno.h>
#include <glib.h>
#include <libcgroup.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* libcgroup's own logger writes to stdout, where the screen is. */
static void stay_silent(void *userdata, int level, const char *format, va_list arguments)
{
}

char *cgroup_io_mount_point(void)
{
    char *mount_point = NULL;

    cgroup_set_logger(stay_silent, CGROUP_LOG_WARNING, NULL);
    if (cgroup_init() != 0 || cgroup_get_subsys_mount_point("memory", &mount_point) != 0) {
        return NULL;
    }
    char *copy = g_strdup(mount_point);
    free(mount_point);
    return copy;
}

/* A missing file, a missing group and a file that may not be opened are one code in libcgroup. */
static int why_not_opened(const char *mount_point, const char *path, const char *file)
{
    g_autofree char *name = g_strconcat(mount_point, path, "/", file, NULL);

    return access(name, F_OK) != 0 ? ENOENT : access(name, W_OK) != 0 ? errno : EIO;
}

/* A group with this one value only: what cgroup_get_cgroup() reads, cgroup_modify_cgroup() writes
 * back whole, over whatever somebody else changed in between. */
int cgroup_io_write(const char *mount_point, const char *path, const char *file, const char *text)
{
    struct cgroup *group = cgroup_new_cgroup(path + strspn(path, "/"));
    struct cgroup_controller *controller = group ? cgroup_add_controller(group, "memory") : NULL;
    int status = ENOMEM;

    if (controller && cgroup_add_value_string(controller, file, text) == 0) {
        switch (cgroup_modify_cgroup(group)) {
        case 0:
            status = 0;
            break;
        case ECGOTHER:
            status = cgroup_get_last_errno();
            break;
        default:
            status = why_not_opened(mount_point, path, file);
            break;
        }
    }
    cgroup_free(&group);
    return status;
}
