/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The help is made from the tables of keys and columns: nothing is described twice. */
#include "ui/app-keys.h"
#include "ui/columns.h"
#include "ui/keybar.h"
#include "ui/screen-page.h"
#include "ui/screens.h"

#define LABEL 16

static void fill_keys(struct page_screen *about, const struct binding *table)
{
    struct app *app = about->screen.app;

    for (; table && table->key; table++) {
        char key[KEY_LABEL_MAX], twin[KEY_LABEL_MAX];
        g_autofree char *label = NULL;

        if ((table->flags & BINDING_HIDDEN) || !binding_offered(app, table) || !table->help)
            continue;
        if (table->flags & BINDING_NO_KEYS)
            label = g_strdup_printf(":%s", table->name);
        else if (table->twin)
            label =
                g_strdup_printf("%s  %s", key_label(table->key, key), key_label(table->twin, twin));
        else
            label = g_strdup(key_label(table->key, key));
        page_line(about->page, PAINT_TEXT, label, LABEL, "%s", table->help);
    }
}

static void fill_moving(struct page *page)
{
    static const struct {
        const char *keys, *help;
    } rows[] = {
        {"j k  arrows", "down and up"}, {"g G  Home End", "to the beginning and the end"},
        {"^D ^U", "half a page"},       {"^F ^B PgDn PgUp", "a page"},
        {"H L  Left Right", "columns"},
    };

    page_heading(page, "Moving");
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        page_line(page, PAINT_TEXT, rows[i].keys, LABEL, "%s", rows[i].help);
}

static void fill_signs(struct page *page)
{
    static const struct {
        enum paint paint;
        const char *sign, *help;
    } rows[] = {
        {PAINT_KILLED, "X", "died or had an oom-kill in the last 24 h"},
        {PAINT_SLOWED, "~", "slowed now; in a name: cut here"},
        {PAINT_NOTICE, "!", "trouble: WHY says which"},
        {PAINT_STALE, "?", "stale or not answering; as a number: not known (i says why)"},
        {PAINT_STRONG, "> *", "selected, tagged"},
        {PAINT_TEXT, "]  )", "end of a bar: a wall that bites; the size, where nothing bites"},
        {PAINT_NEEDED, "█  |", "needed: HELD less what the host can drop by itself"},
        {PAINT_GUEST, "▓  :", "what only the guest could give back"},
        {PAINT_DROP, "░  .", "what the host drops by itself"},
        {PAINT_UNKNOWN, "?", "held, split not known"},
        {PAINT_BALLOONED, "o", "ballooned away"},
        {PAINT_TICK, "s g T", "soft limit, guarantee, balloon target; reverse once passed"},
        {PAINT_TEXT, "≠", "the persistent value differs from the live one"},
    };

    page_heading(page, "Signs");
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        page_line(page,
                  rows[i].paint == PAINT_KILLED || rows[i].paint == PAINT_SLOWED ? PAINT_TEXT
                                                                                 : rows[i].paint,
                  rows[i].sign, LABEL, "%s", rows[i].help);
}

static void fill_columns(struct page *page)
{
    page_heading(page, "Columns");
    for (const struct column *column = columns; column->name; column++)
        if (*column->title)
            page_line(page, PAINT_TEXT, column->title, LABEL, "%s", column->help);
}

struct help {
    struct page_screen page; /* first */
    const struct screen_ops *about;
};

static void fill(struct page_screen *screen)
{
    const struct screen_ops *about = ((struct help *)screen)->about;

    page_line(screen->page, PAINT_STRONG, NULL, 0, "Help: %s", about->title);
    if (about->about)
        page_line(screen->page, PAINT_TEXT, NULL, 0, "%s", about->about);
    page_blank(screen->page);
    page_heading(screen->page, "Keys here");
    fill_keys(screen, about->bindings);
    page_blank(screen->page);
    fill_moving(screen->page);
    page_blank(screen->page);
    page_heading(screen->page, "Keys everywhere");
    fill_keys(screen, app_bindings);
    page_blank(screen->page);
    fill_signs(screen->page);
    page_blank(screen->page);
    fill_columns(screen->page);
}

static const struct binding bindings[] = {PAGE_BINDINGS, {0}};

static const struct screen_ops ops = {
    .name = "help",
    .title = "Help",
    .about = "This page: / searches it, Esc goes back.",
    .bindings = bindings,
    .draw = page_screen_draw,
    .status = page_screen_status,
    .event = page_screen_event,
    .free = page_screen_free,
};

struct screen *screen_help_new(struct app *app, const struct screen *about)
{
    struct help *help = g_new0(struct help, 1);

    page_screen_init(&help->page, &ops, NULL, fill);
    help->about = about->ops;
    return &help->page.screen;
}
