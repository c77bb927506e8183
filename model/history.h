/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a domain's figures were: a small ring per domain, for slopes, rates, the trend graph and
 * "what happened since". Belongs to one thread (the one that owns the model's view).
 */
#ifndef MODEL_HISTORY_H
#define MODEL_HISTORY_H

#include "model/snapshot.h"

#define HISTORY_LENGTH 64 /* samples kept for slopes and graphs; thinned to cover 5 minutes */

/* Counters whose growth is news. */
enum history_counter {
    HISTORY_THROTTLED,
    HISTORY_FAILCNT,
    HISTORY_OOM_KILLS,
    HISTORY_MALLOC_FAILS,
    HISTORY_COUNTERS_,
};

struct history;

/* All domains' rings. */
struct histories;
struct histories *histories_new(void);
void histories_free(struct histories *histories);
/* Takes in a snapshot; a domain whose figures were not read anew adds nothing. `before` is the one
 * that was taken in before it of the same connection, or NULL. */
void histories_add(struct histories *histories, const struct snapshot *before,
                   const struct snapshot *snapshot);
/* NULL where nothing is known of it. */
const struct history *histories_find(const struct histories *histories,
                                     const struct domain_key *key);
/* Forgets domains not seen for 24 h. */
void histories_expire(struct histories *histories, uint64_t now_ns);

/* Another one whenever anything of the domain, or of what all domains of its host share, was not
 * as in the snapshot before; 0 for NULL. */
uint64_t history_version(const struct history *history);
/* Every sample that is kept is the same, so that slope and rates are 0, and no target is waited
 * for. */
bool history_steady(const struct history *history);

/* needed's slope in bytes a second over at most the last 5 minutes by least squares; false with
 * fewer than 10 samples. */
bool history_slope(const struct history *history, double *bytes_per_second);
/* Growth per second over the last `seconds`, or over the last interval where samples are further
 * apart; 0 where unknown, which it is until `seconds` have been seen. A counter that went down
 * (restart) starts anew. */
double history_rate(const struct history *history, enum history_counter counter, unsigned seconds);
/* Growth since this program saw the domain first, and when it grew last (seconds since the epoch,
 * 0 never). */
uint64_t history_growth(const struct history *history, enum history_counter counter,
                        int64_t *last_time);
/* How far a figure that stands beside a tunable (struct figure's group) is from what it was when
 * this program saw the domain, or its present run, first; false where it was never read. A counter
 * that went down began anew at 0. */
bool history_difference(const struct history *history, size_t figure, int64_t *difference);
/* A balloon on its way: what was asked for (bytes) and since when it has been asked for and not
 * reached (model/clock.h, at most since this program saw the domain first); false where the target
 * is reached or unknown. Reached is within 1 % and 16 MiB. */
bool history_target(const struct history *history, uint64_t *target, uint64_t *since_ns);
/* The last `n` samples of needed / wall in 1/1000 (0..1000, -1 gap), oldest first. Returns how many
 * were written. */
size_t history_trend(const struct history *history, int *values, size_t n);

#endif
