/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ":" line: every row of the key tables by its full name, with Tab. What a hand that knows
 * another program would type is answered and never writes.
 */
#include "ui/app-keys.h"
#include "ui/dialog.h"
#include "ui/keybar.h"
#include "ui/screens.h"

#include <string.h>

static const char *const habits[] = {"w", "w!", "wq", "wq!", "x", "x!", "wa", "wqa", "xa", "ZZ"};

/* The names that begin with `text`, of the screen below the prompt and of the program. */
static GPtrArray *names_with(struct app *app, const struct screen *screen, const char *text)
{
    const struct binding *const tables[] = {screen->ops->bindings, app_bindings};
    GPtrArray *names = g_ptr_array_new();

    for (size_t i = 0; i < G_N_ELEMENTS(tables); i++)
        for (const struct binding *at = tables[i]; at && at->key; at++)
            if (at->name && binding_offered(app, at) && g_str_has_prefix(at->name, text))
                g_ptr_array_add(names, (gpointer)at->name);
    return names;
}

static const struct screen *below(struct app *app)
{
    return app_below(app, app_top(app));
}

static char *complete(struct app *app, const char *text, void *data)
{
    g_autoptr(GPtrArray) names = names_with(app, below(app), text);
    size_t common = 0;

    if (!names->len)
        return NULL;
    for (const char *first = names->pdata[0]; first[common]; common++)
        for (guint i = 1; i < names->len; i++)
            if (((const char *)names->pdata[i])[common] != first[common])
                return g_strndup(first, common);
    return g_strdup(names->pdata[0]);
}

static char *hint(struct app *app, const char *text, void *data)
{
    g_autoptr(GPtrArray) names = names_with(app, below(app), text);
    GString *line = g_string_new(NULL);

    for (guint i = 0; i < names->len; i++)
        g_string_append_printf(line, "%s%s", i ? " " : "", (const char *)names->pdata[i]);
    return g_string_free(line, FALSE);
}

/* Runs after the prompt is gone, so that what it opens is on top. */
static bool done(struct app *app, const char *text, void *data)
{
    struct screen *screen = app_below(app, app_top(app));
    const struct binding *binding;
    g_autofree char *word = g_strstrip(g_strdup(text ? text : ""));

    if (!*word)
        return true;
    for (size_t i = 0; i < G_N_ELEMENTS(habits); i++) {
        if (g_str_equal(word, habits[i])) {
            app_message(app, "nothing is written from here: v reviews");
            return true;
        }
    }
    if (g_str_equal(word, "q") || g_str_equal(word, "q!") || g_str_equal(word, "qa")) {
        g_free(word);
        word = g_strdup("quit");
    }
    binding = binding_find_name(app, screen->ops->bindings, word);
    if (!binding)
        binding = binding_find_name(app, app_bindings, word);
    if (!binding) {
        app_error(app, "there is nothing called \"%s\" here; Tab completes", word);
        return false;
    }
    app_remove(app, app_top(app));
    binding->run(screen);
    return true;
}

void palette_open(struct app *app)
{
    struct prompt prompt = {.label = ":", .complete = complete, .hint = hint, .done = done};

    dialog_prompt(app, &prompt);
}
