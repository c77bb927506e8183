/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The name of one batch of changes: what was asked for at once, written as one job. Results, the
 * journal, undo and whoever may take it back call it by this ID.
 *
 * "20261122T201500-1a2b": the UTC second in which it was made, and 16 random bits, so that several
 * people can make one at a time. It sorts by time and is the name of a file without quoting.
 */
#ifndef MODEL_BATCH_H
#define MODEL_BATCH_H

#include <stdbool.h>

#define BATCH_ID_SIZE 21 /* with its terminator */

/* A new one of now. Any thread. */
void batch_id_new(char id[BATCH_ID_SIZE]);
/* Whether a text from outside is one. NULL is not. */
bool batch_id_valid(const char *text);

#endif
