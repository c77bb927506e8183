/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A review as a file: a shell script of the equivalent commands, or a change file in JSON. */
#ifndef UI_REVIEW_FILE_H
#define UI_REVIEW_FILE_H

#include "ui/review.h"

/* `now`: seconds since the epoch, for the script's head. What is blocked or kills at once stands in
 * it as a comment. Newly allocated. */
char *review_script(const struct review *review, int64_t now);
/* As in model/changefile.h, without the changes of domains that are not there any more. Newly
 * allocated. */
char *review_json(const struct review *review);
/* JSON where the path ends in ".json", else the script. The file is readable by its owner alone. An
 * existing one is replaced as a whole, and only if `replace`; else G_FILE_ERROR_EXIST. */
bool review_save(const struct review *review, const char *path, int64_t now, bool replace,
                 GError **error);

#endif
