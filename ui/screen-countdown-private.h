/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The countdown as its own files share it. */
#ifndef UI_SCREEN_COUNTDOWN_PRIVATE_H
#define UI_SCREEN_COUNTDOWN_PRIVATE_H

#include "model/guard.h"
#include "ui/app.h"
#include "ui/page.h"
#include "ui/screen.h"

#define COUNTDOWN_WORD "keep"

struct countdown {
    struct screen screen;
    struct page *page;
    struct guard *guard;
    struct job *job; /* that writes the live ones; NULL before and once it is done */
    bool begun;      /* the guard was told that the time is to run */
    bool written;    /* the job was started */
    struct change *live, *saved;
    size_t n_live, n_saved;
    struct result *results; /* of the job, one per live change; NULL before it tells any */
    size_t n_results;
    char *error;                       /* what stopped the job, or NULL */
    char typed[sizeof COUNTDOWN_WORD]; /* of the word, so far */
    gint64 deaf_until;                 /* keys typed for the countdown do not close its end */
    GString *status;
};

/* screen-countdown-draw.c */
void countdown_draw(struct screen *screen, const struct canvas *canvas);

#endif
