/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The copy of the journal that the system's own log keeps: outcomes and notes, a sentence each. */
#ifndef MODEL_JOURNAL_SYSLOG_H
#define MODEL_JOURNAL_SYSLOG_H

#include "model/journal-author.h"
#include "model/journal.h"

struct journal_copy;
/* NULL where the record is none that is copied. */
struct journal_copy *journal_copy_new(const struct journal_record *record,
                                      const struct journal_author *author);
void journal_copy_free(gpointer copy); /* NULL is fine */
/* To journald with fields where it runs, else to syslog, and where there is neither, nowhere. Any
 * thread; may block. */
void journal_copy_send(const struct journal_copy *copy);

#endif
