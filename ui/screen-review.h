/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UI_SCREEN_REVIEW_H
#define UI_SCREEN_REVIEW_H

#include "ui/screen.h"

/* Shows everything staged; a message where there is nothing. */
void screen_review_open(struct app *app);

#endif
