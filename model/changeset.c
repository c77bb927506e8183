/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/changeset.h"

struct changeset {
    GArray *changes; /* struct change, oldest first */
};

struct changeset *changeset_new(void)
{
    struct changeset *set = g_new0(struct changeset, 1);

    set->changes = g_array_new(FALSE, FALSE, sizeof(struct change));
    return set;
}

void changeset_free(struct changeset *set)
{
    if (!set)
        return;
    g_array_unref(set->changes);
    g_free(set);
}

void changeset_put(struct changeset *set, const struct change *change)
{
    struct change kept = *change; /* it may be one of the set's own */

    changeset_drop(set, &kept.key, kept.tunable, kept.scope);
    if (!value_equal(kept.from, kept.to))
        g_array_append_val(set->changes, kept);
}

void changeset_drop(struct changeset *set, const struct domain_key *key,
                    const struct tunable *tunable, enum scope scope)
{
    for (guint i = set->changes->len; i-- > 0;) {
        const struct change *change = &g_array_index(set->changes, struct change, i);

        if (change->tunable == tunable && change->scope == scope &&
            domain_key_equal(&change->key, key)) {
            g_array_remove_index(set->changes, i);
            return;
        }
    }
}

void changeset_drop_domain(struct changeset *set, const struct domain_key *key)
{
    struct domain_key kept = *key; /* it may be inside of what is dropped */

    for (guint i = set->changes->len; i-- > 0;) {
        if (domain_key_equal(&g_array_index(set->changes, struct change, i).key, &kept))
            g_array_remove_index(set->changes, i);
    }
}

void changeset_clear(struct changeset *set)
{
    g_array_set_size(set->changes, 0);
}

bool changeset_undo(struct changeset *set, struct change *undone)
{
    guint n = set->changes->len;

    if (!n)
        return false;
    if (undone)
        *undone = g_array_index(set->changes, struct change, n - 1);
    g_array_set_size(set->changes, n - 1);
    return true;
}

size_t changeset_count(const struct changeset *set)
{
    return set->changes->len;
}

const struct change *changeset_get(const struct changeset *set, size_t index)
{
    return &g_array_index(set->changes, struct change, index);
}

const struct change *changeset_find(const struct changeset *set, const struct domain_key *key,
                                    const struct tunable *tunable, enum scope scope)
{
    for (size_t i = 0; i < changeset_count(set); i++) {
        const struct change *change = changeset_get(set, i);

        if (change->tunable == tunable && change->scope == scope &&
            domain_key_equal(&change->key, key))
            return change;
    }
    return NULL;
}

struct change *changeset_of(const struct changeset *set, const struct domain_key *key, size_t *n)
{
    struct change *changes = g_new(struct change, changeset_count(set) + 1);

    *n = 0;
    for (size_t i = 0; i < changeset_count(set); i++) {
        if (domain_key_equal(&changeset_get(set, i)->key, key))
            changes[(*n)++] = *changeset_get(set, i);
    }
    return changes;
}

struct domain_key *changeset_domains(const struct changeset *set, size_t *n)
{
    struct domain_key *keys = g_new(struct domain_key, changeset_count(set) + 1);
    g_autoptr(GHashTable) seen = g_hash_table_new(domain_key_hash, domain_key_same);

    *n = 0;
    for (size_t i = 0; i < changeset_count(set); i++) {
        const struct domain_key *key = &changeset_get(set, i)->key;

        if (g_hash_table_add(seen, (gpointer)key))
            keys[(*n)++] = *key;
    }
    return keys;
}
