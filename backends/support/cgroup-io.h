/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two calls that libcgroup does where it is built in (cgroup-libcgroup.c), and that the files
 * themselves do otherwise (cgroup-direct.c): finding the memory controller and writing one value.
 */
#ifndef BACKENDS_SUPPORT_CGROUP_IO_H
#define BACKENDS_SUPPORT_CGROUP_IO_H

/* Where the memory controller is mounted, newly allocated; NULL where it is not. Any thread. */
char *cgroup_io_mount_point(void);

/* Writes `text` to `file` ("memory.max") of the group `path` below the mount point. 0, or an errno:
 * ENOENT for a missing group or file. Any thread. */
int cgroup_io_write(const char *mount_point, const char *path, const char *file, const char *text);

#endif
