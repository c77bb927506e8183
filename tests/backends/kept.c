/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a domain's metadata keep for its next start. */
#include "backends/support/kept.h"

#include "backends/hook.h"

#include <criterion/criterion.h>
#include <string.h>
#include <unistd.h>

#define OPEN "<memtune:settings xmlns:memtune='" KEPT_NAMESPACE "'>"
#define CLOSE "</memtune:settings>"

struct case_ {
    const char *xml;
    bool readable;
    struct value swappiness, low, swap_max;
};

#define UNSET {.kind = VALUE_UNSET}
#define NUMBER(n) {.kind = VALUE_NUMBER, .number = (n)}
#define UNLIMITED {.kind = VALUE_UNLIMITED}

/* clang-format off */
static const struct case_ cases[] = {
    {NULL, true, UNSET, UNSET, UNSET},
    {"", true, UNSET, UNSET, UNSET},
    {"<domain><metadata/></domain>", true, UNSET, UNSET, UNSET},
    {"<domain/>", true, UNSET, UNSET, UNSET},
    {"<settings><swappiness>10</swappiness></settings>", true, NUMBER(10), UNSET, UNSET},
    {OPEN "<memtune:swappiness>0</memtune:swappiness><memtune:swap_max>max</memtune:swap_max>" CLOSE, true, NUMBER(0), UNSET, UNLIMITED},
    {"<domain type='lxc'><name>a</name><metadata>" OPEN "<memtune:low> 1073741824 </memtune:low>" CLOSE "</metadata></domain>", true, UNSET, NUMBER(1073741824), UNSET},
    {"<domain><metadata><other:settings xmlns:other='urn:other'><other:low>5</other:low></other:settings></metadata></domain>", true, UNSET, UNSET, UNSET},
    {"<domain><devices>" OPEN "<memtune:low>5</memtune:low>" CLOSE "</devices></domain>", true, UNSET, UNSET, UNSET},
    {"<settings><future>1</future><low>2</low></settings>", true, UNSET, NUMBER(2), UNSET},
    {"<settings><low>x</low></settings>", false, UNSET, UNSET, UNSET},
    {"<settings><low>-1</low></settings>", false, UNSET, UNSET, UNSET},
    {"<settings><low></low></settings>", false, UNSET, UNSET, UNSET},
    {"<settings><low>99999999999999999999999</low></settings>", false, UNSET, UNSET, UNSET},
    {"<settings>", false, UNSET, UNSET, UNSET},
    {"junk", false, UNSET, UNSET, UNSET},
    {"<!DOCTYPE a [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><settings><low>&e;</low></settings>", false, UNSET, UNSET, UNSET},
};
/* clang-format on */

Test(kept, is_read_from_metadata_or_from_a_whole_domain_and_from_nowhere_else)
{
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct kept kept;
        GError *error = NULL;
        bool done = kept_parse(cases[i].xml, &kept, &error);
        cr_expect_eq(done, cases[i].readable, "case %zu: %s", i, error ? error->message : "");
        cr_expect_eq(error == NULL, done, "case %zu", i);
        g_clear_error(&error);
        if (done) {
            cr_expect(value_equal(kept.items[CGROUP_SWAPPINESS], cases[i].swappiness), "case %zu", i);
            cr_expect(value_equal(kept.items[CGROUP_LOW], cases[i].low), "case %zu", i);
            cr_expect(value_equal(kept.items[CGROUP_SWAP_MAX], cases[i].swap_max), "case %zu", i);
        }
    }
}

Test(kept, reads_what_it_wrote_and_writes_nothing_for_nothing)
{
    struct kept kept, again;

    kept_clear(&kept);
    cr_assert_null(kept_format(&kept));
    kept.items[CGROUP_SWAPPINESS] = value_number(10);
    kept.items[CGROUP_SWAP_HIGH] = value_unlimited();
    kept.items[CGROUP_MIN] = value_number(UINT64_MAX);
    g_autofree char *xml = kept_format(&kept);
    cr_assert(kept_parse(xml, &again, NULL), "%s", xml);
    for (const struct kept_name *row = kept_names; row->name; row++) {
        cr_expect(value_equal(kept.items[row->item], again.items[row->item]), "%s", row->name);
    }
}

Test(kept, the_hook_acts_on_started_begin_only_and_always_ends_well)
{
    g_autofree char *text = hook_text("lxc", "/opt/a b/virt-memtune");
    g_autofree char *path = hook_path("qemu");

    cr_assert(strstr(text, "started begin"));
    cr_assert(strstr(text, "timeout 5 '/opt/a b/virt-memtune' restore --hook lxc \"$1\""), "%s", text);
    cr_assert(g_str_has_suffix(text, "exit 0\n"));
    cr_assert_str_eq(path, "/etc/libvirt/hooks/qemu.d/virt-memtune");
}

Test(kept, a_domain_without_anything_kept_needs_no_group)
{
    int ends[2];
    GError *error = NULL;

    cr_assert_eq(pipe(ends), 0);
    cr_assert_eq(write(ends[1], "<domain/>", 9), 9);
    close(ends[1]);
    cr_assert(hook_restore("lxc", "nobody", ends[0], &error), "%s", error ? error->message : "");
    close(ends[0]);
    cr_assert_not(hook_restore("vmware", "nobody", 0, &error));
    g_clear_error(&error);
}
