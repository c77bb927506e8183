/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The main loop of the screen: a GMainContext of its own, since the default one belongs to
 * libvirt's event thread. Sources are attached here and nowhere else. Signals come as events.
 */
#ifndef UI_LOOP_H
#define UI_LOOP_H

#include <glib.h>
#include <stdbool.h>

/* Blocks the signals that the loop delivers (INT TERM HUP QUIT TSTP WINCH CONT USR…) in the calling
 * thread and all that it starts later; ignores SIGPIPE. main() calls it before anything starts a
 * thread. */
void loop_block_signals(void);
/* For a child between fork and exec, and before a stop. */
void loop_unblock_signals(void);

struct loop;
struct loop *loop_new(void);
void loop_free(struct loop *loop);
GMainContext *loop_context(struct loop *loop);
void loop_run(struct loop *loop); /* until loop_quit() */
void loop_quit(struct loop *loop);

/* Each returns a source owned by the loop's context; loop_remove() ends it. */
GSource *loop_fd(struct loop *loop, int fd, GIOCondition condition,
                 gboolean (*ready)(int fd, GIOCondition condition, gpointer data), void *data);
/* Repeats until the function returns FALSE. */
GSource *loop_timer(struct loop *loop, unsigned ms, gboolean (*tick)(gpointer data), void *data);
/* Once, when nothing more urgent is left. */
GSource *loop_soon(struct loop *loop, gboolean (*soon)(gpointer data), void *data);
bool loop_signals(struct loop *loop, void (*signal)(int signo, void *data), void *data);
/* Destroys and forgets; NULL does nothing. */
void loop_remove(GSource **source);

#endif
