/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/hosts.h"

#include "model/clock.h"
#include "model/size.h"

#include <string.h>

struct hosts {
    struct app *app;
    GArray *list; /* of struct host_sum */
    unsigned silent;
};

static void clear_sum(gpointer data)
{
    struct host_sum *host = data;

    g_free(host->name);
    g_free(host->kinds);
    g_free(host->problem);
}

struct hosts *hosts_new(struct app *app)
{
    struct hosts *hosts = g_new0(struct hosts, 1);

    hosts->app = app;
    hosts->list = g_array_new(FALSE, TRUE, sizeof(struct host_sum));
    g_array_set_clear_func(hosts->list, clear_sum);
    return hosts;
}

void hosts_free(struct hosts *hosts)
{
    if (!hosts)
        return;
    g_array_free(hosts->list, TRUE);
    g_free(hosts);
}

static char *problem_of(const struct snapshot *snapshot)
{
    const char *error = snapshot->error ? snapshot->error : connection_state_name(snapshot->state);
    gint64 age = g_get_monotonic_time() - clock_monotonic_us(snapshot->taken_ns);

    if (snapshot->state == CONNECTION_CONNECTED)
        return NULL;
    if (!snapshot->taken_ns)
        return g_strdup(error);
    return g_strdup_printf("%2d s old: %s", (int)(age / G_USEC_PER_SEC), error);
}

static struct host_sum *host_of(struct hosts *hosts, const struct snapshot *snapshot)
{
    const char *name = snapshot->host.name ? snapshot->host.name : snapshot->uri;
    struct host_sum added = {.percent_free = -1, .promised_percent = -1};

    for (guint i = 0; i < hosts->list->len; i++) {
        struct host_sum *host = &g_array_index(hosts->list, struct host_sum, i);

        if (g_str_equal(host->name, name))
            return host;
    }
    added.name = g_strdup(name);
    added.kinds = g_strdup("");
    added.connection = snapshot->connection;
    added.answers = true;
    g_array_append_val(hosts->list, added);
    return &g_array_index(hosts->list, struct host_sum, hosts->list->len - 1);
}

static void add_connection(struct hosts *hosts, const struct snapshot *snapshot)
{
    struct host_sum *host = host_of(hosts, snapshot);
    const char *kind = snapshot->host.hypervisor;
    char *problem = problem_of(snapshot);
    uint64_t available, reserved;
    char *kinds;

    if (kind && !strstr(host->kinds, kind)) {
        kinds = *host->kinds ? g_strdup_printf("%s %s", host->kinds, kind) : g_strdup(kind);
        g_free(host->kinds);
        host->kinds = kinds;
    }
    if (problem) {
        g_free(host->problem);
        host->problem = problem;
        host->answers = host->answers && snapshot->state == CONNECTION_CONNECTING;
    }
    host->unverified |= snapshot->host.unverified;
    if (value_get(snapshot->host.reserved, &reserved))
        host->reserved += reserved;
    if (host->total || !value_get(snapshot->host.total, &host->total) || !host->total)
        return;
    host->bar.scale = host->total;
    host->bar.wall = true;
    if (!value_get(snapshot->host.available, &available))
        return;
    available = MIN(available, host->total);
    host->bar.held_known = host->bar.split_known = true;
    host->bar.held = host->bar.needed = host->bar.used = host->total - available;
    if (snapshot->state == CONNECTION_CONNECTED)
        host->percent_free = (int)(available * 100 / host->total);
}

static uint64_t figure_of(const struct row *row, enum figure_role role)
{
    uint64_t number;

    return value_get(snapshot_figure(row->snapshot, row->domain, role), &number) ? number : 0;
}

static void add_row(struct hosts *hosts, const struct row *row)
{
    struct host_sum *host = host_of(hosts, row->snapshot);
    uint64_t needed = 0, guest = figure_of(row, FIGURE_GUEST), spare;

    host->n_domains++;
    if (!domain_state_active(row->domain->identity->state))
        return;
    host->n_active++;
    host->promised += figure_of(row, FIGURE_MAXIMUM);
    host->bar.held = MIN(host->bar.held + figure_of(row, FIGURE_DROPPABLE), host->bar.scale);
    value_get(row->trouble.needed, &needed);
    spare = guest && needed > guest ? needed - guest : 0;
    host->bar.used -= MIN(spare, host->bar.used);
}

static int worst_first(gconstpointer a, gconstpointer b)
{
    const struct host_sum *left = a, *right = b;
    int left_free = left->percent_free < 0 ? 101 : left->percent_free;
    int right_free = right->percent_free < 0 ? 101 : right->percent_free;

    return left_free != right_free ? left_free - right_free : strcmp(left->name, right->name);
}

void hosts_sum(struct hosts *hosts, const struct row *rows, size_t n)
{
    struct model *model = app_model(hosts->app);

    g_array_set_size(hosts->list, 0);
    hosts->silent = 0;
    for (uint16_t i = 0; i < model_n_connections(model); i++)
        add_connection(hosts, model_snapshot(model, i));
    for (size_t i = 0; i < n; i++)
        add_row(hosts, &rows[i]);
    for (guint i = 0; i < hosts->list->len; i++) {
        struct host_sum *host = &g_array_index(hosts->list, struct host_sum, i);

        hosts->silent += !host->answers;
        if (host->total && host->promised)
            host->promised_percent =
                (int)MIN((double)host->promised * 100 / (double)host->total, 9999);
    }
    g_array_sort(hosts->list, worst_first);
}

const struct host_sum *hosts_sorted(struct app *app, size_t *n)
{
    struct hosts *hosts = view_hosts(app_view(app));

    *n = hosts->list->len;
    return (const struct host_sum *)(void *)hosts->list->data;
}

size_t hosts_count(struct app *app)
{
    return view_hosts(app_view(app))->list->len;
}

unsigned hosts_silent(struct app *app)
{
    return view_hosts(app_view(app))->silent;
}

void host_sizes(uint64_t used, uint64_t total, char *used_text, char *total_text)
{
    static const struct {
        uint64_t bytes;
        char letter;
    } units[] = {{1ULL << 40, 'T'}, {1ULL << 30, 'G'}, {1ULL << 20, 'M'}, {1ULL << 10, 'K'}};
    size_t i = 0;

    while (i + 1 < G_N_ELEMENTS(units) && total < 4 * units[i].bytes)
        i++;
    g_snprintf(used_text, SIZE_TEXT_MAX, "%.0f", (double)used / (double)units[i].bytes);
    g_snprintf(total_text, SIZE_TEXT_MAX, "%.0f%c", (double)total / (double)units[i].bytes,
               units[i].letter);
}
