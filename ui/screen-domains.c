/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/screen-domains.h"

#include "model/size.h"
#include "ui/actions.h"
#include "ui/headlines.h"
#include "ui/screens.h"
#include "ui/table.h"
#include "ui/width.h"

struct domains {
    struct screen screen;
    struct table table;
    const struct column **own; /* columns of the limits screen, or NULL */
    GString *status;
};

static void domains_draw(struct screen *screen, const struct canvas *canvas)
{
    struct domains *domains = (struct domains *)screen;
    int used = headlines_draw(screen->app, canvas);
    struct canvas rest = canvas_part(canvas, used, 0, -1, -1);

    if (!domains->own)
        domains->table.chosen = app_columns(screen->app);
    if (rest.rows > 0)
        table_draw(&domains->table, screen->app, &rest);
}

/* "…-1a: 1.3G (3%) to hard limit 34.0G; +41M/min: kill in ~32 min. e edit, i why" */
static const char *domains_status(struct screen *screen)
{
    struct domains *domains = (struct domains *)screen;
    const struct row *row = view_selected_row(app_view(screen->app));

    g_string_truncate(domains->status, 0);
    if (row)
        action_describe(screen->app, row, domains->status);
    return domains->status->str;
}

static bool domains_event(struct screen *screen, const struct event *event)
{
    struct domains *domains = (struct domains *)screen;

    return table_event(&domains->table, screen->app, event);
}

static void domains_free(struct screen *screen)
{
    struct domains *domains = (struct domains *)screen;

    table_clear(&domains->table);
    g_string_free(domains->status, TRUE);
    g_free(domains->own);
    g_free(domains);
}

/* clang-format off */
static const struct binding bindings[] = {
    {'/', K_F(3), "Find", "find", "searches names as you type; Enter ends typing", 0, action_find},
    {'!', 0, "Trouble", "only-trouble", "shows only domains in trouble, and all again", 0, action_only_trouble},
    {'\\', K_F(4), "Filter", "filter", "shows only what matches: ! inverse, hard<2G, drv:lxc, state:run, name:ci-*, host:kvm07; Esc clears", 0, action_filter},
    {'o', K_F(6), "Sort", "sort", "chooses what the list is sorted by; the worst stay on top", 0, action_sort},
    {'e', K_F(9), "Edit", "edit", "a form over everything that can be tuned, of the tagged domains or the selected one; the first time it asks to open the host for writing", BINDING_WRITES, action_edit},
    {'v', K_F(5), "Review", "review", "what is staged, what it does, and how to write it", BINDING_WRITES, action_review},
    {'i', 0, "Why", "why", "every wall of the selected domain in order, what it needs, and why figures are missing", 0, action_why},
    {K_ENTER, 0, NULL, "detail", "everything known about the selected domain", 0, action_detail},
    {'B', 0, NULL, "beancounters", "every beancounter of the selected container, trouble on top", 0, action_counters},
    {'u', 0, NULL, "undo", "takes back the newest staged edit; with nothing staged the journal", BINDING_WRITES, action_undo},
    {'x', 0, NULL, "drop", "drops what is staged for the tagged domains or the selected one", BINDING_WRITES, action_drop},
    {'n', 0, NULL, "find-next", "next match, while a search is active", 0, action_find_next},
    {'N', 0, NULL, "find-previous", "previous match, while a search is active", 0, action_find_previous},
    {'A', 0, NULL, "all", "all domains, or only those that run", 0, action_all},
    {'M', 0, NULL, "sort-held", "sorts by what is held", 0, action_sort_held},
    {'P', 0, NULL, "sort-pressure", "sorts by pressure", 0, action_sort_pressure},
    {'T', 0, NULL, "sort-trend", "sorts by trend", 0, action_sort_trend},
    {'D', 0, NULL, "sort-left", "sorts by what is left (distance to the wall)", 0, action_sort_left},
    {'I', 0, NULL, "sort-reverse", "reverses the order", 0, action_sort_reverse},
    {' ', 0, NULL, "tag", "tags the domain and moves down", 0, action_tag},
    {'c', 0, NULL, "tag-host", "tags all domains of this connection that are shown, after a question", 0, action_tag_connection},
    {'U', 0, NULL, "untag", "untags all", 0, action_untag},
    {'F', 0, NULL, "follow", "the list scrolls with the selected domain", 0, action_follow},
    {'t', 0, NULL, "tree", "groups by host, then pool or slice", 0, action_tree},
    {'b', 0, NULL, "bar-scale", "what the bars' right edge is: the wall, the maximum, the host", 0, action_bar_scale},
    {'y', 0, NULL, "copy", "shows the commands for the selected domain on a plain screen, to copy", 0, action_copy},
    {K_ESC, 0, NULL, NULL, "clears search and filter", 0, action_clear},
    {0},
};
/* clang-format on */

static const struct screen_ops ops = {
    .name = "domains",
    .title = "Domains",
    .about = "One line a domain, the one in the worst trouble on top. HELD is the footprint that "
             "limits act on; LEFT is what it may still need before the nearest wall.",
    .bindings = bindings,
    .draw = domains_draw,
    .status = domains_status,
    .event = domains_event,
    .free = domains_free,
};

struct screen *screen_domains_new(struct app *app)
{
    struct domains *domains = g_new0(struct domains, 1);

    domains->screen.ops = &ops;
    domains->status = g_string_new(NULL);
    return &domains->screen;
}

/* --- limits: the same rows with what can be set -------------------------------------------- */

/* Only columns that some row has a value for. */
static const struct column **limit_columns(struct app *app)
{
    static const char *const names[] = {"mark",    "name",   "held",       "needed",    "soft",
                                        "hard",    "memsw",  "swap_limit", "guarantee", "target",
                                        "maximum", "shares", "left",       "why"};
    const struct column **list = g_new0(const struct column *, G_N_ELEMENTS(names) + 1);
    size_t n_rows, n = 0;
    const struct row *rows = view_rows(app_view(app), &n_rows);

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        const struct column *column = column_find(names[i]);
        bool any = column && (!column->value || n < 3);

        for (size_t r = 0; column && !any && r < n_rows; r++)
            any = value_known(column->value(&rows[r], column));
        if (any)
            list[n++] = column;
    }
    return list;
}

static void limits_draw(struct screen *screen, const struct canvas *canvas)
{
    struct domains *domains = (struct domains *)screen;

    g_free(domains->own);
    domains->own = limit_columns(screen->app);
    domains->table.chosen = domains->own;
    domains_draw(screen, canvas);
}

static const struct screen_ops limits_ops = {
    .name = "limits",
    .title = "Limits",
    .about = "The same domains with every limit, guarantee and target that one of them has.",
    .bindings = bindings,
    .draw = limits_draw,
    .status = domains_status,
    .event = domains_event,
    .free = domains_free,
};

struct screen *screen_limits_new(struct app *app)
{
    struct screen *screen = screen_domains_new(app);

    screen->ops = &limits_ops;
    return screen;
}
