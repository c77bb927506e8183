/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A question on the terminal for the commands that have no screen. */
#ifndef UI_ASK_H
#define UI_ASK_H

#include <glib.h>
#include <stdbool.h>

/* Asks on the controlling terminal, without an echo where `secret`. Blocks until the line is typed
 * or `stop_fd` becomes readable (a signal; it is not read). NULL: standard input is no terminal,
 * the line ended (^D), or it was stopped. Wipe the answer with ask_free(). */
char *ask_terminal(const char *prompt, bool secret, int stop_fd);
void ask_free(char *answer);

#endif
