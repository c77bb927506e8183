/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What usage, limits, events and the split of one control group cost: files held open (ours), the
 * same files by libcgroup, and virDomainGetInfo with virDomainGetMemoryParameters of one domain.
 * usage: groups PID [URI NAME]; the group is the one of PID. Prints microseconds for one domain.
 */
#include "backends/support/cgroup-files.h"
#include "backends/support/cgroup-io.h"
#include "backends/support/cgroup.h"
#include "config.h"
#include "tests/bench/domains.h"

#include <fcntl.h>
#include <libvirt/libvirt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifdef HAVE_LIBCGROUP
#include <libcgroup.h>
#endif

#define ROUNDS 10000

static void print(const char *what, guint64 begin, unsigned rounds)
{
    printf("%-40s %8.2f us\n", what, (double)(bench_cpu_ns() - begin) / rounds / 1000.0);
}

static void held(struct cgroup *group)
{
    struct cgroup_reading reading = {0};

    cgroup_read(group, CGROUP_READ_ALL, &reading, NULL);
    guint64 begin = bench_cpu_ns();
    for (unsigned i = 0; i < ROUNDS; i++)
        cgroup_read(group, CGROUP_READ_HOT, &reading, NULL);
    print("held open, split (memory.stat) included", begin, ROUNDS);
}

/* Usage, limits and events alone: what the split costs is the difference. */
static void held_files(const char *path, enum cgroup_version version)
{
    g_autofree char *mount_point = cgroup_io_mount_point();
    int fds[CGROUP_FILES];
    char text[4096];
    size_t n = 0;

    for (unsigned k = 0; k < CGROUP_FILES; k++) {
        const struct cgroup_file *file = &cgroup_files[version][k];
        g_autofree char *name =
            file->name ? g_strconcat(mount_point, path, "/", file->name, NULL) : NULL;
        if (name && file->hot && strcmp(file->name, "memory.stat") != 0 &&
            strcmp(file->name, "memory.pressure") != 0)
            fds[n++] = open(name, O_RDONLY | O_CLOEXEC);
    }
    guint64 begin = bench_cpu_ns();
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct cgroup_reading reading = {0};
        for (size_t k = 0; k < n; k++) {
            ssize_t length = pread(fds[k], text, sizeof text - 1, 0);
            text[MAX(length, 0)] = '\0';
        }
        cgroup_parse(version, 0, text, &reading);
    }
    print("held open, usage, limits and events", begin, ROUNDS);
    while (n)
        close(fds[--n]);
}

#ifdef HAVE_LIBCGROUP
static void by_libcgroup(const char *path, enum cgroup_version version)
{
    guint64 begin = bench_cpu_ns();
    for (unsigned i = 0; i < ROUNDS / 10; i++) {
        for (unsigned k = 0; k < CGROUP_FILES; k++) {
            const struct cgroup_file *file = &cgroup_files[version][k];
            char text[4096];
            void *handle = NULL;
            if (file->name && file->hot)
                cgroup_read_value_begin("memory", path, (char *)file->name, &handle, text,
                                        sizeof text);
            if (handle)
                cgroup_read_value_end(&handle);
        }
    }
    print("the same files by libcgroup", begin, ROUNDS / 10);
}
#endif

static void by_libvirt(const char *uri, const char *name)
{
    virConnectPtr connection = virConnectOpen(uri);
    virDomainPtr domain = connection ? virDomainLookupByName(connection, name) : NULL;
    gint64 begin = g_get_monotonic_time();

    for (unsigned i = 0; domain && i < 500; i++) {
        virTypedParameter values[16] = {0};
        virDomainInfo info;
        int n = G_N_ELEMENTS(values);
        virDomainGetInfo(domain, &info);
        virDomainGetMemoryParameters(domain, values, &n, 0);
        virTypedParamsClear(values, n);
    }
    printf("%-40s %8.2f us (elapsed)\n", "usage and limits by libvirt",
           (double)(g_get_monotonic_time() - begin) / 500);
    if (domain)
        virDomainFree(domain);
    if (connection)
        virConnectClose(connection);
}

int main(int argc, char **argv)
{
    struct cgroups *cgroups = NULL;
    struct cgroup *group = NULL;
    g_autoptr(GError) error = NULL;

    if (argc < 2 || !cgroups_open(&cgroups, &error) ||
        !cgroup_open(cgroups, (pid_t)atoi(argv[1]), &group, &error)) {
        fprintf(stderr, "groups: %s\n", error ? error->message : "which process?");
        return 1;
    }
    held(group);
    held_files(cgroup_path(group), cgroups_version(cgroups));
#ifdef HAVE_LIBCGROUP
    by_libcgroup(cgroup_path(group), cgroups_version(cgroups));
#endif
    if (argc > 3)
        by_libvirt(argv[2], argv[3]);
    cgroup_close(group);
    cgroups_close(cgroups);
    return 0;
}
