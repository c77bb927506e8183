/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench.h"

#include "backends/backends.h"
#include "model/model.h"

#include <string.h>

static bool ask(struct uplink *uplink, const struct question *question, char **answer)
{
    return false;
}

static void changed(struct uplink *uplink, const uint8_t *id)
{
    g_atomic_int_inc(&((struct bench *)uplink)->n_changed);
}

static void lost(struct uplink *uplink, const char *why)
{
    g_atomic_int_inc(&((struct bench *)uplink)->n_lost);
}

static void message(struct uplink *uplink, const char *text)
{
}

static bool cancelled(struct uplink *uplink)
{
    return g_atomic_int_get(&((struct bench *)uplink)->stop);
}

struct bench *bench_open(const char *uri, enum access access, GError **error)
{
    struct bench *bench = g_new0(struct bench, 1);

    bench->uplink = (struct uplink){ask, changed, lost, message, cancelled};
    bench->uri = g_strdup(uri);
    bench->backend = backend_for_uri(all_backends, uri);
    if (!bench->backend) {
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_URI, "%s: no backend takes it", uri);
        bench_close(bench);
        return NULL;
    }
    if (!bench->backend->open(uri, access, &bench->uplink, &bench->connection, error)) {
        bench_close(bench);
        return NULL;
    }
    return bench;
}

void bench_close(struct bench *bench)
{
    if (!bench)
        return;
    if (bench->connection)
        bench->backend->close(bench->connection);
    snapshot_unref(bench->snapshot);
    g_free(bench->uri);
    g_free(bench);
}

static bool sample(struct bench *bench, const struct wanted *wanted, GError **error)
{
    struct snapshot_builder *builder =
        snapshot_builder_new(bench->backend, 0, bench->uri, bench->snapshot);

    if (!bench->backend->sample(bench->connection, wanted, bench->snapshot, builder, error)) {
        snapshot_builder_free(builder);
        return false;
    }
    struct snapshot *fresh = snapshot_builder_finish(builder);
    snapshot_unref(bench->snapshot);
    bench->snapshot = fresh;
    return true;
}

bool bench_sample(struct bench *bench, bool everything, GError **error)
{
    return sample(bench, &(struct wanted){.everything = everything}, error);
}

bool bench_sample_one(struct bench *bench, const struct domain_key *key, GError **error)
{
    return sample(bench, &(struct wanted){.only = key, .n_only = 1}, error);
}

const struct domain *bench_find(const struct bench *bench, const char *name)
{
    for (size_t i = 0; bench->snapshot && i < bench->snapshot->n_domains; i++) {
        if (strcmp(bench->snapshot->domains[i].identity->raw_name, name) == 0)
            return &bench->snapshot->domains[i];
    }
    return NULL;
}

bool bench_write(struct bench *bench, const struct change *changes, size_t n, GError **error)
{
    const struct domain_key key = changes[0].key;
    const struct domain *domain = snapshot_find(bench->snapshot, &key);
    struct step_list *steps = step_list_new();
    bool fine = bench->backend->plan(bench->snapshot, domain, changes, n, steps, error);

    for (size_t i = 0; fine && i < step_list_count(steps); i++)
        fine = bench->backend->apply(bench->connection, step_list_get(steps, i), error);
    step_list_free(steps);
    return bench_sample_one(bench, &key, fine ? error : NULL) && fine;
}
