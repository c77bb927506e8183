/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a piece of text on the screen means. Code says a paint, a theme says its colours; every
 * paint has a sign in the text as well, so that nothing is lost without colour.
 */
#ifndef UI_PAINT_H
#define UI_PAINT_H

enum paint {
    PAINT_TEXT,        /* nothing special */
    PAINT_NEEDED,      /* bar: | */
    PAINT_GUEST,       /* bar: : what only the guest could give back */
    PAINT_DROP,        /* bar: . what the host drops by itself */
    PAINT_UNKNOWN,     /* bar and numbers: ? */
    PAINT_BALLOONED,   /* bar: o */
    PAINT_TICK,        /* bar: s g T ] over the fill */
    PAINT_TICK_PASSED, /* the same, and more is held than that */
    PAINT_KILLED,      /* X !: killed, or nearly full of a killing wall */
    PAINT_SLOWED,      /* ~ */
    PAINT_NOTICE,      /* ! or words: below 10 %, malloc refused, slow walls */
    PAINT_STALE,       /* ? -: stale, off, template */
    PAINT_STAGED,      /* changed and not written yet */
    PAINT_SELECTED,    /* > */
    PAINT_HEADER,      /* headings, names of keys */
    PAINT_OK,          /* a good word: loosens, kept */
    PAINT_COUNT_,
};

#endif
