/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/openvz-host.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#define READ_MS 30000
#define FILE_MAX ((gsize)(16 * 1024 * 1024))
#define ARGUMENTS_MAX 60000 /* bytes of paths in one remote command; the kernel takes 128 KiB */

static bool read_local(struct ovz_host *host, const char *path, GHashTable *texts, GError **error)
{
    g_autofree char *real = ovz_host_path(host, path);
    g_autoptr(GString) text = g_string_new(NULL);
    FILE *file = g_fopen(real, "re");
    char buffer[16384];
    size_t n;

    if (!file && (errno == EACCES || errno == EPERM)) {
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_PERMISSION,
                    "%s may not be read: be root on this host", path);
        return false;
    }
    if (!file)
        return true;
    while ((n = fread(buffer, 1, sizeof buffer, file)) > 0 && text->len < FILE_MAX)
        g_string_append_len(text, buffer, (gssize)n);
    fclose(file);
    g_hash_table_insert(texts, g_strdup(path), g_string_free(g_steal_pointer(&text), FALSE));
    return true;
}

/* grep -H '' prints every line behind the name of its file and a colon: nothing in a file can look
 * like another file. */
static void take_lines(struct ovz_host *host, const char *const *paths, size_t n, char *out,
                       GHashTable *texts)
{
    g_autoptr(GHashTable) by_name = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_auto(GStrv) lines = g_strsplit(out, "\n", -1);

    for (size_t i = 0; i < n; i++)
        g_hash_table_insert(by_name, ovz_host_path(host, paths[i]), (gpointer)paths[i]);
    for (size_t i = 0; lines[i]; i++) {
        char *colon = strchr(lines[i], ':');
        const char *path;
        char *joined;

        if (!colon)
            continue;
        *colon = '\0';
        path = g_hash_table_lookup(by_name, lines[i]);
        if (!path)
            continue;
        joined = g_hash_table_lookup(texts, path);
        joined = g_strconcat(joined ? joined : "", colon + 1, "\n", NULL);
        g_hash_table_insert(texts, g_strdup(path), joined);
    }
}

static bool read_remote(struct ovz_host *host, const char *const *paths, size_t n,
                        GCancellable *cancel, GHashTable *texts, GError **error)
{
    g_autoptr(GPtrArray) argv = g_ptr_array_new_with_free_func(g_free);
    struct run_result result;

    for (size_t i = 0; i < 5; i++)
        g_ptr_array_add(argv, g_strdup(((const char *[]){"grep", "-a", "-H", "", "--"})[i]));
    for (size_t i = 0; i < n; i++)
        g_ptr_array_add(argv, ovz_host_path(host, paths[i]));
    g_ptr_array_add(argv, NULL);
    if (!ovz_host_run(host, (const char *const *)argv->pdata, READ_MS, cancel, &result, error))
        return false;
    take_lines(host, paths, n, result.out, texts);
    if (strstr(result.err, "Permission denied")) {
        g_autofree char *why = run_complaint(&result);

        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_PERMISSION, "%s: be root on that host",
                    why);
        run_result_clear(&result);
        return false;
    }
    run_result_clear(&result);
    return true;
}

bool ovz_host_read(struct ovz_host *host, const char *const *paths, GCancellable *cancel,
                   GHashTable **texts, GError **error)
{
    g_autoptr(GHashTable) result = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    bool ok = true;

    for (size_t i = 0; ok && paths[i];) {
        size_t n = 0, bytes = 0;

        if (!host->name) {
            ok = read_local(host, paths[i++], result, error);
            continue;
        }
        while (paths[i + n] && bytes < ARGUMENTS_MAX)
            bytes += strlen(paths[i + n++]) + (host->root ? strlen(host->root) : 0) + 4;
        ok = read_remote(host, paths + i, n, cancel, result, error);
        i += n;
    }
    if (ok)
        *texts = g_steal_pointer(&result);
    return ok;
}
