/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/vsphere.h"

#include <string.h>

#define TASK_POLL_MS 200
/* A task that nobody finishes is left to the server; what is true then is read back. */
#define TASK_WAIT_S 600

/* --- the task -------------------------------------------------------------------------------- */

struct progress {
    char *state;
    int64_t percent;
    bool has_percent;
};

static void read_task_property(xmlNode *property, struct progress *progress,
                               struct soap_fault *fault)
{
    g_autofree char *name = soap_get_text(soap_child(property, "name"));
    xmlNode *value = soap_child(property, "val");

    if (g_strcmp0(name, "info.state") == 0) {
        g_free(progress->state);
        progress->state = soap_get_text(value);
    } else if (g_strcmp0(name, "info.progress") == 0) {
        progress->has_percent = soap_get_number(value, &progress->percent);
    } else if (g_strcmp0(name, "info.error") == 0 && value != NULL) {
        soap_fault_from_localized(value, fault);
    }
}

static struct soap_request *task_request(const struct vsphere *vsphere, const char *task)
{
    static const char *const paths[] = {"info.state", "info.progress", "info.error"};
    struct soap_request *request = soap_request_new("RetrievePropertiesEx", "PropertyCollector",
                                                    vsphere->about.property_collector);

    soap_begin(request, "specSet", NULL);
    soap_begin(request, "propSet", NULL);
    soap_text(request, "type", "Task");
    soap_flag(request, "all", false);
    for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
        soap_text(request, "pathSet", paths[i]);
    }
    soap_end(request);
    soap_begin(request, "objectSet", NULL);
    soap_reference(request, "obj", "Task", task);
    soap_flag(request, "skip", false);
    soap_end(request);
    soap_end(request);
    soap_begin(request, "options", NULL);
    soap_end(request);
    return request;
}

static bool read_task(struct vsphere *vsphere, const char *task, struct progress *progress,
                      struct soap_fault *fault, GError **error)
{
    struct soap_reply reply = {0};
    xmlNode *object;

    if (!session_call(vsphere, task_request(vsphere, task), &reply, error)) {
        g_prefix_error(error, "the change was sent, but how it ended is not known: ");
        return false;
    }
    object = soap_child(soap_child(reply.response, "returnval"), "objects");
    for (xmlNode *property = soap_child(object, "propSet"); property != NULL;
         property = soap_next(property)) {
        read_task_property(property, progress, fault);
    }
    soap_reply_clear(&reply);
    return true;
}

static void say_progress(struct vsphere *vsphere, const struct entity *vm,
                         const struct progress *progress)
{
    struct uplink *uplink = vsphere->connection.uplink;
    g_autofree char *text = NULL;

    if (uplink == NULL || uplink->message == NULL) {
        return;
    }
    text = progress->has_percent
               ? g_strdup_printf("%s: reconfiguring, %" G_GINT64_FORMAT " %%", vm->name,
                                 progress->percent)
               : g_strdup_printf("%s: reconfiguring, %s", vm->name, progress->state);
    uplink->message(uplink, text);
}

/* True where it has ended, well or not. */
static bool task_ended(const struct progress *progress, const struct soap_fault *fault,
                       GError **error)
{
    if (g_strcmp0(progress->state, "error") == 0) {
        if (fault->text != NULL) {
            soap_fault_error(fault, error);
        } else {
            g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_FAILED,
                        "the server says that it failed, and not why");
        }
        return true;
    }
    return g_strcmp0(progress->state, "success") == 0;
}

static bool wait_task(struct vsphere *vsphere, const struct entity *vm, const char *task,
                      GError **error)
{
    gint64 end = g_get_monotonic_time() + TASK_WAIT_S * G_USEC_PER_SEC;
    struct progress progress = {0};
    struct soap_fault fault = {0};
    GError *failed = NULL;
    int64_t said = -1;
    bool ended = false;

    for (unsigned turn = 0; !ended && failed == NULL; turn++) {
        if (!read_task(vsphere, task, &progress, &fault, &failed)) {
            break;
        }
        ended = task_ended(&progress, &fault, &failed);
        if (!ended && turn > 0 && turn % 5 == 0 && progress.percent != said) {
            said = progress.percent;
            say_progress(vsphere, vm, &progress);
        }
        if (!ended && g_get_monotonic_time() > end) {
            g_set_error(&failed, BACKEND_ERROR, BACKEND_ERROR_TIMEOUT,
                        "the server still works on it after %d minutes", TASK_WAIT_S / 60);
        } else if (!ended && !soap_sleep(vsphere->soap, TASK_POLL_MS)) {
            g_set_error(&failed, BACKEND_ERROR, BACKEND_ERROR_CANCELLED,
                        "interrupted while the server works on it");
        }
    }
    g_free(progress.state);
    soap_fault_clear(&fault);
    if (failed != NULL) {
        g_propagate_error(error, failed);
    }
    return failed == NULL;
}

/* --- applying -------------------------------------------------------------------------------- */

/* What two readings of one machine must have in common. */
static bool same_settings(const struct entity *vm, const struct reconfigure *before)
{
    const struct allocation *a = &vm->memory, *b = &before->memory;

    return a->reservation.number == b->reservation.number && a->limit.number == b->limit.number &&
           a->level == b->level &&
           (a->level != SHARES_CUSTOM || a->shares.number == b->shares.number) &&
           vm->memory_mib.number == before->memory_mib.number &&
           vm->locked.number == before->locked.number &&
           g_strcmp0(vm->balloon_max != NULL ? vm->balloon_max : "", before->balloon_max) == 0;
}

static void remember(const struct entity *vm, struct reconfigure *before)
{
    *before = (struct reconfigure){
        .memory = vm->memory, .memory_mib = vm->memory_mib, .locked = vm->locked};
    g_strlcpy(before->balloon_max, vm->balloon_max != NULL ? vm->balloon_max : "",
              sizeof before->balloon_max);
}

/* Reads with one more try after the session ended: the last thing before a write, which then finds
 * a session that lives. */
static bool read_before_write(struct vsphere *vsphere, const struct domain_key *key, char **id,
                              GError **error)
{
    for (unsigned tries = 1;; tries++) {
        GError *failed = NULL;
        bool known = vsphere->read_once || collect_all(vsphere, &failed);

        g_free(*id);
        *id = known ? g_strdup(picture_find(vsphere, key->id)) : NULL;
        if (known && (*id == NULL || collect_some(vsphere, (const char *const *)id, 1, &failed))) {
            return true;
        }
        if (tries == SESSION_TRIES || !session_renew(vsphere, &failed)) {
            g_propagate_error(error, failed);
            return false;
        }
    }
}

static bool write_once(struct vsphere *vsphere, const struct entity *vm, const struct step *step,
                       GError **error)
{
    struct reconfigure reconfigure;
    struct soap_reply reply = {0};
    g_autofree char *task = NULL;

    reconfigure_merge(vm, step->changes, step->n_changes, &reconfigure);
    if (!session_call(vsphere, reconfigure_request(vm, &reconfigure), &reply, error)) {
        if (*soap_fault_type(vsphere->soap) == '\0') {
            g_prefix_error(error, "whether the change arrived is not known: ");
        }
        return false;
    }
    task = soap_get_text(soap_child(reply.response, "returnval"));
    soap_reply_clear(&reply);
    if (task == NULL || *task == '\0') {
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_FAILED,
                    "whether the change arrived is not known: the reply names no task");
        return false;
    }
    return wait_task(vsphere, vm, task, error);
}

bool reconfigure_apply(struct vsphere *vsphere, const struct step *step, GError **error)
{
    const struct entity *vm;
    struct reconfigure before;
    g_autofree char *id = NULL;
    bool had;

    if (vsphere->connection.access != ACCESS_WRITE) {
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_PERMISSION,
                    "this connection was opened for reading only");
        return false;
    }
    vm = inventory_find(&vsphere->inventory, picture_find(vsphere, step->key.id));
    had = vm != NULL;
    if (had) {
        remember(vm, &before);
    }
    if (!read_before_write(vsphere, &step->key, &id, error)) {
        g_prefix_error(error, "nothing was sent: ");
        return false;
    }
    vm = inventory_find(&vsphere->inventory, id);
    if (vm == NULL) {
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_GONE,
                    "the virtual machine does not exist any more");
        return false;
    }
    if (!vm->memory.known) {
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_PERMISSION,
                    "nothing was sent: its present memory settings cannot be read");
        return false;
    }
    if (had && !same_settings(vm, &before)) {
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_CONFLICT,
                    "somebody else changed its memory settings meanwhile: nothing was written");
        return false;
    }
    return write_once(vsphere, vm, step, error);
}
