/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Child processes: run without a shell, to their end, with bounds.
 *
 * A child gets the argument vector as it is, /dev/null as its input, a small environment of its own
 * (LC_ALL=C, PATH with the system directories, HOME and what ssh needs), its own process group and
 * an empty signal mask. What it prints is kept up to a bound; past it, after the timeout or when
 * cancelled, its whole group is ended (SIGTERM, then SIGKILL) and the call fails.
 *
 * All functions may be called from any thread. They block, and use a private GMainContext: never
 * the default one.
 */
#ifndef BACKENDS_SUPPORT_RUN_H
#define BACKENDS_SUPPORT_RUN_H

#include <gio/gio.h>
#include <stdbool.h>

struct run_options {
    unsigned timeout_ms;  /* 0: 60 s */
    size_t max_output;    /* bytes of output and of error text, each; 0: 16 MiB */
    GCancellable *cancel; /* or NULL */
};

/* What a program left behind when it ended by itself, whatever its exit status. */
struct run_result {
    char *out; /* never NULL, terminated; may hold zero bytes before out_size */
    size_t out_size;
    char *err;  /* never NULL, terminated */
    int status; /* exit status; 128 + N when signal N ended it */
};

/* `argv` ends with NULL; argv[0] is an absolute path. Errors are BACKEND_ERROR: FAILED (cannot be
 * started, prints too much), TIMEOUT, CANCELLED. *result is cleared with run_result_clear() and
 * untouched on error. `options` may be NULL. */
bool run_program(const char *const *argv, const struct run_options *options,
                 struct run_result *result, GError **error);
void run_result_clear(struct run_result *result);

/* The absolute path of the program `name` (no slash in it), newly allocated: in `first` (a
 * directory, or NULL), then in the absolute directories of PATH, then in the usual system
 * directories. Error: BACKEND_ERROR_UNSUPPORTED that names it. */
char *run_find(const char *name, const char *first, GError **error);

/* What went wrong in one sentence without a final stop: the last line that is not blank of the
 * error text, else of the output, else "exit status N". Cleaned, newly allocated. */
char *run_complaint(const struct run_result *result);

#endif
