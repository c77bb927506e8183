/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The insides of the program, for app*.c alone. */
#ifndef UI_APP_PRIVATE_H
#define UI_APP_PRIVATE_H

#include "ui/app.h"
#include "ui/keys.h"
#include "ui/loop.h"
#include "ui/messages.h"
#include "ui/screen.h"
#include "ui/term.h"

struct app {
    const struct app_options *options;
    struct loop *loop;
    struct term *term;
    struct grid *grid;
    struct key_decoder *decoder;
    struct theme *theme;
    struct model *model;
    struct changeset *changes;
    struct view *view;
    struct messages *messages;
    struct journal_reader *journal;
    GPtrArray *stack;     /* of struct screen, the top one last */
    GPtrArray *graveyard; /* popped, freed before the next event */
    GSource *input, *output, *escape, *redraw, *tick;
    bool dirty;  /* something to draw as soon as the terminal takes it */
    bool ending; /* the end has begun */
    int status;
    unsigned delay_ms;
    int host_lines;
    const struct column **columns; /* or NULL */
    char *message;                 /* on the status line, or NULL */
    bool message_error;
    gint64 message_until; /* g_get_monotonic_time(); a failure stays until a key */
};

/* app-draw.c */
void app_draw_soon(struct app *app);
void app_pump(struct app *app);
void app_theme_load(struct app *app, const char *name);

/* app-keys.c */
void app_event(struct app *app, const struct event *event);
void app_stop(struct app *app); /* ^Z; returns when it goes on */

/* app-stack.c */
void app_bury(struct app *app); /* frees what was popped */

/* app.c */
void app_continue(struct app *app); /* takes the terminal again */
void app_resized(struct app *app);
void app_take_stderr(struct app *app);

/* app-state.c: changes whose guard has died */
void app_say_orphans(struct app *app);

/* app-write.c */
void app_question(void *app, uint16_t connection, const struct question *question);

#endif
