/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VMware ESX and vCenter through the vSphere Web Services API: what the files of this backend
 * share.
 *
 *   vsphere.c              open, close, sample, the backends
 *   vsphere-tunables.c     what can be tuned, what can be seen
 *   vsphere-session.c      login, one call with a second try after the session ended
 *   vsphere-collect.c      the calls that read: views, pages, filter, updates
 *   vsphere-property.c     the table of properties
 *   vsphere-inventory.c    replies into plain data; pure
 *   vsphere-identity.c     who a machine is and where it stands
 *   vsphere-picture.c      that data into a snapshot
 *   vsphere-merge.c        changes into the specification of one ReconfigVM_Task; pure
 *   vsphere-command.c      changes into a line of PowerCLI; pure
 *   vsphere-reconfigure.c  the write and its task
 *   vsphere-checks.c       the rules of ESX
 *
 * Source of names, units and order of elements: vSphere Web Services API reference.
 */
#ifndef BACKENDS_VSPHERE_H
#define BACKENDS_VSPHERE_H

#include "backends/esx.h"
#include "backends/support/auth.h"
#include "backends/support/soap.h"
#include "backends/vsphere-uri.h"

/* Rows of the tables, by index. */
enum vsphere_row {
    ROW_SIZE,
    ROW_RESERVATION,
    ROW_LIMIT,
    ROW_SHARES,
    ROW_LOCKED,
    ROW_BALLOON_MAX,
    ROW_COUNT_,
};
extern const struct tunable vsphere_tunables[];

enum vsphere_figure {
    SEEN_HELD,
    SEEN_GUEST,
    SEEN_BALLOONED,
    SEEN_SWAP,
    SEEN_COMPRESSED,
    SEEN_SHARED,
    SEEN_PRIVATE,
    SEEN_GRANTED,
    SEEN_OVERHEAD,
    SEEN_SIZE,
    SEEN_MAXIMUM,
    SEEN_HOT_ADD,
    SEEN_HOT_ADD_STEP,
    SEEN_HOT_ADD_LIMIT,
    SEEN_POOL_LEFT,
    SEEN_COUNT_,
};
extern const struct figure vsphere_figures[];

enum share_level {
    SHARES_LOW,
    SHARES_NORMAL,
    SHARES_HIGH,
    SHARES_CUSTOM, /* not a choice of the row: a NUMBER */
};
extern const char *const vsphere_share_levels[]; /* "low", "normal", "high", NULL */

/* --- inventory ------------------------------------------------------------------------------ */

/* A number that the server may leave out. */
struct maybe {
    int64_t number;
    bool known;
};

/* A ResourceAllocationInfo, MiB. */
struct allocation {
    struct maybe reservation;
    struct maybe limit; /* -1: unlimited */
    struct maybe shares;
    enum share_level level;
    bool known;
};

/* summary.quickStats of a virtual machine: MiB, compressed KiB. */
struct quick_stats {
    struct maybe consumed, active, ballooned, swapped, compressed, shared, private_, granted,
        overhead;
};

enum entity_kind {
    ENTITY_VM,
    ENTITY_HOST,
    ENTITY_POOL,
    ENTITY_COMPUTE, /* a cluster, or what stands around a single host */
    ENTITY_KINDS_,
};

/* A managed object. Strings are as the server has them. */
struct entity {
    enum entity_kind kind;
    char *id;   /* its moid: "vm-42" */
    char *type; /* its class: "VirtualMachine" */
    char *name;
    char *parent;     /* moid; of a VM: its resource pool */
    char *host;       /* of a VM: moid of its host */
    char *state;      /* powerState of a VM */
    char *connection; /* connectionState of a VM or host */
    char *uuid, *instance_uuid, *change_version, *boot_time, *product;
    char *balloon_max;   /* sched.mem.maxmemctl, MiB as text; NULL: not there */
    bool extra_known;    /* balloon_max was looked for … */
    char *extra_version; /* … at this change_version */
    bool template;
    struct maybe locked, hot_add; /* flags */
    struct maybe memory_mib;      /* configured size of a VM */
    struct maybe memory_bytes;    /* of a host */
    struct maybe used_mib;        /* of a host */
    struct maybe used_bytes;      /* of a pool */
    struct maybe left_bytes;      /* of a pool: what its VMs may still reserve */
    struct maybe hot_step_mib, hot_limit_mib;
    struct allocation memory;
    struct quick_stats stats;
    bool denied;  /* a property was withheld: NoPermission */
    bool changed; /* since it was last drawn: identity or settings */
    bool fresh;   /* seen by the full read that is going on */
};

struct inventory {
    GHashTable *entities; /* moid -> struct entity; moids are unique over all classes here */
    bool moved;           /* names or parents of hosts, pools or clusters changed */
};

/* A property that is read, and where it goes. */
enum effect {
    EFFECT_FIGURES, /* nothing but figures changes */
    EFFECT_REDRAW,  /* identity or settings of this machine change */
    EFFECT_PLACES,  /* names or places of others change */
};
struct property {
    enum entity_kind kind;
    const char *path;
    void (*take)(struct entity *entity, size_t offset, xmlNode *value); /* NULL: it is gone */
    size_t offset;                                                      /* in struct entity */
    enum effect effect;
};
const struct property *inventory_property(enum entity_kind kind, const char *path);
/* The kind of a class of managed objects; false for those that are of no interest. */
bool inventory_kind(const char *type, enum entity_kind *kind);
/* Frees what properties stored as text. */
void inventory_free_texts(struct entity *entity);

void inventory_init(struct inventory *inventory);
void inventory_clear(struct inventory *inventory);
struct entity *inventory_find(const struct inventory *inventory, const char *id);
/* Before and after a full read: what was not seen in between is gone. */
void inventory_begin(struct inventory *inventory);
void inventory_end(struct inventory *inventory);

/* The property paths to ask for (g_strfreev). `extra` adds config.extraConfig, which is large. */
GStrv inventory_paths(enum entity_kind kind, bool extra);
const char *inventory_class(enum entity_kind kind);

/* Takes in the returnval of RetrievePropertiesEx or ContinueRetrievePropertiesEx. *token is newly
 * allocated, NULL after the last page. What is unknown is skipped. False: the session had ended. */
bool inventory_take_page(struct inventory *inventory, xmlNode *result, char **token);
/* Takes in the returnval of WaitForUpdatesEx (NULL: nothing changed). *version is replaced where
 * there is a new one; returns whether more waits. */
bool inventory_take_updates(struct inventory *inventory, xmlNode *set, char **version);

/* --- session -------------------------------------------------------------------------------- */

struct about {
    char *full_name; /* "VMware ESXi 7.0.3 build-…" */
    char *api_type;  /* HostAgent or VirtualCenter */
    char *root_folder, *property_collector, *view_manager, *session_manager, *search_index;
};
/* Out of the returnval of RetrieveServiceContent. False where something is missing. Pure. */
bool about_read(xmlNode *content, struct about *about, GError **error);
void about_clear(struct about *about);

struct vsphere {
    struct connection connection;
    struct vsphere_uri uri;
    struct soap *soap;
    struct credentials *credentials;
    struct about about;
    struct inventory inventory;
    char *view;    /* ContainerView of this session, or NULL */
    char *filter;  /* PropertyFilter of this session, or NULL */
    char *version; /* of WaitForUpdatesEx */
    bool read_once;
    bool ended; /* the session is over, as a reply said that was no fault */
};

/* Login with the credentials; asks once more where they are refused and came from a person. */
bool session_login(struct vsphere *vsphere, GError **error);
void session_logout(struct vsphere *vsphere);
#define SESSION_TRIES 3 /* the call, after a new view, after a new login */
/* One call. The class of a fault is soap_fault_type(vsphere->soap). */
bool session_call(struct vsphere *vsphere, struct soap_request *request, struct soap_reply *reply,
                  GError **error);
/* After a failed call: true where it is worth another try, because the session had ended (then this
 * logged in again) or only its view had. Otherwise false, and *error says why; it stays what it is
 * where the session is not the reason. Never after a write. */
bool session_renew(struct vsphere *vsphere, GError **error);

/* --- reading -------------------------------------------------------------------------------- */

/* Everything, in pages. */
bool collect_all(struct vsphere *vsphere, GError **error);
/* Only what changed since the last call; the first one reads everything again. */
bool collect_changes(struct vsphere *vsphere, GError **error);
/* These virtual machines, extraConfig included. One that is gone is taken out. */
bool collect_some(struct vsphere *vsphere, const char *const *ids, size_t n, GError **error);

/* --- showing -------------------------------------------------------------------------------- */

void picture_draw(struct vsphere *vsphere, struct snapshot_builder *builder);
/* Longer chains of pools than any server allows: a loop in a hostile answer. */
#define PICTURE_DEPTH_MAX 16
/* The UUID that this kind of server keeps unique, or NULL. */
const char *picture_uuid(const struct vsphere *vsphere, const struct entity *vm);
/* Without vSphere's own encoding of / \ and %. With `keep_slash` a slash stays encoded, for paths.
 * Newly allocated. */
char *picture_name(const char *name, bool keep_slash);
/* "Resources" stands at the top of every cluster or host, and nobody made it. */
bool picture_is_root_pool(const struct vsphere *vsphere, const struct entity *pool);
/* "cluster/host/pool/pool": where it stands in the tree; NULL on one host without pools. Newly
 * allocated. */
char *picture_parents(const struct vsphere *vsphere, const struct entity *vm);
/* Identity of a virtual machine: its UUID where it has one of its own, else a hash of its moid.
 * `taken` counts UUIDs (see picture_uuids()). */
void picture_key(const struct vsphere *vsphere, const struct entity *vm, GHashTable *taken,
                 uint8_t id[16]);
/* How often each UUID is there: copied machines share theirs. Text -> count. */
GHashTable *picture_uuids(const struct vsphere *vsphere);
/* The moid of the machine with that key, or NULL. */
const char *picture_find(const struct vsphere *vsphere, const uint8_t id[16]);

/* --- writing -------------------------------------------------------------------------------- */

/* What one ReconfigVM_Task is to write, merged with what was read. */
struct reconfigure {
    const char *change_version;
    struct maybe memory_mib; /* unknown: not sent */
    struct allocation memory;
    struct maybe locked;  /* unknown: not sent */
    char balloon_max[24]; /* MiB as text; "": unset */
    bool send_balloon;
};
/* What writes each row: its part of the specification. */
extern const struct carrier vsphere_carrier_size, vsphere_carrier_reservation,
    vsphere_carrier_limit, vsphere_carrier_shares, vsphere_carrier_locked,
    vsphere_carrier_balloon_max;

/* Pure. */
void reconfigure_merge(const struct entity *vm, const struct change *changes, size_t n,
                       struct reconfigure *reconfigure);
struct soap_request *reconfigure_request(const struct entity *vm,
                                         const struct reconfigure *reconfigure);
bool reconfigure_plan(const struct snapshot *snapshot, const struct domain *domain,
                      const struct change *changes, size_t n, struct step_list *steps,
                      GError **error);
bool reconfigure_apply(struct vsphere *vsphere, const struct step *step, GError **error);

void vsphere_check(const struct snapshot *snapshot, const struct domain *domain,
                   const struct change *changes, size_t n, struct findings *findings);

#endif
