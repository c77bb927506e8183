/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Staged changes as a file, so that they can be looked at, kept and made later or by somebody else.
 *
 * {"schema":1,"changes":[{"domain":"db","uuid":"…","connection":"qemu:///system","host":"kvm07",
 *   "tunable":"hard_limit","scope":"live","before":18790481920,"wanted":19327352832}]}
 *
 * "uuid" is the hypervisor's own id of the domain (a UUID, CTID or moid), "connection" a URI
 * without password, "before" what was seen when the change was made; values as in
 * model/json-value.h. Members that are not known here are skipped. Pure, any thread.
 */
#ifndef MODEL_CHANGEFILE_H
#define MODEL_CHANGEFILE_H

#include "model/changeset.h"
#include "model/json-value.h"

#define CHANGEFILE_SCHEMA 1
#define CHANGEFILE_SIZE_MAX (8u << 20) /* bytes */

#define CHANGEFILE_ERROR (changefile_error_quark())
GQuark changefile_error_quark(void);
enum changefile_error {
    CHANGEFILE_ERROR_SYNTAX, /* no change file, or a newer one */
    CHANGEFILE_ERROR_CHANGE, /* one change lacks something or makes no sense */
    CHANGEFILE_ERROR_DOMAIN, /* its connection, host or domain is not here */
};

/* One change by what lasts longer than a process. Texts are as in the file, not cleaned. */
struct stored_change {
    char *domain;
    char *uuid; /* or NULL */
    char *connection;
    char *host; /* or NULL */
    char *tunable;
    enum scope scope; /* LIVE or CONFIG */
    JsonNode *before, *wanted;
};
void stored_change_free(struct stored_change *stored);

/* `domain` is one of `snapshot` and the one that `change` is of. */
struct stored_change *stored_change_new(const struct snapshot *snapshot,
                                        const struct domain *domain, const struct change *change);

/* An array of struct stored_change that frees them. */
GPtrArray *changefile_new(void);

/* Indented, with a final newline. Newly allocated. */
char *changefile_text(const GPtrArray *changes);

/* Everything or nothing: *ret is newly allocated (g_ptr_array_unref) and has at least one change.
 * Every error is one clean sentence that says which change: CHANGEFILE_ERROR. */
bool changefile_parse(const char *text, size_t size, GPtrArray **ret, GError **error);

/* The list of changes alone, within JSON of somebody else: written, … */
void changefile_build(JsonBuilder *builder, const GPtrArray *changes);
/* … and read, as by changefile_parse(); it may be empty. */
bool changefile_take(JsonArray *array, GPtrArray **ret, GError **error);

/* The snapshot of the same connection, of the same host where both are known; and in it the domain
 * with the same id (where the file has none: with the same name). NULL: CHANGEFILE_ERROR. */
const struct snapshot *stored_change_snapshot(const struct stored_change *stored,
                                              const struct snapshot *const *snapshots, size_t n,
                                              GError **error);
const struct domain *stored_change_domain(const struct stored_change *stored,
                                          const struct snapshot *snapshot, GError **error);

/* The change here and now, of that snapshot and domain. The value must be one that the tunable
 * takes, and the scope one that may be written. `from` is what the file saw, so that a change made
 * since is a conflict. Error: CHANGEFILE_ERROR, or BACKEND_ERROR (UNSUPPORTED with the reason). */
bool stored_change_resolve(const struct stored_change *stored,
                           const struct snapshot *const *snapshots, size_t n, struct change *change,
                           GError **error);

#endif
