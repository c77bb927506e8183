/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The decoder's insides, for keys.c and keys-sequence.c. */
#ifndef UI_KEYS_PRIVATE_H
#define UI_KEYS_PRIVATE_H

#include "ui/keys.h"

enum decoder_state {
    GROUND,
    UTF8,     /* within a character */
    ESCAPE,   /* ESC was read */
    ALT_UTF8, /* within the character after ESC: swallowed */
    CSI,
    CSI_LINUX, /* ESC [ [ and one letter */
    SS3,
    STRING,     /* OSC, DCS, APC, PM, SOS: to BEL or ESC \ */
    STRING_END, /* ESC within a string */
    MOUSE_X10,  /* three bytes after ESC [ M */
    PASTE,
};

#define PARAMETERS_MAX 48

struct key_decoder {
    void (*event)(const struct event *event, void *data);
    void *data;
    enum decoder_state state;
    unsigned escapes; /* ESCs read in a row: the second makes what follows an Alt sequence */
    uint8_t utf8[4];
    unsigned utf8_have, utf8_need;
    char parameters[PARAMETERS_MAX]; /* of a CSI or SS3 sequence */
    size_t n_parameters;
    bool too_long;
    unsigned skip;
    GString *paste;
};

void keys_emit(struct key_decoder *decoder, int key);
/* A control character as the key that sends it. */
int keys_plain(unsigned c);

/* keys-sequence.c: what a finished sequence means; what is not known is swallowed. */
void keys_csi(struct key_decoder *decoder, char final);
void keys_ss3(struct key_decoder *decoder, char final);
void keys_linux(struct key_decoder *decoder, char final);

#endif
