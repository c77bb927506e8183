/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/backend.h"
#include "model/clock.h"
#include "model/snapshot-parts.h"
#include "model/text.h"

#include <string.h>

#define GHOST_SECONDS (24 * 60 * 60)

struct snapshot_builder {
    const struct backend *backend;
    const struct snapshot *previous; /* a reference, or NULL */
    size_t n_settings, n_figures;
    struct picture *picture;
    struct places places;
    GArray *domains;      /* struct domain; figures and walls are set by finish() */
    GArray *figures;      /* struct value, n_figures for each domain */
    GArray *walls;        /* struct wall */
    GArray *first_walls;  /* size_t, each domain's first */
    GHashTable *left_out; /* keys of the previous snapshot that are gone -> why, or NULL */

    struct draft draft;
    struct domain_key key;
    bool drafting;
    struct setting *scratch_settings;
    struct value *scratch_figures;
    GArray *scratch_walls;

    uint64_t now_ns;
    int64_t now_time;
};

struct snapshot_builder *snapshot_builder_new(const struct backend *backend, uint16_t connection,
                                              const char *uri, const struct snapshot *previous)
{
    struct snapshot_builder *builder = g_new0(struct snapshot_builder, 1);
    struct picture *picture = g_new0(struct picture, 1);
    guint n_before = previous ? (guint)previous->n_domains : 0;

    places_init(&builder->places, previous);
    builder->backend = backend;
    builder->previous = previous ? snapshot_ref(previous) : NULL;
    builder->n_settings = tunable_count(backend->tunables);
    builder->n_figures = figure_count(backend->figures);
    builder->picture = picture;
    builder->domains = g_array_sized_new(FALSE, FALSE, sizeof(struct domain), n_before);
    builder->figures =
        g_array_sized_new(FALSE, FALSE, sizeof(struct value), n_before * (guint)builder->n_figures);
    builder->walls = g_array_new(FALSE, FALSE, sizeof(struct wall));
    builder->first_walls = g_array_sized_new(FALSE, FALSE, sizeof(size_t), n_before);
    builder->left_out = g_hash_table_new_full(domain_key_hash, domain_key_same, g_free, NULL);
    builder->scratch_settings = g_new0(struct setting, builder->n_settings);
    builder->scratch_figures = g_new0(struct value, builder->n_figures);
    builder->scratch_walls = g_array_new(FALSE, FALSE, sizeof(struct wall));

    atomic_init(&picture->refs, 1);
    picture->n_figures = builder->n_figures;
    picture->snapshot.connection = connection;
    picture->snapshot.backend = backend;
    for (int role = 0; role < FIGURE_ROLE_COUNT_; role++)
        picture->snapshot.figures[role] =
            (int8_t)figure_by_role(backend->figures, (enum figure_role)role);
    picture->snapshot.uri = g_strdup(uri);
    picture->snapshot.serial = previous ? previous->serial + 1 : 1;
    if (previous)
        host_copy(&picture->snapshot.host, &previous->host);
    return builder;
}

/* Everything but the picture, which finish() hands out. */
static void builder_dissolve(struct snapshot_builder *builder)
{
    places_clear(&builder->places);
    snapshot_unref(builder->previous);
    g_hash_table_unref(builder->left_out);
    g_array_unref(builder->first_walls);
    g_array_unref(builder->scratch_walls);
    g_free(builder->scratch_settings);
    g_free(builder->scratch_figures);
    g_free(builder);
}

static void builder_fix(struct snapshot_builder *builder);

void snapshot_builder_free(struct snapshot_builder *builder)
{
    if (!builder)
        return;
    builder_fix(builder);
    snapshot_unref(&builder->picture->snapshot);
    builder_dissolve(builder);
}

struct host *snapshot_builder_host(struct snapshot_builder *builder)
{
    return &builder->picture->snapshot.host;
}

void snapshot_builder_clock(struct snapshot_builder *builder, uint64_t now_ns, int64_t now_time)
{
    builder->now_ns = now_ns;
    builder->now_time = now_time;
}

static uint64_t now_ns(const struct snapshot_builder *builder)
{
    return builder->now_ns ? builder->now_ns : clock_ns();
}

static int64_t now_time(const struct snapshot_builder *builder)
{
    return builder->now_time ? builder->now_time : g_get_real_time();
}

/* The place of this domain: its own when it was put before, else a new one at the end. */
static size_t place_of(struct snapshot_builder *builder, const struct identity *identity)
{
    size_t place, last = builder->domains->len;
    const struct domain *domains = (const struct domain *)(void *)builder->domains->data;

    if (places_find(&builder->places, last, &identity->key, &place)) {
        places_replace(&builder->places, place, identity);
        identity_unref(domains[place].identity);
        settings_unref(domains[place].settings);
        return place;
    }
    places_add(&builder->places, domains, last, identity);
    g_array_set_size(builder->domains, (guint)last + 1);
    g_array_set_size(builder->first_walls, (guint)last + 1);
    g_array_set_size(builder->figures, (guint)((last + 1) * builder->n_figures));
    return last;
}

/* Takes the references that `domain` holds; copies its figures and walls. */
static void put(struct snapshot_builder *builder, struct domain domain)
{
    size_t place = place_of(builder, domain.identity);

    if (builder->n_figures)
        memcpy(&g_array_index(builder->figures, struct value, place * builder->n_figures),
               domain.figures, builder->n_figures * sizeof(struct value));
    g_array_index(builder->first_walls, size_t, place) = builder->walls->len;
    if (domain.n_walls)
        g_array_append_vals(builder->walls, domain.walls, (guint)domain.n_walls);
    g_array_index(builder->domains, struct domain, place) = domain;
}

static const struct identity *draft_identity(const struct snapshot_builder *builder)
{
    const struct draft *draft = &builder->draft;
    const struct domain *previous = draft->previous;

    if (previous && (draft->keep_identity || identity_matches(previous->identity, draft)))
        return identity_ref(previous->identity);
    return identity_new(&builder->key, draft);
}

static const struct setting *draft_settings(const struct snapshot_builder *builder)
{
    const struct draft *draft = &builder->draft;
    const struct domain *previous = draft->previous;

    if (previous && (draft->keep_settings ||
                     settings_match(previous->settings, draft->settings, builder->n_settings)))
        return settings_ref(previous->settings);
    return settings_new(draft->settings, builder->n_settings);
}

void snapshot_builder_add(struct snapshot_builder *builder)
{
    const struct draft *draft = &builder->draft;
    const struct domain *previous = draft->previous;
    struct domain domain = {
        .figures = draft->figures,
        .walls = (const struct wall *)builder->scratch_walls->data,
        .n_walls = builder->scratch_walls->len,
        .taken_ns = draft->taken_ns ? draft->taken_ns : now_ns(builder),
        .settings_ns = now_ns(builder),
    };

    if (!builder->drafting)
        return;
    builder->drafting = false;
    domain.identity = draft_identity(builder);
    domain.settings = draft_settings(builder);
    if (previous && draft->keep_settings)
        domain.settings_ns = previous->settings_ns;
    if (previous && draft->keep_figures) {
        domain.figures = previous->figures;
        domain.walls = previous->walls;
        domain.n_walls = previous->n_walls;
        domain.taken_ns = previous->taken_ns;
    }
    put(builder, domain);
}

struct draft *snapshot_builder_domain(struct snapshot_builder *builder, const uint8_t id[16])
{
    const struct domain *previous;

    snapshot_builder_add(builder);
    builder->key.connection = builder->picture->snapshot.connection;
    memcpy(builder->key.id, id, sizeof(builder->key.id));
    previous = builder->previous
                   ? snapshot_find_at(builder->previous, &builder->key, builder->domains->len)
                   : NULL;
    if (previous && previous->identity->state == DOMAIN_GONE)
        previous = NULL;
    if (builder->n_settings)
        memset(builder->scratch_settings, 0, builder->n_settings * sizeof(struct setting));
    if (builder->n_figures)
        memset(builder->scratch_figures, 0, builder->n_figures * sizeof(struct value));
    g_array_set_size(builder->scratch_walls, 0);
    builder->draft = (struct draft){
        .settings = builder->scratch_settings,
        .figures = builder->scratch_figures,
        .previous = previous,
    };
    builder->drafting = true;
    return &builder->draft;
}

void snapshot_builder_wall(struct snapshot_builder *builder, const struct wall *wall)
{
    g_array_append_val(builder->scratch_walls, *wall);
}

static bool is_here(const struct snapshot_builder *builder, const struct domain_key *key)
{
    size_t place;

    return places_find(&builder->places, builder->domains->len, key, &place);
}

static void keep(struct snapshot_builder *builder, const struct domain *domain)
{
    struct domain kept = *domain;

    identity_ref(kept.identity);
    settings_ref(kept.settings);
    put(builder, kept);
}

void snapshot_builder_gone(struct snapshot_builder *builder, const uint8_t id[16],
                           const char *ended)
{
    struct domain_key *key = g_new0(struct domain_key, 1);

    key->connection = builder->picture->snapshot.connection;
    memcpy(key->id, id, sizeof(key->id));
    g_hash_table_replace(builder->left_out, key, (gpointer)ended);
}

void snapshot_builder_keep_rest(struct snapshot_builder *builder)
{
    const struct snapshot *previous = builder->previous;

    snapshot_builder_add(builder);
    if (places_complete(&builder->places, builder->domains->len))
        return;
    for (size_t i = 0; previous && i < previous->n_domains; i++) {
        const struct domain *domain = &previous->domains[i];

        if (domain->identity->state != DOMAIN_GONE && !is_here(builder, &domain->identity->key) &&
            !g_hash_table_contains(builder->left_out, &domain->identity->key))
            keep(builder, domain);
    }
}

/* What is still true of a domain that does not exist any more: what it had counted. */
static void put_gone(struct snapshot_builder *builder, const struct domain *domain)
{
    static const char reason[] = "gone: it does not exist any more";
    const struct setting setting = {
        .live = value_unsupported(reason),
        .config = value_unsupported(reason),
        .why_not = reason,
    };
    const struct figure *rows = builder->backend->figures;
    struct domain gone = *domain;

    for (size_t i = 0; i < builder->n_settings; i++)
        builder->scratch_settings[i] = setting;
    for (size_t i = 0; i < builder->n_figures; i++) {
        bool kept = rows[i].counter || rows[i].role == FIGURE_PEAK || rows[i].unit == UNIT_TIME;

        builder->scratch_figures[i] = kept ? domain->figures[i] : value_unsupported(reason);
    }
    gone.identity = identity_new_gone(
        domain->identity, g_hash_table_lookup(builder->left_out, &domain->identity->key),
        now_time(builder) / G_USEC_PER_SEC);
    gone.settings = settings_new(builder->scratch_settings, builder->n_settings);
    gone.figures = builder->scratch_figures;
    gone.n_walls = 0;
    put(builder, gone);
}

static void put_ghosts(struct snapshot_builder *builder)
{
    const struct snapshot *previous = builder->previous;
    int64_t oldest = now_time(builder) / G_USEC_PER_SEC - GHOST_SECONDS;

    if (places_complete(&builder->places, builder->domains->len))
        return;
    for (size_t i = 0; previous && i < previous->n_domains; i++) {
        const struct domain *domain = &previous->domains[i];

        if (is_here(builder, &domain->identity->key))
            continue;
        if (domain->identity->state != DOMAIN_GONE)
            put_gone(builder, domain);
        else if (domain->identity->ended_time > oldest)
            keep(builder, domain);
    }
}

/* Moves the arrays into the picture, where they stay, and points the domains into them. */
static void builder_fix(struct snapshot_builder *builder)
{
    struct picture *picture = builder->picture;
    size_t n = builder->domains->len;

    picture->domains = (struct domain *)(void *)g_array_free(builder->domains, FALSE);
    picture->figures = (struct value *)(void *)g_array_free(builder->figures, FALSE);
    picture->walls = (struct wall *)(void *)g_array_free(builder->walls, FALSE);
    for (size_t i = 0; i < n; i++) {
        struct domain *domain = &picture->domains[i];

        domain->figures = builder->n_figures ? picture->figures + i * builder->n_figures : NULL;
        domain->walls = domain->n_walls
                            ? picture->walls + g_array_index(builder->first_walls, size_t, i)
                            : NULL;
    }
    picture->snapshot.n_domains = n;
    picture->snapshot.domains = picture->domains;
    picture->index = places_index(&builder->places, picture->domains, n);
}

struct snapshot *snapshot_builder_finish(struct snapshot_builder *builder)
{
    struct snapshot *snapshot = &builder->picture->snapshot;

    snapshot_builder_add(builder);
    put_ghosts(builder);
    builder_fix(builder);
    snapshot->state = CONNECTION_CONNECTED;
    snapshot->taken_ns = now_ns(builder);
    snapshot->taken_time = now_time(builder);
    builder_dissolve(builder);
    return snapshot;
}

struct snapshot *snapshot_with_state(const struct backend *backend, uint16_t connection,
                                     const char *uri, const struct snapshot *previous,
                                     enum connection_state state, const char *error,
                                     uint64_t retry_ns)
{
    struct snapshot_builder *builder = snapshot_builder_new(backend, connection, uri, previous);
    struct snapshot *snapshot;

    snapshot_builder_keep_rest(builder);
    snapshot = snapshot_builder_finish(builder);
    snapshot->state = state;
    snapshot->error = error ? text_clean_sentence(error) : NULL;
    snapshot->retry_ns = retry_ns;
    snapshot->taken_ns = previous ? previous->taken_ns : 0;
    snapshot->taken_time = previous ? previous->taken_time : 0;
    return snapshot;
}
