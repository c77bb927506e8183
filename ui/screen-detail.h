/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Everything known about one domain: settings, figures, where they come from. */
#ifndef UI_SCREEN_DETAIL_H
#define UI_SCREEN_DETAIL_H

#include "ui/screen.h"

struct screen *screen_detail_new(struct app *app, const struct domain_key *key);

#endif
