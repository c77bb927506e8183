/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/strain.h"

#include "model/figure.h"

#define WINDOW_NS (UINT64_C(5) * 1000000000)
#define STALLED_PART 5000 /* a fifth of it, in microseconds */
/* Where stalls are not counted (v1): so often a second the limit was in the way. A process that
 * reads files runs into it some hundred times a second and is none the worse. */
#define FAILS 2000

static bool count(const struct snapshot *snapshot, const struct domain *domain,
                  enum figure_role role, uint64_t *number)
{
    return value_get(snapshot_figure(snapshot, domain, role), number);
}

static void start_window(struct strain *strain, const struct snapshot *snapshot,
                         const struct domain *domain, uint64_t now_ns)
{
    strain->since_ns = now_ns;
    strain->has_stalled = count(snapshot, domain, FIGURE_PSI_TOTAL, &strain->stalled_from);
    strain->has_fails = count(snapshot, domain, FIGURE_FAILCNT, &strain->fails_from);
}

void strain_begin(struct strain *strain, const struct snapshot *snapshot,
                  const struct domain *domain, uint64_t now_ns)
{
    *strain = (struct strain){.instance = domain->identity->instance};
    strain->has_kills = count(snapshot, domain, FIGURE_OOM_KILLS, &strain->kills);
    start_window(strain, snapshot, domain, now_ns);
    strain->fails = strain->fails_from;
}

char *strain_look(struct strain *strain, const struct snapshot *snapshot,
                  const struct domain *domain, uint64_t now_ns)
{
    /* A call that took long makes the window longer. */
    uint64_t now = 0, window = MAX(now_ns - strain->since_ns, WINDOW_NS);
    double seconds = (double)window / 1e9;

    if (domain == NULL || domain_state_ended(domain->identity->state) ||
        domain_started_anew(strain->instance, domain->identity->instance))
        return g_strdup("it ended meanwhile");
    if (!domain_state_active(domain->identity->state))
        return g_strdup("its state cannot be told any more");
    if (strain->has_kills && count(snapshot, domain, FIGURE_OOM_KILLS, &now) && now > strain->kills)
        return g_strdup("a process of it was killed for want of memory");
    if (value_equal(snapshot_figure(snapshot, domain, FIGURE_UNDER_OOM), value_choice(1, 0)))
        return g_strdup("its processes wait for memory that there is none of");
    if (strain->has_stalled && count(snapshot, domain, FIGURE_PSI_TOTAL, &now) &&
        now > strain->stalled_from + window / STALLED_PART)
        return g_strdup_printf("all of it was stalled for %.1f of %.0f s",
                               (double)(now - strain->stalled_from) / 1e6, seconds);
    if (!strain->has_stalled && strain->has_fails &&
        count(snapshot, domain, FIGURE_FAILCNT, &now) &&
        (double)(now - MIN(now, strain->fails_from)) > FAILS * seconds)
        return g_strdup_printf("it ran into its limit %" G_GUINT64_FORMAT " times in %.0f s",
                               now - strain->fails_from, seconds);
    if (now_ns - strain->since_ns >= WINDOW_NS)
        start_window(strain, snapshot, domain, now_ns);
    return NULL;
}

uint64_t strain_fails(const struct strain *strain, const struct snapshot *snapshot,
                      const struct domain *domain)
{
    uint64_t now;

    return count(snapshot, domain, FIGURE_FAILCNT, &now) && now > strain->fails
               ? now - strain->fails
               : 0;
}
