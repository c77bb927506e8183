/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/seen.h"

#include "model/backend.h"

/* What else a write changes is seen so soon after it. */
#define GRACE_NS (UINT64_C(3) * 1000000000)
/* A picture that shows what we wrote may come so late. */
#define LATE_NS (UINT64_C(60) * 1000000000)
#define WAITING_MAX 64 /* that the journal had no time for */

/* A value that we write or wrote. */
struct mine {
    struct domain_key key;
    const struct tunable *tunable;
    enum scope scope;
    unsigned jobs;    /* that write it now */
    uint64_t done_ns; /* when the last one ended */
    struct value after;
};

/* A change that the journal does not have yet. */
struct waiting {
    const struct snapshot *snapshot; /* referenced */
    struct change change;
};

struct seen {
    GArray *mine;    /* struct mine */
    GArray *waiting; /* struct waiting */
};

static void waiting_clear(gpointer data)
{
    snapshot_unref(((struct waiting *)data)->snapshot);
}

struct seen *seen_new(void)
{
    struct seen *seen = g_new0(struct seen, 1);

    seen->mine = g_array_new(FALSE, FALSE, sizeof(struct mine));
    seen->waiting = g_array_new(FALSE, FALSE, sizeof(struct waiting));
    g_array_set_clear_func(seen->waiting, waiting_clear);
    return seen;
}

void seen_free(struct seen *seen)
{
    if (seen == NULL)
        return;
    g_array_unref(seen->mine);
    g_array_unref(seen->waiting);
    g_free(seen);
}

/* --- ours ---------------------------------------------------------------------------------- */

static struct mine *find(const struct seen *seen, const struct change *change)
{
    for (guint i = 0; i < seen->mine->len; i++) {
        struct mine *mine = &g_array_index(seen->mine, struct mine, i);

        if (mine->tunable == change->tunable && mine->scope == change->scope &&
            domain_key_equal(&mine->key, &change->key))
            return mine;
    }
    return NULL;
}

void seen_ours(struct seen *seen, const struct change *changes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct mine *mine = find(seen, &changes[i]);
        const struct mine first = {.key = changes[i].key,
                                   .tunable = changes[i].tunable,
                                   .scope = changes[i].scope,
                                   .jobs = 1};

        if (mine != NULL)
            mine->jobs++;
        else
            g_array_append_val(seen->mine, first);
    }
}

void seen_done(struct seen *seen, const struct result *results, size_t n, uint64_t now_ns)
{
    for (size_t i = 0; i < n; i++) {
        struct mine *mine = find(seen, &results[i].change);

        if (mine == NULL || mine->jobs == 0)
            continue;
        mine->jobs--;
        mine->done_ns = now_ns;
        mine->after = results[i].after;
    }
}

static void forget_old(struct seen *seen, uint64_t now_ns)
{
    for (guint i = seen->mine->len; i-- > 0;) {
        const struct mine *mine = &g_array_index(seen->mine, struct mine, i);

        if (mine->jobs == 0 && now_ns > mine->done_ns + LATE_NS)
            g_array_remove_index_fast(seen->mine, i);
    }
}

/* Something of the domain is being written, or was just now: it may change more than was asked. */
static bool busy(const struct seen *seen, const struct domain_key *key, uint64_t now_ns)
{
    for (guint i = 0; i < seen->mine->len; i++) {
        const struct mine *mine = &g_array_index(seen->mine, struct mine, i);

        if (domain_key_equal(&mine->key, key) &&
            (mine->jobs > 0 || now_ns < mine->done_ns + GRACE_NS))
            return true;
    }
    return false;
}

static bool is_ours(const struct seen *seen, const struct change *change, uint64_t now_ns)
{
    const struct mine *mine = find(seen, change);

    if (mine == NULL)
        return busy(seen, &change->key, now_ns);
    return mine->jobs > 0 || value_equal(mine->after, change->to);
}

/* --- what changed -------------------------------------------------------------------------- */

/* Where it is read, and not a position on the way to it. */
static bool is_setting(const struct snapshot *snapshot, const struct domain *domain,
                       const struct tunable *tunable, enum scope scope)
{
    switch (tunable->readback) {
    case READBACK_EXACT:
        return true;
    case READBACK_NONE:
        return false;
    case READBACK_CONVERGES:
        return scope == SCOPE_CONFIG ||
               snapshot_figure(snapshot, domain, FIGURE_TARGET).kind == VALUE_NUMBER;
    }
    return false;
}

static void note(struct seen *seen, const struct snapshot *snapshot, const struct change *change)
{
    const struct waiting waiting = {snapshot_ref(snapshot), *change};

    if (seen->waiting->len == WAITING_MAX)
        g_array_remove_index(seen->waiting, 0);
    g_array_append_val(seen->waiting, waiting);
}

static void compare_value(struct seen *seen, const struct snapshot *snapshot,
                          const struct domain *domain, const struct tunable *tunable,
                          enum scope scope, struct value from, struct value to, uint64_t now_ns)
{
    const struct change change = {
        .key = domain->identity->key, .tunable = tunable, .scope = scope, .from = from, .to = to};

    if (value_known(from) && value_known(to) && !value_equal(from, to) &&
        is_setting(snapshot, domain, tunable, scope) && !is_ours(seen, &change, now_ns))
        note(seen, snapshot, &change);
}

/* A start sets everything anew, and an end ends it. */
static bool same_life(const struct domain *before, const struct domain *after)
{
    return !domain_started_anew(before->identity->instance, after->identity->instance) &&
           domain_state_active(before->identity->state) ==
               domain_state_active(after->identity->state) &&
           before->identity->state != DOMAIN_GONE && after->identity->state != DOMAIN_GONE;
}

static void compare_domain(struct seen *seen, const struct snapshot *snapshot,
                           const struct domain *before, const struct domain *after, uint64_t now_ns)
{
    const struct tunable *table = snapshot->backend->tunables;

    if (before->settings == after->settings || !same_life(before, after))
        return;
    for (size_t i = 0; i < tunable_count(table); i++) {
        compare_value(seen, snapshot, after, &table[i], SCOPE_LIVE, before->settings[i].live,
                      after->settings[i].live, now_ns);
        compare_value(seen, snapshot, after, &table[i], SCOPE_CONFIG, before->settings[i].config,
                      after->settings[i].config, now_ns);
    }
}

/* What the journal has no time for comes with the next picture. */
static void tell(struct seen *seen, struct journal *journal)
{
    while (seen->waiting->len > 0) {
        const struct waiting *first = &g_array_index(seen->waiting, struct waiting, 0);
        const struct journal_record record = {
            .kind = JOURNAL_SEEN,
            .snapshot = first->snapshot,
            .domain = snapshot_find(first->snapshot, &first->change.key),
            .change = &first->change,
        };

        if (!journal_append(journal, &record, 1, JOURNAL_LAZY, NULL))
            return;
        g_array_remove_index(seen->waiting, 0);
    }
}

void seen_compare(struct seen *seen, const struct snapshot *before, const struct snapshot *after,
                  struct journal *journal, uint64_t now_ns)
{
    forget_old(seen, now_ns);
    for (size_t i = 0; before->taken_ns != 0 && before != after && i < after->n_domains; i++) {
        const struct domain *domain = &after->domains[i];
        const struct domain *was = snapshot_find(before, &domain->identity->key);

        if (was != NULL)
            compare_domain(seen, after, was, domain, now_ns);
    }
    tell(seen, journal);
}
