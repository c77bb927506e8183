/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the stack of screens to the terminal: drawn when something changed and the terminal is free.
 */
#include "ui/app-private.h"
#include "ui/keybar.h"

#include "ui/app-keys.h"

#define ROWS_FOR_BAR 6 /* lower terminals have one bottom row */

static void draw_status(struct app *app, const struct canvas *canvas, int row,
                        struct screen *screen)
{
    const char *text = screen->ops->status ? screen->ops->status(screen) : "";

    if (app->message)
        canvas_text(canvas, row, 0, app->message_error ? PAINT_NOTICE : PAINT_OK, app->message);
    else
        canvas_text(canvas, row, 0, PAINT_TEXT, text ? text : "");
}

static void draw_screen(struct app *app, const struct canvas *canvas, struct screen *screen)
{
    bool bar = canvas->rows >= ROWS_FOR_BAR;
    struct canvas inner = canvas_part(canvas, 0, 0, MAX(canvas->rows - (bar ? 2 : 1), 1), -1);

    screen->ops->draw(screen, &inner);
    if (canvas->rows < 2)
        return;
    draw_status(app, canvas, canvas->rows - (bar ? 2 : 1), screen);
    if (bar)
        keybar_draw(app, canvas, canvas->rows - 1, screen->ops->bindings,
                    screen->ops->flags & SCREEN_KEEPS_KEYS ? NULL : app_bindings);
}

static void draw_all(struct app *app)
{
    struct canvas canvas = canvas_whole(app->grid);
    guint first = app->stack->len;

    grid_clear(app->grid);
    while (first > 0) {
        struct screen *screen = g_ptr_array_index(app->stack, --first);

        if (!(screen->ops->flags & SCREEN_OVERLAY))
            break;
    }
    for (guint i = first; i < app->stack->len; i++) {
        struct screen *screen = g_ptr_array_index(app->stack, i);

        if (screen->ops->flags & SCREEN_OVERLAY)
            screen->ops->draw(screen, &canvas);
        else
            draw_screen(app, &canvas, screen);
    }
}

static gboolean output_ready(int fd, GIOCondition condition, gpointer data)
{
    app_pump(data);
    return G_SOURCE_CONTINUE;
}

void app_pump(struct app *app)
{
    if (!term_pump(app->term)) {
        app_quit(app, 129);
        return;
    }
    if (term_pending(app->term)) {
        if (!app->output)
            app->output = loop_fd(app->loop, term_fd(app->term), G_IO_OUT, output_ready, app);
        return;
    }
    loop_remove(&app->output);
    if (app->dirty)
        app_draw_soon(app);
}

static gboolean draw_now(gpointer data)
{
    struct app *app = data;

    loop_remove(&app->redraw);
    if (term_pending(app->term))
        app_pump(app); /* begins to wait where the terminal is slow, which draws again at the end */
    if (app->ending || term_busy(app->term) || !app->stack->len)
        return G_SOURCE_REMOVE;
    app->dirty = false;
    draw_all(app);
    term_draw(app->term, app->grid);
    app_pump(app);
    return G_SOURCE_REMOVE;
}

void app_draw_soon(struct app *app)
{
    app->dirty = true;
    if (!app->redraw && !app->output && app->loop)
        app->redraw = loop_soon(app->loop, draw_now, app);
}

void app_redraw(struct app *app)
{
    app_draw_soon(app);
}

void app_theme_load(struct app *app, const char *name)
{
    g_autoptr(GError) error = NULL;
    const char *no_color = g_getenv("NO_COLOR");
    bool mono = (no_color && *no_color) || term_colors(app->term) < 8;

    theme_free(app->theme);
    app->theme = mono ? theme_load("mono", app->options->theme_directory, &error)
                      : theme_load(name, app->options->theme_directory, &error);
    if (app->theme->colors > MAX(term_colors(app->term), 16)) {
        app_error(app, "theme %s needs %d colours, this terminal has %d: the default is used",
                  app->theme->name, app->theme->colors, term_colors(app->term));
        theme_free(app->theme);
        app->theme = theme_default();
    }
    if (error)
        app_error(app, "%s", error->message);
    term_theme(app->term, app->theme);
    app_redraw(app);
}
