/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The screens that are open, the top one last; what was closed is freed once nobody stands in it.
 */
#include "ui/app-private.h"

struct screen *app_top(struct app *app)
{
    return app->stack->len ? g_ptr_array_index(app->stack, app->stack->len - 1) : NULL;
}

struct screen *app_below(struct app *app, struct screen *screen)
{
    guint at;

    if (!g_ptr_array_find(app->stack, screen, &at) || at == 0)
        return NULL;
    return g_ptr_array_index(app->stack, at - 1);
}

static void show_top(struct app *app)
{
    struct screen *top = app_top(app);

    if (top && top->ops->shown)
        top->ops->shown(top);
    app_redraw(app);
}

void app_push(struct app *app, struct screen *screen)
{
    screen->app = app;
    g_ptr_array_add(app->stack, screen);
    show_top(app);
}

bool app_pop(struct app *app, struct screen *screen)
{
    guint at;

    if (!g_ptr_array_find(app->stack, screen, &at))
        return true;
    while (app->stack->len > at) {
        struct screen *top = app_top(app);

        if (top->ops->may_close && !top->ops->may_close(top))
            return false;
        g_ptr_array_remove_index(app->stack, app->stack->len - 1);
        g_ptr_array_add(app->graveyard, top);
    }
    show_top(app);
    return true;
}

void app_remove(struct app *app, struct screen *screen)
{
    bool top = app_top(app) == screen;

    if (!g_ptr_array_remove(app->stack, screen))
        return;
    g_ptr_array_add(app->graveyard, screen);
    if (top)
        show_top(app);
}

void app_bury(struct app *app)
{
    while (app->graveyard->len) {
        struct screen *screen = g_ptr_array_steal_index(app->graveyard, app->graveyard->len - 1);

        screen->ops->free(screen);
    }
}
