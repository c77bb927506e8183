/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A backend without the model: one connection, its newest picture, and steps sent by hand. */
#ifndef TESTS_BACKENDS_BENCH_H
#define TESTS_BACKENDS_BENCH_H

#include "model/backend.h"

struct bench {
    struct uplink uplink; /* first */
    gint n_changed, n_lost, stop;
    const struct backend *backend;
    struct connection *connection;
    struct snapshot *snapshot; /* the newest, or NULL */
    char *uri;
};

/* Opens; NULL with the error. */
struct bench *bench_open(const char *uri, enum access access, GError **error);
void bench_close(struct bench *bench);

/* A new picture: of all (everything), as a refresh does it, or of one domain. */
bool bench_sample(struct bench *bench, bool everything, GError **error);
bool bench_sample_one(struct bench *bench, const struct domain_key *key, GError **error);
/* By raw name, or NULL. */
const struct domain *bench_find(const struct bench *bench, const char *name);

/* Plans the changes and sends every step until one fails, then reads the domain again. */
bool bench_write(struct bench *bench, const struct change *changes, size_t n, GError **error);

#endif
