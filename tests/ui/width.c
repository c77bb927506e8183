/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/width.h"

#include <criterion/criterion.h>
#include <locale.h>

/* clang-format off */
static const struct {
    const char *what, *text;
    unsigned columns;
    const char *middle;
} cases[] = {
    {"short names stay", "web1", 20, "web1"},
    {"a quarter head and three quarters tail", "prod-postgres-primary-eu-west-1a", 20, "prod-~ary-eu-west-1a"},
    {"another", "build-arm64-nightly-runner-shared", 20, "build~-runner-shared"},
    {"exactly as wide", "12345678", 8, "12345678"},
    {"one too wide", "123456789", 8, "12~56789"},
    {"too narrow for a middle", "123456789", 3, "~89"},
    {"wide characters take two columns", "\xe4\xb8\xad\xe6\x96\x87\xe4\xb8\xad\xe6\x96\x87", 8, "\xe4\xb8\xad\xe6\x96\x87\xe4\xb8\xad\xe6\x96\x87"},
    {"and are never halved", "\xe4\xb8\xad\xe6\x96\x87\xe4\xb8\xad\xe6\x96\x87\xe4\xb8\xad", 8, "\xe4\xb8\xad~\xe6\x96\x87\xe4\xb8\xad"},
};
/* clang-format on */

Test(width, names_are_cut_in_the_middle)
{
    setlocale(LC_ALL, "C.UTF-8");
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *out = width_cut_middle(cases[i].text, (int)cases[i].columns);
        cr_expect_str_eq(out, cases[i].middle, "%s: %s", cases[i].what, out);
        cr_expect(width_of(out) <= (int)cases[i].columns, "%s", cases[i].what);
    }
}
