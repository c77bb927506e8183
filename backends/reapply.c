/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/reapply.h"

#include "backends/hook.h"
#include "backends/support/virt-kept.h"
#include "backends/support/virt-library.h"
#include "backends/support/virt-process.h"
#include "backends/support/virt.h"

#include <libvirt/virterror.h>
#include <string.h>

static bool write_kept(virDomainPtr domain, const char *driver, const struct kept *kept,
                       GError **error)
{
    struct virt_processes *processes = virt_processes_new(driver);
    char uuid[VIR_UUID_STRING_BUFLEN];
    struct cgroups *cgroups = NULL;
    struct cgroup *group = NULL;
    bool done = false;

    virDomainGetUUIDString(domain, uuid);
    pid_t pid =
        virt_process_of(processes, virDomainGetName(domain), uuid, (int)virDomainGetID(domain));
    if (!pid)
        g_set_error_literal(error, BACKEND_ERROR, BACKEND_ERROR_GONE,
                            "its process was not found: it is off, or this user may not see it");
    else
        done = cgroups_open(&cgroups, error) && cgroup_open(cgroups, pid, &group, error) &&
               kept_write(kept, group, error);
    cgroup_close(group);
    cgroups_close(cgroups);
    virt_processes_free(processes);
    return done;
}

static void say(const struct kept *kept, const char *name, GString *out)
{
    if (kept_is_empty(kept))
        g_string_append_printf(out, "%s: nothing is kept\n", name);
    for (const struct kept_name *row = kept_names; row->name; row++) {
        struct value value = kept->items[row->item];

        if (value.kind == VALUE_UNLIMITED)
            g_string_append_printf(out, "%s  %s  none\n", name, row->name);
        else if (value.kind == VALUE_NUMBER)
            g_string_append_printf(out, "%s  %s  %" G_GUINT64_FORMAT "\n", name, row->name,
                                   value.number);
    }
}

/* True where the domain is on this connection: then *done and `error` say how it went. */
static bool try_uri(const char *uri, const char *name, GString *out, bool *done, GError **error)
{
    const char *driver = g_str_has_prefix(uri, "lxc") ? "lxc" : "qemu";
    virConnectPtr connection = virConnectOpenReadOnly(uri);
    virDomainPtr domain = connection ? virDomainLookupByName(connection, name) : NULL;
    struct kept kept;

    if (domain && virDomainIsActive(domain) != 1) {
        *done = false;
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_FAILED,
                    "%s is off: what is kept acts at its start", name);
    } else if (domain) {
        *done = virt_kept_get(domain, &kept, error) && write_kept(domain, driver, &kept, error);
        if (*done)
            say(&kept, name, out);
    }
    bool found = domain != NULL;
    if (domain)
        virDomainFree(domain);
    if (connection)
        virConnectClose(connection);
    virResetLastError();
    return found;
}

bool reapply(const char *uri, const char *name, GString *out, GError **error)
{
    static const char *const local[] = {"qemu:///system", "lxc:///system"};
    bool done = false;

    if (!virt_library_start(error))
        return false;
    if (uri && !virt_uri_is_local(uri)) {
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_UNSUPPORTED,
                    "%s: control groups are written only on the host itself", uri);
        return false;
    }
    for (size_t i = 0; i < (uri ? 1 : G_N_ELEMENTS(local)); i++) {
        if (try_uri(uri ? uri : local[i], name, out, &done, error))
            return done;
    }
    g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_GONE, "there is no domain %s on %s", name,
                uri ? uri : "qemu:///system or lxc:///system");
    return false;
}
