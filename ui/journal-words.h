/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words about entries of the journal that the command and the screen have in common: all newly
 * allocated and clean. Pure. */
#ifndef UI_JOURNAL_WORDS_H
#define UI_JOURNAL_WORDS_H

#include "model/backend.h"
#include "model/journal-book.h"

/* "2026-11-22 20:15:00", local time. */
char *journal_words_time(const struct journal_entry *entry);
/* "anna", "root (anna) from 192.0.2.7", "not ours". */
char *journal_words_who(const struct journal_entry *entry);
/* "db-prod", "db-prod on kvm09" where that is another machine; "" where it is about none. */
char *journal_words_where(const struct journal_entry *entry);
/* "hard_limit live 17.5 -> 18.0 GiB", what was wanted where it did not come to be; of a note its
 * sentence. `backends` say what a value means. */
char *journal_words_change(const struct journal_entry *entry,
                           const struct backend *const *backends);
/* "changed", "no outcome: …", "3 times in 60 s". */
char *journal_words_outcome(const struct journal_entry *entry, bool unfinished);
/* The same in a word or two: "changed", "unknown", "3x in 60 s". */
char *journal_words_brief(const struct journal_entry *entry, bool unfinished);
/* Written by this user. */
bool journal_words_mine(const struct journal_entry *entry, const struct journal_author *me);

#endif
