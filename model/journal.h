/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The record of what was written and what became of it.
 *
 * A journal takes records; where they go is its own affair: a file (journal-file.h), a list in a
 * test. A job hands it, on the thread that writes and never with a lock held:
 *
 *   INTENT   one for each change that a call carries, before the call. Where it cannot be recorded
 *            the call is not made, nothing more of the job is sent, and what was to be sent FAILED
 *            with BACKEND_ERROR_UNRECORDED; unless apply_options.unrecorded, or it goes back: going
 *            back waits for nothing. `change` is what this call asks for.
 *   OUTCOME  one for each of them, after the read-back; again where it becomes something else later
 *            (a balloon that arrives, a value that goes back): the last one holds. `change` is what
 *            was asked for in the end. One that cannot be recorded is told as a message; the write
 *            has happened.
 *
 * and others hand it, from their own thread:
 *
 *   NOTE     a sentence about a batch, with a code: what a guard did or could not do.
 *   SEEN     a value that changed and was none of ours; from the owner's thread, with JOURNAL_LAZY.
 *
 * A change that was never sent (unchanged, refused, conflict, skipped) leaves no record. An intent
 * without an outcome is a call of which nobody knows what became: its process or its host ended in
 * between.
 *
 * An intent and its outcomes have the same batch, process and `call`.
 */
#ifndef MODEL_JOURNAL_H
#define MODEL_JOURNAL_H

#include "model/change.h"
#include "model/snapshot.h"

enum journal_kind {
    JOURNAL_INTENT,
    JOURNAL_OUTCOME,
    JOURNAL_NOTE,
    JOURNAL_SEEN,
};
const char *journal_kind_name(enum journal_kind kind); /* "intent", "outcome", "note", "seen" */

/* One record. Everything is borrowed for the call. */
struct journal_record {
    enum journal_kind kind;
    const char *batch;               /* or NULL: SEEN */
    uint64_t call;                   /* INTENT, OUTCOME: which call of this process; else 0 */
    bool back;                       /* on the way back to what it was */
    const struct snapshot *snapshot; /* where the domain is: URI, host, hypervisor; or NULL */
    const struct domain *domain;     /* of that snapshot, or NULL */
    const struct change *change;     /* tunable, scope, from, to; SEEN: to is what it is now */
    const char *command;             /* INTENT: the equivalent command, or NULL */
    struct value after;              /* OUTCOME: read back */
    enum outcome outcome;            /* OUTCOME */
    const char *code;                /* NOTE: [a-z_]+ */
    const char *text;                /* one sentence, or NULL */
};

enum journal_how {
    JOURNAL_DURABLE, /* on the disk before it returns; waits for other writers, 5 s at most */
    JOURNAL_LAZY,    /* never waits: false where somebody else is writing just now. May be lost when
                      * the host ends */
};

/* Embedded by the implementations as their first member. */
struct journal {
    gint refs;
    uint64_t calls; /* the last `call` that was given away; atomic */
    /* All records or an error that says where and why: "/var/log/…: No space left on device". What
     * an error left of them counts as not recorded. Any thread, several at once. The records are
     * looked at before anything can block, and not after it. */
    bool (*append)(struct journal *journal, const struct journal_record *records, size_t n,
                   enum journal_how how, GError **error);
    void (*free)(struct journal *journal);
};

/* Any thread. NULL journals take everything and keep nothing. */
struct journal *journal_ref(struct journal *journal);
void journal_unref(struct journal *journal);
bool journal_append(struct journal *journal, const struct journal_record *records, size_t n,
                    enum journal_how how, GError **error);
/* A number for the next call: 1, 2, … in this process. */
uint64_t journal_next_call(struct journal *journal);
/* A NOTE; `snapshot` and `domain` may be NULL. */
bool journal_note(struct journal *journal, const char *batch, const struct snapshot *snapshot,
                  const struct domain *domain, const char *code, GError **error, const char *format,
                  ...) G_GNUC_PRINTF(7, 8);

#endif
