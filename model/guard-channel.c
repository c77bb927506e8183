/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/guard-channel.h"

#include "model/guard-frame.h"
#include "model/json-value.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define WAITING_MAX (32u << 20) /* bytes: who does not read so much is gone */

struct channel {
    int fd;
    GMainContext *context;
    struct channel_listener listener;
    struct frame_reader *reader;
    GByteArray *out;
    GSource *in_source, *out_source;
    bool closed, busy, freed;
};

static void drop_source(GSource **source)
{
    if (*source == NULL)
        return;
    g_source_destroy(*source);
    g_source_unref(*source);
    *source = NULL;
}

static void really_free(struct channel *channel)
{
    frame_reader_free(channel->reader);
    frame_wipe(channel->out);
    g_byte_array_unref(channel->out);
    g_main_context_unref(channel->context);
    g_free(channel);
}

void channel_free(struct channel *channel)
{
    if (channel == NULL)
        return;
    channel->closed = channel->freed = true;
    drop_source(&channel->in_source);
    drop_source(&channel->out_source);
    close(channel->fd);
    if (!channel->busy)
        really_free(channel);
}

static void lose(struct channel *channel, const char *why)
{
    if (channel->closed)
        return;
    channel->closed = true;
    drop_source(&channel->in_source);
    drop_source(&channel->out_source);
    g_byte_array_set_size(channel->out, 0);
    channel->listener.closed(channel, why, channel->listener.data);
}

/* --- in --- */

JsonObject *channel_parse(const char *text, size_t size)
{
    g_autoptr(JsonParser) parser = json_parser_new();
    JsonNode *root;

    if (!json_scan(text, size, NULL) ||
        !json_parser_load_from_data(parser, text, (gssize)size, NULL))
        return NULL;
    root = json_parser_get_root(parser);
    return root != NULL && JSON_NODE_HOLDS_OBJECT(root)
               ? json_object_ref(json_node_get_object(root))
               : NULL;
}

static JsonNode *value_member(JsonObject *object, const char *name, GType type)
{
    JsonNode *node = json_object_get_member(object, name);

    return node != NULL && JSON_NODE_HOLDS_VALUE(node) && json_node_get_value_type(node) == type
               ? node
               : NULL;
}

const char *member_text(JsonObject *object, const char *name)
{
    JsonNode *node = value_member(object, name, G_TYPE_STRING);

    return node == NULL ? NULL : json_node_get_string(node);
}

int64_t member_number(JsonObject *object, const char *name, int64_t none)
{
    JsonNode *node = value_member(object, name, G_TYPE_INT64);

    return node == NULL ? none : json_node_get_int(node);
}

bool member_yes(JsonObject *object, const char *name)
{
    JsonNode *node = value_member(object, name, G_TYPE_BOOLEAN);

    return node != NULL && json_node_get_boolean(node);
}

JsonArray *member_array(JsonObject *object, const char *name)
{
    JsonNode *node = json_object_get_member(object, name);

    return node != NULL && JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : NULL;
}

JsonObject *member_object(JsonObject *object, const char *name)
{
    JsonNode *node = json_object_get_member(object, name);

    return node != NULL && JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
}

static void take(struct channel *channel, const struct frame *frame)
{
    g_autoptr(JsonObject) object = NULL;
    const char *name;

    if (frame->kind == FRAME_SECRET) {
        channel->listener.secret(channel, frame->size == 0 ? NULL : frame->body,
                                 channel->listener.data);
        return;
    }
    object = channel_parse(frame->body, frame->size);
    name = object == NULL ? NULL : member_text(object, "message");
    if (name == NULL)
        lose(channel, "what it sends is no message");
    else
        channel->listener.message(channel, name, object, channel->listener.data);
}

static void take_all(struct channel *channel)
{
    struct frame frame = {0};
    enum frame_take took = FRAME_TAKEN;

    while (!channel->closed && took == FRAME_TAKEN) {
        took = frame_reader_take(channel->reader, &frame);
        if (took == FRAME_TAKEN)
            take(channel, &frame);
        else if (took == FRAME_GARBAGE)
            lose(channel, "what it sends is no message");
        frame_clear(&frame);
    }
}

static gboolean on_in(int fd, GIOCondition condition, void *data)
{
    struct channel *channel = data;
    char chunk[16384];
    ssize_t n = -1;

    channel->busy = true;
    while (!channel->closed && (n = read(fd, chunk, sizeof chunk)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            break;
        frame_reader_feed(channel->reader, chunk, (size_t)n);
        take_all(channel);
    }
    explicit_bzero(chunk, sizeof chunk);
    if (!channel->closed && (n == 0 || (errno != EAGAIN && errno != EWOULDBLOCK)))
        lose(channel, "the other side is gone");
    channel->busy = false;
    if (channel->freed)
        really_free(channel);
    return G_SOURCE_CONTINUE; /* where it is over, it was destroyed */
}

/* --- out --- */

static gboolean on_out(int fd, GIOCondition condition, void *data);

static void push(struct channel *channel)
{
    ssize_t n = 0;

    while (channel->out->len > 0 && n >= 0) {
        n = send(channel->fd, channel->out->data, channel->out->len, MSG_NOSIGNAL);
        if (n > 0) {
            explicit_bzero(channel->out->data, (size_t)n);
            g_byte_array_remove_range(channel->out, 0, (guint)n);
        } else if (n < 0 && errno == EINTR) {
            n = 0;
        }
    }
    /* That the other side is gone is told where it is read. */
    if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK)
        g_byte_array_set_size(channel->out, 0);
    if (channel->out->len == 0) {
        drop_source(&channel->out_source);
    } else if (channel->out_source == NULL) {
        channel->out_source = g_unix_fd_source_new(channel->fd, G_IO_OUT);
        g_source_set_callback(channel->out_source, G_SOURCE_FUNC(on_out), channel, NULL);
        g_source_attach(channel->out_source, channel->context);
    }
}

static gboolean on_out(int fd, GIOCondition condition, void *data)
{
    push(data);
    return G_SOURCE_CONTINUE;
}

static void put(struct channel *channel, enum frame_kind kind, const char *body, size_t size)
{
    if (channel->closed || channel->out->len > WAITING_MAX)
        return;
    frame_write(channel->out, kind, body, size);
    push(channel);
}

JsonBuilder *channel_begin(const char *name)
{
    JsonBuilder *builder = json_builder_new();

    json_builder_begin_object(builder);
    json_builder_set_member_name(builder, "message");
    json_builder_add_string_value(builder, name);
    return builder;
}

void channel_send(struct channel *channel, JsonBuilder *builder)
{
    g_autoptr(JsonNode) root = NULL;
    g_autofree char *text = NULL;

    json_builder_end_object(builder);
    root = json_builder_get_root(builder);
    text = json_to_string(root, FALSE);
    g_object_unref(builder);
    if (channel != NULL)
        put(channel, FRAME_JSON, text, strlen(text));
}

void channel_say(struct channel *channel, const char *name)
{
    channel_send(channel, channel_begin(name));
}

void channel_send_secret(struct channel *channel, const char *text)
{
    size_t size = text == NULL ? 0 : strlen(text);

    put(channel, FRAME_SECRET, text == NULL ? "" : text, size > FRAME_SECRET_MAX ? 0 : size);
}

bool channel_idle(const struct channel *channel)
{
    return channel->closed || channel->out->len == 0;
}

struct channel *channel_new(int fd, GMainContext *context, const struct channel_listener *listener)
{
    struct channel *channel = g_new0(struct channel, 1);

    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    channel->fd = fd;
    channel->context = g_main_context_ref(context);
    channel->listener = *listener;
    channel->reader = frame_reader_new();
    channel->out = g_byte_array_new();
    channel->in_source = g_unix_fd_source_new(fd, G_IO_IN | G_IO_HUP | G_IO_ERR);
    g_source_set_callback(channel->in_source, G_SOURCE_FUNC(on_in), channel, NULL);
    g_source_attach(channel->in_source, context);
    return channel;
}
