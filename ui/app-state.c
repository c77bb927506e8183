/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What screens may ask the program for, and how they may change how it looks. */
#include "model/changeset.h"
#include "model/guard.h"
#include "ui/app-private.h"
#include "ui/columns.h"

const struct app_options *app_options(const struct app *app)
{
    return app->options;
}

struct model *app_model(struct app *app)
{
    return app->model;
}

struct changeset *app_changes(struct app *app)
{
    return app->changes;
}

struct view *app_view(struct app *app)
{
    return app->view;
}

struct journal_reader *app_journal(struct app *app)
{
    return app->journal;
}

struct messages *app_messages(struct app *app)
{
    return app->messages;
}

bool app_read_only(const struct app *app)
{
    return app->options->read_only;
}

unsigned app_delay_ms(const struct app *app)
{
    return app->delay_ms;
}

unsigned app_countdown(const struct app *app)
{
    return app->options->countdown ? app->options->countdown : GUARD_SECONDS;
}

void app_set_delay(struct app *app, unsigned delay_ms)
{
    app->delay_ms = delay_ms;
    model_set_delay(app->model, delay_ms);
    app_redraw(app);
}

int app_width(const struct app *app)
{
    return app->grid->columns;
}

const struct column *const *app_columns(const struct app *app)
{
    return app->columns;
}

bool app_utf8(const struct app *app)
{
    return !app->grid->ascii;
}

GMainContext *app_context(struct app *app)
{
    return loop_context(app->loop);
}

int64_t app_time(const struct app *app)
{
    return app->options->clock ? app->options->clock : g_get_real_time() / G_USEC_PER_SEC;
}

void app_set_columns(struct app *app, const char *names)
{
    g_autoptr(GError) error = NULL;
    const struct column **chosen = names ? columns_parse(names, &error) : NULL;

    if (error) {
        app_error(app, "%s", error->message);
        return;
    }
    g_free(app->columns);
    app->columns = chosen;
    app_redraw(app);
}

const char *app_theme_name(const struct app *app)
{
    return app->theme->name;
}

void app_set_theme(struct app *app, const char *name)
{
    app_theme_load(app, name);
}

int app_host_lines(const struct app *app)
{
    return app->host_lines;
}

void app_set_host_lines(struct app *app, int lines)
{
    app->host_lines = lines;
    app_redraw(app);
}

void app_say_orphans(struct app *app)
{
    g_auto(GStrv) orphans = guard_orphans();

    for (char **batch = orphans; *batch; batch++)
        app_error(app,
                  "%s was neither kept nor taken back, its guard has died: virt-memtune back %s",
                  *batch, *batch);
}
