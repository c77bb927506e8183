/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a fake's script describes and what was written to it since: one world for each FILE and
 * table in a process, kept until the process ends, so that a second connection sees what the first
 * wrote. The caller holds `lock` around everything but world_get().
 */
#ifndef BACKENDS_SUPPORT_FAKE_WORLD_H
#define BACKENDS_SUPPORT_FAKE_WORLD_H

#include "backends/support/fake-script.h"

struct fake_domain {
    uint8_t id[16];
    char *name, *native_id, *title, *kind, *parents, *detail;
    enum domain_state state;
    bool transient, gone, reclaims;
    const char *ended;
    int64_t ended_time, pid;
    uint64_t instance;
    struct setting *settings;      /* one per tunable row */
    uint64_t *rounding;            /* one per tunable row, 0 none */
    struct fake_moving *figures;   /* one per figure row; set by fake_domain_figure() alone */
    struct value *still;           /* what those are that do not move, side by side */
    bool *moves;                   /* which do */
    GArray *walls;                 /* struct wall */
    double balloon;                /* bytes a second, negative: at once */
    double asked;                  /* when a target was written, seconds */
    uint64_t asked_from, asked_to; /* equal: nothing is on its way */
};

struct fake_event {
    char *trigger;
    char *target, *key, *value; /* target: a domain's name, or "host" */
    bool done;
};

struct fake_world {
    const struct backend *backend;
    GMutex lock;
    GKeyFile *file;
    GHashTable *host;          /* key -> value text */
    GPtrArray *domains;        /* struct fake_domain */
    GPtrArray *events;         /* struct fake_event */
    int64_t shared; /* bytes of the shared file that were read */
    unsigned samples, applied; /* how often each was called */
    uint64_t start_ns;         /* the moment of the first picture of the present; 0 not yet */
};

/* The world of the script `path`; valid until the process ends. */
struct fake_world *fake_world_get(const struct backend *backend, const char *path, GError **error);
const char *fake_world_host(const struct fake_world *world, const char *key); /* or NULL */
struct fake_domain *fake_world_find(const struct fake_world *world, const uint8_t id[16]);
/* Plays the events of `trigger` ("open-write") that were not played yet. */
bool fake_world_trigger(struct fake_world *world, const char *trigger, GError **error);
/* Plays those whose time has come. */
bool fake_world_tick(struct fake_world *world, double seconds, GError **error);

void fake_domain_figure(struct fake_domain *domain, size_t row, const struct fake_moving *moving);
/* The live value now: a balloon on its way is where it has got to. */
struct value fake_domain_live(const struct backend *backend, const struct fake_domain *domain,
                              size_t row, double seconds);
void fake_domain_write(const struct backend *backend, struct fake_domain *domain, size_t row,
                       enum scope scope, struct value value, double seconds);

#endif
