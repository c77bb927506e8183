/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the hook does at a start, by hand for a domain that runs. */
#ifndef BACKENDS_REAPPLY_H
#define BACKENDS_REAPPLY_H

#include <glib.h>
#include <stdbool.h>

/* Writes what the domain's metadata keep to its control group. `uri` NULL: qemu:///system and
 * lxc:///system, whichever has it. Says in `out` what was written. */
bool reapply(const char *uri, const char *name, GString *out, GError **error);

#endif
