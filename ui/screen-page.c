/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/screen-page.h"

#include "ui/dialog.h"
#include "ui/view.h"

void page_screen_init(struct page_screen *about, const struct screen_ops *ops,
                      const struct domain_key *key, void (*fill)(struct page_screen *about))
{
    about->screen.ops = ops;
    about->page = page_new();
    about->search = g_strdup("");
    about->status = g_string_new(NULL);
    about->fill = fill;
    if (key)
        about->key = *key;
}

struct screen *page_screen_new(const struct screen_ops *ops, const struct domain_key *key,
                               void (*fill)(struct page_screen *about))
{
    struct page_screen *about = g_new0(struct page_screen, 1);

    page_screen_init(about, ops, key, fill);
    return &about->screen;
}

void page_screen_draw(struct screen *screen, const struct canvas *canvas)
{
    struct page_screen *about = (struct page_screen *)screen;

    page_begin(about->page);
    about->fill(about);
    page_draw(about->page, canvas);
    canvas_cursor(canvas, 0, 0, false);
}

bool page_screen_event(struct screen *screen, const struct event *event)
{
    return page_event(((struct page_screen *)screen)->page, event);
}

const char *page_screen_status(struct screen *screen)
{
    return ((struct page_screen *)screen)->status->str;
}

void page_screen_free(struct screen *screen)
{
    struct page_screen *about = (struct page_screen *)screen;

    page_free(about->page);
    g_string_free(about->status, TRUE);
    g_free(about->search);
    g_free(about);
}

void page_screen_back(struct screen *screen)
{
    app_pop(screen->app, screen);
}

static void find(struct page_screen *about, int step)
{
    if (*about->search && !page_find(about->page, about->search, step))
        app_message(about->screen.app, "nothing here has \"%s\"", about->search);
}

static bool find_done(struct app *app, const char *text, void *data)
{
    struct page_screen *about = data;

    if (text) {
        g_free(about->search);
        about->search = g_strdup(text);
        find(about, 1);
    }
    return true;
}

void page_screen_find(struct screen *screen)
{
    struct prompt prompt = {.label = "/", .done = find_done, .data = screen};

    dialog_prompt(screen->app, &prompt);
}

void page_screen_find_next(struct screen *screen)
{
    find((struct page_screen *)screen, 1);
}

void page_screen_find_previous(struct screen *screen)
{
    find((struct page_screen *)screen, -1);
}
