/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The commands around settings that outlive a control group. */
#ifndef BACKENDS_HOOK_COMMANDS_H
#define BACKENDS_HOOK_COMMANDS_H

#include "model/command.h"

/* hook, restore, reapply; ends with a NULL name. */
extern const struct backend_command hook_commands[];

#endif
