/* SPDX-License-Identifier: GPL-2.0-or-later */
/* LXC through libvirt: https://libvirt.org/drvlxc.html */
#ifndef BACKENDS_LXC_H
#define BACKENDS_LXC_H

#include "model/backend.h"

extern const struct backend lxc_backend;

#endif
