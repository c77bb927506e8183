/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a libvirt domain description says about memory.
 * Format: https://libvirt.org/formatdomain.html#memory-allocation and #memory-tuning.
 *
 * The text comes from a daemon: nothing is fetched, no entity is expanded, a document type is
 * refused, and so is anything above 16 MiB.
 */
#ifndef BACKENDS_SUPPORT_DOMAIN_XML_H
#define BACKENDS_SUPPORT_DOMAIN_XML_H

#include "model/value.h"

enum balloon_model {
    BALLOON_UNKNOWN, /* no memballoon element */
    BALLOON_NONE,
    BALLOON_VIRTIO,
    BALLOON_XEN,
};

struct domain_xml {
    struct value memory;  /* bytes: what the guest could ever have, without hot-plugged modules */
    struct value current; /* bytes: the balloon's size; `memory` where it is not given */
    /* bytes; NUMBER, UNLIMITED, or UNSET where the element is absent */
    struct value hard_limit, soft_limit, swap_hard_limit, min_guarantee;
    struct value stats_period; /* seconds; 0 is off; UNSET where the element is absent */
    enum balloon_model balloon;
    bool hugepages; /* memory is backed by huge pages */
    bool locked;    /* memory is locked, or a host device needs it to be */
    char *title;    /* raw, or NULL */
    char *type;     /* of the domain element: "kvm", "lxc", "xen" */
    char *os_type;  /* "hvm", "xen", "exe", … or NULL */
};

/* Fills *xml, which the caller clears. Error: BACKEND_ERROR_FAILED, *xml untouched. */
bool domain_xml_parse(const char *text, struct domain_xml *xml, GError **error);
/* Frees what it owns and zeroes it. */
void domain_xml_clear(struct domain_xml *xml);

#endif
