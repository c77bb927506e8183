/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Events of one libvirt connection. The callbacks run on libvirt's event thread: they note what
 * happened and wake the worker through the uplink, and never call libvirt.
 */
#ifndef BACKENDS_SUPPORT_VIRT_EVENTS_H
#define BACKENDS_SUPPORT_VIRT_EVENTS_H

#include "model/backend.h"

#include <libvirt/libvirt.h>

struct virt_event {
    uint8_t uuid[16];
    bool list;         /* domains came or went, or changed between running and off: list again */
    const char *ended; /* it ended: why, "code: text"; else NULL */
    bool vague;        /* `ended` is what libvirt says where it does not know */
    int64_t time;      /* seconds since the epoch, when the event came */
};

struct virt_events;
/* Registers what the driver has: lifecycle, balloon, title, connection closed. Never fails: where
 * the driver has no lifecycle events, virt_events_lists() is false. `daemon`: it is a socket that
 * can break, not a driver in this process. */
struct virt_events *virt_events_new(virConnectPtr connection, struct uplink *uplink, bool daemon);
/* After this returns no callback touches the uplink. Takes libvirt's callbacks back, unless
 * `connection` is NULL: the process ends, and the connection with it. Accepts NULL. */
void virt_events_free(struct virt_events *events, virConnectPtr connection);

/* True where changes of the list of domains arrive as events. */
bool virt_events_lists(const struct virt_events *events);
/* The next one, or false. The worker's thread only. */
bool virt_events_next(struct virt_events *events, struct virt_event *event);
/* The connection was closed by the other side or by keepalive: why, "code: text"; NULL: no. */
const char *virt_events_closed(struct virt_events *events);

/* Begins the reason where the kernel killed it: known better than by what libvirt says. */
#define VIRT_ENDED_OOM "oom: "

/* Why a domain is off, by libvirt's reason (virDomainShutoffReason); NULL where it is not known or
 * where it went off as its owner wanted. */
const char *virt_ended_reason(int shutoff_reason);

#endif
