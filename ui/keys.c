/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/keys.h"

#include <string.h>

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
#define PASTE_MAX 4096
#define PASTE_WAIT_MS 2000

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

static void emit_key(struct key_decoder *decoder, int key)
{
    struct event event = {.kind = EVENT_KEY, .key = key};

    if (key)
        decoder->event(&event, decoder->data);
}

static int plain_key(unsigned c)
{
    if (c == '\n' || c == '\r')
        return K_ENTER;
    if (c == 8 || c == 127)
        return K_BACKSPACE;
    return (int)c;
}

/* --- tables: what a finished sequence means ------------------------------------------------ */

struct letter_key {
    char letter;
    int key;
};

/* clang-format off */
/* ESC [ letter and ESC [ 1 ; 1 letter; F1 to F4 only as kitty sends them */
static const struct letter_key csi_letters[] = {
    {'A', K_UP}, {'B', K_DOWN}, {'C', K_RIGHT}, {'D', K_LEFT}, {'H', K_HOME}, {'F', K_END},
    {'Z', K_BACKTAB}, {'P', K_F(1)}, {'Q', K_F(2)}, {'R', K_F(3)}, {'S', K_F(4)}, {0, 0},
};
/* ESC O letter: cursor and keypad keys in application mode */
static const struct letter_key ss3_letters[] = {
    {'A', K_UP}, {'B', K_DOWN}, {'C', K_RIGHT}, {'D', K_LEFT}, {'H', K_HOME}, {'F', K_END},
    {'P', K_F(1)}, {'Q', K_F(2)}, {'R', K_F(3)}, {'S', K_F(4)}, {'M', K_ENTER}, {'I', K_TAB},
    {'w', K_HOME}, {'q', K_END}, {'x', K_UP}, {'r', K_DOWN}, {'t', K_LEFT}, {'v', K_RIGHT},
    {'y', K_PAGE_UP}, {'s', K_PAGE_DOWN}, {0, 0},
};
/* ESC [ [ letter: the Linux console */
static const struct letter_key linux_letters[] = {
    {'A', K_F(1)}, {'B', K_F(2)}, {'C', K_F(3)}, {'D', K_F(4)}, {'E', K_F(5)}, {0, 0},
};

/* ESC [ number ~ */
static const struct { int number, key; } csi_numbers[] = {
    {1, K_HOME}, {2, K_INSERT}, {3, K_DELETE}, {4, K_END}, {5, K_PAGE_UP}, {6, K_PAGE_DOWN},
    {7, K_HOME}, {8, K_END},
    {11, K_F(1)}, {12, K_F(2)}, {13, K_F(3)}, {14, K_F(4)}, {15, K_F(5)},
    {17, K_F(6)}, {18, K_F(7)}, {19, K_F(8)}, {20, K_F(9)}, {21, K_F(10)},
    {23, K_F(11)}, {24, K_F(12)},
};
/* clang-format on */

static int find_letter(const struct letter_key *table, char letter)
{
    for (; table->letter; table++)
        if (table->letter == letter)
            return table->key;
    return 0;
}

/* The first numbers of "13;1:3": missing ones stay 0, a part after ':' goes to sub[]. */
static unsigned numbers(const char *text, int value[3], int sub[3])
{
    unsigned n = 0;

    memset(value, 0, 3 * sizeof *value);
    memset(sub, 0, 3 * sizeof *sub);
    for (const char *at = text; n < 3;) {
        int *into = &value[n];

        for (; *at && *at != ';'; at++) {
            if (*at == ':')
                into = &sub[n];
            else if (g_ascii_isdigit(*at) && *into < 1000000)
                *into = *into * 10 + (*at - '0');
        }
        n++;
        if (!*at)
            break;
        at++;
    }
    return n;
}

static int with_modifiers(int code, int modifiers)
{
    int bits = modifiers > 0 ? (modifiers - 1) & 0x3f : 0; /* lock keys do not count */

    if (code >= 57344 && code <= 63743)
        return 0; /* kitty's functional keys: private use */
    if (bits == 0)
        return plain_key((unsigned)code);
    if (bits == 1 && code >= 'a' && code <= 'z')
        return g_ascii_toupper((char)code);
    if (bits == 1 && code == K_TAB)
        return K_BACKTAB;
    if (bits == 1 && code > ' ' && code < 127)
        return code;
    if (bits == 4 && code >= '@' && code < 127)
        return K_CTRL(code);
    return 0;
}

static void mouse(struct key_decoder *decoder, char final)
{
    struct event event = {0};
    int value[3], sub[3];

    if (numbers(decoder->parameters + 1, value, sub) != 3 || value[1] < 1 || value[2] < 1)
        return;
    event.column = value[1] - 1;
    event.row = value[2] - 1;
    switch (value[0]) {
    case 0:
        event.kind = EVENT_CLICK;
        if (final != 'M')
            return;
        break;
    case 64:
        event.kind = EVENT_WHEEL_UP;
        break;
    case 65:
        event.kind = EVENT_WHEEL_DOWN;
        break;
    default: /* not our enum: other buttons, motion, modifiers */
        return;
    }
    decoder->event(&event, decoder->data);
}

static void csi_number(struct key_decoder *decoder, const int value[3], unsigned n)
{
    if (value[0] == 200 && n == 1) {
        g_string_truncate(decoder->paste, 0);
        decoder->state = PASTE;
        return;
    }
    if (value[0] == 27 && n == 3) { /* xterm's modifyOtherKeys */
        emit_key(decoder, with_modifiers(value[2], value[1]));
        return;
    }
    if (n > 2 || (n == 2 && value[1] > 1))
        return;
    for (size_t i = 0; i < G_N_ELEMENTS(csi_numbers); i++)
        if (csi_numbers[i].number == value[0])
            emit_key(decoder, csi_numbers[i].key);
}

static void csi_done(struct key_decoder *decoder, char final)
{
    bool alt = decoder->escapes > 1;
    int value[3], sub[3];
    unsigned n;

    key_decoder_reset(decoder);
    decoder->parameters[decoder->n_parameters] = '\0';
    if (final == 'M' && !decoder->n_parameters) {
        decoder->state = MOUSE_X10;
        decoder->skip = 3;
        return;
    }
    if (alt || decoder->too_long)
        return;
    if (decoder->parameters[0] == '<' && (final == 'M' || final == 'm')) {
        mouse(decoder, final);
        return;
    }
    if (strspn(decoder->parameters, "0123456789;:") != decoder->n_parameters)
        return;
    n = numbers(decoder->parameters, value, sub);
    if (final == '~')
        csi_number(decoder, value, n);
    else if (final == 'u') {
        if (sub[1] != 3 && decoder->n_parameters)
            emit_key(decoder, with_modifiers(value[0], value[1]));
    } else if (final == 'n' && n == 1 && value[0] == 0 && decoder->n_parameters) {
        struct event event = {.kind = EVENT_STATUS};

        decoder->event(&event, decoder->data);
    } else if (!decoder->n_parameters || (n == 2 && value[0] == 1 && value[1] == 1 && sub[1] != 3))
        emit_key(decoder, find_letter(csi_letters, final));
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
        emit_key(decoder, (int)c);
}

static void escape_byte(struct key_decoder *decoder, uint8_t byte)
{
    decoder->n_parameters = 0;
    decoder->too_long = false;
    if (byte == 0x1b) {
        if (++decoder->escapes > 2) { /* somebody leans on Esc */
            decoder->escapes = 2;
            emit_key(decoder, K_ESC);
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
        csi_done(decoder, (char)byte);
    } else {
        bool plain = decoder->escapes < 2 && !decoder->n_parameters;

        key_decoder_reset(decoder);
        if (plain)
            emit_key(decoder, find_letter(ss3_letters, (char)byte));
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
            emit_key(decoder, plain_key(byte));
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
            emit_key(decoder, find_letter(linux_letters, (char)byte));
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
        emit_key(decoder, K_ESC);
}
