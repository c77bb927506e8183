/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/text.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define TEXT_MAX 4096
#define ELLIPSIS "\xe2\x80\xa6"

/* Letters and marks that show nothing, which Unicode does not class as format characters. */
static bool is_invisible(gunichar c)
{
    static const struct {
        gunichar first, last;
    } ranges[] = {
        {0x034f, 0x034f}, {0x115f, 0x1160}, {0x17b4, 0x17b5}, {0x180b, 0x180f},
        {0x3164, 0x3164}, {0xffa0, 0xffa0}, {0xfff0, 0xfffb}, {0xe0000, 0xe0fff},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(ranges); i++) {
        if (c >= ranges[i].first && c <= ranges[i].last)
            return true;
    }
    return false;
}

static bool is_visible(gunichar c)
{
    GUnicodeType type;

    if (c >= 0x20 && c < 0x7f)
        return true;
    type = g_unichar_type(c);
    if (type == G_UNICODE_CONTROL || type == G_UNICODE_FORMAT || type == G_UNICODE_SURROGATE ||
        type == G_UNICODE_LINE_SEPARATOR || type == G_UNICODE_PARAGRAPH_SEPARATOR)
        return false;
    /* Format characters younger than GLib's tables are unassigned there. */
    if ((c & 0xfffe) == 0xfffe || (c >= 0xfdd0 && c <= 0xfdef) || (c >= 0x2060 && c <= 0x206f))
        return false;
    return !is_invisible(c);
}

/* One piece of the input and what it becomes. */
struct piece {
    size_t read;   /* bytes of the input */
    char text[16]; /* terminated */
    bool as_it_is;
};

static void escape(struct piece *piece, gunichar c)
{
    if (c == '\t' || c == '\n' || c == '\r')
        snprintf(piece->text, sizeof(piece->text), "\\%c", c == '\t' ? 't' : c == '\n' ? 'n' : 'r');
    else if (c < 0x100)
        snprintf(piece->text, sizeof(piece->text), "\\x%02x", c);
    else
        snprintf(piece->text, sizeof(piece->text), c < 0x10000 ? "\\u%04x" : "\\U%08x", c);
}

static void next_piece(const char *raw, size_t length, struct piece *piece)
{
    gunichar c = g_utf8_get_char_validated(raw, (gssize)length);

    piece->as_it_is = false;
    if (c == (gunichar)-1 || c == (gunichar)-2) {
        piece->read = 1;
        escape(piece, (unsigned char)*raw);
        return;
    }
    piece->read = (size_t)g_unichar_to_utf8(c, NULL);
    piece->as_it_is = is_visible(c);
    if (piece->as_it_is) {
        memcpy(piece->text, raw, piece->read);
        piece->text[piece->read] = '\0';
    } else {
        escape(piece, c);
    }
}

static char *clean(const char *raw, size_t length)
{
    GString *out = g_string_sized_new(length < TEXT_MAX ? length : TEXT_MAX);
    size_t room = 0; /* the longest beginning after which the ellipsis still fits */
    struct piece piece;

    for (size_t i = 0; i < length; i += piece.read) {
        next_piece(raw + i, length - i, &piece);
        if (out->len + strlen(piece.text) > TEXT_MAX) {
            g_string_truncate(out, room);
            g_string_append(out, ELLIPSIS);
            break;
        }
        g_string_append(out, piece.text);
        if (out->len + strlen(ELLIPSIS) <= TEXT_MAX)
            room = out->len;
    }
    return g_string_free(out, FALSE);
}

char *text_clean(const char *raw)
{
    /* An escape is longer than what it stands for: more input can never be shown. */
    return clean(raw ? raw : "", raw ? strnlen(raw, TEXT_MAX + 1) : 0);
}

/* Where the first sentence ends: before a line break, or at a stop before a capital letter. */
static size_t sentence_length(const char *raw)
{
    size_t length = strcspn(raw, "\r\n");

    for (size_t i = 0; i + 2 < length; i++) {
        if (raw[i] == '.' && raw[i + 1] == ' ' && g_ascii_isupper(raw[i + 2]) &&
            !memchr(raw, '\'', i) && !memchr(raw, '"', i))
            return i;
    }
    return length;
}

char *text_clean_sentence(const char *raw)
{
    size_t length;

    raw = raw ? raw : "";
    raw += strspn(raw, " \t\r\n");
    length = sentence_length(raw);
    while (length && strchr(" \t.", raw[length - 1]))
        length--;
    return clean(raw, MIN(length, TEXT_MAX + 1));
}

gboolean text_is_clean(const char *raw)
{
    struct piece piece;
    size_t length;

    if (!raw)
        return FALSE;
    length = strnlen(raw, TEXT_MAX + 1);
    if (length > TEXT_MAX)
        return FALSE;
    for (size_t i = 0; i < length; i += piece.read) {
        piece.read = 1;
        if (raw[i] >= 0x20 && raw[i] < 0x7f)
            continue;
        next_piece(raw + i, length - i, &piece);
        if (!piece.as_it_is)
            return FALSE;
    }
    return TRUE;
}

char *text_shell_quote(const char *raw)
{
    static const char bare[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                               "_@%+=:,./-";

    raw = raw ? raw : "";
    /* "=word" is looked up as a command by some shells. */
    if (*raw && *raw != '=' && !raw[strspn(raw, bare)])
        return g_strdup(raw);
    return g_shell_quote(raw);
}
