/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The program's own keys: those that act on every screen which does not keep its keys. */
#ifndef UI_APP_KEYS_H
#define UI_APP_KEYS_H

#include "ui/screen.h"

extern const struct binding app_bindings[];

#endif
