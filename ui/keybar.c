/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/keybar.h"

#include "ui/width.h"

#include <string.h>

bool binding_offered(const struct app *app, const struct binding *binding)
{
    return !(binding->flags & BINDING_WRITES) || !app_read_only(app);
}

const struct binding *binding_find(const struct app *app, const struct binding *table, int key)
{
    for (; table && table->key; table++)
        if ((table->key == key || table->twin == key) && binding_offered(app, table))
            return table;
    return NULL;
}

const struct binding *binding_find_name(const struct app *app, const struct binding *table,
                                        const char *name)
{
    for (; table && table->key; table++)
        if (table->name && g_str_equal(table->name, name) && binding_offered(app, table))
            return table;
    return NULL;
}

/* The key's sign before its word; "" where the word begins with it ("Journal"). */
static const char *sign_of(const struct binding *binding, char text[KEY_LABEL_MAX])
{
    key_label(binding->key, text);
    if (!strncmp(binding->bar, text, strlen(text)))
        text[0] = '\0';
    return text;
}

static int draw_word(const struct canvas *canvas, int row, int column,
                     const struct binding *binding)
{
    char text[KEY_LABEL_MAX];
    const char *sign = sign_of(binding, text), *word = binding->bar;

    column = canvas_text(canvas, row, column, PAINT_STRONG, sign);
    if (!*sign) {
        g_autofree char *head = g_strndup(word, (gsize)(g_utf8_next_char(word) - word));

        column = canvas_text(canvas, row, column, PAINT_STRONG, head);
        word = g_utf8_next_char(word);
    }
    return canvas_text(canvas, row, column, PAINT_HEADER, word);
}

static int word_width(const struct binding *binding)
{
    char text[KEY_LABEL_MAX];

    return width_of(sign_of(binding, text)) + width_of(binding->bar);
}

static int draw_table(struct app *app, const struct canvas *canvas, int row, int column,
                      const struct binding *table, bool first)
{
    for (; table && table->key; table++) {
        if (!table->bar || !binding_offered(app, table) ||
            ((table->flags & BINDING_FIRST) != 0) != first)
            continue;
        if (column + word_width(table) > canvas->columns)
            return column;
        column = draw_word(canvas, row, column, table) + 1;
    }
    return column;
}

void keybar_draw(struct app *app, const struct canvas *canvas, int row, const struct binding *own,
                 const struct binding *everywhere)
{
    int column = draw_table(app, canvas, row, 0, everywhere, true);

    column = draw_table(app, canvas, row, column, own, false);
    draw_table(app, canvas, row, column, everywhere, false);
}
