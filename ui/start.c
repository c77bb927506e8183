/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Without a command: the screen, or -b. */
#include "ui/app.h"
#include "ui/commands.h"
#include "ui/out.h"
#include "ui/term.h"

#include "config.h"

static int start_app(const struct options *options, const char *const *uris)
{
    const struct settings *settings = &options->settings;
    const struct app_options app = {
        .backends = options->backends,
        .uris = uris,
        .read_only = settings->read_only,
        .ascii = settings->ascii,
        .no_mouse = settings->no_mouse,
        .no_programs = settings->no_uri_programs,
        .stamp = settings->stamp,
        .plain = options->plain,
        .all = settings->all,
        .header = settings->header,
        .bars = settings->bars,
        .units = settings->units,
        .delay_ms = (unsigned)(settings->delay * 1000),
        .countdown = (unsigned)settings->countdown,
        .theme = settings->theme,
        .filter = settings->filter,
        .sort = settings->sort,
        .columns = settings->columns,
        .program = options->program,
    };
    g_autoptr(GError) error = NULL;
    int status = STATUS_DONE;
    if (app_run(&app, &status, &error))
        return status;
    out_message("%s", error->message);
    return (int)status_of_error(error);
}

static int start_screen(const struct options *options)
{
    g_autoptr(GError) error = NULL;
    if (!term_usable(&error)) {
        out_message("%s", error->message);
        return STATUS_USAGE;
    }
    g_auto(GStrv) local = options->uris ? NULL : model_local_uris(options->backends);
    const char *const none[] = {NULL};
    char **uris = options->uris ? options->uris : local;
    return start_app(options, uris ? (const char *const *)uris : none);
}

int screen_run(const struct options *options)
{
    if (options->version) {
        out_line("%s %s", options->program, VERSION);
        return out_end(STATUS_DONE);
    }
    return options->batch || options->json ? batch_run(options) : start_screen(options);
}
