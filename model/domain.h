/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A domain as one snapshot shows it. Everything here is immutable once it is in a snapshot and may
 * be read from any thread that holds the snapshot. Text has passed text_clean(): valid UTF-8, no
 * control, bidi or zero-width characters; only raw_name is as the hypervisor has it.
 */
#ifndef MODEL_DOMAIN_H
#define MODEL_DOMAIN_H

#include "model/tunable.h"
#include "model/value.h"

/* Who it is, for as long as this process runs. The backend chooses the id: the UUID, or a hash of
 * a moid or CTID. Files on disk carry host, URI and native id instead. Keys, never pointers into a
 * snapshot, are kept across frames. */
struct domain_key {
    uint8_t id[16];
    uint16_t connection; /* index of the connection in the model */
};

bool domain_key_equal(const struct domain_key *a, const struct domain_key *b);
guint domain_key_hash(gconstpointer key); /* for GHashTable, of struct domain_key */
gboolean domain_key_same(gconstpointer a, gconstpointer b);

enum domain_state {
    DOMAIN_UNKNOWN,
    DOMAIN_RUNNING,
    DOMAIN_PAUSED,
    DOMAIN_SUSPENDED,
    DOMAIN_STARTING,
    DOMAIN_STOPPING,
    DOMAIN_OFF,
    DOMAIN_CRASHED,
    DOMAIN_GONE,     /* vanished; kept in the list for 24 h by the model */
    DOMAIN_TEMPLATE, /* listed, never tunable */
    DOMAIN_INACCESSIBLE,
};

/* "running", … for JSON and people; 'R', … for the S column. */
const char *domain_state_name(enum domain_state state);
char domain_state_letter(enum domain_state state);
/* Has memory now: running, paused, suspended, starting, stopping. */
bool domain_state_active(enum domain_state state);
/* Has none, for certain: neither active, nor unknown or inaccessible just now. */
bool domain_state_ended(enum domain_state state);
/* By what `instance` of struct identity was and is: both are known, and it is another life. */
bool domain_started_anew(uint64_t before, uint64_t now);

/* Reference-counted, shared between snapshots while nothing in it changes. */
struct identity {
    struct domain_key key;
    enum domain_state state;
    bool persistent;
    char *name;      /* cleaned, for screens */
    char *raw_name;  /* as the hypervisor has it, to compare with what was typed */
    char *native_id; /* UUID text, CTID, moid */
    char *title;     /* cleaned, or NULL */
    char *kind;      /* "QEMU", "LXC", "PV", "HVM", "VM", "container", or NULL */
    char *parents;   /* '/'-separated path in the host's tree: pool or slice, or NULL */
    char *detail;    /* backend's line for the form's head: "cgroup v2, no swap", or NULL */
    /* Why it is off or gone, "code: text" as in struct value, or NULL. Ends that somebody wanted
     * have the codes shutdown destroyed stopped migrated saved undefined suspended removed snapshot
     * daemon; any other is a death, shown for 24 h. */
    const char *ended;
    int64_t ended_time; /* seconds since the epoch, 0 unknown */
    int64_t pid;        /* of its process on this machine, 0 none or elsewhere */
    uint64_t instance;  /* changes with every start: libvirt's id, the pid; 0 unknown */
};

struct setting {
    struct value live; /* UNSUPPORTED where the domain is off or the row has no live scope */
    struct value config;
    uint8_t writable;    /* enum scope: what may be written now */
    const char *why_not; /* reason ("code: text") where a scope of the row is not writable */
};

/* A limit on the way that is not one of the domain's own tunables: a parent group, a pool. */
struct wall {
    const char *owner; /* g_intern_string(): "machine.slice", "pool Prod" */
    uint64_t limit;    /* bytes */
    uint64_t needed;   /* bytes that count against it and cannot be dropped */
    enum wall_kind kind;
};

struct domain {
    const struct identity *identity;
    const struct setting *settings; /* one per tunable row; shared like identity */
    const struct value *figures;    /* one per figure row */
    const struct wall *walls;       /* parents, nearest first */
    uint64_t n_walls;
    uint64_t taken_ns;    /* model/clock.h: when the figures were read; 0 never */
    uint64_t settings_ns; /* when the settings were read */
};

#endif
