/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The settings file: what holds from one start to the next. The system's file is read first, then
 * the user's over it; "read_only=true" in the system's holds whatever else says. A file that cannot
 * be used is one message and counts as empty; a wrong line is one message and counts as not there.
 *
 *   [settings]
 *   connect=qemu:///system;lxc:///system
 *   delay=2
 */
#ifndef UI_SETTINGS_H
#define UI_SETTINGS_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#define SETTINGS_GROUP "settings"

struct settings {
    char **connect;        /* URIs and aliases, or NULL */
    gboolean connect_only; /* of the system's file: nothing but its own connections */
    char **pinned;         /* these, or NULL */
    gboolean read_only;
    gboolean read_only_by_site;            /* nothing may relax it */
    double delay;                          /* seconds, 0: not set */
    double countdown;                      /* seconds of the review's c, 0: not set */
    char *filter, *sort, *columns, *theme; /* NULL: not set */
    char *header;                          /* "auto" or a number; NULL: not set */
    char *bars, *units;       /* of bar_scale_names, of size_unit_names; NULL: not set */
    gboolean no_uri_programs; /* no address that names a program to run: see uri_program() */
    gboolean no_uri_programs_by_site; /* nothing may relax it */
    gboolean ascii, no_mouse, all, stamp;
};

enum setting_type {
    SETTING_FLAG,
    SETTING_SECONDS, /* a number from `least` to 3600 */
    SETTING_TEXT,
    SETTING_LIST, /* ';' between */
};

/* One key of the file. */
struct setting_row {
    const char *key;
    enum setting_type type;
    size_t offset; /* in struct settings */
    const char *help;
    /* NULL, or says why a text cannot be. */
    bool (*valid)(const char *text, GError **error);
    unsigned least; /* of SETTING_SECONDS; 0: 1 */
};
extern const struct setting_row setting_rows[]; /* ends with a NULL key */

void settings_clear(struct settings *settings);

/* Lays one file over `settings`. A file that does not exist is empty. `messages` (of char *, may be
 * NULL) gets one sentence for each thing that could not be used. `site`: the system's file. */
void settings_read(struct settings *settings, const char *path, bool site, GPtrArray *messages);
/* The same from text: `name` is what messages call it. */
void settings_read_text(struct settings *settings, const char *text, size_t length,
                        const char *name, bool site, GPtrArray *messages);

/* The user's file: newly allocated. */
char *settings_user_path(void);
/* The system's file, fixed when the program was built. */
const char *settings_site_path(void);

/* Writes one key into the user's file and leaves the rest of it as it is, comments too. `value` is
 * text as in the file; NULL removes the key. The folder is made where it is missing. */
bool settings_write(const char *path, const char *key, const char *value, GError **error);

#endif
