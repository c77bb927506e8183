/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The first screen: hosts, troubles and the table of domains. */
#ifndef UI_SCREEN_DOMAINS_H
#define UI_SCREEN_DOMAINS_H

#include "ui/screen.h"

struct screen *screen_domains_new(struct app *app);

#endif
