/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was asked for: the command line over the environment over the user's settings over the
 * site's over the defaults. Parsed once; constant afterwards.
 */
#ifndef UI_OPTIONS_H
#define UI_OPTIONS_H

#include "model/backend.h"
#include "model/command.h"
#include "ui/settings.h"

#include <stdio.h>

enum format {
    FORMAT_TEXT,
    FORMAT_PLAIN, /* tabs, exact values, no heading */
    FORMAT_CSV,
    FORMAT_JSON,
};

struct options;

struct command {
    const char *name;      /* NULL: the screen, or -b */
    const char *arguments; /* "DOMAIN..." */
    const char *summary;   /* one line */
    unsigned bit;          /* which options it takes: rows of the table in options.c */
    int (*run)(const struct options *options);
};
/* The table: the first row is what runs without a command. Ends with a NULL summary. */
extern const struct command commands[];

struct options {
    const struct backend *const *backends;
    const struct backend_command *more; /* commands that hypervisors bring, for the help */
    const char *program; /* "virt-memtune", or "virt-memtop": never writes */
    const struct command *command;
    struct settings settings; /* after everything was laid over it */
    char **words;             /* arguments of the command, or NULL */
    char **uris; /* -c as typed, else LIBVIRT_DEFAULT_URI, else settings; NULL: find out */
    gboolean batch, all, plain, csv, json;
    int count;   /* -n; 0: without end */
    int timeout; /* seconds */
    /* set */
    gboolean live, config, both, check, only_raise, only_lower, exit_changed, all_or_nothing,
        safe_shrink;
    char **domains, **expect;
    char *allow;
    int wait; /* seconds */
    int confirm;   /* seconds until it goes back; -1: no countdown */
    char *keep_if; /* or NULL */
    /* check */
    char *warning, *critical;
    gboolean version;
    gboolean mdoc; /* tunables: as a manual page, for the build */
};

enum format options_format(const struct options *options);
/* UTF-8 may be printed: the locale has it and --ascii was not given. */
bool options_utf8(const struct options *options);

/* Parses `argv` (argv[0] decides between virt-memtune and virt-memtop) over `settings`, which it
 * takes. False: one sentence in `error`, STATUS_USAGE. --help prints and exits. */
bool options_parse(struct options *options, struct settings *settings, int argc, char **argv,
                   GError **error);
/* False where the site's settings let connect to other hosts only. */
bool options_may_connect(const struct options *options, const char *uri, GError **error);
void options_clear(struct options *options);

#endif
