/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theme files: a theme with every style in range, or one sentence. */
#include "ui/theme.h"
#include "tests/fuzz/target.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GError) error = NULL;
    struct theme *theme = theme_parse("fuzzed", (const char *)data, size, &error);

    if (!theme) {
        g_assert(error && g_utf8_validate(error->message, -1, NULL));
        g_assert(!strchr(error->message, '\n'));
        return 0;
    }
    g_assert(!error);
    g_assert_cmpstr(theme->name, ==, "fuzzed");
    g_assert(theme->colors == 0 || theme->colors == 8 || theme->colors == 16 ||
             theme->colors == 256);
    for (size_t i = 0; i < PAINT_COUNT_; i++) {
        const struct style *style = &theme->styles[i];

        g_assert(style->foreground >= -1 && style->foreground <= 255);
        g_assert(style->background >= -1 && style->background <= 255);
        g_assert(!(style->attrs & ~(STYLE_BOLD | STYLE_DIM | STYLE_UNDERLINE | STYLE_REVERSE)));
    }
    theme_free(theme);
    return 0;
}
