/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a snapshot is made of: private to the snapshot-*.c files. A picture owns its arrays; the
 * identity and the settings of a domain are counted and shared between pictures. The counts are
 * C11 atomics, so that a picture may be let go on any thread.
 */
#ifndef MODEL_SNAPSHOT_PARTS_H
#define MODEL_SNAPSHOT_PARTS_H

#include "model/snapshot.h"

#include <stdatomic.h>

/* The place of every domain of a picture, by key; counted and shared between pictures that have the
 * same domains in the same order. */
struct domain_index;
struct domain_index *domain_index_new(const struct domain *domains, size_t n);
struct domain_index *domain_index_ref(struct domain_index *index);
void domain_index_unref(struct domain_index *index); /* NULL is none */
bool domain_index_find(const struct domain_index *index, const struct domain_key *key,
                       size_t *place);

/* The same of a picture that is being built and has `n` domains so far. For as long as they come as
 * they stood in the previous picture, the index of that one tells; `own` is made once they do not.
 */
struct places {
    const struct snapshot *previous; /* or NULL */
    GHashTable *own;                 /* key of an identity -> place, or NULL */
};
void places_init(struct places *places, const struct snapshot *previous);
void places_clear(struct places *places);
bool places_find(const struct places *places, size_t n, const struct domain_key *key,
                 size_t *place);
/* Before domains[n], which was not found, is set. */
void places_add(struct places *places, const struct domain *domains, size_t n,
                const struct identity *identity);
/* While the identity that was at `place` lives still. */
void places_replace(struct places *places, size_t place, const struct identity *identity);
/* All domains of the previous picture are here, in its order, and no others. */
bool places_complete(const struct places *places, size_t n);
/* One reference. */
struct domain_index *places_index(const struct places *places, const struct domain *domains,
                                  size_t n);

struct picture {
    struct snapshot snapshot; /* first: the public part */
    atomic_uint refs;
    struct domain *domains;
    size_t n_figures;      /* of a domain */
    struct value *figures; /* every domain's, one after the other */
    struct wall *walls;    /* likewise */
    struct domain_index *index;
};

/* Takes the state and strings that a draft has; the name is cleaned. One reference. */
const struct identity *identity_new(const struct domain_key *key, const struct draft *draft);
/* The same domain, gone; `ended` NULL keeps the old one. One reference. */
const struct identity *identity_new_gone(const struct identity *identity, const char *ended,
                                         int64_t time);
bool identity_matches(const struct identity *identity, const struct draft *draft);
const struct identity *identity_ref(const struct identity *identity);
void identity_unref(const struct identity *identity);

/* Copies n settings. One reference. */
const struct setting *settings_new(const struct setting *settings, size_t n);
bool settings_match(const struct setting *a, const struct setting *b, size_t n);
const struct setting *settings_ref(const struct setting *settings);
void settings_unref(const struct setting *settings);

void host_copy(struct host *to, const struct host *from);
void host_clear(struct host *host);

#endif
