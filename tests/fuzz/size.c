/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/size.h"

#include "tests/fuzz/target.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    g_autoptr(GError) error = NULL;
    char shown[SIZE_TEXT_MAX];
    uint64_t bytes = 42, again;

    if (!size_parse(text, &bytes, &error)) {
        g_assert(error && bytes == 42 && g_utf8_validate(error->message, -1, NULL));
        return 0;
    }
    g_assert_no_error(error);
    size_format_exact(value_number(bytes), UNIT_BYTES, NULL, shown);
    g_assert(size_parse(shown, &again, NULL) && again == bytes);
    g_assert(strlen(size_format_short(bytes, shown)) <= 5);
    size_format(bytes, shown);
    g_assert(bytes > UINT64_MAX - (UINT64_C(1) << 60) || size_parse(shown, &again, NULL));
    return 0;
}
