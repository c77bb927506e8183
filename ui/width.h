/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Columns that text takes on a terminal: wide characters two, combining ones none, as the C
 * library's wcwidth() has it (setlocale() first). Text is valid UTF-8 without control characters.
 */
#ifndef UI_WIDTH_H
#define UI_WIDTH_H

#include <glib.h>

/* 0, 1 or 2. What wcwidth() does not know is 1. */
int width_of_char(gunichar c);
int width_of(const char *text);
/* Bytes of the longest beginning that takes at most `columns`. */
size_t width_fit(const char *text, int columns);
/* Cut in the middle, a quarter of the head and three quarters of the tail, marked '~'; unchanged
 * where it fits. Newly allocated. */
char *width_cut_middle(const char *text, int columns);
/* Cut at the end. Newly allocated. */
char *width_cut(const char *text, int columns);

#endif
