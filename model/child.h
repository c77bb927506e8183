/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a program of somebody else's starts with. */
#ifndef MODEL_CHILD_H
#define MODEL_CHILD_H

#include <glib.h>

/* A GSpawnChildSetupFunc: the child is the first of its own process group, and no signal that this
 * process blocks or ignores is so for it. Calls nothing that is not safe between fork() and
 * exec(). */
void child_apart(gpointer unused);

#endif
