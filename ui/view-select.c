/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which rows are meant: the selected one, those with a tag, what is searched for. */
#include "ui/view-private.h"

void view_find_selected(struct view *view)
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
    view_find_selected(view);
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
    view->stale = view->stale || view->filter; /* it may ask for tags */
}

size_t view_n_tagged(const struct view *view)
{
    return g_hash_table_size(view->tags);
}

void view_untag_all(struct view *view)
{
    g_hash_table_remove_all(view->tags);
    view->stale = view->stale || view->filter;
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
