/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/messages.h"
#include "ui/screen-page.h"
#include "ui/screens.h"

#define TIME 10

static void fill(struct page_screen *about)
{
    const struct messages *messages = app_messages(about->screen.app);

    if (!messages_count(messages))
        page_line(about->page, PAINT_STALE, NULL, 0, "nothing was said yet");
    for (size_t i = 0; i < messages_count(messages); i++) {
        const struct message *message = messages_get(messages, i);
        g_autoptr(GDateTime) time = g_date_time_new_from_unix_local(message->time);
        g_autofree char *clock = g_date_time_format(time, "%H:%M:%S");

        page_line(about->page, message->error ? PAINT_NOTICE : PAINT_TEXT, clock, TIME, "%s",
                  message->text);
    }
}

static const struct binding bindings[] = {PAGE_BINDINGS, {0}};

static const struct screen_ops ops = {
    .name = "messages",
    .title = "Messages",
    .about = "What was said since the program began, the newest last; also what libraries wrote to "
             "standard error.",
    .bindings = bindings,
    .draw = page_screen_draw,
    .status = page_screen_status,
    .event = page_screen_event,
    .free = page_screen_free,
};

struct screen *screen_messages_new(struct app *app)
{
    struct screen *screen = page_screen_new(&ops, NULL, fill);

    page_to_end(((struct page_screen *)screen)->page);
    return screen;
}
