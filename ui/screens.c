/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/screens.h"

static const struct {
    const char *name;
    struct screen *(*make)(struct app *app); /* NULL: the first screen, always there */
} numbered[] = {
    {"domains", NULL},
    {"limits", screen_limits_new},
    {"hosts", screen_hosts_new},
    {"messages", screen_messages_new},
};

bool screens_show(struct app *app, unsigned index)
{
    struct screen *top;

    while ((top = app_top(app)) && app_below(app, top))
        if (!app_pop(app, top))
            return false;
    if (numbered[index].make)
        app_push(app, numbered[index].make(app));
    return true;
}

void screens_next(struct app *app)
{
    const char *name = app_top(app)->ops->name;
    unsigned next = 0;

    for (unsigned i = 0; i < G_N_ELEMENTS(numbered); i++)
        if (g_str_equal(numbered[i].name, name))
            next = (i + 1) % G_N_ELEMENTS(numbered);
    screens_show(app, next);
}
