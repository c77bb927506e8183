/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Questions that a connection asks: a password, and whether it may be opened for writing. */
#include "ui/app-private.h"
#include "ui/dialog.h"

#include <string.h>

struct opening {
    struct app *app;
    uint16_t connection;
    void (*then)(struct app *app, bool open, void *data);
    void *data;
};

static void opened(uint16_t connection, const GError *error, void *data)
{
    struct opening *opening = data;

    if (error)
        app_error(opening->app, "%s", error->message);
    opening->then(opening->app, !error, opening->data);
    g_free(opening);
}

static void open_answer(struct app *app, bool yes, void *data)
{
    struct opening *opening = data;

    if (yes) {
        model_open_for_writing(app->model, opening->connection, opened, opening);
        return;
    }
    opening->then(app, false, opening->data);
    g_free(opening);
}

void app_open_for_writing(struct app *app, uint16_t connection,
                          void (*then)(struct app *app, bool open, void *data), void *data)
{
    static const int yes[] = {'y', 0};
    const struct host *host = &model_snapshot(app->model, connection)->host;
    g_autofree char *question = NULL;
    struct opening *opening;

    if (app_read_only(app)) {
        app_message(app, "%s only watches: nothing is written", app->options->program);
        then(app, false, data);
        return;
    }
    if (model_may_write(app->model, connection)) {
        then(app, true, data);
        return;
    }
    opening = g_new0(struct opening, 1);
    *opening = (struct opening){app, connection, then, data};
    question = g_strdup_printf("Open %s for writing? y", host->name ? host->name : "this host");
    dialog_ask(app, question, yes, open_answer, opening);
}

struct asked {
    uint16_t connection;
};

static bool password_done(struct app *app, const char *text, void *data)
{
    struct asked *asked = data;

    model_answer(app->model, asked->connection, text);
    return true;
}

void app_question(void *data, uint16_t connection, const struct question *question)
{
    struct app *app = data;
    g_autofree char *label = g_strdup_printf("%s: ", question->prompt);
    struct asked *asked = g_new0(struct asked, 1);
    struct prompt prompt = {.label = label,
                            .secret = question->secret,
                            .done = password_done,
                            .data = asked,
                            .free_data = g_free};

    asked->connection = connection;
    dialog_prompt(app, &prompt);
}

/* --- copying ------------------------------------------------------------------------------- */

struct copy {
    struct screen screen;
    char *text;
};

/* Without anything around it: the terminal's own selection is what copies where OSC 52 is not let
 * through. */
static void copy_draw(struct screen *screen, const struct canvas *canvas)
{
    struct copy *copy = (struct copy *)screen;
    g_auto(GStrv) lines = g_strsplit(copy->text, "\n", -1);
    int row = 0;

    canvas_erase(canvas);
    for (char **line = lines; *line; line++)
        row = canvas_wrap(canvas, row, 0, 0, PAINT_TEXT, *line) + (**line ? 0 : 1);
    canvas_text(canvas, canvas->rows - 1, 0, PAINT_HEADER,
                "select with Shift-mouse; any key comes back");
}

static bool copy_event(struct screen *screen, const struct event *event)
{
    if (event->kind == EVENT_KEY)
        app_pop(screen->app, screen);
    return true;
}

static void copy_free(struct screen *screen)
{
    g_free(((struct copy *)screen)->text);
    g_free(screen);
}

static const struct screen_ops copy_ops = {
    .name = "copy",
    .flags = SCREEN_OVERLAY | SCREEN_KEEPS_KEYS,
    .draw = copy_draw,
    .event = copy_event,
    .free = copy_free,
};

void app_copy(struct app *app, const char *text)
{
    struct copy *copy = g_new0(struct copy, 1);
    g_autofree char *base64 = g_base64_encode((const guchar *)text, strlen(text));
    g_autofree char *sequence = g_strconcat("\033]52;c;", base64, "\a", NULL);

    copy->screen.ops = &copy_ops;
    copy->text = g_strdup(text);
    if (!app->options->plain)
        term_send(app->term, sequence, strlen(sequence));
    app_push(app, &copy->screen);
    app_pump(app);
}
