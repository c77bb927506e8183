/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The journal on disk: FOLDER/journal.jsonl, one record a line (journal-line.h), only ever appended
 * to.
 *
 * Several processes of several users may write to one file: each append holds flock() on it, is one
 * write with O_APPEND, and begins a new line where the last one was torn off by a crash or a full
 * disk. A file that has grown past a size is renamed journal.jsonl.1, the one before .2, and so on;
 * the oldest is removed. A lock that somebody does not give back for 5 s is an error.
 *
 * Before an intent is recorded room for its outcome is reserved, where the file system can: a disk
 * that fills up in between does not lose what became of a write.
 *
 * Others may be able to write in the folder: symbolic links, hard links and what is no plain file
 * are refused.
 */
#ifndef MODEL_JOURNAL_FILE_H
#define MODEL_JOURNAL_FILE_H

#include "model/journal-author.h"
#include "model/journal.h"

#define JOURNAL_FILE "journal.jsonl"
#define JOURNAL_SHARED_FOLDER "/var/log/virt-memtune"
#define JOURNAL_SIZE_MAX (8u << 20) /* bytes */
#define JOURNAL_KEEP 4              /* rotated files */

/* The environment may name another folder: then it is the only one, and nothing of it goes to the
 * system's log. */
#define JOURNAL_VARIABLE "VIRT_MEMTUNE_JOURNAL"

/* Where colleagues see each other's changes, if it exists and its journal may be written by this
 * user; else the user's own, XDG_STATE_HOME/virt-memtune. Newly allocated. */
char *journal_folder(void);
/* All folders with journals of this user, the shared one first: g_strfreev. */
char **journal_folders(void);

struct journal_file_options {
    const char *folder; /* NULL: journal_folder(); made where it is missing, 0700 */
    uint64_t size_max;  /* 0: JOURNAL_SIZE_MAX */
    unsigned keep;      /* 0: JOURNAL_KEEP */
    unsigned lock_ms;   /* 0: 5000 */
    bool syslog;        /* outcomes and notes go to journald, or syslog, too */
};

/* The one that this process writes what it does to. */
struct journal *journal_of_user(void);
/* Nothing is opened before the first append: it says what is wrong. Takes the author. */
struct journal *journal_file_new(const struct journal_file_options *options,
                                 struct journal_author *author);

#endif
