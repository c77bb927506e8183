/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/cli.h"

#include "model/guard-serve.h"
#include "ui/extra.h"
#include "ui/guard.h"
#include "ui/options.h"
#include "ui/out.h"
#include "ui/pin.h"
#include "ui/session.h"

#include <locale.h>
#include <string.h>
#include <sys/resource.h>

static void read_settings(struct settings *settings)
{
    g_autoptr(GPtrArray) messages = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *user = settings_user_path();
    settings_read(settings, settings_site_path(), true, messages);
    settings_read(settings, user, false, messages);
    for (guint i = 0; i < messages->len; i++)
        out_message("%s", (const char *)messages->pdata[i]);
}

/* A monitoring plugin that was called wrongly says UNKNOWN. */
static int usage_status(const struct options *options)
{
    return g_strcmp0(options->command->name, "check") == 0 ? 3 : STATUS_USAGE;
}

/* A hypervisor's own command; it is a plain program, without the signals of a session. */
static int run_extra(const struct backend_command *command, struct settings *settings, int argc,
                     char **argv)
{
    g_autofree char *base = g_path_get_basename(argv[0]);
    read_settings(settings);
    bool read_only = settings->read_only || strcmp(base, "virt-memtop") == 0;
    settings_clear(settings);
    g_set_prgname("virt-memtune");
    return extra_run(command, read_only, argc - 1, argv + 1);
}

/* A guard: how it is started says all. */
static int run_guard(const struct backend *const *backends, struct settings *settings)
{
    read_settings(settings);
    int status = guard_main(backends, settings);
    settings_clear(settings);
    return status;
}

/* A program that never writes is made unable to, before it has a thread. */
static bool pin(const struct options *options, GError **error)
{
    g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
    g_auto(GStrv) local = NULL;
    const char *const *uris = (const char *const *)options->uris;
    if (!options->settings.read_only)
        return true;
    if (!uris)
        uris = (const char *const *)(local = model_local_uris(options->backends));
    if (!pin_process(options->backends, uris, notes, error))
        return false;
    for (guint i = 0; !options->command->name && i < notes->len; i++)
        out_message("%s", (const char *)notes->pdata[i]);
    return true;
}

/* Of each domain a dozen control files are held open, by each connection. */
static void open_many_files(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit); /* else so many as there may be */
}

int cli_main(const struct backend *const *backends, const struct backend_command *more, int argc,
             char **argv)
{
    struct options options = {.backends = backends, .more = more};
    const struct backend_command *extra = extra_find(more, argc > 1 ? argv[1] : NULL);
    struct settings settings = {0};
    g_autoptr(GError) error = NULL;
    int status;
    out_begin();
    open_many_files();
    setlocale(LC_ALL, "");
    setlocale(LC_NUMERIC, "C"); /* sizes read and print the same everywhere */
    if (argc == 2 && strcmp(argv[0], "virt-memtune") == 0 && strcmp(argv[1], GUARD_COMMAND) == 0)
        return run_guard(backends, &settings);
    if (extra)
        return run_extra(extra, &settings, argc, argv);
    session_block_signals();
    read_settings(&settings);
    if (options_parse(&options, &settings, argc, argv, &error) && pin(&options, &error)) {
        status = options.command->run(&options);
    } else if (error->domain == BACKEND_ERROR) {
        out_message("%s", error->message);
        status = (int)status_of_error(error);
    } else {
        out_message("%s", error->message);
        status = usage_status(&options);
    }
    options_clear(&options);
    return status;
}
