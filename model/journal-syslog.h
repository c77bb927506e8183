/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The copy of the journal that the system's own log keeps: outcomes and notes, a sentence each. */
#ifndef MODEL_JOURNAL_SYSLOG_H
#define MODEL_JOURNAL_SYSLOG_H

#include "model/journal-author.h"
#include "model/journal.h"

#include <stdbool.h>

struct journal_copy;
/* NULL where the record is none that is copied. */
struct journal_copy *journal_copy_new(const struct journal_record *record,
                                      const struct journal_author *author);
void journal_copy_free(gpointer copy); /* NULL is fine */

#define JOURNALD_SOCKET "/run/systemd/journal/socket"
#define SYSLOG_SOCKET "/dev/log"
#define JOURNAL_COPY_MS 100

/* To journald with fields where it runs, else to syslog as a line of RFC 3164, and where there is
 * neither, nowhere. Any thread. A log that is hung holds nothing: false where it has not taken it
 * after JOURNAL_COPY_MS, and then this copy is lost (the journal itself has the record). */
bool journal_copy_send(const struct journal_copy *copy, const char *journald, const char *syslog);

#endif
