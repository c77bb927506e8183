/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a worker does when: connecting, reading, writing. Internal to model/. */
#ifndef MODEL_DUTIES_H
#define MODEL_DUTIES_H

#include "model/worker.h"

/* Does the first thing that is due and returns true; else *until is when something will be, at the
 * latest. With the lock held, on the worker's thread. */
bool duties_run(struct worker *worker, uint64_t *until);

#endif
