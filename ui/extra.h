/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The commands that hypervisors bring. */
#ifndef UI_EXTRA_H
#define UI_EXTRA_H

#include "model/command.h"

/* NULL where there is none of that name. */
const struct backend_command *extra_find(const struct backend_command *more, const char *name);
/* Runs it with the words from its name on; the exit status. */
int extra_run(const struct backend_command *command, bool read_only, int argc, char **argv);

#endif
