/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/view-private.h"

#include "ui/hosts.h"

#include <string.h>

#define HOLD_US (10 * G_USEC_PER_SEC)
#define SILENT_MS 900

/* The first where there is no such word. */
static unsigned word_index(const char *const *words, const char *word)
{
    for (unsigned i = 0; word && words[i]; i++)
        if (strcmp(words[i], word) == 0)
            return i;
    return 0;
}

struct view *view_new(struct app *app, GError **error)
{
    const struct app_options *options = app_options(app);
    struct view *view = g_new0(struct view, 1);
    const char *sort = options->sort ? options->sort : "trouble";

    view->app = app;
    view->filter_text = g_strdup("");
    view->search = g_strdup("");
    view->tags = g_hash_table_new_full(domain_key_hash, domain_key_same, g_free, NULL);
    view->held = g_ptr_array_new_with_free_func((GDestroyNotify)(void (*)(void))snapshot_unref);
    view->order = g_array_new(FALSE, FALSE, sizeof(struct domain_key));
    view->places = g_array_new(FALSE, FALSE, sizeof(size_t));
    view->hosts = hosts_new(app);
    view->stale = true;
    view->flags.all = options->all;
    view->flags.scale = (enum bar_scale)word_index(bar_scale_names, options->bars);
    view->flags.units = (enum size_unit)word_index(size_unit_names, options->units);
    view->reverse = sort[0] == '-';
    view->key = sort_key_find(sort + (view->reverse ? 1 : 0));
    if (!view->key) {
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "there is no sort key \"%s\"",
                    sort);
        view_free(view);
        return NULL;
    }
    if (options->filter && !view_filter(view, options->filter, error)) {
        view_free(view);
        return NULL;
    }
    return view;
}

void view_free(struct view *view)
{
    if (!view)
        return;
    filter_free(view->filter);
    hosts_free(view->hosts);
    g_free(view->filter_text);
    g_free(view->search);
    g_hash_table_destroy(view->tags);
    g_ptr_array_free(view->held, TRUE);
    g_array_free(view->order, TRUE);
    g_array_free(view->places, TRUE);
    g_free(view->rows);
    g_free(view);
}

/* --- making the rows ----------------------------------------------------------------------- */

static bool shown(const struct view *view, const struct row *row)
{
    if (!view->flags.all && !domain_state_active(row->domain->identity->state) &&
        row->trouble.rank != TROUBLE_KILLED)
        return false;
    if (view->flags.only_trouble && row->trouble.rank >= TROUBLE_NOTE)
        return false;
    return filter_match(view->filter, row);
}

static int by_place(gconstpointer a, gconstpointer b)
{
    const struct row *left = a, *right = b;
    const char *left_parents = left->domain->identity->parents;
    const char *right_parents = right->domain->identity->parents;

    if (left->key.connection != right->key.connection)
        return left->key.connection - right->key.connection;
    return g_strcmp0(left_parents ? left_parents : "", right_parents ? right_parents : "");
}

/* Rows of one place stay in the order that they have. */
static void group_by_place(struct row *rows, size_t n)
{
    g_autoptr(GArray) array = g_array_new(FALSE, FALSE, sizeof *rows);

    if (!n)
        return; /* there is no memory to copy from then */
    g_array_append_vals(array, rows, (guint)n);
    g_array_sort(array, by_place); /* stable, by its documentation */
    memcpy(rows, array->data, n * sizeof *rows);
}

static void hold_snapshots(struct view *view)
{
    g_ptr_array_set_size(view->held, 0);
    for (uint16_t i = 0; i < model_n_connections(app_model(view->app)); i++)
        g_ptr_array_add(view->held, snapshot_ref(model_snapshot(app_model(view->app), i)));
}

static void remember_order(struct view *view)
{
    g_array_set_size(view->order, (guint)view->n);
    g_array_set_size(view->places, (guint)view->n);
    for (size_t i = 0; i < view->n; i++) {
        g_array_index(view->order, struct domain_key, i) = view->rows[i].key;
        g_array_index(view->places, size_t, i) = view->rows[i].place;
    }
}

static void take_row(struct view *view, const struct row *row, bool *taken)
{
    taken[row->place] = true;
    view->counts[row->trouble.rank]++;
    if (shown(view, row))
        view->rows[view->n++] = *row;
}

/* In the order that they were shown in before, which is nearly always the one they will have. */
static void take_rows(struct view *view, const struct row *rows)
{
    g_autofree bool *taken = g_new0(bool, view->total);

    memset(view->counts, 0, sizeof view->counts);
    view->n = 0;
    for (guint i = 0; i < view->places->len; i++) {
        size_t place = g_array_index(view->places, size_t, i);

        if (place < view->total && !taken[place] &&
            domain_key_equal(&rows[place].key, &g_array_index(view->order, struct domain_key, i)))
            take_row(view, &rows[place], taken);
    }
    for (size_t i = 0; i < view->total; i++)
        if (!taken[i])
            take_row(view, &rows[i], taken);
}

static void mark_tagged(struct view *view, struct row *rows)
{
    bool any = view_n_tagged(view) > 0;

    for (size_t i = 0; i < view->total; i++)
        rows[i].tagged = any && view_tagged(view, &rows[i].key);
}

static void make_rows(struct view *view)
{
    struct row *rows = model_rows(app_model(view->app), &view->total);
    bool held = g_get_monotonic_time() < view->hold_until;

    hold_snapshots(view);
    if (view->room < view->total) {
        view->room = view->total + 64;
        view->rows = g_renew(struct row, view->rows, view->room);
    }
    hosts_sum(view->hosts, rows, view->total);
    mark_tagged(view, rows);
    take_rows(view, rows);
    rows_sort(view->rows, view->n, view->key, view->reverse, !view->flags.tree);
    if (view->flags.tree)
        group_by_place(view->rows, view->n);
    else if (held)
        rows_hold(view->rows, view->n, (const struct domain_key *)(void *)view->order->data,
                  view->order->len);
    remember_order(view);
    view_find_selected(view);
    view->stale = false;
    view->made = g_get_monotonic_time();
}

/* Before anything of it is read: rows made in the middle of a drawing would free hosts that are
 * being drawn. */
static void freshen(struct view *view)
{
    if (view->stale)
        make_rows(view);
}

const struct row *view_rows(struct view *view, size_t *n)
{
    freshen(view);
    *n = view->n;
    return view->rows;
}

size_t view_total(struct view *view)
{
    freshen(view);
    return view->total;
}

const unsigned *view_counts(struct view *view)
{
    freshen(view);
    return view->counts;
}

struct hosts *view_hosts(struct view *view)
{
    freshen(view);
    return view->hosts;
}

void view_changed(struct view *view)
{
    if (!view->flags.paused)
        view->stale = true;
}

void view_tick(struct view *view)
{
    gint64 age = g_get_monotonic_time() - view->made;

    if (age > ((gint64)app_delay_ms(view->app) + SILENT_MS) * 1000)
        view_changed(view);
}

void view_touch(struct view *view)
{
    view->hold_until = g_get_monotonic_time() + HOLD_US;
}

/* What is shown changed by a key: a new order, at once. */
static void remake(struct view *view)
{
    view->stale = true;
    view->hold_until = 0;
    app_redraw(view->app);
}

/* --- filter, sort, flags ------------------------------------------------------------------- */

bool view_filter(struct view *view, const char *text, GError **error)
{
    struct filter *filter = NULL;

    if (*text && !filter_parse(text, &filter, error))
        return false;
    filter_free(view->filter);
    view->filter = filter;
    g_free(view->filter_text);
    view->filter_text = g_strdup(text);
    remake(view);
    return true;
}

const char *view_filter_text(const struct view *view)
{
    return view->filter_text;
}

void view_sort(struct view *view, const struct sort_key *key, bool reverse)
{
    view->key = key;
    view->reverse = reverse;
    remake(view);
}

const struct sort_key *view_sort_key(const struct view *view, bool *reverse)
{
    if (reverse)
        *reverse = view->reverse;
    return view->key;
}

struct view_flags view_flags(const struct view *view)
{
    return view->flags;
}

void view_set_flags(struct view *view, struct view_flags flags)
{
    if (flags.paused && !view->flags.paused)
        view->paused_since = g_get_monotonic_time();
    view->flags = flags;
    remake(view);
}

unsigned view_paused_s(const struct view *view)
{
    return (unsigned)((g_get_monotonic_time() - view->paused_since) / G_USEC_PER_SEC);
}
