/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing as its own files share it. */
#ifndef UI_SCREEN_APPLY_PRIVATE_H
#define UI_SCREEN_APPLY_PRIVATE_H

#include "model/model.h"
#include "ui/app.h"
#include "ui/page.h"
#include "ui/screen.h"

struct call {
    char *command;
    const char *state; /* "being sent", "done", … */
};

struct apply {
    struct screen screen;
    struct page *page;
    struct job *job; /* NULL once it is done */
    struct result *results;
    size_t n_results;
    GArray *calls; /* struct call */
    size_t step, n_steps;
    enum apply_phase phase;
    struct apply_options options;
    char *detail;   /* of a safe shrink: how far it is, or why it goes back */
    bool restoring; /* it goes back */
    bool cancelled;
    char *error;
    gint64 deaf_until;
    GArray *conflicts; /* size_t: places of results that are still to be decided */
    GString *status;
};

/* screen-apply.c. Written as wanted, or on its way there. */
bool apply_written(enum outcome outcome);
/* The keys that decide a conflict are bound only while there is one. */
void apply_choose_keys(struct apply *apply);

/* screen-apply-draw.c */
void apply_draw(struct screen *screen, const struct canvas *canvas);
/* The domain's name. `row` is room to find it in. */
const char *apply_name(struct apply *apply, const struct domain_key *key, struct row *row);

/* screen-apply-unrecorded.c: once it is done; asks where the journal could not be written. */
void apply_ask_unrecorded(struct apply *apply);

/* screen-apply-conflict.c: what somebody else changed meanwhile, one after the other. */
/* The one that is asked about, or NULL. */
const struct result *apply_conflict(const struct apply *apply);
void apply_draw_conflict(struct apply *apply);
/* Keys. */
void apply_overwrite(struct screen *screen);
void apply_keep(struct screen *screen);
void apply_edit(struct screen *screen);

#endif
