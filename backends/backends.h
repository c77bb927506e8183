/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of hypervisors: one line each in backends.c. Handed to the model by ui/main.c. */
#ifndef BACKENDS_BACKENDS_H
#define BACKENDS_BACKENDS_H

#include "model/backend.h"
#include "model/command.h"

/* Ends with NULL. In the order in which local hypervisors are tried. */
extern const struct backend *const all_backends[];

/* What they bring for the command line; ends with a NULL name. */
extern const struct backend_command *const all_commands;

#endif
