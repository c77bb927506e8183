/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The interactive program: it owns the terminal, the main loop, the model, the theme, the staged
 * edits and the stack of screens. Screens reach all of it through the functions here. One thread.
 */
#ifndef UI_APP_H
#define UI_APP_H

#include "model/model.h"
#include "ui/theme.h"

struct app;
struct column;
struct journal_reader;
struct messages;
struct screen;
struct view;

struct app_options {
    const struct backend *const *backends;
    const char *const *uris; /* NULL-terminated; connected in this order */
    bool read_only;          /* -r, virt-memtop or the site: never opens for writing */
    bool ascii, no_mouse, plain;
    bool no_programs, stamp;             /* see struct model_options */
    bool all;                            /* also list what is off */
    unsigned delay_ms;                   /* 0: 2000 */
    unsigned countdown;                  /* 0: GUARD_SECONDS */
    const char *theme;                   /* name, or NULL */
    const char *theme_directory;         /* looked into before the others, or NULL */
    const char *filter, *sort, *columns; /* as on the command line, or NULL */
    const char *header;                  /* lines of hosts: "auto", a number, or NULL */
    const char *bars, *units;            /* of bar_scale_names, of size_unit_names, or NULL */
    const char *program;                 /* "virt-memtune" or "virt-memtop" */
    int64_t clock; /* tests: a fixed time of day, seconds since the epoch; 0: the real one */
};

/* Runs until the user quits or the terminal or a signal ends it. False and an error where it could
 * not start ("TERM=dumb cannot show a screen: use -b"). *status is the exit status. */
bool app_run(const struct app_options *options, int *status, GError **error);

/* --- what screens use ---------------------------------------------------------------------- */

const struct app_options *app_options(const struct app *app);
struct model *app_model(struct app *app);
struct changeset *app_changes(struct app *app);      /* staged edits */
struct view *app_view(struct app *app);              /* rows, selection, tags: ui/view.h */
struct messages *app_messages(struct app *app);      /* ui/messages.h */
struct journal_reader *app_journal(struct app *app); /* the end of all journals that can be read */
/* Seconds until what the review applies to be kept goes back. */
unsigned app_countdown(const struct app *app);
unsigned app_delay_ms(const struct app *app);
void app_set_delay(struct app *app, unsigned delay_ms);
int app_width(const struct app *app); /* columns of the terminal */
/* Columns that were chosen, NULL-terminated; NULL: by the width. */
const struct column *const *app_columns(const struct app *app);
/* NULL: by the width. A wrong name is a message and changes nothing. */
void app_set_columns(struct app *app, const char *names);
const char *app_theme_name(const struct app *app);
void app_set_theme(struct app *app, const char *name);
/* Lines of hosts above the table; -1: as there is room. */
int app_host_lines(const struct app *app);
void app_set_host_lines(struct app *app, int lines);
bool app_utf8(const struct app *app); /* else its own marks are ASCII */
bool app_read_only(const struct app *app);
GMainContext *app_context(struct app *app);
int64_t app_time(const struct app *app); /* seconds since the epoch; fixed in tests */

void app_push(struct app *app, struct screen *screen); /* takes it */
/* Pops `screen` and everything above it, if it and they may close. The screen is freed before the
 * next event, not at once. False where one of them stays. */
bool app_pop(struct app *app, struct screen *screen);
/* Takes out `screen` alone and asks nothing; what is above stays. */
void app_remove(struct app *app, struct screen *screen);
/* The screen below in the stack, or NULL. */
struct screen *app_below(struct app *app, struct screen *screen);
struct screen *app_top(struct app *app);
/* Everything is drawn anew soon; cheap, any number of times. */
void app_redraw(struct app *app);
void app_quit(struct app *app, int status); /* at once: askers ask before */

/* A sentence on the status line, for 5 s or until the next key, and in the list of messages. */
void app_message(struct app *app, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* The same in the colour of a failure, and until the next key. */
void app_error(struct app *app, const char *format, ...) G_GNUC_PRINTF(2, 3);
void app_beep(struct app *app);
/* Drops what was typed and not read yet. */
void app_flush_input(struct app *app);

/* Opens the connection for writing after one asked line ("Open kvm07 for writing? y"); `then` runs
 * with the answer, at once where it is open already. On a read-only program: false, with a message.
 */
void app_open_for_writing(struct app *app, uint16_t connection,
                          void (*then)(struct app *app, bool open, void *data), void *data);

/* Shows `text` on a plain screen without anything around it, to select with the mouse, and sends it
 * to the terminal's clipboard (OSC 52). Any key comes back. */
void app_copy(struct app *app, const char *text);

#endif
