/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/support/systemd.h"

#include "model/backend.h"

#include <gio/gio.h>
#include <string.h>
#include <unistd.h>

#define BUS_NAME "org.freedesktop.systemd1"
#define TIMEOUT_MS 10000

/* The name of the directory is the unit's name, escapes and all. */
static const char *unit_of(const char *cgroup_path)
{
    const char *slash = strrchr(cgroup_path, '/');

    return slash ? slash + 1 : cgroup_path;
}

bool systemd_owns(const char *cgroup_path)
{
    const char *unit = unit_of(cgroup_path);

    return (g_str_has_suffix(unit, ".scope") || g_str_has_suffix(unit, ".slice")) &&
           access("/run/systemd/system", F_OK) == 0; /* sd_booted(3) */
}

bool systemd_set_memory(const char *cgroup_path, const char *property, uint64_t bytes,
                        GError **error)
{
    g_autoptr(GError) problem = NULL;
    g_autoptr(GDBusConnection) bus = g_bus_get_sync(G_BUS_TYPE_SYSTEM, NULL, &problem);
    g_autoptr(GVariant) answer = NULL;
    GVariantBuilder properties;

    if (bus) {
        g_variant_builder_init(&properties, G_VARIANT_TYPE("a(sv)"));
        g_variant_builder_add(&properties, "(sv)", property, g_variant_new_uint64(bytes));
        answer = g_dbus_connection_call_sync(
            bus, BUS_NAME, "/org/freedesktop/systemd1", BUS_NAME ".Manager", "SetUnitProperties",
            g_variant_new("(sba(sv))", unit_of(cgroup_path), TRUE, &properties), NULL,
            G_DBUS_CALL_FLAGS_NONE, TIMEOUT_MS, NULL, &problem);
    }
    if (!answer) {
        g_dbus_error_strip_remote_error(problem);
        bool denied = g_error_matches(problem, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED);
        g_set_error(error, BACKEND_ERROR,
                    denied ? BACKEND_ERROR_PERMISSION : BACKEND_ERROR_FAILED,
                    "systemd did not set %s of %s: %s", property, unit_of(cgroup_path),
                    problem->message);
        return false;
    }
    return true;
}
