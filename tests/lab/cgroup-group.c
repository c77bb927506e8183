/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control groups of this kernel, v1 or v2, written by us and read back by the files themselves.
 * Built twice: with libcgroup and without. Needs root.
 */
#include "backends/support/cgroup-io.h"
#include "backends/support/cgroup.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define MIB (UINT64_C(1) << 20)

static struct cgroups *cgroups;
static char *parent, *leaf; /* below the mount point: "/vmt-PID" and a child of it */
static pid_t eater;

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

static char *get(const char *path, const char *file)
{
    g_autofree char *name = file_of(path, file);
    char *text = NULL;

    cr_assert(g_file_get_contents(name, &text, NULL, NULL), "%s", name);
    return g_strchomp(text);
}

static void make(const char *path)
{
    g_autofree char *name = file_of(path, "");

    cr_assert_eq(mkdir(name, 0755), 0, "%s", name);
}

/* A child in the leaf that holds 32 MiB and waits. */
static void start_eater(void)
{
    int ready[2];
    char byte;

    cr_assert_eq(pipe(ready), 0);
    eater = fork();
    if (eater == 0) {
        g_autofree char *pid = g_strdup_printf("%ld", (long)getpid());
        put(leaf, "cgroup.procs", pid);
        char *memory = mmap(NULL, 32 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        memset(memory, 1, 32 * MIB);
        byte = 1;
        _exit(write(ready[1], &byte, 1) == 1 && pause() == 0);
    }
    close(ready[1]);
    cr_assert_eq(read(ready[0], &byte, 1), 1, "the eater died");
    close(ready[0]);
}

static void set_up(void)
{
    GError *error = NULL;

    cr_assert(cgroups_open(&cgroups, &error), "%s", error ? error->message : "");
    parent = g_strdup_printf("/vmt-test-%ld", (long)getpid());
    leaf = g_strconcat(parent, "/lxc-1-a\\x2db.libvirt-lxc", NULL);
    if (cgroups_version(cgroups) == CGROUP_V2) {
        put("", "cgroup.subtree_control", "+memory");
    }
    make(parent);
    if (cgroups_version(cgroups) == CGROUP_V2) {
        put(parent, "cgroup.subtree_control", "+memory");
    }
    make(leaf);
    start_eater();
}

static void tear_down(void)
{
    g_autofree char *leaf_name = file_of(leaf, "");
    g_autofree char *parent_name = file_of(parent, "");

    kill(eater, SIGKILL);
    waitpid(eater, NULL, 0);
    rmdir(leaf_name);
    rmdir(parent_name);
    cgroups_close(cgroups);
    g_free(leaf);
    g_free(parent);
}

TestSuite(cgroup_group, .init = set_up, .fini = tear_down, .timeout = 60);

static struct cgroup *opened(void)
{
    struct cgroup *group = NULL;
    GError *error = NULL;

    cr_assert(cgroup_open(cgroups, eater, &group, &error), "%s", error ? error->message : "");
    return group;
}

Test(cgroup_group, is_found_from_its_process)
{
    struct cgroup *group = opened();

    cr_assert_str_eq(cgroup_path(group), leaf);
    cgroup_close(group);
    cr_assert_not(cgroup_open(cgroups, 1 << 30, &group, NULL), "no such process");
}

Test(cgroup_group, says_what_its_files_say)
{
    struct cgroup *group = opened();
    struct cgroup_reading reading = {0};

    cr_assert(cgroup_read(group, CGROUP_READ_ALL, &reading, NULL));
    cr_assert_eq(reading.items[CGROUP_USAGE].kind, VALUE_NUMBER);
    cr_assert_geq(reading.items[CGROUP_USAGE].number, 32 * MIB);
    cr_assert_eq(reading.items[CGROUP_LIMIT].kind, VALUE_UNLIMITED);
    cr_assert_eq(reading.items[CGROUP_ANON].kind, VALUE_NUMBER);
    cr_assert_geq(reading.items[CGROUP_ANON].number, 31 * MIB);
    cr_assert_eq(cgroup_droppable(&reading).kind, VALUE_NUMBER);
    cgroup_close(group);
}

Test(cgroup_group, every_writable_item_reads_back_from_its_file)
{
    static const enum cgroup_item items[] = {CGROUP_LIMIT,    CGROUP_SOFT,      CGROUP_SWAP_MAX,
                                             CGROUP_LOW,      CGROUP_MIN,       CGROUP_SWAP_HIGH,
                                             CGROUP_ZSWAP_MAX};
    struct cgroup *group = opened();
    struct cgroup_reading reading = {0};

    cr_assert(cgroup_read(group, CGROUP_READ_ALL, &reading, NULL));
    for (size_t i = 0; i < G_N_ELEMENTS(items); i++) {
        const char *file = cgroup_file(cgroups_version(cgroups), items[i]);
        GError *error = NULL;
        if (!file || reading.items[items[i]].kind == VALUE_UNSUPPORTED) {
            cr_assert_not(cgroup_write(group, items[i], value_number(MIB), NULL));
            continue;
        }
        cr_expect(cgroup_write(group, items[i], value_number(64 * MIB), &error), "%s: %s", file,
                  error ? error->message : "");
        g_autofree char *text = get(leaf, file);
        cr_expect_str_eq(text, "67108864", "%s", file);
        cr_expect(cgroup_read(group, CGROUP_READ_ALL, &reading, NULL));
        cr_expect(value_equal(reading.items[items[i]], value_number(64 * MIB)), "%s", file);
        cr_expect(cgroup_write(group, items[i], value_unlimited(), NULL), "%s", file);
        cr_expect(cgroup_read(group, CGROUP_READ_ALL, &reading, NULL));
        cr_expect_eq(reading.items[items[i]].kind, VALUE_UNLIMITED, "%s", file);
    }
    cgroup_close(group);
}

Test(cgroup_group, swappiness_is_set_on_v1_and_has_no_counterpart_on_v2)
{
    struct cgroup *group = opened();
    GError *error = NULL;
    bool done = cgroup_write(group, CGROUP_SWAPPINESS, value_number(10), &error);

    if (cgroups_version(cgroups) == CGROUP_V2) {
        cr_assert(g_error_matches(error, BACKEND_ERROR, BACKEND_ERROR_UNSUPPORTED));
        cr_assert_str_eq(error->message, "no counterpart on cgroup v2");
    } else {
        cr_assert(done, "%s", error ? error->message : "");
        g_autofree char *text = get(leaf, "memory.swappiness");
        cr_assert_str_eq(text, "10");
        cr_assert_not(cgroup_write(group, CGROUP_SWAPPINESS, value_number(201), &error));
        cr_assert(strstr(error->message, "0 to 200"), "%s", error->message);
    }
    g_clear_error(&error);
    cgroup_close(group);
}

Test(cgroup_group, a_broken_order_of_limits_is_told_as_its_rule)
{
    struct cgroup *group = opened();
    GError *error = NULL;

    if (cgroups_version(cgroups) == CGROUP_V1) {
        cr_assert(cgroup_write(group, CGROUP_LIMIT, value_number(128 * MIB), NULL));
        cr_assert_not(cgroup_write(group, CGROUP_MEMSW_LIMIT, value_number(64 * MIB), &error));
        cr_assert(g_error_matches(error, BACKEND_ERROR, BACKEND_ERROR_FAILED));
        cr_assert(strstr(error->message, "must not be below the hard limit"), "%s", error->message);
        g_clear_error(&error);
    }
    cgroup_close(group);
}

Test(cgroup_group, a_limit_below_use_without_swap_is_busy_on_v1_and_changes_nothing)
{
    struct cgroup *group = opened();
    GError *error = NULL;
    g_autofree char *swaps = NULL;

    cr_assert(g_file_get_contents("/proc/swaps", &swaps, NULL, NULL));
    bool has_swap = strchr(swaps, '\n')[1] != '\0';
    if (cgroups_version(cgroups) == CGROUP_V1 && !has_swap) {
        cr_assert_not(cgroup_write(group, CGROUP_LIMIT, value_number(8 * MIB), &error));
        cr_assert(g_error_matches(error, BACKEND_ERROR, BACKEND_ERROR_BUSY), "%s", error->message);
        g_clear_error(&error);
        g_autofree char *text = get(leaf, "memory.limit_in_bytes");
        cr_assert_gt(strlen(text), 15, "still unlimited: %s", text);
        cr_assert_eq(kill(eater, 0), 0, "and alive");
    }
    cgroup_close(group);
}

static void count_wall(const struct wall *wall, void *data)
{
    struct wall *seen = data;

    if (!seen->owner) {
        *seen = *wall;
    }
}

Test(cgroup_group, a_limited_parent_is_a_wall_with_what_is_needed_against_it)
{
    const char *limit = cgroup_file(cgroups_version(cgroups), CGROUP_LIMIT);
    struct cgroup *group = opened();
    struct wall wall = {0};

    put(parent, limit, "104857600");
    cgroups_new_tick(cgroups);
    cgroup_parents(group, count_wall, &wall);
    cr_assert_str_eq(wall.owner, parent + 1);
    cr_assert_eq(wall.limit, 100 * MIB);
    cr_assert_geq(wall.needed, 30 * MIB);
    cr_assert_eq(wall.kind, WALL_KILLS);
    cgroup_close(group);
}

Test(cgroup_group, says_that_it_is_gone)
{
    struct cgroup *group = opened();
    struct cgroup_reading reading = {0};
    GError *error = NULL;
    g_autofree char *name = file_of(leaf, "");

    cr_assert(cgroup_read(group, CGROUP_READ_ALL, &reading, NULL));
    kill(eater, SIGKILL);
    waitpid(eater, NULL, 0);
    for (int i = 0; i < 500 && rmdir(name) != 0; i++) {
        g_usleep(10000); /* the kernel empties the group after the process is reaped */
    }
    cr_assert_not(cgroup_read(group, CGROUP_READ_ALL, &reading, &error));
    cr_assert(g_error_matches(error, BACKEND_ERROR, BACKEND_ERROR_GONE), "%s", error->message);
    g_clear_error(&error);
    cr_assert_not(cgroup_write(group, CGROUP_LIMIT, value_number(MIB), &error));
    cr_assert(g_error_matches(error, BACKEND_ERROR, BACKEND_ERROR_GONE), "%s", error->message);
    g_clear_error(&error);
    cgroup_close(group);
}
