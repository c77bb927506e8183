/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/screen-form.h"

#include "model/model.h"
#include "ui/keybar.h"
#include "ui/screen-form-private.h"
#include "ui/screen-review.h"
#include "ui/screens.h"

#include <string.h>

/* --- what it is about ---------------------------------------------------------------------- */

static void read_rows(struct app *app, const struct domain_key *keys, size_t n, struct row *rows)
{
    for (size_t i = 0; i < n; i++)
        if (!model_find(app_model(app), &keys[i], &rows[i]))
            rows[i] = (struct row){.key = keys[i]};
}

/* Puts the focused row's text into the line editor. */
void screen_form_load(struct form_screen *form)
{
    bool mixed;
    const char *text = form_text(form->view.form, form->view.focus, &mixed);

    if (strcmp(lineedit_text(&form->view.edit), text))
        lineedit_set(&form->view.edit, text);
    form->view.edit.fresh = *text != '\0';
}

static void take(struct form_screen *form)
{
    bool mixed;

    read_rows(form->screen.app, form->keys, form->n, form->rows);
    form_take(form->view.form, form->rows);
    /* The row may have been emptied: what was staged is written, or was dropped elsewhere. */
    if (!*form_text(form->view.form, form->view.focus, &mixed) && *lineedit_text(&form->view.edit))
        screen_form_load(form);
}

static void tell_changes(struct form_screen *form)
{
    const struct domain *domain = form_domain(form->view.form, 0)->domain;
    bool gone = !domain || domain->identity->state == DOMAIN_GONE;
    bool active = domain && domain_state_active(domain->identity->state);

    if (form->n > 1)
        return;
    if (gone && !form->gone)
        app_error(form->screen.app, "%s does not exist any more: nothing can be changed",
                  form->name);
    else if (!gone && form->active && !active)
        app_error(form->screen.app, "%s is %s now: only its configuration can be changed",
                  domain->identity->name, domain_state_name(domain->identity->state));
    if (domain && strcmp(domain->identity->name, form->name)) {
        app_message(form->screen.app, "%s is called %s now", form->name, domain->identity->name);
        g_free(form->name);
        form->name = g_strdup(domain->identity->name);
    }
    form->active = active;
    form->gone = gone;
}

static void form_update(struct screen *screen)
{
    struct form_screen *form = (struct form_screen *)screen;
    take(form);
    tell_changes(form);
}

static void form_shown(struct screen *screen)
{
    struct form_screen *form = (struct form_screen *)screen;
    size_t staged;

    take(form);
    staged = form_n_staged(form->view.form);
    /* Back from writing: our own change is nobody else's. */
    if (staged < form->staged)
        form_saw(form->view.form);
    form->staged = staged;
}

/* --- keys ---------------------------------------------------------------------------------- */

static void clear(struct screen *screen)
{
    struct form_screen *form = (struct form_screen *)screen;
    const struct event event = {.kind = EVENT_KEY, .key = K_CTRL('u')};

    if (form_row(form->view.form, form->view.focus)->kind == FORM_FIELD)
        screen_form_type(form, &event);
}

static void restore(struct screen *screen)
{
    struct form_screen *form = (struct form_screen *)screen;

    form_restore(form->view.form, form->view.focus);
    screen_form_load(form);
    form->staged = form_n_staged(form->view.form);
}

static void scope(struct screen *screen)
{
    screen_form_cycle_scopes((struct form_screen *)screen, true);
}

static void help(struct screen *screen)
{
    app_push(screen->app, screen_help_new(screen->app, screen));
}

/* The first field that makes no sense, or -1. */
static int first_error(const struct form *form)
{
    for (size_t i = 0; i < form_n_rows(form); i++)
        if (form_error(form, i))
            return (int)i;
    return -1;
}

static bool stop_at_error(struct form_screen *form, const char *what)
{
    int at = first_error(form->view.form);

    if (at < 0)
        return false;
    screen_form_focus(form, (size_t)at);
    app_error(form->screen.app, "%s", what);
    return true;
}

static void review(struct screen *screen)
{
    struct form_screen *form = (struct form_screen *)screen;
    struct screen *below = app_below(screen->app, screen);

    if (stop_at_error(form, "this field makes no sense yet: mend or clear it"))
        return;
    if (below && g_str_equal(below->ops->name, "review"))
        app_pop(screen->app, screen);
    else
        screen_review_open(screen->app);
}

static void back(struct screen *screen)
{
    struct form_screen *form = (struct form_screen *)screen;
    size_t staged = form_n_staged(form->view.form);

    if (!form->warned &&
        stop_at_error(form, "this field makes no sense: Esc again leaves without it")) {
        form->warned = true;
        return;
    }
    if (staged)
        app_message(screen->app, "%zu change%s kept: v review, x drop", staged,
                    staged == 1 ? "" : "s");
    app_pop(screen->app, screen);
}

/* clang-format off */
static const struct binding bindings[] = {
    {K_TAB, K_DOWN, "Next", NULL, "the screen_form_next field; what is typed stays", 0, screen_form_next},
    {K_BACKTAB, K_UP, NULL, NULL, "the field before", 0, screen_form_previous},
    {K_ENTER, 0, NULL, NULL, "checks the field and goes to the screen_form_next one; opens and closes a fold; never leaves", 0, screen_form_enter},
    {K_CTRL('u'), 0, "Clear", NULL, "empties the field: nothing is changed", 0, clear},
    {K_CTRL('r'), 0, "Restore", NULL, "the field as it was when the form was opened", 0, restore},
    {K_F(2), K_CTRL('t'), "Scope", NULL, "write to live and config, live only, config only", 0, scope},
    {K_CTRL('v'), K_F(5), "Review", NULL, "what is staged, what it does, and how to write it", 0, review},
    {K_ESC, K_CTRL('c'), "Back", NULL, "back to the list; what is staged stays", 0, back},
    {K_F(1), 0, "Help", NULL, "this help", 0, help},
    {0},
};
/* clang-format on */

static bool form_event(struct screen *screen, const struct event *event)
{
    struct form_screen *form = (struct form_screen *)screen;
    bool field = form_row(form->view.form, form->view.focus)->kind == FORM_FIELD;

    if (event->kind == EVENT_KEY && event->key != K_ESC)
        form->warned = false;
    switch (event->kind) {
    case EVENT_CLICK:
        return screen_form_click(form, event->row);
    case EVENT_WHEEL_UP:
    case EVENT_WHEEL_DOWN:
        screen_form_move(form, event->kind == EVENT_WHEEL_UP ? -1 : 1);
        return true;
    case EVENT_STATUS:
        return true;
    case EVENT_KEY:
    case EVENT_PASTE:
        break;
    }
    if (event->kind == EVENT_KEY && binding_find(screen->app, bindings, event->key))
        return false;
    if (field)
        screen_form_type(form, event);
    else
        screen_form_press(form, event);
    return true;
}

/* --- the screen ---------------------------------------------------------------------------- */

static void form_draw_screen(struct screen *screen, const struct canvas *canvas)
{
    struct form_screen *form = (struct form_screen *)screen;

    form->view.utf8 = app_utf8(screen->app);
    form_draw(&form->view, canvas);
}

static const char *form_status(struct screen *screen)
{
    struct form_screen *form = (struct form_screen *)screen;
    size_t staged = form_n_staged(form->view.form);

    if (staged)
        g_string_printf(form->status, " %zu change%s staged. Nothing is written before the review.",
                        staged, staged == 1 ? "" : "s");
    else
        g_string_assign(form->status, " Type into NEW: 36g, +2g, -10%, 90%max, none.");
    return form->status->str;
}

static void form_free_screen(struct screen *screen)
{
    struct form_screen *form = (struct form_screen *)screen;

    form_free(form->view.form);
    lineedit_clear(&form->view.edit);
    g_array_unref(form->view.places);
    g_string_free(form->status, TRUE);
    g_free(form->keys);
    g_free(form->rows);
    g_free(form->name);
    g_free(form);
}

static const struct screen_ops ops = {
    .name = "form",
    .title = "Form",
    .about =
        "What can be tuned, as it is and as it shall be. A size needs a unit: 36g, 512m; +2g "
        "and -10% are computed once from the live value, 90%max is part of the maximum, none "
        "takes a limit away. Everything typed is staged; nothing is written before the review. "
        "Typing into a field that holds something starts anew, Right edits it.",
    .flags = SCREEN_KEEPS_KEYS,
    .bindings = bindings,
    .draw = form_draw_screen,
    .status = form_status,
    .event = form_event,
    .update = form_update,
    .shown = form_shown,
    .free = form_free_screen,
};

struct screen *screen_form_new(struct app *app, const struct domain_key *keys, size_t n,
                               const struct tunable *tunable)
{
    struct form_screen *form = g_new0(struct form_screen, 1);

    form->keys = g_new0(struct domain_key, n);
    form->rows = g_new0(struct row, n);
    for (size_t i = 0; i < n; i++)
        if (model_find(app_model(app), &keys[i], &form->rows[form->n]))
            form->keys[form->n++] = keys[i];
    if (!form->n) {
        g_free(form->keys);
        g_free(form->rows);
        g_free(form);
        return NULL;
    }
    form->screen.ops = &ops;
    form->status = g_string_new(NULL);
    form->view.places = g_array_new(FALSE, FALSE, sizeof(struct form_place));
    form->view.form = form_new(form->rows, form->n, app_changes(app));
    form->name = g_strdup(form->rows[0].domain->identity->name);
    form->active = domain_state_active(form->rows[0].domain->identity->state);
    form->staged = form_n_staged(form->view.form);
    lineedit_init(&form->view.edit, "");
    form->view.focus = tunable ? form_find(form->view.form, tunable) : form_first(form->view.form);
    screen_form_load(form);
    return &form->screen;
}
