/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which containers there are, by vzlist. */
#include "backends/openvz.h"

#include <string.h>

#define LIST_MS 60000

/* "ctid,status,name,hostname" and, where the kernel does not tell, the counters. */
static GPtrArray *wanted_fields(const struct ovz_kernel *kernel)
{
    GPtrArray *fields = g_ptr_array_new();

    g_ptr_array_add(fields, (gpointer) "ctid");
    g_ptr_array_add(fields, (gpointer) "status");
    g_ptr_array_add(fields, (gpointer) "name");
    g_ptr_array_add(fields, (gpointer) "hostname");
    for (size_t i = 0; !kernel->has_ubc && !kernel->has_bc && i < UBC_COUNTERS; i++)
        g_ptr_array_add(fields, (gpointer)ubc_counters[i].name);
    return fields;
}

static bool complain(const struct run_result *result, GError **error)
{
    g_autofree char *why = run_complaint(result);
    bool root = strstr(why, "under root") != NULL;

    g_set_error(error, BACKEND_ERROR, root ? BACKEND_ERROR_PERMISSION : BACKEND_ERROR_FAILED,
                "vzlist: %s", why);
    return false;
}

/* Its exit status is 0 when it could not list anything: nothing but an error text is a failure,
 * unless the text says that there are no containers. */
static bool listed(const struct run_result *result, bool *none, GError **error)
{
    g_autofree char *out = g_strstrip(g_strdup(result->out));
    g_autofree char *err = g_strstrip(g_strdup(result->err));

    *none = strstr(err, "Container(s) not found") != NULL;
    if (*none)
        return true;
    if (result->status != 0 || (!*out && *err))
        return complain(result, error);
    return true;
}

/* True where a field that this vzlist does not know was taken out or replaced. */
static bool drop_unknown(GPtrArray *fields, const struct run_result *result)
{
    const char *named = strstr(result->err, "Unknown field: ");

    named = named ? named + strlen("Unknown field: ") : "";
    /* Before vzctl 3.0.24 the id has another name. */
    if (!strncmp(named, "ctid", 4) && !g_ascii_isalnum(named[4]) &&
        !strcmp(fields->pdata[0], "ctid")) {
        fields->pdata[0] = (gpointer) "veid";
        return true;
    }
    for (unsigned i = 2; i < fields->len; i++) {
        size_t length = strlen(fields->pdata[i]);

        if (!strncmp(named, fields->pdata[i], length) && !g_ascii_isalnum(named[length])) {
            g_ptr_array_remove_index(fields, i);
            return true;
        }
    }
    return false;
}

static bool run_vzlist(struct ovz_host *host, bool json, GPtrArray *fields, GCancellable *cancel,
                       struct run_result *result, GError **error)
{
    g_autoptr(GString) names = g_string_new(NULL);
    const char *argv[] = {"vzlist", "-a", json ? "-j" : "-H", "-o", NULL, NULL};

    for (unsigned i = 0; i < fields->len; i++)
        g_string_append_printf(names, "%s%s", i ? "," : "", (const char *)fields->pdata[i]);
    argv[4] = names->str;
    return ovz_host_run(host, argv, LIST_MS, cancel, result, error);
}

/* Old vzlists know no -j, and do not escape what stands in strings: then the plain form. */
static bool list_plain(struct ovz_host *host, GCancellable *cancel, GPtrArray **list,
                       GError **error)
{
    g_autoptr(GPtrArray) fields = g_ptr_array_new();
    struct run_result result;
    bool none, ok;

    g_ptr_array_add(fields, (gpointer) "ctid");
    g_ptr_array_add(fields, (gpointer) "status");
    g_ptr_array_add(fields, (gpointer) "name");
    if (!run_vzlist(host, false, fields, cancel, &result, error))
        return false;
    while (result.status != 0 && drop_unknown(fields, &result)) {
        run_result_clear(&result);
        if (!run_vzlist(host, false, fields, cancel, &result, error))
            return false;
    }
    ok = listed(&result, &none, error) &&
         ubc_list_parse_text(none ? "" : result.out, none ? 0 : result.out_size, list, error);
    run_result_clear(&result);
    return ok;
}

bool ovz_list(struct ovz_host *host, const struct ovz_kernel *kernel, GCancellable *cancel,
              GPtrArray **list, GError **error)
{
    g_autoptr(GPtrArray) fields = wanted_fields(kernel);
    g_autoptr(GError) why = NULL;
    struct run_result result;
    bool none, ok;

    if (!run_vzlist(host, true, fields, cancel, &result, error))
        return false;
    while (result.status != 0 && drop_unknown(fields, &result)) {
        run_result_clear(&result);
        if (!run_vzlist(host, true, fields, cancel, &result, error))
            return false;
    }
    ok = listed(&result, &none, &why) &&
         ubc_list_parse_json(none ? "" : result.out, none ? 0 : result.out_size, list, &why);
    run_result_clear(&result);
    return ok || list_plain(host, cancel, list, error);
}
