/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the owner of a job was told: for tests that write. */
#ifndef TESTS_THREADS_STORY_H
#define TESTS_THREADS_STORY_H

#include "stub.h"

struct story {
    struct driver driver;
    struct result results[16];
    size_t n;
    bool done;
    unsigned steps, phases; /* phases: a bit for each that was told */
    char error[256];
};

/* Forgets everything, and connects a model that looks often to a stub as new. */
void story_begin(struct story *story, const struct backend *backend);
void story_end(struct story *story);
/* Out of the progress function of the job. */
void story_take(struct story *story, const struct apply_progress *progress);
/* Until the job is done. */
void story_wait(struct story *story);

/* Of a stub's domain, from what it is at first. */
struct change story_change(size_t domain, enum stub_row row, enum scope scope, uint64_t to);

/* The result of a change, and words of its sentence or NULL. */
#define story_must_be(story, place, wanted, words)                                                 \
    story_must_be_at(__FILE__, __LINE__, &(story)->results[place], OUTCOME_##wanted, words)
void story_must_be_at(const char *file, int line, const struct result *result, enum outcome outcome,
                      const char *words);

#endif
