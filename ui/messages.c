/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/messages.h"

#include "model/text.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define MESSAGES_MAX 500
#define LINE_MAX_BYTES 2000

struct messages {
    GPtrArray *list;
    int stderr_saved, stderr_pipe;
    GSource *source;
    GString *partial;
    void (*line)(const char *text, void *data);
    void *data;
};

static void message_free(gpointer data)
{
    struct message *message = data;

    g_free(message->text);
    g_free(message);
}

struct messages *messages_new(void)
{
    struct messages *messages = g_new0(struct messages, 1);

    messages->list = g_ptr_array_new_with_free_func(message_free);
    messages->partial = g_string_new(NULL);
    messages->stderr_saved = messages->stderr_pipe = -1;
    return messages;
}

void messages_free(struct messages *messages)
{
    if (!messages)
        return;
    messages_give_stderr(messages);
    g_ptr_array_free(messages->list, TRUE);
    g_string_free(messages->partial, TRUE);
    g_free(messages);
}

void messages_add(struct messages *messages, int64_t time, bool error, const char *text)
{
    struct message *message = g_new0(struct message, 1);

    message->time = time;
    message->error = error;
    message->text = text_clean(text);
    if (messages->list->len >= MESSAGES_MAX)
        g_ptr_array_remove_index(messages->list, 0);
    g_ptr_array_add(messages->list, message);
}

size_t messages_count(const struct messages *messages)
{
    return messages->list->len;
}

const struct message *messages_get(const struct messages *messages, size_t index)
{
    return g_ptr_array_index(messages->list, index);
}

static void take_line(struct messages *messages)
{
    g_autofree char *clean = text_clean(messages->partial->str);

    g_string_truncate(messages->partial, 0);
    if (*g_strstrip(clean))
        messages->line(clean, messages->data);
}

static gboolean stderr_ready(int fd, GIOCondition condition, gpointer data)
{
    struct messages *messages = data;
    char bytes[4096];
    ssize_t n = read(fd, bytes, sizeof bytes);

    for (ssize_t i = 0; i < n; i++) {
        if (bytes[i] == '\n' || messages->partial->len >= LINE_MAX_BYTES)
            take_line(messages);
        if (bytes[i] != '\n' && bytes[i])
            g_string_append_c(messages->partial, bytes[i]);
    }
    return G_SOURCE_CONTINUE;
}

void messages_take_stderr(struct messages *messages, struct loop *loop,
                          void (*line)(const char *text, void *data), void *data)
{
    int ends[2];

    if (messages->source || pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
        return;
    messages->line = line;
    messages->data = data;
    messages->stderr_saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    dup2(ends[1], STDERR_FILENO);
    close(ends[1]);
    messages->stderr_pipe = ends[0];
    messages->source = loop_fd(loop, ends[0], G_IO_IN, stderr_ready, messages);
}

void messages_give_stderr(struct messages *messages)
{
    if (!messages->source)
        return;
    loop_remove(&messages->source);
    if (messages->stderr_saved >= 0) {
        dup2(messages->stderr_saved, STDERR_FILENO);
        close(messages->stderr_saved);
    }
    close(messages->stderr_pipe);
    messages->stderr_saved = messages->stderr_pipe = -1;
}
