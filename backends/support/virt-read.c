/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/support/virt-library.h"
#include "backends/support/virt-private.h"
#include "model/clock.h"

#include <stdlib.h>
#include <string.h>

#define KIB 1024

/* After a failed call: a reason for the values, *gone, or an error of the whole connection. */
static bool own_failure(const char **reason, bool *gone, const char *what, GError **error)
{
    GError *failure = NULL;
    int code;

    virt_error_take(&failure, what);
    code = failure->code;
    *reason = virt_error_reason((enum backend_error)code);
    *gone = *gone || code == BACKEND_ERROR_GONE;
    if (code == BACKEND_ERROR_CONNECTION) {
        g_propagate_error(error, failure);
        return false;
    }
    g_error_free(failure);
    return true;
}

static void clear_stats(struct virt_domain *domain, const char *reason)
{
    for (size_t i = 0; i < VIRT_STATS_; i++)
        domain->stats[i] = value_unknown(reason);
}

bool virt_read_state(struct virt_domain *domain, bool *gone, GError **error)
{
    virDomainInfo info;
    const char *reason;
    int state, why;

    /* The reason why it is off is only of interest once it is. */
    if (virDomainGetInfo(domain->handle, &info) == 0) {
        domain->stats[VIRT_STAT_MAXIMUM] = value_number((uint64_t)info.maxMem * KIB);
        domain->stats[VIRT_STAT_USED] = value_number((uint64_t)info.memory * KIB);
        state = info.state;
        why = -1;
        if ((state == VIR_DOMAIN_SHUTOFF || state == VIR_DOMAIN_CRASHED) &&
            domain->state != DOMAIN_OFF && virDomainGetState(domain->handle, &state, &why, 0) < 0)
            virResetLastError();
        virt_domain_put_state(domain, state, why);
        return true;
    }
    if (!own_failure(&reason, gone, "cannot read a domain's state", error))
        return false;
    clear_stats(domain, reason);
    return true;
}

/* clang-format off */
static const struct { int tag; enum virt_stat stat; uint64_t scale; } memory_stats[] = {
    {VIR_DOMAIN_MEMORY_STAT_ACTUAL_BALLOON, VIRT_STAT_CURRENT, KIB},
    {VIR_DOMAIN_MEMORY_STAT_RSS,            VIRT_STAT_RSS, KIB},
    {VIR_DOMAIN_MEMORY_STAT_UNUSED,         VIRT_STAT_UNUSED, KIB},
    {VIR_DOMAIN_MEMORY_STAT_AVAILABLE,      VIRT_STAT_AVAILABLE, KIB},
    {VIR_DOMAIN_MEMORY_STAT_USABLE,         VIRT_STAT_USABLE, KIB},
    {VIR_DOMAIN_MEMORY_STAT_DISK_CACHES,    VIRT_STAT_DISK_CACHES, KIB},
    {VIR_DOMAIN_MEMORY_STAT_SWAP_IN,        VIRT_STAT_SWAP_IN, KIB},
    {VIR_DOMAIN_MEMORY_STAT_SWAP_OUT,       VIRT_STAT_SWAP_OUT, KIB},
    {VIR_DOMAIN_MEMORY_STAT_MAJOR_FAULT,    VIRT_STAT_MAJOR_FAULTS, 1},
    {VIR_DOMAIN_MEMORY_STAT_MINOR_FAULT,    VIRT_STAT_MINOR_FAULTS, 1},
    {VIR_DOMAIN_MEMORY_STAT_HUGETLB_PGFAIL, VIRT_STAT_HUGETLB_FAILS, 1},
    {VIR_DOMAIN_MEMORY_STAT_LAST_UPDATE,    VIRT_STAT_LAST_UPDATE, 1},
};
static const struct { const char *name; enum virt_stat stat; uint64_t scale; } bulk_stats[] = {
    {"balloon.current",     VIRT_STAT_CURRENT, KIB},
    {"balloon.maximum",     VIRT_STAT_MAXIMUM, KIB},
    {"balloon.rss",         VIRT_STAT_RSS, KIB},
    {"balloon.unused",      VIRT_STAT_UNUSED, KIB},
    {"balloon.available",   VIRT_STAT_AVAILABLE, KIB},
    {"balloon.usable",      VIRT_STAT_USABLE, KIB},
    {"balloon.disk_caches", VIRT_STAT_DISK_CACHES, KIB},
    {"balloon.swap_in",     VIRT_STAT_SWAP_IN, KIB},
    {"balloon.swap_out",    VIRT_STAT_SWAP_OUT, KIB},
    {"balloon.major_fault", VIRT_STAT_MAJOR_FAULTS, 1},
    {"balloon.minor_fault", VIRT_STAT_MINOR_FAULTS, 1},
    {"balloon.hugetlb_pgfail", VIRT_STAT_HUGETLB_FAILS, 1},
    {"balloon.last-update", VIRT_STAT_LAST_UPDATE, 1},
};
static const struct { const char *name; enum virt_param param; } params[] = {
    {VIR_DOMAIN_MEMORY_HARD_LIMIT,      VIRT_PARAM_HARD},
    {VIR_DOMAIN_MEMORY_SOFT_LIMIT,      VIRT_PARAM_SOFT},
    {VIR_DOMAIN_MEMORY_SWAP_HARD_LIMIT, VIRT_PARAM_SWAP},
    {VIR_DOMAIN_MEMORY_MIN_GUARANTEE,   VIRT_PARAM_GUARANTEE},
};
/* clang-format on */

static struct value scaled(uint64_t number, uint64_t scale)
{
    return number > G_MAXUINT64 / scale ? value_unknown("overflow: libvirt gave an absurd number")
                                        : value_number(number * scale);
}

bool virt_read_stats(struct virt_domain *domain, bool *gone, GError **error)
{
    virDomainMemoryStatStruct stats[VIR_DOMAIN_MEMORY_STAT_NR];
    const char *reason = "no_balloon: the guest's balloon driver does not report it";
    int n = virDomainMemoryStats(domain->handle, stats, VIR_DOMAIN_MEMORY_STAT_NR, 0);

    if (n < 0 && !own_failure(&reason, gone, "cannot read memory statistics", error))
        return false;
    for (size_t k = 0; k < G_N_ELEMENTS(memory_stats); k++)
        domain->stats[memory_stats[k].stat] = value_unknown(reason);
    for (int i = 0; i < n; i++) {
        for (size_t k = 0; k < G_N_ELEMENTS(memory_stats); k++) {
            if (memory_stats[k].tag == stats[i].tag)
                domain->stats[memory_stats[k].stat] = scaled(stats[i].val, memory_stats[k].scale);
        }
    }
    return true;
}

static void take_record(struct virt_connection *connection, const virDomainStatsRecord *record)
{
    uint8_t uuid[VIR_UUID_BUFLEN];
    struct virt_domain *domain;
    int state = -1, why = -1;
    bool balloon = false;

    virDomainGetUUID(record->dom, uuid);
    domain = g_hash_table_lookup(connection->domains, uuid);
    if (!domain)
        return;
    clear_stats(domain, "no_balloon: the guest's balloon driver does not report it");
    for (int i = 0; i < record->nparams; i++) {
        const virTypedParameter *param = &record->params[i];

        if (strcmp(param->field, "state.state") == 0 && param->type == VIR_TYPED_PARAM_INT)
            state = param->value.i;
        if (strcmp(param->field, "state.reason") == 0 && param->type == VIR_TYPED_PARAM_INT)
            why = param->value.i;
        for (size_t k = 0; param->type == VIR_TYPED_PARAM_ULLONG && k < G_N_ELEMENTS(bulk_stats);
             k++) {
            if (strcmp(param->field, bulk_stats[k].name) == 0) {
                domain->stats[bulk_stats[k].stat] = scaled(param->value.ul, bulk_stats[k].scale);
                balloon |= bulk_stats[k].stat == VIRT_STAT_RSS;
            }
        }
    }
    if (state >= 0)
        virt_domain_put_state(domain, state, why);
    /* With NOWAIT a domain whose job lock is held gives its state and nothing that needs the
     * monitor; the size is then what libvirt remembers. */
    if (!balloon && domain->active)
        clear_stats(domain, "busy: the domain is busy with another job");
}

bool virt_read_bulk(struct virt_connection *connection, GError **error)
{
    const unsigned wanted = VIR_DOMAIN_STATS_STATE | VIR_DOMAIN_STATS_BALLOON;
    const size_t chunk = 4096; /* one reply of a daemon holds at most 16,384 */
    size_t n = connection->order->len;
    g_autofree virDomainPtr *handles = g_new0(virDomainPtr, n + 1);

    for (size_t i = 0; i < n; i++)
        handles[i] = ((struct virt_domain *)connection->order->pdata[i])->handle;
    for (size_t first = 0; first < n; first += chunk) {
        size_t end = MIN(n, first + chunk);
        virDomainPtr after = handles[end];
        virDomainStatsRecordPtr *records = NULL;
        int got;

        handles[end] = NULL;
        got = virDomainListGetStats(handles + first, wanted, &records,
                                    VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT);
        handles[end] = after;
        if (got < 0) {
            virt_error_take(error, "cannot read statistics");
            return false;
        }
        for (int i = 0; i < got; i++)
            take_record(connection, records[i]);
        virDomainStatsRecordListFree(records);
    }
    return true;
}

static struct value param_value(unsigned long long kib)
{
    if (kib >= VIR_DOMAIN_MEMORY_PARAM_UNLIMITED)
        return value_unlimited();
    return value_number((uint64_t)kib * KIB);
}

bool virt_read_params(struct virt_domain *domain, bool *gone, GError **error)
{
    virTypedParameter values[16] = {0};
    const char *reason = "no_support: this libvirt driver does not offer it";
    int n = G_N_ELEMENTS(values);

    if (!domain->active)
        return true;
    if (virDomainGetMemoryParameters(domain->handle, values, &n, VIR_DOMAIN_AFFECT_LIVE) < 0) {
        n = 0;
        if (!own_failure(&reason, gone, "cannot read memory parameters", error))
            return false;
    }
    for (size_t k = 0; k < G_N_ELEMENTS(params); k++) {
        domain->params[params[k].param] = value_unknown(reason);
        for (int i = 0; i < n; i++) {
            if (strcmp(values[i].field, params[k].name) == 0)
                domain->params[params[k].param] = param_value(values[i].value.ul);
        }
    }
    virTypedParamsClear(values, n);
    return true;
}

/* Most descriptions have nothing of ours in them. */
static void take_kept(struct virt_domain *domain, const char *text)
{
    domain->kept_gap = value_number(0);
    if (!strstr(text, KEPT_NAMESPACE))
        kept_clear(&domain->kept);
    else if (!kept_parse(text, &domain->kept, NULL))
        domain->kept_gap =
            value_unknown("bad_metadata: what is kept in its metadata cannot be read");
}

static bool read_xml(struct virt_domain *domain, unsigned flags, struct domain_xml *xml,
                     struct value *gap, bool *gone, GError **error)
{
    char *text = virDomainGetXMLDesc(domain->handle, flags);
    struct domain_xml fresh = {0};
    const char *reason = "bad_xml: the domain's description could not be read";

    if (!text && !own_failure(&reason, gone, "cannot read a domain's description", error))
        return false;
    if (text && domain_xml_parse(text, &fresh, NULL)) {
        domain_xml_clear(xml);
        *xml = fresh;
        *gap = value_number(0);
        if (flags & VIR_DOMAIN_XML_INACTIVE)
            take_kept(domain, text);
    } else {
        domain_xml_clear(xml);
        *gap = value_unknown(reason);
    }
    free(text);
    return true;
}

bool virt_read_settings(struct virt_domain *domain, bool ask, bool *gone, GError **error)
{
    domain->stale = false;
    if (ask && !virt_read_params(domain, gone, error))
        return false;
    if (domain->active && !read_xml(domain, 0, &domain->live, &domain->live_gap, gone, error))
        return false;
    if (domain->persistent && !read_xml(domain, VIR_DOMAIN_XML_INACTIVE, &domain->config,
                                        &domain->config_gap, gone, error))
        return false;
    domain->settings_ns = clock_ns();
    return true;
}
