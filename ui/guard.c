/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The process of a guard: started by this program itself, never by a person. */
#include "ui/guard.h"
#include "model/guard-serve.h"
#include "model/journal-file.h"
#include "model/uri-text.h"
#include "ui/cli.h"
#include "ui/out.h"
#include "ui/session.h"

#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

struct site {
    const struct backend *const *backends;
    const struct settings *settings;
};

/* A site names its connections as people type them. */
static bool may_connect(const char *uri, void *data, GError **error)
{
    const struct site *site = data;
    char **pinned = site->settings->pinned;
    const char *program = uri_program(uri);
    if (program && site->settings->no_uri_programs) {
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_PERMISSION,
                    "no_uri_programs is set, and %s", program);
        return false;
    }
    for (char **each = pinned; each && *each; each++) {
        g_autofree char *resolved = model_resolve(site->backends, *each);
        if (strcmp(resolved, uri) == 0)
            return true;
    }
    if (!pinned)
        return true;
    g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_PERMISSION,
                "this site does not let connect there");
    return false;
}

static bool is_started_by_us(void)
{
    struct stat at;
    return fstat(GUARD_FD, &at) == 0 && S_ISSOCK(at.st_mode);
}

static int stop_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    signal(SIGHUP, SIG_IGN);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int guard_main(const struct backend *const *backends, const struct settings *settings)
{
    struct site site = {backends, settings};
    if (!is_started_by_us()) {
        out_message("guard is started by the program itself; set --confirm, keep and back are for "
                    "people");
        return STATUS_USAGE;
    }
    if (settings->read_only)
        return STATUS_PERMISSION;
    session_block_signals();
    umask(077);
    struct journal *journal = journal_of_user();
    const struct guard_serving serving = {.backends = backends,
                                          .may_connect = may_connect,
                                          .data = &site,
                                          .journal = journal,
                                          .stop_fd = stop_signals()};
    guard_serve(GUARD_FD, &serving);
    journal_unref(journal);
    return STATUS_DONE;
}
