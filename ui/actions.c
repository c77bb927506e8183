/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/actions.h"

#include "model/model.h"
#include "ui/dialog.h"

#include <string.h>

#define DELAY_MAX_S 3600

/* --- switches ------------------------------------------------------------------------------ */

void action_only_trouble(struct screen *screen)
{
    struct view *view = app_view(screen->app);
    struct view_flags flags = view_flags(view);

    flags.only_trouble = !flags.only_trouble;
    view_set_flags(view, flags);
    app_message(screen->app,
                flags.only_trouble ? "only domains in trouble; ! shows all" : "all domains again");
}

void action_all(struct screen *screen)
{
    struct view *view = app_view(screen->app);
    struct view_flags flags = view_flags(view);

    flags.all = !flags.all;
    view_set_flags(view, flags);
    app_message(screen->app, flags.all ? "all domains, also those that are off"
                                       : "running domains and those that died in the last 24 h");
}

void action_tree(struct screen *screen)
{
    struct view *view = app_view(screen->app);
    struct view_flags flags = view_flags(view);

    flags.tree = !flags.tree;
    view_set_flags(view, flags);
    app_message(screen->app, flags.tree ? "grouped by host, then pool or slice" : "one list");
}

void action_follow(struct screen *screen)
{
    struct view *view = app_view(screen->app);
    struct view_flags flags = view_flags(view);

    flags.follow = !flags.follow;
    view_set_flags(view, flags);
    app_message(screen->app, flags.follow ? "the list follows the selected domain"
                                          : "the list stays where it is");
}

void action_pause(struct screen *screen)
{
    struct view *view = app_view(screen->app);
    struct view_flags flags = view_flags(view);

    flags.paused = !flags.paused;
    view_set_flags(view, flags);
    model_pause(app_model(screen->app), flags.paused);
    app_message(screen->app, flags.paused ? "paused; p goes on" : "going on");
}

void action_bar_scale(struct screen *screen)
{
    static const char *const words[] = {[BAR_WALL] = "the wall that bites",
                                        [BAR_MAXIMUM] = "what the guest could ever have",
                                        [BAR_HOST] = "the host's memory"};
    struct view *view = app_view(screen->app);
    struct view_flags flags = view_flags(view);

    flags.scale = (flags.scale + 1) % G_N_ELEMENTS(words);
    view_set_flags(view, flags);
    app_message(screen->app, "the bars' right edge is %s", words[flags.scale]);
}

void action_clear(struct screen *screen)
{
    struct view *view = app_view(screen->app);
    struct view_flags flags = view_flags(view);

    if (*view_search(view))
        view_set_search(view, "");
    else if (*view_filter_text(view))
        view_filter(view, "", NULL);
    else if (flags.only_trouble) {
        flags.only_trouble = false;
        view_set_flags(view, flags);
    }
}

/* --- filter -------------------------------------------------------------------------------- */

static bool filter_done(struct app *app, const char *text, void *data)
{
    g_autoptr(GError) error = NULL;

    if (!text || view_filter(app_view(app), text, &error))
        return true;
    app_error(app, "%s", error->message);
    return false;
}

void action_filter(struct screen *screen)
{
    struct prompt prompt = {
        .label = "Filter: ", .text = view_filter_text(app_view(screen->app)), .done = filter_done};

    dialog_prompt(screen->app, &prompt);
}

/* --- sort ---------------------------------------------------------------------------------- */

static void sort_by(struct app *app, const struct sort_key *key, bool reverse)
{
    view_sort(app_view(app), key, reverse);
    app_message(app, "sorted by %s%s; the worst stay on top", key->label,
                reverse ? ", reversed" : "");
}

static void sort_chosen(struct app *app, int index, void *data)
{
    if (index >= 0)
        sort_by(app, &sort_keys[index], false);
}

/* A letter of each label that no earlier one has: menu_key() looks them up. */
static char *letters_of(void)
{
    GString *letters = g_string_new(NULL);

    for (const struct sort_key *key = sort_keys; key->name; key++) {
        char found = ' ';

        for (const char *at = key->name; *at && found == ' '; at++)
            if (g_ascii_isalpha(*at) && *at != 'j' && *at != 'k' && !strchr(letters->str, *at))
                found = *at;
        g_string_append_c(letters, found);
    }
    return g_string_free(letters, FALSE);
}

void action_sort(struct screen *screen)
{
    g_autofree char *letters = letters_of();
    g_autoptr(GPtrArray) items = g_ptr_array_new();
    int selected = 0;

    for (const struct sort_key *key = sort_keys; key->name; key++) {
        if (key == view_sort_key(app_view(screen->app), NULL))
            selected = (int)(key - sort_keys);
        g_ptr_array_add(items, (gpointer)key->label);
    }
    g_ptr_array_add(items, NULL);
    dialog_menu(screen->app, "Sort by", (const char *const *)items->pdata, letters, selected,
                sort_chosen, NULL);
}

static void sort_named(struct screen *screen, const char *name)
{
    const struct sort_key *key = sort_key_find(name);

    if (key)
        sort_by(screen->app, key, false);
}

void action_sort_held(struct screen *screen)
{
    sort_named(screen, "held");
}

void action_sort_pressure(struct screen *screen)
{
    sort_named(screen, "psi");
}

void action_sort_trend(struct screen *screen)
{
    sort_named(screen, "trend");
}

void action_sort_left(struct screen *screen)
{
    sort_named(screen, "left");
}

void action_sort_reverse(struct screen *screen)
{
    bool reverse;
    const struct sort_key *key = view_sort_key(app_view(screen->app), &reverse);

    sort_by(screen->app, key, !reverse);
}

/* --- delay --------------------------------------------------------------------------------- */

static bool delay_done(struct app *app, const char *text, void *data)
{
    char *end;
    double seconds;

    if (!text || !*text)
        return true;
    seconds = g_ascii_strtod(text, &end);
    if (*end == 's')
        end++;
    if (*end || !(seconds >= 1) || seconds > DELAY_MAX_S) {
        app_error(app, "\"%s\" is no delay: write seconds, 1 to %d", text, DELAY_MAX_S);
        return false;
    }
    app_set_delay(app, (unsigned)(seconds * 1000));
    return true;
}

void action_delay(struct screen *screen)
{
    g_autofree char *text = g_strdup_printf("%g", app_delay_ms(screen->app) / 1000.0);
    struct prompt prompt = {
        .label = "Seconds between refreshes: ", .text = text, .done = delay_done};

    dialog_prompt(screen->app, &prompt);
}
