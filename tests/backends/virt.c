/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What needs no libvirt to answer: descriptions, URIs, aliases. */
#include "backends/support/virt.h"
#include "backends/support/domain-xml.h"

#include <criterion/criterion.h>
#include <glib/gstdio.h>
#include <string.h>

Test(domain_xml, sizes_have_units_and_an_absent_limit_is_unset)
{
    /* clang-format off */
    static const struct { const char *element; struct value hard; } cases[] = {
        {"", {.kind = VALUE_UNSET}},
        {"<hard_limit>1024</hard_limit>", {.kind = VALUE_NUMBER, .number = 1048576}},
        {"<hard_limit unit='KiB'>1024</hard_limit>", {.kind = VALUE_NUMBER, .number = 1048576}},
        {"<hard_limit unit='GiB'>2</hard_limit>", {.kind = VALUE_NUMBER, .number = 2147483648}},
        {"<hard_limit unit='MB'>2</hard_limit>", {.kind = VALUE_NUMBER, .number = 2000000}},
        {"<hard_limit unit='b'> 4096 </hard_limit>", {.kind = VALUE_NUMBER, .number = 4096}},
        {"<hard_limit unit='KiB'>9007199254740991</hard_limit>", {.kind = VALUE_UNLIMITED}},
        {"<hard_limit unit='KiB'>18446744073709551615</hard_limit>", {.kind = VALUE_UNLIMITED}},
        {"<hard_limit unit='TiB'>999999999999</hard_limit>", {.kind = VALUE_UNLIMITED}},
        {"<hard_limit unit='KiB'>0</hard_limit>", {.kind = VALUE_NUMBER}},
        {"<hard_limit unit='KiB'>much</hard_limit>", {.kind = VALUE_UNKNOWN}},
        {"<hard_limit unit='KiB'>-1</hard_limit>", {.kind = VALUE_UNKNOWN}},
        {"<hard_limit unit='parsec'>1</hard_limit>", {.kind = VALUE_UNKNOWN}},
        {"<hard_limit/>", {.kind = VALUE_UNKNOWN}},
    };
    /* clang-format on */

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text =
            g_strdup_printf("<domain type='kvm'><memory>4</memory><memtune>%s</memtune></domain>",
                            cases[i].element);
        struct domain_xml xml = {0};

        cr_assert(domain_xml_parse(text, &xml, NULL), "%s", cases[i].element);
        cr_expect_eq(xml.hard_limit.kind, cases[i].hard.kind, "%s", cases[i].element);
        cr_expect_eq(xml.hard_limit.number, cases[i].hard.number, "%s", cases[i].element);
        cr_expect_eq(xml.current.number, 4096, "without currentMemory it is memory");
        domain_xml_clear(&xml);
    }
}

Test(domain_xml, the_balloon_and_what_locks_memory)
{
    /* clang-format off */
    static const struct { const char *text; enum balloon_model balloon; bool hugepages, locked; int period; } cases[] = {
        {"<devices/>", BALLOON_UNKNOWN, false, false, -1},
        {"<devices><memballoon model='none'/></devices>", BALLOON_NONE, false, false, -1},
        {"<devices><memballoon model='xen'/></devices>", BALLOON_XEN, false, false, -1},
        {"<devices><memballoon model='virtio'/></devices>", BALLOON_VIRTIO, false, false, 0},
        {"<devices><memballoon model='virtio'><stats period='5'/></memballoon></devices>", BALLOON_VIRTIO, false, false, 5},
        {"<memoryBacking><hugepages/></memoryBacking>", BALLOON_UNKNOWN, true, false, -1},
        {"<memoryBacking><locked/></memoryBacking>", BALLOON_UNKNOWN, false, true, -1},
        {"<devices><hostdev type='usb'/></devices>", BALLOON_UNKNOWN, false, false, -1},
        {"<devices><hostdev type='pci'/></devices>", BALLOON_UNKNOWN, false, true, -1},
    };
    /* clang-format on */

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text = g_strdup_printf("<domain>%s</domain>", cases[i].text);
        struct domain_xml xml = {0};

        cr_assert(domain_xml_parse(text, &xml, NULL), "%s", cases[i].text);
        cr_expect_eq(xml.balloon, cases[i].balloon, "%s", cases[i].text);
        cr_expect_eq(xml.hugepages, cases[i].hugepages, "%s", cases[i].text);
        cr_expect_eq(xml.locked, cases[i].locked, "%s", cases[i].text);
        cr_expect_eq(xml.stats_period.kind, cases[i].period < 0 ? VALUE_UNSET : VALUE_NUMBER);
        domain_xml_clear(&xml);
    }
}

Test(domain_xml, hostile_descriptions_are_refused_and_nothing_is_fetched)
{
    static const char *const cases[] = {
        "",
        "no xml",
        "<domain>",
        "<network/>",
        "<!DOCTYPE domain [<!ENTITY a 'aaaa'>]><domain><title>&a;</title></domain>",
        "<!DOCTYPE domain SYSTEM 'file:///etc/passwd'><domain/>",
        "<!DOCTYPE d [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><domain><title>&x;</title></domain>",
    };
    g_autofree char *large = g_strnfill(17 << 20, ' ');

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        char untouched[] = "untouched";
        struct domain_xml xml = {.type = untouched};
        GError *error = NULL;

        cr_expect(!domain_xml_parse(cases[i], &xml, &error), "%s", cases[i]);
        cr_expect(error && error->domain == BACKEND_ERROR);
        cr_expect_eq(xml.type, untouched);
        g_clear_error(&error);
    }
    cr_expect(!domain_xml_parse(large, &(struct domain_xml){0}, NULL), "17 MiB");
}

Test(uri, ssh_never_reads_the_terminal)
{
    /* clang-format off */
    static const struct { const char *uri, *batch; bool local; } cases[] = {
        {"qemu:///system", "qemu:///system", true},
        {"qemu+unix:///system?socket=/run/x", "qemu+unix:///system?socket=/run/x", true},
        {"qemu+ssh://h/system", "qemu+ssh://h/system?no_tty=1", false},
        {"qemu+ssh://h/system?keyfile=k", "qemu+ssh://h/system?keyfile=k&no_tty=1", false},
        {"qemu+ssh://h/system?no_tty=0", "qemu+ssh://h/system?no_tty=0", false},
        {"qemu+tls://h/system", "qemu+tls://h/system", false},
        {"qemu://h/system", "qemu://h/system", false},
        {"lxc:///", "lxc:///", true},
        {"test:///default", "test:///default", true},
    };
    /* clang-format on */

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *batch = virt_uri_batch(cases[i].uri);

        cr_expect_str_eq(batch, cases[i].batch);
        cr_expect_eq(virt_uri_is_local(cases[i].uri), cases[i].local, "%s", cases[i].uri);
    }
}

Test(uri, what_runs_a_program_or_has_no_door_for_reading_is_not_watched)
{
    /* clang-format off */
    static const struct { const char *uri; enum watch watch; const char *why; } cases[] = {
        {"qemu:///system", WATCH_ANYBODY, NULL},
        {"lxc:///", WATCH_ANYBODY, NULL},
        {"xen+unix:///system", WATCH_ANYBODY, NULL},
        {"test:///default", WATCH_ANYBODY, NULL},
        {"qemu+ssh://h/system", WATCH_OWNER, "keys"},
        {"qemu+tls://h/system?pkipath=/p", WATCH_OWNER, "keys"},
        {"qemu+ssh://h/system?command=/bin/evil", WATCH_REFUSED, "command="},
        {"qemu+ssh://h/system?no_tty=1&command=x", WATCH_REFUSED, "command="},
        {"qemu+ssh://h/system?no_tty=1;COMMAND=x", WATCH_REFUSED, "command="},
        {"qemu+ssh://h/system?comm%61nd=x", WATCH_REFUSED, "command="},
        {"qemu+ssh://h/system?%zz=x", WATCH_REFUSED, "command="},
        {"qemu+ssh://h/system?netcat=/bin/evil", WATCH_REFUSED, "netcat="},
        {"qemu:///embed?root=/r", WATCH_REFUSED, "root="},
        {"qemu:///system?root=/r", WATCH_REFUSED, "root="},
        {"qemu+unix:///system?socket=/run/libvirt/libvirt-sock", WATCH_REFUSED, "socket="},
        {"qemu+ext://h/system", WATCH_REFUSED, "+ext"},
        {"qemu:///session", WATCH_REFUSED, "one user"},
        {"qemu+unix:///session?mode=direct", WATCH_REFUSED, "one user"},
        {"qemu:///embed", WATCH_REFUSED, "one user"},
        {"qemu+ssh://h/session", WATCH_REFUSED, "one user"},
    };
    /* clang-format on */

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const char *why = NULL;

        cr_expect_eq(virt_watch(cases[i].uri, &why), cases[i].watch, "%s", cases[i].uri);
        cr_expect(cases[i].why ? why && strstr(why, cases[i].why) : !why, "%s: %s", cases[i].uri,
                  why);
    }
}

Test(uri, aliases_are_what_libvirt_conf_says)
{
    g_autofree char *home = g_dir_make_tmp("aliases-XXXXXX", NULL);
    g_autofree char *directory = g_build_filename(home, "libvirt", NULL);
    g_autofree char *file = g_build_filename(directory, "libvirt.conf", NULL);
    /* clang-format off */
    static const struct { const char *name, *uri; } cases[] = {
        {"hail", "qemu+ssh://root@hail/system"}, {"sleet", "lxc+ssh://sleet/system?a=b"},
        {"old", NULL}, {"hai", NULL}, {"", NULL},
    };
    /* clang-format on */

    g_setenv("XDG_CONFIG_HOME", home, TRUE);
    cr_assert_eq(g_mkdir(directory, 0700), 0);
    cr_assert(
        g_file_set_contents(file,
                            "#uri_aliases = [ \"old=qemu:///x\" ]\n"
                            "uri_aliases = [\n  \"hail=qemu+ssh://root@hail/system\",\n"
                            "  # \"off=qemu:///y\"\n  \"sleet=lxc+ssh://sleet/system?a=b\",\n]\n"
                            "uri_default = \"qemu:///system\"\n",
                            -1, NULL));
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *found = virt_resolve(cases[i].name);

        cr_expect(g_strcmp0(found, cases[i].uri) == 0, "%s: %s", cases[i].name, found);
    }
    g_unlink(file);
    g_rmdir(directory);
    g_rmdir(home);
}
