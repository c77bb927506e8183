/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside of the OpenVZ backend's checks: what their rules look at. */
#ifndef BACKENDS_OPENVZ_VIEW_H
#define BACKENDS_OPENVZ_VIEW_H

#include "backends/openvz.h"
#include "model/checks.h"

/* The changes of one domain, seen in one scope. */
struct ovz_view {
    const struct snapshot *snapshot;
    const struct domain *domain;
    const struct change *changes;
    size_t n;
    enum scope scope;
    struct findings *findings;
    enum ovz_generation generation;
    bool vswap; /* this container's RAM is limited */
};

/* The change of a counter in the scope that is looked at, or NULL. */
const struct change *ovz_touched(const struct ovz_view *view, enum ubc_counter counter);
/* As vzcfgvalidate prints numbers, but for its LONG_MAX. Newly allocated. */
char *ovz_raw_text(uint64_t raw);
/* What one counter demands of another. */
void ovz_check_together(const struct ovz_view *view);

#endif
