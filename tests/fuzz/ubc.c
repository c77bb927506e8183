/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/support/ubc.h"

#include "tests/fuzz/target.h"

#include <string.h>

/* What the kernel, or something in its place, prints. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const ids[] = {NULL, "101"};

    for (size_t i = 0; i < G_N_ELEMENTS(ids); i++) {
        struct ubc_dump dump = {0};
        g_autoptr(GError) error = NULL;

        if (!ubc_parse((const char *)data, size, ids[i], &dump, &error)) {
            g_assert(error && !dump.blocks && g_utf8_validate(error->message, -1, NULL));
            continue;
        }
        for (unsigned n = 0; n < dump.blocks->len; n++) {
            struct ubc *block = dump.blocks->pdata[n];

            g_assert(ubc_dump_find(&dump, block->id) == block);
            for (enum ubc_counter c = 0; c < UBC_COUNTERS; c++) {
                struct value value =
                    ubc_value(c, UBC_LIMIT, block->rows[c].limits[UBC_LIMIT], 4096, dump.narrow);

                g_assert(value.kind == VALUE_UNLIMITED || value.number <= (uint64_t)UBC_MAX64);
                g_assert(ubc_amount(c, block->rows[c].held, 4096).number <= (uint64_t)UBC_MAX64);
            }
        }
        ubc_dump_clear(&dump);
    }
    return 0;
}
