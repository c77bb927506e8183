/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Settings that outlive a domain's control group. libvirt forgets what it does not know when a
 * domain stops, so the persistent value of such a tunable is kept in the domain's own metadata
 * (virDomainSetMetadata, an element of our XML namespace) and is written to the new group at the
 * next start by the hook (backends/hook.c), or by hand.
 *
 *   <memtune:settings xmlns:memtune="urn:virt-memtune:settings:1">
 *     <memtune:swappiness>10</memtune:swappiness> <memtune:low>1073741824</memtune:low> …
 *   </memtune:settings>
 *
 * Numbers are bytes, or plain for swappiness; "max" is unlimited. What is unknown in it is skipped.
 */
#ifndef BACKENDS_SUPPORT_KEPT_H
#define BACKENDS_SUPPORT_KEPT_H

#include "backends/support/cgroup.h"

#define KEPT_NAMESPACE "urn:virt-memtune:settings:1"
#define KEPT_PREFIX "memtune"

/* UNSET where nothing is kept, else NUMBER or UNLIMITED; only items of kept_names[] count. */
struct kept {
    struct value items[CGROUP_ITEMS_];
};

/* The items that can be kept, with their element names; ends with a NULL name. */
struct kept_name {
    enum cgroup_item item;
    const char *name;
};
extern const struct kept_name kept_names[];

void kept_clear(struct kept *kept);
bool kept_is_empty(const struct kept *kept);

/* The element as virDomainGetMetadata() returns it, or a whole <domain> with it somewhere in its
 * <metadata>; NULL and "" keep nothing. False for XML that cannot be read; junk values are errors
 * too, since half of the settings is not what was meant. Nothing is fetched or expanded. */
bool kept_parse(const char *xml, struct kept *kept, GError **error);

/* The element without its namespace declaration, as virDomainSetMetadata() wants it; NULL where
 * nothing is kept, which removes it. Newly allocated. */
char *kept_format(const struct kept *kept);

/* Writes every kept item to the group. Goes on after a failure; the error names all that failed. */
bool kept_write(const struct kept *kept, struct cgroup *group, GError **error);

#endif
