/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Prints the commands of the steps that `set` would send: steps URI DOMAIN NAME=VALUE...
 * [--live|--config]
 */
#include "../backends/bench.h"
#include "model/changeset.h"

#include <stdio.h>
#include <string.h>

static bool add(struct bench *bench, const struct domain *domain, const char *word, unsigned scopes,
                GArray *changes, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(word, "=", 2);

    return change_parse(bench->snapshot, domain, parts[0], parts[1], scopes, changes, error);
}

static int print_steps(struct bench *bench, const struct domain *domain, GArray *all)
{
    g_autoptr(GArray) changes = g_array_new(FALSE, FALSE, sizeof(struct change));
    struct step_list *steps = step_list_new();
    GError *error = NULL;

    for (guint i = 0; i < all->len; i++) {
        if (!change_is_noop(&g_array_index(all, struct change, i)))
            g_array_append_val(changes, g_array_index(all, struct change, i));
    }
    if (!bench->backend->plan(bench->snapshot, domain, (const struct change *)(void *)changes->data,
                              changes->len, steps, &error)) {
        fprintf(stderr, "%s\n", error->message);
        return 1;
    }
    for (size_t i = 0; i < step_list_count(steps); i++)
        if (step_list_get(steps, i)->command)
            printf("%s\n", step_list_get(steps, i)->command);
    step_list_free(steps);
    return 0;
}

int main(int argc, char **argv)
{
    g_autoptr(GArray) changes = g_array_new(FALSE, FALSE, sizeof(struct change));
    GError *error = NULL;
    struct bench *bench = argc > 3 ? bench_open(argv[1], ACCESS_READ, &error) : NULL;
    const struct domain *domain = NULL;
    unsigned scopes = SCOPE_BOTH;
    int status = 1;

    if (bench && bench_sample(bench, true, &error))
        domain = bench_find(bench, argv[2]);
    for (int i = 3; i < argc; i++) {
        if (strcmp(argv[i], "--live") == 0)
            scopes = SCOPE_LIVE;
        else if (strcmp(argv[i], "--config") == 0)
            scopes = SCOPE_CONFIG;
    }
    for (int i = 3; domain && !error && i < argc; i++) {
        if (argv[i][0] != '-')
            add(bench, domain, argv[i], scopes, changes, &error);
    }
    if (domain && !error)
        status = print_steps(bench, domain, changes);
    else
        fprintf(stderr, "%s\n", error ? error->message : "no such domain");
    bench_close(bench);
    return status;
}
