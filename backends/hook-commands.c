/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/hook-commands.h"
#include "backends/hook.h"
#include "backends/reapply.h"
#include "model/backend.h"

#include <string.h>
#include <unistd.h>

static bool usage(GError **error, const char *text)
{
    g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_URI, "usage: virt-memtune %s", text);
    return false;
}

/* --- hook --- */

struct job {
    const char *program;
    bool yes;
    const struct command_user *user;
    GString *out;
};

static bool show(const struct job *job, const char *driver, GError **error)
{
    g_autofree char *path = hook_path(driver), *text = hook_text(driver, job->program);

    g_string_append_printf(job->out, "# %s\n%s", path, text);
    return true;
}

static bool status(const struct job *job, const char *driver, GError **error)
{
    static const char *const words[] = {"another file is there", "not installed", "installed"};
    g_autofree char *path = hook_path(driver);

    g_string_append_printf(job->out, "%s: %s\n", path,
                           words[hook_installed(driver, job->program) + 1]);
    return true;
}

static bool may_write(const struct job *job, const char *driver, const char *question,
                      GError **error)
{
    g_autofree char *path = hook_path(driver), *text = hook_text(driver, job->program);
    g_autofree char *shown = g_strdup_printf("# %s\n%s", path, text);

    if (job->user->read_only) {
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_PERMISSION, "read-only: %s stays as it is",
                    path);
        return false;
    }
    if (job->yes || job->user->confirm(shown, question))
        return true;
    g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_CANCELLED,
                "%s stays as it is: not confirmed (--yes does without asking)", path);
    return false;
}

static void say_told(const struct job *job, bool told)
{
    if (!told)
        g_string_append(job->out, "No daemon was told: it reads its hooks when it starts next.\n");
}

static bool install(const struct job *job, const char *driver, GError **error)
{
    g_autofree char *path = hook_path(driver);
    bool told = false;

    if (!may_write(job, driver, "Write this file?", error) ||
        !hook_install(driver, job->program, &told, error))
        return false;
    g_string_append_printf(job->out, "%s: installed\n", path);
    say_told(job, told);
    return true;
}

static bool uninstall(const struct job *job, const char *driver, GError **error)
{
    g_autofree char *path = hook_path(driver);
    bool told = false;
    bool there = hook_installed(driver, job->program) != 0;

    if (there && !may_write(job, driver, "Remove this file?", error))
        return false;
    if (!hook_remove(driver, job->program, &told, error))
        return false;
    g_string_append_printf(job->out, "%s: %s\n", path, there ? "removed" : "not installed");
    if (there)
        say_told(job, told);
    return true;
}

/* clang-format off */
static const struct {
    const char *name;
    bool (*run)(const struct job *job, const char *driver, GError **error);
} verbs[] = {
    {"show", show}, {"status", status}, {"install", install}, {"remove", uninstall},
};
/* clang-format on */

#define HOOK_SYNOPSIS "show|install|remove|status [--yes] [qemu|lxc]"

static bool hook_run(int argc, char **argv, const struct command_user *user, GString *out,
                     GError **error)
{
    g_autofree char *program = g_file_read_link("/proc/self/exe", NULL);
    struct job job = {.program = program ? program : "virt-memtune", .user = user, .out = out};
    const char *verb = NULL, *driver = NULL;

    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--yes"))
            job.yes = true;
        else if (!verb)
            verb = argv[i];
        else if (!driver && g_strv_contains(hook_drivers, argv[i]))
            driver = argv[i];
        else
            return usage(error, "hook " HOOK_SYNOPSIS);
    }
    for (size_t i = 0; verb && i < G_N_ELEMENTS(verbs); i++) {
        if (strcmp(verbs[i].name, verb) != 0)
            continue;
        for (const char *const *each = hook_drivers; *each; each++) {
            if ((!driver || !strcmp(driver, *each)) && !verbs[i].run(&job, *each, error))
                return false;
        }
        return true;
    }
    return usage(error, "hook " HOOK_SYNOPSIS);
}

/* --- restore, reapply --- */

static bool restore_run(int argc, char **argv, const struct command_user *user, GString *out,
                        GError **error)
{
    if (argc != 4 || strcmp(argv[1], "--hook") != 0)
        return usage(error, "restore --hook qemu|lxc NAME < XML");
    return hook_restore(argv[2], argv[3], STDIN_FILENO, error);
}

static bool reapply_run(int argc, char **argv, const struct command_user *user, GString *out,
                        GError **error)
{
    const char *uri = NULL, *name = NULL;

    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "-c") && i + 1 < argc)
            uri = argv[++i];
        else if (!name && argv[i][0] != '-')
            name = argv[i];
        else
            return usage(error, "reapply [-c URI] DOMAIN");
    }
    if (!name)
        return usage(error, "reapply [-c URI] DOMAIN");
    if (user->read_only) {
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_PERMISSION, "read-only: %s stays as it is",
                    name);
        return false;
    }
    return reapply(uri, name, out, error);
}

const struct backend_command hook_commands[] = {
    {"hook", HOOK_SYNOPSIS, "the hook that gives starting domains the settings that are kept",
     "libvirt forgets swappiness, low, min and some swap limits when a domain stops. They are kept\n"
     "in its metadata, and at its start this hook of libvirt writes them to its control group.\n"
     "show prints the file; install and remove show it and ask, or take --yes.",
     false, hook_run},
    {"restore", "--hook qemu|lxc NAME", "what the hook runs; the domain's XML on standard input",
     "Always exits with 0.", true, restore_run},
    {"reapply", "[-c URI] DOMAIN",
     "write what is kept of a running domain to its control group now", NULL, false, reapply_run},
    {NULL, NULL, NULL, NULL, false, NULL},
};
