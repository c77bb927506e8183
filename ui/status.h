/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exit statuses: part of the interface, one row each. */
#ifndef UI_STATUS_H
#define UI_STATUS_H

#include "model/change.h"

enum status {
    STATUS_DONE = 0,
    STATUS_FAILURE = 1,
    STATUS_USAGE = 2,
    STATUS_PARTLY = 3,
    STATUS_PERMISSION = 4,
    STATUS_CONFLICT = 5,
    STATUS_CONNECTION = 6,
    STATUS_UNSUPPORTED = 7,
    STATUS_UNSAFE = 8,
    STATUS_GONE_BACK = 9,
    STATUS_CHANGED = 10,
    STATUS_NO_DOMAIN = 11,
    STATUS_INTERRUPTED = 130,
};

struct status_row {
    enum status status;
    const char *meaning;
};
extern const struct status_row status_rows[]; /* ends with a NULL meaning */

/* What an error of the model, of a size or of the command line ends with. */
enum status status_of_error(const GError *error);
/* What an outcome alone ends with; `error` is as in struct result. */
enum status status_of_outcome(enum outcome outcome, int error);

#endif
