/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/view.h"

#include "model/model.h"
#include "ui/hosts.h"

#include <string.h>

#define HOLD_US (10 * G_USEC_PER_SEC)
#define SILENT_MS 900

struct view {
    struct app *app;
    struct filter *filter;
    char *filter_text;
    const struct sort_key *key;
    bool reverse;
    struct view_flags flags;
    gint64 paused_since, hold_until;
    GHashTable *tags; /* set of struct domain_key */

    struct row *rows;
    size_t n, room, total;
    GPtrArray *held; /* snapshots that the rows point into */
    unsigned counts[TROUBLE_NONE + 1];
    struct hosts *hosts;
    bool stale;    /* rows are to be made anew */
    gint64 made;
    GArray *order; /* keys of the rows as shown last */

    bool chosen; /* somebody moved: the selection is a key; else it is the first row */
    struct domain_key selected;
    int selected_index;
    bool moved;
    char *search;
};

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
    for (size_t i = 0; i < view->n; i++)
        g_array_index(view->order, struct domain_key, i) = view->rows[i].key;
}

static void find_selected(struct view *view)
{
    for (size_t i = 0; view->chosen && i < view->n; i++) {
        if (domain_key_equal(&view->rows[i].key, &view->selected)) {
            view->selected_index = (int)i;
            return;
        }
    }
    if (!view->chosen)
        view->selected_index = 0;
    view->selected_index = CLAMP(view->selected_index, 0, MAX((int)view->n - 1, 0));
    if (view->n)
        view->selected = view->rows[view->selected_index].key;
}

static void make_rows(struct view *view)
{
    const struct row *rows = model_rows(app_model(view->app), &view->total);
    bool held = g_get_monotonic_time() < view->hold_until;

    hold_snapshots(view);
    if (view->room < view->total) {
        view->room = view->total + 64;
        view->rows = g_renew(struct row, view->rows, view->room);
    }
    hosts_sum(view->hosts, rows, view->total);
    memset(view->counts, 0, sizeof view->counts);
    view->n = 0;
    for (size_t i = 0; i < view->total; i++) {
        view->counts[rows[i].trouble.rank]++;
        if (shown(view, &rows[i]))
            view->rows[view->n++] = rows[i];
    }
    rows_sort(view->rows, view->n, view->key, view->reverse, !view->flags.tree);
    if (view->flags.tree)
        group_by_place(view->rows, view->n);
    else if (held)
        rows_hold(view->rows, view->n, (const struct domain_key *)(void *)view->order->data,
                  view->order->len);
    remember_order(view);
    find_selected(view);
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

/* --- selection and tags -------------------------------------------------------------------- */

int view_selected(struct view *view)
{
    size_t n;

    view_rows(view, &n);
    return n ? view->selected_index : -1;
}

const struct row *view_selected_row(struct view *view)
{
    int index = view_selected(view);

    return index < 0 ? NULL : &view->rows[index];
}

void view_select(struct view *view, int index)
{
    size_t n;

    view_rows(view, &n);
    if (!n)
        return;
    view->selected_index = CLAMP(index, 0, (int)n - 1);
    view->selected = view->rows[view->selected_index].key;
    view->chosen = view->moved = true;
    app_redraw(view->app);
}

void view_select_key(struct view *view, const struct domain_key *key)
{
    view->selected = *key;
    view->chosen = view->moved = true;
    find_selected(view);
    app_redraw(view->app);
}

bool view_moved(struct view *view)
{
    bool moved = view->moved;

    view->moved = false;
    return moved;
}

const char *view_search(const struct view *view)
{
    return view->search;
}

void view_set_search(struct view *view, const char *text)
{
    g_free(view->search);
    view->search = g_strdup(text);
}

bool view_tagged(const struct view *view, const struct domain_key *key)
{
    return g_hash_table_contains(view->tags, key);
}

void view_tag(struct view *view, const struct domain_key *key, bool tagged)
{
    if (tagged)
        g_hash_table_add(view->tags, g_memdup2(key, sizeof *key));
    else
        g_hash_table_remove(view->tags, key);
}

size_t view_n_tagged(const struct view *view)
{
    return g_hash_table_size(view->tags);
}

void view_untag_all(struct view *view)
{
    g_hash_table_remove_all(view->tags);
}

struct domain_key *view_targets(struct view *view, size_t *n)
{
    const struct row *row = view_selected_row(view);
    GHashTableIter iter;
    gpointer key;
    struct domain_key *keys;

    *n = view_n_tagged(view);
    if (!*n) {
        *n = row ? 1 : 0;
        return row ? g_memdup2(&row->key, sizeof row->key) : NULL;
    }
    keys = g_new(struct domain_key, *n);
    *n = 0;
    /* in the order of the screen, then those that are filtered away */
    for (size_t i = 0; i < view->n; i++)
        if (view_tagged(view, &view->rows[i].key))
            keys[(*n)++] = view->rows[i].key;
    g_hash_table_iter_init(&iter, view->tags);
    while (g_hash_table_iter_next(&iter, &key, NULL)) {
        bool seen = false;

        for (size_t i = 0; i < *n && !seen; i++)
            seen = domain_key_equal(&keys[i], key);
        if (!seen)
            keys[(*n)++] = *(struct domain_key *)key;
    }
    return keys;
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
