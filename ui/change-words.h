/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words about changes, findings and results that form, review and results have in common. Pure. */
#ifndef UI_CHANGE_WORDS_H
#define UI_CHANGE_WORDS_H

#include "model/change.h"
#include "model/snapshot.h"
#include "ui/paint.h"

/* What stands around "Hard limit" in the middle of a sentence: "hard limit"; of a half
 * "privvmpages barrier". Newly allocated. */
char *words_label(const struct tunable *tunable);
/* "34.0 GiB". Newly allocated. */
char *words_value(const struct tunable *tunable, struct value value);
/* "34.0 -> 36.0 GiB"; "none -> 36.0 GiB". Newly allocated. */
char *words_pair(const struct tunable *tunable, struct value from, struct value to);
/* Text for a field that means exactly `value` when it is read again: "36 GiB", "38654705665B".
 * Newly allocated. */
char *words_typed(const struct tunable *tunable, struct value value);
const char *words_scope(unsigned scopes); /* "live", "config", "live+config" */

/* "KILLS AT ONCE: needs 7.7 GiB, … Lowest safe now: 33.4 GiB". Newly allocated. */
char *words_finding(const struct finding *finding);
enum paint words_finding_paint(enum severity severity);

/* What is left before the wall that bites, now and once the live ones of `changes` were done. False
 * where neither has a wall. Outputs are UNLIMITED where there is none. */
bool words_left(const struct snapshot *snapshot, const struct domain *domain,
                const struct change *changes, size_t n, struct value *before, struct value *after);
/* "left 1.3 -> 3.3 GiB", "left 1.3 GiB", or NULL where nothing limits it. Newly allocated. */
char *words_left_text(const struct snapshot *snapshot, const struct domain *domain,
                      const struct change *changes, size_t n);

#endif
