/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The values of a fake's script (backends/fake.h): parsing, and what they are at a moment. */
#ifndef BACKENDS_SUPPORT_FAKE_SCRIPT_H
#define BACKENDS_SUPPORT_FAKE_SCRIPT_H

#include "model/backend.h"

/* A value that moves. Plain data. */
#define FAKE_STEPS 8
struct fake_moving {
    struct value start;
    double slope; /* a second, through `start` at 0 */
    struct {
        double at; /* seconds */
        struct value value;
    } steps[FAKE_STEPS];
    unsigned n_steps;
};

/* What is wrong is said with the text itself. */
bool fake_parse_value(const char *text, enum unit unit, const char *const *choices,
                      struct value *value, GError **error);
bool fake_parse_moving(const char *text, enum unit unit, struct fake_moving *moving,
                       GError **error);
bool fake_parse_span(const char *text, double *seconds, GError **error);
/* Seconds since the epoch. */
bool fake_parse_when(const char *text, int64_t *when, GError **error);
/* "busy: text" becomes that error; always returns false. */
bool fake_fail(const char *text, GError **error);

struct value fake_at(const struct fake_moving *moving, double seconds);

#endif
