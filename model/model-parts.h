/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a model is made of; all of it but the hub belongs to the owner's thread. Internal to model/.
 */
#ifndef MODEL_MODEL_PARTS_H
#define MODEL_MODEL_PARTS_H

#include "model/hub.h"
#include "model/rows.h"
#include "model/seen.h"

struct model {
    struct model_options options;
    struct hub *hub;
    GMainContext *context;
    GPtrArray *shown; /* struct snapshot, one per connection: what the owner sees */
    GPtrArray *jobs;  /* struct job */
    struct rows *rows;
    struct seen *seen;
};

#endif
