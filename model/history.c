/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/history.h"

#include "model/backend.h"
#include "model/trouble.h"

#include <string.h>

#define SLOPE_NS (300 * (uint64_t)G_TIME_SPAN_SECOND * 1000)
#define SLOPE_SAMPLES 10
#define DENSE_NS (20 * (uint64_t)G_TIME_SPAN_SECOND * 1000) /* never thinned: rates need it */
#define DAY_NS (86400 * (uint64_t)G_TIME_SPAN_SECOND * 1000)
#define REACHED_SLACK (UINT64_C(16) << 20)

struct sample {
    uint64_t taken_ns;
    uint64_t needed;
    uint32_t growth[HISTORY_COUNTERS_]; /* since the first sample of this program */
    int16_t permille;                   /* needed of the wall, -1 unknown */
    bool known;                         /* needed was read */
};

struct counter {
    uint64_t last, growth;
    int64_t last_time;
    bool seen;
};

/* Of a figure in a group. */
struct base {
    uint64_t first, last;
    uint64_t before; /* a counter's growth until it began anew */
    bool seen;
};

struct history {
    struct domain_key key;
    uint64_t instance;
    uint64_t seen_ns;
    uint64_t target, target_ns; /* target_ns 0: reached or unknown */
    struct counter counters[HISTORY_COUNTERS_];
    struct base *bases;     /* one per row of the backend's figures, or NULL: none has a group */
    struct sample *samples; /* oldest first */
    unsigned n, room;
    unsigned n_same;  /* so many of the newest are the same */
    uint64_t version; /* see history_version() */
};

struct histories {
    GHashTable *table; /* struct domain_key inside of the history -> struct history */
};

static const int counter_roles[HISTORY_COUNTERS_] = {
    [HISTORY_THROTTLED] = FIGURE_THROTTLED,
    [HISTORY_FAILCNT] = FIGURE_FAILCNT,
    [HISTORY_OOM_KILLS] = FIGURE_OOM_KILLS,
    [HISTORY_MALLOC_FAILS] = FIGURE_MALLOC_FAILS,
};

static void history_free(gpointer data)
{
    struct history *history = data;
    g_free(history->bases);
    g_free(history->samples);
    g_free(history);
}

struct histories *histories_new(void)
{
    struct histories *histories = g_new0(struct histories, 1);
    histories->table = g_hash_table_new_full(domain_key_hash, domain_key_same, NULL, history_free);
    return histories;
}

void histories_free(struct histories *histories)
{
    if (!histories)
        return;
    g_hash_table_unref(histories->table);
    g_free(histories);
}

static void drop_sample(struct history *history, unsigned index)
{
    memmove(history->samples + index, history->samples + index + 1,
            (history->n - index - 1) * sizeof *history->samples);
    history->n--;
}

/* Keeps the ring within its length and 5 minutes; what is left stays evenly spread. */
static void thin(struct history *history, uint64_t now_ns)
{
    while (history->n > 1 && history->samples[1].taken_ns + SLOPE_NS < now_ns)
        drop_sample(history, 0);
    if (history->n < HISTORY_LENGTH)
        return;
    unsigned best = 0;
    uint64_t smallest = UINT64_MAX;
    for (unsigned i = 1; i + 1 < history->n; i++) {
        const struct sample *sample = &history->samples[i];
        if (sample->taken_ns + DENSE_NS > now_ns)
            break;
        uint64_t gap = sample[1].taken_ns - sample[-1].taken_ns;
        if (gap < smallest) {
            smallest = gap;
            best = i;
        }
    }
    drop_sample(history, best);
}

static void count(struct history *history, const struct snapshot *snapshot,
                  const struct domain *domain, int64_t when)
{
    for (int i = 0; i < HISTORY_COUNTERS_; i++) {
        struct counter *counter = &history->counters[i];
        uint64_t now;
        if (!value_get(snapshot_figure(snapshot, domain, counter_roles[i]), &now))
            continue;
        if (counter->seen && now != counter->last) {
            /* Smaller: it was restarted, and what it counts now happened since. */
            uint64_t grown = now > counter->last ? now - counter->last : now;
            counter->growth += grown;
            if (grown)
                counter->last_time = when;
        }
        counter->last = now;
        counter->seen = true;
    }
}

static void compare_groups(struct history *history, const struct snapshot *snapshot,
                           const struct domain *domain)
{
    const struct figure *figures = snapshot->backend->figures;
    for (size_t i = 0; figures[i].name; i++) {
        uint64_t now;
        if (!figures[i].group || !value_get(domain->figures[i], &now))
            continue;
        if (!history->bases)
            history->bases = g_new0(struct base, figure_count(figures));
        struct base *base = &history->bases[i];
        if (!base->seen)
            base->first = now;
        else if (figures[i].counter && now < base->last) {
            base->before += base->last - base->first;
            base->first = 0;
        }
        base->last = now;
        base->seen = true;
    }
}

static void watch_target(struct history *history, const struct snapshot *snapshot,
                         const struct domain *domain)
{
    uint64_t target, size, slack;
    struct value asked = snapshot_figure(snapshot, domain, FIGURE_TARGET);
    struct value given = snapshot_figure(snapshot, domain, FIGURE_SIZE);
    if (given.kind != VALUE_NUMBER)
        given = snapshot_figure(snapshot, domain, FIGURE_HELD);
    if (!value_get(asked, &target) || !value_get(given, &size)) {
        history->target_ns = 0;
        return;
    }
    slack = MAX(target / 100, REACHED_SLACK);
    if ((size > target ? size - target : target - size) <= slack)
        history->target_ns = 0;
    else if (!history->target_ns || history->target != target)
        history->target_ns = domain->taken_ns;
    history->target = target;
}

static int16_t permille_of_wall(const struct snapshot *snapshot, const struct domain *domain)
{
    struct wall_state wall, limit;
    if (!trouble_wall(snapshot, domain, &wall, &limit))
        return -1;
    return (int16_t)MIN(1000.0, 1000.0 * (double)wall.used / (double)wall.limit);
}

static bool same_sample(const struct sample *a, const struct sample *b)
{
    return a->needed == b->needed && a->known == b->known && a->permille == b->permille &&
           !memcmp(a->growth, b->growth, sizeof a->growth);
}

static void add_sample(struct history *history, const struct sample *sample)
{
    thin(history, sample->taken_ns);
    if (history->n == history->room) {
        history->room = MIN(HISTORY_LENGTH, MAX(8, history->room * 2));
        history->samples = g_renew(struct sample, history->samples, history->room);
    }
    bool same = history->n && same_sample(&history->samples[history->n - 1], sample);
    history->n_same = same ? history->n_same + 1 : 1;
    history->samples[history->n++] = *sample;
}

static void add_new_sample(struct history *history, const struct snapshot *snapshot,
                           const struct domain *domain)
{
    struct sample sample = {.taken_ns = domain->taken_ns};
    sample.known = value_get(trouble_needed(snapshot, domain), &sample.needed);
    sample.permille = permille_of_wall(snapshot, domain);
    for (int i = 0; i < HISTORY_COUNTERS_; i++)
        sample.growth[i] = (uint32_t)MIN(history->counters[i].growth, UINT32_MAX);
    add_sample(history, &sample);
}

static void add_same_sample(struct history *history, uint64_t taken_ns)
{
    struct sample sample = history->samples[history->n - 1];
    sample.taken_ns = taken_ns;
    add_sample(history, &sample);
}

static struct history *history_of(struct histories *histories, const struct domain_key *key)
{
    struct history *history = g_hash_table_lookup(histories->table, key);
    if (history)
        return history;
    history = g_new0(struct history, 1);
    history->key = *key;
    g_hash_table_insert(histories->table, &history->key, history);
    return history;
}

static void add_domain(struct histories *histories, const struct snapshot *snapshot,
                       const struct domain *domain, bool same)
{
    struct history *history = history_of(histories, &domain->identity->key);
    history->seen_ns = snapshot->taken_ns;
    if (!same)
        history->version++;
    if (!domain->taken_ns || !domain_state_active(domain->identity->state))
        return;
    if (history->n && history->samples[history->n - 1].taken_ns >= domain->taken_ns)
        return;
    if (same && history->n && history->instance == domain->identity->instance) {
        add_same_sample(history, domain->taken_ns);
        return;
    }
    if (history->instance != domain->identity->instance) {
        /* Started anew: its slope has nothing to do with the one before. */
        history->instance = domain->identity->instance;
        history->n = 0;
        history->target_ns = 0;
        g_clear_pointer(&history->bases, g_free);
    }
    int64_t age_us = snapshot->taken_ns > domain->taken_ns
                         ? (int64_t)((snapshot->taken_ns - domain->taken_ns) / 1000)
                         : 0;
    count(history, snapshot, domain, (snapshot->taken_time - age_us) / G_TIME_SPAN_SECOND);
    compare_groups(history, snapshot, domain);
    watch_target(history, snapshot, domain);
    add_new_sample(history, snapshot, domain);
}

void histories_add(struct histories *histories, const struct snapshot *before,
                   const struct snapshot *snapshot)
{
    bool same_host = before && snapshot_same_host(before, snapshot);
    for (size_t i = 0; i < snapshot->n_domains; i++) {
        const struct domain *domain = &snapshot->domains[i];
        bool same = same_host && snapshot_same_domain(before, snapshot, i);
        add_domain(histories, snapshot, domain, same);
    }
}

const struct history *histories_find(const struct histories *histories,
                                     const struct domain_key *key)
{
    return g_hash_table_lookup(histories->table, key);
}

static gboolean is_old(gpointer key, gpointer value, gpointer data)
{
    const struct history *history = value;
    return history->seen_ns + DAY_NS < *(const uint64_t *)data;
}

void histories_expire(struct histories *histories, uint64_t now_ns)
{
    g_hash_table_foreach_remove(histories->table, is_old, &now_ns);
}

uint64_t history_version(const struct history *history)
{
    return history ? history->version : 0;
}

bool history_steady(const struct history *history)
{
    return history && history->n_same >= history->n && !history->target_ns;
}

bool history_slope(const struct history *history, double *bytes_per_second)
{
    if (!history || !history->n)
        return false;
    const struct sample *last = &history->samples[history->n - 1];
    double n = 0, st = 0, sy = 0, stt = 0, sty = 0;
    for (unsigned i = 0; i < history->n; i++) {
        const struct sample *sample = &history->samples[i];
        if (!sample->known || sample->taken_ns + SLOPE_NS < last->taken_ns)
            continue;
        /* Seconds before the last sample, bytes beside its own: small numbers keep the sums exact.
         */
        double t = -(double)(last->taken_ns - sample->taken_ns) / 1e9;
        double y = (double)sample->needed - (double)last->needed;
        n++;
        st += t;
        sy += y;
        stt += t * t;
        sty += t * y;
    }
    double spread = n * stt - st * st;
    if (n < SLOPE_SAMPLES || spread <= 0)
        return false;
    *bytes_per_second = (n * sty - st * sy) / spread;
    return true;
}

double history_rate(const struct history *history, enum history_counter counter, unsigned seconds)
{
    if (!history || !history->n)
        return 0;
    const struct sample *last = &history->samples[history->n - 1];
    /* A tenth of tolerance: a refresh of 2 s is never exactly 2 s. */
    uint64_t span_ns = (uint64_t)seconds * 900000000;
    for (unsigned i = history->n - 1; i-- > 0;) {
        const struct sample *first = &history->samples[i];
        uint64_t passed_ns = last->taken_ns - first->taken_ns;
        if (passed_ns >= span_ns)
            return (double)(last->growth[counter] - first->growth[counter]) * 1e9 /
                   (double)passed_ns;
    }
    return 0;
}

uint64_t history_growth(const struct history *history, enum history_counter counter,
                        int64_t *last_time)
{
    if (last_time)
        *last_time = history ? history->counters[counter].last_time : 0;
    return history ? history->counters[counter].growth : 0;
}

bool history_difference(const struct history *history, size_t figure, int64_t *difference)
{
    if (!history || !history->bases || !history->bases[figure].seen)
        return false;
    const struct base *base = &history->bases[figure];
    *difference = (int64_t)(base->before + (base->last - base->first));
    return true;
}

bool history_target(const struct history *history, uint64_t *target, uint64_t *since_ns)
{
    if (!history || !history->target_ns)
        return false;
    *target = history->target;
    *since_ns = history->target_ns;
    return true;
}

size_t history_trend(const struct history *history, int *values, size_t n)
{
    if (!history)
        return 0;
    n = MIN(n, history->n);
    for (size_t i = 0; i < n; i++)
        values[i] = history->samples[history->n - n + i].permille;
    return n;
}
