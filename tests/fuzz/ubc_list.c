/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/support/ubc-list.h"

#include "tests/fuzz/target.h"

static void check(bool ok, GPtrArray *list, GError *error)
{
    g_assert(ok == !error && ok == (list != NULL));
    for (unsigned i = 0; ok && i < list->len; i++) {
        const struct ubc_container *container = list->pdata[i];

        g_assert(ubc_ctid_valid(container->ctid) && container->status);
    }
    g_clear_pointer(&list, g_ptr_array_unref);
    g_clear_error(&error);
}

/* What vzlist prints, in both its forms. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    GPtrArray *list = NULL;
    GError *error = NULL;
    bool ok = ubc_list_parse_json((const char *)data, size, &list, &error);

    check(ok, list, error);
    list = NULL;
    error = NULL;
    ok = ubc_list_parse_text((const char *)data, size, &list, &error);
    check(ok, list, error);
    return 0;
}
