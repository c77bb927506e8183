/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/lineedit.h"

#include "ui/width.h"

#include <string.h>

void lineedit_init(struct lineedit *edit, const char *text)
{
    *edit = (struct lineedit){.text = g_string_new(text)};
    edit->cursor = edit->text->len;
}

void lineedit_clear(struct lineedit *edit)
{
    if (!edit->text)
        return;
    explicit_bzero(edit->text->str, edit->text->allocated_len);
    g_string_free(edit->text, TRUE);
    edit->text = NULL;
}

void lineedit_set(struct lineedit *edit, const char *text)
{
    if (edit->text->str != text)
        g_string_assign(edit->text, text);
    edit->cursor = edit->text->len;
    edit->fresh = false;
}

const char *lineedit_text(const struct lineedit *edit)
{
    return edit->text->str;
}

static void insert(struct lineedit *edit, const char *text, size_t n)
{
    if (edit->fresh)
        lineedit_set(edit, "");
    if (edit->text->len + n > 1024)
        return;
    if (edit->secret && edit->text->len + n >= edit->text->allocated_len) {
        /* a secret is never left behind in memory that was grown away from */
        GString *grown = g_string_sized_new(2048);

        g_string_assign(grown, edit->text->str);
        explicit_bzero(edit->text->str, edit->text->allocated_len);
        g_string_free(edit->text, TRUE);
        edit->text = grown;
    }
    g_string_insert_len(edit->text, (gssize)edit->cursor, text, (gssize)n);
    edit->cursor += n;
}

static size_t before(const struct lineedit *edit, size_t at)
{
    const char *text = edit->text->str, *found = g_utf8_find_prev_char(text, text + at);

    return found ? (size_t)(found - text) : 0;
}

static size_t after(const struct lineedit *edit, size_t at)
{
    const char *text = edit->text->str;

    return at < edit->text->len ? (size_t)(g_utf8_next_char(text + at) - text) : at;
}

static void erase(struct lineedit *edit, size_t from, size_t to)
{
    g_string_erase(edit->text, (gssize)from, (gssize)(to - from));
    edit->cursor = from;
}

static size_t word_start(const struct lineedit *edit)
{
    size_t at = edit->cursor;

    while (at > 0 && edit->text->str[at - 1] == ' ')
        at--;
    while (at > 0 && edit->text->str[at - 1] != ' ')
        at--;
    return at;
}

static bool editing_key(struct lineedit *edit, int key)
{
    switch (key) {
    case K_LEFT:
        edit->cursor = before(edit, edit->cursor);
        break;
    case K_RIGHT:
        edit->cursor = after(edit, edit->cursor);
        break;
    case K_HOME:
    case K_CTRL('a'):
        edit->cursor = 0;
        break;
    case K_END:
    case K_CTRL('e'):
        edit->cursor = edit->text->len;
        break;
    case K_CTRL('k'):
        erase(edit, edit->cursor, edit->text->len);
        break;
    case K_CTRL('u'):
        lineedit_set(edit, "");
        break;
    case K_CTRL('w'):
        erase(edit, word_start(edit), edit->cursor);
        break;
    case K_BACKSPACE:
        if (edit->cursor)
            erase(edit, before(edit, edit->cursor), edit->cursor);
        break;
    case K_DELETE:
        erase(edit, edit->cursor, after(edit, edit->cursor));
        break;
    default: /* not our enum: any other key */
        return false;
    }
    edit->fresh = false;
    return true;
}

bool lineedit_event(struct lineedit *edit, const struct event *event)
{
    char utf8[6];

    if (event->kind == EVENT_PASTE) {
        insert(edit, event->text, strlen(event->text));
        return true;
    }
    if (event->kind != EVENT_KEY)
        return false;
    if (event->key >= ' ' && event->key < 0x110000 && event->key != K_BACKSPACE) {
        insert(edit, utf8, (size_t)g_unichar_to_utf8((gunichar)event->key, utf8));
        return true;
    }
    return editing_key(edit, event->key);
}

void lineedit_draw(const struct lineedit *edit, const struct canvas *canvas, int row, int column,
                   int columns, enum paint paint, gunichar blank, bool focused)
{
    struct canvas field = canvas_part(canvas, row, column, 1, columns);
    g_autofree char *left = g_strndup(edit->text->str, edit->cursor);
    const char *text = edit->text->str;
    int cursor = width_of(left), skipped = 0;

    if (edit->secret) {
        canvas_fill(&field, 0, 0, width_of(text), paint, '*');
        canvas_fill(&field, 0, width_of(text), -1, paint, blank);
    } else {
        while (cursor - skipped >= columns && *text) {
            skipped += width_of_char(g_utf8_get_char(text));
            text = g_utf8_next_char(text);
        }
        canvas_fill(&field, 0, canvas_text(&field, 0, 0, paint, text), -1, paint, blank);
    }
    if (focused)
        canvas_cursor(&field, 0, MIN(cursor - skipped, columns - 1), true);
}
