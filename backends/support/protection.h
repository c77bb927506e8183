/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * memory.low and memory.min act only where every level from the domain's group up to the top of the
 * machines' hierarchy (machine, machine.slice) has them: a level at 0 cancels all below it
 * (cgroup-v2.rst, "memory.min"; memory_recursiveprot only lets the lowest levels be left out).
 *
 * So a write to the group comes with writes to its ancestors: each is set to at least the sum of its
 * children. What an admin gave an ancestor beyond that sum is the admin's own and stays: an ancestor
 * that equals the sum of its children is taken for ours, and follows them down again.
 *
 * Where systemd runs, scopes and slices are its own and a daemon-reload undoes what is written to
 * their files: their properties are set through it (SetUnitProperties, runtime), see
 * org.freedesktop.systemd1(5).
 */
#ifndef BACKENDS_SUPPORT_PROTECTION_H
#define BACKENDS_SUPPORT_PROTECTION_H

#include "backends/support/cgroup.h"

/* One level above the group, nearest first. */
struct protection_level {
    char *path;            /* below the mount point */
    uint64_t now, then;    /* bytes before and after; UINT64_MAX is "max" */
    bool systemd;          /* set through systemd, else by its file */
    unsigned children;     /* groups that share it */
};

/* What setting `item` (CGROUP_LOW or CGROUP_MIN) of the group to `bytes` does to the levels above
 * it: newly allocated array of struct protection_level (g_array_unref frees it). Levels that stay as
 * they are are in it too. Reads, writes nothing. UNSUPPORTED on v1. */
GArray *protection_levels(struct cgroup *group, enum cgroup_item item, uint64_t bytes,
                          GError **error);

/* "machine.slice memory.low 0 -> 12.0 GiB (shared with 14 domains)", one line a level that changes;
 * NULL where none does. Newly allocated. */
char *protection_describe(const GArray *levels, enum cgroup_item item);

/* Raises the levels above first, then writes the group; lowering the other way round. An error says
 * at which level it stopped; what was written before stays (raised ancestors protect nothing by
 * themselves) and is said. */
bool protection_write(struct cgroup *group, enum cgroup_item item, struct value value,
                      GError **error);

#endif
