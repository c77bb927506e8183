/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The part of a job that one connection writes, as the worker sees it. A part is handed over whole:
 * from the owner to a worker, from an abandoned worker to the next one. Internal to model/.
 */
#ifndef MODEL_PART_H
#define MODEL_PART_H

#include "model/hub.h"

struct part;
struct part *part_ref(struct part *part);
void part_unref(struct part *part);

/* With the lock held: takes the part and carries it out, until it is done or the worker has to
 * leave. On the worker's thread. */
void part_carry_out(struct worker *worker, struct part *part);
/* Its worker hangs in a call for it. Takes the part; the link's next worker goes on. */
void part_abandoned(struct part *part, struct link *link);
/* The connection for writing is being opened. */
void parts_opening(struct link *link);
/* The first part that is to be carried out now, or NULL; notes when one will be. */
struct part *parts_next(struct link *link, uint64_t now, uint64_t *until);
/* Nothing can be written: ends all parts of the link. */
void parts_fail(struct link *link, const GError *error);

#endif
