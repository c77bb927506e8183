/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The entries of one or more journals in the order of their times: intents joined with their
 * outcomes, the same sight by several watchers once. Belongs to one thread.
 */
#ifndef MODEL_JOURNAL_BOOK_H
#define MODEL_JOURNAL_BOOK_H

#include "model/journal-line.h"

struct journal_book {
    GPtrArray *entries; /* struct journal_entry, the oldest first */
    GHashTable *calls;  /* what names a call's change, to its entry */
};

void journal_book_init(struct journal_book *book);
void journal_book_empty(struct journal_book *book);
void journal_book_clear(struct journal_book *book);
/* Takes the entry; it may be used up by another one. */
void journal_book_take(struct journal_book *book, struct journal_entry *entry);

/* Its process is still there, as far as can be told: within an hour. */
bool journal_entry_running(const struct journal_entry *entry);
/* A change without an outcome whose process is not there any more, and of whose value nothing newer
 * is known. */
bool journal_book_unfinished(const struct journal_book *book, size_t index);

#endif
