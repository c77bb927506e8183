/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/cli.h"

#include "ui/options.h"
#include "ui/out.h"
#include "ui/session.h"

#include <locale.h>
#include <string.h>

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

int cli_main(const struct backend *const *backends, int argc, char **argv)
{
    struct options options = {.backends = backends};
    struct settings settings = {0};
    g_autoptr(GError) error = NULL;
    int status;
    setlocale(LC_ALL, "");
    setlocale(LC_NUMERIC, "C"); /* sizes read and print the same everywhere */
    session_block_signals();
    read_settings(&settings);
    if (options_parse(&options, &settings, argc, argv, &error)) {
        status = options.command->run(&options);
    } else {
        out_message("%s", error->message);
        status = usage_status(&options);
    }
    options_clear(&options);
    return status;
}
