/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/screen-review-private.h"

#include "ui/dialog.h"
#include "ui/review-file.h"

static char *expand(const char *path)
{
    return g_str_has_prefix(path, "~/") ? g_build_filename(g_get_home_dir(), path + 2, NULL)
                                        : g_strdup(path);
}

static void save(struct review_screen *about, bool replace);

static void replace_answer(struct app *app, bool yes, void *data)
{
    if (yes)
        save(data, true);
    else
        app_message(app, "nothing was written");
}

static void save(struct review_screen *about, bool replace)
{
    static const int yes[] = {'y', 0};
    struct app *app = about->screen.app;
    g_autoptr(GError) error = NULL;
    g_autofree char *question = NULL;

    if (review_save(about->review, about->path, app_time(app), replace, &error)) {
        app_message(app, "%s written; nothing was applied", about->path);
    } else if (!replace && g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_EXIST)) {
        question = g_strdup_printf("%s exists. Replace it? y", about->path);
        dialog_ask(app, question, yes, replace_answer, about);
    } else {
        app_error(app, "%s", error->message);
    }
}

static bool path_done(struct app *app, const char *text, void *data)
{
    struct review_screen *about = data;
    g_autofree char *path = g_strstrip(g_strdup(text ? text : ""));

    if (!*path)
        return true;
    g_free(about->path);
    about->path = expand(path);
    save(about, false);
    return true;
}

void review_write_file(struct screen *screen)
{
    struct prompt prompt = {.label = "Write script to (NAME.json: JSON): ",
                            .text = "virt-memtune-changes.sh",
                            .done = path_done,
                            .data = screen};

    dialog_prompt(screen->app, &prompt);
}
