/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * OpenVZ and Virtuozzo: containers and their beancounters, by vzlist, vzctl and the files of /proc
 * and /etc/vz, here or over ssh. libvirt's driver is not used: its memory parameters cannot be
 * read.
 */
#include "backends/openvz.h"

#include "model/clock.h"
#include "model/text.h"
#include "model/uri-text.h"

#include <string.h>
#include <unistd.h>

#define LIST_EVERY_NS (10 * G_GUINT64_CONSTANT(1000000000))
#define SET_MS 300000

struct openvz {
    struct connection connection;
    struct ovz_host *host;
    struct ovz_kernel kernel;
    GPtrArray *list; /* what vzlist said last, or NULL */
    uint64_t listed_ns;
    GMutex lock; /* cancel alone */
    GCancellable *cancel;
};

/* The id of the domain: the UUID itself, or a hash of any other CTID. */
static void key_of(const char *ctid, uint8_t id[16])
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

/* --- connection -------------------------------------------------------------------------- */

static GCancellable *begin(struct openvz *openvz)
{
    GCancellable *cancel = g_cancellable_new();

    g_mutex_lock(&openvz->lock);
    g_set_object(&openvz->cancel, cancel);
    g_mutex_unlock(&openvz->lock);
    return cancel;
}

static void openvz_interrupt(struct connection *connection)
{
    struct openvz *openvz = (struct openvz *)connection;

    g_mutex_lock(&openvz->lock);
    if (openvz->cancel)
        g_cancellable_cancel(openvz->cancel);
    g_mutex_unlock(&openvz->lock);
}

static void openvz_close(struct connection *connection)
{
    struct openvz *openvz = (struct openvz *)connection;

    if (!openvz)
        return;
    ovz_host_free(openvz->host);
    ovz_kernel_clear(&openvz->kernel);
    g_clear_pointer(&openvz->list, g_ptr_array_unref);
    g_clear_object(&openvz->cancel);
    g_mutex_clear(&openvz->lock);
    g_free(openvz);
}

static bool may_write(struct openvz *openvz, GError **error)
{
    if (!openvz->kernel.has_vzctl)
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_UNSUPPORTED,
                    "vzctl was not found on this host");
    else if (!ovz_host_name(openvz->host) && geteuid() != 0)
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_PERMISSION,
                    "vzctl must be run by root: start this program as root");
    else
        return true;
    return false;
}

static bool openvz_open(const char *uri, enum access access, struct uplink *uplink,
                        struct connection **ret, GError **error)
{
    struct openvz *openvz = g_new0(struct openvz, 1);
    g_autoptr(GCancellable) cancel = NULL;

    openvz->connection.uplink = uplink;
    openvz->connection.access = access;
    openvz->connection.backend = &openvz_backend;
    g_mutex_init(&openvz->lock);
    cancel = begin(openvz);
    openvz->host = ovz_host_new(uri, error);
    if (!openvz->host || !ovz_host_prepare(openvz->host, cancel, error) ||
        !ovz_kernel_read(openvz->host, cancel, &openvz->kernel, error) ||
        (access == ACCESS_WRITE && !may_write(openvz, error))) {
        openvz_close(&openvz->connection);
        return false;
    }
    *ret = &openvz->connection;
    return true;
}

/* --- sample ------------------------------------------------------------------------------ */

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

static void add_domain(struct openvz *openvz, struct snapshot_builder *builder,
                       const struct ovz_container *container)
{
    const char *name = container->name ? container->name : container->conf.name;
    const char *hostname = container->hostname ? container->hostname : container->conf.hostname;
    struct draft *draft;
    uint8_t id[16];

    key_of(container->ctid, id);
    draft = snapshot_builder_domain(builder, id);
    draft->state = state_of(container->status);
    draft->persistent = container->has_conf;
    draft->name = name ? name : container->ctid;
    draft->native_id = container->ctid;
    draft->title = hostname;
    draft->kind = "container";
    draft->detail = detail_of(&openvz->kernel);
    if (!strcmp(container->status, "suspended"))
        draft->ended = "suspended: its memory is in a file, vzctl restore brings it back";
    ovz_fill_settings(&openvz->kernel, container, draft->settings);
    ovz_fill_figures(&openvz->kernel, container, draft->figures);
    snapshot_builder_add(builder);
}

static struct value known_size(uint64_t bytes)
{
    return bytes ? value_number(bytes) : value_unknown("no_meminfo: /proc/meminfo does not say");
}

static struct value guaranteed(const struct openvz *openvz, const struct ovz_picture *picture)
{
    uint64_t sum = 0, number;

    for (unsigned i = 0; i < picture->containers->len; i++) {
        const struct ovz_container *container = picture->containers->pdata[i];
        const struct ubc_row *row = &container->counters.rows[UBC_VMGUARPAGES];

        if (container->active && row->present &&
            value_get(ubc_value(UBC_VMGUARPAGES, UBC_BARRIER, row->limits[UBC_BARRIER],
                                openvz->kernel.page_size, openvz->kernel.narrow),
                      &number))
            sum += MIN(number, UINT64_MAX - sum);
    }
    return value_number(sum);
}

static void fill_host(struct openvz *openvz, const struct ovz_picture *picture, struct host *host)
{
    const struct ovz_kernel *kernel = &openvz->kernel;
    g_autofree char *version =
        kernel->version ? g_strdup_printf("vzctl %s", kernel->version) : NULL;
    g_autofree char *detail =
        g_strdup_printf("%s: %s", kernel->release ? kernel->release : "?", detail_of(kernel));
    const char *name = ovz_host_name(openvz->host);

    host_set(&host->name, name ? name : g_get_host_name());
    host_set(&host->hypervisor, "openvz");
    host_set(&host->version, version);
    host_set(&host->detail, detail);
    host->total = known_size(picture->total);
    host->available = known_size(picture->available);
    host->free_for_new = value_unsupported("no_heap: the host's memory is all there is");
    host->swap_total = value_number(picture->swap_total);
    host->swap_free = value_number(picture->swap_free);
    host->reserved = guaranteed(openvz, picture);
    host->unverified = ovz_host_unverified(openvz->host);
    host->local = !name;
}

/* The list lives for 10 s unless everything is wanted or what the kernel counts contradicts it. */
static bool read_picture(struct openvz *openvz, bool afresh, GCancellable *cancel,
                         struct ovz_picture *picture, GError **error)
{
    GPtrArray *before;

    if (afresh || clock_ns() - openvz->listed_ns >= LIST_EVERY_NS)
        g_clear_pointer(&openvz->list, g_ptr_array_unref);
    before = openvz->list;
    if (!ovz_picture_read(openvz->host, &openvz->kernel, cancel, &openvz->list, picture, error))
        return false;
    if (openvz->list != before)
        openvz->listed_ns = clock_ns();
    return true;
}

static bool openvz_sample(struct connection *connection, const struct wanted *wanted,
                          const struct snapshot *previous, struct snapshot_builder *builder,
                          GError **error)
{
    struct openvz *openvz = (struct openvz *)connection;
    struct ovz_picture picture = {0};
    g_autoptr(GCancellable) cancel = begin(openvz);

    if (!read_picture(openvz, wanted->everything || wanted->only, cancel, &picture, error))
        return false;
    fill_host(openvz, &picture, snapshot_builder_host(builder));
    for (unsigned i = 0; i < picture.containers->len; i++)
        add_domain(openvz, builder, picture.containers->pdata[i]);
    ovz_picture_clear(&picture);
    return true;
}

/* --- apply ------------------------------------------------------------------------------- */

static const struct ovz_container *find_key(const struct ovz_picture *picture,
                                            const struct domain_key *key)
{
    for (unsigned i = 0; i < picture->containers->len; i++) {
        const struct ovz_container *container = picture->containers->pdata[i];
        uint8_t id[16];

        key_of(container->ctid, id);
        if (!memcmp(id, key->id, sizeof id))
            return container;
    }
    return NULL;
}

static bool run_vzctl(struct openvz *openvz, char **argv, GCancellable *cancel, GError **error)
{
    struct run_result result;
    g_autofree char *why = NULL;
    const char *words;
    bool dropped;

    if (!ovz_host_run(openvz->host, (const char *const *)argv, SET_MS, cancel, &result, error))
        return false;
    dropped = strstr(result.out, "parameter is deprecated") != NULL;
    if (result.status == 0 && !dropped) {
        run_result_clear(&result);
        return true;
    }
    why = run_complaint(&result);
    words = ovz_exit_words(result.status);
    if (result.status == 0)
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_UNSUPPORTED,
                    "vzctl set: exit status 0, but it dropped a deprecated parameter");
    else
        g_set_error(error, BACKEND_ERROR,
                    result.status == 14 ? BACKEND_ERROR_GONE : BACKEND_ERROR_FAILED,
                    "vzctl set: %s (exit status %d%s%s)", why, result.status, words ? ": " : "",
                    words ? words : "");
    run_result_clear(&result);
    return false;
}

/* What holds now, and not when the step was planned: vzctl makes a configuration for a container
 * that does not exist. */
static bool still_writable(const struct setting *settings, const struct step *step, GError **error)
{
    for (size_t i = 0; i < step->n_changes; i++) {
        const struct tunable *row = step->changes[i].tunable;
        const struct setting *setting = &settings[row - ovz_tunables];

        if (setting->writable & step->changes[i].scope)
            continue;
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_FAILED, "%s cannot be set: %s", row->name,
                    value_reason_text(value_unsupported(setting->why_not)));
        return false;
    }
    return true;
}

static bool run_calls(struct openvz *openvz, GPtrArray *calls, GCancellable *cancel, GError **error)
{
    for (unsigned i = 0; i < calls->len; i++) {
        if (run_vzctl(openvz, calls->pdata[i], cancel, error))
            continue;
        if (i > 0)
            g_prefix_error(
                error, "saved, but the running container could not be put back to what it had: ");
        return false;
    }
    return true;
}

static bool openvz_apply(struct connection *connection, const struct step *step, GError **error)
{
    struct openvz *openvz = (struct openvz *)connection;
    g_autofree struct setting *settings = g_new0(struct setting, tunable_count(ovz_tunables));
    g_autoptr(GPtrArray) calls = NULL;
    /* One for all of it: what interrupts the reading must stop the writing too. */
    g_autoptr(GCancellable) cancel = begin(openvz);
    const struct ovz_container *container;
    struct ovz_picture picture = {0};
    bool ok;

    if (!read_picture(openvz, true, cancel, &picture, error))
        return false;
    container = find_key(&picture, &step->key);
    if (!container) {
        ovz_picture_clear(&picture);
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_GONE,
                    "the container does not exist any more");
        return false;
    }
    ovz_fill_settings(&openvz->kernel, container, settings);
    ok = still_writable(settings, step, error);
    if (ok)
        calls = ovz_calls(container->ctid, settings, step->changes, step->n_changes, error);
    ok = ok && calls && run_calls(openvz, calls, cancel, error);
    ovz_picture_clear(&picture);
    return ok;
}

static bool openvz_present(void)
{
    return access("/proc/vz", F_OK) == 0 || access("/proc/user_beancounters", F_OK) == 0;
}

static enum watch openvz_watch(const char *uri, const char **why)
{
    *why = uri_program(uri);
    if (*why)
        return WATCH_REFUSED;
    *why = "beancounters are read by root alone, and hosts by ssh with its keys";
    return WATCH_OWNER;
}

static const char *const schemes[] = {"openvz", NULL};
static const char *const local_uris[] = {"openvz:///system", NULL};

const struct backend openvz_backend = {
    .name = "openvz",
    .title = "OpenVZ and Virtuozzo",
    .schemes = schemes,
    .local_uris = local_uris,
    .tunables = ovz_tunables,
    .figures = ovz_figures,
    .present = openvz_present,
    .watch = openvz_watch,
    .open = openvz_open,
    .close = openvz_close,
    .sample = openvz_sample,
    .check = ovz_check,
    .plan = ovz_plan,
    .apply = openvz_apply,
    .interrupt = openvz_interrupt,
};
