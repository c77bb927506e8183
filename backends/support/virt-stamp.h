/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who changed a domain last, in the domain's own metadata, where a person looks at it with virsh:
 *
 *   <memtune-last:last xmlns:memtune-last="urn:virt-memtune:last:1">20261122T201500-1a2b anna@kvm07
 *   2026-11-22T20:15:00Z</memtune-last:last>
 */
#ifndef BACKENDS_SUPPORT_VIRT_STAMP_H
#define BACKENDS_SUPPORT_VIRT_STAMP_H

#include "model/backend.h"

#include <libvirt/libvirt.h>

/* After a write: leaves connection->stamp, if there is one, in the scopes that were written. Where
 * it cannot be left that is a message. */
void virt_stamp(const struct connection *connection, virDomainPtr domain, enum scope scope);

#endif
