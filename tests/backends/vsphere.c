/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/vsphere.h"

#include "model/changeset.h"
#include "model/checks.h"

#include <criterion/criterion.h>
#include <string.h>

#define ENVELOPE(body)                                                                             \
    "<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\" "                           \
    "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><e:Body><R><returnval>" body          \
    "</returnval></R></e:Body></e:Envelope>"
#define OBJECT(type, id, properties)                                                               \
    "<objects><obj type=\"" type "\">" id "</obj>" properties "</objects>"
#define P(name, value) "<propSet><name>" name "</name><val>" value "</val></propSet>"
#define ALLOCATION(reservation, limit, shares, level)                                              \
    "<reservation>" reservation "</reservation><limit>" limit "</limit><shares><shares>" shares    \
    "</shares><level>" level "</level></shares>"
#define MIB(n) ((uint64_t)(n) << 20)

/* One host, a pool in a pool, three machines: one runs, one is a template, one is out of reach. */
/* clang-format off */
static const char page[] = ENVELOPE(
    OBJECT("HostSystem", "host-9", P("name", "esx-12") P("parent", "domain-c7")
           P("hardware.memorySize", "274877906944") P("summary.quickStats.overallMemoryUsage", "1024"))
    OBJECT("ClusterComputeResource", "domain-c7", P("name", "Cluster%2f1"))
    OBJECT("ResourcePool", "resgroup-8", P("name", "Resources") P("parent", "domain-c7"))
    OBJECT("ResourcePool", "resgroup-20", P("name", "Prod") P("parent", "resgroup-8")
           P("config.memoryAllocation", ALLOCATION("0", "8192", "163840", "normal"))
           P("runtime.memory", "<reservationUsed>0</reservationUsed><unreservedForVm>3221225472</unreservedForVm><overallUsage>4294967296</overallUsage>"))
    OBJECT("VirtualApp", "resgroup-v21", P("name", "App%25") P("parent", "resgroup-20"))
    OBJECT("VirtualMachine", "vm-42",
           P("name", "a%2fb%5c\xc3\xa4") P("config.instanceUuid", "502e71fa-1a00-759b-e40f-ce778e915f16")
           P("config.changeVersion", "v1") P("config.hardware.memoryMB", "4096")
           P("config.memoryAllocation", ALLOCATION("1024", "2048", "40960", "normal"))
           P("config.memoryReservationLockedToMax", "false") P("config.memoryHotAddEnabled", "true")
           P("config.hotPlugMemoryIncrementSize", "128") P("config.hotPlugMemoryLimit", "16384")
           P("runtime.powerState", "poweredOn") P("runtime.connectionState", "connected")
           P("runtime.host", "host-9") P("resourcePool", "resgroup-v21")
           P("summary.quickStats", "<overallCpuUsage>3</overallCpuUsage><guestMemoryUsage>512</guestMemoryUsage><hostMemoryUsage>1900</hostMemoryUsage><balloonedMemory>96</balloonedMemory><compressedMemory>2048</compressedMemory><swappedMemory>0</swappedMemory>")
           P("config.extraConfig", "<OptionValue><key>nvram</key><value>x</value></OptionValue><OptionValue><key>sched.mem.maxmemctl</key><value>256</value></OptionValue>")
           P("something.nobody.asked.for", "1"))
    OBJECT("VirtualMachine", "vm-43", P("name", "template") P("config.template", "true")
           P("config.hardware.memoryMB", "1024") P("runtime.powerState", "poweredOff")
           P("runtime.connectionState", "connected"))
    OBJECT("VirtualMachine", "vm-44", P("name", "lost") P("runtime.connectionState", "inaccessible")
           "<missingSet><path>config</path><fault><fault xsi:type=\"NoPermission\"/></fault></missingSet>")
    OBJECT("Datastore", "datastore-3", P("name", "disk"))
    "<token>more</token>");
/* clang-format on */

struct scene {
    struct vsphere vsphere;
    struct snapshot *snapshot;
};

static xmlNode *parse(const char *text, struct soap_reply *reply)
{
    struct soap_fault fault = {0};
    GError *error = NULL;

    cr_assert(soap_parse(text, strlen(text), reply, &fault, &error), "%s",
              error != NULL ? error->message : "");
    return soap_child(reply->response, "returnval");
}

static void draw(struct scene *scene)
{
    struct snapshot_builder *builder =
        snapshot_builder_new(&esx_backend, 0, "vpx://vc01/", scene->snapshot);

    picture_draw(&scene->vsphere, builder);
    snapshot_unref(scene->snapshot);
    scene->snapshot = snapshot_builder_finish(builder);
}

static void scene_init(struct scene *scene)
{
    struct soap_reply reply = {0};
    char *token = NULL;

    memset(scene, 0, sizeof *scene);
    scene->vsphere.uri.vcenter = true;
    scene->vsphere.uri.host = (char *)"vc01";
    inventory_init(&scene->vsphere.inventory);
    cr_assert(inventory_take_page(&scene->vsphere.inventory, parse(page, &reply), &token));
    cr_expect_str_eq(token, "more");
    g_free(token);
    soap_reply_clear(&reply);
    draw(scene);
}

static void scene_clear(struct scene *scene)
{
    snapshot_unref(scene->snapshot);
    inventory_clear(&scene->vsphere.inventory);
}

static const struct domain *find(const struct scene *scene, const char *name)
{
    for (size_t i = 0; i < scene->snapshot->n_domains; i++) {
        if (strcmp(scene->snapshot->domains[i].identity->raw_name, name) == 0) {
            return &scene->snapshot->domains[i];
        }
    }
    cr_assert_fail("no domain %s", name);
    return NULL;
}

/* The numbers of the schema are 32 or 64 bits wide; what a server sends need not make sense. */
Test(vsphere, numbers_beyond_all_sense_are_unknown)
{
    static const char *const numbers[] = {"9223372036854775807",
                                          "9223372036854775808",
                                          "-9223372036854775808",
                                          "17592186044416",
                                          "-2",
                                          "",
                                          "1e9"};

    for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++) {
        g_autofree char *text = g_strdup_printf(
            ENVELOPE(OBJECT("HostSystem", "host-9",
                            P("hardware.memorySize", "%1$s")
                                P("summary.quickStats.overallMemoryUsage", "%1$s"))
                         OBJECT("VirtualMachine", "vm-42",
                                P("name", "odd") P("config.hardware.memoryMB", "%1$s") P(
                                    "config.memoryAllocation",
                                    ALLOCATION("%1$s", "%1$s", "%1$s", "normal"))
                                    P("runtime.powerState", "poweredOn") P("runtime.host", "host-9")
                                        P("summary.quickStats",
                                          "<hostMemoryUsage>%1$s</hostMemoryUsage>"))),
            numbers[i]);
        struct scene scene;
        struct reconfigure reconfigure;
        struct soap_reply reply = {0};
        g_autofree char *token = NULL;
        const struct domain *vm;

        scene_init(&scene);
        cr_assert(inventory_take_page(&scene.vsphere.inventory, parse(text, &reply), &token));
        soap_reply_clear(&reply);
        draw(&scene);
        vm = find(&scene, "odd");
        cr_expect_eq(vm->settings[ROW_SIZE].live.kind, VALUE_UNKNOWN, "size %s", numbers[i]);
        cr_expect_eq(vm->settings[ROW_RESERVATION].live.kind, VALUE_UNKNOWN, "%s", numbers[i]);
        cr_expect_eq(vm->settings[ROW_LIMIT].live.kind, VALUE_UNKNOWN, "limit %s", numbers[i]);
        cr_expect_eq(vm->figures[SEEN_HELD].kind, VALUE_UNKNOWN, "consumed %s", numbers[i]);
        cr_expect_eq(scene.snapshot->host.available.kind, VALUE_UNKNOWN, "host %s", numbers[i]);
        reconfigure_merge(inventory_find(&scene.vsphere.inventory, "vm-42"), NULL, 0, &reconfigure);
        scene_clear(&scene);
    }
}

Test(vsphere, shows_a_machine_as_the_server_has_it)
{
    struct scene scene;
    const struct domain *vm;

    scene_init(&scene);
    cr_expect_eq(scene.snapshot->n_domains, 3);
    vm = find(&scene, "a/b\\\xc3\xa4");
    cr_expect_eq(vm->identity->state, DOMAIN_RUNNING);
    cr_expect_str_eq(vm->identity->parents, "Cluster%2f1/esx-12/Prod/App%");
    cr_expect_str_eq(vm->identity->native_id, "502e71fa-1a00-759b-e40f-ce778e915f16");
    cr_expect_eq(vm->identity->key.id[0], 0x50);
    cr_expect_eq(vm->identity->key.id[15], 0x16);
    cr_expect(value_equal(vm->settings[ROW_SIZE].live, value_number(MIB(4096))));
    cr_expect(value_equal(vm->settings[ROW_RESERVATION].live, value_number(MIB(1024))));
    cr_expect(value_equal(vm->settings[ROW_LIMIT].live, value_number(MIB(2048))));
    cr_expect(value_equal(vm->settings[ROW_SHARES].live, value_choice(SHARES_NORMAL, 40960)));
    cr_expect(value_equal(vm->settings[ROW_LOCKED].live, value_choice(0, 0)));
    cr_expect(value_equal(vm->settings[ROW_BALLOON_MAX].live, value_number(MIB(256))));
    cr_expect(value_equal(vm->figures[SEEN_HELD], value_number(MIB(1900))));
    cr_expect(value_equal(vm->figures[SEEN_GUEST], value_number(MIB(512))));
    cr_expect(value_equal(vm->figures[SEEN_COMPRESSED], value_number(MIB(2))), "compressed is KiB");
    cr_expect(value_equal(vm->figures[SEEN_SIZE], value_number(MIB(4000))));
    cr_expect_eq(vm->figures[SEEN_SHARED].kind, VALUE_UNKNOWN, "what is not reported is not 0");
    cr_assert_eq(vm->n_walls, 2);
    cr_expect_str_eq(vm->walls[0].owner, "pool Prod");
    cr_expect_eq(vm->walls[0].limit, MIB(8192));
    cr_expect_eq(vm->walls[0].needed, MIB(4096));
    cr_expect_eq(vm->walls[0].kind, WALL_SLOWS);
    cr_expect_str_eq(vm->walls[1].owner, "host esx-12");
    cr_expect(value_equal(scene.snapshot->host.available, value_number(MIB(262144 - 1024))));
    scene_clear(&scene);
}

Test(vsphere, lists_templates_and_lost_machines_with_the_reason_and_never_tunes_them)
{
    static const struct {
        const char *name, *code;
        enum domain_state state;
    } cases[] = {
        {"template", "template: ", DOMAIN_TEMPLATE},
        {"lost", "inaccessible: ", DOMAIN_INACCESSIBLE},
    };
    struct scene scene;

    scene_init(&scene);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const struct domain *vm = find(&scene, cases[i].name);

        cr_expect_eq(vm->identity->state, cases[i].state, "%s", cases[i].name);
        for (unsigned row = 0; row < ROW_COUNT_; row++) {
            cr_expect_eq(vm->settings[row].writable, 0, "%s", cases[i].name);
            cr_expect(g_str_has_prefix(vm->settings[row].why_not, cases[i].code), "%s",
                      cases[i].name);
        }
        cr_expect_neq(vm->figures[SEEN_HELD].kind, VALUE_NUMBER, "%s", cases[i].name);
    }
    cr_expect_str_eq(find(&scene, "lost")->settings[ROW_LIMIT].live.reason,
                     "no_permission: this user may not read it");
    scene_clear(&scene);
}

/* --- changes ------------------------------------------------------------------------------- */

static const char changes[] = ENVELOPE(
    "<version>7</version><filterSet><filter type=\"PropertyFilter\">f</filter>"
    "<objectSet><kind>modify</kind><obj type=\"VirtualMachine\">vm-42</obj>"
    "<changeSet><name>runtime.powerState</name><op>assign</op><val>poweredOff</val></changeSet>"
    "<changeSet><name>name</name><op>assign</op><val>renamed</val></changeSet>"
    "<changeSet><name>resourcePool</name><op>assign</op><val>resgroup-20</val></changeSet>"
    "<changeSet><name>config.memoryReservationLockedToMax</name><op>remove</op></changeSet>"
    "</objectSet><objectSet><kind>leave</kind><obj type=\"VirtualMachine\">vm-43</obj></objectSet>"
    "<objectSet><kind>enter</kind><obj type=\"VirtualMachine\">vm-50</obj><changeSet><name>name"
    "</name><op>assign</op><val>new</val></changeSet></objectSet></filterSet>"
    "<truncated>true</truncated>");

Test(vsphere, follows_what_is_renamed_moved_switched_off_removed_or_new)
{
    static const char no_end[] = ENVELOPE("<version>7</version><truncated>true</truncated>");
    struct soap_reply reply = {0}, empty = {0};
    char *version = g_strdup("6");
    const struct domain *vm;
    struct scene scene;

    scene_init(&scene);
    cr_expect(inventory_take_updates(&scene.vsphere.inventory, parse(changes, &reply), &version),
              "truncated: more waits");
    cr_expect_str_eq(version, "7");
    draw(&scene);
    vm = find(&scene, "renamed");
    cr_expect_eq(vm->identity->state, DOMAIN_OFF);
    cr_expect_str_eq(vm->identity->parents, "Cluster%2f1/esx-12/Prod");
    cr_expect_eq(vm->figures[SEEN_HELD].kind, VALUE_UNSUPPORTED);
    cr_expect(value_equal(vm->settings[ROW_LIMIT].live, value_number(MIB(2048))),
              "what did not change stays");
    cr_expect_eq(find(&scene, "template")->identity->state, DOMAIN_GONE);
    cr_expect_neq(find(&scene, "new")->identity->state, DOMAIN_GONE);
    cr_expect_not(inventory_take_updates(&scene.vsphere.inventory, NULL, &version));
    cr_expect_str_eq(version, "7", "nothing new keeps the version");
    cr_expect_not(inventory_take_updates(&scene.vsphere.inventory, parse(no_end, &empty), &version),
                  "more of nothing is not waited for");
    soap_reply_clear(&empty);
    g_free(version);
    soap_reply_clear(&reply);
    scene_clear(&scene);
}

Test(vsphere, machines_that_share_a_uuid_stay_two)
{
    static const char twins[] = ENVELOPE(
        OBJECT("VirtualMachine", "1",
               P("name", "one") P("config.instanceUuid", "502e71fa-1a00-759b-e40f-ce778e915f16"))
            OBJECT("VirtualMachine", "2",
                   P("name", "two")
                       P("config.instanceUuid", "502e71fa-1a00-759b-e40f-ce778e915f16")));
    struct soap_reply reply = {0};
    struct scene scene;
    char *token = NULL;
    const struct domain *one, *two;

    scene_init(&scene);
    inventory_take_page(&scene.vsphere.inventory, parse(twins, &reply), &token);
    cr_expect_null(token);
    draw(&scene);
    one = find(&scene, "one");
    two = find(&scene, "two");
    cr_expect_not(domain_key_equal(&one->identity->key, &two->identity->key));
    cr_expect_str_eq(picture_find(&scene.vsphere, two->identity->key.id), "2");
    soap_reply_clear(&reply);
    scene_clear(&scene);
}

Test(vsphere, a_session_that_ended_is_noticed_where_a_server_only_withholds)
{
    static const char withheld[] = ENVELOPE(OBJECT(
        "VirtualMachine", "vm-42",
        "<missingSet><path>name</path><fault><fault xsi:type=\"NotAuthenticated\"/></fault></missingSet>"));
    struct soap_reply reply = {0};
    struct scene scene;
    char *token = NULL;

    scene_init(&scene);
    cr_expect_not(inventory_take_page(&scene.vsphere.inventory, parse(withheld, &reply), &token));
    soap_reply_clear(&reply);
    scene_clear(&scene);
}

/* --- writing ------------------------------------------------------------------------------- */

/* "limit=none shares=high" into changes of vm-42. */
static GArray *edits(const struct scene *scene, const struct domain *vm, const char *text)
{
    g_auto(GStrv) words = g_strsplit(text, " ", -1);
    GArray *list = g_array_new(FALSE, TRUE, sizeof(struct change));

    for (char **word = words; *word != NULL; word++) {
        char *equals = strchr(*word, '=');
        GError *error = NULL;

        *equals = '\0';
        cr_assert(change_parse(scene->snapshot, vm, *word, equals + 1, SCOPE_BOTH, list, &error),
                  "%s: %s", text, error != NULL ? error->message : "");
    }
    return list;
}

#define ALL                                                                                        \
    "<memoryAllocation><reservation>%s</reservation><limit>%s</limit><shares><shares>%s</shares><level>%s</level></shares></memoryAllocation>"

/* clang-format off */
static const struct {
    const char *says, *edits, *reservation, *limit, *shares, *level, *before, *after, *command;
} writes[] = {
    {"a limit alone carries the whole allocation", "limit=3G", "1024", "3072", "40960", "normal", "<changeVersion>v1</changeVersion>", "",
     "Get-VM -Name 'a/b\\\xc3\xa4' | Get-VMResourceConfiguration | Set-VMResourceConfiguration -MemLimitMB 3072"},
    {"no limit is -1", "limit=none", "1024", "-1", "40960", "normal", "<changeVersion>v1</changeVersion>", "",
     "Get-VM -Name 'a/b\\\xc3\xa4' | Get-VMResourceConfiguration | Set-VMResourceConfiguration -MemLimitMB $null"},
    {"a level", "shares=high", "1024", "2048", "81920", "high", "<changeVersion>v1</changeVersion>", "",
     "Get-VM -Name 'a/b\\\xc3\xa4' | Get-VMResourceConfiguration | Set-VMResourceConfiguration -MemSharesLevel High"},
    {"a number is custom", "shares=1234", "1024", "2048", "1234", "custom", "<changeVersion>v1</changeVersion>", "",
     "Get-VM -Name 'a/b\\\xc3\xa4' | Get-VMResourceConfiguration | Set-VMResourceConfiguration -MemSharesLevel Custom -NumMemShares 1234"},
    {"libvirt's name of the reservation", "min_guarantee=1G limit=none", "1024", "-1", "40960", "normal", "<changeVersion>v1</changeVersion>", "",
     "Get-VM -Name 'a/b\\\xc3\xa4' | Get-VMResourceConfiguration | Set-VMResourceConfiguration -MemReservationMB 1024 -MemLimitMB $null"},
    {"locked, the reservation follows the new size", "size=8G reservation_locked=yes limit=none", "8192", "-1", "81920", "normal",
     "<changeVersion>v1</changeVersion><memoryMB>8192</memoryMB>", "<memoryReservationLockedToMax>true</memoryReservationLockedToMax>",
     "Get-VM -Name 'a/b\\\xc3\xa4' | Set-VM -MemoryMB 8192 -Confirm:$false; Get-VM -Name 'a/b\\\xc3\xa4' | Get-VMResourceConfiguration | Set-VMResourceConfiguration -MemLimitMB $null; "
     "(Get-VM -Name 'a/b\\\xc3\xa4').ExtensionData.ReconfigVM((New-Object VMware.Vim.VirtualMachineConfigSpec -Property @{MemoryReservationLockedToMax=$true}))"},
    {"a balloon ceiling", "balloon_max=512M", "1024", "2048", "40960", "normal", "<changeVersion>v1</changeVersion>",
     "<extraConfig xsi:type=\"OptionValue\"><key>sched.mem.maxmemctl</key><value xsi:type=\"xsd:string\">512</value></extraConfig>",
     "Get-VM -Name 'a/b\\\xc3\xa4' | New-AdvancedSetting -Name sched.mem.maxmemctl -Value 512 -Force -Confirm:$false"},
    {"and its end", "balloon_max=unset", "1024", "2048", "40960", "normal", "<changeVersion>v1</changeVersion>",
     "<extraConfig xsi:type=\"OptionValue\"><key>sched.mem.maxmemctl</key><value xsi:type=\"xsd:string\"></value></extraConfig>",
     "Get-VM -Name 'a/b\\\xc3\xa4' | Get-AdvancedSetting -Name sched.mem.maxmemctl | Remove-AdvancedSetting -Confirm:$false"},
};
/* clang-format on */

Test(vsphere, one_call_carries_all_of_the_allocation_and_the_change_version)
{
    struct scene scene;
    const struct domain *vm;

    scene_init(&scene);
    vm = find(&scene, "a/b\\\xc3\xa4");
    for (size_t i = 0; i < G_N_ELEMENTS(writes); i++) {
        g_autoptr(GArray) list = edits(&scene, vm, writes[i].edits);
        const struct change *data = (const struct change *)(void *)list->data;
        const struct entity *entity = inventory_find(&scene.vsphere.inventory, "vm-42");
        g_autofree char *wanted =
            g_strdup_printf("<spec>%s" ALL "%s</spec>", writes[i].before, writes[i].reservation,
                            writes[i].limit, writes[i].shares, writes[i].level, writes[i].after);
        struct step_list *steps = step_list_new();
        struct reconfigure reconfigure;
        struct soap_request *request;
        size_t size;

        reconfigure_merge(entity, data, list->len, &reconfigure);
        request = reconfigure_request(entity, &reconfigure);
        cr_expect_not_null(strstr(soap_request_finish(request, &size), wanted), "%s: %s\nin %s",
                           writes[i].says, wanted, soap_request_finish(request, &size));
        soap_request_free(request);
        cr_assert(reconfigure_plan(scene.snapshot, vm, data, list->len, steps, NULL));
        cr_assert_eq(step_list_count(steps), 1, "%s", writes[i].says);
        cr_expect_str_eq(step_list_get(steps, 0)->command, writes[i].command, "%s", writes[i].says);
        step_list_free(steps);
    }
    scene_clear(&scene);
}

/* clang-format off */
static const struct {
    const char *says, *edits, *code, *part;
    enum severity severity;
} checked[] = {
    {"a running machine does not shrink",  "size=2G", "shrink_running", "power off first", SEVERITY_REFUSE},
    {"it grows with hot-add",              "size=8G limit=none", NULL, NULL, 0},
    {"by its step",                        "size=4228M limit=none", "hot_add_step", "multiples of 128 MiB", SEVERITY_REFUSE},
    {"to its limit",                       "size=32G limit=none", "hot_add_limit", "ends at 16 GiB", SEVERITY_REFUSE},
    {"a reservation above the limit",      "reservation=3G", "guarantee_above_limit", "above the limit", SEVERITY_REFUSE},
    {"a reservation above the size",       "reservation=5G limit=none", "guarantee_above_maximum", "above the maximum", SEVERITY_REFUSE},
    {"more than host or pool has left",    "reservation=4096M limit=none", NULL, NULL, 0},
    {"a limit below the size",             "limit=3G", "limit_below_size", "limit 3 GiB < size 4 GiB", SEVERITY_WARN},
    {"a limit below what it takes",        "limit=1G", "limit_below_held", "the host balloons and swaps", SEVERITY_WARN},
    {"a new size above an old limit",      "size=8G", "limit_below_size", "limit 2 GiB < size 8 GiB", SEVERITY_WARN},
    {"shares say against whom",            "shares=low", "shares_siblings", "in App% only", SEVERITY_NOTE},
    {"all reserved, under a limit",        "reservation_locked=yes", "locked_above_limit", "raise the limit", SEVERITY_REFUSE},
    {"reserved and locked do not mix",     "reservation_locked=yes reservation=1100M limit=none", "reservation_locked", "locked to the size", SEVERITY_REFUSE},
    {"no balloon at all",                  "balloon_max=0B", "no_balloon", "swaps instead", SEVERITY_WARN},
    {"the balloon waits for power",        "balloon_max=1G", "next_power_on", "power off and on", SEVERITY_NOTE},
};
/* clang-format on */

Test(vsphere, checks_what_esx_would_refuse_or_make_slow)
{
    struct scene scene;
    const struct domain *vm;

    scene_init(&scene);
    vm = find(&scene, "a/b\\\xc3\xa4");
    for (size_t i = 0; i < G_N_ELEMENTS(checked); i++) {
        g_autoptr(GArray) list = edits(&scene, vm, checked[i].edits);
        struct findings *findings = findings_new();
        const struct finding *found = NULL;

        checks_run(scene.snapshot, vm, (const struct change *)(void *)list->data, list->len,
                   findings);
        for (size_t k = 0; k < findings_count(findings) && checked[i].code != NULL; k++) {
            if (strcmp(findings_get(findings, k)->code, checked[i].code) == 0) {
                found = findings_get(findings, k);
            }
        }
        if (checked[i].code == NULL) {
            found = findings_worst(findings);
            cr_expect(found == NULL || found->severity < SEVERITY_DANGER, "%s: %s", checked[i].says,
                      found != NULL ? found->text : "");
        } else if (found == NULL) {
            cr_expect_fail("%s: nothing says %s", checked[i].says, checked[i].code);
        } else {
            cr_expect_eq(found->severity, checked[i].severity, "%s: %s", checked[i].says,
                         found->text);
            cr_expect_not_null(strstr(found->text, checked[i].part), "%s: %s", checked[i].says,
                               found->text);
        }
        findings_free(findings);
    }
    scene_clear(&scene);
}

Test(vsphere, a_reservation_that_host_or_pool_lacks_is_a_danger)
{
    static const char short_pool[] =
        ENVELOPE(OBJECT("VirtualApp", "resgroup-v21",
                        P("runtime.memory", "<unreservedForVm>1073741824</unreservedForVm>")));
    struct soap_reply reply = {0};
    struct findings *findings = findings_new();
    const struct finding *worst;
    struct scene scene;
    char *token = NULL;
    const struct domain *vm;
    g_autoptr(GArray) list = NULL;

    scene_init(&scene);
    inventory_take_page(&scene.vsphere.inventory, parse(short_pool, &reply), &token);
    draw(&scene);
    vm = find(&scene, "a/b\\\xc3\xa4");
    list = edits(&scene, vm, "reservation=3G limit=none");
    checks_run(scene.snapshot, vm, (const struct change *)(void *)list->data, list->len, findings);
    worst = findings_worst(findings);
    cr_assert_not_null(worst);
    cr_expect_eq(worst->severity, SEVERITY_DANGER);
    cr_expect_str_eq(worst->code, "over_reserved");
    cr_expect(value_equal(worst->safe, value_number(MIB(2048))));
    findings_free(findings);
    soap_reply_clear(&reply);
    scene_clear(&scene);
}
