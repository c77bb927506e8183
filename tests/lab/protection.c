/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * memory.low and memory.min on every level, with and without systemd. Needs root and cgroup v2; on
 * v1 the one thing to show is that it says so.
 */
#include "backends/support/cgroup-io.h"
#include "backends/support/protection.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define MIB (UINT64_C(1) << 20)

static struct cgroups *cgroups;

static void set_up(void)
{
    cr_assert(cgroups_open(&cgroups, NULL));
}

static void tear_down(void)
{
    cgroups_close(cgroups);
}

TestSuite(protection, .init = set_up, .fini = tear_down, .timeout = 120);

static char *file_of(const char *path, const char *file)
{
    g_autofree char *mount_point = cgroup_io_mount_point();

    return g_strconcat(mount_point, path, "/", file, NULL);
}

static void put(const char *path, const char *file, const char *text)
{
    g_autofree char *name = file_of(path, file);
    FILE *stream = fopen(name, "w");

    cr_assert(stream, "%s", name);
    cr_assert(fputs(text, stream) >= 0 && fclose(stream) == 0, "%s <- %s", name, text);
}

static uint64_t get(const char *path, const char *file)
{
    g_autofree char *name = file_of(path, file);
    g_autofree char *text = NULL;

    cr_assert(g_file_get_contents(name, &text, NULL, NULL), "%s", name);
    return g_ascii_strtoull(text, NULL, 10);
}

static struct cgroup *make(const char *path)
{
    g_autofree char *name = file_of(path, "");
    struct cgroup *group = NULL;

    cr_assert_eq(mkdir(name, 0755), 0, "%s", name);
    cr_assert(cgroup_open_path(cgroups, path, &group, NULL));
    return group;
}

static void write_low(struct cgroup *group, uint64_t bytes)
{
    GError *error = NULL;

    cr_assert(protection_write(group, CGROUP_LOW, value_number(bytes), &error), "%s",
              error ? error->message : "");
}

Test(protection, every_level_gets_the_sum_of_its_children_and_keeps_what_an_admin_gave_it)
{
    if (cgroups_version(cgroups) == CGROUP_V1) {
        GError *error = NULL;
        struct cgroup *group = make("/vmt-protection");
        cr_assert_null(protection_levels(group, CGROUP_LOW, MIB, &error));
        cr_assert_str_eq(error->message, "no counterpart on cgroup v1");
        g_clear_error(&error);
        cgroup_close(group);
        g_autofree char *name = file_of("/vmt-protection", "");
        rmdir(name);
        return;
    }
    put("", "cgroup.subtree_control", "+memory");
    struct cgroup *top = make("/vmt-protection");
    put("/vmt-protection", "cgroup.subtree_control", "+memory");
    struct cgroup *one = make("/vmt-protection/one"), *two = make("/vmt-protection/two");

    write_low(one, 16 * MIB);
    cr_expect_eq(get("/vmt-protection/one", "memory.low"), 16 * MIB);
    cr_expect_eq(get("/vmt-protection", "memory.low"), 16 * MIB, "or the leaf's would do nothing");
    write_low(two, 8 * MIB);
    cr_expect_eq(get("/vmt-protection", "memory.low"), 24 * MIB);
    write_low(one, 0);
    cr_expect_eq(get("/vmt-protection", "memory.low"), 8 * MIB, "follows its children down");
    put("/vmt-protection", "memory.low", "104857600");
    write_low(two, 0);
    cr_expect_eq(get("/vmt-protection", "memory.low"), 100 * MIB, "the admin's own stays");
    write_low(two, 200 * MIB);
    cr_expect_eq(get("/vmt-protection", "memory.low"), 200 * MIB);

    g_autoptr(GArray) levels = protection_levels(one, CGROUP_LOW, 50 * MIB, NULL);
    g_autofree char *text = protection_describe(levels, CGROUP_LOW);
    cr_expect_str_eq(text, "vmt-protection memory.low 200 MiB -> 250 MiB (shared with 2 groups)");

    cgroup_close(one);
    cgroup_close(two);
    cgroup_close(top);
    g_autofree char *one_name = file_of("/vmt-protection/one", "");
    g_autofree char *two_name = file_of("/vmt-protection/two", "");
    g_autofree char *top_name = file_of("/vmt-protection", "");
    cr_expect(rmdir(one_name) == 0 && rmdir(two_name) == 0 && rmdir(top_name) == 0);
}

static pid_t start_scope(void)
{
    pid_t child = fork();

    if (child == 0) {
        execlp("systemd-run", "systemd-run", "--scope", "--quiet", "--slice=vmttest.slice",
               "--unit=vmt\\x2dtest.scope", "-p", "Delegate=yes", "sleep", "1000", NULL);
        _exit(127);
    }
    return child;
}

Test(protection, scopes_and_slices_are_set_through_systemd_and_survive_a_reload)
{
    const char *scope = "/vmttest.slice/vmt\\x2dtest.scope";
    struct cgroup *group = NULL;

    if (access("/run/systemd/system", F_OK) != 0 || cgroups_version(cgroups) == CGROUP_V1) {
        return; /* shown in the guest with systemd */
    }
    pid_t child = start_scope();
    for (int i = 0; i < 600 && !cgroup_open_path(cgroups, scope, &group, NULL); i++) {
        g_usleep(100000);
    }
    cr_assert(group, "the scope did not start");
    cgroup_close(group);
    g_autofree char *leaf = g_strconcat(scope, "/libvirt", NULL);
    g_autofree char *pid = g_strdup_printf("%ld", (long)child);
    g_autofree char *name = file_of(leaf, "");
    cr_assert_eq(mkdir(name, 0755), 0);
    put(leaf, "cgroup.procs", pid);
    put(scope, "cgroup.subtree_control", "+memory");
    cr_assert(cgroup_open_path(cgroups, leaf, &group, NULL));

    write_low(group, 32 * MIB);
    cr_expect_eq(get(leaf, "memory.low"), 32 * MIB);
    cr_expect_eq(get(scope, "memory.low"), 32 * MIB);
    cr_expect_eq(get("/vmttest.slice", "memory.low"), 32 * MIB);
    cr_expect_eq(system("systemctl daemon-reload"), 0);
    cr_expect_eq(get(leaf, "memory.low"), 32 * MIB);
    cr_expect_eq(get(scope, "memory.low"), 32 * MIB, "written by hand it would be 0 now");
    cr_expect_eq(get("/vmttest.slice", "memory.low"), 32 * MIB);
    write_low(group, 0);
    cr_expect_eq(get("/vmttest.slice", "memory.low"), 0);
    cgroup_close(group);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}
