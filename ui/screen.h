/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a screen is to the program: a table of functions and a table of keys. The key bar, the help
 * and the palette are generated from the key tables; a row whose function writes is gone from all
 * three where nothing may be written.
 *
 * Screens are stacked; the top one gets the keys. A key goes to the top screen's event(), then to
 * its bindings, then, unless it keeps its keys, to the program's own (app-keys.c). The program
 * draws the two bottom rows: the line of status() (or a message, for as long as it is new) and the
 * key bar. A screen draws the rest, its whole picture every time; only differences are sent.
 *
 * To add a screen: one file with its struct screen_ops and a function `struct screen *…_new(…)`
 * that somebody's key pushes.
 */
#ifndef UI_SCREEN_H
#define UI_SCREEN_H

#include "ui/app.h"
#include "ui/canvas.h"
#include "ui/keys.h"

enum binding_flags {
    BINDING_WRITES = 1,  /* leads to a write: gone when read-only */
    BINDING_HIDDEN = 2,  /* works, and is in no bar, help or palette: twins */
    BINDING_NO_KEYS = 4, /* palette only */
    BINDING_FIRST = 8,   /* of the program's table: in the bar before the screen's own */
};

struct binding {
    int key;          /* ui/keys.h; 0 ends the table (BINDING_NO_KEYS rows have key -1) */
    int twin;         /* another key that does the same, or 0 */
    const char *bar;  /* word in the key bar, or NULL */
    const char *name; /* full name in the palette: "edit", or NULL */
    const char *help; /* one sentence without a final stop */
    unsigned flags;   /* enum binding_flags */
    void (*run)(struct screen *screen);
};

enum screen_flags {
    SCREEN_OVERLAY = 1, /* drawn over the screen below, on the whole terminal; no bars of its own */
    SCREEN_KEEPS_KEYS =
        2, /* the program's own keys (? : q 0-3 …) do not act; ^L and ^Z always do */
};

struct screen_ops {
    const char *name;               /* "domains": palette and help */
    const char *title;              /* of its help page */
    const char *about;              /* a sentence or two on top of its help page, or NULL */
    unsigned flags;                 /* enum screen_flags */
    const struct binding *bindings; /* may be NULL */
    void (*draw)(struct screen *screen, const struct canvas *canvas);
    /* The status line; "" for none. Valid until the next call. May be NULL. */
    const char *(*status)(struct screen *screen);
    /* True: taken. Resizes need no event: draw() sees the canvas. May be NULL. */
    bool (*event)(struct screen *screen, const struct event *event);
    /* New figures, or a second went by. May be NULL. */
    void (*update)(struct screen *screen);
    /* It became the top screen (again). May be NULL. */
    void (*shown)(struct screen *screen);
    /* Before the program or somebody pops it: false keeps it open (it says why itself). May be
     * NULL. */
    bool (*may_close)(struct screen *screen);
    void (*free)(struct screen *screen);
};

/* First member of each screen's own struct. */
struct screen {
    const struct screen_ops *ops;
    struct app *app;
};

#endif
