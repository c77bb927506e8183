/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The terminal given back when the program crashes: by a handler of the fatal signals, which then
 * lets the signal do what it did before. */
#ifndef UI_TERM_RESCUE_H
#define UI_TERM_RESCUE_H

#include <stddef.h>
#include <termios.h>

/* From now on: these bytes and attributes. */
void term_rescue_arm(int fd, const struct termios *attributes, const char *bytes, size_t n);
void term_rescue_disarm(void);

#endif
