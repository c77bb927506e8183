/* SPDX-License-Identifier: GPL-2.0-or-later */
/* NAME=VALUE as on the command line; the first byte chooses scopes and backend. Whatever parses is
 * checked as well. */
#include "model/changeset.h"
#include "model/checks.h"
#include "tests/fuzz/target.h"
#include "tests/model/sample-backend.h"

#include <string.h>

static struct snapshot *picture(const struct backend *backend)
{
    struct sample sample = sample_new("db");

    sample_set(&sample, "hard_limit", value_number(GIB(16)), value_unset());
    sample_set(&sample, "soft_limit", value_number(GIB(15)), value_unlimited());
    sample_set(&sample, "min", value_unknown("torn: the file is torn"), value_number(UINT64_MAX));
    sample_set(&sample, "shares", value_choice(1, 655360), value_number(9));
    sample_set(&sample, "privvmpages.barrier", value_number(MIB(256)), value_number(MIB(300)));
    sample_figure(&sample, FIGURE_HELD, value_number(GIB(14)));
    sample_figure(&sample, FIGURE_DROPPABLE, value_number(GIB(1)));
    sample_figure(&sample, FIGURE_SWAP, value_number(UINT64_MAX));
    return sample_snapshot(backend, &sample, 1, NULL);
}

static void judge(const struct snapshot *snapshot, const GArray *changes)
{
    struct findings *findings = findings_new();

    checks_run(snapshot, &snapshot->domains[0], (const struct change *)(void *)changes->data,
               changes->len, findings);
    for (size_t i = 0; i < findings_count(findings); i++)
        g_assert(g_utf8_validate(findings_get(findings, i)->text, -1, NULL));
    findings_free(findings);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GArray) changes = g_array_new(FALSE, FALSE, sizeof(struct change));
    g_autoptr(GError) error = NULL;
    struct snapshot *snapshot;
    g_auto(GStrv) words = NULL;
    g_autofree char *text = NULL;

    if (size < 1)
        return 0;
    text = g_strndup((const char *)data + 1, size - 1);
    words = g_strsplit(text, "=", 2);
    if (g_strv_length(words) == 2) {
        snapshot = picture(data[0] & 4 ? &sample_backend_one_scope : &sample_backend);
        if (change_parse(snapshot, &snapshot->domains[0], words[0], words[1], data[0] & SCOPE_BOTH,
                         changes, &error)) {
            g_assert(!error && changes->len > 0);
            judge(snapshot, changes);
        } else {
            g_assert(error && changes->len == 0);
            g_assert(g_utf8_validate(error->message, -1, NULL));
        }
        snapshot_unref(snapshot);
    }
    return 0;
}
