/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A guard's process as its own files share it. One thread. Internal to model/. */
#ifndef MODEL_GUARD_SERVER_PRIVATE_H
#define MODEL_GUARD_SERVER_PRIVATE_H

#include "model/guard-channel.h"
#include "model/guard-papers.h"
#include "model/guard-serve.h"
#include "model/verdict.h"

/* One live change: number i is that of papers->live and papers->known. */
struct guarded {
    struct change change; /* from: what it was */
    bool resolved;        /* the domain is here */
    bool settled;         /* all is done about it */
    bool foreign;         /* left alone */
    bool shrinks;         /* at once it would kill: it goes back in steps */
    enum outcome outcome; /* GONE_BACK, KEPT; FAILED: not yet */
    struct value after;
    char *text;
};

struct saved {
    struct change change;
    bool resolved;
    struct result result; /* its text is owned */
};

/* One domain. */
struct watched {
    struct domain_key key;
    char *name, *uri;
    struct verdict_watch watch;
    struct verdict verdict;
    struct verdict_sample now;
};

struct server {
    const struct guard_serving *serving;
    GMainContext *context;
    struct model *model;
    struct channel *owner;
    GPtrArray *visitors; /* struct channel */
    GSource *tick, *stop, *door;
    int door_fd;
    struct guard_papers *papers;
    struct guard_file *file;
    bool adopted, detached, over;

    enum guard_phase phase;
    enum guard_ending ending;
    char *place, *warning, *reason, *error;
    bool too_late;
    bool own_scope;
    unsigned n_opening; /* connections that are being opened for writing */
    bool opening;       /* they were asked for */

    uint64_t start_ns;    /* boot clock: of the process */
    uint64_t begin_ns;    /* boot clock: of guard_begin() */
    uint64_t deadline_ns; /* boot clock; 0 none */
    uint64_t told_ns;     /* boot clock: of the last state */
    uint64_t over_ns;     /* boot clock: of the end */

    struct guarded *guarded;
    size_t n_guarded;
    struct saved *saved;
    size_t n_saved;
    GArray *watched; /* struct watched */

    struct job *job;    /* that goes back, or saves */
    GArray *job_places; /* size_t: of each change of the job */
    unsigned attempt;   /* how often it was tried */
    uint64_t next_ns;   /* boot clock: of the next try */
    bool look;          /* what is there now is to be read first */
    bool unseen;        /* while it goes back a write came to its end: pictures of before are old */
    uint64_t *read_ns;  /* per connection: taken_ns of the last picture … */
    unsigned *reads;    /* … and how many there were since it began to look */
    bool *away;         /* … and it does not answer just now */
    GPid keep_if;       /* 0: does not run */
    GSource *keep_if_watch;
    uint64_t keep_if_ns; /* boot clock: its end */
};

/* CLOCK_BOOTTIME: what a sleeping machine misses counts. */
uint64_t guard_clock_ns(void);

/* guard-server.c */
void server_refuse(struct server *server, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* All is done: tells it and ends. */
void server_finish(struct server *server, enum guard_ending ending);
/* The value of a change as it reads now, with its domain; unknown where either is not there. */
struct value server_present(const struct server *server, const struct change *change,
                            const struct snapshot **snapshot, const struct domain **domain);
/* Into the journal; that it could not be is complained of. */
void server_note(struct server *server, const char *code, const char *format, ...)
    G_GNUC_PRINTF(3, 4);
/* An error beside all this: the last one is told. */
void server_complain(struct server *server, const GError *error);

/* guard-arm.c */
void server_plan(struct server *server, JsonObject *object);
void server_adopt(struct server *server, JsonObject *object);
/* Looks whether all is there that it needs. */
void server_arm(struct server *server);

/* guard-watch.c */
void server_watch_begin(struct server *server);
/* Takes what was read; why it is to go back, newly allocated, or NULL. */
char *server_watch(struct server *server);

/* guard-return.c */
void server_back(struct server *server, const char *reason);
/* A new picture, or time has passed. */
void server_return_look(struct server *server, bool came_back);

/* guard-keep.c */
/* Somebody says so: too late once the time is over, whether or not that was noticed yet. */
void server_keep(struct server *server);
void server_commit(struct server *server);
void server_save_look(struct server *server);
/* The time is over: keeps by the command, where there is one, or goes back. */
void server_decide(struct server *server);
void server_stop_deciding(struct server *server);

/* guard-tell.c */
void server_tell(struct server *server);

/* guard-home.c: it leaves the login and is not the first that is killed. *warning may be NULL.
 * True where it has a scope of its own. */
bool guard_leave_login(char **warning);
/* guard_leave_login() will warn of this; newly allocated, or NULL. */
char *guard_login_warning(void);
/* systemd runs here, and will give a scope to this user. */
bool guard_may_have_scope(void);

/* guard-door.c: others who want to see, keep or take back. */
bool server_open_door(struct server *server, GError **error);
void server_close_door(struct server *server);
/* -1 with the error: GONE where nobody is there. */
int guard_knock(const char *batch, GError **error);

#endif
