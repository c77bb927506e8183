/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/oom.h"

#include <stdio.h>
#include <string.h>

static int score_of(int64_t pid)
{
    char path[64];
    int score = -1;
    FILE *file;

    g_snprintf(path, sizeof path, "/proc/%lld/oom_score", (long long)pid);
    file = fopen(path, "re");
    if (!file)
        return -1;
    if (fscanf(file, "%d", &score) != 1)
        score = -1;
    fclose(file);
    return score;
}

static void insert(struct oom_victim *victims, size_t *n, size_t max, struct oom_victim victim)
{
    size_t at = *n;

    while (at > 0 && victims[at - 1].score < victim.score)
        at--;
    if (at >= max)
        return;
    *n = MIN(*n + 1, max);
    memmove(&victims[at + 1], &victims[at], (*n - at - 1) * sizeof *victims);
    victims[at] = victim;
}

size_t oom_victims(const struct row *rows, size_t n, const char *host, struct oom_victim *victims,
                   size_t max)
{
    size_t found = 0;

    for (size_t i = 0; i < n; i++) {
        const struct identity *identity = rows[i].domain->identity;
        const struct host *of = &rows[i].snapshot->host;
        struct oom_victim victim = {identity->name, identity->pid, -1};

        if (!of->local || !identity->pid || g_strcmp0(of->name, host))
            continue;
        victim.score = score_of(identity->pid);
        if (victim.score >= 0)
            insert(victims, &found, max, victim);
    }
    return found;
}
