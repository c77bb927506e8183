/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/snapshot-parts.h"

struct domain_index {
    atomic_uint refs;
    GHashTable *places; /* a key below -> place */
    struct domain_key keys[];
};

struct domain_index *domain_index_new(const struct domain *domains, size_t n)
{
    struct domain_index *index = g_malloc(sizeof *index + n * sizeof *index->keys);

    atomic_init(&index->refs, 1);
    index->places = g_hash_table_new(domain_key_hash, domain_key_same);
    for (size_t i = 0; i < n; i++) {
        index->keys[i] = domains[i].identity->key;
        g_hash_table_insert(index->places, &index->keys[i], GSIZE_TO_POINTER(i));
    }
    return index;
}

struct domain_index *domain_index_ref(struct domain_index *index)
{
    atomic_fetch_add_explicit(&index->refs, 1, memory_order_relaxed);
    return index;
}

void domain_index_unref(struct domain_index *index)
{
    if (!index || atomic_fetch_sub_explicit(&index->refs, 1, memory_order_acq_rel) != 1)
        return;
    g_hash_table_unref(index->places);
    g_free(index);
}

bool domain_index_find(const struct domain_index *index, const struct domain_key *key,
                       size_t *place)
{
    gpointer found;

    if (!g_hash_table_lookup_extended(index->places, key, NULL, &found))
        return false;
    *place = GPOINTER_TO_SIZE(found);
    return true;
}

/* --- while a picture grows ----------------------------------------------------------------- */

void places_init(struct places *places, const struct snapshot *previous)
{
    places->previous = previous;
    places->own = previous ? NULL : g_hash_table_new(domain_key_hash, domain_key_same);
}

void places_clear(struct places *places)
{
    g_clear_pointer(&places->own, g_hash_table_unref);
}

static bool comes_next(const struct places *places, const struct domain_key *key, size_t n)
{
    return n < places->previous->n_domains &&
           domain_key_equal(&places->previous->domains[n].identity->key, key);
}

bool places_find(const struct places *places, size_t n, const struct domain_key *key, size_t *place)
{
    gpointer found;

    if (places->own) {
        if (!g_hash_table_lookup_extended(places->own, key, NULL, &found))
            return false;
        *place = GPOINTER_TO_SIZE(found);
        return true;
    }
    return !comes_next(places, key, n) &&
           domain_index_find(((const struct picture *)places->previous)->index, key, place) &&
           *place < n;
}

void places_add(struct places *places, const struct domain *domains, size_t n,
                const struct identity *identity)
{
    if (!places->own && !comes_next(places, &identity->key, n)) {
        places->own = g_hash_table_new(domain_key_hash, domain_key_same);
        for (size_t i = 0; i < n; i++)
            g_hash_table_insert(places->own, (gpointer)&domains[i].identity->key,
                                GSIZE_TO_POINTER(i));
    }
    if (places->own)
        g_hash_table_insert(places->own, (gpointer)&identity->key, GSIZE_TO_POINTER(n));
}

void places_replace(struct places *places, size_t place, const struct identity *identity)
{
    /* In this order: the key that is there may be freed with its identity. */
    if (places->own)
        g_hash_table_replace(places->own, (gpointer)&identity->key, GSIZE_TO_POINTER(place));
}

bool places_complete(const struct places *places, size_t n)
{
    return !places->own && n == places->previous->n_domains;
}

struct domain_index *places_index(const struct places *places, const struct domain *domains,
                                  size_t n)
{
    if (places_complete(places, n))
        return domain_index_ref(((const struct picture *)places->previous)->index);
    return domain_index_new(domains, n);
}
