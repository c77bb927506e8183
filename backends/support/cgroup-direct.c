/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/support/cgroup-io.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <string.h>
#include <unistd.h>

static gboolean has_option(const char *options, const char *wanted)
{
    g_auto(GStrv) list = g_strsplit(options, ",", -1);

    return g_strv_contains((const char *const *)list, wanted);
}

static gboolean has_memory(const char *mount_point)
{
    g_autofree char *name = g_build_filename(mount_point, "cgroup.controllers", NULL);
    g_autofree char *controllers = NULL;

    return g_file_get_contents(name, &controllers, NULL, NULL) && strstr(controllers, "memory");
}

/* proc(5): device, mount point, type, options; blanks are octal escapes. v1 wins on a host that has
 * both, as the kernel gives a controller to one of them only. */
char *cgroup_io_mount_point(void)
{
    g_autofree char *mounts = NULL;
    g_autofree char *v2 = NULL;

    if (!g_file_get_contents("/proc/self/mounts", &mounts, NULL, NULL)) {
        return NULL;
    }
    g_auto(GStrv) lines = g_strsplit(mounts, "\n", -1);
    for (size_t i = 0; lines[i]; i++) {
        g_auto(GStrv) words = g_strsplit(lines[i], " ", 5);
        if (g_strv_length(words) < 4) {
            continue;
        }
        g_autofree char *point = g_strcompress(words[1]);
        if (!strcmp(words[2], "cgroup") && has_option(words[3], "memory")) {
            return g_steal_pointer(&point);
        }
        if (!strcmp(words[2], "cgroup2") && !v2 && has_memory(point)) {
            v2 = g_steal_pointer(&point);
        }
    }
    return g_steal_pointer(&v2);
}

int cgroup_io_write(const char *mount_point, const char *path, const char *file, const char *text)
{
    g_autofree char *name = g_strconcat(mount_point, path, "/", file, NULL);
    int fd = open(name, O_WRONLY | O_CLOEXEC);

    if (fd < 0) {
        return errno;
    }
    int status = write(fd, text, strlen(text)) < 0 ? errno : 0;
    close(fd);
    return status;
}
