/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One line of text being typed: a prompt, a field of a form. ^A ^E Home End, ^K ^U ^W, Left Right,
 * Backspace, Del, pastes. Shows its end where it is wider than its room.
 */
#ifndef UI_LINEEDIT_H
#define UI_LINEEDIT_H

#include "ui/canvas.h"
#include "ui/keys.h"

struct lineedit {
    GString *text;
    size_t cursor; /* byte, at a character's start */
    bool secret;   /* drawn as asterisks, wiped by lineedit_clear() */
    bool fresh;    /* typing starts anew, Right or another moving key edits */
};

void lineedit_init(struct lineedit *edit, const char *text);
void lineedit_clear(struct lineedit *edit); /* frees; may be called twice */
void lineedit_set(struct lineedit *edit, const char *text);
const char *lineedit_text(const struct lineedit *edit);
/* True where the event was for it. Enter, Esc, Tab, Up and Down never are. */
bool lineedit_event(struct lineedit *edit, const struct event *event);
/* Fills `columns` cells with the text and `blank` after it; puts the hardware cursor where
 * `focused`. */
void lineedit_draw(const struct lineedit *edit, const struct canvas *canvas, int row, int column,
                   int columns, enum paint paint, gunichar blank, bool focused);

#endif
