/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/uri-text.h"

#include <criterion/criterion.h>
#include <glib.h>
#include <stdbool.h>

Test(uri_text, a_password_is_left_out)
{
    static const char *const cases[][2] = {
        {"esx://root:secret@host/", "esx://root@host/"},
        {"esx://root:a@b@host/", "esx://root@host/"},
        {"esx://root@host/?x=a:b@c", "esx://root@host/?x=a:b@c"},
        {"lxc:///system", "lxc:///system"},
        {"alias", "alias"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *plain = uri_without_password(cases[i][0]);
        cr_expect_str_eq(plain, cases[i][1]);
    }
}

Test(uri_text, an_address_that_names_a_program_is_known)
{
    static const struct {
        const char *uri;
        bool program;
    } cases[] = {
        {"qemu:///system", false},
        {"qemu+ssh://host/system?no_tty=1&keyfile=/root", false},
        {"qemu+ext://host/system", true},
        {"qemu+ssh://host/system?command=/tmp/x", true},
        {"qemu+ssh://host/system?no_tty=1;Command=/tmp/x", true},
        {"qemu+ssh://host/system?%63ommand=/tmp/x", true},
        {"qemu+ssh://host/system?netcat=/tmp/x", true},
        {"qemu+ssh://host/system?%zz=/tmp/x", true},
        {"openvz:///system?root=/srv/ovz", true},
        {"openvz:///system", false},
        {"openvz+ssh://root@host/system", false},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        cr_expect_eq(uri_program(cases[i].uri) != NULL, cases[i].program, "%s", cases[i].uri);
}
