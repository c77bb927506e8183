/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vzcfgvalidate's rules about counters together. */
#include "backends/openvz-view.h"

#define KIB 1024
#define PER_PROCESS (40 * KIB) /* kernel memory of a process */
#define PER_SOCKET (5 * KIB / 2)
#define PER_FILE 384 /* bytes of dcachesize */
#define FILES_PER_PROCESS 32

enum grade {
    NOTHING,
    RECOMMENDATION,
    WARNING,
    ERROR,
};

/* Half of a counter in the kernel's unit; false where it is not a number or does not act here. */
static bool half(const struct ovz_view *view, bool changed, enum ubc_counter counter,
                 enum ubc_half which, uint64_t *number)
{
    struct value value = ovz_half_after(view->domain->settings, changed ? view->changes : NULL,
                                        changed ? view->n : 0, counter, which, view->scope);

    if (value.kind != VALUE_NUMBER && value.kind != VALUE_UNLIMITED)
        return false;
    *number = ovz_raw(counter, value);
    return true;
}

/* Processes on average: AVNUMPROC, else half of numproc. */
static bool average_processes(const struct ovz_view *view, bool changed, uint64_t *number)
{
    int index = figure_index(ovz_figures, "avnumproc");

    if (index >= 0 && value_get(view->domain->figures[index], number))
        return true;
    if (!half(view, changed, UBC_NUMPROC, UBC_BARRIER, number))
        return false;
    *number /= 2;
    return true;
}

static uint64_t times(uint64_t number, uint64_t factor)
{
    return number > UBC_MAX64 / factor ? UBC_MAX64 : number * factor;
}

static uint64_t plus(uint64_t a, uint64_t b)
{
    return a > UBC_MAX64 - MIN(b, (uint64_t)UBC_MAX64) ? UBC_MAX64 : a + b;
}

/* What a rule compares: is must be >= least. False where something in it is not known. */
struct rule {
    enum ubc_counter subject;
    const char *what; /* "kmemsize.bar" */
    enum grade grade;
    bool (*compute)(const struct ovz_view *view, bool changed, const struct rule *rule,
                    uint64_t *is, uint64_t *least);
    enum ubc_counter other;
    uint64_t constant;
    enum ubc_counter operands[4]; /* what a change of can break it; ends with the subject again */
};

static bool dcache_for_files(const struct ovz_view *view, bool changed, const struct rule *rule,
                             uint64_t *is, uint64_t *least)
{
    uint64_t files;

    if (!half(view, changed, UBC_DCACHESIZE, UBC_LIMIT, is) ||
        !half(view, changed, UBC_NUMFILE, UBC_BARRIER, &files))
        return false;
    *least = times(files, PER_FILE);
    return true;
}

static bool kmem_for_processes(const struct ovz_view *view, bool changed, const struct rule *rule,
                               uint64_t *is, uint64_t *least)
{
    uint64_t processes, dcache;

    if (!half(view, changed, UBC_KMEMSIZE, UBC_BARRIER, is) ||
        !average_processes(view, changed, &processes) ||
        !half(view, changed, UBC_DCACHESIZE, UBC_LIMIT, &dcache))
        return false;
    *least = plus(times(processes, PER_PROCESS), dcache);
    return true;
}

static bool barrier_over_barrier(const struct ovz_view *view, bool changed, const struct rule *rule,
                                 uint64_t *is, uint64_t *least)
{
    return half(view, changed, rule->subject, UBC_BARRIER, is) &&
           half(view, changed, rule->other, UBC_BARRIER, least);
}

static bool gap_for_sockets(const struct ovz_view *view, bool changed, const struct rule *rule,
                            uint64_t *is, uint64_t *least)
{
    uint64_t barrier, sockets;

    if (!half(view, changed, rule->subject, UBC_LIMIT, is) ||
        !half(view, changed, rule->subject, UBC_BARRIER, &barrier) ||
        !half(view, changed, rule->other, UBC_BARRIER, &sockets))
        return false;
    *is = *is >= UBC_MAX64 ? (uint64_t)UBC_MAX64 : *is - MIN(*is, barrier);
    *least = times(sockets, PER_SOCKET);
    return true;
}

static bool at_least(const struct ovz_view *view, bool changed, const struct rule *rule,
                     uint64_t *is, uint64_t *least)
{
    *least = rule->constant;
    return half(view, changed, rule->subject, UBC_BARRIER, is);
}

static bool files_enough(const struct ovz_view *view, bool changed, const struct rule *rule,
                         uint64_t *is, uint64_t *least)
{
    uint64_t processes, tcp, other, terminals;

    if (!half(view, changed, UBC_NUMFILE, UBC_BARRIER, is) ||
        !average_processes(view, changed, &processes) ||
        !half(view, changed, UBC_NUMTCPSOCK, UBC_BARRIER, &tcp) ||
        !half(view, changed, UBC_NUMOTHERSOCK, UBC_BARRIER, &other) ||
        !half(view, changed, UBC_NUMPTY, UBC_BARRIER, &terminals))
        return false;
    *least = MAX(times(processes, FILES_PER_PROCESS), plus(plus(tcp, other), terminals));
    return true;
}

/* clang-format off */
static const struct rule rules[] = {
    {UBC_DCACHESIZE,   "dcachesize.lim",         WARNING, dcache_for_files, 0, 0, {UBC_NUMFILE, UBC_DCACHESIZE}},
    {UBC_KMEMSIZE,     "kmemsize.bar",           ERROR,   kmem_for_processes, 0, 0, {UBC_NUMPROC, UBC_DCACHESIZE, UBC_KMEMSIZE}},
    {UBC_PRIVVMPAGES,  "privvmpages.bar",        WARNING, barrier_over_barrier, UBC_VMGUARPAGES, 0, {UBC_VMGUARPAGES, UBC_PRIVVMPAGES}},
    {UBC_TCPSNDBUF,    "tcpsndbuf.lim-bar",      ERROR,   gap_for_sockets, UBC_NUMTCPSOCK, 0, {UBC_NUMTCPSOCK, UBC_TCPSNDBUF}},
    {UBC_OTHERSOCKBUF, "othersockbuf.lim-bar",   ERROR,   gap_for_sockets, UBC_NUMOTHERSOCK, 0, {UBC_NUMOTHERSOCK, UBC_OTHERSOCKBUF}},
    {UBC_TCPRCVBUF,    "tcprcvbuf.lim-bar",      ERROR,   gap_for_sockets, UBC_NUMTCPSOCK, 0, {UBC_NUMTCPSOCK, UBC_TCPRCVBUF}},
    {UBC_TCPRCVBUF,    "tcprcvbuf.bar",          WARNING, at_least, 0, 64 * KIB, {UBC_TCPRCVBUF}},
    {UBC_TCPSNDBUF,    "tcpsndbuf.bar",          WARNING, at_least, 0, 64 * KIB, {UBC_TCPSNDBUF}},
    {UBC_DGRAMRCVBUF,  "dgramrcvbuf.bar",        WARNING, at_least, 0, 32 * KIB, {UBC_DGRAMRCVBUF}},
    {UBC_DGRAMRCVBUF,  "dgramrcvbuf.bar",        RECOMMENDATION, at_least, 0, 129 * KIB, {UBC_DGRAMRCVBUF}},
    {UBC_OTHERSOCKBUF, "othersockbuf.bar",       WARNING, at_least, 0, 32 * KIB, {UBC_OTHERSOCKBUF}},
    {UBC_OTHERSOCKBUF, "othersockbuf.bar",       RECOMMENDATION, at_least, 0, 129 * KIB, {UBC_OTHERSOCKBUF}},
    {UBC_NUMFILE,      "numfile.bar",            WARNING, files_enough, 0, 0, {UBC_NUMTCPSOCK, UBC_NUMOTHERSOCK, UBC_NUMPTY, UBC_NUMFILE}},
};
/* clang-format on */

static const struct change *breaker(const struct ovz_view *view, const struct rule *rule)
{
    const struct change *change = ovz_touched(view, rule->subject);

    for (size_t i = 0; !change && i < G_N_ELEMENTS(rule->operands); i++) {
        change = ovz_touched(view, rule->operands[i]);
        if (rule->operands[i] == rule->subject)
            break;
    }
    return change;
}

static enum severity severity_of(enum grade grade, bool broken_before)
{
    switch (grade) {
    case NOTHING:
    case RECOMMENDATION:
        return SEVERITY_NOTE;
    case WARNING:
        return SEVERITY_WARN;
    case ERROR:
        return broken_before ? SEVERITY_WARN : SEVERITY_DANGER;
    }
    return SEVERITY_NOTE;
}

static void check_rule(const struct ovz_view *view, const struct rule *rule)
{
    const struct change *change = breaker(view, rule);
    g_autofree char *is_text = NULL, *least_text = NULL;
    uint64_t is, least, old_is, old_least;
    bool broken_before;

    if (!change || !rule->compute(view, true, rule, &is, &least) || is >= least)
        return;
    broken_before = rule->compute(view, false, rule, &old_is, &old_least) && old_is < old_least;
    is_text = ovz_raw_text(is);
    least_text = ovz_raw_text(least);
    findings_add(view->findings, severity_of(rule->grade, broken_before), change, "vzcfgvalidate",
                 "%s should be >= %s (it would be %s)", rule->what, least_text, is_text);
}

void ovz_check_together(const struct ovz_view *view)
{
    for (size_t i = 0; i < G_N_ELEMENTS(rules); i++)
        check_rule(view, &rules[i]);
}
