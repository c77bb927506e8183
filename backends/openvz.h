/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside of the OpenVZ and Virtuozzo backend: what its files share.
 *
 *   openvz-table.c     what can be tuned and seen
 *   openvz-host.c      where: this machine, a directory, or a host over ssh
 *   openvz-ssh.c       programs on another machine
 *   openvz-files.c     files here and there
 *   openvz-kernel.c    which generation a host is
 *   openvz-list.c      which containers there are, by vzlist
 *   openvz-picture.c   what is there: containers, their counters and configurations
 *   openvz-settings.c  a container as settings and figures
 *   openvz-snapshot.c  all of it as the model sees it
 *   openvz-check.c     vzcfgvalidate's rules
 *   openvz-plan.c      changes as calls of vzctl
 *   openvz.c           the connection
 */
#ifndef BACKENDS_OPENVZ_H
#define BACKENDS_OPENVZ_H

#include "backends/support/run.h"
#include "backends/support/ubc-conf.h"
#include "backends/support/ubc-list.h"
#include "backends/support/ubc.h"
#include "model/backend.h"

extern const struct backend openvz_backend;

/* The unit of a bare number of pages, as the table says it; a host with other pages is read only.
 */
#define OVZ_PAGE 4096

/* --- table ------------------------------------------------------------------------------- */

enum ovz_kind {
    OVZ_COUNTER,      /* a half of a beancounter */
    OVZ_RAM,          /* VSwap: the limit of physpages */
    OVZ_SWAP,         /* VSwap: the limit of swappages */
    OVZ_MEMGUARANTEE, /* vzctl 7 and later */
};

/* What a row of the table stands for. */
struct carrier {
    enum ovz_kind kind;
    enum ubc_counter counter; /* not of OVZ_MEMGUARANTEE */
    enum ubc_half half;
};

extern const struct tunable ovz_tunables[];
extern const struct figure ovz_figures[];

/* The row of a half of a counter; never -1. */
size_t ovz_row(enum ubc_counter counter, enum ubc_half half);
size_t ovz_row_of(enum ovz_kind kind);

enum ovz_amount {
    OVZ_HELD,
    OVZ_MAXHELD,
    OVZ_FAILCNT,
};
/* The figure row of a counter. */
size_t ovz_figure(enum ubc_counter counter, enum ovz_amount amount);

/* --- host -------------------------------------------------------------------------------- */

struct ovz_host;

/* Understands a URI, no I/O: openvz:///system[?root=DIR], openvz+ssh://[USER@]HOST[:PORT]/system
 * with keyfile, known_hosts, no_verify, no_tty as libvirt has them. Error: BACKEND_ERROR_URI. */
struct ovz_host *ovz_host_new(const char *uri, GError **error);
void ovz_host_free(struct ovz_host *host);
bool ovz_host_local(const struct ovz_host *host); /* this machine, its own / */
bool ovz_host_unverified(const struct ovz_host *host);
/* What another machine is called; NULL here. */
const char *ovz_host_name(const struct ovz_host *host);
/* What stands before every path: "" or an absolute path. */
const char *ovz_host_root(const struct ovz_host *host);
/* Refuses a root= that others could have filled with programs, and makes the directory of the
 * shared ssh connection. */
bool ovz_host_prepare(struct ovz_host *host, GCancellable *cancel, GError **error);

/* Reads files, paths as on the host. *texts: path -> text (char *), of those that exist; owned by
 * the caller. */
bool ovz_host_read(struct ovz_host *host, const char *const *paths, GCancellable *cancel,
                   GHashTable **texts, GError **error);
/* On this machine: whether a path exists, and whether a program of that name is found. */
bool ovz_host_exists(const struct ovz_host *host, const char *path);
bool ovz_host_has(const struct ovz_host *host, const char *program);
/* Runs a program by its name (or, with a slash, by its path on the host). Its exit status is no
 * error, but for ssh's own. */
bool ovz_host_run(struct ovz_host *host, const char *const *argv, unsigned timeout_ms,
                  GCancellable *cancel, struct run_result *result, GError **error);
/* ovz_host_run() as one line of a shell here. */
char *ovz_host_command(const struct ovz_host *host, const char *const *argv);

/* --- picture ----------------------------------------------------------------------------- */

enum ovz_generation {
    OVZ_LEGACY, /* vzctl 3 and 4, kernels 2.6.18 and 2.6.32: every beancounter acts */
    OVZ_7,      /* vzctl drops some */
    OVZ_8,      /* 8 and 9: the kernel has no beancounters */
};

/* What holds for a whole host; read once. */
struct ovz_kernel {
    enum ovz_generation generation;
    bool has_vzctl, has_vzlist, has_script;
    bool has_ubc, has_bc; /* /proc/user_beancounters, /proc/bc */
    bool vswap;
    bool cgroup2;
    bool narrow;
    unsigned strangers; /* counted and not listed, when the list was read */
    uint64_t page_size;
    char *version; /* of vzctl, or NULL */
    char *release; /* of the kernel, or NULL */
};
bool ovz_kernel_read(struct ovz_host *host, GCancellable *cancel, struct ovz_kernel *kernel,
                     GError **error);
void ovz_kernel_clear(struct ovz_kernel *kernel);
/* The major number in "vzctl version 4.11.1-3" or "vzctl v.7", and a short text; 0 and NULL where
 * there is none. */
unsigned ovz_version_parse(const char *text, char **version);

/* One container. */
struct ovz_container {
    char *ctid, *status, *name, *hostname;
    bool active;       /* it has memory now */
    bool has_counters; /* counters holds something */
    bool has_conf;
    struct ubc counters;
    struct ubc_conf conf;
};
void ovz_container_free(gpointer container);

struct ovz_picture {
    GPtrArray *containers;     /* struct ovz_container */
    uint64_t total, available; /* bytes; 0 unknown */
    uint64_t swap_total, swap_free;
};
/* What vzlist tells: struct ubc_container. */
bool ovz_list(struct ovz_host *host, const struct ovz_kernel *kernel, GCancellable *cancel,
              GPtrArray **list, GError **error);
/* `list` (struct ubc_container) is read where it is NULL or does not fit what the kernel counts any
 * more, and handed back in it. */
bool ovz_picture_read(struct ovz_host *host, struct ovz_kernel *kernel, GCancellable *cancel,
                      GPtrArray **list, struct ovz_picture *picture, GError **error);
void ovz_picture_clear(struct ovz_picture *picture);
const struct ovz_container *ovz_picture_find(const struct ovz_picture *picture, const char *ctid);

/* --- settings ---------------------------------------------------------------------------- */

/* One per row of the tables. */
void ovz_fill_settings(const struct ovz_kernel *kernel, const struct ovz_container *container,
                       struct setting *settings);
void ovz_fill_figures(const struct ovz_kernel *kernel, const struct ovz_container *container,
                      struct value *figures);

/* The id of the domain: the UUID itself, or a hash of any other CTID. */
void ovz_key_of(const char *ctid, uint8_t id[16]);
void ovz_add_domain(const struct ovz_kernel *kernel, const struct ovz_container *container,
                    struct snapshot_builder *builder);
void ovz_fill_host(const struct ovz_host *where, const struct ovz_kernel *kernel,
                   const struct ovz_picture *picture, struct host *host);

/* What the settings of a domain tell of its host. */
enum ovz_generation ovz_generation_of(const struct setting *settings);
bool ovz_vswap_of(const struct setting *settings);
/* The counter is saved and acts on nothing: the kernel has no beancounters. */
bool ovz_saved_only(const struct setting *settings, enum ubc_counter counter);

/* --- check and plan ---------------------------------------------------------------------- */

/* A pair in the kernel's unit, UBC_MAX64 for unlimited. */
struct ovz_pair {
    bool known; /* both halves */
    uint64_t limits[UBC_HALVES];
};
/* What a counter will be in `scope` after the changes: a half that is neither set nor changed is
 * filled in as ovz_fill_pair() says. */
struct ovz_pair ovz_pair_after(const struct setting *settings, const struct change *changes,
                               size_t n, enum ubc_counter counter, enum scope scope);
struct value ovz_half_after(const struct setting *settings, const struct change *changes, size_t n,
                            enum ubc_counter counter, enum ubc_half half, enum scope scope);
/* The other half where only one is known: physpages and swappages take 0 as barrier (from 7 on the
 * same), the guarantees no limit, others the same. */
uint64_t ovz_fill_half(enum ovz_generation generation, enum ubc_counter counter,
                       enum ubc_half missing, uint64_t other);
uint64_t ovz_raw(enum ubc_counter counter, struct value value);

void ovz_check(const struct snapshot *snapshot, const struct domain *domain,
               const struct change *changes, size_t n, struct findings *findings);
bool ovz_plan(const struct snapshot *snapshot, const struct domain *domain,
              const struct change *changes, size_t n, struct step_list *steps, GError **error);

/* The calls of vzctl that carry out changes that make one step: each a NULL-terminated vector
 * beginning with "vzctl"; the second, where there is one, puts the running container back where
 * vzctl --save would have changed it too. GPtrArray of char **. */
GPtrArray *ovz_calls(const char *ctid, const struct setting *settings, const struct change *changes,
                     size_t n, GError **error);

/* Words for an exit status of vzctl, or NULL. */
const char *ovz_exit_words(int status);

#endif
