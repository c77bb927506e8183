/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/screen-form-private.h"

#include "ui/keybar.h"

#include <string.h>

/* --- moving -------------------------------------------------------------------------------- */

void screen_form_focus(struct form_screen *form, size_t index)
{
    form->view.focus = index;
    screen_form_load(form);
}

void screen_form_move(struct form_screen *form, int step)
{
    int n = (int)form_n_rows(form->view.form), at = (int)form->view.focus;

    for (int i = 0; i < n; i++) {
        at = ((at + step) % n + n) % n;
        if (form_visible(form->view.form, (size_t)at))
            break;
    }
    screen_form_focus(form, (size_t)at);
}

void screen_form_next(struct screen *screen)
{
    screen_form_move((struct form_screen *)screen, 1);
}

void screen_form_previous(struct screen *screen)
{
    screen_form_move((struct form_screen *)screen, -1);
}

void screen_form_cycle_scopes(struct form_screen *form, bool forward)
{
    static const unsigned order[] = {SCOPE_BOTH, SCOPE_LIVE, SCOPE_CONFIG};
    unsigned at = 0;

    if (form_one_scope(form->view.form)) {
        app_message(form->screen.app, "this hypervisor has one set of values only");
        return;
    }
    while (order[at] != form_scopes(form->view.form))
        at++;
    form_set_scopes(form->view.form, order[(at + (forward ? 1 : 2)) % G_N_ELEMENTS(order)]);
    screen_form_load(form);
}

void screen_form_enter(struct screen *screen)
{
    struct form_screen *form = (struct form_screen *)screen;
    const char *error = form_error(form->view.form, form->view.focus);

    switch (form_row(form->view.form, form->view.focus)->kind) {
    case FORM_FOLD:
        form_toggle(form->view.form, form->view.focus);
        return;
    case FORM_SCOPES:
        screen_form_cycle_scopes(form, true);
        return;
    case FORM_FIELD:
        break;
    }
    if (error) {
        app_error(screen->app, "%s", error);
        app_beep(screen->app);
        return;
    }
    screen_form_move(form, 1);
}

/* --- typing -------------------------------------------------------------------------------- */

void screen_form_type(struct form_screen *form, const struct event *event)
{
    struct form_view *view = &form->view;
    g_autofree char *before = g_strdup(lineedit_text(&view->edit));
    g_autofree char *why_not = form_why_not(view->form, view->focus);

    if (why_not) {
        app_error(form->screen.app, "this cannot be changed: %s", why_not);
        app_beep(form->screen.app);
        return;
    }
    lineedit_event(&view->edit, event);
    if (strcmp(before, lineedit_text(&view->edit)))
        form_type(view->form, view->focus, lineedit_text(&view->edit));
    form->staged = form_n_staged(view->form);
}

bool screen_form_is_text(const struct event *event)
{
    return event->kind == EVENT_PASTE ||
           (event->kind == EVENT_KEY && event->key >= ' ' && event->key < K_UP);
}

void screen_form_press(struct form_screen *form, const struct event *event)
{
    enum form_kind kind = form_row(form->view.form, form->view.focus)->kind;

    if (event->kind != EVENT_KEY)
        return;
    if (kind == FORM_SCOPES && (event->key == ' ' || event->key == K_RIGHT))
        screen_form_cycle_scopes(form, true);
    else if (kind == FORM_SCOPES && event->key == K_LEFT)
        screen_form_cycle_scopes(form, false);
    else if (kind == FORM_FOLD && (event->key == ' ' || event->key == 'm'))
        form_toggle(form->view.form, form->view.focus);
    else if (screen_form_is_text(event))
        app_beep(form->screen.app);
}

bool screen_form_click(struct form_screen *form, int row)
{
    for (guint i = 0; i < form->view.places->len; i++) {
        const struct form_place *place = &g_array_index(form->view.places, struct form_place, i);

        if (place->row == row && form_visible(form->view.form, place->index))
            screen_form_focus(form, place->index);
    }
    return true;
}
