/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is known of a connection and when it is tried again. All but link_new() and link_free() are
 * called with the hub's lock held. Internal to model/.
 */
#ifndef MODEL_LINK_H
#define MODEL_LINK_H

#include "model/hub.h"

struct link *link_new(struct hub *hub, const struct backend *backend, const char *uri);
void link_free(struct link *link);

/* Takes the snapshot; the owner sees the latest one. */
void link_publish(struct link *link, struct snapshot *snapshot);
/* Publishes the last picture under another state. */
void link_state(struct link *link, enum connection_state state, const char *error);
/* It could not be opened or read: LOST with the next try, or FAILED where trying again is no use.
 */
void link_failed(struct link *link, const GError *error);
/* The connection broke by itself: tried again at once, unless it had only just been made. */
void link_lost(struct link *link, const char *why);
/* It was opened and read. */
void link_succeeded(struct link *link);
/* No try until model_reconnect(). */
void link_give_up(struct link *link, const char *why);
/* Domain `id` is to be read soon (NULL: host and list). `forced`: even while paused. */
void link_changed(struct link *link, const uint8_t *id, bool forced);

/* A wish to write, answered through the owner's context. */
struct opening {
    struct mail mail;
    uint16_t connection;
    GError *error; /* or NULL: it may be written */
    void (*done)(uint16_t connection, const GError *error, void *data);
    void *data;
};
struct opening *opening_new(uint16_t connection,
                            void (*done)(uint16_t connection, const GError *error, void *data),
                            void *data);
/* Answers all wishes. `error` may be NULL. */
void link_answer_openings(struct link *link, const GError *error);

/* What somebody answered is asked once for as long as it works: by every reconnection and by the
 * writer it is taken from here. Locked memory; wiped when it was refused and at the end. */
struct answer {
    char *text; /* secret_new() */
    unsigned number;
};
/* NULL where there is none. Borrowed until it is put again or forgotten. */
const struct answer *link_answer(const struct link *link, const char *prompt);
const struct answer *link_answer_put(struct link *link, const char *prompt, const char *text);
void link_forget_answer(struct link *link, const char *prompt);
/* The credentials were refused. */
void link_forget_answers(struct link *link);

#endif
