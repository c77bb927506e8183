/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/support/protection.h"

#include "backends/support/cgroup-private.h"
#include "backends/support/systemd.h"
#include "model/size.h"

#include <string.h>

static uint64_t bytes_of(struct value value)
{
    return value.kind == VALUE_UNLIMITED ? UINT64_MAX : value.kind == VALUE_NUMBER ? value.number : 0;
}

static struct value value_of(uint64_t bytes)
{
    return bytes == UINT64_MAX ? value_unlimited() : value_number(bytes);
}

static uint64_t add(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static bool read_level(struct cgroups *cgroups, const char *path, enum cgroup_item item,
                       uint64_t *bytes)
{
    struct cgroup_reading reading = {0};
    struct cgroup *group;

    if (!cgroup_open_path(cgroups, path, &group, NULL)) {
        return false;
    }
    bool done = cgroup_read(group, CGROUP_READ_ALL, &reading, NULL);
    cgroup_close(group);
    *bytes = bytes_of(reading.items[item]);
    return done;
}

/* The sum of the values of the children of `path`, with `instead` for the child `named`. */
static uint64_t sum_children(struct cgroups *cgroups, const char *path, enum cgroup_item item,
                             const char *named, uint64_t instead, unsigned *count)
{
    g_autofree char *directory = g_strconcat(cgroups->mount_point, path, NULL);
    GDir *entries = g_dir_open(directory, 0, NULL);
    const char *name;
    uint64_t sum = 0, bytes;

    *count = 0;
    while (entries && (name = g_dir_read_name(entries))) {
        g_autofree char *child = g_strconcat(path, "/", name, NULL);
        if (!read_level(cgroups, child, item, &bytes)) {
            continue; /* a control file, a threaded group, or gone */
        }
        sum = add(sum, strcmp(child, named) ? bytes : instead);
        *count += 1;
    }
    if (entries) {
        g_dir_close(entries);
    }
    return sum;
}

static void level_clear(void *data)
{
    g_free(((struct protection_level *)data)->path);
}

GArray *protection_levels(struct cgroup *group, enum cgroup_item item, uint64_t bytes,
                          GError **error)
{
    struct cgroups *cgroups = group->cgroups;
    uint64_t child_now, child_then = bytes;

    if (!cgroup_file(cgroups->version, item)) {
        g_set_error_literal(error, BACKEND_ERROR, BACKEND_ERROR_UNSUPPORTED,
                            "no counterpart on cgroup v1");
        return NULL;
    }
    if (!read_level(cgroups, group->path, item, &child_now)) {
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_GONE, "the control group %s is gone",
                    group->path);
        return NULL;
    }
    GArray *levels = g_array_new(FALSE, TRUE, sizeof(struct protection_level));
    g_array_set_clear_func(levels, level_clear);
    g_autofree char *child = g_strdup(group->path);
    char *slash;
    while ((slash = strrchr(child, '/')) && slash != child) {
        struct protection_level level = {.path = g_strndup(child, (gsize)(slash - child))};
        read_level(cgroups, level.path, item, &level.now);
        uint64_t before = sum_children(cgroups, level.path, item, child, child_now, &level.children);
        uint64_t after = sum_children(cgroups, level.path, item, child, child_then, &level.children);
        level.then = level.now > before ? MAX(level.now, after) : after;
        level.systemd = systemd_owns(level.path);
        child_now = level.now;
        child_then = level.then;
        *slash = '\0';
        g_array_append_val(levels, level);
    }
    return levels;
}

char *protection_describe(const GArray *levels, enum cgroup_item item)
{
    GString *text = g_string_new(NULL);
    char now[SIZE_TEXT_MAX], then[SIZE_TEXT_MAX];

    for (guint i = 0; i < levels->len; i++) {
        const struct protection_level *level = &g_array_index(levels, struct protection_level, i);
        if (level->now == level->then) {
            continue;
        }
        g_string_append_printf(text, "%s%s %s %s -> %s (shared with %u %s)", text->len ? "\n" : "",
                               level->path + 1, cgroup_file(CGROUP_V2, item),
                               size_format_value(value_of(level->now), UNIT_BYTES, NULL, now),
                               size_format_value(value_of(level->then), UNIT_BYTES, NULL, then),
                               level->children, level->children == 1 ? "group" : "groups");
    }
    return g_string_free(text, text->len == 0);
}

static bool write_level(struct cgroups *cgroups, const struct protection_level *level,
                        enum cgroup_item item, GError **error)
{
    struct cgroup *group;

    if (level->now == level->then) {
        return true;
    }
    if (level->systemd) {
        return systemd_set_memory(level->path, item == CGROUP_LOW ? "MemoryLow" : "MemoryMin",
                                  level->then, error);
    }
    if (!cgroup_open_path(cgroups, level->path, &group, error)) {
        return false;
    }
    bool done = cgroup_write(group, item, value_of(level->then), error);
    cgroup_close(group);
    return done;
}

bool protection_write(struct cgroup *group, enum cgroup_item item, struct value value,
                      GError **error)
{
    uint64_t now = 0;

    g_autoptr(GArray) levels = protection_levels(group, item, bytes_of(value), error);
    if (!levels || !read_level(group->cgroups, group->path, item, &now)) {
        return false;
    }
    bool raises = bytes_of(value) > now;
    if (!raises && !cgroup_write(group, item, value, error)) {
        return false;
    }
    for (guint i = 0; i < levels->len; i++) {
        /* The top first when raising: a level is never above what its parent protects. */
        guint at = raises ? levels->len - 1 - i : i;
        const struct protection_level *level = &g_array_index(levels, struct protection_level, at);
        if (!write_level(group->cgroups, level, item, error)) {
            g_prefix_error(error, "%s: ", level->path + 1);
            return false;
        }
    }
    return !raises || cgroup_write(group, item, value, error);
}
