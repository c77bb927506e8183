/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One thread per model that looks after calls which do not return: interrupts them, then leaves
 * their thread behind and starts another. Internal to model/.
 */
#ifndef MODEL_WATCHDOG_H
#define MODEL_WATCHDOG_H

#include "model/hub.h"

void watchdog_start(struct hub *hub);
/* A deadline changed, or the model stops. With the lock held. */
void watchdog_wake(struct hub *hub);

#endif
