/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What goes over the socket between a guard and whoever talks to it: frames of eight bytes of head
 * (kind and length, in this machine's order) and a body. What comes in may be anything: it is a
 * frame, not yet a frame, or garbage, after which nothing is read any more. Internal to model/.
 */
#ifndef MODEL_GUARD_FRAME_H
#define MODEL_GUARD_FRAME_H

#include <glib.h>
#include <stdbool.h>

#define FRAME_SIZE_MAX (16u << 20) /* bytes of a body */
#define FRAME_SECRET_MAX 4096

enum frame_kind {
    FRAME_JSON = 1,   /* one object, UTF-8 */
    FRAME_SECRET = 2, /* an answer to a question; an empty one refuses */
};

struct frame {
    enum frame_kind kind;
    char *body; /* with a zero behind it; wiped by frame_clear() */
    size_t size;
};
void frame_clear(struct frame *frame);

struct frame_reader;
struct frame_reader *frame_reader_new(void);
void frame_reader_free(struct frame_reader *reader); /* NULL is fine */
void frame_reader_feed(struct frame_reader *reader, const char *bytes, size_t n);
enum frame_take {
    FRAME_TAKEN,   /* *frame is one: frame_clear() */
    FRAME_PARTIAL, /* more bytes are needed */
    FRAME_GARBAGE, /* no frame can come any more */
};
enum frame_take frame_reader_take(struct frame_reader *reader, struct frame *frame);

/* Overwrites what is in it, which may be a secret. */
void frame_wipe(GByteArray *bytes);

/* Appends a frame. */
void frame_write(GByteArray *out, enum frame_kind kind, const char *body, size_t size);

#endif
