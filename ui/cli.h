/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The program, given its hypervisors: everything but the table of them. */
#ifndef UI_CLI_H
#define UI_CLI_H

#include "model/backend.h"
#include "model/command.h"

/* Returns the exit status. Signals are blocked here, before any thread is there. */
int cli_main(const struct backend *const *backends, const struct backend_command *more, int argc,
             char **argv);

#endif
