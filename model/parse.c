/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/backend.h"
#include "model/changeset.h"
#include "model/size.h"
#include "model/text.h"

#include <string.h>

#define NAME_MAX_LENGTH 40

/* One NAME=VALUE on its way to changes. */
struct order {
    const struct snapshot *snapshot;
    const struct domain *domain;
    const struct tunable *table;
    unsigned scopes;
    GArray *changes;
};

/* How many letters must be changed to make one word of the other. */
static size_t distance(const char *a, const char *b)
{
    size_t row[NAME_MAX_LENGTH + 1], n = strlen(b);

    for (size_t j = 0; j <= n; j++)
        row[j] = j;
    for (size_t i = 1; a[i - 1]; i++) {
        size_t diagonal = row[0];

        row[0] = i;
        for (size_t j = 1; j <= n; j++) {
            size_t above = row[j];

            row[j] = MIN(MIN(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] != b[j - 1]));
            diagonal = above;
        }
    }
    return row[n];
}

static void consider(const char *name, const char *candidate, const char **nearest, size_t *least)
{
    size_t letters;

    if (!candidate || strlen(candidate) > NAME_MAX_LENGTH)
        return;
    letters = distance(name, candidate);
    if (letters < *least) {
        *least = letters;
        *nearest = candidate;
    }
}

/* A name that `name` looks like a slip of, or NULL. */
static const char *nearest_name(const struct tunable *table, const char *name)
{
    size_t length = strlen(name), least = length / 3 + 2;
    const char *nearest = NULL;

    if (length > NAME_MAX_LENGTH)
        return NULL;
    for (const struct tunable *row = table; row && row->name; row++) {
        consider(name, row->name, &nearest, &least);
        consider(name, row->group, &nearest, &least);
        consider(name, row->libvirt, &nearest, &least);
        consider(name, role_name(row->role), &nearest, &least);
        for (size_t i = 0; row->aliases && row->aliases[i]; i++)
            consider(name, row->aliases[i], &nearest, &least);
    }
    return nearest;
}

static bool refuse_name(const struct order *order, const char *name, GError **error)
{
    g_autoptr(GString) names = g_string_new(NULL);
    g_autofree char *cleaned = text_clean(name);
    const char *nearest = nearest_name(order->table, name), *last = NULL;

    for (const struct tunable *row = order->table; row && row->name; row++) {
        const char *shown = row->group ? row->group : row->name;

        if (!last || strcmp(last, shown))
            g_string_append_printf(names, "%s%s", names->len ? ", " : "", shown);
        last = shown;
    }
    g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_UNSUPPORTED, "%s has no \"%s\"%s%s%s It has %s",
                order->snapshot->backend->title, cleaned, nearest ? ". Did you mean " : "",
                nearest ? nearest : "", nearest ? "?" : ".",
                names->len ? names->str : "nothing that can be set");
    return false;
}

static struct value present_value(const struct setting *setting)
{
    return value_known(setting->live) ? setting->live : setting->config;
}

static const struct tunable *look_up(const char *name, struct value *value, void *data)
{
    const struct order *order = data;
    const struct tunable *row = tunable_find(order->table, name);

    if (row)
        *value = present_value(snapshot_setting(order->snapshot, order->domain, row));
    return row;
}

static const char *scope_words(unsigned scopes)
{
    return scopes == SCOPE_LIVE ? " live" : scopes == SCOPE_CONFIG ? " in the configuration" : "";
}

/* Why none of the wanted scopes can be written. */
static const char *reason_of(const struct order *order, const struct tunable *row,
                             const struct setting *setting)
{
    if (order->scopes & SCOPE_LIVE && setting->live.kind == VALUE_UNSUPPORTED &&
        (setting->config.kind == VALUE_UNSUPPORTED || !(order->scopes & SCOPE_CONFIG)) &&
        !setting->why_not)
        return value_reason_text(setting->live);
    if (setting->why_not)
        return value_reason_text(value_unsupported(setting->why_not));
    if (!row->scopes)
        return "it is read only";
    if (!(row->scopes & order->scopes))
        return order->scopes == SCOPE_LIVE ? "it acts at the next start only"
                                           : "it exists only while the domain runs";
    if (!domain_state_active(order->domain->identity->state) && order->scopes == SCOPE_LIVE)
        return "the domain is not running";
    return "it cannot be written now";
}

/* The scopes that are written, or 0 with the error. */
static unsigned writable_scopes(const struct order *order, const struct tunable *row,
                                GError **error)
{
    const struct setting *setting = snapshot_setting(order->snapshot, order->domain, row);
    unsigned writable = order->scopes & row->scopes & setting->writable;

    /* BOTH is "wherever it can be"; one scope is meant as it is said. */
    if (writable)
        return writable;
    g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_UNSUPPORTED, "%s cannot be set%s: %s",
                row->name, scope_words(order->scopes), reason_of(order, row, setting));
    return 0;
}

static bool parse_row(const struct order *order, const struct tunable *row, const char *text,
                      GError **error)
{
    const struct setting *setting = snapshot_setting(order->snapshot, order->domain, row);
    struct size_context context = {
        .present = present_value(setting),
        .lookup = look_up,
        .data = (void *)order,
    };
    struct change change = {.key = order->domain->identity->key, .tunable = row};
    unsigned scopes = writable_scopes(order, row, error);

    if (!scopes || !size_parse_value(text, row, &context, &change.to, error))
        return false;
    for (unsigned scope = SCOPE_LIVE; scope <= SCOPE_CONFIG; scope <<= 1) {
        if (!(scopes & scope))
            continue;
        change.scope = (enum scope)scope;
        change.from = scope == SCOPE_LIVE ? setting->live : setting->config;
        g_array_append_val(order->changes, change);
    }
    return true;
}

/* The group's rows, in the table's order; how many. */
static size_t group_rows(const struct tunable *table, const char *group,
                         const struct tunable **rows, size_t max)
{
    size_t n = 0;

    for (const struct tunable *row = table; row && row->name; row++) {
        if (row->group && !strcmp(row->group, group) && n < max)
            rows[n++] = row;
    }
    return n;
}

static bool parse_group(const struct order *order, const struct tunable **rows, size_t n,
                        const char *text, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(text, ":", -1);
    size_t n_parts = g_strv_length(parts);
    size_t n_set = rows[0]->group_one == GROUP_ONE_BOTH || n_parts > 1 ? n : 1;

    if (n_parts > 1 && n_parts != n) {
        g_autofree char *cleaned = text_clean(text);

        g_set_error(error, SIZE_ERROR, SIZE_ERROR_JUNK,
                    "\"%s\" has %zu parts: %s takes one value or %s:%s", cleaned, n_parts,
                    rows[0]->group, rows[0]->half ? rows[0]->half : rows[0]->name,
                    n > 1 && rows[1]->half ? rows[1]->half : "…");
        return false;
    }
    for (size_t i = 0; i < n_set; i++) {
        if (!parse_row(order, rows[i], n_parts > 1 ? parts[i] : text, error)) {
            if (n_parts > 1)
                g_prefix_error(error, "%s: ", rows[i]->half ? rows[i]->half : rows[i]->name);
            return false;
        }
    }
    return true;
}

bool change_parse(const struct snapshot *snapshot, const struct domain *domain, const char *name,
                  const char *text, unsigned scopes, GArray *changes, GError **error)
{
    const struct tunable *rows[8];
    g_autoptr(GArray) made = g_array_new(FALSE, TRUE, sizeof(struct change));
    bool one_scope = snapshot->backend->flags & BACKEND_ONE_SCOPE;
    struct order order = {
        .snapshot = snapshot,
        .domain = domain,
        .table = snapshot->backend->tunables,
        .scopes = one_scope ? SCOPE_LIVE : scopes,
        .changes = made,
    };
    const struct tunable *row = tunable_find(order.table, name);
    bool whole = row && row->group && strcmp(row->name, name) && !strcmp(row->group, name);
    bool parsed;

    if (!row)
        return refuse_name(&order, name, error);
    if (whole)
        parsed = parse_group(&order, rows, group_rows(order.table, name, rows, G_N_ELEMENTS(rows)),
                             text, error);
    else
        parsed = parse_row(&order, row, text, error);
    if (parsed)
        g_array_append_vals(changes, made->data, made->len);
    return parsed;
}
