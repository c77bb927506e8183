/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A command that a hypervisor brings for the command line, beside those that work on all. The
 * table is handed to the command line by main, as the hypervisors are to the model.
 */
#ifndef MODEL_COMMAND_H
#define MODEL_COMMAND_H

#include <glib.h>
#include <stdbool.h>

/* Who runs it. */
struct command_user {
    bool read_only; /* nothing may be written */
    /* Shows `text` and asks the question. False: no, or there is nobody to ask. */
    bool (*confirm)(const char *text, const char *question);
};

struct backend_command {
    const char *name;
    const char *synopsis; /* its arguments */
    const char *summary;  /* one line */
    const char *help;     /* more lines, or NULL */
    bool always_done;     /* exits with 0 and says nothing, whatever happens */
    /* `argv` begins with the command's name. Appends what it has to say to `out`. Errors are of
     * BACKEND_ERROR; URI is bad usage. */
    bool (*run)(int argc, char **argv, const struct command_user *user, GString *out,
                GError **error);
};

#endif
