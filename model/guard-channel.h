/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One end of a guard's socket: objects of JSON with a "message" member go in and out, by a main
 * context, and never block. Belongs to the thread of the context. Internal to model/.
 */
#ifndef MODEL_GUARD_CHANNEL_H
#define MODEL_GUARD_CHANNEL_H

#include <json-glib/json-glib.h>
#include <stdbool.h>
#include <stdint.h>

struct channel;
/* In each of them channel_free() is allowed. */
struct channel_listener {
    void (*message)(struct channel *channel, const char *name, JsonObject *object, void *data);
    /* NULL: refused. Wiped after the call. */
    void (*secret)(struct channel *channel, const char *text, void *data);
    /* The other side is gone, or sends what makes no sense: once, and nothing after it. */
    void (*closed)(struct channel *channel, const char *why, void *data);
    void *data;
};

/* Takes the descriptor. */
struct channel *channel_new(int fd, GMainContext *context, const struct channel_listener *listener);
/* What was sent and has not left yet is lost. NULL is fine. */
void channel_free(struct channel *channel);

/* {"message":name, begins an object for channel_send(), which ends, sends and frees it. */
JsonBuilder *channel_begin(const char *name);
void channel_send(struct channel *channel, JsonBuilder *builder);
/* A message without more. */
void channel_say(struct channel *channel, const char *name);
void channel_send_secret(struct channel *channel, const char *text);
/* Nothing waits to be sent. */
bool channel_idle(const struct channel *channel);

/* An object out of text that may be anything; NULL where it is none. */
JsonObject *channel_parse(const char *text, size_t size);

/* Members of an object that may have them or not, and of any kind: NULL, `none` and false where
 * there is no such. Borrowed. */
const char *member_text(JsonObject *object, const char *name);
int64_t member_number(JsonObject *object, const char *name, int64_t none);
bool member_yes(JsonObject *object, const char *name);
JsonArray *member_array(JsonObject *object, const char *name);
JsonObject *member_object(JsonObject *object, const char *name);

#endif
