/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rows of what can be given on the command line, as options.c parses them. To add an option:
 * one row, and the field that it fills.
 */
#ifndef UI_OPTIONS_TABLE_H
#define UI_OPTIONS_TABLE_H

#include "ui/options.h"

#define NOT_GIVEN (-G_MAXDOUBLE)

/* What GOption parses into; laid over the settings afterwards. */
struct given {
    struct options *options;
    char **connect;
    gboolean read_only, ascii, no_mouse;
    double delay;
    char *filter, *sort, *columns, *theme;
};

struct option_row {
    unsigned commands;
    char letter;
    const char *name;
    GOptionArg arg;
    bool own; /* the field is in struct options, else in struct given */
    size_t offset;
    const char *help, *value;
};

/* Ends with a NULL name. */
extern const struct option_row option_rows[];

#endif
