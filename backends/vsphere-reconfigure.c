/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/vsphere.h"
#include "model/text.h"

#include <string.h>

#define MIB ((uint64_t)1 << 20)
#define TASK_POLL_MS 200
/* A task that nobody finishes is left to the server; what is true then is read back. */
#define TASK_WAIT_S 600

/* --- merging --------------------------------------------------------------------------------- */

static struct maybe in_mib(struct value value)
{
    return (struct maybe){.number = (int64_t)(value.number / MIB), .known = true};
}

static void merge_size(struct reconfigure *reconfigure, struct value to)
{
    reconfigure->memory_mib = in_mib(to);
}

static void merge_reservation(struct reconfigure *reconfigure, struct value to)
{
    reconfigure->memory.reservation = in_mib(to);
}

static void merge_limit(struct reconfigure *reconfigure, struct value to)
{
    reconfigure->memory.limit =
        to.kind == VALUE_UNLIMITED ? (struct maybe){.number = -1, .known = true} : in_mib(to);
}

static void merge_shares(struct reconfigure *reconfigure, struct value to)
{
    if (to.kind == VALUE_CHOICE) {
        reconfigure->memory.level = to.choice;
    } else {
        reconfigure->memory.level = SHARES_CUSTOM;
        reconfigure->memory.shares = (struct maybe){.number = (int64_t)to.number, .known = true};
    }
}

static void merge_locked(struct reconfigure *reconfigure, struct value to)
{
    reconfigure->locked = (struct maybe){.number = to.choice != 0, .known = true};
}

static void merge_balloon(struct reconfigure *reconfigure, struct value to)
{
    reconfigure->send_balloon = true;
    if (to.kind == VALUE_UNSET) {
        reconfigure->balloon_max[0] = '\0';
    } else {
        g_snprintf(reconfigure->balloon_max, sizeof reconfigure->balloon_max, "%" G_GUINT64_FORMAT,
                   to.number / MIB);
    }
}

static void (*const merge_table[ROW_COUNT_])(struct reconfigure *, struct value) = {
    [ROW_SIZE] = merge_size,     [ROW_RESERVATION] = merge_reservation,
    [ROW_LIMIT] = merge_limit,   [ROW_SHARES] = merge_shares,
    [ROW_LOCKED] = merge_locked, [ROW_BALLOON_MAX] = merge_balloon,
};

void reconfigure_merge(const struct entity *vm, const struct change *changes, size_t n,
                       struct reconfigure *reconfigure)
{
    static const int per_mib[] = {
        [SHARES_LOW] = 5, [SHARES_NORMAL] = 10, [SHARES_HIGH] = 20, [SHARES_CUSTOM] = 0};
    struct allocation *memory = &reconfigure->memory;
    struct maybe size, locked;

    memset(reconfigure, 0, sizeof *reconfigure);
    reconfigure->change_version = vm->change_version;
    *memory = vm->memory;
    for (size_t i = 0; i < n; i++) {
        merge_table[changes[i].tunable - vsphere_tunables](reconfigure, changes[i].to);
    }
    size = reconfigure->memory_mib.known ? reconfigure->memory_mib : vm->memory_mib;
    locked = reconfigure->locked.known ? reconfigure->locked : vm->locked;
    if (locked.known && locked.number != 0 && size.known) {
        memory->reservation = size;
    }
    /* The server ignores the number beside a level, but one that only stores it would show it. */
    if (memory->level != SHARES_CUSTOM && size.known) {
        memory->shares.number = size.number * per_mib[memory->level];
        memory->shares.known = true;
    }
}

static void write_allocation(struct soap_request *request, const struct allocation *memory)
{
    static const char *const levels[] = {"low", "normal", "high", "custom"};

    soap_begin(request, "memoryAllocation", NULL);
    if (memory->reservation.known) {
        soap_number(request, "reservation", memory->reservation.number);
    }
    if (memory->limit.known) {
        soap_number(request, "limit", memory->limit.number);
    }
    soap_begin(request, "shares", NULL);
    soap_number(request, "shares", memory->shares.number);
    soap_text(request, "level", levels[memory->level]);
    soap_end(request);
    soap_end(request);
}

/* The order of the elements is the schema's: a real server insists on it. */
struct soap_request *reconfigure_request(const struct entity *vm,
                                         const struct reconfigure *reconfigure)
{
    struct soap_request *request = soap_request_new("ReconfigVM_Task", vm->type, vm->id);

    soap_begin(request, "spec", NULL);
    if (reconfigure->change_version != NULL && *reconfigure->change_version != '\0') {
        soap_text(request, "changeVersion", reconfigure->change_version);
    }
    if (reconfigure->memory_mib.known) {
        soap_number(request, "memoryMB", reconfigure->memory_mib.number);
    }
    write_allocation(request, &reconfigure->memory);
    if (reconfigure->send_balloon) {
        soap_begin(request, "extraConfig", "OptionValue");
        soap_text(request, "key", "sched.mem.maxmemctl");
        soap_typed_text(request, "value", "xsd:string", reconfigure->balloon_max);
        soap_end(request);
    }
    if (reconfigure->locked.known) {
        soap_flag(request, "memoryReservationLockedToMax", reconfigure->locked.number != 0);
    }
    soap_end(request);
    return request;
}

/* --- the command of an administrator --------------------------------------------------------- */

static char *powershell_quote(const char *text)
{
    GString *quoted = g_string_new("'");

    for (const char *at = text; *at != '\0'; at++) {
        if (strchr("*?[]`", *at) != NULL) {
            g_string_append_c(quoted, '`'); /* -Name takes wildcards */
        } else if (*at == '\'') {
            g_string_append_c(quoted, '\'');
        }
        g_string_append_c(quoted, *at);
    }
    g_string_append_c(quoted, '\'');
    return g_string_free(quoted, FALSE);
}

static const struct change *change_of(const struct change *changes, size_t n, unsigned row)
{
    for (size_t i = 0; i < n; i++) {
        if (changes[i].tunable == &vsphere_tunables[row]) {
            return &changes[i];
        }
    }
    return NULL;
}

static void append_part(GString *command, const char *part)
{
    g_string_append(command, command->len > 0 ? "; " : "");
    g_string_append(command, part);
}

static void append_allocation(GString *command, const char *vm, const struct change *changes,
                              size_t n)
{
    static const char *const levels[] = {"Low", "Normal", "High"};
    const struct change *reservation = change_of(changes, n, ROW_RESERVATION);
    const struct change *limit = change_of(changes, n, ROW_LIMIT);
    const struct change *shares = change_of(changes, n, ROW_SHARES);
    g_autoptr(GString) part = g_string_new(NULL);

    if (reservation == NULL && limit == NULL && shares == NULL) {
        return;
    }
    g_string_append_printf(part, "%s | Get-VMResourceConfiguration | Set-VMResourceConfiguration",
                           vm);
    if (reservation != NULL) {
        g_string_append_printf(part, " -MemReservationMB %" G_GUINT64_FORMAT,
                               reservation->to.number / MIB);
    }
    if (limit != NULL && limit->to.kind == VALUE_UNLIMITED) {
        g_string_append(part, " -MemLimitMB $null");
    } else if (limit != NULL) {
        g_string_append_printf(part, " -MemLimitMB %" G_GUINT64_FORMAT, limit->to.number / MIB);
    }
    if (shares != NULL && shares->to.kind == VALUE_CHOICE) {
        g_string_append_printf(part, " -MemSharesLevel %s", levels[shares->to.choice]);
    } else if (shares != NULL) {
        g_string_append_printf(part, " -MemSharesLevel Custom -NumMemShares %" G_GUINT64_FORMAT,
                               shares->to.number);
    }
    append_part(command, part->str);
}

static void append_others(GString *command, const char *vm, const struct change *changes, size_t n)
{
    const struct change *locked = change_of(changes, n, ROW_LOCKED);
    const struct change *balloon = change_of(changes, n, ROW_BALLOON_MAX);

    if (locked != NULL) {
        g_autofree char *part = g_strdup_printf(
            "(%s).ExtensionData.ReconfigVM((New-Object VMware.Vim.VirtualMachineConfigSpec "
            "-Property @{MemoryReservationLockedToMax=$%s}))",
            vm, locked->to.choice != 0 ? "true" : "false");

        append_part(command, part);
    }
    if (balloon != NULL && balloon->to.kind == VALUE_UNSET) {
        g_autofree char *part =
            g_strdup_printf("%s | Get-AdvancedSetting -Name sched.mem.maxmemctl "
                            "| Remove-AdvancedSetting -Confirm:$false",
                            vm);

        append_part(command, part);
    } else if (balloon != NULL) {
        g_autofree char *part = g_strdup_printf(
            "%s | New-AdvancedSetting -Name sched.mem.maxmemctl -Value %" G_GUINT64_FORMAT
            " -Force -Confirm:$false",
            vm, balloon->to.number / MIB);

        append_part(command, part);
    }
}

static char *powercli(const char *name, const struct change *changes, size_t n)
{
    g_autofree char *quoted = powershell_quote(name);
    g_autofree char *vm = g_strdup_printf("Get-VM -Name %s", quoted);
    const struct change *size = change_of(changes, n, ROW_SIZE);
    GString *command = g_string_new(NULL);

    if (size != NULL) {
        g_string_append_printf(command,
                               "%s | Set-VM -MemoryMB %" G_GUINT64_FORMAT " -Confirm:$false", vm,
                               size->to.number / MIB);
    }
    append_allocation(command, vm, changes, n);
    append_others(command, vm, changes, n);
    return g_string_free(command, FALSE);
}

bool reconfigure_plan(const struct snapshot *snapshot, const struct domain *domain,
                      const struct change *changes, size_t n, struct step_list *steps,
                      GError **error)
{
    if (n > 0) {
        step_list_add(steps, changes, n, NULL, powercli(domain->identity->name, changes, n));
    }
    return true;
}

/* --- the task -------------------------------------------------------------------------------- */

struct progress {
    char *state;
    int64_t percent;
    bool has_percent;
};

static void read_task_property(xmlNode *property, struct progress *progress,
                               struct soap_fault *fault)
{
    g_autofree char *name = soap_get_text(soap_child(property, "name"));
    xmlNode *value = soap_child(property, "val");

    if (g_strcmp0(name, "info.state") == 0) {
        g_free(progress->state);
        progress->state = soap_get_text(value);
    } else if (g_strcmp0(name, "info.progress") == 0) {
        progress->has_percent = soap_get_number(value, &progress->percent);
    } else if (g_strcmp0(name, "info.error") == 0 && value != NULL) {
        soap_fault_from_localized(value, fault);
    }
}

static struct soap_request *task_request(const struct vsphere *vsphere, const char *task)
{
    static const char *const paths[] = {"info.state", "info.progress", "info.error"};
    struct soap_request *request = soap_request_new("RetrievePropertiesEx", "PropertyCollector",
                                                    vsphere->about.property_collector);

    soap_begin(request, "specSet", NULL);
    soap_begin(request, "propSet", NULL);
    soap_text(request, "type", "Task");
    soap_flag(request, "all", false);
    for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
        soap_text(request, "pathSet", paths[i]);
    }
    soap_end(request);
    soap_begin(request, "objectSet", NULL);
    soap_reference(request, "obj", "Task", task);
    soap_flag(request, "skip", false);
    soap_end(request);
    soap_end(request);
    soap_begin(request, "options", NULL);
    soap_end(request);
    return request;
}

static bool read_task(struct vsphere *vsphere, const char *task, struct progress *progress,
                      struct soap_fault *fault, GError **error)
{
    struct soap_reply reply = {0};
    xmlNode *object;

    if (!session_call(vsphere, task_request(vsphere, task), &reply, error)) {
        g_prefix_error(error, "the change was sent, but how it ended is not known: ");
        return false;
    }
    object = soap_child(soap_child(reply.response, "returnval"), "objects");
    for (xmlNode *property = soap_child(object, "propSet"); property != NULL;
         property = soap_next(property)) {
        read_task_property(property, progress, fault);
    }
    soap_reply_clear(&reply);
    return true;
}

static void say_progress(struct vsphere *vsphere, const struct entity *vm,
                         const struct progress *progress)
{
    struct uplink *uplink = vsphere->connection.uplink;
    g_autofree char *text = NULL;

    if (uplink == NULL || uplink->message == NULL) {
        return;
    }
    text = progress->has_percent
               ? g_strdup_printf("%s: reconfiguring, %" G_GINT64_FORMAT " %%", vm->name,
                                 progress->percent)
               : g_strdup_printf("%s: reconfiguring, %s", vm->name, progress->state);
    uplink->message(uplink, text);
}

/* True where it has ended, well or not. */
static bool task_ended(const struct progress *progress, const struct soap_fault *fault,
                       GError **error)
{
    if (g_strcmp0(progress->state, "error") == 0) {
        if (fault->text != NULL) {
            soap_fault_error(fault, error);
        } else {
            g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_FAILED,
                        "the server says that it failed, and not why");
        }
        return true;
    }
    return g_strcmp0(progress->state, "success") == 0;
}

static bool wait_task(struct vsphere *vsphere, const struct entity *vm, const char *task,
                      GError **error)
{
    gint64 end = g_get_monotonic_time() + TASK_WAIT_S * G_USEC_PER_SEC;
    struct progress progress = {0};
    struct soap_fault fault = {0};
    GError *failed = NULL;
    int64_t said = -1;
    bool ended = false;

    for (unsigned turn = 0; !ended && failed == NULL; turn++) {
        if (!read_task(vsphere, task, &progress, &fault, &failed)) {
            break;
        }
        ended = task_ended(&progress, &fault, &failed);
        if (!ended && turn > 0 && turn % 5 == 0 && progress.percent != said) {
            said = progress.percent;
            say_progress(vsphere, vm, &progress);
        }
        if (!ended && g_get_monotonic_time() > end) {
            g_set_error(&failed, BACKEND_ERROR, BACKEND_ERROR_TIMEOUT,
                        "the server still works on it after %d minutes", TASK_WAIT_S / 60);
        } else if (!ended && !soap_sleep(vsphere->soap, TASK_POLL_MS)) {
            g_set_error(&failed, BACKEND_ERROR, BACKEND_ERROR_CANCELLED,
                        "interrupted while the server works on it");
        }
    }
    g_free(progress.state);
    soap_fault_clear(&fault);
    if (failed != NULL) {
        g_propagate_error(error, failed);
    }
    return failed == NULL;
}

/* --- applying -------------------------------------------------------------------------------- */

/* What two readings of one machine must have in common. */
static bool same_settings(const struct entity *vm, const struct reconfigure *before)
{
    const struct allocation *a = &vm->memory, *b = &before->memory;

    return a->reservation.number == b->reservation.number && a->limit.number == b->limit.number &&
           a->level == b->level &&
           (a->level != SHARES_CUSTOM || a->shares.number == b->shares.number) &&
           vm->memory_mib.number == before->memory_mib.number &&
           vm->locked.number == before->locked.number &&
           g_strcmp0(vm->balloon_max != NULL ? vm->balloon_max : "", before->balloon_max) == 0;
}

static void remember(const struct entity *vm, struct reconfigure *before)
{
    *before = (struct reconfigure){
        .memory = vm->memory, .memory_mib = vm->memory_mib, .locked = vm->locked};
    g_strlcpy(before->balloon_max, vm->balloon_max != NULL ? vm->balloon_max : "",
              sizeof before->balloon_max);
}

/* Reads with one more try after the session ended: the last thing before a write, which then finds
 * a session that lives. */
static bool read_before_write(struct vsphere *vsphere, const struct domain_key *key, char **id,
                              GError **error)
{
    GError *first = NULL;

    for (unsigned attempt = 0;; attempt++) {
        bool known = vsphere->read_once || collect_all(vsphere, &first);

        g_free(*id);
        *id = known ? g_strdup(picture_find(vsphere, key->id)) : NULL;
        if (known && (*id == NULL || collect_some(vsphere, (const char *const *)id, 1, &first))) {
            return true;
        }
        if (attempt > 0 || !session_renew(vsphere, &first)) {
            g_propagate_error(error, first);
            return false;
        }
    }
}

static bool write_once(struct vsphere *vsphere, const struct entity *vm, const struct step *step,
                       GError **error)
{
    struct reconfigure reconfigure;
    struct soap_reply reply = {0};
    g_autofree char *task = NULL;

    reconfigure_merge(vm, step->changes, step->n_changes, &reconfigure);
    if (!session_call(vsphere, reconfigure_request(vm, &reconfigure), &reply, error)) {
        if (*soap_fault_type(vsphere->soap) == '\0') {
            g_prefix_error(error, "whether the change arrived is not known: ");
        }
        return false;
    }
    task = soap_get_text(soap_child(reply.response, "returnval"));
    soap_reply_clear(&reply);
    if (task == NULL || *task == '\0') {
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_FAILED,
                    "whether the change arrived is not known: the reply names no task");
        return false;
    }
    return wait_task(vsphere, vm, task, error);
}

bool reconfigure_apply(struct vsphere *vsphere, const struct step *step, GError **error)
{
    const struct entity *vm;
    struct reconfigure before;
    g_autofree char *id = NULL;
    bool had;

    if (vsphere->connection.access != ACCESS_WRITE) {
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_PERMISSION,
                    "this connection was opened for reading only");
        return false;
    }
    vm = inventory_find(&vsphere->inventory, picture_find(vsphere, step->key.id));
    had = vm != NULL;
    if (had) {
        remember(vm, &before);
    }
    if (!read_before_write(vsphere, &step->key, &id, error)) {
        g_prefix_error(error, "nothing was sent: ");
        return false;
    }
    vm = inventory_find(&vsphere->inventory, id);
    if (vm == NULL) {
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_GONE,
                    "the virtual machine does not exist any more");
        return false;
    }
    if (!vm->memory.known) {
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_PERMISSION,
                    "nothing was sent: its present memory settings cannot be read");
        return false;
    }
    if (had && !same_settings(vm, &before)) {
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_CONFLICT,
                    "somebody else changed its memory settings meanwhile: nothing was written");
        return false;
    }
    return write_once(vsphere, vm, step, error);
}
