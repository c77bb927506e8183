/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines at the end of a file that a crash or a full disk may have cut. Internal to model/. */
#ifndef MODEL_APPEND_H
#define MODEL_APPEND_H

#include <stdbool.h>
#include <stddef.h>

/* All of it, however many calls that takes: 0 or an errno, and then a part of it may be there. */
int append_all(int fd, const char *text, size_t size);
/* The last line has no end: what is appended to it would be lost with it. For a file that may be
 * read. */
bool append_torn(int fd);

#endif
