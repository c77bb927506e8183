/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/support/virt-events.h"

#include <libvirt/virterror.h>
#include <string.h>

#define MAX_CALLBACKS 3

/* Shared by the worker and libvirt's callbacks, which can run a last time after deregistration. */
struct virt_events {
    gint refs;
    GMutex lock;
    struct uplink *uplink; /* under the lock; NULL once the connection is being closed */
    const char *closed;    /* under the lock */
    GAsyncQueue *queue;    /* struct virt_event */
    int callbacks[MAX_CALLBACKS];
    size_t n_callbacks;
    bool lists, close_callback;
};

static struct virt_events *events_ref(struct virt_events *events)
{
    g_atomic_int_inc(&events->refs);
    return events;
}

static void events_unref(void *opaque)
{
    struct virt_events *events = opaque;

    if (!g_atomic_int_dec_and_test(&events->refs))
        return;
    g_async_queue_unref(events->queue);
    g_mutex_clear(&events->lock);
    g_free(events);
}

static void post(struct virt_events *events, virDomainPtr domain, bool list, const char *ended,
                 bool vague)
{
    struct virt_event *event = g_new0(struct virt_event, 1);

    virDomainGetUUID(domain, event->uuid); /* a field of the handle: no call to the daemon */
    event->list = list;
    event->ended = ended;
    event->vague = vague;
    event->time = g_get_real_time() / G_USEC_PER_SEC;
    g_mutex_lock(&events->lock);
    if (events->uplink) {
        g_async_queue_push(events->queue, event);
        events->uplink->changed(events->uplink, list ? NULL : event->uuid);
    } else {
        g_free(event);
    }
    g_mutex_unlock(&events->lock);
}

static const char *stopped_reason(int detail)
{
    /* clang-format off */
    static const char *const reasons[] = {
        [VIR_DOMAIN_EVENT_STOPPED_SHUTDOWN]      = "shutdown: it was shut down",
        [VIR_DOMAIN_EVENT_STOPPED_DESTROYED]     = "destroyed: it was forced off",
        [VIR_DOMAIN_EVENT_STOPPED_CRASHED]       = "crashed: it crashed",
        [VIR_DOMAIN_EVENT_STOPPED_MIGRATED]      = "migrated: it moved to another host",
        [VIR_DOMAIN_EVENT_STOPPED_SAVED]         = "saved: it was saved to disk",
        [VIR_DOMAIN_EVENT_STOPPED_FAILED]        = "failed: its process failed",
        [VIR_DOMAIN_EVENT_STOPPED_FROM_SNAPSHOT] = "snapshot: it went back to a snapshot",
    };
    /* clang-format on */

    return detail >= 0 && (size_t)detail < G_N_ELEMENTS(reasons) ? reasons[detail] : NULL;
}

const char *virt_ended_reason(int shutoff_reason)
{
    /* clang-format off */
    static const char *const reasons[] = {
        [VIR_DOMAIN_SHUTOFF_SHUTDOWN]  = "shutdown: it was shut down",
        [VIR_DOMAIN_SHUTOFF_DESTROYED] = "destroyed: it was forced off",
        [VIR_DOMAIN_SHUTOFF_CRASHED]   = "crashed: it crashed",
        [VIR_DOMAIN_SHUTOFF_MIGRATED]  = "migrated: it moved to another host",
        [VIR_DOMAIN_SHUTOFF_SAVED]     = "saved: it was saved to disk",
        [VIR_DOMAIN_SHUTOFF_FAILED]    = "failed: its process failed",
        [VIR_DOMAIN_SHUTOFF_FROM_SNAPSHOT] = "snapshot: it went back to a snapshot",
        [VIR_DOMAIN_SHUTOFF_DAEMON]    = "daemon: libvirtd ended it while starting",
    };
    /* clang-format on */

    if (shutoff_reason < 0 || (size_t)shutoff_reason >= G_N_ELEMENTS(reasons))
        return NULL;
    return reasons[shutoff_reason];
}

static int on_lifecycle(virConnectPtr connection, virDomainPtr domain, int event, int detail,
                        void *opaque)
{
    const char *ended = NULL;

    if (event == VIR_DOMAIN_EVENT_STOPPED)
        ended = stopped_reason(detail);
    else if (event == VIR_DOMAIN_EVENT_CRASHED)
        ended = "crashed: it crashed";
    post(opaque, domain, true, ended,
         event == VIR_DOMAIN_EVENT_STOPPED && detail == VIR_DOMAIN_EVENT_STOPPED_FAILED);
    return 0;
}

static void on_balloon(virConnectPtr connection, virDomainPtr domain, unsigned long long actual,
                       void *opaque)
{
    post(opaque, domain, false, NULL, false);
}

static void on_metadata(virConnectPtr connection, virDomainPtr domain, int type, const char *uri,
                        void *opaque)
{
    post(opaque, domain, false, NULL, false);
}

static void on_close(virConnectPtr connection, int reason, void *opaque)
{
    /* clang-format off */
    static const char *const reasons[] = {
        [VIR_CONNECT_CLOSE_REASON_ERROR]     = "error: the connection broke",
        [VIR_CONNECT_CLOSE_REASON_EOF]       = "closed: the daemon ended or closed the connection",
        [VIR_CONNECT_CLOSE_REASON_KEEPALIVE] = "keepalive: no answer for 20 s (keepalive)",
        [VIR_CONNECT_CLOSE_REASON_CLIENT]    = "closed: closed here",
    };
    /* clang-format on */
    struct virt_events *events = opaque;
    const char *why =
        reason >= 0 && (size_t)reason < G_N_ELEMENTS(reasons) ? reasons[reason] : reasons[0];

    g_mutex_lock(&events->lock);
    events->closed = why;
    if (events->uplink)
        events->uplink->lost(events->uplink, strchr(why, ':') + 2);
    g_mutex_unlock(&events->lock);
}

static bool add(struct virt_events *events, virConnectPtr connection, int id,
                virConnectDomainEventGenericCallback callback)
{
    int number = virConnectDomainEventRegisterAny(connection, NULL, id, callback,
                                                  events_ref(events), events_unref);

    if (number < 0) {
        virResetLastError();
        events_unref(events);
        return false;
    }
    events->callbacks[events->n_callbacks++] = number;
    return true;
}

struct virt_events *virt_events_new(virConnectPtr connection, struct uplink *uplink, bool daemon)
{
    struct virt_events *events = g_new0(struct virt_events, 1);

    events->refs = 1;
    g_mutex_init(&events->lock);
    events->uplink = uplink;
    events->queue = g_async_queue_new_full(g_free);
    events->lists = add(events, connection, VIR_DOMAIN_EVENT_ID_LIFECYCLE,
                        VIR_DOMAIN_EVENT_CALLBACK(on_lifecycle));
    add(events, connection, VIR_DOMAIN_EVENT_ID_BALLOON_CHANGE,
        VIR_DOMAIN_EVENT_CALLBACK(on_balloon));
    add(events, connection, VIR_DOMAIN_EVENT_ID_METADATA_CHANGE,
        VIR_DOMAIN_EVENT_CALLBACK(on_metadata));
    if (!daemon) /* libvirt would take the callback, and never free it */
        return events;
    events->close_callback = virConnectRegisterCloseCallback(connection, on_close,
                                                             events_ref(events), events_unref) == 0;
    if (!events->close_callback) {
        virResetLastError();
        events_unref(events);
    }
    return events;
}

void virt_events_free(struct virt_events *events, virConnectPtr connection)
{
    if (!events)
        return;
    g_mutex_lock(&events->lock);
    events->uplink = NULL;
    g_mutex_unlock(&events->lock);
    for (size_t i = 0; connection && i < events->n_callbacks; i++)
        virConnectDomainEventDeregisterAny(connection, events->callbacks[i]);
    if (connection && events->close_callback)
        virConnectUnregisterCloseCallback(connection, on_close);
    virResetLastError();
    events_unref(events);
}

bool virt_events_lists(const struct virt_events *events)
{
    return events->lists;
}

bool virt_events_next(struct virt_events *events, struct virt_event *event)
{
    struct virt_event *next = g_async_queue_try_pop(events->queue);

    if (!next)
        return false;
    *event = *next;
    g_free(next);
    return true;
}

const char *virt_events_closed(struct virt_events *events)
{
    const char *closed;

    g_mutex_lock(&events->lock);
    closed = events->closed;
    g_mutex_unlock(&events->lock);
    return closed;
}
