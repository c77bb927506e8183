/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which domain is meant: by name, UUID (or whatever the hypervisor's own id is) or URI#NAME. A
 * number is a name, never an id. Whatever fits more than one domain is refused and all are listed.
 */
#ifndef UI_RESOLVE_H
#define UI_RESOLVE_H

#include "ui/session.h"

/* "URI#NAME" in its halves: true with a newly allocated *uri and *name pointing into `text`. */
bool resolve_split(const char *text, char **uri, const char **name);

/* `name_only`: nothing but a name (--domain). On failure *status is NO_DOMAIN, USAGE (ambiguous) or
 * CONNECTION (a host that could have it did not answer) and the message is newly allocated. */
bool resolve_domain(struct session *session, const char *text, bool name_only,
                    struct domain_key *key, enum status *status, char **message);

/* Up to three names that `text` could have meant, nearest first, or "". Newly allocated. */
char *resolve_nearest(struct session *session, const char *text);

#endif
