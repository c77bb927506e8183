/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UI_GUARD_H
#define UI_GUARD_H

#include "model/backend.h"
#include "ui/settings.h"

/* What `virt-memtune guard` runs: see model/guard-serve.h. The exit status. */
int guard_main(const struct backend *const *backends, const struct settings *settings);

#endif
