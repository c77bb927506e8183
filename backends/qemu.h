/* SPDX-License-Identifier: GPL-2.0-or-later */
/* KVM and QEMU through libvirt: https://libvirt.org/drvqemu.html */
#ifndef BACKENDS_QEMU_H
#define BACKENDS_QEMU_H

#include "model/backend.h"

extern const struct backend qemu_backend;

#endif
