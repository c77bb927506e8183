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

struct picture {
    struct snapshot snapshot; /* first: the public part */
    atomic_uint refs;
    struct domain *domains;
    struct value *figures; /* every domain's, one after the other */
    struct wall *walls;    /* likewise */
    GHashTable *index;     /* key of an identity here -> place in domains */
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
