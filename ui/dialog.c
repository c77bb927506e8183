/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/dialog.h"

#include "ui/lineedit.h"
#include "ui/width.h"

#include <string.h>

#define ASK_DEAF_MS 500

static void draw_line(const struct canvas *canvas)
{
    canvas_fill(canvas, canvas->rows - 1, 0, -1, PAINT_TEXT, ' ');
}

/* --- one key ------------------------------------------------------------------------------- */

struct ask {
    struct screen screen;
    char *question;
    int yes[8];
    gint64 deaf_until;
    void (*answer)(struct app *app, bool yes, void *data);
    void *data;
};

static void ask_draw(struct screen *screen, const struct canvas *canvas)
{
    struct ask *ask = (struct ask *)screen;
    int end, row = canvas->rows - 1;

    draw_line(canvas);
    end = canvas_text(canvas, row, 0, PAINT_STRONG, ask->question);
    canvas_cursor(canvas, row, end + 1, true);
}

static bool ask_event(struct screen *screen, const struct event *event)
{
    struct ask *ask = (struct ask *)screen;
    bool yes = false;

    if (event->kind != EVENT_KEY)
        return true;
    if (event->key == K_CTRL('l') || event->key == K_CTRL('z'))
        return false;
    for (const int *key = ask->yes; *key; key++)
        yes |= event->key == *key;
    if (g_get_monotonic_time() < ask->deaf_until && event->key != K_ESC && event->key != 'n')
        return true;
    app_pop(screen->app, screen);
    ask->answer(screen->app, yes, ask->data);
    return true;
}

static void ask_free(struct screen *screen)
{
    struct ask *ask = (struct ask *)screen;

    g_free(ask->question);
    g_free(ask);
}

static const struct screen_ops ask_ops = {
    .name = "question",
    .flags = SCREEN_OVERLAY | SCREEN_KEEPS_KEYS,
    .draw = ask_draw,
    .event = ask_event,
    .free = ask_free,
};

void dialog_ask(struct app *app, const char *question, const int *yes,
                void (*answer)(struct app *app, bool yes, void *data), void *data)
{
    struct ask *ask = g_new0(struct ask, 1);

    ask->screen.ops = &ask_ops;
    ask->question = g_strdup(question);
    ask->answer = answer;
    ask->data = data;
    for (size_t i = 0; yes[i] && i + 1 < G_N_ELEMENTS(ask->yes); i++)
        ask->yes[i] = yes[i];
    ask->deaf_until = g_get_monotonic_time() + ASK_DEAF_MS * 1000;
    app_flush_input(app);
    app_push(app, &ask->screen);
}

/* --- a line -------------------------------------------------------------------------------- */

struct prompt_screen {
    struct screen screen;
    struct prompt prompt;
    struct lineedit edit;
};

static void prompt_draw(struct screen *screen, const struct canvas *canvas)
{
    struct prompt_screen *prompt = (struct prompt_screen *)screen;
    const char *text = lineedit_text(&prompt->edit);
    g_autofree char *hint = NULL;
    int row = canvas->rows - 1, column, width = width_of(text) + 1;

    draw_line(canvas);
    column = canvas_text(canvas, row, 0, PAINT_STRONG, prompt->prompt.label);
    if (prompt->prompt.hint)
        hint = prompt->prompt.hint(screen->app, text, prompt->prompt.data);
    if (hint)
        canvas_text(canvas, row, column + width + 1, PAINT_STALE, hint);
    lineedit_draw(&prompt->edit, canvas, row, column,
                  hint ? MIN(width, canvas->columns - column) : canvas->columns - column,
                  PAINT_TEXT, ' ', true);
}

static void prompt_finish(struct prompt_screen *prompt, const char *text)
{
    struct screen *screen = &prompt->screen;
    struct app *app = screen->app;
    struct prompt copy = prompt->prompt;
    g_autofree char *kept = g_strdup(text);

    /* A prompt that is not done stays where it is, below whatever `done` has pushed. */
    if (!copy.done(app, kept, copy.data) && text)
        return;
    if (kept && copy.secret)
        explicit_bzero(kept, strlen(kept));
    app_remove(app, screen);
}

static void prompt_key(struct prompt_screen *prompt, int key)
{
    struct app *app = prompt->screen.app;
    const struct prompt *about = &prompt->prompt;
    g_autofree char *completed = NULL;

    if (key == K_ENTER) {
        prompt_finish(prompt, lineedit_text(&prompt->edit));
    } else if (key == K_ESC || key == K_CTRL('c')) {
        prompt_finish(prompt, NULL);
    } else if (key == K_TAB && about->complete) {
        completed = about->complete(app, lineedit_text(&prompt->edit), about->data);
        if (completed)
            lineedit_set(&prompt->edit, completed);
    } else if (about->key) {
        about->key(app, key, about->data);
    }
}

static bool prompt_event(struct screen *screen, const struct event *event)
{
    struct prompt_screen *prompt = (struct prompt_screen *)screen;

    if (event->kind == EVENT_KEY && (event->key == K_CTRL('l') || event->key == K_CTRL('z')))
        return false;
    if (lineedit_event(&prompt->edit, event)) {
        if (prompt->prompt.changed)
            prompt->prompt.changed(screen->app, lineedit_text(&prompt->edit), prompt->prompt.data);
    } else if (event->kind == EVENT_KEY) {
        prompt_key(prompt, event->key);
    }
    return true;
}

static void prompt_free(struct screen *screen)
{
    struct prompt_screen *prompt = (struct prompt_screen *)screen;

    if (prompt->prompt.free_data)
        prompt->prompt.free_data(prompt->prompt.data);
    g_free((char *)prompt->prompt.label);
    lineedit_clear(&prompt->edit);
    g_free(prompt);
}

static const struct screen_ops prompt_ops = {
    .name = "prompt",
    .flags = SCREEN_OVERLAY | SCREEN_KEEPS_KEYS,
    .draw = prompt_draw,
    .event = prompt_event,
    .free = prompt_free,
};

void dialog_prompt(struct app *app, const struct prompt *about)
{
    struct prompt_screen *prompt = g_new0(struct prompt_screen, 1);

    prompt->screen.ops = &prompt_ops;
    prompt->prompt = *about;
    prompt->prompt.label = g_strdup(about->label);
    prompt->prompt.text = NULL;
    lineedit_init(&prompt->edit, about->text);
    prompt->edit.secret = about->secret;
    prompt->edit.fresh = about->text != NULL;
    app_push(app, &prompt->screen);
}
