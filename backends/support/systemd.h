/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Properties of systemd's scopes and slices, over the system bus (org.freedesktop.systemd1(5)). */
#ifndef BACKENDS_SUPPORT_SYSTEMD_H
#define BACKENDS_SUPPORT_SYSTEMD_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* The group is a scope or slice of a systemd that runs here: its files are systemd's to write. */
bool systemd_owns(const char *cgroup_path);

/* Sets a byte property ("MemoryLow") of the unit that the group is, until the next boot; UINT64_MAX
 * is infinity. Waits at most 10 s. Any thread. */
bool systemd_set_memory(const char *cgroup_path, const char *property, uint64_t bytes,
                        GError **error);

#endif
