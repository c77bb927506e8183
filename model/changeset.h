/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Staged edits: what somebody wants changed, before anything is written. Ordered by when each was
 * staged; at most one per domain, tunable and scope. Belongs to one thread.
 */
#ifndef MODEL_CHANGESET_H
#define MODEL_CHANGESET_H

#include "model/change.h"
#include "model/snapshot.h"

struct changeset;
struct changeset *changeset_new(void);
void changeset_free(struct changeset *set);

/* Adds or replaces; a change back to `from` removes it. */
void changeset_put(struct changeset *set, const struct change *change);
void changeset_drop(struct changeset *set, const struct domain_key *key,
                    const struct tunable *tunable, enum scope scope);
void changeset_drop_domain(struct changeset *set, const struct domain_key *key);
void changeset_clear(struct changeset *set);
/* Takes back the newest; false where there is none. */
bool changeset_undo(struct changeset *set, struct change *undone);
size_t changeset_count(const struct changeset *set);
const struct change *changeset_get(const struct changeset *set, size_t index);
const struct change *changeset_find(const struct changeset *set, const struct domain_key *key,
                                    const struct tunable *tunable, enum scope scope);
/* The changes of one domain, in order; newly allocated array (g_free), *n its length. */
struct change *changeset_of(const struct changeset *set, const struct domain_key *key, size_t *n);
/* The distinct domains, in order of their first change; newly allocated (g_free). */
struct domain_key *changeset_domains(const struct changeset *set, size_t *n);

/* Makes changes out of what was typed for one domain: NAME may be a tunable, an alias, a role, a
 * libvirt name or a group ("privvmpages=65536:69632"; one value for a group sets what the first
 * row's `group_one` says). `scopes` SCOPE_BOTH means every scope that the row has and that can be
 * written now; where the backend has one scope only, any `scopes` means live. The relative forms
 * are computed once, from live (from config where there is no live). Appends struct change to `changes` (a GArray).
 * Nothing is appended on error. Error: SIZE_ERROR or BACKEND_ERROR (UNSUPPORTED with the reason). */
bool change_parse(const struct snapshot *snapshot, const struct domain *domain, const char *name,
                  const char *text, unsigned scopes, GArray *changes, GError **error);

#endif
