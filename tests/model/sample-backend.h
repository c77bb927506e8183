/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A hypervisor for tests that need none: a table of every sort of tunable, and snapshots made out
 * of a few lines. Nothing can be opened.
 */
#ifndef TESTS_SAMPLE_BACKEND_H
#define TESTS_SAMPLE_BACKEND_H

#include "model/backend.h"

#define KIB(n) ((uint64_t)(n) << 10)
#define MIB(n) ((uint64_t)(n) << 20)
#define GIB(n) ((uint64_t)(n) << 30)

extern const struct backend sample_backend;           /* two scopes */
extern const struct backend sample_backend_one_scope; /* the same with BACKEND_ONE_SCOPE */

#define SAMPLE_ROWS 32

/* One domain to be. */
struct sample {
    const char *name;
    enum domain_state state;
    struct setting settings[SAMPLE_ROWS];
    struct value figures[SAMPLE_ROWS];
};

const struct tunable *sample_row(const char *name); /* aborts where there is none */

/* Running; limits UNLIMITED, numbers 0, all scopes of each row writable; figures unsupported. */
struct sample sample_new(const char *name);
void sample_set(struct sample *sample, const char *name, struct value live, struct value config);
void sample_writable(struct sample *sample, const char *name, unsigned scopes, const char *why_not);
void sample_figure(struct sample *sample, enum figure_role role, struct value value);

/* Host: 64 GiB, no swap. One reference. */
struct snapshot *sample_snapshot(const struct backend *backend, const struct sample *samples,
                                 size_t n, const struct snapshot *previous);
void sample_id(const char *name, uint8_t id[16]);
struct domain_key sample_key(const char *name);
const struct domain *sample_domain(const struct snapshot *snapshot, const char *name);

/* A change from what the snapshot shows. */
struct change sample_change(const struct snapshot *snapshot, const char *domain, const char *name,
                            enum scope scope, struct value to);

#endif
