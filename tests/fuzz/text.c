/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/text.h"

#include "tests/fuzz/target.h"

#include <string.h>

static void check(const char *cleaned)
{
    g_autofree char *twice = text_clean(cleaned);

    g_assert(strlen(cleaned) <= 4096);
    g_assert(g_utf8_validate(cleaned, -1, NULL));
    g_assert_cmpstr(cleaned, ==, twice);
    g_assert(text_is_clean(cleaned));
    for (const char *p = cleaned; *p; p = g_utf8_next_char(p))
        g_assert(!g_unichar_iscntrl(g_utf8_get_char(p)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *raw = g_strndup((const char *)data, size);
    g_autofree char *cleaned = text_clean(raw);
    g_autofree char *sentence = text_clean_sentence(raw);
    g_autofree char *quoted = text_shell_quote(raw);
    g_autofree char *unquoted = g_shell_unquote(quoted, NULL);

    check(cleaned);
    check(sentence);
    g_assert_cmpstr(unquoted, ==, raw);
    g_assert(text_is_clean(raw) == !strcmp(raw, cleaned));
    return 0;
}
