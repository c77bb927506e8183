/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The insides of the terminal, for term*.c alone. */
#ifndef UI_TERM_PRIVATE_H
#define UI_TERM_PRIVATE_H

#include "ui/term.h"

#include <termios.h>

/* What of terminfo is used. */
enum capability {
    CAP_CUP,   /* moves to row and column */
    CAP_CUF,   /* moves right by a number */
    CAP_CLEAR, /* also goes home */
    CAP_EL,    /* erases to the end of the line */
    CAP_SMCUP,
    CAP_RMCUP,
    CAP_CIVIS,
    CAP_CNORM,
    CAP_SGR0,
    CAP_BOLD,
    CAP_DIM,
    CAP_SMUL,
    CAP_REV,
    CAP_SETAF,
    CAP_SETAB,
    CAP_KMOUS,
    CAP_COUNT_,
};

struct term {
    int fd; /* the terminal, non-blocking, our own description */
    bool plain, mouse, ansi, utf8, entered;
    bool keeps_corner; /* writing the last cell of the last row does not scroll */
    int rows, columns, colors;
    struct termios saved, raw;
    char *caps[CAP_COUNT_];
    GByteArray *out;         /* on its way to the terminal */
    guint sent;              /* of it */
    struct grid_cell *shown; /* what the terminal shows, once `out` is there */
    bool forget;
    bool answers;     /* it has answered a status request */
    gint64 asked;     /* when one was sent that is not answered yet; 0 none */
    guint before_ask; /* bytes sent up to it and since the last answer … */
    guint since_ask;  /* … and after it */
    char *styles[PAINT_COUNT_];
    int row, column; /* where the cursor is; row -1: not known */
    int paint;       /* as it writes; -1: not known */
    int cursor;      /* 0 hidden, 1 shown, -1 not known */
};

/* term.c: a capability with its parameters; valid until the next call. */
const char *term_parameter(const struct term *term, enum capability capability, long a, long b);

/* term-draw.c: without its padding ("$<5>"): a buffer is between us and any slow terminal. */
void term_put(struct term *term, const char *text);
void term_go_to(struct term *term, int row, int column);

/* term-io.c: after a picture of `n` bytes, asks whether it was drawn where it is time to. */
void term_ask(struct term *term, guint n);
/* For the moments when somebody else is about to use the terminal. */
void term_drain(struct term *term, int ms);

#endif
