/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/openvz.h"

#include "model/text.h"

#include <string.h>
#include <unistd.h>

#define LIST_MS 60000
#define UBC_FILE "/proc/user_beancounters"
#define BC_FILE "/proc/bc/resources"
#define BC_DIR "/proc/bc"
#define SCRIPT "/usr/sbin/user_beancounters.py"
#define GLOBAL_CONF "/etc/vz/vz.conf"

void ovz_container_free(gpointer data)
{
    struct ovz_container *container = data;

    if (!container)
        return;
    g_free(container->ctid);
    g_free(container->status);
    g_free(container->name);
    g_free(container->hostname);
    ubc_conf_clear(&container->conf);
    g_free(container);
}

void ovz_picture_clear(struct ovz_picture *picture)
{
    if (!picture)
        return;
    g_clear_pointer(&picture->containers, g_ptr_array_unref);
}

const struct ovz_container *ovz_picture_find(const struct ovz_picture *picture, const char *ctid)
{
    for (unsigned i = 0; i < picture->containers->len; i++) {
        const struct ovz_container *container = picture->containers->pdata[i];

        if (!strcmp(container->ctid, ctid))
            return container;
    }
    return NULL;
}

/* The ids that are counted and not listed: borrowed. */
static GPtrArray *unlisted(GPtrArray *list, const struct ubc_dump *const *dumps, size_t n)
{
    g_autoptr(GHashTable) known = g_hash_table_new(g_str_hash, g_str_equal);
    GPtrArray *ids = g_ptr_array_new();

    for (unsigned i = 0; i < list->len; i++)
        g_hash_table_add(known, ((struct ubc_container *)list->pdata[i])->ctid);
    for (size_t d = 0; d < n; d++) {
        for (unsigned i = 0; dumps[d]->blocks && i < dumps[d]->blocks->len; i++) {
            const struct ubc *block = dumps[d]->blocks->pdata[i];

            if (strcmp(block->id, "0") && ubc_ctid_valid(block->id) &&
                g_hash_table_add(known, block->id))
                g_ptr_array_add(ids, block->id);
        }
    }
    return ids;
}

/* Without vzlist: what the kernel counts is running. */
static GPtrArray *list_counted(const struct ubc_dump *const *dumps, size_t n)
{
    GPtrArray *list = NULL;
    g_autoptr(GPtrArray) ids = NULL;

    ubc_list_parse_text("", 0, &list, NULL);
    ids = unlisted(list, dumps, n);
    for (unsigned i = 0; i < ids->len; i++) {
        struct ubc_container *container = g_new0(struct ubc_container, 1);

        container->ctid = g_strdup(ids->pdata[i]);
        container->status = g_strdup("running");
        g_ptr_array_add(list, container);
    }
    return list;
}

/* --- counters ---------------------------------------------------------------------------- */

static bool parse_file(GHashTable *texts, const char *path, const char *id, struct ubc_dump *dump,
                       GError **error)
{
    const char *text = g_hash_table_lookup(texts, path);

    return ubc_parse(text ? text : "", text ? strlen(text) : 0, id, dump, error);
}

/* /proc/bc/resources has swappages and lacks nothing else; the other file may be all there is. */
static bool read_counted(struct ovz_host *host, struct ovz_kernel *kernel, GCancellable *cancel,
                         struct ubc_dump *bc, struct ubc_dump *ubc, GError **error)
{
    static const char *const paths[] = {BC_FILE, UBC_FILE, NULL};
    g_autoptr(GHashTable) texts = NULL;

    if (!ovz_host_read(host, paths, cancel, &texts, error) ||
        !parse_file(texts, BC_FILE, NULL, bc, error))
        return false;
    if (!parse_file(texts, UBC_FILE, NULL, ubc, error)) {
        ubc_dump_clear(bc);
        return false;
    }
    kernel->narrow = bc->narrow || ubc->narrow;
    return true;
}

/* The emulation of 8 and 9 prints what the kernel used to. It is a help, not a must: vzlist tells
 * the same. */
static void read_emulated(struct ovz_host *host, GPtrArray *list, GCancellable *cancel,
                          struct ubc_dump *dump)
{
    g_autoptr(GPtrArray) argv = g_ptr_array_new();
    struct run_result result;

    g_ptr_array_add(argv, (gpointer)SCRIPT);
    for (unsigned i = 0; i < list->len; i++) {
        const struct ubc_container *container = list->pdata[i];

        if (!strcmp(container->status, "running"))
            g_ptr_array_add(argv, container->ctid);
    }
    g_ptr_array_add(argv, NULL);
    if (argv->len <= 2 ||
        !ovz_host_run(host, (const char *const *)argv->pdata, LIST_MS, cancel, &result, NULL))
        return;
    if (!ubc_parse(result.out, result.out_size, NULL, dump, NULL))
        dump->blocks = NULL;
    run_result_clear(&result);
}

static bool is_active(const char *status)
{
    static const char *const words[] = {"running",   "starting",      "stopping", "paused",
                                        "restoring", "checkpointing", NULL};

    return g_strv_contains(words, status);
}

/* The list is from before: a container has come or gone since. vzlist leaves out what has no
 * private area, and kernels count groups that are no containers: those do not make it old. */
static bool out_of_date(const struct ovz_kernel *kernel, GPtrArray *list,
                        const struct ubc_dump *const *dumps, size_t n)
{
    g_autoptr(GPtrArray) strangers = unlisted(list, dumps, n);

    for (unsigned i = 0; i < list->len; i++) {
        const struct ubc_container *container = list->pdata[i];
        bool there = false;

        for (size_t d = 0; d < n; d++)
            there = there || ubc_dump_find(dumps[d], container->ctid);
        if (there != is_active(container->status))
            return true;
    }
    return strangers->len != kernel->strangers;
}

/* --- configurations ---------------------------------------------------------------------- */

static char *conf_path(const char *ctid)
{
    return g_strdup_printf("/etc/vz/conf/%s.conf", ctid);
}

/* The files of one container: its own counters where the whole list does not have it, and its
 * configuration. */
static GPtrArray *files_of(GPtrArray *containers)
{
    GPtrArray *paths = g_ptr_array_new_with_free_func(g_free);

    g_ptr_array_add(paths, g_strdup(GLOBAL_CONF));
    g_ptr_array_add(paths, g_strdup("/proc/meminfo"));
    for (unsigned i = 0; i < containers->len; i++) {
        const struct ovz_container *container = containers->pdata[i];

        g_ptr_array_add(paths, conf_path(container->ctid));
        if (container->active)
            g_ptr_array_add(paths, g_strdup_printf(BC_DIR "/%s/resources", container->ctid));
    }
    g_ptr_array_add(paths, NULL);
    return paths;
}

static bool take_files(struct ovz_container *container, GHashTable *texts,
                       const struct ovz_kernel *kernel, GError **error)
{
    g_autofree char *path = conf_path(container->ctid);
    g_autofree char *own = g_strdup_printf(BC_DIR "/%s/resources", container->ctid);
    const char *global = g_hash_table_lookup(texts, GLOBAL_CONF);
    const char *conf = g_hash_table_lookup(texts, path);
    struct ubc_dump dump = {0};

    container->has_conf = conf != NULL;
    if (conf && global)
        ubc_conf_read(&container->conf, global, strlen(global), kernel->page_size);
    if (conf)
        ubc_conf_read(&container->conf, conf, strlen(conf), kernel->page_size);
    if (!container->active || !g_hash_table_contains(texts, own))
        return true;
    if (!parse_file(texts, own, container->ctid, &dump, error))
        return false;
    ubc_merge(&container->counters, ubc_dump_find(&dump, container->ctid));
    container->has_counters = true;
    ubc_dump_clear(&dump);
    return true;
}

static uint64_t meminfo_field(const char *text, const char *name)
{
    const char *found = text ? strstr(text, name) : NULL;

    return found ? g_ascii_strtoull(found + strlen(name), NULL, 10) * 1024 : 0;
}

/* Kernels before 3.14 do not say what is available. */
static void take_meminfo(struct ovz_picture *picture, const char *text)
{
    picture->total = meminfo_field(text, "MemTotal:");
    picture->available = meminfo_field(text, "MemAvailable:");
    if (!picture->available)
        picture->available = meminfo_field(text, "MemFree:") + meminfo_field(text, "Buffers:") +
                             meminfo_field(text, "\nCached:");
    picture->swap_total = meminfo_field(text, "SwapTotal:");
    picture->swap_free = meminfo_field(text, "SwapFree:");
}

static struct ovz_container *container_new(const struct ubc_container *listed_one,
                                           const struct ubc_dump *const *dumps, size_t n)
{
    struct ovz_container *container = g_new0(struct ovz_container, 1);

    container->ctid = g_strdup(listed_one->ctid);
    container->status = g_strdup(listed_one->status);
    container->name = g_strdup(listed_one->name);
    container->hostname = g_strdup(listed_one->hostname);
    container->active = is_active(listed_one->status);
    for (size_t i = 0; container->active && i < n; i++) {
        const struct ubc *block = ubc_dump_find(dumps[i], listed_one->ctid);

        ubc_merge(&container->counters, block);
    }
    if (container->active)
        ubc_merge(&container->counters, &listed_one->counters);
    for (size_t i = 0; i < UBC_COUNTERS; i++)
        container->has_counters = container->has_counters || container->counters.rows[i].present;
    return container;
}

static bool fill(struct ovz_host *host, const struct ovz_kernel *kernel, GCancellable *cancel,
                 struct ovz_picture *picture, GError **error)
{
    g_autoptr(GPtrArray) paths = files_of(picture->containers);
    g_autoptr(GHashTable) texts = NULL;

    if (!ovz_host_read(host, (const char *const *)paths->pdata, cancel, &texts, error))
        return false;
    take_meminfo(picture, g_hash_table_lookup(texts, "/proc/meminfo"));
    for (unsigned i = 0; i < picture->containers->len; i++)
        if (!take_files(picture->containers->pdata[i], texts, kernel, error))
            return false;
    return true;
}

static bool read_list(struct ovz_host *host, struct ovz_kernel *kernel,
                      const struct ubc_dump *const *dumps, size_t n, GCancellable *cancel,
                      GPtrArray **list, GError **error)
{
    g_autoptr(GPtrArray) strangers = NULL;

    g_clear_pointer(list, g_ptr_array_unref);
    if (!kernel->has_vzlist)
        *list = list_counted(dumps, n);
    else if (!ovz_list(host, kernel, cancel, list, error))
        return false;
    strangers = unlisted(*list, dumps, n);
    kernel->strangers = strangers->len;
    return true;
}

bool ovz_picture_read(struct ovz_host *host, struct ovz_kernel *kernel, GCancellable *cancel,
                      GPtrArray **list, struct ovz_picture *picture, GError **error)
{
    struct ubc_dump bc = {0}, ubc = {0}, emulated = {0};
    const struct ubc_dump *const dumps[] = {&bc, &ubc, &emulated};
    struct ovz_picture result = {0};
    bool ok = read_counted(host, kernel, cancel, &bc, &ubc, error);
    bool stale = ok && (!*list || (!kernel->has_ubc && !kernel->has_bc) ||
                        out_of_date(kernel, *list, dumps, 2));

    if (stale)
        ok = read_list(host, kernel, dumps, 2, cancel, list, error);
    if (ok && kernel->has_script && !kernel->has_ubc && !kernel->has_bc)
        read_emulated(host, *list, cancel, &emulated);
    if (ok) {
        result.containers = g_ptr_array_new_with_free_func(ovz_container_free);
        for (unsigned i = 0; i < (*list)->len; i++)
            g_ptr_array_add(result.containers,
                            container_new((*list)->pdata[i], dumps, G_N_ELEMENTS(dumps)));
        ok = fill(host, kernel, cancel, &result, error);
    }
    if (ok)
        *picture = result;
    else
        ovz_picture_clear(&result);
    ubc_dump_clear(&bc);
    ubc_dump_clear(&ubc);
    ubc_dump_clear(&emulated);
    return ok;
}
