/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The facade that ui calls. A model owns its connections, their threads and what is known of every
 * domain. All functions are called from the thread that made it, and all callbacks run on that
 * thread, in the GMainContext given. Nothing here blocks on a hypervisor.
 */
#ifndef MODEL_MODEL_H
#define MODEL_MODEL_H

#include "model/backend.h"
#include "model/batch.h"
#include "model/changeset.h"
#include "model/journal.h"
#include "model/select.h"

struct model;

/* What a model tells its owner. Every function may be NULL. */
struct model_listener {
    void (*snapshot)(void *data, uint16_t connection); /* a new snapshot is there */
    void (*message)(void *data, const char *text);     /* cleaned, one sentence */
    /* A worker waits for an answer: answer with model_answer(). */
    void (*question)(void *data, uint16_t connection, const struct question *question);
    void *data;
};

struct model_options {
    const struct backend *const *backends; /* NULL-terminated; outlives the model */
    GMainContext *context;                 /* the owner's; callbacks run in it */
    struct model_listener listener;
    unsigned delay_ms;       /* refresh, >= 1000 on a screen; 0: only model_refresh() */
    bool read_only;          /* never opens anything for writing */
    bool pinned;             /* nor what backend->watch refuses */
    bool no_programs;        /* nor an address that names a program to run: see uri_program() */
    bool stamp;              /* leaves with a domain who changed it last, where it has a place */
    struct journal *journal; /* what writes, and changes by others that are
                              * seen, are recorded in; referenced; NULL: nowhere */
};

struct model *model_new(const struct model_options *options);
/* Interrupts, waits at most `wait_ms` for the threads, abandons the rest (they are leaked: the
 * process is about to end). True where every thread ended. */
bool model_free(struct model *model, unsigned wait_ms);

/* --- connections --- */

/* Adds a connection and starts connecting. A name without a scheme is resolved first (see struct
 * backend). The index, or -1 with BACKEND_ERROR_URI where no backend takes the scheme. */
int model_connect(struct model *model, const char *uri, GError **error);
/* Every backend's local URIs that are present, in table order: newly allocated, g_strfreev. */
char **model_local_uris(const struct backend *const *backends);
/* The URI that a name without a scheme stands for (see struct backend), or a copy of it. */
char *model_resolve(const struct backend *const *backends, const char *name);
const struct backend *backend_for_uri(const struct backend *const *backends, const char *uri);
size_t model_n_connections(const struct model *model);
/* Never NULL for a valid index: while connecting it is an empty snapshot. Borrowed until the next
 * main loop iteration; snapshot_ref() to keep. */
const struct snapshot *model_snapshot(const struct model *model, uint16_t connection);
/* Sample now; `everything` re-reads all settings. The next snapshot's serial is larger. */
void model_refresh(struct model *model, bool everything);
void model_set_delay(struct model *model, unsigned delay_ms);
void model_pause(struct model *model, bool paused);
void model_set_visible(struct model *model, const struct domain_key *keys, size_t n);
/* Ends a wait for the next try. */
void model_reconnect(struct model *model, uint16_t connection);
/* The answer to a question; NULL refuses. The text is copied, kept in locked memory where possible,
 * given again to whatever of this connection asks the same while it works (a reconnection, the
 * writer), and wiped once it was refused and at the end. */
void model_answer(struct model *model, uint16_t connection, const char *answer);

/* --- rows --- */

/* All domains of all connections with their trouble, unsorted. The array belongs to the model and
 * is valid until the next call or main loop iteration. */
struct row *model_rows(struct model *model, size_t *n);
bool model_find(struct model *model, const struct domain_key *key, struct row *row);

/* --- writing --- */

struct apply_options {
    char batch[BATCH_ID_SIZE]; /* the ID it is recorded under; "": a new one */
    bool unrecorded;           /* write although the journal cannot be written */
    unsigned timeout_ms;       /* for each step; 0: 120 s */
    unsigned wait_ms;          /* how long a converging value may take before it is PENDING */
    bool all_or_nothing;       /* after a failure, what was written goes back where checks let it */
    bool back; /* it takes back what was written before: what the checks forbid now is KEPT, what
                * somebody else changed is a CONFLICT that stops nothing else, what is written has
                * GONE_BACK, and a journal that cannot be written does not stop it */
    bool overwrite; /* write although a `from` differs now; else that is a CONFLICT */
    /* Live limits and targets that are lowered go down in small steps, each of which the domain has
     * to reach, and back to what they were where it does not (model/shrink.h). */
    bool safe_shrink;
};

enum apply_phase {
    APPLY_OPENING, /* the second, writing connection */
    APPLY_READING,
    APPLY_STEP, /* step index is being sent */
    APPLY_READ_BACK,
    APPLY_WAITING,   /* for a converging value */
    APPLY_SQUEEZING, /* safe shrink: until it holds less */
    APPLY_WATCHING,  /* safe shrink: it is there; whether that hurts */
    APPLY_RESTORING, /* safe shrink: back to what it was */
    APPLY_DONE,
};

struct apply_progress {
    const char *batch;
    enum apply_phase phase;
    size_t step, n_steps;
    const struct step *current;   /* or NULL */
    const struct result *results; /* one per change, in the order given; final when DONE */
    size_t n_results;
    const GError *error; /* DONE only: what stopped it, or NULL */
    const char *detail;  /* SQUEEZING, WATCHING, RESTORING: one sentence of how far it is, or why;
                            else NULL */
};

struct job;
/* Starts writing. Changes may be of any domains and connections; each domain's changes are planned
 * by its backend, and a failure skips what is left of that domain ("If 1 fails 2 is not sent").
 * `progress` runs on the owner's context, last with APPLY_DONE, after which the job is gone.
 * Checks are the caller's: model_apply() writes what it is told, except on a read-only model
 * (BACKEND_ERROR_PERMISSION). */
struct job *model_apply(struct model *model, const struct change *changes, size_t n,
                        const struct apply_options *options,
                        void (*progress)(const struct apply_progress *progress, void *data),
                        void *data, GError **error);
/* Its ID; as long as the job. */
const char *job_batch(const struct job *job);
/* Stops before the next step; what was written stays and is reported. */
void job_cancel(struct job *job);

/* Opens the connection for writing now, so that a refusal (polkit, rights, password) is known
 * before anything is staged. `done` runs on the owner's context; error NULL: it may be written. */
void model_open_for_writing(struct model *model, uint16_t connection,
                            void (*done)(uint16_t connection, const GError *error, void *data),
                            void *data);
bool model_may_write(const struct model *model, uint16_t connection);

#endif
