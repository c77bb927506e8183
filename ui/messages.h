/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was said: the newest 500 sentences with their time of day. Also takes what libraries and
 * children write to standard error while the screen is up.
 */
#ifndef UI_MESSAGES_H
#define UI_MESSAGES_H

#include "ui/loop.h"

#include <stdint.h>

struct message {
    int64_t time; /* seconds since the epoch */
    bool error;
    char *text; /* cleaned */
};

struct messages;
struct messages *messages_new(void);
void messages_free(struct messages *messages);
void messages_add(struct messages *messages, int64_t time, bool error, const char *text);
size_t messages_count(const struct messages *messages);
/* 0 is the oldest. */
const struct message *messages_get(const struct messages *messages, size_t index);

/* From now on file descriptor 2 is read by the loop: each line goes to `line`, cleaned. */
void messages_take_stderr(struct messages *messages, struct loop *loop,
                          void (*line)(const char *text, void *data), void *data);
/* Standard error is what it was. */
void messages_give_stderr(struct messages *messages);

#endif
