/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the hub calls in the model, on the owner's thread. Internal to model/. */
#ifndef MODEL_DISPATCH_H
#define MODEL_DISPATCH_H

#include "model/hub.h"

/* Takes in fresh snapshots and runs the mail. */
void model_dispatch(struct model *model);
/* The listener's message(). */
void model_tell(struct model *model, const char *text);
/* The listener's question(). */
void model_question(struct model *model, uint16_t connection, const struct question *question);

/* model_new() with other times: for tests. `timing` must outlive every thread. */
struct model *model_new_timed(const struct model_options *options, const struct timing *timing);

#endif
