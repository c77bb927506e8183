/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/vsphere.h"

#include <stddef.h>
#include <string.h>

/* clang-format off */
static const struct {
    const char *name;
    size_t offset;
    bool optional;
} about_table[] = {
    {"rootFolder",        offsetof(struct about, root_folder)},
    {"propertyCollector", offsetof(struct about, property_collector)},
    {"viewManager",       offsetof(struct about, view_manager)},
    {"sessionManager",    offsetof(struct about, session_manager)},
    {"searchIndex",       offsetof(struct about, search_index), true},
};
/* clang-format on */

void about_clear(struct about *about)
{
    g_free(about->full_name);
    g_free(about->api_type);
    for (size_t i = 0; i < G_N_ELEMENTS(about_table); i++) {
        g_free(*(char **)((char *)about + about_table[i].offset));
    }
    memset(about, 0, sizeof *about);
}

bool about_read(xmlNode *content, struct about *about, GError **error)
{
    xmlNode *info = soap_child(content, "about");
    struct about found = {0};
    bool complete;

    found.full_name = soap_get_text(soap_child(info, "fullName"));
    found.api_type = soap_get_text(soap_child(info, "apiType"));
    complete = found.full_name != NULL && found.api_type != NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(about_table); i++) {
        char **text = (char **)((char *)&found + about_table[i].offset);

        *text = soap_get_text(soap_child(content, about_table[i].name));
        complete = complete && (*text != NULL || about_table[i].optional);
    }
    if (!complete) {
        about_clear(&found);
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_UNSUPPORTED,
                    "this is no vSphere API that virt-memtune knows: its ServiceContent lacks a "
                    "manager");
        return false;
    }
    *about = found;
    return true;
}

bool session_call(struct vsphere *vsphere, struct soap_request *request, struct soap_reply *reply,
                  GError **error)
{
    bool ok = soap_call(vsphere->soap, request, reply, error);

    soap_request_free(request);
    return ok;
}

static bool login_once(struct vsphere *vsphere, GError **error)
{
    struct soap_request *request =
        soap_request_new("Login", "SessionManager", vsphere->about.session_manager);
    struct soap_reply reply = {0};
    bool ok;

    soap_text(request, "userName", credentials_user(vsphere->credentials));
    soap_secret(request, "password", credentials_password(vsphere->credentials));
    ok = session_call(vsphere, request, &reply, error);
    soap_reply_clear(&reply);
    return ok;
}

bool session_login(struct vsphere *vsphere, GError **error)
{
    GError *refused = NULL;

    soap_forget_session(vsphere->soap);
    if (login_once(vsphere, &refused)) {
        return true;
    }
    if (g_error_matches(refused, BACKEND_ERROR, BACKEND_ERROR_AUTH) &&
        !credentials_from_file(vsphere->credentials) &&
        auth_ask(vsphere->credentials, vsphere->uri.host, vsphere->connection.uplink, NULL)) {
        g_error_free(refused);
        return login_once(vsphere, error);
    }
    g_propagate_error(error, refused);
    return false;
}

void session_logout(struct vsphere *vsphere)
{
    struct soap_request *request;
    struct soap_reply reply = {0};

    /* A server that does not answer forgets the session by itself. */
    if (!soap_answers(vsphere->soap)) {
        return;
    }
    request = soap_request_new("Logout", "SessionManager", vsphere->about.session_manager);

    if (session_call(vsphere, request, &reply, NULL)) {
        soap_reply_clear(&reply);
    }
}

bool session_renew(struct vsphere *vsphere, GError **error)
{
    bool ended = vsphere->ended || strcmp(soap_fault_type(vsphere->soap), "NotAuthenticated") == 0;
    /* A server that restarted knows the session, but not what was made in it. */
    bool lost = vsphere->view != NULL &&
                (strcmp(soap_fault_type(vsphere->soap), "ManagedObjectNotFound") == 0 ||
                 strcmp(soap_fault_type(vsphere->soap), "InvalidCollectorVersion") == 0);
    GError *refused = NULL;

    if (!ended && !lost) {
        return false;
    }
    vsphere->ended = false;
    g_clear_pointer(&vsphere->view, g_free);
    g_clear_pointer(&vsphere->filter, g_free);
    g_clear_pointer(&vsphere->version, g_free);
    if (ended && !session_login(vsphere, &refused)) {
        g_clear_error(error);
        g_propagate_prefixed_error(error, refused,
                                   "the session ended, and logging in again failed: ");
        return false;
    }
    g_clear_error(error);
    return true;
}
