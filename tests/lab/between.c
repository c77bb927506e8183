/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Something happens between reading a domain and writing to it:
 *   between URI DOMAIN NAME=VALUE SCOPE COMMAND      SCOPE is live or config
 * prints the error's code and sentence ("0" where there is none), then what is true of it now.
 */
#include "../backends/bench.h"
#include "model/changeset.h"
#include "model/size.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
    g_autoptr(GArray) changes = g_array_new(FALSE, FALSE, sizeof(struct change));
    GError *error = NULL;
    struct bench *bench = argc == 6 ? bench_open(argv[1], ACCESS_WRITE, &error) : NULL;
    g_auto(GStrv) parts = argc == 6 ? g_strsplit(argv[3], "=", 2) : NULL;
    const struct domain *domain = NULL;
    char text[SIZE_TEXT_MAX];

    if (bench && bench_sample(bench, true, &error))
        domain = bench_find(bench, argv[2]);
    if (!domain || !change_parse(bench->snapshot, domain, parts[0], parts[1],
                                 strcmp(argv[4], "live") == 0 ? SCOPE_LIVE : SCOPE_CONFIG, changes,
                                 &error)) {
        fprintf(stderr, "%s\n", error ? error->message : "no such domain");
        return 2;
    }
    const struct change change = g_array_index(changes, struct change, 0);

    if (system(argv[5]) != 0)
        return 2;
    if (!bench_write(bench, &change, 1, &error))
        printf("%d %s\n", error->code, error->message);
    else
        printf("0\n");
    domain = snapshot_find(bench->snapshot, &change.key);
    printf("%s %s\n", domain_state_name(domain->identity->state), domain->identity->name);
    const struct setting *setting = snapshot_setting(bench->snapshot, domain, change.tunable);

    printf("%s\n", size_format_exact(change.scope == SCOPE_LIVE ? setting->live : setting->config,
                                     UNIT_BYTES, NULL, text));
    bench_close(bench);
    return 0;
}
