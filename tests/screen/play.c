/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The interactive program as the golden screens want it: any URIs, a fixed time of day.
 *   play [--clock=SECONDS] [--read-only] [--ascii] [--plain] [--theme=NAME] [--filter=TEXT]
 *        [--delay=MS] [--columns=TEXT] [--sort=KEY] URI...
 */
#include "backends/backends.h"
#include "ui/app.h"
#include "ui/cli.h"
#include "ui/loop.h"

#include <locale.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    struct app_options options = {.backends = all_backends, .program = "virt-memtune"};
    gboolean read_only = FALSE, ascii = FALSE, plain = FALSE;
    gint64 clock = 0;
    int delay = 0, status = 0;
    g_auto(GStrv) uris = NULL;
    char *theme = NULL, *theme_directory = NULL, *filter = NULL, *columns = NULL, *sort = NULL;
    const GOptionEntry entries[] = {
        {"clock", 0, 0, G_OPTION_ARG_INT64, &clock, NULL, NULL},
        {"read-only", 0, 0, G_OPTION_ARG_NONE, &read_only, NULL, NULL},
        {"ascii", 0, 0, G_OPTION_ARG_NONE, &ascii, NULL, NULL},
        {"plain", 0, 0, G_OPTION_ARG_NONE, &plain, NULL, NULL},
        {"theme", 0, 0, G_OPTION_ARG_STRING, &theme, NULL, NULL},
        {"themes", 0, 0, G_OPTION_ARG_STRING, &theme_directory, NULL, NULL},
        {"filter", 0, 0, G_OPTION_ARG_STRING, &filter, NULL, NULL},
        {"columns", 0, 0, G_OPTION_ARG_STRING, &columns, NULL, NULL},
        {"sort", 0, 0, G_OPTION_ARG_STRING, &sort, NULL, NULL},
        {"delay", 0, 0, G_OPTION_ARG_INT, &delay, NULL, NULL},
        {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, &uris, NULL, NULL},
        {NULL},
    };
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_autoptr(GError) error = NULL;

    /* The guard of a countdown is this program once more. */
    if (argc > 1 && g_str_equal(argv[1], "guard"))
        return cli_main(all_backends, all_commands, argc, argv);
    setlocale(LC_ALL, "");
    loop_block_signals();
    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, &argc, &argv, &error)) {
        fprintf(stderr, "play: %s\n", error->message);
        return 2;
    }
    options.uris = (const char *const *)uris;
    options.clock = clock;
    options.read_only = read_only;
    options.ascii = ascii;
    options.plain = plain;
    options.theme = theme;
    options.theme_directory = theme_directory;
    options.filter = filter;
    options.columns = columns;
    options.sort = sort;
    options.delay_ms = (unsigned)delay;
    if (!app_run(&options, &status, &error)) {
        fprintf(stderr, "play: %s\n", error->message);
        return 1;
    }
    g_free(theme);
    g_free(theme_directory);
    g_free(filter);
    g_free(columns);
    g_free(sort);
    return status;
}
