/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was read of a host and its containers as the model sees it. */
#include "backends/openvz.h"

#include <string.h>

void ovz_key_of(const char *ctid, uint8_t id[16])
{
    g_autoptr(GChecksum) hash = g_checksum_new(G_CHECKSUM_SHA256);
    guint8 digest[32];
    gsize size = sizeof digest;

    if (g_uuid_string_is_valid(ctid)) {
        g_autofree char *hex = g_strdelimit(g_strdup(ctid), "-", ' ');
        size_t n = 0;

        for (const char *p = hex; *p && n < 16;) {
            if (*p == ' ') {
                p++;
                continue;
            }
            id[n++] = (uint8_t)(g_ascii_xdigit_value(p[0]) << 4 | g_ascii_xdigit_value(p[1]));
            p += 2;
        }
        return;
    }
    g_checksum_update(hash, (const guchar *)"openvz ", 7);
    g_checksum_update(hash, (const guchar *)ctid, (gssize)strlen(ctid));
    g_checksum_get_digest(hash, digest, &size);
    memcpy(id, digest, 16);
}

static enum domain_state state_of(const char *status)
{
    static const struct {
        const char *word;
        enum domain_state state;
    } states[] = {
        {"running", DOMAIN_RUNNING},    {"stopped", DOMAIN_OFF},
        {"mounted", DOMAIN_OFF},        {"suspended", DOMAIN_OFF},
        {"starting", DOMAIN_STARTING},  {"stopping", DOMAIN_STOPPING},
        {"restoring", DOMAIN_STARTING}, {"checkpointing", DOMAIN_STOPPING},
        {"paused", DOMAIN_PAUSED},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(states); i++)
        if (!strcmp(states[i].word, status))
            return states[i].state;
    return DOMAIN_UNKNOWN;
}

static const char *detail_of(const struct ovz_kernel *kernel)
{
    switch (kernel->generation) {
    case OVZ_LEGACY:
        return kernel->vswap ? "VSwap: RAM and swap act, and all beancounters"
                             : "all beancounters act";
    case OVZ_7:
        return "vzctl drops some beancounters";
    case OVZ_8:
        return "the kernel has no beancounters: RAM and swap act";
    }
    return NULL;
}

void ovz_add_domain(const struct ovz_kernel *kernel, const struct ovz_container *container,
                    struct snapshot_builder *builder)
{
    const char *name = container->name ? container->name : container->conf.name;
    const char *hostname = container->hostname ? container->hostname : container->conf.hostname;
    struct draft *draft;
    uint8_t id[16];

    ovz_key_of(container->ctid, id);
    draft = snapshot_builder_domain(builder, id);
    draft->state = state_of(container->status);
    draft->persistent = container->has_conf;
    draft->name = name ? name : container->ctid;
    draft->native_id = container->ctid;
    draft->title = hostname;
    draft->kind = "container";
    draft->detail = detail_of(kernel);
    if (!strcmp(container->status, "suspended"))
        draft->ended = "suspended: its memory is in a file, vzctl restore brings it back";
    ovz_fill_settings(kernel, container, draft->settings);
    ovz_fill_figures(kernel, container, draft->figures);
    snapshot_builder_add(builder);
}

static struct value known_size(uint64_t bytes)
{
    return bytes ? value_number(bytes) : value_unknown("no_meminfo: /proc/meminfo does not say");
}

static struct value guaranteed(const struct ovz_kernel *kernel, const struct ovz_picture *picture)
{
    uint64_t sum = 0, number;

    for (unsigned i = 0; i < picture->containers->len; i++) {
        const struct ovz_container *container = picture->containers->pdata[i];
        const struct ubc_row *row = &container->counters.rows[UBC_VMGUARPAGES];

        if (container->active && row->present &&
            value_get(ubc_value(UBC_VMGUARPAGES, UBC_BARRIER, row->limits[UBC_BARRIER],
                                kernel->page_size, kernel->narrow),
                      &number))
            sum += MIN(number, UINT64_MAX - sum);
    }
    return value_number(sum);
}

void ovz_fill_host(const struct ovz_host *where, const struct ovz_kernel *kernel,
                   const struct ovz_picture *picture, struct host *host)
{
    g_autofree char *version =
        kernel->version ? g_strdup_printf("vzctl %s", kernel->version) : NULL;
    g_autofree char *detail =
        g_strdup_printf("%s: %s", kernel->release ? kernel->release : "?", detail_of(kernel));
    const char *name = ovz_host_name(where);

    host_set(&host->name, name ? name : g_get_host_name());
    host_set(&host->hypervisor, "openvz");
    host_set(&host->version, version);
    host_set(&host->detail, detail);
    host->total = known_size(picture->total);
    host->available = known_size(picture->available);
    host->free_for_new = value_unsupported("no_heap: the host's memory is all there is");
    host->swap_total = value_number(picture->swap_total);
    host->swap_free = value_number(picture->swap_free);
    host->reserved = guaranteed(kernel, picture);
    host->unverified = ovz_host_unverified(where);
    host->local = !name;
}
