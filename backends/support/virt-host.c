/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/support/virt-private.h"

#include <string.h>

#define KIB 1024

/* "MemAvailable:   123 kB" of /proc/meminfo: proc(5). */
static struct value meminfo(const char *text, const char *key)
{
    const char *at = strstr(text, key);

    if (!at)
        return value_unknown("no_meminfo: /proc/meminfo does not say it");
    return value_number(g_ascii_strtoull(at + strlen(key), NULL, 10) * KIB);
}

static bool read_local(struct host *host)
{
    g_autofree char *text = NULL;

    if (!g_file_get_contents("/proc/meminfo", &text, NULL, NULL))
        return false;
    host->total = meminfo(text, "MemTotal:");
    host->available = meminfo(text, "MemAvailable:");
    host->swap_total = meminfo(text, "SwapTotal:");
    host->swap_free = meminfo(text, "SwapFree:");
    return true;
}

/* Free memory and page cache: what a driver tells of its host. */
static bool read_remote(struct virt_connection *connection, struct host *host)
{
    virNodeMemoryStats stats[16];
    int n = G_N_ELEMENTS(stats);
    uint64_t total = 0, available = 0;

    if (virNodeGetMemoryStats(connection->libvirt, VIR_NODE_MEMORY_STATS_ALL_CELLS, stats, &n, 0) <
        0) {
        virResetLastError();
        return false;
    }
    for (int i = 0; i < n; i++) {
        if (strcmp(stats[i].field, VIR_NODE_MEMORY_STATS_TOTAL) == 0)
            total = stats[i].value;
        else
            available += stats[i].value; /* free, buffers, cached */
    }
    host->total = value_number(total * KIB);
    host->available = value_number(available * KIB);
    host->swap_total = host->swap_free =
        value_unknown("remote: libvirt does not tell the swap of another host");
    return total > 0;
}

void virt_read_host(struct virt_connection *connection, struct host *host)
{
    const struct value none = value_unsupported("no_host: there is no host under this driver");

    if (connection->local && connection->daemon && read_local(host))
        return;
    if (connection->daemon && read_remote(connection, host))
        return;
    host->total = host->available = host->swap_total = host->swap_free = none;
}
