/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The review's own: what a safe shrink would make of a group. Pure. */
#ifndef UI_REVIEW_SHRINK_H
#define UI_REVIEW_SHRINK_H

#include "ui/review.h"

/* `rebased`: the group's changes against the values of now. After the group was judged. */
void review_judge_shrink(struct review_group *group, const struct change *rebased);
/* "Safe shrink reaches 7.8 GiB.", or why there is none; NULL where there is nothing to say. */
char *review_shrink_line(const struct review_group *group);

#endif
