/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every beancounter of one container, the ones in trouble on top. */
#ifndef UI_SCREEN_COUNTERS_H
#define UI_SCREEN_COUNTERS_H

#include "ui/screen.h"

/* NULL where a hypervisor counts nothing beside its tunables: no such screen. */
struct screen *screen_counters_new(struct app *app, const struct domain_key *key);

#endif
