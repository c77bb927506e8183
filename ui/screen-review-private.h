/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The review as its own files share it: what it holds, and what each of them does. */
#ifndef UI_SCREEN_REVIEW_PRIVATE_H
#define UI_SCREEN_REVIEW_PRIVATE_H

#include "ui/app.h"
#include "ui/review.h"
#include "ui/screen.h"

struct review_screen {
    struct screen screen;
    struct review *review;
    GPtrArray *lines;              /* as drawn last */
    struct domain_key key;         /* of the selected change … */
    const struct tunable *tunable; /* … which is this one */
    int top, rows;
    GString *status;
    char *path;           /* to be written over after a question */
    struct change *asked; /* what is being asked about … */
    size_t n_asked;
    enum review_verdict verdict; /* … what it was judged then … */
    /* … and what writes it once it is confirmed. */
    void (*write)(struct app *app, const struct change *changes, size_t n);
    char *guard;      /* what is said of a guard; "": none is needed; NULL: not asked yet */
    bool guard_ready; /* a countdown is offered */
};

/* screen-review.c. Judges what is staged now. */
void review_judge(struct review_screen *about);
/* The index of the selected line of `lines`; the first one where what was selected is not there any
 * more; -1 where nothing can be selected. */
int review_selected(struct review_screen *about);
/* The domain of the selected change, or NULL. */
const struct review_group *review_selected_group(struct review_screen *about);

/* screen-review-draw.c */
void review_draw(struct screen *screen, const struct canvas *canvas);

/* screen-review-apply.c: the key that writes. What needs no typing first, all of it; then one
 * dangerous domain at a time. */
void review_apply(struct screen *screen);
/* What is to be written the same way, other than by a: asks one line about `changes` (taken), which
 * were all judged READY … */
void review_ask(struct review_screen *about, struct change *changes, size_t n);
/* … or for the typed name of a dangerous group. */
void review_ask_name(struct review_screen *about, const struct review_group *group);

/* screen-review-confirm.c: the key that writes and goes back unless it is kept. */
void review_confirm(struct screen *screen);
/* Whether it is there for what is staged. */
bool review_may_confirm(struct review_screen *about);

/* screen-review-shrink.c. The key that shrinks: the same by safe shrink, and what does not shrink
 * is applied as ever. */
void review_shrink(struct screen *screen);

/* screen-review-write.c: the key that writes a file. */
void review_write_file(struct screen *screen);

#endif
