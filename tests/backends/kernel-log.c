/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/support/kernel-log.h"

#include <criterion/criterion.h>
#include <glib.h>

#define HEAD                                                                                       \
    "6,531,3320534779,-;oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=a,mems_allowed=0,"
#define TAIL ",task=busybox,pid=2586,uid=0\n SUBSYSTEM=x\n"

static void expect(const char *record, const char *group, const char *victim)
{
    uint64_t time_us = 0;
    g_autofree char *found = kernel_log_victim(record, group, &time_us);

    if (!victim) {
        cr_expect_null(found, "%s in %s", found, record);
        return;
    }
    cr_assert_not_null(found, "%s in %s", group, record);
    cr_expect_str_eq(found, victim);
    cr_expect_eq(time_us, 3320534779);
}

Test(kernel_log, names_the_process_that_was_killed_in_a_group_or_below_it)
{
    const char *group = "/machine/lxc-49-web.libvirt-lxc";

    expect(HEAD "oom_memcg=/machine,task_memcg=/machine/lxc-49-web.libvirt-lxc" TAIL, group,
           "busybox");
    expect(HEAD "oom_memcg=/,task_memcg=/machine/lxc-49-web.libvirt-lxc/x/y" TAIL, group,
           "busybox");
}

Test(kernel_log, knows_groups_whose_names_the_kernel_escapes)
{
    expect(
        HEAD
        "oom_memcg=/,task_memcg=/machine.slice/machine-lxc\\x5cx2d308\\x5cx2dweb1.scope/libvirt" TAIL,
        "/machine.slice/machine-lxc\\x2d308\\x2dweb1.scope/libvirt", "busybox");
}

Test(kernel_log, takes_nobody_elses_death_for_its_own)
{
    const char *group = "/machine/lxc-4-web";

    expect(HEAD "oom_memcg=/machine/lxc-4-web,task_memcg=/machine/lxc-4-web2" TAIL, group, NULL);
    expect(HEAD "oom_memcg=/machine/lxc-4-web,task_memcg=/machine" TAIL, group, NULL);
    expect(HEAD "oom_memcg=/machine/lxc-4-web" TAIL, group, NULL);
    expect("6,1,3320534779,-;somebody says oom-kill:a,task_memcg=/machine/lxc-4-web,task=x", group,
           NULL);
    expect("6,1,3320534779,-;oom-kill:a,task_memcg=/machine/lxc-4-web", group, NULL);
    expect("", group, NULL);
    expect("6,1,3;oom-kill:a,task_memcg=/machine/lxc-4-web,task=x", group, NULL);
}
