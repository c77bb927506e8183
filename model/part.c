/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/part.h"

struct part *part_ref(struct part *part)
{
    return part;
}

void part_unref(struct part *part)
{
}

void part_carry_out(struct worker *worker, struct part *part)
{
}

void part_abandoned(struct part *part, struct link *link)
{
}

void parts_opening(struct link *link)
{
}

void parts_fail(struct link *link, const GError *error)
{
}
