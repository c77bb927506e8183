/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/snapshot.h"

#include "model/backend.h"
#include "model/snapshot-parts.h"
#include "model/text.h"

#include <string.h>

const char *connection_state_name(enum connection_state state)
{
    /* clang-format off */
    static const char *const names[] = {
        [CONNECTION_CONNECTING] = "connecting",
        [CONNECTION_CONNECTED]  = "connected",
        [CONNECTION_LOST]       = "lost",
        [CONNECTION_FAILED]     = "failed",
        [CONNECTION_CLOSED]     = "closed",
    };
    /* clang-format on */

    return (size_t)state < G_N_ELEMENTS(names) ? names[state] : "unknown";
}

void host_set(char **field, const char *text)
{
    char *cleaned = text ? text_clean(text) : NULL;

    g_free(*field);
    *field = cleaned;
}

void host_copy(struct host *to, const struct host *from)
{
    *to = *from;
    to->name = g_strdup(from->name);
    to->hypervisor = g_strdup(from->hypervisor);
    to->version = g_strdup(from->version);
    to->detail = g_strdup(from->detail);
}

void host_clear(struct host *host)
{
    g_free(host->name);
    g_free(host->hypervisor);
    g_free(host->version);
    g_free(host->detail);
}

struct snapshot *snapshot_ref(const struct snapshot *snapshot)
{
    struct picture *picture = (struct picture *)snapshot;

    if (!picture)
        return NULL;
    atomic_fetch_add_explicit(&picture->refs, 1, memory_order_relaxed);
    return &picture->snapshot;
}

void snapshot_unref(const struct snapshot *snapshot)
{
    struct picture *picture = (struct picture *)snapshot;

    if (!picture || atomic_fetch_sub_explicit(&picture->refs, 1, memory_order_acq_rel) != 1)
        return;
    for (size_t i = 0; i < picture->snapshot.n_domains; i++) {
        identity_unref(picture->domains[i].identity);
        settings_unref(picture->domains[i].settings);
    }
    host_clear(&picture->snapshot.host);
    domain_index_unref(picture->index);
    g_free(picture->snapshot.uri);
    g_free(picture->snapshot.error);
    g_free(picture->domains);
    g_free(picture->figures);
    g_free(picture->walls);
    g_free(picture);
}

const struct domain *snapshot_find(const struct snapshot *snapshot, const struct domain_key *key)
{
    const struct picture *picture = (const struct picture *)snapshot;
    size_t place;

    return domain_index_find(picture->index, key, &place) ? &picture->domains[place] : NULL;
}

/* Domains mostly keep their places. */
const struct domain *snapshot_find_at(const struct snapshot *snapshot, const struct domain_key *key,
                                      size_t place)
{
    if (place < snapshot->n_domains &&
        domain_key_equal(&snapshot->domains[place].identity->key, key))
        return &snapshot->domains[place];
    return snapshot_find(snapshot, key);
}

bool snapshot_same_host(const struct snapshot *before, const struct snapshot *snapshot)
{
    const struct host *a = &before->host, *b = &snapshot->host;

    return before->backend == snapshot->backend && before->state == snapshot->state &&
           value_equal(a->total, b->total) && value_equal(a->available, b->available);
}

static bool same_walls(const struct domain *a, const struct domain *b)
{
    if (a->n_walls != b->n_walls)
        return false;
    for (size_t i = 0; i < b->n_walls; i++) {
        const struct wall *x = &a->walls[i], *y = &b->walls[i];

        if (x->owner != y->owner || x->limit != y->limit || x->needed != y->needed ||
            x->kind != y->kind)
            return false;
    }
    return true;
}

bool snapshot_same_domain(const struct snapshot *before, const struct snapshot *snapshot,
                          size_t place)
{
    const struct picture *picture = (const struct picture *)snapshot;
    const struct domain *b = &snapshot->domains[place];
    const struct domain *a = snapshot_find_at(before, &b->identity->key, place);

    /* Identity and settings are shared between pictures where nothing in them changed. */
    return a && a->identity == b->identity && a->settings == b->settings && same_walls(a, b) &&
           (!picture->n_figures ||
            !memcmp(a->figures, b->figures, picture->n_figures * sizeof *b->figures));
}

static const struct setting *not_offered(void)
{
    static const char reason[] = "not_offered: not offered by this hypervisor";
    static const struct setting setting = {
        .live = {.kind = VALUE_UNSUPPORTED, .reason = reason},
        .config = {.kind = VALUE_UNSUPPORTED, .reason = reason},
        .why_not = reason,
    };

    return &setting;
}

const struct setting *snapshot_setting(const struct snapshot *snapshot, const struct domain *domain,
                                       const struct tunable *tunable)
{
    const struct tunable *table = snapshot->backend->tunables;
    size_t n = tunable_count(table);

    for (size_t i = 0; i < n; i++) {
        if (tunable == &table[i])
            return &domain->settings[i];
    }
    return not_offered();
}

struct value snapshot_figure(const struct snapshot *snapshot, const struct domain *domain,
                             int figure_role)
{
    int index = snapshot->figures[figure_role];

    return index < 0 ? not_offered()->live : domain->figures[index];
}

const struct setting *snapshot_role(const struct snapshot *snapshot, const struct domain *domain,
                                    enum role role)
{
    const struct tunable *tunable = tunable_by_role(snapshot->backend->tunables, role);

    return tunable ? snapshot_setting(snapshot, domain, tunable) : NULL;
}
