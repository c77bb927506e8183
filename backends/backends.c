/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/backends.h"

#include "config.h"

const struct backend *const all_backends[] = {
    NULL,
};
