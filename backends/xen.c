/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/xen-private.h"

#include <libvirt/virterror.h>
#include <string.h>

#define GUEST_MEMORY "Memory of the domain"

static const char *const target_names[] = {"mem_target_set", NULL};
static const char *const maximum_names[] = {"maxmem_set", NULL};

/* clang-format off */
static const struct tunable tunables[] = {
    {.name = "target", .native = "memory/target, xl mem-set", .libvirt = "current_memory", .label = "Target", .section = GUEST_MEMORY,
     .effect = "asks; may refuse", .aliases = target_names,
     .help = "What the domain is asked to live with (mem_target_set). Its balloon driver gives the rest back or takes it as "
             "far as it can; without a driver nothing moves. Xen has no floor: a guest pushed too low panics and is "
             "destroyed. Above what is free, the guest goes on taking whatever is freed.",
     .source = "virDomainSetMemoryFlags; read in xenstore, on the host itself", .carrier = &xen_target,
     .granule = 1024, .role = ROLE_TARGET, .unit = UNIT_BYTES, .readback = READBACK_CONVERGES, .scopes = SCOPE_BOTH},
    {.name = "maximum", .native = "memory/static-max, xl mem-max", .libvirt = "memory", .label = "Maximum", .section = GUEST_MEMORY,
     .effect = "Xen's own ceiling", .aliases = maximum_names,
     .help = "What the domain can be given at most (maxmem_set). While it runs Xen takes another one, but libvirt goes on "
             "showing and enforcing that of its start. Below what it holds it shrinks nothing and stops growth. "
             "Lowering the configured maximum below the configured target lowers that too.",
     .source = "virDomainSetMemoryFlags, VIR_DOMAIN_MEM_MAXIMUM; read in xenstore, on the host itself", .carrier = &xen_maximum,
     .min = 1 << 20, .granule = 1024, .role = ROLE_MAXIMUM, .unit = UNIT_BYTES, .scopes = SCOPE_BOTH},
    {.name = NULL},
};

static const struct figure figures[] = {
    [XEN_HELD] = {.name = "held", .label = "Held", .source = "virDomainGetInfo: memory", .role = FIGURE_HELD, .unit = UNIT_BYTES,
                  .help = "What Xen has given to the domain now, whatever it was asked for."},
    [XEN_DROPPABLE] = {.name = "droppable", .label = "Droppable", .source = "nowhere", .role = FIGURE_DROPPABLE, .unit = UNIT_BYTES,
                       .help = "What could be given back at once. Xen does not know what its guests use."},
    [XEN_SIZE] = {.name = "size", .label = "Size", .source = "virDomainGetInfo: memory", .role = FIGURE_SIZE, .unit = UNIT_BYTES,
                  .help = "What the balloon leaves to the guest now: all that it holds."},
    [XEN_TARGET] = {.name = "target", .label = "Target", .source = "xenstore: memory/target", .role = FIGURE_TARGET, .unit = UNIT_BYTES,
                    .help = "What the domain was asked to live with last, by whomever."},
    [XEN_MAXIMUM] = {.name = "maximum", .label = "Maximum, libvirt", .source = "virDomainGetInfo: maxMem", .role = FIGURE_MAXIMUM, .unit = UNIT_BYTES,
                     .help = "The maximum of its start, above which libvirt refuses a target."},
    [XEN_BALLOONED] = {.name = "ballooned", .label = "Ballooned", .source = "maximum less held", .role = FIGURE_BALLOONED, .unit = UNIT_BYTES,
                       .help = "What the balloon keeps from the guest."},
    [XEN_DOM0_MEM] = {.name = "dom0_mem", .label = "dom0_mem=", .source = "xl info: xen_commandline", .unit = UNIT_BYTES,
                      .help = "What Xen's command line gave to Domain-0 at boot."},
    [XEN_AUTOBALLOON] = {.name = "autoballoon", .label = "Autoballoon", .source = "xl.conf, libxl.conf", .unit = UNIT_FLAG,
                         .help = "Whether Domain-0 is made smaller by itself when a guest starts and memory is short."},
    [XEN_FIGURES_] = {.name = NULL},
};
/* clang-format on */

static const char *const schemes[] = {"xen", NULL};
static const char *const local_uris[] = {"xen:///system", NULL};

/* Of a connection. */
struct xen {
    struct xen_store *store;
    struct xen_boot boot;
    bool read; /* xenstore, in this sample */
};

static void opened(struct virt_connection *connection)
{
    struct xen *xen = g_new0(struct xen, 1);

    xen->store = xen_store_new(connection->local);
    xen->boot = xen_boot_read(connection->local);
    connection->own = xen;
}

static void closed(struct virt_connection *connection)
{
    struct xen *xen = connection->own;

    xen_store_free(xen->store);
    g_free(xen);
}

/* The whole machine and Xen's heap; what libvirt reads by itself is Domain-0's own. */
static void tick(struct virt_connection *connection, struct host *host)
{
    const struct value unread = value_unknown("failed: libvirt could not read it");
    virNodeInfo node;
    unsigned long long free_heap;

    virResetLastError();
    free_heap = virNodeGetFreeMemory(connection->libvirt);
    ((struct xen *)connection->own)->read = false;
    host->total = host->free_for_new = unread;
    if (virNodeGetInfo(connection->libvirt, &node) == 0)
        host->total = value_number((uint64_t)node.memory * 1024);
    /* 0 is how it fails; nothing free at all is told apart by its error. */
    if (free_heap || !virGetLastError())
        host->free_for_new = value_number(free_heap);
    virResetLastError();
    host->available = host->free_for_new;
    host->swap_total = host->swap_free = value_unsupported("no_swap: Xen does not swap its guests");
}

/* --- xenstore, once in a sample for all that run -----------------------------------------------
 */

/* Domain-0 last: it alone may have no entries. */
static gint by_id(gconstpointer a, gconstpointer b)
{
    const struct xen_memory *left = a, *right = b;

    return (left->id == 0) - (right->id == 0);
}

static struct xen_memory *memory_of(struct virt_domain *domain)
{
    if (!domain->own) {
        domain->own = g_new0(struct xen_memory, 1);
        domain->own_free = g_free;
    }
    return domain->own;
}

static void read_store(struct virt_connection *connection)
{
    struct xen *xen = connection->own;
    g_autoptr(GArray) memories = g_array_new(FALSE, TRUE, sizeof(struct xen_memory));
    GHashTableIter iter;
    gpointer value;

    g_hash_table_iter_init(&iter, connection->domains);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        struct virt_domain *domain = value;

        memory_of(domain)->id = domain->id;
        if (domain->active)
            g_array_append_val(memories, *memory_of(domain));
    }
    g_array_sort(memories, by_id);
    xen_store_read(xen->store, (struct xen_memory *)(void *)memories->data, memories->len);
    g_hash_table_iter_init(&iter, connection->domains);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        for (guint i = 0; i < memories->len; i++) {
            const struct xen_memory *memory = &g_array_index(memories, struct xen_memory, i);

            if (memory->id == memory_of(value)->id)
                *memory_of(value) = *memory;
        }
    }
    xen->read = true;
}

/* --- pictures ------------------------------------------------------------------------------------
 */

static const char *kind_of(const struct virt_domain *domain)
{
    const struct domain_xml *xml = domain->active ? &domain->live : &domain->config;

    if (g_strcmp0(xml->os_type, "hvm") == 0)
        return "HVM";
    if (g_strcmp0(xml->os_type, "xenpvh") == 0)
        return "PVH";
    return xml->os_type ? "PV" : NULL;
}

static struct value less(struct value a, struct value b)
{
    uint64_t large, small;

    if (!value_get(a, &large))
        return a;
    return value_get(b, &small) ? value_number(large - MIN(large, small)) : b;
}

static void fill(struct virt_connection *connection, struct virt_domain *domain,
                 struct snapshot_builder *builder, struct draft *draft, bool full)
{
    const struct xen *xen = connection->own;
    const struct value guest = value_unsupported("guest: only Domain-0 has it");
    const struct value *stats = domain->stats;
    struct value *f = draft->figures;

    draft->kind = kind_of(domain);
    for (size_t i = 0; !domain->active && i < XEN_FIGURES_; i++)
        f[i] = value_unsupported("off: it is not running");
    if (!domain->active)
        return;
    if (!xen->read)
        read_store(connection);
    /* Domain-0 without a maximum of its own may have all there is. */
    if (stats[VIRT_STAT_MAXIMUM].kind == VALUE_NUMBER &&
        stats[VIRT_STAT_MAXIMUM].number >= UINT64_C(1) << 52)
        domain->stats[VIRT_STAT_MAXIMUM] = snapshot_builder_host(builder)->total;
    f[XEN_HELD] = f[XEN_SIZE] = stats[VIRT_STAT_USED];
    f[XEN_DROPPABLE] = value_unknown("no_guest_figures: Xen does not know what its guests use");
    f[XEN_TARGET] = memory_of(domain)->target;
    if (f[XEN_TARGET].kind == VALUE_UNSET)
        f[XEN_TARGET] = f[XEN_HELD];
    f[XEN_MAXIMUM] = stats[VIRT_STAT_MAXIMUM];
    f[XEN_BALLOONED] = less(stats[VIRT_STAT_MAXIMUM], stats[VIRT_STAT_USED]);
    f[XEN_DOM0_MEM] = domain->id == 0 ? xen->boot.dom0_mem : guest;
    f[XEN_AUTOBALLOON] = domain->id == 0 ? xen->boot.autoballoon : guest;
}

static const struct virt_driver driver = {
    .backend = &xen_backend,
    .hypervisor = "xen",
    .opened = opened,
    .closed = closed,
    .tick = tick,
    .fill = fill,
};

/* --- opening
 * --------------------------------------------------------------------------------------- */

static bool under_xen(void)
{
    g_autofree char *text = NULL;

    /* Written by the kernel of a domain that may control others. */
    return g_file_get_contents("/proc/xen/capabilities", &text, NULL, NULL) &&
           strstr(text, "control_d");
}

/* Adds what to start or install to what libvirt says. */
static void advise(const char *uri, GError **error)
{
    const char *advice;

    if (!error || !*error || !virt_uri_is_local(uri))
        return;
    if (!under_xen())
        advice = "this machine is no Domain-0: boot it under Xen, or name another host, "
                 "xen+ssh://HOST/system";
    else if (!virt_socket_present("virtxend"))
        advice = "start libvirtd (systemctl start libvirtd) or virtxend";
    else if ((*error)->code == BACKEND_ERROR_URI || (*error)->code == BACKEND_ERROR_FAILED)
        advice = "install libvirt's libxl driver (libvirt-daemon-driver-xen) and restart libvirtd";
    else
        return;
    g_prefix_error(error, "%s: ", advice);
}

static bool open_xen(const char *uri, enum access access, struct uplink *uplink,
                     struct connection **ret, GError **error)
{
    if (virt_open(&driver, uri, access, uplink, ret, error))
        return true;
    advise(uri, error);
    return false;
}

const struct backend xen_backend = {
    .name = "xen",
    .title = "Xen",
    .schemes = schemes,
    .local_uris = local_uris,
    .flags = BACKEND_HOST_NO_WALL,
    .tunables = tunables,
    .figures = figures,
    .present = under_xen,
    .resolve = virt_resolve,
    .watch = virt_watch,
    .open = open_xen,
    .close = virt_close,
    .sample = virt_sample,
    .check = xen_check,
    .plan = virt_plan,
    .plan_shrink = virt_plan_shrink,
    .apply = virt_apply,
};
