/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Small questions over a screen: a line to answer with one key, a line to type into, a menu. Each
 * is an overlay on the stack of screens and goes away by itself before its function runs.
 */
#ifndef UI_DIALOG_H
#define UI_DIALOG_H

#include "ui/screen.h"

/* One line in place of the key bar. Input typed before is dropped, and keys within the first 0.5 s
 * do nothing (Esc and n do). `yes` holds the keys that mean yes ('y', K_ENTER; 0-terminated);
 * everything else is no. */
void dialog_ask(struct app *app, const char *question, const int *yes,
                void (*answer)(struct app *app, bool yes, void *data), void *data);

struct prompt {
    const char *label; /* "Filter: " */
    const char *text;  /* to begin with, or NULL */
    bool secret;
    /* Every change of the text, for incremental search; may be NULL. */
    void (*changed)(struct app *app, const char *text, void *data);
    /* Up and Down, and keys that are not text: true where taken; may be NULL. */
    bool (*key)(struct app *app, int key, void *data);
    /* Tab: newly allocated text to go on with, or NULL. May be NULL. */
    char *(*complete)(struct app *app, const char *text, void *data);
    /* Newly allocated hint drawn after the text, or NULL. May be NULL. */
    char *(*hint)(struct app *app, const char *text, void *data);
    /* Enter: the text; Esc: NULL. False keeps the prompt open (a message says why). */
    bool (*done)(struct app *app, const char *text, void *data);
    void *data;
    GDestroyNotify free_data; /* or NULL */
};
void dialog_prompt(struct app *app, const struct prompt *prompt);

/* A boxed list: `items` NULL-terminated, copied; chosen by letter of keys[i] (or NULL: none), by
 * moving and Enter, or by a click. `done` gets the index, or -1. */
void dialog_menu(struct app *app, const char *title, const char *const *items, const char *keys,
                 int selected, void (*done)(struct app *app, int index, void *data), void *data);

#endif
