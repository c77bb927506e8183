/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why: every wall of one domain in order, what it needs, events, missing figures. */
#ifndef UI_SCREEN_WHY_H
#define UI_SCREEN_WHY_H

#include "ui/screen.h"

struct screen *screen_why_new(struct app *app, const struct domain_key *key);

#endif
