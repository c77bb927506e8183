/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keep or go back, as the one sees it who writes: a guard is a process of this very program with
 * connections of its own that takes live changes back unless they are kept. It outlives whoever
 * started it: the end of the screen, of its login or of its terminal is a message to it.
 *
 *   guard_start()    a process is started, connects by itself and reads every value: STARTING.
 *   GUARD_ARMED      it is ready, and its plan is on the disk.
 *   guard_begin()    the time is to run: answered by COUNTING. Now, and not before, model_apply().
 *   guard_report()   out of the progress function of that job, at every call of it.
 *   guard_commit()   keep: answered by SAVING (COMMITTED: it stays, and the guard writes the
 *                    persistent values now) or by RETURNING (too late).
 *   guard_back()     go back now: RETURNING.
 *   GUARD_ENDED      all is done; guard_state() says what became of it.
 *
 * Once it is ARMED the guard goes back by itself when the time is over, when an oom-kill, another
 * state of the domain or its pressure say that the change hurts, and when the other side is gone
 * without guard_detach(). It goes back by the same checks as any change; a value that somebody else
 * changed is left alone.
 *
 * guard_start() is for changes of which one tightens at least and none is of class KILLS: this is
 * the caller's to look after.
 *
 * A guard belongs to one thread, the one that made it; callbacks run on its GMainContext. Nothing
 * here blocks on a hypervisor or on the guard. Functions that make no sense in the present phase do
 * nothing.
 */
#ifndef MODEL_GUARD_H
#define MODEL_GUARD_H

#include "model/model.h"

#define GUARD_SECONDS_MIN 15
#define GUARD_SECONDS_MAX 3600
#define GUARD_SECONDS 60        /* where nothing else was asked for */
#define GUARD_EXTEND_SECONDS 60 /* more, each time … */
#define GUARD_LEFT_MAX 600      /* … up to so many left, or to what was asked for at first */

enum guard_phase {
    GUARD_STARTING,  /* connects and reads; nothing may be written */
    GUARD_ARMED,     /* ready: guard_begin() */
    GUARD_COUNTING,  /* the time runs: model_apply() */
    GUARD_SAVING,    /* kept; the persistent values are being written */
    GUARD_RETURNING, /* going back, for `reason`: cancel the job that writes, if it still does */
    GUARD_ENDED,     /* the guard is gone: `ending` says how */
};

enum guard_ending {
    GUARD_END_NONE,    /* not ended */
    GUARD_END_REFUSED, /* never armed: nothing may be written; `error` says why and what to do */
    GUARD_END_KEPT,    /* kept, and every persistent value is written */
    GUARD_END_KEPT_UNSAVED, /* kept, but a persistent value is not written: see results */
    GUARD_END_GONE_BACK,    /* every value is what it was */
    GUARD_END_KEPT_KILLS,   /* some value stays: going back would kill */
    GUARD_END_LEFT,         /* some value stays: somebody else changed it meanwhile */
    GUARD_END_DETACHED,     /* it goes on without this side */
    GUARD_END_LOST,         /* the guard died: values stay as they are; `back ID` takes them back */
};
const char *guard_ending_name(enum guard_ending ending); /* "gone_back", "kept_unsaved", … */

/* How a domain does under the change. */
enum guard_grade {
    GUARD_GRADE_EARLY, /* too early to tell */
    GUARD_GRADE_WELL,
    GUARD_GRADE_WORSE, /* not bad enough to go back */
    GUARD_GRADE_BAD,   /* this is why it goes back */
};

/* UNKNOWN and UNSUPPORTED with the reason, as everywhere. */
struct guard_figures {
    struct value needed;    /* bytes */
    struct value left;      /* bytes to the nearest wall */
    struct value wall;      /* bytes: that wall */
    struct value pressure;  /* centi-percent: full, average of 10 s */
    struct value throttled; /* count; see rate */
    struct value failcnt;   /* count */
    struct value oom_kills; /* count */
    unsigned throttle_rate; /* throttles a second */
    enum domain_state state;
};

struct guard_domain {
    const char *name, *uri;           /* cleaned */
    struct guard_figures before, now; /* before: right before the change */
    enum guard_grade grade;
    const char *verdict; /* one sentence: "too early to tell: pressure needs 10 s more" */
};

struct guard_result {
    size_t change; /* index into plan.live, or into plan.saved where `saved` */
    bool saved;
    const char *what;     /* "db: hard_limit live  6.0 GiB -> 8.0 GiB" */
    struct value after;   /* what is true now; UNKNOWN where that is not known, and after
                           * guard_join() and guard_adopt() */
    enum outcome outcome; /* SAVED ones as of any job; else GONE_BACK, KEPT, or FAILED: not yet */
    const char *text;     /* one sentence, or NULL */
};

/* What is known of it. All pointers are valid until the next callback or main loop iteration. */
struct guard_state {
    enum guard_phase phase;
    enum guard_ending ending;
    const char *batch;
    int64_t pid;           /* of the guard; 0: not yet known */
    const char *place;     /* "on kvm07, own scope, own connection", or NULL: not yet known */
    const char *warning;   /* "logind ends it when you log out: …", or NULL */
    unsigned seconds;      /* asked for */
    unsigned total_ms;     /* with what was added: the whole bar */
    unsigned left_ms;      /* COUNTING: by the guard's clock, fresh once a second */
    int64_t deadline_time; /* COUNTING: the moment on the clock, microseconds since the epoch */
    const char *reason;    /* RETURNING, ENDED: why it goes back: "the time is over", or why it was
                            * kept already; or NULL */
    const char *error;     /* ENDED: REFUSED, LOST; or what went wrong beside all this; or NULL */
    bool too_late;         /* a guard_commit() came too late */
    const struct guard_domain *domains; /* in order of the plan's first change of each */
    size_t n_domains;
    const struct guard_result *results; /* in order of the plan; as far as known */
    size_t n_results;
};

struct guard;
struct guard_listener {
    /* Something of guard_state() is new. In this call guard_free() is allowed. */
    void (*changed)(struct guard *guard, void *data);
    /* The guard's own connection asks a person what was never answered before, or not rightly:
     * guard_answer(). NULL: it is refused. */
    void (*question)(struct guard *guard, const char *uri, const struct question *question,
                     void *data);
    void *data;
};

struct guard_plan {
    const struct change *live; /* written by the caller once COUNTING; what goes back */
    size_t n_live;
    const struct change *saved; /* persistent values; the guard writes them once it is kept */
    size_t n_saved;
    const char *batch;   /* its ID, to be given to model_apply() too; NULL: a new one */
    unsigned seconds;    /* GUARD_SECONDS_MIN to GUARD_SECONDS_MAX */
    unsigned timeout_ms; /* for each step; 0: 120 s */
    const char *keep_if; /* a command for /bin/sh that decides when the time is over: status 0
                          * keeps, everything else goes back; or NULL */
    bool unrecorded;     /* go on although the journal cannot be written */
};

/* What a review says before anything is started: true where `c` may be offered. *sentence is newly
 * allocated: "on kvm07, own scope, own connection: ready", or why there is none. Cheap; asks the
 * system bus for half a second at most. */
bool guard_outlook(const struct model *model, const struct change *changes, size_t n,
                   char **sentence);

/* Copies the plan; the model outlives the guard. Changes may be of any domains and connections;
 * `from` is what the guard must find. Error: BACKEND_ERROR (UNSUPPORTED: a connection that cannot
 * have a guard; PERMISSION: a read-only model). */
struct guard *guard_start(struct model *model, const struct guard_plan *plan,
                          const struct guard_listener *listener, GError **error);
/* A guard that runs already, by the ID of its batch: to see, keep or take back; ending this side
 * means nothing to it. Error: BACKEND_ERROR_GONE where none runs. `context` is the caller's. */
struct guard *guard_join(GMainContext *context, const char *batch,
                         const struct guard_listener *listener, GError **error);
/* One that died or went down with its machine: a new process takes over what it left on the disk,
 * COUNTING without an end until guard_commit() or guard_back(); SAVING where it had been kept.
 * Error: BACKEND_ERROR_GONE where nothing was left. */
struct guard *guard_adopt(GMainContext *context, const char *batch,
                          const struct guard_listener *listener, GError **error);
/* Ends this side. One that is not detached, joined or ended goes back by itself. NULL is fine. */
void guard_free(struct guard *guard);

const struct guard_state *guard_state(const struct guard *guard);
const char *guard_batch(const struct guard *guard);

/* NULL refuses. The text is sent once and kept nowhere. */
void guard_answer(struct guard *guard, const char *answer);
/* False where it is not ARMED (any more). Nothing may be written before it is COUNTING. */
bool guard_begin(struct guard *guard);
void guard_report(struct guard *guard, const struct apply_progress *progress);
void guard_extend(struct guard *guard);
void guard_commit(struct guard *guard);
void guard_back(struct guard *guard);
/* It goes on alone until kept, taken back or over; ENDED with DETACHED once it has answered. */
void guard_detach(struct guard *guard);

/* --- what was left behind --- */

/* IDs of plans on the disk without a living guard: a crash, a reboot. Newly allocated, g_strfreev,
 * oldest first; never NULL. Reads small files only. */
char **guard_orphans(void);

#endif
