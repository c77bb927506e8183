/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/dialog.h"
#include "ui/width.h"

#include <string.h>

struct menu {
    struct screen screen;
    char *title, **items, *keys;
    int n, selected, top;
    int first_row, first_column, rows; /* of the items, as drawn last */
    void (*done)(struct app *app, int index, void *data);
    void *data;
};

static void menu_draw(struct screen *screen, const struct canvas *canvas)
{
    struct menu *menu = (struct menu *)screen;
    int width = width_of(menu->title) + 4;
    struct canvas box;

    for (int i = 0; i < menu->n; i++)
        width = MAX(width, width_of(menu->items[i]) + 5);
    width = MIN(width + 2, canvas->columns);
    menu->rows = MAX(MIN(menu->n, canvas->rows - 2), 1);
    menu->top = CLAMP(menu->top, menu->selected - menu->rows + 1, menu->selected);
    box = canvas_part(canvas, MAX((canvas->rows - menu->rows - 2) / 2, 0),
                      (canvas->columns - width) / 2, menu->rows + 2, width);
    canvas_box(&box, PAINT_TEXT, menu->title);
    menu->first_row = box.row + 1;
    menu->first_column = box.column;
    for (int i = 0; i < menu->rows && menu->top + i < menu->n; i++) {
        int item = menu->top + i;
        bool chosen = item == menu->selected;

        if (menu->keys && menu->keys[item] != ' ')
            canvas_printf(&box, i + 1, 3, PAINT_STRONG, "%c", menu->keys[item]);
        canvas_char(&box, i + 1, 1, PAINT_TEXT, chosen ? '>' : ' ');
        canvas_text(&box, i + 1, 5, chosen ? PAINT_SELECTED : PAINT_TEXT, menu->items[item]);
        if (chosen)
            canvas_cursor(&box, i + 1, 1, false);
    }
    for (int row = 0; row < box.rows; row++) { /* a long item never hides the edge */
        if (row > 0 && row < box.rows - 1 && !canvas->grid->plain)
            canvas_char(&box, row, box.columns - 1, PAINT_TEXT, 0x2502);
    }
}

static void menu_finish(struct menu *menu, int index)
{
    struct app *app = menu->screen.app;

    app_pop(app, &menu->screen);
    menu->done(app, index, menu->data);
}

static void menu_key(struct menu *menu, int key)
{
    const char *letter = menu->keys && key > ' ' && key < 127 ? strchr(menu->keys, key) : NULL;
    int step = key == K_UP || key == 'k'     ? -1
               : key == K_DOWN || key == 'j' ? 1
               : key == K_PAGE_UP            ? -menu->rows
               : key == K_PAGE_DOWN          ? menu->rows
               : key == K_HOME               ? -menu->n
               : key == K_END                ? menu->n
                                             : 0;

    if (letter)
        menu_finish(menu, (int)(letter - menu->keys));
    else if (step)
        menu->selected = CLAMP(menu->selected + step, 0, menu->n - 1);
    else if (key == K_ENTER)
        menu_finish(menu, menu->selected);
    else
        menu_finish(menu, -1);
}

static bool menu_event(struct screen *screen, const struct event *event)
{
    struct menu *menu = (struct menu *)screen;
    int item = menu->top + event->row - menu->first_row;

    switch (event->kind) {
    case EVENT_KEY:
        if (event->key == K_CTRL('l') || event->key == K_CTRL('z'))
            return false;
        menu_key(menu, event->key);
        break;
    case EVENT_CLICK:
        if (event->row >= menu->first_row && item < menu->n &&
            event->row < menu->first_row + menu->rows)
            menu->selected = item;
        break;
    case EVENT_WHEEL_UP:
        menu->selected = MAX(menu->selected - 1, 0);
        break;
    case EVENT_WHEEL_DOWN:
        menu->selected = MIN(menu->selected + 1, menu->n - 1);
        break;
    case EVENT_PASTE:
    case EVENT_STATUS:
        break;
    }
    return true;
}

static void menu_free(struct screen *screen)
{
    struct menu *menu = (struct menu *)screen;

    g_free(menu->title);
    g_strfreev(menu->items);
    g_free(menu->keys);
    g_free(menu);
}

static const struct screen_ops menu_ops = {
    .name = "menu",
    .flags = SCREEN_OVERLAY | SCREEN_KEEPS_KEYS,
    .draw = menu_draw,
    .event = menu_event,
    .free = menu_free,
};

void dialog_menu(struct app *app, const char *title, const char *const *items, const char *keys,
                 int selected, void (*done)(struct app *app, int index, void *data), void *data)
{
    struct menu *menu = g_new0(struct menu, 1);

    menu->screen.ops = &menu_ops;
    menu->title = g_strdup(title);
    menu->items = g_strdupv((char **)items);
    menu->keys = g_strdup(keys);
    menu->n = (int)g_strv_length(menu->items);
    menu->selected = CLAMP(selected, 0, MAX(menu->n - 1, 0));
    menu->done = done;
    menu->data = data;
    app_push(app, &menu->screen);
}
