/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/openvz.h"

#include <string.h>

#define OFF "off: the container is not running"
#define NO_VSWAP "no_vswap: this kernel has no VSwap; physpages is counted and not limited"
#define COUNTED "counted: counted, not limited by this kernel"
#define DEPRECATED                                                                                 \
    "deprecated: vzctl 7 and later drops it: a warning, exit status 0 and nothing changed"
#define NOT_ENFORCED "not_enforced: saved, not enforced on this kernel"
#define NO_COUNTER "no_counter: this kernel does not count it"
#define NOT_READ "not_read: no counters could be read of this container"
#define BAD_ROW "bad_row: the line of this counter does not hold five numbers"
#define NO_CONF "no_conf: the container has no configuration file; vzctl would make one"
#define DUPLICATE                                                                                  \
    "duplicate: the configuration names it more than once; vzctl would save the first and use the last"
#define BAD_VALUE "bad_value: the configuration holds a value that vzctl skips"
#define NO_MEMGUARANTEE "no_memguarantee: vzctl 7 and later have it"
#define NOT_TOLD "not_told: vzctl does not tell the guarantee in force"
#define NO_VZCTL "no_vzctl: vzctl was not found on this host"
#define PAGE_SIZE_DIFFERS                                                                          \
    "page_size: pages of this host are not 4 KiB, which a bare number stands for"

enum support {
    ACTS,
    SUPPORT_COUNTED,
    SUPPORT_DEPRECATED,
    SUPPORT_NOT_ENFORCED,
    ABSENT,
};

static const char *const support_reasons[] = {
    [ACTS] = NULL,
    [SUPPORT_COUNTED] = COUNTED,
    [SUPPORT_DEPRECATED] = DEPRECATED,
    [SUPPORT_NOT_ENFORCED] = NOT_ENFORCED,
    [ABSENT] = NO_VSWAP,
};

/* Dropped by libvzctl: parsed, warned about, forgotten. */
static bool deprecated(enum ubc_counter counter)
{
    static const enum ubc_counter dropped[] = {UBC_OOMGUARPAGES, UBC_DCACHESIZE,  UBC_NUMTCPSOCK,
                                               UBC_TCPSNDBUF,    UBC_TCPRCVBUF,   UBC_OTHERSOCKBUF,
                                               UBC_DGRAMRCVBUF,  UBC_NUMOTHERSOCK};

    for (size_t i = 0; i < G_N_ELEMENTS(dropped); i++)
        if (dropped[i] == counter)
            return true;
    return false;
}

static enum support support_of(const struct ovz_kernel *kernel, enum ubc_counter counter)
{
    bool ram = counter == UBC_PHYSPAGES || counter == UBC_SWAPPAGES;

    if (kernel->generation == OVZ_LEGACY) {
        if (!ram || kernel->vswap)
            return ACTS;
        return counter == UBC_PHYSPAGES ? SUPPORT_COUNTED : ABSENT;
    }
    if (ram)
        return ACTS;
    if (deprecated(counter))
        return SUPPORT_DEPRECATED;
    if (kernel->generation == OVZ_7)
        return ACTS;
    return counter == UBC_KMEMSIZE && !kernel->cgroup2 ? ACTS : SUPPORT_NOT_ENFORCED;
}

static struct value live_value(const struct ovz_kernel *kernel,
                               const struct ovz_container *container, const struct carrier *row)
{
    const struct ubc_row *counts = &container->counters.rows[row->counter];

    if (!container->active)
        return value_unsupported(OFF);
    if (counts->bad)
        return value_unknown(BAD_ROW);
    if (!counts->present)
        return container->has_counters ? value_unsupported(NO_COUNTER) : value_unknown(NOT_READ);
    return ubc_value(row->counter, row->half, counts->limits[row->half], kernel->page_size,
                     kernel->narrow);
}

static struct value config_value(const struct ovz_kernel *kernel,
                                 const struct ovz_container *container, const struct carrier *row)
{
    const struct ubc_conf_entry *entry = &container->conf.entries[row->counter];

    if (!container->has_conf)
        return value_unknown(NO_CONF);
    if (entry->set)
        return ubc_value(row->counter, row->half, entry->limits[row->half], kernel->page_size,
                         kernel->narrow);
    return entry->bad ? value_unknown(BAD_VALUE) : value_unset();
}

static const char *config_problem(const struct ovz_container *container, unsigned times)
{
    if (!container->has_conf)
        return NO_CONF;
    return times > 1 ? DUPLICATE : NULL;
}

static const char *host_problem(const struct ovz_kernel *kernel)
{
    if (!kernel->has_vzctl)
        return NO_VZCTL;
    return kernel->page_size != OVZ_PAGE ? PAGE_SIZE_DIFFERS : NULL;
}

static void fill_counter(const struct ovz_kernel *kernel, const struct ovz_container *container,
                         const struct carrier *row, struct setting *setting)
{
    enum support support = support_of(kernel, row->counter);
    const char *host = host_problem(kernel);
    const char *config = config_problem(container, container->conf.entries[row->counter].times);

    if (support == ABSENT || (support == SUPPORT_COUNTED && row->kind == OVZ_RAM)) {
        setting->live = setting->config = value_unsupported(NO_VSWAP);
        setting->why_not = NO_VSWAP;
        return;
    }
    setting->live = live_value(kernel, container, row);
    setting->config = config_value(kernel, container, row);
    if (!host && support == ACTS && container->active && value_known(setting->live))
        setting->writable |= SCOPE_LIVE;
    if (!host && (support == ACTS || support == SUPPORT_NOT_ENFORCED) && !config)
        setting->writable |= SCOPE_CONFIG;
    if (host)
        setting->why_not = host;
    else if (support_reasons[support])
        setting->why_not = support_reasons[support];
    else if (config)
        setting->why_not = config;
    else if (!(setting->writable & SCOPE_LIVE))
        setting->why_not = setting->live.reason;
}

static void fill_memguarantee(const struct ovz_kernel *kernel,
                              const struct ovz_container *container, struct setting *setting)
{
    const char *text = container->conf.memguarantee;
    const char *host = host_problem(kernel);
    const char *config = config_problem(container, container->conf.memguarantee_times);
    uint64_t percent;

    if (kernel->generation == OVZ_LEGACY) {
        setting->live = setting->config = value_unsupported(NO_MEMGUARANTEE);
        setting->why_not = NO_MEMGUARANTEE;
        return;
    }
    setting->live = value_unsupported(container->active ? NOT_TOLD : OFF);
    if (!container->has_conf)
        setting->config = value_unknown(NO_CONF);
    else if (!text)
        setting->config = value_unset();
    else if (!strcmp(text, "auto"))
        setting->config = value_choice(0, 0);
    else if (g_ascii_string_to_unsigned(text, 10, 0, 100, &percent, NULL))
        setting->config = value_number(percent);
    else
        setting->config = value_unknown(BAD_VALUE);
    setting->why_not = host ? host : config;
    setting->writable = setting->why_not ? 0 : SCOPE_CONFIG;
}

void ovz_fill_settings(const struct ovz_kernel *kernel, const struct ovz_container *container,
                       struct setting *settings)
{
    for (size_t i = 0; ovz_tunables[i].name; i++) {
        const struct carrier *row = ovz_tunables[i].carrier;

        settings[i] = (struct setting){0};
        if (row->kind == OVZ_MEMGUARANTEE)
            fill_memguarantee(kernel, container, &settings[i]);
        else
            fill_counter(kernel, container, row, &settings[i]);
    }
}

/* --- figures ----------------------------------------------------------------------------- */

static struct value amount(const struct ovz_kernel *kernel, const struct ovz_container *container,
                           enum ubc_counter counter, enum ovz_amount which)
{
    const struct ubc_row *row = &container->counters.rows[counter];

    if (!container->active || !container->has_counters)
        return container->active ? value_unknown(NOT_READ) : value_unsupported(OFF);
    if (row->bad)
        return value_unknown(BAD_ROW);
    if (!row->present)
        return value_unsupported(NO_COUNTER);
    if (which == OVZ_FAILCNT)
        return value_number(row->failcnt);
    return ubc_amount(counter, which == OVZ_MAXHELD ? row->maxheld : row->held, kernel->page_size);
}

/* Kernels without accounting of RAM leave physpages at 0: then oomguarpages, RAM and swap used. */
static enum ubc_counter held_counter(const struct ovz_container *container)
{
    const struct ubc_row *phys = &container->counters.rows[UBC_PHYSPAGES];
    const struct ubc_row *oom = &container->counters.rows[UBC_OOMGUARPAGES];

    return (!phys->present || phys->held == 0) && oom->present && oom->held > 0 ? UBC_OOMGUARPAGES
                                                                                : UBC_PHYSPAGES;
}

static struct value all_failures(const struct ovz_container *container)
{
    uint64_t sum = 0;

    if (!container->active)
        return value_unsupported(OFF);
    for (size_t i = 0; i < UBC_COUNTERS; i++)
        sum += MIN(container->counters.rows[i].failcnt, UINT64_MAX - sum);
    return value_number(sum);
}

static struct value avnumproc(const struct ovz_container *container)
{
    const struct ubc_conf_entry *entry = &container->conf.avnumproc;

    if (!container->has_conf)
        return value_unknown(NO_CONF);
    return entry->set ? ubc_value(UBC_NUMPROC, UBC_BARRIER, entry->limits[UBC_BARRIER], 1, false)
                      : value_unset();
}

static void put_role(struct value *figures, enum figure_role role, struct value value)
{
    int index = figure_by_role(ovz_figures, role);

    if (index >= 0)
        figures[index] = value;
}

void ovz_fill_figures(const struct ovz_kernel *kernel, const struct ovz_container *container,
                      struct value *figures)
{
    enum ubc_counter held = held_counter(container);

    for (size_t i = 0; i < UBC_COUNTERS; i++)
        for (enum ovz_amount which = OVZ_HELD; which <= OVZ_FAILCNT; which++)
            figures[ovz_figure(i, which)] = amount(kernel, container, i, which);
    put_role(figures, FIGURE_HELD, amount(kernel, container, held, OVZ_HELD));
    put_role(figures, FIGURE_PEAK, amount(kernel, container, held, OVZ_MAXHELD));
    put_role(figures, FIGURE_SWAP, amount(kernel, container, UBC_SWAPPAGES, OVZ_HELD));
    put_role(figures, FIGURE_MALLOC_FAILS, amount(kernel, container, UBC_PRIVVMPAGES, OVZ_FAILCNT));
    put_role(figures, FIGURE_OOM_KILLS, amount(kernel, container, UBC_OOMGUARPAGES, OVZ_FAILCNT));
    put_role(figures, FIGURE_FAILCNT, all_failures(container));
    figures[figure_index(ovz_figures, "avnumproc")] = avnumproc(container);
}

/* --- what settings tell of the host ------------------------------------------------------ */

static bool has_code(const char *reason, const char *code)
{
    return reason && !strcmp(reason, code);
}

enum ovz_generation ovz_generation_of(const struct setting *settings)
{
    const struct setting *guarantee = &settings[ovz_row_of(OVZ_MEMGUARANTEE)];
    const struct setting *privvm = &settings[ovz_row(UBC_PRIVVMPAGES, UBC_BARRIER)];

    if (guarantee->config.kind == VALUE_UNSUPPORTED)
        return OVZ_LEGACY;
    return has_code(privvm->why_not, NOT_ENFORCED) ? OVZ_8 : OVZ_7;
}

bool ovz_saved_only(const struct setting *settings, enum ubc_counter counter)
{
    return has_code(settings[ovz_row(counter, UBC_BARRIER)].why_not, NOT_ENFORCED);
}

bool ovz_vswap_of(const struct setting *settings)
{
    return !has_code(settings[ovz_row_of(OVZ_RAM)].why_not, NO_VSWAP);
}
