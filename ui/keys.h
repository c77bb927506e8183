/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one decoder of what a terminal sends: bytes in, events out. Whole control sequences are
 * taken; one that means nothing here is swallowed, so that no part of it ever becomes a command.
 * Knows the variants of xterm, PuTTY, rxvt, the Linux console and kitty (CSI u), SGR mouse reports,
 * bracketed paste and focus reports. Alt with a key is swallowed. Pure: no I/O, no clock.
 */
#ifndef UI_KEYS_H
#define UI_KEYS_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* A key is a Unicode character, a control character (K_CTRL('d')) or one of these. */
enum key_code {
    K_TAB = 9,
    K_ENTER = 13, /* also ^J and the keypad's */
    K_ESC = 27,
    K_BACKSPACE = 127, /* also 8 */
    K_UP = 0x110000,
    K_DOWN,
    K_LEFT,
    K_RIGHT,
    K_HOME,
    K_END,
    K_PAGE_UP,
    K_PAGE_DOWN,
    K_INSERT,
    K_DELETE,
    K_BACKTAB,
    K_F1, /* K_F1 + n - 1 is Fn, to F12 */
    K_F12 = K_F1 + 11,
};
#define K_CTRL(c) ((c)&0x1f)
#define K_F(n) (K_F1 + (n)-1)

enum event_kind {
    EVENT_KEY,
    EVENT_PASTE,    /* text: one clean line, newlines became blanks; never empty */
    EVENT_CLICK,    /* left button pressed at row, column (from 0) */
    EVENT_WHEEL_UP, /* at row, column */
    EVENT_WHEEL_DOWN,
    EVENT_STATUS, /* the terminal answered a status request: it has drawn what came before */
};

struct event {
    enum event_kind kind;
    int key;
    int row, column;
    const char *text; /* PASTE only; valid during the call */
};

#define KEYS_ESC_MS 40       /* a lone ESC is the key Esc after this long */
#define KEYS_SEQUENCE_MS 500 /* a sequence that was begun and never ended is dropped after this */

struct key_decoder;
struct key_decoder *key_decoder_new(void (*event)(const struct event *event, void *data),
                                    void *data);
void key_decoder_free(struct key_decoder *decoder);
void key_decoder_feed(struct key_decoder *decoder, const uint8_t *bytes, size_t n);
/* Milliseconds without a byte after which to call key_decoder_expire(); -1: not waiting. */
int key_decoder_wait_ms(const struct key_decoder *decoder);
void key_decoder_expire(struct key_decoder *decoder);
/* Forgets what was begun. */
void key_decoder_reset(struct key_decoder *decoder);

/* "e", "^D", "F1", "PgDn", "Space", "Enter": for key bars and help. Returns `text`. */
#define KEY_LABEL_MAX 8
const char *key_label(int key, char text[KEY_LABEL_MAX]);

#endif
