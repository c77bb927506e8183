/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/settings.h"
#include "tests/fuzz/target.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    for (int site = 0; site < 2; site++) {
        struct settings settings = {.read_only = TRUE, .read_only_by_site = TRUE};
        g_autoptr(GPtrArray) messages = g_ptr_array_new_with_free_func(g_free);
        settings_read_text(&settings, (const char *)data, size, "settings", site, messages);
        g_assert(settings.read_only && settings.read_only_by_site);
        g_assert(settings.delay == 0 || (settings.delay >= 1 && settings.delay <= 3600));
        for (guint i = 0; i < messages->len; i++)
            g_assert(!strchr(messages->pdata[i], '\n') &&
                     g_utf8_validate(messages->pdata[i], -1, NULL));
        settings_clear(&settings);
    }
    return 0;
}
