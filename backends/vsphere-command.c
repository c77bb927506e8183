/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an administrator of VMware would type: PowerCLI. */
#include "backends/vsphere.h"

#include <string.h>

#define MIB ((uint64_t)1 << 20)

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
