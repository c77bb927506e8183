/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libvirt's own carriers: what a row of a backend's table names in its `carrier`.
 * Calls: https://libvirt.org/html/libvirt-libvirt-domain.html
 */
#ifndef BACKENDS_SUPPORT_VIRT_CARRIERS_H
#define BACKENDS_SUPPORT_VIRT_CARRIERS_H

#include "backends/support/virt.h"

/* virDomainSetMemoryParameters; the row's `libvirt` names the parameter. An absent persistent limit
 * is unlimited. */
extern const struct carrier virt_memory_parameters;
/* The same for drivers that take one scope in a call (test). */
extern const struct carrier virt_memory_parameters_single;
/* virDomainSetMemoryFlags: the balloon. Live reads its size now. */
extern const struct carrier virt_balloon;
extern const struct carrier virt_balloon_single;
/* virDomainSetMemoryFlags with VIR_DOMAIN_MEM_MAXIMUM. */
extern const struct carrier virt_maximum;
/* virDomainSetMemoryStatsPeriod; seconds. */
extern const struct carrier virt_stats_period;

/* What the parameter that `row` names is in `scope`: UNLIMITED where the description has none. A
 * row of ROLE_SWAP is unsupported where control groups are not known to be v2, one of ROLE_MEMSW
 * where they are. */
struct value virt_parameter_read(const struct virt_domain *domain, const struct tunable *row,
                                 enum scope scope);
/* The rest of such a carrier, for one that reads differently. */
void virt_parameter_words(GString *command, const char *uuid, const struct change *changes,
                          size_t n);
bool virt_parameter_apply(struct virt_connection *connection, virDomainPtr domain,
                          const struct step *step, GError **error);

#endif
