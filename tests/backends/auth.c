/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/support/auth.h"

#include <criterion/criterion.h>
#include <glib/gstdio.h>
#include <string.h>

static const char *const esx[] = {"esx", NULL};
static const char *const vpx[] = {"vpx", "esx", NULL};

static const char file_text[] = "# a comment\n"
                                "[credentials-lab]\n"
                                "username = jane\n"
                                "password=a = b # not a comment \n"
                                "\n"
                                "[credentials-any]\r\n"
                                "password=only\r\n"
                                "[auth-esx-esx-12]\n"
                                "credentials=lab\n"
                                "[auth-vpx-vc01]\n"
                                "credentials=any\n"
                                "[auth-esx-default]\n"
                                "credentials=any\n"
                                "[auth-esx-broken]\n"
                                "credentials=nosuch\n"
                                "[auth-esx-empty]\n"
                                "other=1\n";

/* clang-format off */
static const struct {
    const char *says;
    const char *const *services;
    const char *host, *user, *password, *error;
} cases[] = {
    {"the host's own section",                 esx, "esx-12", "jane", "a = b # not a comment"},
    {"another host falls back to the default", esx, "other", NULL, "only"},
    {"a vCenter's own service comes first",    vpx, "vc01", NULL, "only"},
    {"a vCenter is found as esx, as libvirt does", vpx, "esx-12", "jane", "a = b # not a comment"},
    {"credentials that are not there",         esx, "broken", .error = "[credentials-nosuch]"},
    {"a section that names none",              esx, "empty", .error = "no line credentials="},
};
/* clang-format on */

Test(auth, looks_up_as_libvirt_does)
{
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text = g_strdup(file_text);
        const char *user = "untouched", *password = "untouched";
        GError *error = NULL;
        bool ok = auth_look_up(text, cases[i].services, cases[i].host, &user, &password, &error);

        cr_assert_eq(ok, cases[i].error == NULL, "%s", cases[i].says);
        if (ok) {
            cr_expect(g_strcmp0(user, cases[i].user) == 0, "%s: %s", cases[i].says, user);
            cr_expect(g_strcmp0(password, cases[i].password) == 0, "%s: %s", cases[i].says,
                      password);
        } else {
            cr_expect_not_null(strstr(error->message, cases[i].error), "%s: %s", cases[i].says,
                               error->message);
            cr_expect_str_eq(user, "untouched", "%s", cases[i].says);
            g_error_free(error);
        }
    }
}

/* --- asking -------------------------------------------------------------------------------- */

struct person {
    struct uplink uplink;
    const char *answer;
    char *prompts;
};

static bool answer(struct uplink *uplink, const struct question *question, char **ret)
{
    struct person *person = (struct person *)uplink;
    char *prompts = g_strconcat(person->prompts != NULL ? person->prompts : "", question->prompt,
                                question->secret ? "(secret);" : ";", NULL);

    g_free(person->prompts);
    person->prompts = prompts;
    if (person->answer == NULL) {
        return false;
    }
    *ret = g_strdup(question->secret ? person->answer : "");
    return true;
}

static char *write_file(const char *text)
{
    char *path = NULL;
    int fd = g_file_open_tmp("virt-memtune-auth-XXXXXX", &path, NULL);

    cr_assert_geq(fd, 0);
    g_close(fd, NULL);
    cr_assert(g_file_set_contents(path, text, -1, NULL));
    return path;
}

/* clang-format off */
static const struct {
    const char *says, *uri_user, *host, *answer;
    const char *user, *password, *prompts;
} asking[] = {
    {"nothing is asked where the file has all", NULL, "esx-12", NULL, "jane", "a = b # not a comment", NULL},
    {"the URI's user is the file's",    "jane", "esx-12", NULL, "jane", "a = b # not a comment", NULL},
    {"the file's password of another user is not sent", "bob", "esx-12", "typed", "bob", "typed", "Password of bob on esx-12(secret);"},
    {"a password without a user is anybody's", "bob", "vc01", NULL, "bob", "only", NULL},
    {"the default user after an empty answer", NULL, "vc01", "x", "root", "only", "User name on vc01 (Enter: root);"},
    {"nobody answers",                  "bob", "esx-12", NULL, NULL, NULL, "Password of bob on esx-12(secret);"},
};
/* clang-format on */

Test(auth, asks_for_what_the_file_lacks)
{
    g_autofree char *path = write_file(file_text);

    g_unsetenv("LIBVIRT_AUTH_FILE");
    for (size_t i = 0; i < G_N_ELEMENTS(asking); i++) {
        struct person person = {.uplink = {.ask = answer}, .answer = asking[i].answer};
        struct auth_request request = {.services = vpx,
                                       .host = asking[i].host,
                                       .user = asking[i].uri_user,
                                       .default_user = "root",
                                       .file = path};
        GError *error = NULL;
        struct credentials *credentials = auth_find(&request, &person.uplink, &error);

        cr_assert_eq(credentials != NULL, asking[i].password != NULL, "%s", asking[i].says);
        if (credentials != NULL) {
            cr_expect_str_eq(credentials_user(credentials), asking[i].user, "%s", asking[i].says);
            cr_expect_str_eq(credentials_password(credentials), asking[i].password, "%s",
                             asking[i].says);
        } else {
            cr_expect_eq(error->code, BACKEND_ERROR_AUTH, "%s", asking[i].says);
            g_clear_error(&error);
        }
        cr_expect(g_strcmp0(person.prompts, asking[i].prompts) == 0, "%s: %s", asking[i].says,
                  person.prompts);
        credentials_free(credentials);
        g_free(person.prompts);
    }
    g_unlink(path);
}

Test(auth, the_environment_goes_before_the_uri_and_the_uri_before_the_users_file)
{
    g_autofree char *dir = g_dir_make_tmp("virt-memtune-auth-XXXXXX", NULL);
    g_autofree char *libvirt = g_build_filename(dir, "libvirt", NULL);
    g_autofree char *own = g_build_filename(libvirt, "auth.conf", NULL);
    g_autofree char *a = NULL, *b = NULL, *c = NULL;

    g_setenv("XDG_CONFIG_HOME", dir, TRUE);
    g_setenv("LIBVIRT_AUTH_FILE", "/from/environment", TRUE);
    cr_assert_eq(g_mkdir(libvirt, 0700), 0);
    cr_assert(g_file_set_contents(own, "", -1, NULL));
    a = auth_file("/from/uri");
    cr_expect_str_eq(a, "/from/environment");
    g_unsetenv("LIBVIRT_AUTH_FILE");
    b = auth_file("/from/uri");
    cr_expect_str_eq(b, "/from/uri");
    c = auth_file(NULL);
    cr_expect_str_eq(c, own);
    g_unlink(own);
    g_rmdir(libvirt);
    g_rmdir(dir);
}

Test(auth, a_named_file_that_cannot_be_read_is_an_error_and_a_fifo_does_not_hang)
{
    struct auth_request request = {
        .services = esx, .host = "h", .default_user = "root", .file = "/dev/zero"};
    GError *error = NULL;

    g_unsetenv("LIBVIRT_AUTH_FILE");
    cr_expect_null(auth_find(&request, NULL, &error));
    cr_expect_eq(error->code, BACKEND_ERROR_AUTH);
    cr_expect_not_null(strstr(error->message, "/dev/zero"));
    g_error_free(error);
}
