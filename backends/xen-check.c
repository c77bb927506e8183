/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What holds for every hypervisor (target above maximum, below half of what is held) is in
 * model/checks.c; what for every driver of libvirt, in support/virt-check.c. */
#include "backends/xen-private.h"

#include "model/checks.h"
#include "model/size.h"
#include "model/text.h"

#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)
#define FLOOR (256 * MIB)
#define DOMAIN_0_FLOOR GIB
#define DOMAIN_0_LEAST (128 * MIB) /* LIBXL_MIN_DOM0_MEM */

/* One change of a running domain, and what it is judged by. */
struct trial {
    const struct snapshot *snapshot;
    const struct domain *domain;
    const struct change *change;
    struct value maximum; /* of this scope, after all changes */
    struct findings *findings;
    uint64_t to;
};

bool xen_is_domain_0(const struct domain *domain)
{
    static const struct domain_key zero;
    struct domain_key key = domain->identity->key;

    key.connection = 0;
    return domain_key_equal(&key, &zero);
}

static bool figure(const struct trial *trial, enum xen_figure row, uint64_t *number)
{
    return value_get(trial->domain->figures[row], number);
}

/* Where Xen itself would take it, libvirt knows the maximum of the last start only. */
static void check_known_maximum(const struct trial *trial)
{
    uint64_t booted, now;
    char text[SIZE_TEXT_MAX];
    g_autofree char *name = text_shell_quote(trial->domain->identity->name);

    if (!figure(trial, XEN_MAXIMUM, &booted) || trial->to <= booted ||
        (value_get(trial->maximum, &now) && trial->to > now))
        return;
    findings_add_safe(trial->findings, SEVERITY_REFUSE, trial->change, value_number(booted),
                      "above_known_maximum",
                      "libvirt keeps to the maximum of %s that it was started with, until its "
                      "restart; xl does not: xl mem-set %s %" G_GUINT64_FORMAT "k",
                      size_format(booted, text), name, trial->to / 1024);
}

static void check_room(const struct trial *trial)
{
    const struct host *host = &trial->snapshot->host;
    uint64_t held, free_heap, before = 0;
    char room[SIZE_TEXT_MAX], most[SIZE_TEXT_MAX];

    if (!figure(trial, XEN_HELD, &held) || !value_get(host->free_for_new, &free_heap) ||
        trial->to <= held || trial->to - held <= free_heap)
        return;
    value_get(trial->change->from, &before);
    /* One that is too high already may be made less so. */
    findings_add_safe(trial->findings, trial->to < before ? SEVERITY_WARN : SEVERITY_REFUSE,
                      trial->change, value_number((held + free_heap) / MIB * MIB), "no_room",
                      "%s has %s free: the guest would take up to %s and then everything that is "
                      "freed",
                      host->name ? host->name : "the host", size_format(free_heap, room),
                      size_format(held + free_heap, most));
}

/* Measured: a guest that was asked down to 16 MiB panicked and was gone. */
static void check_floor(const struct trial *trial)
{
    uint64_t held = 0, booted = 0, least;
    char text[SIZE_TEXT_MAX];
    g_autofree char *why = NULL;
    struct value safe = value_unknown(NULL);

    figure(trial, XEN_HELD, &held);
    figure(trial, XEN_MAXIMUM, &booted);
    if (trial->to < FLOOR)
        why = g_strdup("below 256 MiB");
    else if (trial->to < booted / 4)
        why = g_strdup_printf("below a quarter of the %s that it was started with",
                              size_format(booted, text));
    else if (trial->to < held / 2)
        why = g_strdup("below half of what it holds");
    else
        return;
    least = MAX(MAX(FLOOR, booted / 4), held / 2);
    least += (MIB - least % MIB) % MIB;
    if (least < held)
        safe = value_number(least);
    findings_add_safe(trial->findings, SEVERITY_DANGER, trial->change, safe, "no_floor",
                      "%s: Xen has no floor, a guest pushed too low panics and is destroyed", why);
}

static void check_domain_0(const struct trial *trial)
{
    uint64_t booted;
    char text[SIZE_TEXT_MAX];

    if (value_equal(trial->domain->figures[XEN_AUTOBALLOON], value_choice(1, 0)))
        findings_add(trial->findings, SEVERITY_NOTE, trial->change, "autoballoon",
                     "autoballoon is on: the next start of a guest takes this back");
    if (trial->to < DOMAIN_0_LEAST)
        findings_add_safe(trial->findings, SEVERITY_REFUSE, trial->change,
                          value_number(DOMAIN_0_LEAST), "below_least",
                          "libxl refuses less than 128 MiB for Domain-0");
    else if (trial->to < DOMAIN_0_FLOOR)
        findings_add(trial->findings, SEVERITY_DANGER, trial->change, "domain_0",
                     "below 1 GiB: Domain-0 runs what all guests need, and its kernel kills "
                     "processes when it is short");
    else if (figure(trial, XEN_DOM0_MEM, &booted) && trial->to < booted)
        findings_add_safe(trial->findings, SEVERITY_DANGER, trial->change, value_number(booted),
                          "below_dom0_mem",
                          "below the %s that dom0_mem= gives Domain-0, which runs what all guests "
                          "need",
                          size_format(booted, text));
}

static void check_target(const struct trial *trial)
{
    check_known_maximum(trial);
    check_room(trial);
    if (xen_is_domain_0(trial->domain))
        check_domain_0(trial);
    else if (change_tightens(trial->change))
        check_floor(trial);
    if (trial->domain->identity->state == DOMAIN_PAUSED)
        findings_add(trial->findings, SEVERITY_NOTE, trial->change, "paused",
                     "it is paused: it acts after it goes on");
}

static void check_maximum(const struct trial *trial)
{
    uint64_t booted;
    char text[SIZE_TEXT_MAX];

    if (!figure(trial, XEN_MAXIMUM, &booted))
        return;
    findings_add(trial->findings, SEVERITY_WARN, trial->change, "libvirt_keeps_maximum",
                 "Xen takes it; libvirt goes on saying %s until its restart and refuses targets "
                 "above that, xl does not",
                 size_format(booted, text));
}

void xen_check(const struct snapshot *snapshot, const struct domain *domain,
               const struct change *changes, size_t n, struct findings *findings)
{
    virt_check(snapshot, domain, changes, n, findings);
    for (size_t i = 0; i < n; i++) {
        const struct change *change = &changes[i];
        const struct tunable *maximum = tunable_by_role(snapshot->backend->tunables, ROLE_MAXIMUM);
        struct trial trial = {
            .snapshot = snapshot,
            .domain = domain,
            .change = change,
            .maximum = checks_after(snapshot, domain, changes, n, maximum, change->scope),
            .findings = findings,
        };

        if (change->scope != SCOPE_LIVE || change_is_noop(change) ||
            !value_get(tunable_round(change->tunable, change->to), &trial.to))
            continue;
        if (change->tunable->role == ROLE_TARGET)
            check_target(&trial);
        else
            check_maximum(&trial);
        if (snapshot_setting(snapshot, domain, change->tunable)->live.kind == VALUE_UNKNOWN)
            findings_add(findings, SEVERITY_NOTE, change, "no_readback",
                         "libvirt cannot show it: what becomes of it is seen in what it holds");
    }
}
