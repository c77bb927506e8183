/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/hook.h"

#include "backends/support/cgroup.h"
#include "backends/support/kept.h"
#include "model/text.h"

#include <errno.h>
#include <gio/gio.h>
#include <gio/gunixinputstream.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define XML_MAX (16 * 1024 * 1024)

const char *const hook_drivers[] = {"qemu", "lxc", NULL};

/* The daemons that may serve a driver: the monolithic one, and the modular ones. */
static const struct {
    const char *driver, *name;
} daemons[] = {
    {"qemu", "libvirtd"},
    {"qemu", "virtqemud"},
    {"lxc", "libvirtd"},
    {"lxc", "virtlxcd"},
};

char *hook_path(const char *driver)
{
    return g_strdup_printf("/etc/libvirt/hooks/%s.d/virt-memtune", driver);
}

char *hook_text(const char *driver, const char *program)
{
    g_autofree char *quoted = text_shell_quote(program);

    return g_strdup_printf(
        "#!/bin/sh\n"
        "# Gives a starting domain the memory settings that libvirt does not keep\n"
        "# (swappiness, low, min, swap). Written by: virt-memtune hook install\n"
        "[ \"$2 $3\" = \"started begin\" ] || exit 0\n"
        "timeout 5 %s restore --hook %s \"$1\" >/dev/null 2>&1\n"
        "exit 0\n",
        quoted, driver);
}

int hook_installed(const char *driver, const char *program)
{
    g_autofree char *path = hook_path(driver);
    g_autofree char *wanted = hook_text(driver, program);
    g_autofree char *text = NULL;

    if (!g_file_get_contents(path, &text, NULL, NULL)) {
        return access(path, F_OK) == 0 ? -1 : 0;
    }
    return !strcmp(text, wanted) ? 1 : -1;
}

/* A daemon that was killed leaves its pid file behind, and the number may be somebody else's now.
 */
static pid_t pid_of_daemon(const char *name)
{
    g_autofree char *file = g_strdup_printf("/run/%s.pid", name);
    g_autofree char *text = NULL, *comm = NULL;
    guint64 pid;

    if (!g_file_get_contents(file, &text, NULL, NULL) ||
        !g_ascii_string_to_unsigned(g_strchomp(text), 10, 2, G_MAXINT, &pid, NULL)) {
        return 0;
    }
    g_autofree char *comm_file = g_strdup_printf("/proc/%" G_GUINT64_FORMAT "/comm", pid);
    bool is_it =
        g_file_get_contents(comm_file, &comm, NULL, NULL) && !strcmp(g_strchomp(comm), name);
    return is_it ? (pid_t)pid : 0;
}

/* libvirtd looks for hooks only when it starts or reloads. */
static bool reload(const char *driver)
{
    bool told = false;

    for (size_t i = 0; i < G_N_ELEMENTS(daemons); i++) {
        pid_t pid = strcmp(daemons[i].driver, driver) ? 0 : pid_of_daemon(daemons[i].name);
        told |= pid && kill(pid, SIGHUP) == 0;
    }
    return told;
}

static bool refuse_foreign(const char *path, GError **error)
{
    g_set_error(
        error, BACKEND_ERROR, BACKEND_ERROR_CONFLICT,
        "%s is not as this program would write it: look at it, and move it away if it may go",
        path);
    return false;
}

bool hook_install(const char *driver, const char *program, bool *told, GError **error)
{
    g_autofree char *path = hook_path(driver);
    g_autofree char *directory = g_path_get_dirname(path);
    g_autofree char *text = hook_text(driver, program);
    g_autoptr(GError) problem = NULL;

    if (hook_installed(driver, program) < 0) {
        return refuse_foreign(path, error);
    }
    if (g_mkdir_with_parents(directory, 0755) != 0) {
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_PERMISSION, "cannot make %s: %s", directory,
                    g_strerror(errno));
        return false;
    }
    if (!g_file_set_contents_full(path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0755, &problem)) {
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_PERMISSION, "cannot write %s: %s", path,
                    problem->message);
        return false;
    }
    /* The mode above is masked by the umask; a hook that cannot be run stops every start. */
    if (chmod(path, 0755) != 0) {
        int number = errno;
        unlink(path);
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_PERMISSION, "cannot make %s executable: %s",
                    path, g_strerror(number));
        return false;
    }
    *told = reload(driver);
    return true;
}

bool hook_remove(const char *driver, const char *program, bool *told, GError **error)
{
    g_autofree char *path = hook_path(driver);
    int installed = hook_installed(driver, program);

    if (installed < 0) {
        return refuse_foreign(path, error);
    }
    if (installed && unlink(path) != 0) {
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_PERMISSION, "cannot remove %s: %s", path,
                    g_strerror(errno));
        return false;
    }
    *told = installed && reload(driver);
    return true;
}

static char *read_all(int input, GError **error)
{
    g_autoptr(GInputStream) stream = g_unix_input_stream_new(input, FALSE);
    GString *text = g_string_new(NULL);
    char part[16384];
    gssize length;

    while ((length = g_input_stream_read(stream, part, sizeof(part), NULL, error)) > 0 &&
           text->len < XML_MAX) {
        g_string_append_len(text, part, length);
    }
    return g_string_free(text, length < 0);
}

static pid_t process_of(const char *driver, const char *name)
{
    g_autofree char *path = g_strdup_printf("/run/libvirt/%s/%s.pid", driver, name);
    g_autofree char *text = NULL;
    guint64 pid;

    if (strchr(name, '/') || !g_file_get_contents(path, &text, NULL, NULL) ||
        !g_ascii_string_to_unsigned(g_strchomp(text), 10, 2, G_MAXINT, &pid, NULL)) {
        return 0;
    }
    return (pid_t)pid;
}

bool hook_restore(const char *driver, const char *name, int input, GError **error)
{
    struct kept kept;
    struct cgroups *cgroups = NULL;
    struct cgroup *group = NULL;

    if (!g_strv_contains(hook_drivers, driver)) {
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_UNSUPPORTED, "no hook for the driver %s",
                    driver);
        return false;
    }
    g_autofree char *xml = read_all(input, error);
    if (!xml || !kept_parse(xml, &kept, error)) {
        return false;
    }
    if (kept_is_empty(&kept)) {
        return true;
    }
    pid_t pid = process_of(driver, name);
    if (!pid) {
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_GONE,
                    "/run/libvirt/%s has no process of it", driver);
        return false;
    }
    bool done = cgroups_open(&cgroups, error) && cgroup_open(cgroups, pid, &group, error) &&
                kept_write(&kept, group, error);
    cgroup_close(group);
    cgroups_close(cgroups);
    return done;
}
