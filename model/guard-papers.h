/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a guard was told to guard, in words that last longer than a process. It goes to the guard
 * over its socket, and from there to a file FOLDER/ID.guard, so that it is found after a crash or a
 * reboot: a line of JSON for the plan, and one more for each thing that became of it. The living
 * guard holds a lock on the file and removes it once all is done. Internal to model/.
 */
#ifndef MODEL_GUARD_PAPERS_H
#define MODEL_GUARD_PAPERS_H

#include "model/batch.h"
#include "model/changefile.h"

#define GUARD_SCHEMA 1
#define GUARD_FILE_MAX (16u << 20) /* bytes */

/* What is known of one live change. */
struct guard_known {
    bool applied;      /* it was read back after it was written */
    bool uncertain;    /* a call for it may still be under way */
    JsonNode *after;   /* what was read back; NULL: not applied */
    uint64_t instance; /* of the domain, as struct identity's, when it was armed; 0 unknown */
};

struct guard_papers {
    char batch[BATCH_ID_SIZE];
    unsigned seconds, timeout_ms;
    bool unrecorded;
    char *keep_if;    /* or NULL */
    char **uris;      /* as given, passwords and all: never in the file; NULL after reading one */
    GPtrArray *live;  /* struct stored_change */
    GPtrArray *saved; /* struct stored_change */
    struct guard_known *known; /* one per live change */
    char *boot;                /* boot ID of the machine of the guard */
    bool begun;                /* something may have been written */
    bool written;              /* the job that wrote has ended: nothing more comes */
    bool committed;
};

struct guard_papers *guard_papers_new(void);
void guard_papers_free(struct guard_papers *papers); /* NULL is fine */
/* Makes room for what is known, once `live` is there. */
void guard_papers_ready(struct guard_papers *papers);

/* The members of the plan; with the URIs only where `whole`. */
void guard_papers_build(JsonBuilder *builder, const struct guard_papers *papers, bool whole);
/* Everything or nothing; *ret is newly allocated. Error: CHANGEFILE_ERROR. */
bool guard_papers_read(JsonObject *object, struct guard_papers **ret, GError **error);

/* This machine since it was started; newly allocated, never NULL. */
char *guard_boot_id(void);

/* --- the file --- */

/* Where plans and sockets of guards are: beside the journal where the environment names one, else
 * /var/lib/virt-memtune for root and XDG_STATE_HOME/virt-memtune for others; in it "guards".
 * Newly allocated. */
char *guard_folder(void);
/* FOLDER/ID.SUFFIX; newly allocated. */
char *guard_path(const char *batch, const char *suffix);

struct guard_file;
/* Makes it, locks it, and has it on the disk. Error: G_FILE_ERROR with the path. */
struct guard_file *guard_file_new(const struct guard_papers *papers, GError **error);
/* Takes over one that was left. Error: BACKEND_ERROR_GONE where there is none, CONFLICT where its
 * guard lives, CHANGEFILE_ERROR where it makes no sense. */
struct guard_file *guard_file_adopt(const char *batch, struct guard_papers **papers,
                                    GError **error);
/* More lines, on the disk when they return; a failure is the caller's to tell. */
bool guard_file_begun(struct guard_file *file, GError **error);
bool guard_file_applied(struct guard_file *file, size_t change, const struct guard_known *known,
                        GError **error);
bool guard_file_note(struct guard_file *file, const char *word, GError **error); /* "committed" */
/* Removes it, with its socket. NULL is fine. */
void guard_file_remove(struct guard_file *file);
/* Leaves it for later. NULL is fine. */
void guard_file_free(struct guard_file *file);

/* IDs of files whose guard does not live; as guard_orphans(). */
char **guard_file_orphans(void);

#endif
