/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Taking back what a journal tells: changes like any others, to be judged and asked about as they
 * are. Pure. */
#ifndef MODEL_JOURNAL_UNDO_H
#define MODEL_JOURNAL_UNDO_H

#include "model/changefile.h"
#include "model/journal-book.h"

/* Every value that the batch wrote, from what it came to be to what it was before; last written
 * first. What went back by itself, or was never changed, is not among them; of what has no outcome
 * nobody knows what it came to be. Newly allocated (changefile_new()), at least one. `left` (of
 * char *, may be NULL) gets a sentence for each that cannot be taken back. Error: CHANGEFILE_ERROR. */
bool journal_undo(const struct journal_book *book, const char *batch, GPtrArray **ret,
                  GPtrArray *left, GError **error);

/* The same of one entry: of a change that was seen, too. */
bool journal_undo_entry(const struct journal_entry *entry, GPtrArray **ret, GError **error);

#endif
