/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/xen-private.h"

#include "backends/support/run.h"

#include <string.h>

#define KIB 1024
#define TIMEOUT_MS 5000

struct xen_store {
    bool local;
    char *program; /* xenstore-read, or NULL */
};

/* docs/misc/xenstore-paths.pandoc of Xen: memory. A target is without the video memory. */
enum key { STATIC_MAX, TARGET, VIDEORAM, KEYS_ };
static const char *const keys[KEYS_] = {"static-max", "target", "videoram"};

static const char remote[] =
    "no_readback: libvirt cannot show it, and xenstore is read on the host itself only";
static const char no_program[] =
    "no_readback: libvirt cannot show it, and xenstore-read is not installed here";
static const char no_answer[] =
    "no_readback: libvirt cannot show it, and xenstore does not let this user read it";
static const char vanished[] = "gone: it vanished from xenstore";

/* One line of what was printed; false where it is not of this path. */
static bool take_line(const char *line, const char *path, uint64_t *kib)
{
    size_t length = strlen(path);
    char *end;

    if (strncmp(line, path, length) != 0 || strncmp(line + length, ": ", 2) != 0)
        return false;
    *kib = g_ascii_strtoull(line + length + 2, &end, 10);
    return end != line + length + 2 && *kib <= G_MAXUINT64 / KIB;
}

struct reading {
    GPtrArray *paths; /* ends with NULL */
    uint64_t *kib;
    bool *found;
    const char *why;
};

/* Everything, however often it stops at a path that does not exist. */
static void read_paths(const struct xen_store_source *source, struct reading *reading)
{
    size_t n = reading->paths->len - 1, at = 0;

    while (at < n) {
        g_autofree char *text = source->run(
            source->data, (const char *const *)reading->paths->pdata + at, &reading->why);
        g_auto(GStrv) lines = NULL;

        if (!text)
            return;
        lines = g_strsplit(text, "\n", -1);
        for (size_t i = 0; lines[i] && at < n; i++) {
            if (!take_line(lines[i], reading->paths->pdata[at], &reading->kib[at]))
                break;
            reading->found[at++] = true;
        }
        if (at == n)
            return;
        /* Where a domain's first is missing, all of it is. */
        at += at % KEYS_ == STATIC_MAX ? KEYS_ : 1;
    }
}

static void put(const struct reading *reading, size_t index, struct xen_memory *memory)
{
    const uint64_t *kib = reading->kib + index * KEYS_;
    const bool *found = reading->found + index * KEYS_;
    struct value missing = memory->id ? value_unknown(vanished) : value_unset();

    if (reading->why)
        missing = value_unknown(reading->why);
    memory->maximum = found[STATIC_MAX] ? value_number(kib[STATIC_MAX] * KIB) : missing;
    memory->target = missing;
    if (found[TARGET])
        memory->target = value_number((kib[TARGET] + (found[VIDEORAM] ? kib[VIDEORAM] : 0)) * KIB);
}

void xen_store_collect(const struct xen_store_source *source, struct xen_memory *memories, size_t n)
{
    g_autofree uint64_t *kib = g_new0(uint64_t, n * KEYS_ + 1);
    g_autofree bool *found = g_new0(bool, n *KEYS_ + 1);
    struct reading reading = {g_ptr_array_new_with_free_func(g_free), kib, found, NULL};

    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < KEYS_; k++)
            g_ptr_array_add(reading.paths,
                            g_strdup_printf("/local/domain/%d/memory/%s", memories[i].id, keys[k]));
    }
    g_ptr_array_add(reading.paths, NULL);
    read_paths(source, &reading);
    for (size_t i = 0; i < n; i++)
        put(&reading, i, &memories[i]);
    g_ptr_array_unref(reading.paths);
}

/* --- by the program -------------------------------------------------------------------------- */

static char *run(void *data, const char *const *paths, const char **why)
{
    const struct xen_store *store = data;
    const struct run_options options = {.timeout_ms = TIMEOUT_MS};
    g_autoptr(GPtrArray) argv = g_ptr_array_new();
    struct run_result result;
    char *out = NULL;

    *why = !store->local ? remote : no_program;
    if (!store->program)
        return NULL;
    *why = no_answer;
    g_ptr_array_add(argv, store->program);
    g_ptr_array_add(argv, (char *)"-p");
    for (size_t i = 0; paths[i]; i++)
        g_ptr_array_add(argv, (char *)paths[i]);
    g_ptr_array_add(argv, NULL);
    if (!run_program((const char *const *)argv->pdata, &options, &result, NULL))
        return NULL;
    if (!result.status || strstr(result.err, "couldn't read path")) {
        *why = NULL;
        out = g_steal_pointer(&result.out);
    }
    run_result_clear(&result);
    return out;
}

struct xen_store *xen_store_new(bool local)
{
    struct xen_store *store = g_new0(struct xen_store, 1);

    store->local = local;
    if (local)
        store->program = run_find("xenstore-read", NULL, NULL);
    return store;
}

void xen_store_free(struct xen_store *store)
{
    if (!store)
        return;
    g_free(store->program);
    g_free(store);
}

void xen_store_read(struct xen_store *store, struct xen_memory *memories, size_t n)
{
    xen_store_collect(&(struct xen_store_source){run, store}, memories, n);
}
