/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/rows.h"

#include "model/hub.h"

struct rows {
    GArray *rows;         /* struct row */
    GHashTable *index;    /* key of a row -> place + 1; the keys are in `rows` */
    GHashTable *troubles; /* struct domain_key -> struct trouble: what was said last */
    struct histories *histories;
    uint64_t made_ns, expired_ns;
    bool stale;
};

#define EXPIRE_EVERY_NS (60 * (uint64_t)G_USEC_PER_SEC * 1000)

static GHashTable *troubles_new(void)
{
    return g_hash_table_new_full(domain_key_hash, domain_key_same, g_free, g_free);
}

struct rows *rows_new(void)
{
    struct rows *rows = g_new0(struct rows, 1);

    rows->rows = g_array_new(FALSE, FALSE, sizeof(struct row));
    rows->index = g_hash_table_new(domain_key_hash, domain_key_same);
    rows->troubles = troubles_new();
    rows->histories = histories_new();
    rows->stale = true;
    return rows;
}

void rows_free(struct rows *rows)
{
    if (rows == NULL)
        return;
    g_hash_table_unref(rows->index);
    g_hash_table_unref(rows->troubles);
    g_array_unref(rows->rows);
    histories_free(rows->histories);
    g_free(rows);
}

void rows_take(struct rows *rows, const struct snapshot *snapshot)
{
    uint64_t now = clock_ns();

    histories_add(rows->histories, snapshot);
    if (now - rows->expired_ns >= EXPIRE_EVERY_NS) {
        histories_expire(rows->histories, now);
        rows->expired_ns = now;
    }
    rows->stale = true;
}

static void add_domain(struct rows *rows, const struct snapshot *snapshot,
                       const struct domain *domain, const struct trouble_clock *clock,
                       GHashTable *troubles)
{
    struct row row = {
        .key = domain->identity->key,
        .snapshot = snapshot,
        .domain = domain,
        .history = histories_find(rows->histories, &domain->identity->key),
    };
    struct domain_key *key = g_new(struct domain_key, 1);
    struct trouble *kept = g_new(struct trouble, 1);

    trouble_find(snapshot, domain, row.history, g_hash_table_lookup(rows->troubles, &row.key),
                 clock, &row.trouble);
    *key = row.key;
    *kept = row.trouble;
    g_hash_table_insert(troubles, key, kept);
    g_array_append_val(rows->rows, row);
}

static void make(struct rows *rows, const struct snapshot *const *shown, size_t n_shown,
                 const struct trouble_clock *clock)
{
    GHashTable *troubles = troubles_new();

    g_hash_table_remove_all(rows->index);
    g_array_set_size(rows->rows, 0);
    for (size_t i = 0; i < n_shown; i++) {
        for (size_t j = 0; j < shown[i]->n_domains; j++)
            add_domain(rows, shown[i], &shown[i]->domains[j], clock, troubles);
    }
    g_hash_table_unref(rows->troubles);
    rows->troubles = troubles;
    for (guint i = 0; i < rows->rows->len; i++)
        g_hash_table_insert(rows->index, &g_array_index(rows->rows, struct row, i).key,
                            GUINT_TO_POINTER(i + 1));
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
    guint place = GPOINTER_TO_UINT(g_hash_table_lookup(rows->index, key));

    return place == 0 ? NULL : &g_array_index(rows->rows, struct row, place - 1);
}
