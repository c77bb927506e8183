/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside of the Xen backend: what its files share.
 *
 * libvirt shows what a domain holds and the maximum it was booted with; what it was asked for and a
 * maximum changed since are in xenstore, which only the host itself can read.
 *
 *   xen.c        what can be tuned and seen
 *   xen-check.c  Xen's and libxl's own rules
 *   xen-steps.c  commands, and the way down in small steps
 *   xen-store.c  xenstore
 *   xen-boot.c   what Domain-0 was booted with, and whether it is ballooned by itself
 */
#ifndef BACKENDS_XEN_PRIVATE_H
#define BACKENDS_XEN_PRIVATE_H

#include "backends/support/virt.h"
#include "backends/xen.h"

enum xen_figure {
    XEN_HELD,
    XEN_DROPPABLE,
    XEN_SIZE,
    XEN_TARGET,
    XEN_MAXIMUM,
    XEN_BALLOONED,
    XEN_DOM0_MEM,
    XEN_AUTOBALLOON,
    XEN_FIGURES_,
};

/* Domain-0's UUID is all zeros. */
bool xen_is_domain_0(const struct domain *domain);

void xen_check(const struct snapshot *snapshot, const struct domain *domain,
               const struct change *changes, size_t n, struct findings *findings);

/* --- xen-steps.c --- */

extern const struct carrier xen_target, xen_maximum;
/* Why a row of Domain-0 has no persistent value. */
extern const char xen_no_config[];

/* --- xen-store.c --- */

/* What xenstore says of one domain: bytes. UNSET where it has no such entry, which Domain-0 has
 * not before it is first asked for something; else UNKNOWN with the reason. */
struct xen_memory {
    int id; /* of the domain, given */
    struct value target, maximum;
};

struct xen_store;
/* Of this machine, else `local` is false and nothing can be read. */
struct xen_store *xen_store_new(bool local);
void xen_store_free(struct xen_store *store);
/* Reads all by one process as long as no domain vanishes meanwhile. */
void xen_store_read(struct xen_store *store, struct xen_memory *memories, size_t n);

/* The reading alone. `run` gives what `xenstore-read -p PATH…` prints of paths[0 … n) up to the
 * first that does not exist, or NULL with the reason in *why where nothing can be read. */
struct xen_store_source {
    char *(*run)(void *data, const char *const *paths, const char **why);
    void *data;
};
void xen_store_collect(const struct xen_store_source *source, struct xen_memory *memories,
                       size_t n);

/* --- xen-boot.c --- */

/* Domain-0's memory: figures of XEN_DOM0_MEM and XEN_AUTOBALLOON. */
struct xen_boot {
    struct value dom0_mem; /* bytes: dom0_mem= of Xen's command line; UNSET where it is not given */
    struct value
        autoballoon; /* CHOICE no, yes: Domain-0 shrinks by itself to make room for guests */
};
struct xen_boot xen_boot_read(bool local);
/* Pure. `command_line` is Xen's or NULL; the files' texts may be NULL. xl.conf(5): autoballoon is
 * "auto", "on" or "off"; auto is on unless dom0_mem= is given. libvirt's libxl.conf: 0 or 1. */
struct xen_boot xen_boot_parse(const char *command_line, const char *xl_conf,
                               const char *libxl_conf);

#endif
