/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/journal-undo.h"

#include "model/text.h"

#include <string.h>

/* One value: what it was at first and came to be at last. */
struct taken {
    const struct journal_entry *first, *last;
};

static bool same_value(const struct journal_entry *a, const struct journal_entry *b)
{
    return g_strcmp0(a->uuid, b->uuid) == 0 && g_strcmp0(a->domain, b->domain) == 0 &&
           g_strcmp0(a->connection, b->connection) == 0 && g_strcmp0(a->tunable, b->tunable) == 0 &&
           g_strcmp0(a->scope, b->scope) == 0;
}

/* {"unknown":…} and {"unsupported":…}: what shares are has other members. */
static bool known(JsonNode *value)
{
    return value != NULL && (!JSON_NODE_HOLDS_OBJECT(value) ||
                             json_object_has_member(json_node_get_object(value), "shares"));
}

static bool is_change(const struct journal_entry *entry)
{
    return (entry->kind == JOURNAL_INTENT || entry->kind == JOURNAL_SEEN) &&
           entry->domain != NULL && entry->connection != NULL && entry->tunable != NULL &&
           entry->scope != NULL;
}

/* Failed and nothing changed, or it is back already: there is nothing to take back. */
static bool stands(const struct taken *taken)
{
    const struct journal_entry *last = taken->last;

    if (last->outcome == NULL && last->kind == JOURNAL_INTENT)
        return true;
    return !known(last->after) || !known(taken->first->before) ||
           !json_node_equal(last->after, taken->first->before);
}

static struct stored_change *inverse(const struct taken *taken)
{
    const struct journal_entry *first = taken->first, *last = taken->last;
    struct stored_change *stored = g_new0(struct stored_change, 1);

    stored->domain = g_strdup(last->domain);
    stored->uuid = g_strdup(last->uuid);
    stored->connection = g_strdup(last->connection);
    stored->host = g_strdup(last->host);
    stored->tunable = g_strdup(last->tunable);
    stored->scope = strcmp(last->scope, "config") == 0 ? SCOPE_CONFIG : SCOPE_LIVE;
    /* Where nobody knows what it came to be, any value is expected. */
    stored->before = known(last->after) ? json_node_copy(last->after)
                                        : json_from_string("{\"unknown\":{}}", NULL);
    stored->wanted = json_node_copy(first->before);
    return stored;
}

static char *name_of(const struct journal_entry *entry)
{
    g_autofree char *raw =
        g_strdup_printf("%s: %s %s", entry->domain, entry->tunable, entry->scope);

    return text_clean(raw);
}

static void take_back(const struct taken *taken, GPtrArray *changes, GPtrArray *left)
{
    g_autofree char *name = name_of(taken->last);

    if (known(taken->first->before))
        g_ptr_array_add(changes, inverse(taken));
    else if (left != NULL)
        g_ptr_array_add(left, g_strdup_printf("%s: what it was before is not known", name));
}

static void note(GArray *all, const struct journal_entry *entry)
{
    struct taken taken = {entry, entry};

    for (guint i = 0; i < all->len; i++) {
        struct taken *other = &g_array_index(all, struct taken, i);

        if (!same_value(other->first, entry))
            continue;
        other->last = entry;
        return;
    }
    g_array_append_val(all, taken);
}

bool journal_undo(const struct journal_book *book, const char *batch, GPtrArray **ret,
                  GPtrArray *left, GError **error)
{
    g_autoptr(GPtrArray) changes = changefile_new();
    g_autoptr(GArray) all = g_array_new(FALSE, FALSE, sizeof(struct taken));

    for (guint i = 0; i < book->entries->len; i++) {
        const struct journal_entry *entry = book->entries->pdata[i];

        if (is_change(entry) && g_strcmp0(entry->batch, batch) == 0)
            note(all, entry);
    }
    for (guint i = all->len; i-- > 0;) {
        if (stands(&g_array_index(all, struct taken, i)))
            take_back(&g_array_index(all, struct taken, i), changes, left);
    }
    if (changes->len == 0) {
        g_autofree char *clean = text_clean(batch);

        g_set_error(error, CHANGEFILE_ERROR, CHANGEFILE_ERROR_CHANGE,
                    all->len == 0 ? "the journal has no batch %s"
                                  : "there is nothing of %s that could be taken back",
                    clean);
        return false;
    }
    *ret = g_steal_pointer(&changes);
    return true;
}

bool journal_undo_entry(const struct journal_entry *entry, GPtrArray **ret, GError **error)
{
    const struct taken taken = {entry, entry};
    g_autoptr(GPtrArray) changes = changefile_new();

    if (is_change(entry) && stands(&taken))
        take_back(&taken, changes, NULL);
    if (changes->len == 0) {
        g_set_error(error, CHANGEFILE_ERROR, CHANGEFILE_ERROR_CHANGE,
                    "this cannot be taken back: nothing was changed, or what it was before is not "
                    "known");
        return false;
    }
    *ret = g_steal_pointer(&changes);
    return true;
}
