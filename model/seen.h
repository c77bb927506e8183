/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Values that change under us: by virsh, by a colleague's program, by an agent. Found by comparing
 * each picture with the one before it, and told to the journal (JOURNAL_SEEN). What our own jobs
 * write is not among them; neither is what a start or an end of a domain changes, nor the way of a
 * balloon. Belongs to the owner's thread. Internal to model/.
 */
#ifndef MODEL_SEEN_H
#define MODEL_SEEN_H

#include "model/journal.h"

struct seen;
struct seen *seen_new(void);
void seen_free(struct seen *seen);

/* From now on we write these … */
void seen_ours(struct seen *seen, const struct change *changes, size_t n);
/* … and this is what became of them: `after` may be seen later, and is ours. */
void seen_done(struct seen *seen, const struct result *results, size_t n, uint64_t now_ns);

/* Two pictures of one connection, one after the other. */
void seen_compare(struct seen *seen, const struct snapshot *before, const struct snapshot *after,
                  struct journal *journal, uint64_t now_ns);

#endif
