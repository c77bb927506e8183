/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state of a guard as it comes over its socket: {"message":"state","schema":1,"phase":…}, all
 * of struct guard_state each time. Internal to model/.
 */
#ifndef MODEL_GUARD_STATE_H
#define MODEL_GUARD_STATE_H

#include "model/guard.h"
#include "model/json-value.h"

#define GUARD_STATE_SCHEMA 1

const char *guard_phase_name(enum guard_phase phase); /* "starting", … */
const char *guard_grade_name(enum guard_grade grade); /* "early", … */

/* A state that owns what it points to. */
struct guard_told {
    struct guard_state state;
    GPtrArray *texts; /* char * */
    GArray *domains;  /* struct guard_domain */
    GArray *results;  /* struct guard_result */
};
void guard_told_init(struct guard_told *told);
void guard_told_clear(struct guard_told *told);
/* Everything or nothing. `plan` (NULL: not known) says what the values in results are of. False:
 * this is no state. */
bool guard_told_read(struct guard_told *told, JsonObject *object, const struct guard_plan *plan);

#endif
