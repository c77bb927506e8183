/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files of changes: what is taken is written again, read again as the same, and looked up. */
#include "model/changefile.h"
#include "tests/fuzz/target.h"
#include "tests/model/sample-backend.h"

#include <string.h>

static void look_up(const GPtrArray *stored)
{
    struct sample sample = sample_new("db");
    const struct snapshot *snapshot = sample_snapshot(&sample_backend, &sample, 1, NULL);

    for (guint i = 0; i < stored->len; i++) {
        g_autoptr(GError) error = NULL;
        struct change change;

        if (stored_change_resolve(stored->pdata[i], &snapshot, 1, &change, &error))
            g_assert(!error && change.tunable && value_known(change.to));
        else
            g_assert(error && g_utf8_validate(error->message, -1, NULL));
    }
    snapshot_unref(snapshot);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GPtrArray) stored = NULL, again = NULL;
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL, *same = NULL;

    if (!changefile_parse((const char *)data, size, &stored, &error)) {
        g_assert(error && !stored && !strchr(error->message, '\n'));
        return 0;
    }
    look_up(stored);
    text = changefile_text(stored);
    g_assert(changefile_parse(text, strlen(text), &again, &error));
    same = changefile_text(again);
    g_assert_cmpstr(text, ==, same);
    return 0;
}
