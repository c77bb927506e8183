/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control groups of libvirt's domains on this machine: each domain's group is found from its
 * process, held open, read at every refresh and followed over restarts. libvirt's own names of
 * groups are not relied upon: it drops characters and systemd escapes them.
 *
 * The process is what libvirt's pid file says (/run/libvirt/DRIVER/NAME.pid), else the id of an LXC
 * domain (its controller's pid), else the process whose command line has the domain's UUID.
 * Everything here belongs to the connection's thread.
 */
#ifndef BACKENDS_SUPPORT_VIRT_GROUP_H
#define BACKENDS_SUPPORT_VIRT_GROUP_H

#include "backends/support/cgroup.h"
#include "backends/support/virt.h"

/* What is held of one domain: in virt_domain.own, NULL until it was looked for. */
struct virt_group {
    struct cgroup *group; /* NULL: not found, see gap */
    pid_t pid;            /* its process; 0 not found */
    int id;               /* libvirt's id of it when it was found: another one is another start */
    struct cgroup_reading reading;
    struct value gap; /* UNKNOWN with the reason where there is no group */
    char *parents;    /* "machine.slice/machine-qemu…scope", or NULL */
    char *path;       /* of the group held last, or NULL */
};

/* For struct virt_driver. */
void virt_groups_opened(struct virt_connection *connection);
void virt_groups_closed(struct virt_connection *connection);
void virt_groups_tick(struct virt_connection *connection, struct host *host);
bool virt_group_look(struct virt_connection *connection, struct virt_domain *domain, bool close);

/* Puts figures (rows of virt-group-rows.h, at the start of `draft->figures`), the limited parents
 * and the process into the draft. Figures of a domain that is off are the caller's. */
void virt_group_fill(const struct virt_connection *connection, const struct virt_domain *domain,
                     struct snapshot_builder *builder, struct draft *draft);

/* What the group says, or why that is not known. */
struct value virt_group_item(const struct virt_domain *domain, enum cgroup_item item);

/* The group of a running domain, for writing: opened anew, closed by the caller. The mounts belong
 * to the connection. */
bool virt_group_open(struct virt_connection *connection, virDomainPtr domain, struct cgroup **ret,
                     GError **error);

#endif
