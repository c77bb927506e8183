/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What every hypervisor behind libvirt shares: its connection, what was read of each domain, and
 * the functions that a backend's table points to. A hypervisor's own file holds its rows, its
 * figures, its checks and one struct virt_driver.
 *
 * A row's carrier reads the row out of what was read of the domain, and writes it. Rows that
 * libvirt does not carry bring a carrier of their own (struct carrier is defined here for all
 * backends that use virt_plan() and virt_apply()).
 */
#ifndef BACKENDS_SUPPORT_VIRT_H
#define BACKENDS_SUPPORT_VIRT_H

#include "backends/support/domain-xml.h"
#include "backends/support/kept.h"
#include "model/backend.h"

#include <libvirt/libvirt.h>

/* The highest limit that is one: the kernel and libvirt take what is within a page of 2^63 bytes,
 * or above, for "unlimited", or answer with an error about another limit. */
#define VIRT_LIMIT_MOST ((UINT64_C(1) << 63) - 2 * 4096)

struct virt_connection;
struct virt_domain;

/* --- what differs between hypervisors: constant --- */

enum virt_flags {
    VIRT_BULK = 1,        /* virDomainListGetStats with states and balloons */
    VIRT_IN_PROCESS = 2,  /* no daemon: nobody else changes anything, nothing is swept */
    VIRT_MEMORY_STATS = 4 /* virDomainMemoryStats is cheap enough for every domain and refresh */
};

struct virt_driver {
    const struct backend *backend;
    const char *hypervisor; /* struct host: "kvm" */
    unsigned flags;         /* enum virt_flags */
    /* Once after opening, and at the start of every sample; may be NULL. `own` of the connection is
     * theirs, freed by `closed`. */
    void (*opened)(struct virt_connection *connection);
    void (*closed)(struct virt_connection *connection);
    void (*tick)(struct virt_connection *connection, struct host *host);
    /* Reads what libvirt does not say (control groups) and puts figures, walls and identity into
     * the draft; settings are put in afterwards, by the carriers. `full`: settings are read too. */
    void (*fill)(struct virt_connection *connection, struct virt_domain *domain,
                 struct snapshot_builder *builder, struct draft *draft, bool full);
    /* Before all else that is read of a domain; may be NULL. Looks at what this machine itself
     * knows of it (`close`: all of it, else what changes by itself) and sets domain->changed where
     * a live setting is another one than before. True: the live memory parameters are in
     * domain->params, libvirt need not be asked. */
    bool (*look)(struct virt_connection *connection, struct virt_domain *domain, bool close);
};

/* --- one domain, as read last --- */

/* Of bulk statistics, virDomainMemoryStats or virDomainGetInfo. */
enum virt_stat {
    VIRT_STAT_CURRENT, /* bytes: the balloon's size */
    VIRT_STAT_MAXIMUM, /* bytes */
    VIRT_STAT_RSS,     /* bytes: QEMU's process */
    VIRT_STAT_USED,    /* bytes: virDomainInfo.memory, which means what the driver says */
    VIRT_STAT_UNUSED,
    VIRT_STAT_AVAILABLE,
    VIRT_STAT_USABLE,
    VIRT_STAT_DISK_CACHES,
    VIRT_STAT_SWAP_IN,
    VIRT_STAT_SWAP_OUT,
    VIRT_STAT_MAJOR_FAULTS,
    VIRT_STAT_MINOR_FAULTS,
    VIRT_STAT_HUGETLB_FAILS,
    VIRT_STAT_LAST_UPDATE, /* seconds since the epoch */
    VIRT_STATS_,
};

/* Live memory parameters. */
enum virt_param {
    VIRT_PARAM_HARD,
    VIRT_PARAM_SOFT,
    VIRT_PARAM_SWAP,
    VIRT_PARAM_GUARANTEE,
    VIRT_PARAMS_,
};

struct virt_domain {
    const struct virt_connection *connection;
    uint8_t uuid[16];
    char uuid_text[VIR_UUID_STRING_BUFLEN];
    virDomainPtr handle;
    char *name; /* raw */
    bool persistent, active;
    int id; /* libvirt's, -1 while off */
    enum domain_state state;
    const char *ended; /* reason, or NULL */
    int64_t ended_time;

    struct value params[VIRT_PARAMS_]; /* live; bytes */
    struct domain_xml live, config;    /* `config` of persistent, `live` of active domains */
    struct value live_gap, config_gap; /* UNKNOWN with the reason where it could not be read */
    struct value stats[VIRT_STATS_];
    uint64_t settings_ns;  /* when the settings were read, 0 never */
    bool stale;            /* something happened: read the settings again */
    bool changed;          /* by look(): live settings are others than in the picture before */
    struct kept kept;      /* of the persistent configuration */
    struct value kept_gap; /* UNKNOWN with the reason where that could not be read */
    bool listed;           /* seen by the listing that runs */
    void *own;             /* the hypervisor's file's */
    GDestroyNotify own_free;
};

struct virt_connection {
    struct connection base;
    const struct virt_driver *driver;
    virConnectPtr libvirt;
    char *uri;
    bool local;              /* the hypervisor of this machine */
    bool daemon;             /* behind a socket */
    unsigned cgroup_version; /* of that host: 1 or 2; 0 where it is not known (remote) */
    struct virt_events *events;
    GHashTable *domains; /* by uuid: struct virt_domain, owned */
    GPtrArray *order;    /* the same, as listed last */
    bool list_stale;
    size_t swept;      /* place in `order` of the next domain that is swept */
    uint64_t swept_ns; /* time of the last sample */
    char *hostname, *version;
    void *own;
};

/* --- carriers --- */

struct carrier {
    const char *name; /* of the call, for people: "memory parameters" */
    bool whole;       /* one call writes all its rows of one domain and scope */
    bool both;        /* one call can write both scopes */
    /* The row's value in one scope, from what was read. The domain is active for LIVE, persistent
     * for CONFIG. */
    struct value (*read)(const struct virt_domain *domain, const struct tunable *row,
                         enum scope scope);
    /* Why the row cannot be written in `scope` although it can be read, "code: text"; or NULL. May
     * be NULL itself. */
    const char *(*refuses)(const struct virt_domain *domain, const struct tunable *row,
                           enum scope scope);
    /* Which carrier takes this one of all changes of a domain, where that depends on the values.
     * May be NULL: this one. */
    const struct carrier *(*choose)(const struct snapshot *snapshot, const struct domain *domain,
                                    const struct change *changes, size_t n,
                                    const struct change *change);
    /* Appends the words after "virsh -c URI " to `command`; NULL: there is no such command. */
    void (*words)(GString *command, const char *uuid, const struct change *changes, size_t n);
    /* Appends the same of a live change in the words of the hypervisor's own tool, which follow as
     * a comment; NULL: there is no such tool. */
    void (*native)(GString *command, const struct domain *domain, const struct change *change);
    /* The next value on the way from `from` to a live change, where it is not to be asked for all
     * at once: each is a step of its own, sent on once it is reached (struct step, settle). False:
     * all the way. NULL: never. `from` is UINT64_MAX where it is not known. */
    bool (*stop)(const struct snapshot *snapshot, const struct domain *domain,
                 const struct change *change, uint64_t from, uint64_t *stop);
    /* The whole command, newly allocated, or NULL; where it is not virsh's. May be NULL. */
    char *(*command)(const struct snapshot *snapshot, const struct domain *domain,
                     const struct change *changes, size_t n);
    /* step->shared, newly allocated, or NULL. May be NULL itself. */
    char *(*shared)(const struct domain *domain, const struct change *changes, size_t n);
    bool (*apply)(struct virt_connection *connection, virDomainPtr domain, const struct step *step,
                  GError **error);
};

/* --- functions for the backend's table --- */

/* `uri` without a host part, or of a socket of this machine. */
bool virt_uri_is_local(const char *uri);
/* no_tty=1 is added to ssh transports. Newly allocated. */
char *virt_uri_batch(const char *uri);
/* For backend->watch. */
enum watch virt_watch(const char *uri, const char **why);
/* A daemon's socket is there: libvirtd's, or the one of its own daemon ("virtqemud"). */
bool virt_socket_present(const char *daemon);
/* uri_aliases of libvirt.conf (the user's, else the system's). For backend->resolve. */
char *virt_resolve(const char *name);

bool virt_open(const struct virt_driver *driver, const char *uri, enum access access,
               struct uplink *uplink, struct connection **ret, GError **error);
void virt_close(struct connection *connection);
bool virt_sample(struct connection *connection, const struct wanted *wanted,
                 const struct snapshot *previous, struct snapshot_builder *builder, GError **error);
bool virt_plan(const struct snapshot *snapshot, const struct domain *domain,
               const struct change *changes, size_t n, struct step_list *steps, GError **error);
bool virt_plan_shrink(const struct snapshot *snapshot, const struct domain *domain,
                      const struct change *changes, size_t n, struct step_list *steps,
                      GError **error);
bool virt_apply(struct connection *connection, const struct step *step, GError **error);

/* libvirt's own rules, which hold for every driver of it: hard_limit at most swap_hard_limit in
 * each scope, whatever that is; a configured maximum below the balloon takes it along. */
void virt_check(const struct snapshot *snapshot, const struct domain *domain,
                const struct change *changes, size_t n, struct findings *findings);

#endif
