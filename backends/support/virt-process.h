/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The process of a libvirt domain on this machine. */
#ifndef BACKENDS_SUPPORT_VIRT_PROCESS_H
#define BACKENDS_SUPPORT_VIRT_PROCESS_H

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

/* What a look through /proc brought, for one thread. */
struct virt_processes;
/* `driver`: "qemu", "lxc". */
struct virt_processes *virt_processes_new(const char *driver);
void virt_processes_free(struct virt_processes *processes);
/* At most one look through /proc a tick, and not one every tick. */
void virt_processes_new_tick(struct virt_processes *processes);
/* The next search looks again. */
void virt_processes_forget(struct virt_processes *processes);

/* By the pid file, the id (LXC: its controller's pid), or the UUID on a command line. 0: not found.
 */
pid_t virt_process_of(struct virt_processes *processes, const char *name, const char *uuid, int id);

/* What libvirt's pid file of the domain says; 0 where there is none that can be read. */
pid_t virt_process_by_file(const char *driver, const char *name);

#endif
