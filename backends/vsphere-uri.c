/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/vsphere-uri.h"

#include <stddef.h>
#include <string.h>

void vsphere_uri_clear(struct vsphere_uri *uri)
{
    g_free(uri->host);
    g_free(uri->user);
    g_free(uri->cacert);
    g_free(uri->proxy);
    g_free(uri->authfile);
    g_free(uri->path);
    g_free(uri->url);
    g_free(uri->strange);
    memset(uri, 0, sizeof *uri);
}

static bool set_flag(struct vsphere_uri *uri, const char *value, GError **error)
{
    if (strcmp(value, "0") != 0 && strcmp(value, "1") != 0) {
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_URI, "no_verify is 0 or 1, not \"%s\"",
                    value);
        return false;
    }
    uri->no_verify = value[0] == '1';
    return true;
}

static bool set_transport(struct vsphere_uri *uri, const char *value, GError **error)
{
    if (strcmp(value, "http") != 0 && strcmp(value, "https") != 0) {
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_URI,
                    "transport is https or http, not \"%s\"", value);
        return false;
    }
    uri->plain = strcmp(value, "http") == 0;
    return true;
}

static bool set_proxy(struct vsphere_uri *uri, const char *value, GError **error)
{
    static const char *const types[] = {"http",    "https",  "socks",   "socks4",
                                        "socks4a", "socks5", "socks5h", NULL};
    const char *rest = strstr(value, "://");
    g_autofree char *type = rest != NULL ? g_strndup(value, (gsize)(rest - value)) : NULL;

    if (*value == '\0' || (type != NULL && !g_strv_contains(types, type))) {
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_URI,
                    "proxy is [type://]host[:port] with a type of http, https, socks, socks4, "
                    "socks4a or socks5, not \"%s\"",
                    type != NULL ? type : value);
        return false;
    }
    g_free(uri->proxy);
    /* libvirt's word for SOCKS 5. */
    uri->proxy =
        g_strcmp0(type, "socks") == 0 ? g_strconcat("socks5", rest, NULL) : g_strdup(value);
    return true;
}

static bool set_cacert(struct vsphere_uri *uri, const char *value, GError **error)
{
    g_free(uri->cacert);
    uri->cacert = g_strdup(value);
    return true;
}

static bool set_authfile(struct vsphere_uri *uri, const char *value, GError **error)
{
    g_free(uri->authfile);
    uri->authfile = g_strdup(value);
    return true;
}

static bool set_nothing(struct vsphere_uri *uri, const char *value, GError **error)
{
    return true;
}

/* clang-format off */
static const struct parameter {
    const char *name;
    bool (*set)(struct vsphere_uri *uri, const char *value, GError **error);
} parameter_table[] = {
    {"no_verify",   set_flag},
    {"cacert",      set_cacert},
    {"proxy",       set_proxy},
    {"transport",   set_transport},
    {"authfile",    set_authfile},
    {"auto_answer", set_nothing},
    {"vcenter",     set_nothing},
    {"no_tty",      set_nothing},
};
/* clang-format on */

static bool read_parameter(struct vsphere_uri *uri, const char *name, const char *value,
                           GError **error)
{
    for (size_t i = 0; i < G_N_ELEMENTS(parameter_table); i++) {
        if (strcmp(parameter_table[i].name, name) == 0) {
            return parameter_table[i].set(uri, value, error);
        }
    }
    g_free(uri->strange);
    uri->strange = g_strdup(name);
    return true;
}

static bool read_query(struct vsphere_uri *uri, const char *query, GError **error)
{
    GUriParamsIter iter;
    char *name, *value;
    bool ok = true;

    if (query == NULL) {
        return true;
    }
    g_uri_params_iter_init(&iter, query, -1, "&;", G_URI_PARAMS_NONE);
    while (ok) {
        GError *junk = NULL;

        name = value = NULL;
        if (!g_uri_params_iter_next(&iter, &name, &value, &junk)) {
            if (junk != NULL) {
                g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_URI,
                            "what follows the \"?\" is not NAME=VALUE&NAME=VALUE");
                g_error_free(junk);
                ok = false;
            }
            break;
        }
        ok = read_parameter(uri, name, value, error);
        g_free(name);
        g_free(value);
    }
    return ok;
}

static bool read_path(struct vsphere_uri *uri, const char *path, GError **error)
{
    g_autofree char *bare = g_strdup(path);
    char *at = bare;

    while (*at == '/') {
        at++;
    }
    while (*at != '\0' && at[strlen(at) - 1] == '/') {
        at[strlen(at) - 1] = '\0';
    }
    if (*at != '\0' && !uri->vcenter) {
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_URI,
                    "esx:// is one host and takes no path (vpx:// is a vCenter)");
        return false;
    }
    uri->path = *at != '\0' ? g_strdup(at) : NULL;
    return true;
}

static void set_url(struct vsphere_uri *uri, int port)
{
    bool literal = strchr(uri->host, ':') != NULL;

    uri->url =
        g_strdup_printf("%s://%s%s%s:%d/sdk", uri->plain ? "http" : "https", literal ? "[" : "",
                        uri->host, literal ? "]" : "", port > 0 ? port : (uri->plain ? 80 : 443));
}

static bool read_parts(struct vsphere_uri *uri, GUri *parsed, GError **error)
{
    const char *host = g_uri_get_host(parsed);

    if (g_uri_get_password(parsed) != NULL) {
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_URI,
                    "a password does not belong into a URI, where everybody can read it: leave it "
                    "out to be asked, or use libvirt's auth.conf");
        return false;
    }
    if (host == NULL || *host == '\0') {
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_URI,
                    "the URI names no host: esx://[user@]host[:port]/");
        return false;
    }
    uri->vcenter = g_ascii_strcasecmp(g_uri_get_scheme(parsed), "vpx") == 0;
    uri->host = g_strdup(host);
    uri->user = g_strdup(g_uri_get_user(parsed));
    if (uri->user != NULL && *uri->user == '\0') {
        g_clear_pointer(&uri->user, g_free);
    }
    if (!read_query(uri, g_uri_get_query(parsed), error) ||
        !read_path(uri, g_uri_get_path(parsed), error)) {
        return false;
    }
    set_url(uri, g_uri_get_port(parsed));
    return true;
}

bool vsphere_uri_parse(const char *text, struct vsphere_uri *uri, GError **error)
{
    /* The query stays encoded until it was cut at "&". */
    g_autoptr(GUri) parsed =
        g_uri_parse(text, G_URI_FLAGS_HAS_PASSWORD | G_URI_FLAGS_ENCODED_QUERY, NULL);
    struct vsphere_uri found = {0};

    if (parsed == NULL) {
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_URI,
                    "this is not a URI: esx://[user@]host[:port]/, with %%40 for an @ in the user");
        return false;
    }
    if (!read_parts(&found, parsed, error)) {
        vsphere_uri_clear(&found);
        return false;
    }
    *uri = found;
    return true;
}
