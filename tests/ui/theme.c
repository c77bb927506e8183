/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/theme.h"

#include <criterion/criterion.h>
#include <glib/gstdio.h>
#include <string.h>

static char *themes_folder(void)
{
    return g_build_filename(g_getenv("MESON_SOURCE_ROOT"), "themes", NULL);
}

Test(theme, every_shipped_theme_loads)
{
    static const struct {
        const char *name;
        int colors;
    } shipped[] = {{"default", 8},
                   {"dark", 256},
                   {"light", 256},
                   {"high-contrast", 8},
                   {"colour-blind-safe", 256},
                   {"mono", 0}};
    g_autofree char *folder = themes_folder();
    g_auto(GStrv) names = theme_names(folder);

    for (size_t i = 0; i < G_N_ELEMENTS(shipped); i++) {
        g_autoptr(GError) error = NULL;
        struct theme *theme = theme_load(shipped[i].name, folder, &error);

        cr_expect_null(error, "%s", error ? error->message : "");
        cr_expect_str_eq(theme->name, shipped[i].name);
        cr_expect_eq(theme->colors, shipped[i].colors);
        cr_expect(g_strv_contains((const char *const *)names, shipped[i].name));
        theme_free(theme);
    }
}

Test(theme, a_broken_theme_is_one_message_and_the_default)
{
    static const struct {
        const char *text, *word;
    } broken[] = {
        {"[paint]\nneeded=purple\n", "purple"},
        {"[paint]\nneeded=256\n", "256"},
        {"[paint]\nneeded=red on\n", "on"},
        {"[paint]\nneeded=red on blinking\n", "blinking"},
        {"[paint]\nneedle=red\n", "needle"},
        {"[theme]\ncolors=8\n", "paint"},
        {"[theme]\ncolors=7\n[paint]\nneeded=red\n", "0, 8, 16 or 256"},
        {"[paint]\nneeded=\xc3\x28\n", "needed"},
        {"[paint]\n\xff=red\n", "theme"},
        {"\001\002", "theme"},
    };
    g_autofree char *folder = g_dir_make_tmp("theme-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "mine.theme", NULL);

    for (size_t i = 0; i < G_N_ELEMENTS(broken); i++) {
        g_autoptr(GError) error = NULL;
        struct theme *theme;

        cr_assert(g_file_set_contents(path, broken[i].text, -1, NULL));
        theme = theme_load("mine", folder, &error);
        cr_expect_not_null(error, "%s", broken[i].text);
        cr_expect(error && strstr(error->message, broken[i].word), "%s: %s", broken[i].text,
                  error ? error->message : "");
        cr_expect_str_eq(theme->name, "default");
        theme_free(theme);
    }
    g_unlink(path);
    g_rmdir(folder);
}

/* As another user's folder is for a watch that has become nobody. */
Test(theme, a_folder_that_cannot_be_looked_into_is_passed_over)
{
    g_autofree char *folder = g_dir_make_tmp("theme-XXXXXX", NULL);
    g_autofree char *file = g_build_filename(folder, "no-folder", NULL);
    g_autoptr(GError) error = NULL;
    struct theme *theme;

    cr_assert(g_file_set_contents(file, "", 0, NULL));
    theme = theme_load("mono", file, &error);
    cr_expect_null(error, "%s", error ? error->message : "");
    cr_expect_str_eq(theme->name, "mono");
    theme_free(theme);
    g_unlink(file);
    g_rmdir(folder);
}

Test(theme, a_missing_theme_and_a_path_are_the_default)
{
    static const char *const names[] = {"no-such-theme", "../mono", "/etc/passwd"};

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autoptr(GError) error = NULL;
        struct theme *theme = theme_load(names[i], NULL, &error);

        cr_expect_not_null(error);
        cr_expect_str_eq(theme->name, "default");
        theme_free(theme);
    }
}

Test(theme, colours_and_attributes_are_read)
{
    static const char text[] = "[paint]\nneeded=bright-red on 17 bold underline\n"
                               "guest=default on blue\ndrop= \nok=reverse\n";
    g_autoptr(GError) error = NULL;
    struct theme *theme = theme_parse("x", text, strlen(text), &error);

    cr_assert_not_null(theme, "%s", error ? error->message : "");
    cr_expect_eq(theme->styles[PAINT_NEEDED].foreground, 9);
    cr_expect_eq(theme->styles[PAINT_NEEDED].background, 17);
    cr_expect_eq(theme->styles[PAINT_NEEDED].attrs, STYLE_BOLD | STYLE_UNDERLINE);
    cr_expect_eq(theme->styles[PAINT_GUEST].foreground, -1);
    cr_expect_eq(theme->styles[PAINT_GUEST].background, 4);
    cr_expect_eq(theme->styles[PAINT_DROP].attrs, 0u);
    cr_expect_eq(theme->styles[PAINT_OK].attrs, STYLE_REVERSE);
    theme_free(theme);
}
