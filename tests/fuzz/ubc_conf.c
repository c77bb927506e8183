/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/support/ubc-conf.h"

#include "tests/fuzz/target.h"

/* A container's configuration, which its owner may have edited by hand. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ubc_conf conf = {0};

    ubc_conf_read(&conf, (const char *)data, size, 4096);
    ubc_conf_read(&conf, (const char *)data, size, 4096);
    for (size_t i = 0; i < UBC_COUNTERS; i++) {
        const struct ubc_conf_entry *entry = &conf.entries[i];

        g_assert(!entry->set || (entry->limits[0] <= (uint64_t)UBC_MAX64 &&
                                 entry->limits[1] <= (uint64_t)UBC_MAX64));
    }
    ubc_conf_clear(&conf);
    return 0;
}
