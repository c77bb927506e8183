/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a finished sequence means: tables of what terminals really send. */
#include "ui/keys-private.h"

#include <string.h>

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
        return keys_plain((unsigned)code);
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
        keys_emit(decoder, with_modifiers(value[2], value[1]));
        return;
    }
    if (n > 2 || (n == 2 && value[1] > 1))
        return;
    for (size_t i = 0; i < G_N_ELEMENTS(csi_numbers); i++)
        if (csi_numbers[i].number == value[0])
            keys_emit(decoder, csi_numbers[i].key);
}

void keys_csi(struct key_decoder *decoder, char final)
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
            keys_emit(decoder, with_modifiers(value[0], value[1]));
    } else if (final == 'n' && n == 1 && value[0] == 0 && decoder->n_parameters) {
        struct event event = {.kind = EVENT_STATUS};

        decoder->event(&event, decoder->data);
    } else if (!decoder->n_parameters || (n == 2 && value[0] == 1 && value[1] == 1 && sub[1] != 3))
        keys_emit(decoder, find_letter(csi_letters, final));
}

void keys_ss3(struct key_decoder *decoder, char final)
{
    keys_emit(decoder, find_letter(ss3_letters, final));
}

void keys_linux(struct key_decoder *decoder, char final)
{
    keys_emit(decoder, find_letter(linux_letters, final));
}
