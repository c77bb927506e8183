/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/vsphere.h"

#include <string.h>

static const char *const schemes[] = {"esx", "vpx", NULL};

static void vsphere_free(struct vsphere *vsphere)
{
    soap_close(vsphere->soap);
    credentials_free(vsphere->credentials);
    about_clear(&vsphere->about);
    inventory_clear(&vsphere->inventory);
    vsphere_uri_clear(&vsphere->uri);
    g_free(vsphere->view);
    g_free(vsphere->filter);
    g_free(vsphere->version);
    g_free(vsphere);
}

static bool read_about(struct vsphere *vsphere, GError **error)
{
    struct soap_request *request =
        soap_request_new("RetrieveServiceContent", "ServiceInstance", "ServiceInstance");
    struct soap_reply reply = {0};
    bool ok, vcenter;

    if (!session_call(vsphere, request, &reply, error)) {
        return false;
    }
    ok = about_read(soap_child(reply.response, "returnval"), &vsphere->about, error);
    soap_reply_clear(&reply);
    if (!ok) {
        return false;
    }
    vcenter = strcmp(vsphere->about.api_type, "VirtualCenter") == 0;
    if (vcenter != vsphere->uri.vcenter) {
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_URI, "%s is %s: its URI begins with %s://",
                    vsphere->uri.host, vcenter ? "a vCenter" : "a single ESX host",
                    vcenter ? "vpx" : "esx");
        return false;
    }
    return true;
}

static bool find_credentials(struct vsphere *vsphere, GError **error)
{
    static const char *const of_esx[] = {"esx", NULL};
    /* libvirt itself looks for "esx" in both cases. */
    static const char *const of_vcenter[] = {"vpx", "esx", NULL};
    struct auth_request request = {
        .services = vsphere->uri.vcenter ? of_vcenter : of_esx,
        .host = vsphere->uri.host,
        .user = vsphere->uri.user,
        .default_user = vsphere->uri.vcenter ? "administrator@vsphere.local" : "root",
        .file = vsphere->uri.authfile,
    };

    vsphere->credentials = auth_find(&request, vsphere->connection.uplink, error);
    return vsphere->credentials != NULL;
}

static bool connect_to(struct vsphere *vsphere, GError **error)
{
    struct soap_options options = {
        .url = vsphere->uri.url,
        .host = vsphere->uri.host,
        .cacert = vsphere->uri.cacert,
        .proxy = vsphere->uri.proxy,
        .no_verify = vsphere->uri.no_verify,
        .uplink = vsphere->connection.uplink,
    };

    vsphere->soap = soap_open(&options, error);
    /* The certificate is looked at before anybody is asked for a password. */
    return vsphere->soap != NULL && read_about(vsphere, error) &&
           find_credentials(vsphere, error) && session_login(vsphere, error);
}

static void say_strange(struct vsphere *vsphere)
{
    struct uplink *uplink = vsphere->connection.uplink;

    if (vsphere->uri.strange != NULL && uplink != NULL && uplink->message != NULL) {
        g_autofree char *text =
            g_strdup_printf("%s: the parameter \"%s\" of the URI means nothing here and is ignored",
                            vsphere->uri.host, vsphere->uri.strange);

        uplink->message(uplink, text);
    }
}

static bool vsphere_open(const char *uri, enum access access, struct uplink *uplink,
                         struct connection **ret, GError **error)
{
    struct vsphere *vsphere = g_new0(struct vsphere, 1);

    vsphere->connection.backend = &esx_backend;
    vsphere->connection.uplink = uplink;
    vsphere->connection.access = access;
    inventory_init(&vsphere->inventory);
    if (!vsphere_uri_parse(uri, &vsphere->uri, error) || !connect_to(vsphere, error)) {
        vsphere_free(vsphere);
        return false;
    }
    say_strange(vsphere);
    *ret = &vsphere->connection;
    return true;
}

static void vsphere_close(struct connection *connection)
{
    struct vsphere *vsphere = (struct vsphere *)connection;

    if (vsphere != NULL) {
        session_logout(vsphere);
        vsphere_free(vsphere);
    }
}

static bool read_wanted(struct vsphere *vsphere, const struct wanted *wanted, GError **error)
{
    g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);

    if (wanted->everything || !vsphere->read_once) {
        return collect_all(vsphere, error);
    }
    for (size_t i = 0; wanted->only != NULL && i < wanted->n_only; i++) {
        const char *id = picture_find(vsphere, wanted->only[i].id);

        if (id != NULL) {
            g_ptr_array_add(ids, g_strdup(id));
        }
    }
    return collect_changes(vsphere, error) &&
           collect_some(vsphere, (const char *const *)ids->pdata, ids->len, error);
}

static gboolean mark_drawn(gpointer key, gpointer value, gpointer data)
{
    ((struct entity *)value)->changed = false;
    return FALSE;
}

static bool vsphere_sample(struct connection *connection, const struct wanted *wanted,
                           const struct snapshot *previous, struct snapshot_builder *builder,
                           GError **error)
{
    struct vsphere *vsphere = (struct vsphere *)connection;

    soap_ready(vsphere->soap);
    for (unsigned tries = 1;; tries++) {
        GError *failed = NULL;

        if (read_wanted(vsphere, wanted, &failed)) {
            break;
        }
        if (tries == SESSION_TRIES || !session_renew(vsphere, &failed)) {
            g_propagate_error(error, failed);
            return false;
        }
    }
    picture_draw(vsphere, builder);
    vsphere->inventory.moved = false;
    g_hash_table_foreach_remove(vsphere->inventory.entities, mark_drawn, NULL);
    return true;
}

static bool vsphere_apply(struct connection *connection, const struct step *step, GError **error)
{
    struct vsphere *vsphere = (struct vsphere *)connection;

    soap_ready(vsphere->soap);
    return reconfigure_apply(vsphere, step, error);
}

static void vsphere_interrupt(struct connection *connection)
{
    soap_interrupt(((struct vsphere *)connection)->soap);
}

static enum watch vsphere_watch(const char *uri, const char **why)
{
    *why = "the credentials are in files of this user";
    return WATCH_OWNER;
}

const struct backend esx_backend = {
    .name = "esx",
    .title = "VMware ESX and vCenter",
    .schemes = schemes,
    .tunables = vsphere_tunables,
    .figures = vsphere_figures,
    .flags = BACKEND_ONE_SCOPE,
    .watch = vsphere_watch,
    .open = vsphere_open,
    .close = vsphere_close,
    .sample = vsphere_sample,
    .check = vsphere_check,
    .plan = reconfigure_plan,
    .apply = vsphere_apply,
    .interrupt = vsphere_interrupt,
};
