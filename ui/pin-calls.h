/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * System calls that change a file without opening it, and that Landlock does not know: modes,
 * owners, times, extended attributes, and truncation before Linux 6.2, also by opening for reading
 * alone. See landlock(7) and seccomp(2).
 */
#ifndef UI_PIN_CALLS_H
#define UI_PIN_CALLS_H

#include <glib.h>
#include <stdbool.h>

/* From here on they fail with EPERM, in this process and in what it starts. Before the first
 * thread, with no_new_privs set. False with errno where this kernel, or this program on this
 * processor, has no filter of system calls. */
bool pin_calls(void);

#endif
