/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/keys-private.h"

#include <string.h>

#define PASTE_MAX 4096
#define PASTE_WAIT_MS 2000

struct key_decoder *key_decoder_new(void (*event)(const struct event *event, void *data),
                                    void *data)
{
    struct key_decoder *decoder = g_new0(struct key_decoder, 1);

    decoder->event = event;
    decoder->data = data;
    decoder->paste = g_string_new(NULL);
    return decoder;
}

void key_decoder_free(struct key_decoder *decoder)
{
    if (!decoder)
        return;
    g_string_free(decoder->paste, TRUE);
    g_free(decoder);
}

void key_decoder_reset(struct key_decoder *decoder)
{
    decoder->state = GROUND;
    decoder->escapes = 0;
}

void keys_emit(struct key_decoder *decoder, int key)
{
    struct event event = {.kind = EVENT_KEY, .key = key};

    if (key)
        decoder->event(&event, decoder->data);
}

int keys_plain(unsigned c)
{
    if (c == '\n' || c == '\r')
        return K_ENTER;
    if (c == 8 || c == 127)
        return K_BACKSPACE;
    return (int)c;
}

/* --- bytes --------------------------------------------------------------------------------- */

static void paste_done(struct key_decoder *decoder)
{
    struct event event = {.kind = EVENT_PASTE};
    g_autofree char *valid = g_utf8_make_valid(decoder->paste->str, (gssize)decoder->paste->len);
    g_autoptr(GString) clean = g_string_new(NULL);

    key_decoder_reset(decoder);
    g_strstrip(valid);
    for (const char *at = valid; *at; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);

        if (c == '\n' || c == '\r' || c == '\t')
            g_string_append_c(clean, ' ');
        else if (g_unichar_isprint(c) && g_unichar_type(c) != G_UNICODE_FORMAT)
            g_string_append_unichar(clean, c);
    }
    event.text = clean->str;
    if (clean->len)
        decoder->event(&event, decoder->data);
}

static void paste_byte(struct key_decoder *decoder, uint8_t byte)
{
    static const char end[] = "\033[201~";
    GString *paste = decoder->paste;

    g_string_append_c(paste, (char)byte);
    if (byte == '~' && paste->len >= sizeof end - 1 &&
        !memcmp(paste->str + paste->len - (sizeof end - 1), end, sizeof end - 1)) {
        g_string_truncate(paste, paste->len - (sizeof end - 1));
        paste_done(decoder);
    } else if (paste->len > PASTE_MAX + 64) {
        /* Goes on swallowing: only the beginning is kept, and room for the end mark. */
        g_string_erase(paste, PASTE_MAX, 32);
    }
}

static void utf8_begin(struct key_decoder *decoder, uint8_t byte, enum decoder_state state)
{
    unsigned need = byte >= 0xc2 && byte < 0xe0   ? 2
                    : byte >= 0xe0 && byte < 0xf0 ? 3
                    : byte >= 0xf0 && byte < 0xf5 ? 4
                                                  : 0;

    decoder->escapes = 0;
    decoder->state = need ? state : GROUND;
    decoder->utf8[0] = byte;
    decoder->utf8_have = 1;
    decoder->utf8_need = need;
}

static void feed_byte(struct key_decoder *decoder, uint8_t byte);

static void utf8_byte(struct key_decoder *decoder, uint8_t byte)
{
    bool swallow = decoder->state == ALT_UTF8;
    gunichar c;

    if ((byte & 0xc0) != 0x80) {
        decoder->state = GROUND;
        feed_byte(decoder, byte);
        return;
    }
    decoder->utf8[decoder->utf8_have++] = byte;
    if (decoder->utf8_have < decoder->utf8_need)
        return;
    decoder->state = GROUND;
    c = g_utf8_get_char_validated((const char *)decoder->utf8, (gssize)decoder->utf8_need);
    if (!swallow && c < 0x110000 && g_unichar_isprint(c))
        keys_emit(decoder, (int)c);
}

static void escape_byte(struct key_decoder *decoder, uint8_t byte)
{
    decoder->n_parameters = 0;
    decoder->too_long = false;
    if (byte == 0x1b) {
        if (++decoder->escapes > 2) { /* somebody leans on Esc */
            decoder->escapes = 2;
            keys_emit(decoder, K_ESC);
        }
    } else if (byte == '[')
        decoder->state = CSI;
    else if (byte == 'O')
        decoder->state = SS3;
    else if (byte == ']' || byte == 'P' || byte == 'X' || byte == '^' || byte == '_')
        decoder->state = STRING;
    else if (byte >= 0x80)
        utf8_begin(decoder, byte, ALT_UTF8);
    else
        key_decoder_reset(decoder); /* Alt with a key */
}

static void sequence_byte(struct key_decoder *decoder, uint8_t byte)
{
    if (byte == 0x1b) {
        decoder->state = ESCAPE;
        decoder->escapes = 1;
    } else if (byte < 0x20 || byte >= 0x7f) {
        key_decoder_reset(decoder);
    } else if (decoder->state == CSI && byte == '[' && !decoder->n_parameters) {
        decoder->state = CSI_LINUX;
    } else if (byte < 0x40 &&
               !(byte == '$' && decoder->n_parameters && g_ascii_isdigit(decoder->parameters[0]))) {
        /* rxvt ends Shift sequences with '$', which is no final byte of ECMA-48 */
        if (decoder->n_parameters + 1 < PARAMETERS_MAX)
            decoder->parameters[decoder->n_parameters++] = (char)byte;
        else
            decoder->too_long = true;
    } else if (decoder->state == CSI) {
        keys_csi(decoder, (char)byte);
    } else {
        bool plain = decoder->escapes < 2 && !decoder->n_parameters;

        key_decoder_reset(decoder);
        if (plain)
            keys_ss3(decoder, (char)byte);
    }
}

static void feed_byte(struct key_decoder *decoder, uint8_t byte)
{
    switch (decoder->state) {
    case GROUND:
        if (byte == 0x1b) {
            decoder->state = ESCAPE;
            decoder->escapes = 1;
        } else if (byte >= 0x80)
            utf8_begin(decoder, byte, UTF8);
        else
            keys_emit(decoder, keys_plain(byte));
        break;
    case UTF8:
    case ALT_UTF8:
        utf8_byte(decoder, byte);
        break;
    case ESCAPE:
        escape_byte(decoder, byte);
        break;
    case CSI:
    case SS3:
        sequence_byte(decoder, byte);
        break;
    case CSI_LINUX: {
        bool plain = decoder->escapes < 2;

        key_decoder_reset(decoder);
        if (plain)
            keys_linux(decoder, (char)byte);
        break;
    }
    case STRING:
        if (byte == 0x07 || byte == 0x18 || byte == 0x1a)
            key_decoder_reset(decoder);
        else if (byte == 0x1b)
            decoder->state = STRING_END;
        break;
    case STRING_END:
        decoder->state = GROUND;
        decoder->escapes = 0;
        if (byte != '\\') {
            decoder->state = ESCAPE;
            decoder->escapes = 1;
            escape_byte(decoder, byte);
        }
        break;
    case MOUSE_X10:
        if (--decoder->skip == 0)
            key_decoder_reset(decoder);
        break;
    case PASTE:
        paste_byte(decoder, byte);
        break;
    }
}

void key_decoder_feed(struct key_decoder *decoder, const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        feed_byte(decoder, bytes[i]);
}

int key_decoder_wait_ms(const struct key_decoder *decoder)
{
    switch (decoder->state) {
    case GROUND:
        return -1;
    case ESCAPE:
        return KEYS_ESC_MS;
    case PASTE:
        return PASTE_WAIT_MS;
    case UTF8:
    case ALT_UTF8:
    case CSI:
    case CSI_LINUX:
    case SS3:
    case STRING:
    case STRING_END:
    case MOUSE_X10:
        return KEYS_SEQUENCE_MS;
    }
    return -1;
}

void key_decoder_expire(struct key_decoder *decoder)
{
    unsigned escapes = decoder->state == ESCAPE ? decoder->escapes : 0;

    if (decoder->state == PASTE) {
        paste_done(decoder);
        return;
    }
    key_decoder_reset(decoder);
    while (escapes--)
        keys_emit(decoder, K_ESC);
}
