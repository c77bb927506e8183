/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One immutable picture of one connection. Built by a backend's sample() through a builder on the
 * connection's worker thread, then shared by reference; what did not change since the previous
 * picture is shared with it. A snapshot can be read by any number of threads without a lock.
 */
#ifndef MODEL_SNAPSHOT_H
#define MODEL_SNAPSHOT_H

#include "model/domain.h"
#include "model/figure.h"

struct backend;

enum connection_state {
    CONNECTION_CONNECTING,
    CONNECTION_CONNECTED,
    CONNECTION_LOST,    /* trying again: see retry_ns */
    CONNECTION_FAILED,  /* given up: a wrong URI, authentication refused, 3 abandoned threads */
    CONNECTION_CLOSED,
};
const char *connection_state_name(enum connection_state state); /* "connecting", … */

struct host {
    char *name;               /* cleaned */
    char *hypervisor;         /* "kvm", "lxc", "xen", "esx", "openvz", "test": short, for the list */
    char *version;            /* "libvirt 9.0.0, QEMU 7.2", or NULL */
    char *detail;             /* "cgroup v2, swap 8 GiB", or NULL */
    struct value total;       /* bytes */
    struct value available;   /* bytes that new use could take without harm */
    struct value free_for_new;/* bytes for new domains where that differs (Xen heap); else UNSUPPORTED */
    struct value swap_total;  /* bytes */
    struct value swap_free;   /* bytes */
    struct value reserved;    /* bytes: sum of hard guarantees */
    bool unverified;          /* certificate not checked: shown for as long as it lasts */
    bool local;               /* the hypervisor of this very machine */
};

struct snapshot {
    uint16_t connection;
    enum connection_state state;
    const struct backend *backend;
    int8_t figures[FIGURE_ROLE_COUNT_]; /* figure_by_role() of the backend's table */
    char *uri;                 /* without password */
    struct host host;
    char *error;               /* cleaned, one sentence: why it is lost or failed; or NULL */
    uint64_t retry_ns;         /* model/clock.h of the next try, 0 none */
    uint64_t taken_ns;         /* model/clock.h of the last successful sample, 0 never */
    int64_t taken_time;        /* the same in microseconds since the epoch (g_get_real_time) */
    uint64_t serial;           /* grows by one with every snapshot of the connection */
    size_t n_domains;
    const struct domain *domains;
};

struct snapshot *snapshot_ref(const struct snapshot *snapshot);
void snapshot_unref(const struct snapshot *snapshot);
const struct domain *snapshot_find(const struct snapshot *snapshot, const struct domain_key *key);
/* The same, sooner where it stands at `place`. */
const struct domain *snapshot_find_at(const struct snapshot *snapshot, const struct domain_key *key,
                                      size_t place);

/* Nothing that all domains of a connection share differs between these two of it: its state and
 * what is left of the host's memory. */
bool snapshot_same_host(const struct snapshot *before, const struct snapshot *snapshot);
/* Nothing of the domain at `place` of `snapshot` differs from what `before` has of it but when it
 * was read. May say no where it could say yes. */
bool snapshot_same_domain(const struct snapshot *before, const struct snapshot *snapshot,
                          size_t place);

/* The setting, figure or role of a domain of this snapshot; "unsupported: not offered by …" where
 * the hypervisor's table has no such row. */
const struct setting *snapshot_setting(const struct snapshot *snapshot, const struct domain *domain,
                                       const struct tunable *tunable);
struct value snapshot_figure(const struct snapshot *snapshot, const struct domain *domain,
                             int figure_role);
const struct setting *snapshot_role(const struct snapshot *snapshot, const struct domain *domain,
                                    enum role role); /* NULL where there is no row */

/* --- building, on the worker thread only ------------------------------------------------ */

/* What a backend fills in for one domain. Pointers are valid until the next
 * snapshot_builder_domain() call on the same builder. Strings are copied by snapshot_builder_add();
 * they need not be clean, the builder cleans them. settings and figures start as "unknown: not read". */
struct draft {
    enum domain_state state;
    bool persistent;
    const char *name; /* raw; required unless identity is kept */
    const char *native_id;
    const char *title, *kind, *parents, *detail;
    const char *ended; /* reason, by pointer */
    int64_t ended_time, pid;
    uint64_t instance;
    struct setting *settings; /* array, one per tunable row of the backend */
    struct value *figures;    /* array, one per figure row */
    const struct domain *previous; /* the same domain in the previous snapshot, or NULL */
    uint64_t taken_ns;        /* when the figures were true, where that was not just now; 0 now */
    bool keep_identity;       /* take previous' identity as it is (state included) */
    bool keep_settings;       /* take previous' settings and settings_ns as they are */
    bool keep_figures;        /* take previous' figures, walls and taken_ns */
    /* keep_* without a previous is an error of the caller. A ghost is no previous. */
};

struct snapshot_builder;
/* `previous` may be NULL; it must be of the same connection and backend. */
struct snapshot_builder *snapshot_builder_new(const struct backend *backend, uint16_t connection,
                                              const char *uri, const struct snapshot *previous);
void snapshot_builder_free(struct snapshot_builder *builder);
/* Starts as a copy of the previous snapshot's host. Strings in it belong to the builder: replace
 * them with host_set(&host->name, text). */
struct host *snapshot_builder_host(struct snapshot_builder *builder);
void host_set(char **field, const char *text);
/* Begins a domain; begun twice, the later one counts. */
struct draft *snapshot_builder_domain(struct snapshot_builder *builder, const uint8_t id[16]);
/* Ends the draft that was begun last: its strings are copied here. Where this is not called, the
 * next domain(), keep_rest() or finish() does it, and the strings must live until then. */
void snapshot_builder_add(struct snapshot_builder *builder);
/* A wall of the draft that was begun last. */
void snapshot_builder_wall(struct snapshot_builder *builder, const struct wall *wall);
/* Takes everything out of the previous snapshot that was not begun here, unchanged (for a sample
 * of a few domains only). Called last. */
void snapshot_builder_keep_rest(struct snapshot_builder *builder);
/* This domain does not exist any more: keep_rest() leaves it out, so that it becomes DOMAIN_GONE.
 * `ended` is why ("code: text", by pointer); NULL keeps what the identity says. */
void snapshot_builder_gone(struct snapshot_builder *builder, const uint8_t id[16],
                           const char *ended);
/* The clocks that finish() uses instead of now: model/clock.h, and microseconds since the
 * epoch. For scripted samples and tests. */
void snapshot_builder_clock(struct snapshot_builder *builder, uint64_t now_ns, int64_t now_time);
/* Ends and frees the builder. Domains of the previous snapshot that are missing now become
 * DOMAIN_GONE and stay for 24 h: only their counters and PEAK are kept of their figures, and
 * nothing of them can be written. The state is CONNECTED, taken_ns now; one reference. */
struct snapshot *snapshot_builder_finish(struct snapshot_builder *builder);

/* The previous picture under another state: domains, host and taken_ns stay. `previous` may be
 * NULL (an empty picture); `error` is cleaned and may be NULL. One reference. */
struct snapshot *snapshot_with_state(const struct backend *backend, uint16_t connection,
                                     const char *uri, const struct snapshot *previous,
                                     enum connection_state state, const char *error,
                                     uint64_t retry_ns);

#endif
