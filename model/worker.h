/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A thread with a connection of its own: the reader of a link, its writer, or both in one where
 * the backend can hold one connection only. Internal to model/.
 *
 * A worker is either in a backend's call (between worker_enter() and worker_leave(), lock free) or
 * holds the hub's lock. One that hangs is abandoned by the watchdog: it then touches nothing but
 * its own connection, and frees itself if the call ever returns.
 */
#ifndef MODEL_WORKER_H
#define MODEL_WORKER_H

#include "model/hub.h"

struct worker {
    struct uplink uplink; /* first: uplink.c */
    gint refs;
    struct hub *hub;
    struct link *link;
    GThread *thread;
    pthread_cond_t wake;
    bool samples, writes;

    /* Guarded by the hub's lock. */
    bool abandoned;
    bool ended;
    bool lost; /* by uplink->lost */
    char *why_lost;
    struct connection *connection;
    enum call call;
    uint64_t deadline_ns; /* of the call, then of its interruption; 0 none */
    bool interrupted;     /* this call was told to return */
    bool interrupting;    /* the watchdog is inside of interrupt() */
    struct part *part;    /* what it is writing, or NULL: a reference */

    GHashTable *told; /* prompt to number: which answers it was given since it began to connect */

    /* The thread's own. */
    struct snapshot *previous;
    bool read_once;      /* since the connection was made */
    uint64_t sampled_ns; /* when the last whole sample began */
    uint64_t event_ns;   /* when the last sample for events began */
};

enum reply {
    REPLY_OK,
    REPLY_ERROR, /* the GError is set */
    REPLY_LEFT,  /* abandoned or stopping: unwind at once, touch nothing shared */
};

/* With the lock held. Starts a thread; the link has one reference in its slot. */
void worker_start(struct link *link, bool samples, bool writes);
/* The worker that writes for the link, started where there is none yet; NULL where too many hang.
 */
struct worker *worker_for_writing(struct link *link);
/* Why worker_for_writing() gave none, or why the model does not write at all. */
GError *worker_refusal(const struct link *link);
struct worker *worker_ref(struct worker *worker);
void worker_unref(struct worker *worker);
/* With the lock held. NULL is fine. */
void worker_wake(struct worker *worker);
void uplink_init(struct uplink *uplink);

/* The following run on the worker's thread, with the lock held before and after. */

/* Releases the lock for a call that may take `ms` (0: for ever). False, and still locked, where
 * the worker is to stop. */
bool worker_enter(struct worker *worker, enum call call, unsigned ms);
/* Takes the lock again. False where the worker was abandoned meanwhile or is to stop. */
bool worker_leave(struct worker *worker);
enum reply worker_open(struct worker *worker, GError **error);
void worker_close(struct worker *worker);
enum reply worker_sample(struct worker *worker, const struct wanted *wanted,
                         const struct snapshot *previous, struct snapshot **ret, GError **error);

#endif
