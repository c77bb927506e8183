/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/backend.h"
#include "model/select.h"

#include <string.h>

static int order_of(bool above, bool below)
{
    return (int)above - (int)below;
}

static int compare_values(struct value a, struct value b)
{
    bool left = value_known(a) && a.kind != VALUE_UNSET;
    bool right = value_known(b) && b.kind != VALUE_UNSET;
    if (left != right)
        return left ? -SORT_MISSING : SORT_MISSING;
    if (!left)
        return 0;
    int order = value_compare(a, b);
    return order_of(order > 0, order < 0);
}

static bool is_pinned(const struct row *row)
{
    return row->trouble.rank <= TROUBLE_SLOW_WALL;
}

static int by_left_percent(const struct row *a, const struct row *b)
{
    int left = a->trouble.percent_left, right = b->trouble.percent_left;
    if ((left < 0) != (right < 0))
        return left < 0 ? SORT_MISSING : -SORT_MISSING;
    return order_of(left > right, left < right);
}

/* Worst first; what is only a note or old stands by what is left, like everything else. */
static int by_trouble(const struct row *a, const struct row *b)
{
    if (is_pinned(a) != is_pinned(b))
        return is_pinned(a) ? -1 : 1;
    if (is_pinned(a) && a->trouble.rank != b->trouble.rank)
        return a->trouble.rank < b->trouble.rank ? -1 : 1;
    return by_left_percent(a, b);
}

static int by_name(const struct row *a, const struct row *b)
{
    return name_compare(a->domain->identity->name, b->domain->identity->name);
}

static const char *host_name(const struct row *row)
{
    return row->snapshot->host.name ? row->snapshot->host.name : "";
}

static int by_host(const struct row *a, const struct row *b)
{
    return name_compare(host_name(a), host_name(b));
}

static int by_state(const struct row *a, const struct row *b)
{
    enum domain_state left = a->domain->identity->state, right = b->domain->identity->state;
    return order_of(left > right, left < right);
}

static int by_needed(const struct row *a, const struct row *b)
{
    return compare_values(a->trouble.needed, b->trouble.needed);
}

static int by_left(const struct row *a, const struct row *b)
{
    return compare_values(a->trouble.left, b->trouble.left);
}

static int by_limit(const struct row *a, const struct row *b)
{
    return compare_values(a->trouble.limit, b->trouble.limit);
}

static int by_trend(const struct row *a, const struct row *b)
{
    return order_of(a->trouble.slope > b->trouble.slope, a->trouble.slope < b->trouble.slope);
}

static int by_figure(const struct row *a, const struct row *b, int role)
{
    return compare_values(snapshot_figure(a->snapshot, a->domain, role),
                          snapshot_figure(b->snapshot, b->domain, role));
}

/* The value of a tunable where no figure has it. */
static struct value maximum_of(const struct row *row)
{
    struct value figure = snapshot_figure(row->snapshot, row->domain, FIGURE_MAXIMUM);
    if (value_known(figure))
        return figure;
    const struct setting *setting = snapshot_role(row->snapshot, row->domain, ROLE_MAXIMUM);
    if (!setting)
        return figure;
    return value_known(setting->live) ? setting->live : setting->config;
}

static int by_maximum(const struct row *a, const struct row *b)
{
    return compare_values(maximum_of(a), maximum_of(b));
}

#define BY_FIGURE(name, role)                                                                      \
    static int name(const struct row *a, const struct row *b)                                      \
    {                                                                                              \
        return by_figure(a, b, role);                                                              \
    }
BY_FIGURE(by_held, FIGURE_HELD)
BY_FIGURE(by_droppable, FIGURE_DROPPABLE)
BY_FIGURE(by_guest, FIGURE_GUEST)
BY_FIGURE(by_peak, FIGURE_PEAK)
BY_FIGURE(by_swap, FIGURE_SWAP)
BY_FIGURE(by_memsw, FIGURE_MEMSW)
BY_FIGURE(by_size, FIGURE_SIZE)
BY_FIGURE(by_target, FIGURE_TARGET)
BY_FIGURE(by_ballooned, FIGURE_BALLOONED)
BY_FIGURE(by_anon, FIGURE_ANON)
BY_FIGURE(by_cache, FIGURE_CACHE)
BY_FIGURE(by_mapped, FIGURE_MAPPED)
BY_FIGURE(by_failcnt, FIGURE_FAILCNT)
BY_FIGURE(by_throttled, FIGURE_THROTTLED)
BY_FIGURE(by_oom_kills, FIGURE_OOM_KILLS)
BY_FIGURE(by_under_oom, FIGURE_UNDER_OOM)
BY_FIGURE(by_psi_some, FIGURE_PSI_SOME)
BY_FIGURE(by_psi_full, FIGURE_PSI_FULL)
BY_FIGURE(by_psi_total, FIGURE_PSI_TOTAL)
BY_FIGURE(by_malloc_fails, FIGURE_MALLOC_FAILS)
BY_FIGURE(by_hugepages, FIGURE_HUGEPAGES)
BY_FIGURE(by_locked, FIGURE_LOCKED)
BY_FIGURE(by_stats_age, FIGURE_STATS_AGE)
BY_FIGURE(by_oom_time, FIGURE_OOM_TIME)
BY_FIGURE(by_overhead, FIGURE_OVERHEAD)

/* clang-format off */
const struct sort_key sort_keys[] = {
    {"trouble",      "trouble, then % left", false, by_trouble},
    {"name",         "name",                 false, by_name},
    {"host",         "host",                 false, by_host},
    {"state",        "state",                false, by_state},
    {"held",         "held",                 true,  by_held},
    {"needed",       "needed",               true,  by_needed},
    {"guest",        "guest's own use",      true,  by_guest},
    {"left",         "left",                 false, by_left},
    {"left_percent", "% left",               false, by_left_percent},
    {"limit",        "limit",                true,  by_limit},
    {"trend",        "trend",                true,  by_trend},
    {"psi",          "pressure",             true,  by_psi_full},
    {"swap",         "swap",                 true,  by_swap},
    {"peak",         "peak",                 true,  by_peak},
    {"maximum",      "maximum",              true,  by_maximum},
    {"size",         "size",                 true,  by_size},
    {"target",       "balloon target",       true,  by_target},
    {"ballooned",    "ballooned",            true,  by_ballooned},
    {"memsw",        "memory and swap",      true,  by_memsw},
    {"droppable",    "droppable",            true,  by_droppable},
    {"anon",         "anonymous",            true,  by_anon},
    {"cache",        "page cache",           true,  by_cache},
    {"mapped",       "mapped files",         true,  by_mapped},
    {"failcnt",      "limit reached",        true,  by_failcnt},
    {"throttled",    "throttled",            true,  by_throttled},
    {"oom_kills",    "oom-kills",            true,  by_oom_kills},
    {"oom_time",     "last oom-kill",        true,  by_oom_time},
    {"under_oom",    "under oom",            true,  by_under_oom},
    {"psi_some",     "pressure, some",       true,  by_psi_some},
    {"psi_full",     "pressure, full",       true,  by_psi_full},
    {"psi_total",    "pressure, total",      true,  by_psi_total},
    {"malloc_fails", "malloc failures",      true,  by_malloc_fails},
    {"hugepages",    "hugepages",            true,  by_hugepages},
    {"locked",       "locked memory",        true,  by_locked},
    {"overhead",     "overhead",             true,  by_overhead},
    {"stats_age",    "age of guest figures", true,  by_stats_age},
    {NULL, NULL, false, NULL},
};
/* clang-format on */

const struct sort_key *sort_key_find(const char *name)
{
    for (const struct sort_key *key = sort_keys; key->name; key++)
        if (strcmp(key->name, name) == 0)
            return key;
    return NULL;
}

struct sorting {
    const struct sort_key *key;
    bool reverse, pin;
};

static int directed(const struct sorting *sorting, const struct row *a, const struct row *b)
{
    int order = sorting->key->compare(a, b);
    bool flip = sorting->key->descending != sorting->reverse;
    return flip && order > -SORT_MISSING && order < SORT_MISSING ? -order : order;
}

static int compare_rows(const void *a, const void *b, void *data)
{
    const struct row *left = a, *right = b;
    const struct sorting *sorting = data;
    int order = 0;
    if (sorting->pin && (is_pinned(left) || is_pinned(right)))
        order = by_trouble(left, right);
    else
        order = directed(sorting, left, right);
    if (!order)
        order = by_host(left, right);
    return order ? order : by_name(left, right);
}

static bool in_order(const struct row *rows, size_t n, struct sorting *sorting)
{
    for (size_t i = 1; i < n; i++)
        if (compare_rows(&rows[i - 1], &rows[i], sorting) > 0)
            return false;
    return true;
}

void rows_sort(struct row *rows, size_t n, const struct sort_key *key, bool reverse, bool pin)
{
    struct sorting sorting = {.key = key, .reverse = reverse, .pin = pin};
    /* Often they are: a screen keeps them as they were a refresh ago. */
    if (!in_order(rows, n, &sorting))
        g_qsort_with_data(rows, (int)n, sizeof *rows, compare_rows, &sorting);
}

struct place {
    size_t rank; /* in the held order, or behind it */
    size_t index;
};

static int compare_places(const void *a, const void *b)
{
    const struct place *left = a, *right = b;
    if (left->rank != right->rank)
        return left->rank < right->rank ? -1 : 1;
    return order_of(left->index > right->index, left->index < right->index);
}

void rows_hold(struct row *rows, size_t n, const struct domain_key *order, size_t n_order)
{
    if (n < 2 || !n_order)
        return;
    g_autoptr(GHashTable) ranks = g_hash_table_new(domain_key_hash, domain_key_same);
    for (size_t i = n_order; i-- > 0;)
        g_hash_table_insert(ranks, (gpointer)&order[i], GSIZE_TO_POINTER(i + 1));
    g_autofree struct place *places = g_new(struct place, n);
    g_autofree struct row *copy = g_memdup2(rows, n * sizeof *rows);
    for (size_t i = 0; i < n; i++) {
        size_t rank = GPOINTER_TO_SIZE(g_hash_table_lookup(ranks, &rows[i].key));
        places[i] = (struct place){.rank = rank ? rank : n_order + 1, .index = i};
    }
    qsort(places, n, sizeof *places, compare_places);
    for (size_t i = 0; i < n; i++)
        rows[i] = copy[places[i].index];
}
