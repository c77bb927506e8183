/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The terminal: the one place that knows curses. Sends what differs between pictures, never blocks:
 * curses writes into memory, and term_pump() sends that as far as the terminal takes it. While a
 * picture is on its way no new one is begun, so that a slow terminal sees the newest and none
 * queues up; where the terminal answers status requests, "on its way" ends when it has drawn and
 * not when the kernel has taken it. The terminal has a file description of its own, so that making
 * it non-blocking reaches nobody else. It is restored by term_close() and, if the program crashes,
 * by a signal handler. One terminal a process, one thread.
 */
#ifndef UI_TERM_H
#define UI_TERM_H

#include "ui/canvas.h"

struct term_options {
    bool plain; /* no alternate screen; the picture stays after the end */
    bool no_mouse;
};

/* Error (G_IO_ERROR): no terminal, or one that cannot show a screen; the sentence names -b. */
bool term_usable(GError **error);

struct term;
/* Error (G_IO_ERROR): it is not usable, or cannot be opened. */
struct term *term_open(const struct term_options *options, GError **error);
void term_close(struct term *term);

int term_fd(const struct term *term);
/* The C library's charset is UTF-8. */
bool term_utf8(const struct term *term);
int term_colors(const struct term *term); /* 0, 8, 16, 88, 256, … */
void term_theme(struct term *term, const struct theme *theme);
/* As the kernel has it now. True where it changed. */
bool term_resize(struct term *term);
void term_size(const struct term *term, int *rows, int *columns);

/* False where the picture before is still on its way: call again when term_pending() is false. */
bool term_draw(struct term *term, const struct grid *grid);
/* The next picture is sent whole. */
void term_forget(struct term *term);
/* Bytes beside the picture: a bell, the clipboard. */
void term_send(struct term *term, const char *bytes, size_t n);
bool term_pending(const struct term *term);
/* Bytes are on their way, or much was sent that the terminal has not said it has drawn. */
bool term_busy(const struct term *term);
/* It answered a status request (EVENT_STATUS). */
void term_answered(struct term *term);
/* Sends what it takes now. False: the terminal is gone. */
bool term_pump(struct term *term);
/* Bytes read, 0 nothing there, -1 the terminal is gone. */
gssize term_read(struct term *term, uint8_t *bytes, size_t n);
void term_flush_input(struct term *term);

/* Gives the terminal back as it was found, and takes it again (also after somebody else used it).
 */
void term_leave(struct term *term);
void term_enter(struct term *term);

#endif
