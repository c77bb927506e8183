/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads journals (journal-file.h) of one or more folders into a book, and follows files that grow
 * and are rotated. Opens nothing for writing. One thread.
 *
 * A line that is no record (torn off by a crash, or somebody's own) is told and skipped.
 */
#ifndef MODEL_JOURNAL_READER_H
#define MODEL_JOURNAL_READER_H

#include "model/journal-book.h"

struct journal_reader;
/* `folders` is NULL-terminated. `limit`: bytes that are read of each folder's end, 0: all. Nothing
 * is read yet. */
struct journal_reader *journal_reader_new(const char *const *folders, uint64_t limit);
void journal_reader_free(struct journal_reader *reader);
/* Reads what is new. False: nothing is. Else entries of before may be gone: hold no pointers. */
bool journal_reader_update(struct journal_reader *reader);

/* A journal whose records are kept in this reader alone, the newest 1000, for a program that never
 * writes: one reference. Only for the reader's thread; takes nothing once the reader is freed. */
struct journal *journal_reader_journal(struct journal_reader *reader);

/* Borrowed. */
const struct journal_book *journal_reader_book(const struct journal_reader *reader);
/* What was skipped or could not be read: of char *, a clean sentence each. Borrowed. */
const GPtrArray *journal_reader_problems(const struct journal_reader *reader);

#endif
