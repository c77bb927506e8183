/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Questions that a connection asks: a password, and whether it may be opened for writing. */
#include "ui/app-private.h"
#include "ui/dialog.h"

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
