/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A password in memory that is locked where that is possible, and wiped. */
#ifndef MODEL_SECRET_H
#define MODEL_SECRET_H

/* A copy in a page of its own; NULL gives NULL. */
char *secret_new(const char *text);
/* Wipes and frees. */
void secret_free(char *secret);

#endif
