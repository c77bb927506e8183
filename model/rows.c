/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/rows.h"

#include "model/hub.h"

struct rows {
    GArray *rows;      /* struct row */
    GArray *before;    /* those that were made before: their keys and troubles alone */
    GArray *keys;      /* struct domain_key: what `index` stands on */
    GHashTable *index; /* key of a row -> place + 1 */
    struct histories *histories;
    uint64_t made_ns, expired_ns;
    bool stale;
};

#define EXPIRE_EVERY_NS (60 * (uint64_t)G_USEC_PER_SEC * 1000)

struct rows *rows_new(void)
{
    struct rows *rows = g_new0(struct rows, 1);

    rows->rows = g_array_new(FALSE, FALSE, sizeof(struct row));
    rows->before = g_array_new(FALSE, FALSE, sizeof(struct row));
    rows->keys = g_array_new(FALSE, FALSE, sizeof(struct domain_key));
    rows->index = g_hash_table_new(domain_key_hash, domain_key_same);
    rows->histories = histories_new();
    rows->stale = true;
    return rows;
}

void rows_free(struct rows *rows)
{
    if (rows == NULL)
        return;
    g_hash_table_unref(rows->index);
    g_array_unref(rows->keys);
    g_array_unref(rows->before);
    g_array_unref(rows->rows);
    histories_free(rows->histories);
    g_free(rows);
}

void rows_take(struct rows *rows, const struct snapshot *before, const struct snapshot *snapshot)
{
    uint64_t now = clock_ns();

    histories_add(rows->histories, before, snapshot);
    if (now - rows->expired_ns >= EXPIRE_EVERY_NS) {
        histories_expire(rows->histories, now);
        rows->expired_ns = now;
    }
    rows->stale = true;
}

static size_t place_of(const struct rows *rows, const struct domain_key *key)
{
    return GPOINTER_TO_SIZE(g_hash_table_lookup(rows->index, key));
}

/* Domains mostly keep their places. NULL where there was none. */
static const struct row *row_before(const struct rows *rows, const struct domain_key *key,
                                    size_t place)
{
    const struct row *before = (const struct row *)(void *)rows->before->data;

    if (place >= rows->before->len || !domain_key_equal(&before[place].key, key)) {
        place = place_of(rows, key);
        return place == 0 ? NULL : &before[place - 1];
    }
    return &before[place];
}

static void make_row(const struct rows *rows, const struct snapshot *snapshot,
                     const struct domain *domain, const struct trouble_clock *clock, size_t place)
{
    struct row *row = &g_array_index(rows->rows, struct row, place);
    const struct row *before = row_before(rows, &domain->identity->key, place);

    row->key = domain->identity->key;
    row->snapshot = snapshot;
    row->domain = domain;
    row->history = histories_find(rows->histories, &row->key);
    row->place = place;
    row->tagged = false;
    trouble_find(snapshot, domain, row->history, before == NULL ? NULL : &before->trouble, clock,
                 &row->trouble);
}

static bool same_keys(const struct rows *rows)
{
    if (rows->keys->len != rows->rows->len)
        return false;
    for (guint i = 0; i < rows->rows->len; i++) {
        if (!domain_key_equal(&g_array_index(rows->keys, struct domain_key, i),
                              &g_array_index(rows->rows, struct row, i).key))
            return false;
    }
    return true;
}

static void index_rows(struct rows *rows)
{
    if (same_keys(rows))
        return;
    g_hash_table_remove_all(rows->index);
    g_array_set_size(rows->keys, rows->rows->len);
    for (guint i = 0; i < rows->rows->len; i++) {
        struct domain_key *key = &g_array_index(rows->keys, struct domain_key, i);

        *key = g_array_index(rows->rows, struct row, i).key;
        g_hash_table_insert(rows->index, key, GUINT_TO_POINTER(i + 1));
    }
}

static void make(struct rows *rows, const struct snapshot *const *shown, size_t n_shown,
                 const struct trouble_clock *clock)
{
    GArray *before = rows->before;
    size_t place = 0, n = 0;

    rows->before = rows->rows;
    rows->rows = before;
    for (size_t i = 0; i < n_shown; i++)
        n += shown[i]->n_domains;
    g_array_set_size(rows->rows, (guint)n);
    for (size_t i = 0; i < n_shown; i++) {
        for (size_t j = 0; j < shown[i]->n_domains; j++)
            make_row(rows, shown[i], &shown[i]->domains[j], clock, place++);
    }
    index_rows(rows);
}

struct row *rows_all(struct rows *rows, const struct snapshot *const *shown, size_t n_shown,
                     unsigned delay_ms, unsigned max_age_ms, size_t *n)
{
    struct trouble_clock clock = {
        .now_ns = clock_ns(),
        .now = g_get_real_time() / G_USEC_PER_SEC,
        .delay_ns = (uint64_t)delay_ms * 1000000,
    };

    if (rows->stale || clock.now_ns - rows->made_ns >= (uint64_t)max_age_ms * 1000000) {
        make(rows, shown, n_shown, &clock);
        rows->made_ns = clock.now_ns;
        rows->stale = false;
    }
    *n = rows->rows->len;
    return (struct row *)rows->rows->data;
}

const struct row *rows_find(const struct rows *rows, const struct domain_key *key)
{
    size_t place = place_of(rows, key);

    return place == 0 ? NULL : &g_array_index(rows->rows, struct row, place - 1);
}
