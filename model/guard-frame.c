/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/guard-frame.h"

#include <stdint.h>
#include <string.h>

struct head {
    uint32_t kind, size;
};

struct frame_reader {
    GByteArray *bytes;
    bool garbage;
};

void frame_wipe(GByteArray *bytes)
{
    if (bytes->len > 0)
        explicit_bzero(bytes->data, bytes->len);
}

void frame_clear(struct frame *frame)
{
    if (frame->body != NULL)
        explicit_bzero(frame->body, frame->size);
    g_clear_pointer(&frame->body, g_free);
    frame->size = 0;
}

struct frame_reader *frame_reader_new(void)
{
    struct frame_reader *reader = g_new0(struct frame_reader, 1);

    reader->bytes = g_byte_array_new();
    return reader;
}

void frame_reader_free(struct frame_reader *reader)
{
    if (reader == NULL)
        return;
    frame_wipe(reader->bytes);
    g_byte_array_unref(reader->bytes);
    g_free(reader);
}

void frame_reader_feed(struct frame_reader *reader, const char *bytes, size_t n)
{
    if (!reader->garbage)
        g_byte_array_append(reader->bytes, (const guint8 *)bytes, (guint)n);
}

static bool sane(const struct head *head)
{
    return head->kind == FRAME_JSON ? head->size <= FRAME_SIZE_MAX
                                    : head->kind == FRAME_SECRET && head->size <= FRAME_SECRET_MAX;
}

enum frame_take frame_reader_take(struct frame_reader *reader, struct frame *frame)
{
    struct head head;

    if (!reader->garbage && reader->bytes->len < sizeof head)
        return FRAME_PARTIAL;
    if (!reader->garbage)
        memcpy(&head, reader->bytes->data, sizeof head);
    if (reader->garbage || !sane(&head)) {
        reader->garbage = true;
        return FRAME_GARBAGE;
    }
    if (reader->bytes->len - sizeof head < head.size)
        return FRAME_PARTIAL;
    frame->kind = (enum frame_kind)head.kind;
    frame->size = head.size;
    frame->body = g_malloc(head.size + 1);
    memcpy(frame->body, reader->bytes->data + sizeof head, head.size);
    frame->body[head.size] = '\0';
    explicit_bzero(reader->bytes->data, sizeof head + head.size);
    g_byte_array_remove_range(reader->bytes, 0, (guint)(sizeof head + head.size));
    return FRAME_TAKEN;
}

void frame_write(GByteArray *out, enum frame_kind kind, const char *body, size_t size)
{
    const struct head head = {kind, (uint32_t)size};

    g_byte_array_append(out, (const guint8 *)&head, sizeof head);
    g_byte_array_append(out, (const guint8 *)body, (guint)size);
}
