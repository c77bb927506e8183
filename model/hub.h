/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a model's owner and its threads share: one lock, the links (one per connection), and the
 * mail for the owner. Internal to model/.
 *
 * pthread's locks and not GLib's: those are invisible to ThreadSanitizer.
 *
 * The hub is reference-counted; every thread holds a reference, so that a thread which was
 * abandoned in a hung call finds valid memory if it ever returns. The lock is never held while a
 * backend or a callback runs. Once the hub is closed no mail is delivered any more.
 */
#ifndef MODEL_HUB_H
#define MODEL_HUB_H

#include "model/backend.h"
#include "model/clock.h"
#include "model/model.h"
#include "model/timing.h"

#include <pthread.h>

#define HUB_MAX_ABANDONED 3

struct worker;
struct part;

/* A message for the owner, run once on its context and then freed. Embedded by larger ones. */
struct mail {
    void (*run)(struct mail *mail, struct model *model);
    void (*free)(struct mail *mail);
};

struct hub {
    gint refs;
    pthread_mutex_t lock; /* guards everything below, the links and the workers' shared part */
    pthread_cond_t watch; /* the watchdog waits here */
    pthread_cond_t ended; /* a thread ended */
    GSource *source;      /* NULL once closed */
    GQueue mail;
    GPtrArray *links; /* struct link */
    GThread *watchdog;
    const struct timing *timing;
    struct journal *journal; /* referenced, or NULL */
    bool stamp;              /* constant */
    unsigned delay_ms;
    unsigned n_threads; /* that have not ended, abandoned ones too */
    bool paused, read_only, can_ask;
    bool stopping; /* set once, by model_free */
};

/* One connection as its threads and the owner share it. Lives as long as the hub. */
struct link {
    struct hub *hub;
    const struct backend *backend;
    char *uri;       /* as given */
    char *shown_uri; /* without a password */
    uint16_t index;

    struct snapshot *last; /* the newest published one; never NULL once added */
    bool fresh;            /* the owner has not taken it yet */
    uint64_t serial;

    struct worker *reader, *writer; /* NULL where there is none; abandoned ones are not here */
    unsigned n_abandoned;           /* threads that hang and were left behind, not yet returned */

    unsigned attempt;      /* tries since the last success */
    uint64_t retry_ns;     /* when the reader may try next */
    uint64_t connected_ns; /* since when it has been connected; 0 it is not */
    bool given_up;         /* until model_reconnect() */

    bool refresh, everything; /* model_refresh() */
    bool list_changed;        /* an event about the host or the list */
    bool forced;              /* `changed` is to be read even while paused: we wrote it */
    GHashTable *changed;      /* struct domain_key: events about these */
    GArray *visible;          /* struct domain_key */

    GQueue parts;    /* struct part, owned: writing to do */
    GQueue openings; /* struct opening, owned: wishes to write */
    bool may_write;  /* it was opened for writing and that holds */

    struct worker *asking; /* who waits for the answer, or NULL */
    char *prompt;          /* the question it waits for */
    bool secret, answered;
    char *answer;        /* locked memory (secret.h), or NULL: refused */
    GHashTable *answers; /* prompt to struct answer: what was given and not refused since */
    unsigned n_answers;  /* given so far */
};

struct hub *hub_new(const struct model_options *options, const struct timing *timing,
                    struct model *model);
struct hub *hub_ref(struct hub *hub);
void hub_unref(struct hub *hub);
/* No mail is delivered from here on. Owner's thread. */
void hub_close(struct hub *hub);
/* Takes the mail. With the lock held. After hub_close() it is freed at once. */
void hub_post(struct hub *hub, struct mail *mail);
/* The owner's context looks at links and mail soon. With the lock held. */
void hub_wake(struct hub *hub);
/* One sentence for the messages screen, "URI: TEXT" where there is a link. With the lock held. */
void hub_message(struct hub *hub, const struct link *link, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

/* A condition that waits by clock_ns(). */
void hub_cond_init(pthread_cond_t *cond);
/* False once it is `until` (UINT64_MAX: never). With the lock held. */
bool hub_wait(struct hub *hub, pthread_cond_t *cond, uint64_t until);
/* clock_ns() and so many milliseconds. */
uint64_t hub_in(unsigned ms);

#endif
