/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libvirt in this process: started once, silent, with one event thread, and its errors as GError.
 */
#ifndef BACKENDS_SUPPORT_VIRT_LIBRARY_H
#define BACKENDS_SUPPORT_VIRT_LIBRARY_H

#include "model/backend.h"

/* Starts libvirt and its event thread on the first call; later ones only answer. The event loop
 * iterates GLib's default main context, which nobody else may use. Any thread. */
bool virt_library_start(GError **error);

/* Takes libvirt's last error of this thread: "WHAT: libvirt's sentence", with the BACKEND_ERROR
 * code that fits. Where libvirt has no error, FAILED. Always sets *error (which may be NULL). */
void virt_error_take(GError **error, const char *what);

/* The reason ("code: text", for struct value) that such an error gives a value which could not be
 * read. */
const char *virt_error_reason(enum backend_error code);

#endif
