/* SPDX-License-Identifier: GPL-2.0-or-later */
/* This side of a guard as its own files share it. Internal to model/. */
#ifndef MODEL_GUARD_CLIENT_H
#define MODEL_GUARD_CLIENT_H

#include "model/guard-channel.h"
#include "model/guard-state.h"

struct sent {
    bool any;
    enum outcome outcome;
    struct value after;
};

struct guard {
    struct guard_listener listener;
    struct channel *channel;
    struct model *model;    /* NULL: joined or adopted */
    struct guard_plan plan; /* copies; empty where joined or adopted */
    struct sent *sent;      /* of each live change: what the guard has of it */
    struct guard_told told;
    GHashTable *answered; /* prompts that were answered out of what the model knows */
    char batch[BATCH_ID_SIZE];
    bool joined;
    bool settled;     /* its end was told to what looks for changes by others */
    bool busy, freed; /* within a callback */
};

/* guard-client.c. On a socket, which it takes. */
struct guard *guard_on(int fd, GMainContext *context, const struct guard_listener *listener);

#endif
