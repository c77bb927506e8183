/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/rows.h"

#include <string.h>

static bool is_live(const struct row *row)
{
    return domain_state_active(row->domain->identity->state) || row->trouble.rank == TROUBLE_KILLED;
}

struct row *rows_select(struct model *model, const struct options *options, enum rows_of which,
                        size_t *n)
{
    size_t n_all = 0;
    const struct row *all = model_rows(model, &n_all);
    struct row *rows = g_new(struct row, n_all + 1);
    struct filter *filter = NULL;
    if (options->settings.filter)
        filter_parse(options->settings.filter, &filter, NULL);
    *n = 0;
    for (size_t i = 0; i < n_all; i++)
        if ((which == ROWS_ALL || options->all || is_live(&all[i])) &&
            filter_match(filter, &all[i]))
            rows[(*n)++] = all[i];
    filter_free(filter);
    const char *sort = options->settings.sort ? options->settings.sort : sort_keys[0].name;
    bool reverse = *sort == '-';
    rows_sort(rows, *n, sort_key_find(sort + reverse), reverse, options->settings.sort == NULL);
    return rows;
}

size_t rows_keep(struct row *rows, size_t n, const struct domain_key *keys, size_t n_keys)
{
    size_t kept = 0;
    for (size_t k = 0; k < n_keys; k++)
        for (size_t i = kept; i < n; i++)
            if (domain_key_equal(&rows[i].key, &keys[k])) {
                struct row row = rows[i];
                rows[i] = rows[kept];
                rows[kept++] = row;
                break;
            }
    return kept;
}
