/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * OpenVZ and Virtuozzo: containers and their beancounters, by vzlist, vzctl and the files of /proc
 * and /etc/vz, here or over ssh. libvirt's driver is not used: its memory parameters cannot be
 * read.
 */
#include "backends/openvz.h"

#include "model/clock.h"
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
    ovz_fill_host(openvz->host, &openvz->kernel, &picture, snapshot_builder_host(builder));
    for (unsigned i = 0; i < picture.containers->len; i++)
        ovz_add_domain(&openvz->kernel, picture.containers->pdata[i], builder);
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

        ovz_key_of(container->ctid, id);
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
