/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a hypervisor implements. The model calls these functions and never names a hypervisor; the
 * list of backends is handed to it by main.
 *
 * Threads. open, sample, apply and close of one connection are never called concurrently and always
 * from that connection's own worker thread (reader or writer; each has a connection of its own).
 * interrupt may be called from any thread while one of them runs. check and plan are pure: no I/O,
 * any thread. A backend keeps no mutable globals; what it must share per process (an event loop, a
 * library's init) it guards itself.
 *
 * Errors. false means the GError is set and no output was touched. The domain is BACKEND_ERROR with
 * one of the codes below; the message is one sentence that starts with what failed; connection and
 * domain are prefixed by the model. A domain's own failure is a reason in its values and never an
 * error of sample().
 */
#ifndef MODEL_BACKEND_H
#define MODEL_BACKEND_H

#include "model/change.h"
#include "model/figure.h"
#include "model/snapshot.h"
#include "model/tunable.h"

#define BACKEND_ERROR (backend_error_quark())
GQuark backend_error_quark(void);
enum backend_error {
    BACKEND_ERROR_FAILED,      /* the hypervisor said no, or anything not below */
    BACKEND_ERROR_CONNECTION,  /* lost, unreachable: reconnect */
    BACKEND_ERROR_PERMISSION,  /* not permitted: says what to do */
    BACKEND_ERROR_URI,         /* the URI makes no sense: no retry */
    BACKEND_ERROR_AUTH,        /* credentials refused or not given: no retry without being asked */
    BACKEND_ERROR_UNSUPPORTED, /* this hypervisor or build cannot */
    BACKEND_ERROR_TIMEOUT,
    BACKEND_ERROR_CANCELLED,   /* by interrupt() */
    BACKEND_ERROR_GONE,        /* the domain does not exist any more */
    BACKEND_ERROR_CONFLICT,    /* changed by somebody else: nothing was written */
    BACKEND_ERROR_BUSY,        /* EBUSY: the kernel could not make room; nothing changed by this call */
    BACKEND_ERROR_UNRECORDED,  /* the journal cannot be written: nothing was sent */
    BACKEND_ERROR_UNSAFE,      /* it would kill: nothing was sent */
};

/* The code of a BACKEND_ERROR, FAILED of any other error and of NULL. */
int backend_error_code(const GError *error);

enum access {
    ACCESS_READ,
    ACCESS_WRITE,
};

/* A question that only a person can answer: a password. */
struct question {
    const char *prompt; /* "Password of root on esx-12" */
    bool secret;        /* never echoed or logged; wiped by the receiver after use */
};

/* Given to open(); valid until close() has returned. Its functions may be called from any thread. */
struct uplink {
    /* Blocks the calling worker until answered. The answer is newly allocated; the caller wipes and
     * frees it. False: nobody to ask, or refused. The same prompt a second time within one open()
     * or after it means that the first answer did not help; else what was answered once is given
     * again without asking. */
    bool (*ask)(struct uplink *uplink, const struct question *question, char **answer);
    /* Something happened to `id` (NULL: to the host or the list of domains): the worker samples
     * soon. Never blocks. */
    void (*changed)(struct uplink *uplink, const uint8_t *id);
    /* The connection broke: the worker finds out at its next call, at once. Never blocks. */
    void (*lost)(struct uplink *uplink, const char *why);
    /* One sentence for the messages screen. Copied and cleaned. Never blocks. */
    void (*message)(struct uplink *uplink, const char *text);
    /* True once the worker is being stopped: long loops look at it. */
    bool (*cancelled)(struct uplink *uplink);
    /* True once the process is about to end: close() may leave to the kernel what that does then. */
    bool (*ending)(struct uplink *uplink);
};

/* What this sample should hold. A NULL `only` means every domain. */
struct wanted {
    const struct domain_key *only; /* read these afresh (settings and figures); keep the rest */
    size_t n_only;
    const struct domain_key *visible; /* expensive figures are read for these at every sample … */
    size_t n_visible;
    bool everything; /* … and for all now, settings included: first sample, ^R, list, set */
};

/* Backends embed this as the first member of their own connection. */
struct connection {
    const struct backend *backend;
    struct uplink *uplink;
    enum access access;
    uint16_t index;
    /* For apply(): a line that says who changes the domain, to be left with the domain itself where
     * the hypervisor has a place for it; NULL: nothing is left. */
    const char *stamp;
};

/* What a watch that is to be unable to write needs for a URI. */
enum watch {
    WATCH_ANYBODY, /* nothing: a door that is open to all, for reading only */
    WATCH_OWNER,   /* rights or files of the user who started it */
    WATCH_REFUSED, /* it names a program to run, or has no door for reading only */
};

enum backend_flags {
    BACKEND_ONE_CONNECTION = 1, /* an in-process driver: reader and writer share one connection */
    BACKEND_ONE_SCOPE = 2,      /* live and config are the same: only .live is filled and written */
    BACKEND_NO_GUARD = 4,       /* state lives in this process: nobody else can go back */
    BACKEND_FOR_TESTS = 8,      /* no hypervisor: in no catalogue and no manual */
    BACKEND_HOST_NO_WALL = 16,  /* a domain takes no memory of the host unless it is asked to */
};

/* One table row of the word `tunables NAME` and of `-c`. */
struct backend {
    const char *name;   /* "qemu", "lxc", "xen", "esx", "openvz", "test", "fake" */
    const char *title;  /* "KVM and QEMU" */
    const char *const *schemes; /* URI schemes without "+transport": {"qemu", NULL} */
    const char *const *local_uris; /* tried when no -c is given, in order; NULL none */
    const struct tunable *tunables; /* ends with a NULL name */
    const struct figure *figures;   /* ends with a NULL name */
    unsigned flags;                 /* enum backend_flags */

    /* Cheap and without side effects: could a local URI of this backend answer here (a socket, a
     * /proc file exists)? NULL: no. Used only to choose defaults. */
    bool (*present)(void);

    /* For a -c that has no scheme: the URI that this name stands for in a configuration file of the
     * hypervisor's own tools (libvirt.conf: uri_aliases), newly allocated; NULL where it is none. The
     * URI may be another backend's. Reads small files, never the network. May be NULL. */
    char *(*resolve)(const char *name);

    /* Pure. *why is a literal phrase unless it is ANYBODY. NULL: anybody can. */
    enum watch (*watch)(const char *uri, const char **why);

    /* Blocks. *ret is owned by the caller until close(). */
    bool (*open)(const char *uri, enum access access, struct uplink *uplink,
                 struct connection **ret, GError **error);
    void (*close)(struct connection *connection);

    /* Reads the host and the domains into the builder. On error the builder is thrown away.
     * `previous` is the builder's own. */
    bool (*sample)(struct connection *connection, const struct wanted *wanted,
                   const struct snapshot *previous, struct snapshot_builder *builder,
                   GError **error);

    /* The hypervisor's own rules about changes of one domain. Rules that hold for all are in
     * model/checks.c. */
    void (*check)(const struct snapshot *snapshot, const struct domain *domain,
                  const struct change *changes, size_t n, struct findings *findings);

    /* Groups and orders changes of one domain into calls. */
    bool (*plan)(const struct snapshot *snapshot, const struct domain *domain,
                 const struct change *changes, size_t n, struct step_list *steps, GError **error);

    /* The same where what is lowered goes down by a safe shrink (model/shrink.h, which has looked
     * at what the domain needs): in steps of at most 5 %, and what is written for the next start
     * after all that is live. UNSUPPORTED: says why it cannot be done so here. Such steps are
     * carried out by apply(), too. NULL: nothing of this hypervisor can be shrunk so. */
    bool (*plan_shrink)(const struct snapshot *snapshot, const struct domain *domain,
                        const struct change *changes, size_t n, struct step_list *steps,
                        GError **error);

    /* Exactly one call of the hypervisor, on an ACCESS_WRITE connection; and once it is done, what
     * leaves the stamp, if there is one. */
    bool (*apply)(struct connection *connection, const struct step *step, GError **error);

    /* Makes a blocked sample or apply return soon with BACKEND_ERROR_CANCELLED where that is
     * possible. Any thread. May be NULL. An open() that can block looks at uplink->cancelled(). */
    void (*interrupt)(struct connection *connection);
};

#endif
