/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/actions.h"

#include "model/model.h"
#include "model/size.h"
#include "model/text.h"
#include "ui/dialog.h"
#include "ui/screen-counters.h"
#include "ui/screen-detail.h"
#include "ui/screen-why.h"
#include "ui/width.h"

#include <math.h>
#include <string.h>

/* --- tags ---------------------------------------------------------------------------------- */

void action_tag(struct screen *screen)
{
    struct view *view = app_view(screen->app);
    const struct row *row = view_selected_row(view);

    if (!row)
        return;
    view_tag(view, &row->key, !view_tagged(view, &row->key));
    view_select(view, view_selected(view) + 1);
}

static void tag_shown(struct app *app, bool yes, void *data)
{
    struct view *view = app_view(app);
    size_t n, tagged = 0;
    const struct row *rows = view_rows(view, &n);

    for (size_t i = 0; yes && i < n; i++) {
        if (rows[i].key.connection != GPOINTER_TO_UINT(data))
            continue;
        view_tag(view, &rows[i].key, true);
        tagged++;
    }
    if (yes)
        app_message(app, "%zu domains tagged; U untags", tagged);
}

void action_tag_connection(struct screen *screen)
{
    static const int yes[] = {'y', K_ENTER, 0};
    struct view *view = app_view(screen->app);
    const struct row *row = view_selected_row(view);
    g_autofree char *question = NULL;
    size_t n, would = 0;
    const struct row *rows = view_rows(view, &n);

    if (!row)
        return;
    for (size_t i = 0; i < n; i++)
        would += rows[i].key.connection == row->key.connection;
    question = g_strdup_printf("tag %zu domains of %s? y", would, row->snapshot->host.name);
    dialog_ask(screen->app, question, yes, tag_shown, GUINT_TO_POINTER(row->key.connection));
}

void action_untag(struct screen *screen)
{
    size_t n = view_n_tagged(app_view(screen->app));

    view_untag_all(app_view(screen->app));
    app_message(screen->app, "%zu domain%s untagged", n, n == 1 ? "" : "s");
}

/* --- screens about one domain -------------------------------------------------------------- */

void action_why(struct screen *screen)
{
    const struct row *row = view_selected_row(app_view(screen->app));

    if (row)
        app_push(screen->app, screen_why_new(screen->app, &row->key));
}

void action_detail(struct screen *screen)
{
    const struct row *row = view_selected_row(app_view(screen->app));

    if (row)
        app_push(screen->app, screen_detail_new(screen->app, &row->key));
}

void action_counters(struct screen *screen)
{
    const struct row *row = view_selected_row(app_view(screen->app));
    struct screen *counters = row ? screen_counters_new(screen->app, &row->key) : NULL;

    if (counters)
        app_push(screen->app, counters);
    else if (row)
        app_message(screen->app, "%s has no beancounters: containers of OpenVZ have",
                    row->domain->identity->name);
}

void action_copy(struct screen *screen)
{
    const struct row *row = view_selected_row(app_view(screen->app));
    const struct identity *identity;
    g_autofree char *name = NULL, *uri = NULL, *text = NULL;

    if (!row)
        return;
    identity = row->domain->identity;
    name = text_shell_quote(identity->raw_name);
    uri = text_shell_quote(row->snapshot->uri);
    text = g_strdup_printf("%s\n%s\nvirt-memtune -c %s show --domain %s\n", identity->name,
                           identity->native_id ? identity->native_id : "", uri, name);
    app_copy(screen->app, text);
}

/* --- the status line ----------------------------------------------------------------------- */

static void describe_slope(const struct trouble *trouble, GString *text)
{
    char rate[SIZE_TEXT_MAX];
    double minute = trouble->slope * 60;

    if (fabs(minute) >= 1 << 20) {
        size_format_short((uint64_t)fabs(minute), rate);
        g_string_append_printf(text, "; %c%s/min", minute > 0 ? '+' : '-', g_strchug(rate));
    }
    if (trouble->seconds_left < 0)
        return;
    g_string_append_printf(text, ": %s in ~",
                           trouble->wall.kind == WALL_SLOWS   ? "slow"
                           : trouble->wall.kind == WALL_FAILS ? "malloc fails"
                                                              : "kill");
    if (trouble->seconds_left >= 7200)
        g_string_append_printf(text, "%d h", (int)(trouble->seconds_left / 3600));
    else if (trouble->seconds_left >= 60)
        g_string_append_printf(text, "%d min", (int)(trouble->seconds_left / 60));
    else
        g_string_append_printf(text, "%d s", (int)trouble->seconds_left);
}

static void describe_wall(const struct row *row, GString *text)
{
    const struct trouble *trouble = &row->trouble;
    char left[SIZE_TEXT_MAX], limit[SIZE_TEXT_MAX];
    uint64_t bytes;

    if (!domain_state_active(row->domain->identity->state)) {
        g_string_append(text, domain_state_name(row->domain->identity->state));
        if (trouble->why[0])
            g_string_append_printf(text, "; %s", trouble->why);
        return;
    }
    if (trouble->wall.kind == WALL_NONE || !value_get(trouble->left, &bytes)) {
        g_string_append(text, "no limit");
        if (trouble->why[0])
            g_string_append_printf(text, "; %s", trouble->why);
        return;
    }
    size_format_short(bytes, left);
    size_format_short(trouble->wall.limit, limit);
    g_string_append_printf(text, "%s (%d%%) to %s %s", g_strchug(left), trouble->percent_left,
                           wall_owner(row->snapshot, &trouble->wall), g_strchug(limit));
    describe_slope(trouble, text);
}

/* The tail of a name says more than its head where many begin alike. */
static void name_tail(const char *name, int room, bool utf8, GString *text)
{
    const char *at = name;

    if (width_of(name) <= room) {
        g_string_append(text, name);
        return;
    }
    while (*at && width_of(at) > MAX(room - 1, 3))
        at = g_utf8_next_char(at);
    g_string_append_printf(text, "%s%s", utf8 ? "…" : "~", at);
}

void action_describe(struct app *app, const struct row *row, GString *text)
{
    g_autoptr(GString) rest = g_string_new(": ");
    const char *keys = app_read_only(app) ? ". i why" : ". e edit, i why";
    int width = app_width(app);

    describe_wall(row, rest);
    if (width_of(rest->str) + width_of(keys) + 4 <= width)
        g_string_append(rest, keys);
    name_tail(row->domain->identity->name, width - width_of(rest->str), app_utf8(app), text);
    g_string_append(text, rest->str);
}
