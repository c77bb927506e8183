/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UI_SCREEN_FORM_H
#define UI_SCREEN_FORM_H

#include "ui/screen.h"

/* The form over n domains, for the first one's table; those that are not known any more are left
 * out. NULL where none is left. Begins at `tunable`, or where the first wall is (NULL). */
struct screen *screen_form_new(struct app *app, const struct domain_key *keys, size_t n,
                               const struct tunable *tunable);

#endif
