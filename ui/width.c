/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/width.h"

#include <wchar.h>

int width_of_char(gunichar c)
{
    int width;

    if (c >= ' ' && c < 127)
        return 1;
    width = wcwidth((wchar_t)c);
    return width < 0 ? 1 : width;
}

int width_of(const char *text)
{
    int width = 0;

    for (; *text; text = g_utf8_next_char(text))
        width += width_of_char(g_utf8_get_char(text));
    return width;
}

size_t width_fit(const char *text, int columns)
{
    const char *at = text;

    for (; *at; at = g_utf8_next_char(at)) {
        columns -= width_of_char(g_utf8_get_char(at));
        if (columns < 0)
            break;
    }
    return (size_t)(at - text);
}

char *width_cut(const char *text, int columns)
{
    return g_strndup(text, width_fit(text, columns));
}

char *width_cut_middle(const char *text, int columns)
{
    int width = width_of(text);
    int head = columns / 4;
    size_t head_bytes;
    const char *tail;

    if (width <= columns)
        return g_strdup(text);
    if (columns < 3)
        return width_cut(text, MAX(columns, 0));
    head_bytes = width_fit(text, head);
    tail = text + head_bytes;
    /* drop from the middle until the rest fits; a combining mark never begins the tail */
    for (int drop = width_of(tail) - (columns - 1 - head); *tail; tail = g_utf8_next_char(tail)) {
        int w = width_of_char(g_utf8_get_char(tail));

        if (drop <= 0 && w > 0)
            break;
        drop -= w;
    }
    return g_strdup_printf("%.*s~%s", (int)head_bytes, text, tail);
}
