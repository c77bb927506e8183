/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A watch that cannot write: the process gives away what it could write with, for good, before it
 * has a thread and before it connects. What stays writable is the terminal, and standard output and
 * standard error as they were given; further descriptors that it was started with are closed unless
 * they only read. Neither contents nor names, modes, owners, times or attributes of files. What it
 * starts is bound by the same. Where the kernel lets it, signals go to nobody but itself and what
 * it starts. Connecting stays possible: which doors a hypervisor's URI opens is backend->watch's to
 * say.
 */
#ifndef UI_PIN_H
#define UI_PIN_H

#include "ui/options.h"

/* `uris` (NULL-terminated, may be NULL) are what will be connected to: they decide whether root is
 * given away. `notes` (of char *) gets a sentence for each thing that the kernel, or a host, does
 * not let be given away. False: a right that could be given away was not. */
bool pin_process(const struct backend *const *backends, const char *const *uris, GPtrArray *notes,
                 GError **error);

#endif
