/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/vsphere.h"

#include <string.h>

/* Objects in one reply: small enough to be parsed at once, large enough to hide round trips. */
#define PAGE 100

static char *reference_of(const struct soap_reply *reply)
{
    return soap_get_text(soap_child(reply->response, "returnval"));
}

/* Makes an object of this session and stores its moid. Takes the request. */
static bool make(struct vsphere *vsphere, struct soap_request *request, char **id, GError **error)
{
    struct soap_reply reply = {0};

    if (!session_call(vsphere, request, &reply, error)) {
        return false;
    }
    g_free(*id);
    *id = reference_of(&reply);
    soap_reply_clear(&reply);
    if (*id == NULL || **id == '\0') {
        g_clear_pointer(id, g_free);
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_FAILED,
                    "the reply makes no sense: a new object has no name");
        return false;
    }
    return true;
}

/* --- where the view begins ------------------------------------------------------------------- */

/* Stores the class and moid at an inventory path; *id stays NULL where there is none. */
static bool find_path(struct vsphere *vsphere, const char *path, char **type, char **id,
                      GError **error)
{
    struct soap_request *request =
        soap_request_new("FindByInventoryPath", "SearchIndex", vsphere->about.search_index);
    struct soap_reply reply = {0};
    xmlNode *found;

    soap_text(request, "inventoryPath", path);
    if (!session_call(vsphere, request, &reply, error)) {
        return false;
    }
    found = soap_child(reply.response, "returnval");
    if (found != NULL) {
        *type = g_strdup(soap_attribute(found, "type"));
        *id = soap_get_text(found);
    }
    soap_reply_clear(&reply);
    return true;
}

/* libvirt's path leaves out the "host" folder that stands behind the datacenter, and which part is
 * the datacenter (it may be in folders) only the inventory knows. */
static bool find_root(struct vsphere *vsphere, char **type, char **id, GError **error)
{
    const char *path = vsphere->uri.path;

    if (path == NULL || vsphere->about.search_index == NULL) {
        *type = g_strdup("Folder");
        *id = g_strdup(vsphere->about.root_folder);
        return true;
    }
    if (!find_path(vsphere, path, type, id, error)) {
        return false;
    }
    for (const char *slash = strchr(path, '/'); slash != NULL && *id == NULL;
         slash = strchr(slash + 1, '/')) {
        g_autofree char *with_host =
            g_strdup_printf("%.*s/host%s", (int)(slash - path), path, slash);

        if (!find_path(vsphere, with_host, type, id, error)) {
            return false;
        }
    }
    if (*id == NULL) {
        g_set_error(
            error, BACKEND_ERROR, BACKEND_ERROR_URI,
            "the inventory has no \"%s\": the path is /datacenter[/folder][/cluster][/host]", path);
        return false;
    }
    return true;
}

static bool make_view(struct vsphere *vsphere, GError **error)
{
    g_autofree char *type = NULL, *root = NULL;
    struct soap_request *request;

    if (vsphere->view != NULL) {
        return true;
    }
    if (!find_root(vsphere, &type, &root, error)) {
        return false;
    }
    request = soap_request_new("CreateContainerView", "ViewManager", vsphere->about.view_manager);
    soap_reference(request, "container", type, root);
    for (unsigned kind = 0; kind < ENTITY_KINDS_; kind++) {
        soap_text(request, "type", inventory_class(kind));
    }
    soap_flag(request, "recursive", true);
    return make(vsphere, request, &vsphere->view, error);
}

/* --- what to ask for ------------------------------------------------------------------------- */

static void write_properties(struct soap_request *request, enum entity_kind kind, bool extra)
{
    g_auto(GStrv) paths = inventory_paths(kind, extra);

    soap_begin(request, "propSet", NULL);
    soap_text(request, "type", inventory_class(kind));
    soap_flag(request, "all", false);
    for (char **path = paths; *path != NULL; path++) {
        soap_text(request, "pathSet", *path);
    }
    soap_end(request);
}

static void write_view(const struct vsphere *vsphere, struct soap_request *request)
{
    soap_begin(request, "objectSet", NULL);
    soap_reference(request, "obj", "ContainerView", vsphere->view);
    soap_flag(request, "skip", true);
    soap_begin(request, "selectSet", "TraversalSpec");
    soap_text(request, "name", "view");
    soap_text(request, "type", "ContainerView");
    soap_text(request, "path", "view");
    soap_flag(request, "skip", false);
    soap_end(request);
    soap_end(request);
}

static void write_spec(const struct vsphere *vsphere, struct soap_request *request,
                       const char *name, bool extra)
{
    soap_begin(request, name, NULL);
    for (unsigned kind = 0; kind < ENTITY_KINDS_; kind++) {
        write_properties(request, kind, extra);
    }
    write_view(vsphere, request);
    soap_end(request);
}

/* --- pages ----------------------------------------------------------------------------------- */

/* Takes the request of the first page. */
static bool read_pages(struct vsphere *vsphere, struct soap_request *request, GError **error)
{
    g_autofree char *token = NULL;

    do {
        struct soap_reply reply = {0};
        xmlNode *page;
        bool alive, empty;

        if (!session_call(vsphere, request, &reply, error)) {
            return false;
        }
        page = soap_child(reply.response, "returnval");
        empty = soap_child(page, "objects") == NULL;
        alive = inventory_take_page(&vsphere->inventory, page, &token);
        soap_reply_clear(&reply);
        if (empty && token != NULL) {
            g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_FAILED,
                        "the reply makes no sense: a page has nothing and says that more follows");
            return false;
        }
        if (!alive) {
            vsphere->ended = true;
            g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_AUTH, "the session has ended");
            return false;
        }
        if (token != NULL) {
            request = soap_request_new("ContinueRetrievePropertiesEx", "PropertyCollector",
                                       vsphere->about.property_collector);
            soap_text(request, "token", token);
        }
    } while (token != NULL);
    return true;
}

static void write_page_size(struct soap_request *request)
{
    soap_begin(request, "options", NULL);
    soap_number(request, "maxObjects", PAGE);
    soap_end(request);
}

bool collect_all(struct vsphere *vsphere, GError **error)
{
    struct soap_request *request;

    if (!make_view(vsphere, error)) {
        return false;
    }
    request = soap_request_new("RetrievePropertiesEx", "PropertyCollector",
                               vsphere->about.property_collector);
    write_spec(vsphere, request, "specSet", true);
    write_page_size(request);
    inventory_begin(&vsphere->inventory);
    if (!read_pages(vsphere, request, error)) {
        return false;
    }
    inventory_end(&vsphere->inventory);
    vsphere->read_once = true;
    return true;
}

bool collect_some(struct vsphere *vsphere, const char *const *ids, size_t n, GError **error)
{
    struct soap_request *request;

    if (n == 0) {
        return true;
    }
    request = soap_request_new("RetrievePropertiesEx", "PropertyCollector",
                               vsphere->about.property_collector);
    soap_begin(request, "specSet", NULL);
    write_properties(request, ENTITY_VM, true);
    for (size_t i = 0; i < n; i++) {
        struct entity *vm = inventory_find(&vsphere->inventory, ids[i]);

        soap_begin(request, "objectSet", NULL);
        soap_reference(request, "obj", inventory_class(ENTITY_VM), ids[i]);
        soap_flag(request, "skip", false);
        soap_end(request);
        if (vm != NULL) {
            vm->fresh = false;
        }
    }
    soap_flag(request, "reportMissingObjectsInResults", true);
    soap_end(request);
    write_page_size(request);
    if (!read_pages(vsphere, request, error)) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        struct entity *vm = inventory_find(&vsphere->inventory, ids[i]);

        if (vm != NULL && !vm->fresh) {
            g_hash_table_remove(vsphere->inventory.entities, ids[i]);
        }
    }
    return true;
}

/* --- changes --------------------------------------------------------------------------------- */

static bool make_filter(struct vsphere *vsphere, GError **error)
{
    struct soap_request *request;

    if (vsphere->filter != NULL) {
        return true;
    }
    if (!make_view(vsphere, error)) {
        return false;
    }
    request =
        soap_request_new("CreateFilter", "PropertyCollector", vsphere->about.property_collector);
    write_spec(vsphere, request, "spec", false);
    soap_flag(request, "partialUpdates", false);
    return make(vsphere, request, &vsphere->filter, error);
}

static bool wait_once(struct vsphere *vsphere, bool *more, GError **error)
{
    struct soap_request *request = soap_request_new("WaitForUpdatesEx", "PropertyCollector",
                                                    vsphere->about.property_collector);
    struct soap_reply reply = {0};

    soap_text(request, "version", vsphere->version != NULL ? vsphere->version : "");
    soap_begin(request, "options", NULL);
    soap_number(request, "maxWaitSeconds", 0);
    soap_number(request, "maxObjectUpdates", PAGE);
    soap_end(request);
    if (!session_call(vsphere, request, &reply, error)) {
        return false;
    }
    *more = inventory_take_updates(&vsphere->inventory, soap_child(reply.response, "returnval"),
                                   &vsphere->version);
    soap_reply_clear(&reply);
    return true;
}

/* A changed machine may have a changed extraConfig, which the filter does not carry. */
static bool refresh_extra(struct vsphere *vsphere, GError **error)
{
    g_autoptr(GPtrArray) ids = g_ptr_array_new();
    GHashTableIter iter;
    gpointer value;

    g_hash_table_iter_init(&iter, vsphere->inventory.entities);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        struct entity *entity = value;

        if (entity->kind == ENTITY_VM && entity->change_version != NULL &&
            g_strcmp0(entity->change_version, entity->extra_version) != 0) {
            g_ptr_array_add(ids, entity->id);
        }
    }
    return collect_some(vsphere, (const char *const *)ids->pdata, ids->len, error);
}

bool collect_changes(struct vsphere *vsphere, GError **error)
{
    bool more = true;
    bool first;

    if (!make_filter(vsphere, error)) {
        return false;
    }
    first = vsphere->version == NULL;
    if (first) {
        inventory_begin(&vsphere->inventory);
    }
    while (more) {
        if (!wait_once(vsphere, &more, error)) {
            /* What the lost reply said is not said again: from the beginning. */
            g_clear_pointer(&vsphere->version, g_free);
            return false;
        }
    }
    if (first) {
        inventory_end(&vsphere->inventory);
    }
    return refresh_extra(vsphere, error);
}
