/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes to and from the terminal, never waiting for it. */
#include "ui/term-private.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

void term_send(struct term *term, const char *bytes, size_t n)
{
    g_byte_array_append(term->out, (const guint8 *)bytes, (guint)n);
}

bool term_pending(const struct term *term)
{
    return term->out->len > term->sent;
}

#define UNANSWERED_MAX 1024             /* bytes that may be under way unseen */
#define ASK_EVERY 512                   /* bytes */
#define ANSWER_US (G_USEC_PER_SEC * 10) /* after which an answer is not waited for any more */

bool term_busy(const struct term *term)
{
    return term_pending(term) ||
           (term->answers && term->asked && term->before_ask + term->since_ask > UNANSWERED_MAX &&
            g_get_monotonic_time() - term->asked < ANSWER_US);
}

void term_answered(struct term *term)
{
    term->answers = true;
    term->asked = 0;
    term->before_ask = term->since_ask;
    term->since_ask = 0;
}

void term_ask(struct term *term, guint n)
{
    static const char request[] = "\033[5n";

    if (term->asked && g_get_monotonic_time() - term->asked > ANSWER_US)
        term->asked = 0; /* it got lost */
    if (term->asked) {
        term->since_ask += n;
        return;
    }
    term->before_ask += n;
    if (!term->ansi || term->before_ask < ASK_EVERY)
        return;
    term_send(term, request, strlen(request));
    term->asked = g_get_monotonic_time();
}

bool term_pump(struct term *term)
{
    while (term_pending(term)) {
        ssize_t n = write(term->fd, term->out->data + term->sent, term->out->len - term->sent);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno == EAGAIN;
        term->sent += (guint)n;
    }
    g_byte_array_set_size(term->out, 0);
    term->sent = 0;
    return true;
}

void term_drain(struct term *term, int ms)
{
    gint64 end = g_get_monotonic_time() + ms * 1000;

    while (term_pump(term) && term_pending(term)) {
        struct pollfd wait = {.fd = term->fd, .events = POLLOUT};
        gint64 left = (end - g_get_monotonic_time()) / 1000;

        if (left <= 0 || poll(&wait, 1, (int)left) <= 0)
            break;
        if (wait.revents & (POLLHUP | POLLERR))
            break;
    }
}

gssize term_read(struct term *term, uint8_t *bytes, size_t n)
{
    ssize_t got;

    do
        got = read(term->fd, bytes, n);
    while (got < 0 && errno == EINTR);
    if (got > 0)
        return got;
    return got < 0 && errno == EAGAIN ? 0 : -1;
}

void term_flush_input(struct term *term)
{
    tcflush(term->fd, TCIFLUSH);
    term->asked = 0; /* the answer may be among it */
    term->before_ask = term->since_ask = 0;
}
