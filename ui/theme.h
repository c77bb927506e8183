/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Roles of what is painted, and how a theme shows each. The code names roles and never colours. A
 * theme is a key file, [theme] colors=16 and [paint] ROLE=FOREGROUND [on BACKGROUND] [bold]
 * [underline] [reverse] [dim]; colours are default, the eight ANSI names, bright-NAME, or 0 to 255.
 */
#ifndef UI_THEME_H
#define UI_THEME_H

#include "ui/paint.h"

#include <glib.h>
#include <stdbool.h>

#define PAINT_STRONG PAINT_TICK /* titles, headings, key letters */

enum style_attr {
    STYLE_BOLD = 1,
    STYLE_DIM = 2,
    STYLE_UNDERLINE = 4,
    STYLE_REVERSE = 8,
};

struct style {
    short foreground, background; /* 0..255, -1 the terminal's own */
    unsigned attrs;               /* enum style_attr */
};

struct theme {
    char *name;
    int colors; /* that it needs: 0, 8, 16 or 256 */
    struct style styles[PAINT_COUNT_];
};

/* Of the name's file: the user's ($XDG_CONFIG_HOME/virt-memtune/themes/NAME.theme), else the
 * installed one; `directory` (may be NULL) is looked into first. NULL or "default" without a file
 * is built in. Never NULL: where the file is missing or broken the default is returned and the
 * error set, one sentence with the file, the line's key and what to do. */
struct theme *theme_load(const char *name, const char *directory, GError **error);
/* Of the file's text. NULL and an error where it is broken. */
struct theme *theme_parse(const char *name, const char *text, gsize length, GError **error);
struct theme *theme_default(void);
struct theme *theme_mono(void);
void theme_free(struct theme *theme);
/* Names of all themes found, sorted; g_strfreev. */
char **theme_names(const char *directory);

#endif
