/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Settings kept in a domain's metadata (kept.h), through libvirt. */
#ifndef BACKENDS_SUPPORT_VIRT_KEPT_H
#define BACKENDS_SUPPORT_VIRT_KEPT_H

#include "backends/support/kept.h"

#include <libvirt/libvirt.h>

/* What the persistent configuration keeps; nothing where it has no such element. */
bool virt_kept_get(virDomainPtr domain, struct kept *kept, GError **error);
/* One value of it: NUMBER or UNLIMITED, or UNSET to keep it no more; the others stay. */
bool virt_kept_put(virDomainPtr domain, enum cgroup_item item, struct value value, GError **error);
/* All of it. */
bool virt_kept_put_all(virDomainPtr domain, const struct kept *kept, GError **error);

#endif
