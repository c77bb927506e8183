/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Starts this very program anew as a guard. Internal to model/. */
#ifndef MODEL_GUARD_SPAWN_H
#define MODEL_GUARD_SPAWN_H

#include <glib.h>
#include <stdbool.h>

/* A process in a session of its own that is nobody's child, with nothing open but its end of the
 * socket; *fd is the other end. Any thread. Error: BACKEND_ERROR. */
bool guard_spawn(int *fd, GError **error);

#endif
