/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/checks.h"

static const struct finding *forbids(const struct findings *findings)
{
    for (size_t i = 0; i < findings_count(findings); i++) {
        const struct finding *finding = findings_get(findings, i);

        if (finding->severity >= SEVERITY_KILLS)
            return finding;
    }
    return NULL;
}

/* Leaves out what the finding is about (all where it is about none). */
static void leave_out(GArray *changes, const struct finding *finding,
                      void (*left_out)(const struct change *change, const struct finding *finding,
                                       void *data),
                      void *data)
{
    guint left = changes->len;

    for (guint i = changes->len; i-- > 0;) {
        const struct change *change = &g_array_index(changes, struct change, i);

        if (finding->tunable != change->tunable || !(finding->scope & change->scope))
            continue;
        left_out(change, finding, data);
        g_array_remove_index(changes, i);
    }
    if (changes->len < left)
        return;
    while (changes->len > 0) {
        left_out(&g_array_index(changes, struct change, changes->len - 1), finding, data);
        g_array_remove_index(changes, changes->len - 1);
    }
}

void checks_obey(const struct snapshot *snapshot, const struct domain *domain, GArray *changes,
                 void (*left_out)(const struct change *change, const struct finding *finding,
                                  void *data),
                 void *data)
{
    while (changes->len > 0) {
        struct findings *findings = findings_new();
        const struct finding *finding;

        checks_run(snapshot, domain, (const struct change *)(void *)changes->data, changes->len,
                   findings);
        finding = forbids(findings);
        if (finding != NULL)
            leave_out(changes, finding, left_out, data);
        findings_free(findings);
        if (finding == NULL)
            return;
    }
}
