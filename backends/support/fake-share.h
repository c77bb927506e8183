/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes to a fake that other processes see: appended to a file, which all of them read. The
 * caller holds the world's lock. */
#ifndef BACKENDS_SUPPORT_FAKE_SHARE_H
#define BACKENDS_SUPPORT_FAKE_SHARE_H

#include "backends/support/fake-world.h"

/* Takes over what others wrote since. Nothing where the script shares nothing. */
void fake_share_read(struct fake_world *world, double seconds);
/* Tells others what was written here. */
void fake_share_write(struct fake_world *world, const struct fake_domain *domain, size_t row,
                      enum scope scope, struct value value, double seconds);

#endif
