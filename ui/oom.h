/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whom the kernel's OOM killer of this machine would take: /proc/PID/oom_score. */
#ifndef UI_OOM_H
#define UI_OOM_H

#include "model/select.h"

struct oom_victim {
    const char *name; /* of the row */
    int64_t pid;
    int score; /* 0 to 2000 */
};

/* Of the local domains of `host` that have a process, highest score first; how many were written.
 */
size_t oom_victims(const struct row *rows, size_t n, const char *host, struct oom_victim *victims,
                   size_t max);

#endif
