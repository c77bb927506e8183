/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/screen-review.h"

#include "model/changeset.h"

void screen_review_open(struct app *app)
{
    app_message(app, "%zu staged", changeset_count(app_changes(app)));
}
