/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Xen through libvirt's libxl driver: https://libvirt.org/drvxen.html */
#ifndef BACKENDS_XEN_H
#define BACKENDS_XEN_H

#include "model/backend.h"

extern const struct backend xen_backend;

#endif
