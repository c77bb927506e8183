/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/support/virt-events.h"
#include "backends/support/virt-library.h"
#include "backends/support/virt-private.h"
#include "model/clock.h"

#include <string.h>

#define SAME_END_SECONDS 5
#define SWEEP_NS (8 * 1000000000ULL) /* every domain's settings are read once in this time */

/* Of one sample. */
struct pass {
    struct virt_connection *connection;
    const struct wanted *wanted;
    struct snapshot_builder *builder;
    GHashTable *visible;         /* uuids, or NULL */
    size_t sweep_from, sweep_to; /* places in the order, to < from: it wraps */
};

static void drain_events(struct virt_connection *connection)
{
    struct virt_event event;

    while (virt_events_next(connection->events, &event)) {
        struct virt_domain *domain = g_hash_table_lookup(connection->domains, event.uuid);

        connection->list_stale |= event.list;
        if (!domain)
            continue;
        domain->stale = true;
        /* A container that is forced off may be reported twice, a second time as failed when its
         * controller closes the line. */
        if (event.ended && domain->ended &&
            (event.vague || g_str_has_prefix(domain->ended, VIRT_ENDED_OOM)) &&
            event.time - domain->ended_time <= SAME_END_SECONDS)
            continue;
        if (event.ended) {
            domain->ended = event.ended;
            domain->ended_time = event.time;
        }
    }
}

static void read_host(struct virt_connection *connection, struct snapshot_builder *builder)
{
    struct host *host = snapshot_builder_host(builder);

    if (!host->name) {
        host_set(&host->name, connection->hostname ? connection->hostname : "?");
        host_set(&host->hypervisor, connection->driver->hypervisor);
        host_set(&host->version, connection->version);
        host->local = connection->local && !(connection->driver->flags & VIRT_IN_PROCESS);
        host->free_for_new = value_unsupported("same: new domains use what is available");
        host->reserved = value_unsupported("no_guarantees: nothing is guaranteed here");
    }
    virt_read_host(connection, host);
    if (connection->driver->tick)
        connection->driver->tick(connection, host);
}

static struct value gap_or(struct value gap, struct value value)
{
    return gap.kind == VALUE_UNKNOWN ? gap : value;
}

/* One row: its values in both scopes and what can be written now. */
static struct setting row_setting(const struct virt_domain *domain, const struct tunable *row)
{
    static const char off[] = "off: it is not running";
    static const char transient[] = "transient: it has no persistent configuration";
    struct setting setting = {
        .live = value_unsupported(off),
        .config = value_unsupported(transient),
    };

    if (domain->active)
        setting.live = row->carrier->read(domain, row, SCOPE_LIVE);
    if (domain->persistent)
        setting.config = gap_or(domain->config_gap, row->carrier->read(domain, row, SCOPE_CONFIG));
    const char *refused = NULL;
    if ((row->scopes & SCOPE_LIVE) && setting.live.kind != VALUE_UNSUPPORTED)
        setting.writable |= SCOPE_LIVE;
    if ((row->scopes & SCOPE_CONFIG) && setting.config.kind != VALUE_UNSUPPORTED)
        setting.writable |= SCOPE_CONFIG;
    if ((setting.writable & SCOPE_LIVE) && row->carrier->refuses)
        refused = row->carrier->refuses(domain, row, SCOPE_LIVE);
    if (refused)
        setting.writable &= (uint8_t)~SCOPE_LIVE;
    if (refused)
        setting.why_not = refused;
    else if ((row->scopes & SCOPE_LIVE) && !(setting.writable & SCOPE_LIVE))
        setting.why_not = setting.live.reason;
    else if (!(row->scopes & SCOPE_LIVE) && domain->active)
        setting.why_not = "restart: it takes effect at the next start";
    else if (!(setting.writable & SCOPE_CONFIG))
        setting.why_not = setting.config.reason;
    return setting;
}

static void put_settings(const struct virt_connection *connection, const struct virt_domain *domain,
                         struct draft *draft)
{
    const struct tunable *rows = connection->driver->backend->tunables;

    for (size_t i = 0; rows[i].name; i++)
        draft->settings[i] = row_setting(domain, &rows[i]);
}

static bool in_sweep(const struct pass *pass, size_t place)
{
    if (pass->sweep_from <= pass->sweep_to)
        return place >= pass->sweep_from && place < pass->sweep_to;
    return place >= pass->sweep_from || place < pass->sweep_to;
}

static bool vanished(struct pass *pass, struct virt_domain *domain)
{
    snapshot_builder_gone(pass->builder, domain->uuid,
                          virt_domain_last_words(pass->connection, domain));
    pass->connection->list_stale = true;
    return true;
}

/* Reads what is due of one domain and puts it into the picture. */
static bool put_domain(struct pass *pass, struct virt_domain *domain, bool full, GError **error)
{
    struct virt_connection *connection = pass->connection;
    const struct tunable *rows = connection->driver->backend->tunables;
    bool gone = false, looked_at, params = false, held;
    struct draft *draft;

    looked_at = pass->visible && g_hash_table_contains(pass->visible, domain->uuid);
    full = full || domain->stale || !domain->settings_ns;
    domain->changed = false;
    held =
        connection->driver->look && connection->driver->look(connection, domain, full || looked_at);
    /* In process nothing changes but by our own writes, which are read back in full. */
    if ((connection->driver->flags & VIRT_MEMORY_STATS) && domain->active &&
        (full || looked_at || !(connection->driver->flags & VIRT_IN_PROCESS)) &&
        !virt_read_stats(domain, &gone, error))
        return false;
    if (full) {
        if (!virt_read_settings(domain, !held, &gone, error))
            return false;
    } else if (held) {
        params = looked_at || domain->changed;
    } else if (looked_at && !(connection->driver->flags & VIRT_IN_PROCESS)) {
        params = true;
        if (!virt_read_params(domain, &gone, error))
            return false;
    }
    if (gone)
        return vanished(pass, domain);
    draft = snapshot_builder_domain(pass->builder, domain->uuid);
    draft->state = domain->state;
    draft->persistent = domain->persistent;
    draft->name = domain->name;
    draft->native_id = domain->uuid_text;
    draft->title = domain->persistent ? domain->config.title : domain->live.title;
    draft->ended = domain->ended;
    draft->ended_time = domain->ended_time;
    draft->instance = domain->active ? (uint64_t)domain->id : 0;
    connection->driver->fill(connection, domain, pass->builder, draft, full);
    draft->keep_settings = draft->previous && !full && !params && rows[0].name;
    if (!draft->keep_settings)
        put_settings(connection, domain, draft);
    snapshot_builder_add(pass->builder);
    return true;
}

static bool read_states(struct virt_connection *connection, GError **error)
{
    if (connection->driver->flags & VIRT_BULK)
        return virt_read_bulk(connection, error);
    for (guint i = 0; i < connection->order->len; i++) {
        struct virt_domain *domain = connection->order->pdata[i];
        bool gone = false;

        /* What is off tells by an event that it starts. */
        if (!domain->active && domain->state != DOMAIN_UNKNOWN && !domain->stale)
            continue;
        if (!virt_read_state(domain, &gone, error))
            return false;
        connection->list_stale |= gone;
    }
    return true;
}

/* Which part of the order this sample reads the settings of. */
static void plan_sweep(struct pass *pass)
{
    struct virt_connection *connection = pass->connection;
    uint64_t now = clock_ns(), elapsed = now - connection->swept_ns;
    size_t n = connection->order->len, quota;

    pass->sweep_from = pass->sweep_to = 0;
    if (!connection->swept_ns)
        connection->swept_ns = now;
    if (!n || now == connection->swept_ns || (connection->driver->flags & VIRT_IN_PROCESS))
        return;
    quota = elapsed >= SWEEP_NS ? n : (size_t)(n * elapsed / SWEEP_NS);
    if (!quota)
        return; /* a few domains, often sampled: let the time add up */
    connection->swept_ns = now;
    pass->sweep_from = connection->swept % n;
    pass->sweep_to = pass->sweep_from + quota;
    if (quota >= n)
        pass->sweep_from = 0, pass->sweep_to = n;
    else if (pass->sweep_to > n)
        pass->sweep_to -= n;
    connection->swept = pass->sweep_to % n;
}

static bool cancelled(struct virt_connection *connection, GError **error)
{
    struct uplink *uplink = connection->base.uplink;
    const char *closed = virt_events_closed(connection->events);

    if (closed) {
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_CONNECTION, "%s", strchr(closed, ':') + 2);
        return true;
    }
    if (!uplink->cancelled(uplink))
        return false;
    g_set_error_literal(error, BACKEND_ERROR, BACKEND_ERROR_CANCELLED, "reading was stopped");
    return true;
}

/* The domain of a key: known, or asked for. NULL: it does not exist (or an error is set). */
static struct virt_domain *find_domain(struct virt_connection *connection, const uint8_t *uuid,
                                       GError **error)
{
    struct virt_domain *domain = g_hash_table_lookup(connection->domains, uuid);
    virDomainPtr handle = virDomainLookupByUUID(connection->libvirt, uuid);
    GError *failure = NULL;

    if (!handle) {
        virt_error_take(&failure, "cannot find the domain");
        if (g_error_matches(failure, BACKEND_ERROR, BACKEND_ERROR_GONE))
            g_clear_error(&failure);
        else
            g_propagate_error(error, failure);
        return NULL;
    }
    if (domain)
        virt_domain_renew(domain, handle);
    else
        domain = virt_domain_add(connection, handle);
    domain->persistent = virDomainIsPersistent(handle) == 1;
    domain->listed = true;
    virDomainFree(handle);
    virResetLastError();
    return domain;
}

static bool sample_only(struct pass *pass, GError **error)
{
    const struct wanted *wanted = pass->wanted;

    for (size_t i = 0; i < wanted->n_only; i++) {
        GError *failure = NULL;
        struct virt_domain *domain = find_domain(pass->connection, wanted->only[i].id, &failure);
        bool gone = false;

        if (failure) {
            g_propagate_error(error, failure);
            return false;
        }
        if (!domain) {
            snapshot_builder_gone(pass->builder, wanted->only[i].id, NULL);
            pass->connection->list_stale = true;
            continue;
        }
        if (!virt_read_state(domain, &gone, error))
            return false;
        if (!gone && (pass->connection->driver->flags & VIRT_BULK) && domain->active &&
            !virt_read_stats(domain, &gone, error))
            return false;
        if (!put_domain(pass, domain, true, error))
            return false;
    }
    snapshot_builder_keep_rest(pass->builder);
    return true;
}

static bool sample_all(struct pass *pass, GError **error)
{
    struct virt_connection *connection = pass->connection;

    if ((connection->list_stale || pass->wanted->everything) &&
        !virt_list(connection, pass->builder, error))
        return false;
    if (!read_states(connection, error))
        return false;
    plan_sweep(pass);
    for (guint i = 0; i < connection->order->len; i++) {
        bool full = pass->wanted->everything || in_sweep(pass, i);

        if (cancelled(connection, error) ||
            !put_domain(pass, connection->order->pdata[i], full, error))
            return false;
    }
    return true;
}

bool virt_sample(struct connection *base, const struct wanted *wanted,
                 const struct snapshot *previous, struct snapshot_builder *builder, GError **error)
{
    struct pass pass = {(struct virt_connection *)base, wanted, builder, NULL, 0, 0};
    bool fine;

    if (cancelled(pass.connection, error))
        return false;
    if (wanted->n_visible) {
        pass.visible = g_hash_table_new(virt_uuid_hash, virt_uuid_equal);
        for (size_t i = 0; i < wanted->n_visible; i++)
            g_hash_table_add(pass.visible, (gpointer)wanted->visible[i].id);
    }
    drain_events(pass.connection);
    read_host(pass.connection, builder);
    fine = wanted->n_only ? sample_only(&pass, error) : sample_all(&pass, error);
    if (pass.visible)
        g_hash_table_unref(pass.visible);
    return fine;
}
