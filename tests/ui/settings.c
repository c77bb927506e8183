/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/settings.h"

#include <criterion/criterion.h>
#include <glib/gstdio.h>
#include <string.h>

#define SETTINGS "[settings]\n"

struct layers {
    const char *what, *site, *user;
    gboolean read_only;
    double delay;
    const char *sort;
    guint messages;
};

/* clang-format off */
static const struct layers cases[] = {
    {"nothing is set by default", "", "", FALSE, 0, NULL, 0},
    {"the site's value", SETTINGS "delay=5\n", "", FALSE, 5, NULL, 0},
    {"the user's goes over it", SETTINGS "delay=5\n", SETTINGS "delay=7\n", FALSE, 7, NULL, 0},
    {"an empty text takes it back", SETTINGS "sort=held\n", SETTINGS "sort=\n", FALSE, 0, NULL, 0},
    {"the user may choose to watch", "", SETTINGS "read_only=true\n", TRUE, 0, NULL, 0},
    {"nothing relaxes the site's read_only", SETTINGS "read_only=true\n", SETTINGS "read_only=false\n", TRUE, 0, NULL, 0},
    {"a site's read_only that is not understood is meant", SETTINGS "read_only=yes please\n", SETTINGS "read_only=false\n", TRUE, 0, NULL, 1},
    {"a site's file that is none may have meant it", "junk\n", "", TRUE, 0, NULL, 1},
    {"a user's file that is none counts as empty", "", "junk\n", FALSE, 0, NULL, 1},
    {"a wrong line is one message, the others count", "", SETTINGS "delay=0.1\nsort=held\n", FALSE, 0, "held", 1},
    {"a wrong value leaves the site's", SETTINGS "sort=held\n", SETTINGS "sort=nosuch\n", FALSE, 0, "held", 1},
    {"every text of a file is freed", SETTINGS "header=0\ncolumns=name\ntheme=mono\nfilter=web\nbars=host\nunits=MiB\nstamp=true\nconnect=a;b\n", "", FALSE, 0, NULL, 0},
    {"a word that is none", "", SETTINGS "bars=walls\nunits=GiB\n", FALSE, 0, NULL, 1},
    {"no such setting", "", SETTINGS "colour=red\n", FALSE, 0, NULL, 1},
    {"no such group", "", "[Settings]\ndelay=5\n", FALSE, 0, NULL, 1},
};
/* clang-format on */

Test(settings, layers)
{
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const struct layers *c = &cases[i];
        struct settings settings = {0};
        g_autoptr(GPtrArray) messages = g_ptr_array_new_with_free_func(g_free);
        settings_read_text(&settings, c->site, strlen(c->site), "site", true, messages);
        settings_read_text(&settings, c->user, strlen(c->user), "user", false, messages);
        cr_expect_eq(settings.read_only, c->read_only, "%s", c->what);
        cr_expect_eq(settings.delay, c->delay, "%s: %g", c->what, settings.delay);
        cr_expect_eq(g_strcmp0(settings.sort, c->sort), 0, "%s: %s", c->what, settings.sort);
        cr_expect_eq(messages->len, c->messages, "%s: %u messages", c->what, messages->len);
        settings_clear(&settings);
    }
}

Test(settings, what_is_written_is_read_and_comments_stay)
{
    g_autofree char *folder = g_dir_make_tmp("settings-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "deep", "settings.conf", NULL);
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL;
    struct settings settings = {0};
    cr_assert(settings_write(path, "delay", "5", &error), "%s", error ? error->message : "");
    cr_assert(g_file_set_contents(path, "# mine\n" SETTINGS "delay=5\n", -1, NULL));
    cr_assert(settings_write(path, "sort", "-held", &error));
    cr_assert(settings_write(path, "delay", NULL, &error));
    cr_assert(g_file_get_contents(path, &text, NULL, NULL));
    cr_expect(g_str_has_prefix(text, "# mine\n"), "%s", text);
    settings_read(&settings, path, false, NULL);
    cr_expect_str_eq(settings.sort, "-held");
    cr_expect_eq(settings.delay, 0);
    settings_clear(&settings);
    g_unlink(path);
    g_autofree char *deep = g_path_get_dirname(path);
    g_rmdir(deep);
    g_rmdir(folder);
}

Test(settings, a_file_that_cannot_be_parsed_is_not_overwritten)
{
    g_autofree char *folder = g_dir_make_tmp("settings-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "settings.conf", NULL);
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL;
    cr_assert(g_file_set_contents(path, "precious junk\n", -1, NULL));
    cr_expect(!settings_write(path, "delay", "5", &error));
    cr_expect(error && strstr(error->message, "left as it is"));
    cr_assert(g_file_get_contents(path, &text, NULL, NULL));
    cr_expect_str_eq(text, "precious junk\n");
    g_unlink(path);
    g_rmdir(folder);
}

Test(settings, the_site_alone_says_that_no_other_host_may_be_connected_to)
{
    static const char text[] = SETTINGS "connect=lxc:///system;qemu:///system\nconnect_only=true\n";
    struct settings settings = {0};

    settings_read_text(&settings, text, strlen(text), "user", false, NULL);
    cr_assert_null(settings.pinned);
    settings_clear(&settings);
    settings_read_text(&settings, text, strlen(text), "site", true, NULL);
    settings_read_text(&settings, SETTINGS "connect=test:///default\n",
                       strlen(SETTINGS "connect=test:///default\n"), "user", false, NULL);
    cr_assert_not_null(settings.pinned);
    cr_assert_str_eq(settings.pinned[0], "lxc:///system");
    cr_assert_eq(g_strv_length(settings.pinned), 2);
    settings_clear(&settings);
}

Test(settings, what_the_site_forbids_the_user_cannot_allow)
{
    static const char site[] = SETTINGS "no_uri_programs=true\n";
    static const char user[] = SETTINGS "no_uri_programs=false\n";
    struct settings settings = {0};

    settings_read_text(&settings, user, strlen(user), "user", false, NULL);
    cr_expect(!settings.no_uri_programs);
    settings_read_text(&settings, site, strlen(site), "site", true, NULL);
    settings_read_text(&settings, user, strlen(user), "user", false, NULL);
    cr_expect(settings.no_uri_programs);
    settings_clear(&settings);
}

Test(settings, a_restriction_of_the_site_that_is_not_understood_means_watching)
{
    static const char *const keys[] = {"read_only", "connect_only", "no_uri_programs"};

    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
        g_autofree char *text = g_strdup_printf(SETTINGS "%s=yes, please\n", keys[i]);
        struct settings settings = {0};

        settings_read_text(&settings, text, strlen(text), "site", true, NULL);
        cr_expect(settings.read_only_by_site, "%s", keys[i]);
        settings_clear(&settings);
    }
}

Test(settings, a_countdown_has_its_own_least)
{
    static const struct {
        const char *text;
        double seconds;
    } times[] = {{"15", 15}, {"3600", 3600}, {"14", 0}, {"3601", 0}, {"nan", 0}, {"a minute", 0}};

    for (size_t i = 0; i < G_N_ELEMENTS(times); i++) {
        g_autofree char *text = g_strdup_printf(SETTINGS "countdown=%s\n", times[i].text);
        struct settings settings = {0};

        settings_read_text(&settings, text, strlen(text), "user", false, NULL);
        cr_expect_eq(settings.countdown, times[i].seconds, "%s", times[i].text);
        settings_clear(&settings);
    }
}
