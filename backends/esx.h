/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VMware ESX (esx://) and vCenter (vpx://). */
#ifndef BACKENDS_ESX_H
#define BACKENDS_ESX_H

#include "model/backend.h"

extern const struct backend esx_backend;

#endif
