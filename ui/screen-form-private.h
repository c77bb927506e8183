/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The form's screen, for screen-form.c and screen-form-input.c. */
#ifndef UI_SCREEN_FORM_PRIVATE_H
#define UI_SCREEN_FORM_PRIVATE_H

#include "ui/app.h"
#include "ui/form-draw.h"
#include "ui/screen.h"

struct form_screen {
    struct screen screen;
    struct form_view view;
    struct domain_key *keys;
    struct row *rows; /* scratch, one a domain */
    size_t n;
    char *name;        /* of the first domain, as seen last */
    bool active, gone; /* as seen last */
    size_t staged;
    bool warned; /* that leaving loses what makes no sense */
    GString *status;
};

/* screen-form.c. The focused row's text into the line that is edited. */
void screen_form_load(struct form_screen *form);

/* screen-form-input.c: moving and typing. */
void screen_form_move(struct form_screen *form, int step);
void screen_form_next(struct screen *screen);
void screen_form_previous(struct screen *screen);
void screen_form_focus(struct form_screen *form, size_t index);
void screen_form_cycle_scopes(struct form_screen *form, bool forward);
/* Enter checks what is typed and goes on; it never leaves. */
void screen_form_enter(struct screen *screen);
/* A character or a paste into the focused field. */
void screen_form_type(struct form_screen *form, const struct event *event);
bool screen_form_is_text(const struct event *event);
/* A key on a fold or on the choice of scopes, which take few. */
void screen_form_press(struct form_screen *form, const struct event *event);
bool screen_form_click(struct form_screen *form, int row);

#endif
