/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a guard lives: not in the login that started it. */
#include "model/guard-server-private.h"

#include <fcntl.h>
#include <gio/gio.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TIMEOUT_MS 2000
#define ASK_MS 500

static bool systemd_runs(void)
{
    return access("/run/systemd/system", F_OK) == 0; /* sd_booted(3) */
}

static bool lingers(void)
{
    g_autofree char *path = g_build_filename("/var/lib/systemd/linger", g_get_user_name(), NULL);

    return access(path, F_OK) == 0;
}

static bool logind_kills(void)
{
    g_autoptr(GDBusConnection) bus = g_bus_get_sync(G_BUS_TYPE_SYSTEM, NULL, NULL);
    g_autoptr(GVariant) answer = NULL, value = NULL;

    if (bus == NULL)
        return false;
    answer = g_dbus_connection_call_sync(
        bus, "org.freedesktop.login1", "/org/freedesktop/login1", "org.freedesktop.DBus.Properties",
        "Get", g_variant_new("(ss)", "org.freedesktop.login1.Manager", "KillUserProcesses"),
        G_VARIANT_TYPE("(v)"), G_DBUS_CALL_FLAGS_NO_AUTO_START, ASK_MS, NULL, NULL);
    if (answer == NULL)
        return false;
    g_variant_get(answer, "(v)", &value);
    return g_variant_is_of_type(value, G_VARIANT_TYPE_BOOLEAN) && g_variant_get_boolean(value);
}

/* What starts a user's scopes: sd_bus_open_user(3). */
static bool has_user_bus(void)
{
    const char *runtime = g_getenv("XDG_RUNTIME_DIR");
    g_autofree char *path = runtime == NULL ? NULL : g_build_filename(runtime, "bus", NULL);

    return g_getenv("DBUS_SESSION_BUS_ADDRESS") != NULL ||
           (path != NULL && access(path, F_OK) == 0);
}

bool guard_may_have_scope(void)
{
    return systemd_runs() && (geteuid() == 0 || (lingers() && has_user_bus()));
}

static char *warning_of(bool own_scope)
{
    if (own_scope || geteuid() == 0 || !systemd_runs() || !logind_kills())
        return NULL;
    return g_strdup(lingers() ? "logind ends it with this login: your user bus gave it no scope"
                              : "logind ends it with your last login: `loginctl enable-linger` "
                                "lets it live");
}

char *guard_login_warning(void)
{
    return warning_of(guard_may_have_scope());
}

/* --- a scope --- */

static bool in_scope(const char *unit)
{
    g_autofree char *groups = NULL;

    return g_file_get_contents("/proc/self/cgroup", &groups, NULL, NULL) &&
           strstr(groups, unit) != NULL;
}

static GVariant *scope_properties(bool root)
{
    guint32 pid = (guint32)getpid();
    GVariantBuilder properties;

    g_variant_builder_init(&properties, G_VARIANT_TYPE("a(sv)"));
    g_variant_builder_add(&properties, "(sv)", "Description",
                          g_variant_new_string("virt-memtune: takes back what is not kept"));
    g_variant_builder_add(&properties, "(sv)", "PIDs",
                          g_variant_new_fixed_array(G_VARIANT_TYPE_UINT32, &pid, 1, sizeof pid));
    g_variant_builder_add(&properties, "(sv)", "CollectMode",
                          g_variant_new_string("inactive-or-failed"));
    if (root)
        g_variant_builder_add(&properties, "(sv)", "Slice", g_variant_new_string("system.slice"));
    return g_variant_builder_end(&properties);
}

static bool enter_scope(bool root)
{
    g_autofree char *unit = g_strdup_printf("virt-memtune-guard-%d.scope", (int)getpid());
    g_autoptr(GDBusConnection) bus =
        g_bus_get_sync(root ? G_BUS_TYPE_SYSTEM : G_BUS_TYPE_SESSION, NULL, NULL);
    g_autoptr(GVariant) answer = NULL;
    gint64 until = g_get_monotonic_time() + TIMEOUT_MS * 1000;

    if (bus == NULL)
        return false;
    g_dbus_connection_set_exit_on_close(bus, FALSE);
    answer = g_dbus_connection_call_sync(
        bus, "org.freedesktop.systemd1", "/org/freedesktop/systemd1",
        "org.freedesktop.systemd1.Manager", "StartTransientUnit",
        g_variant_new("(ss@a(sv)@a(sa(sv)))", unit, "fail", scope_properties(root),
                      g_variant_new_array(G_VARIANT_TYPE("(sa(sv))"), NULL, 0)),
        NULL, G_DBUS_CALL_FLAGS_NONE, TIMEOUT_MS, NULL, NULL);
    /* It is answered before it is done. */
    while (answer != NULL && !in_scope(unit) && g_get_monotonic_time() < until)
        g_usleep(10000);
    return answer != NULL && in_scope(unit);
}

/* The lowest that is let: without rights that is what it is now. */
static void be_spared(void)
{
    static const char *const wishes[] = {"-1000", "-500", "0"};

    for (size_t i = 0; i < G_N_ELEMENTS(wishes); i++) {
        int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
        bool done = fd >= 0 && write(fd, wishes[i], strlen(wishes[i])) > 0;

        if (fd >= 0)
            close(fd);
        if (done)
            return;
    }
}

bool guard_leave_login(char **warning)
{
    bool own;

    be_spared();
    own = guard_may_have_scope() && enter_scope(geteuid() == 0);
    *warning = warning_of(own);
    return own;
}
