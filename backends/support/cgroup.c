/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/support/cgroup.h"

#include "backends/support/cgroup-files.h"
#include "backends/support/cgroup-io.h"
#include "backends/support/cgroup-private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

/* memory.stat of a current kernel is 2 KiB; libcgroup cuts at 4 KiB, we would rather see it all. */
#define TEXT_MAX 16384

#define FD_UNOPENED (-1)
#define FD_ABSENT (-2)

#define CGROUP2_MAGIC 0x63677270 /* statfs(2) */

static bool has_file(const struct cgroups *cgroups, const char *path, enum cgroup_item item)
{
    g_autofree char *name =
        g_strconcat(cgroups->mount_point, path, "/", cgroup_file(cgroups->version, item), NULL);

    return access(name, F_OK) == 0;
}

bool cgroups_open(struct cgroups **ret, GError **error)
{
    char *mount_point = cgroup_io_mount_point();
    struct statfs info;

    if (!mount_point || statfs(mount_point, &info) != 0) {
        g_free(mount_point);
        g_set_error_literal(error, BACKEND_ERROR, BACKEND_ERROR_UNSUPPORTED,
                            "no memory controller of control groups is mounted here");
        return false;
    }
    struct cgroups *cgroups = g_new0(struct cgroups, 1);
    cgroups->mount_point = mount_point;
    cgroups->version = info.f_type == CGROUP2_MAGIC ? CGROUP_V2 : CGROUP_V1;
    cgroups->parents = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    *ret = cgroups;
    return true;
}

void cgroups_close(struct cgroups *cgroups)
{
    if (cgroups) {
        g_hash_table_unref(cgroups->parents);
        g_free(cgroups->mount_point);
        g_free(cgroups);
    }
}

enum cgroup_version cgroups_version(const struct cgroups *cgroups)
{
    return cgroups->version;
}

void cgroups_new_tick(struct cgroups *cgroups)
{
    g_hash_table_remove_all(cgroups->parents);
}

bool cgroup_open_path(struct cgroups *cgroups, const char *path, struct cgroup **ret, GError **error)
{
    if (!has_file(cgroups, path, CGROUP_USAGE)) {
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_GONE, "there is no control group %s", path);
        return false;
    }
    struct cgroup *group = g_new0(struct cgroup, 1);
    group->cgroups = cgroups;
    group->path = g_strdup(path);
    for (unsigned i = 0; i < CGROUP_FILES; i++) {
        group->fds[i] = FD_UNOPENED;
    }
    *ret = group;
    return true;
}

/* cgroups(7): "0::/path" is v2, "N:controller,controller:/path" is v1; the path may hold colons. */
static char *path_of_process(const char *text, enum cgroup_version version)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (size_t i = 0; lines[i]; i++) {
        g_auto(GStrv) parts = g_strsplit(lines[i], ":", 3);
        if (g_strv_length(parts) < 3) {
            continue;
        }
        g_auto(GStrv) controllers = g_strsplit(parts[1], ",", -1);
        bool ours = version == CGROUP_V2
                        ? !strcmp(parts[0], "0") && !*parts[1]
                        : g_strv_contains((const char *const *)controllers, "memory");
        if (ours) {
            return g_strdup(parts[2]);
        }
    }
    return NULL;
}

bool cgroup_open(struct cgroups *cgroups, pid_t pid, struct cgroup **ret, GError **error)
{
    g_autofree char *name = g_strdup_printf("/proc/%ld/cgroup", (long)pid);
    g_autofree char *text = NULL;

    if (!g_file_get_contents(name, &text, NULL, NULL)) {
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_GONE, "there is no process %ld", (long)pid);
        return false;
    }
    g_autofree char *path = path_of_process(text, cgroups->version);
    if (!path || g_str_has_prefix(path, "/..")) {
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_UNSUPPORTED,
                    "the control group of process %ld is outside of this namespace", (long)pid);
        return false;
    }
    /* emulator and vcpuN are threaded groups, without files of the memory controller. */
    while (*path && !has_file(cgroups, path, CGROUP_LIMIT)) {
        char *slash = strrchr(path, '/');
        *(slash ? slash : path) = '\0';
    }
    if (!*path || !strcmp(path, "/")) {
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_UNSUPPORTED,
                    "process %ld has no control group of its own", (long)pid);
        return false;
    }
    return cgroup_open_path(cgroups, path, ret, error);
}

void cgroup_close(struct cgroup *group)
{
    for (unsigned i = 0; group && i < CGROUP_FILES; i++) {
        if (group->fds[i] >= 0) {
            close(group->fds[i]);
        }
    }
    if (group) {
        g_free(group->path);
        g_free(group);
    }
}

const char *cgroup_path(const struct cgroup *group)
{
    return group->path;
}

char *cgroup_file_path(const struct cgroup *group, enum cgroup_item item)
{
    const char *file = cgroup_file(group->cgroups->version, item);

    return file ? g_strconcat(group->cgroups->mount_point, group->path, "/", file, NULL) : NULL;
}

static const char *why_unreadable(int number)
{
    switch (number) {
    case EACCES:
    case EPERM:
        return "permission: this user may not read the control group";
    default:
        return "control_file: a control file cannot be read";
    }
}

static int open_file(struct cgroup *group, unsigned file, struct cgroup_reading *reading)
{
    enum cgroup_version version = group->cgroups->version;
    g_autofree char *name = g_strconcat(group->cgroups->mount_point, group->path, "/",
                                        cgroup_files[version][file].name, NULL);

    int fd = open(name, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT) {
        cgroup_parse_missing(version, file, value_unsupported("kernel: this kernel has no such file"),
                             reading);
        fd = FD_ABSENT;
    } else if (fd < 0) {
        cgroup_parse_missing(version, file, value_unknown(why_unreadable(errno)), reading);
        fd = FD_UNOPENED;
    }
    return group->fds[file] = fd;
}

static void read_file(struct cgroup *group, unsigned file, struct cgroup_reading *reading,
                      bool *gone)
{
    enum cgroup_version version = group->cgroups->version;
    char text[TEXT_MAX];
    int fd = group->fds[file];

    if (fd == FD_ABSENT) {
        cgroup_parse_missing(version, file, value_unsupported("kernel: this kernel has no such file"),
                             reading);
        return;
    }
    if (fd == FD_UNOPENED && (fd = open_file(group, file, reading)) < 0) {
        return;
    }
    ssize_t length = pread(fd, text, sizeof(text) - 1, 0);
    if (length < 0 && errno == ENODEV) {
        *gone = true;
        return;
    }
    if (length < 0) {
        /* memory.pressure with psi=0 opens and does not read. */
        const char *reason = errno == EOPNOTSUPP ? "kernel: this kernel was booted without it"
                                                 : why_unreadable(errno);
        cgroup_parse_missing(version, file, value_unknown(reason), reading);
        return;
    }
    text[length] = '\0';
    cgroup_parse(version, file, text, reading);
}

bool cgroup_read(struct cgroup *group, enum cgroup_set set, struct cgroup_reading *reading,
                 GError **error)
{
    enum cgroup_version version = group->cgroups->version;
    bool gone = false;

    if (set == CGROUP_READ_ALL) {
        cgroup_parse_absent(version, reading);
    }
    for (unsigned i = 0; i < CGROUP_FILES && !gone; i++) {
        const struct cgroup_file *file = &cgroup_files[version][i];
        if (file->name && (file->hot || set == CGROUP_READ_ALL)) {
            read_file(group, i, reading, &gone);
        }
    }
    /* A group removed before its first read has no files rather than dead ones. */
    if (gone || (group->fds[0] < 0 && !has_file(group->cgroups, group->path, CGROUP_USAGE))) {
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_GONE, "the control group %s is gone",
                    group->path);
        return false;
    }
    return true;
}

struct value cgroup_droppable(const struct cgroup_reading *reading)
{
    uint64_t inactive, active, mapped = 0, shmem = 0, dirty = 0, writeback = 0;

    if (!value_get(reading->items[CGROUP_INACTIVE_FILE], &inactive) ||
        !value_get(reading->items[CGROUP_ACTIVE_FILE], &active)) {
        return value_unknown("no_split: the kernel does not say what could be dropped");
    }
    value_get(reading->items[CGROUP_MAPPED], &mapped);
    value_get(reading->items[CGROUP_SHMEM], &shmem);
    value_get(reading->items[CGROUP_DIRTY], &dirty);
    value_get(reading->items[CGROUP_WRITEBACK], &writeback);
    /* Mapped shared memory is no file page: it is on the anonymous lists. */
    uint64_t kept = (mapped > shmem ? mapped - shmem : 0) + dirty + writeback;
    return value_number(inactive + active > kept ? inactive + active - kept : 0);
}

/* A limited ancestor, or one without a limit (kind WALL_NONE). */
static struct wall read_parent(struct cgroups *cgroups, const char *path)
{
    struct wall wall = {.owner = g_intern_string(path + 1), .kind = WALL_NONE};
    struct cgroup_reading reading = {0};
    struct cgroup *group;
    uint64_t droppable = 0;

    if (!cgroup_open_path(cgroups, path, &group, NULL)) {
        return wall;
    }
    if (cgroup_read(group, CGROUP_READ_HOT, &reading, NULL) &&
        value_get(reading.items[CGROUP_LIMIT], &wall.limit) &&
        value_get(reading.items[CGROUP_USAGE], &wall.needed)) {
        value_get(cgroup_droppable(&reading), &droppable);
        wall.needed -= MIN(droppable, wall.needed);
        wall.kind = WALL_KILLS;
    }
    cgroup_close(group);
    return wall;
}

void cgroup_parents(struct cgroup *group, void (*f)(const struct wall *wall, void *data), void *data)
{
    g_autofree char *path = g_strdup(group->path);
    char *slash;

    while ((slash = strrchr(path, '/')) && slash != path) {
        *slash = '\0';
        struct wall *wall = g_hash_table_lookup(group->cgroups->parents, path);
        if (!wall) {
            struct wall fresh = read_parent(group->cgroups, path);
            wall = g_memdup2(&fresh, sizeof(fresh));
            g_hash_table_insert(group->cgroups->parents, g_strdup(path), wall);
        }
        if (wall->kind != WALL_NONE) {
            f(wall, data);
        }
    }
}
