/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/support/fake-world.h"

#include <string.h>

#define NOT_OFFERED "not_offered: not offered here"

static bool parse_state(const char *text, enum domain_state *state, GError **error)
{
    for (int i = DOMAIN_UNKNOWN; i <= DOMAIN_INACCESSIBLE; i++)
        if (strcmp(domain_state_name((enum domain_state)i), text) == 0) {
            *state = (enum domain_state)i;
            return true;
        }
    g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_URI, "script: \"%s\" is not a state", text);
    return false;
}

static void set_id(struct fake_domain *domain, const char *text)
{
    g_autofree char *hex = g_compute_checksum_for_string(G_CHECKSUM_SHA1, text, -1);
    if (g_uuid_string_is_valid(text)) {
        size_t n = 0;
        for (const char *c = text; *c; c++)
            if (*c != '-')
                hex[n++] = *c;
    }
    for (int i = 0; i < 16; i++)
        domain->id[i] =
            (uint8_t)(g_ascii_xdigit_value(hex[2 * i]) * 16 + g_ascii_xdigit_value(hex[2 * i + 1]));
    g_free(domain->native_id);
    domain->native_id = g_strdup(text);
}

static struct fake_domain *domain_new(const struct backend *backend, const char *name)
{
    struct fake_domain *domain = g_new0(struct fake_domain, 1);
    size_t n_settings = tunable_count(backend->tunables),
           n_figures = figure_count(backend->figures);
    domain->name = g_strdup(name);
    set_id(domain, name);
    domain->state = DOMAIN_RUNNING;
    domain->instance = 1;
    domain->balloon = -1;
    domain->walls = g_array_new(FALSE, FALSE, sizeof(struct wall));
    domain->settings = g_new0(struct setting, n_settings);
    domain->rounding = g_new0(uint64_t, n_settings);
    domain->figures = g_new0(struct fake_moving, n_figures);
    domain->still = g_new0(struct value, n_figures);
    domain->moves = g_new0(bool, n_figures);
    for (size_t i = 0; i < n_settings; i++)
        domain->settings[i].live = domain->settings[i].config = value_unsupported(NOT_OFFERED);
    for (size_t i = 0; i < n_figures; i++)
        fake_domain_figure(domain, i,
                           &(struct fake_moving){.start = value_unsupported(NOT_OFFERED)});
    return domain;
}

/* --- keys of a domain ---------------------------------------------------------------------- */

static bool assign_tunable(const struct backend *backend, struct fake_domain *domain,
                           const char *prefix, const char *name, const char *text, GError **error)
{
    const struct tunable *row = tunable_find(backend->tunables, name);
    struct value value = {0};
    if (!row) {
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_URI, "script: %s has no tunable \"%s\"",
                    backend->name, name);
        return false;
    }
    size_t i = (size_t)(row - backend->tunables);
    struct setting *setting = &domain->settings[i];
    if (strcmp(prefix, "locked") == 0) {
        setting->writable = 0;
        setting->why_not = g_intern_string(text);
        return true;
    }
    if (!fake_parse_value(text, row->unit, row->choices, &value, error))
        return false;
    if (strcmp(prefix, "round") == 0) {
        domain->rounding[i] = value.number;
        return true;
    }
    unsigned scopes = strcmp(prefix, "live") == 0     ? SCOPE_LIVE
                      : strcmp(prefix, "config") == 0 ? SCOPE_CONFIG
                                                      : SCOPE_BOTH;
    if (scopes & SCOPE_LIVE)
        setting->live = value;
    if (scopes & SCOPE_CONFIG && !(backend->flags & BACKEND_ONE_SCOPE))
        setting->config = value;
    if (value.kind != VALUE_UNSUPPORTED && !setting->why_not)
        setting->writable |= (uint8_t)(scopes & row->scopes);
    return true;
}

static bool assign_wall(struct fake_domain *domain, const char *owner, const char *text,
                        GError **error)
{
    static const char *const kinds[] = {[WALL_NONE] = "none",
                                        [WALL_KILLS] = "kills",
                                        [WALL_SLOWS] = "slows",
                                        [WALL_FAILS] = "fails",
                                        NULL};
    g_auto(GStrv) parts = g_strsplit(text, " ", 3);
    struct wall wall = {.owner = g_intern_string(owner)};
    struct value limit, needed;
    if (g_strv_length(parts) == 3 && fake_parse_value(parts[0], UNIT_BYTES, NULL, &limit, NULL) &&
        fake_parse_value(parts[1], UNIT_BYTES, NULL, &needed, NULL))
        for (unsigned i = WALL_KILLS; kinds[i]; i++)
            if (strcmp(kinds[i], parts[2]) == 0) {
                wall.limit = limit.number;
                wall.needed = needed.number;
                wall.kind = (enum wall_kind)i;
                g_array_append_val(domain->walls, wall);
                return true;
            }
    g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_URI,
                "script: wall.%s=%s: write LIMIT NEEDED kills, slows or fails", owner, text);
    return false;
}

static bool assign_text(struct fake_domain *domain, const char *key, const char *text)
{
    const struct {
        const char *key;
        char **field;
    } fields[] = {
        {"name", &domain->name},     {"title", &domain->title},     {"kind", &domain->kind},
        {"detail", &domain->detail}, {"parents", &domain->parents},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(fields); i++)
        if (strcmp(fields[i].key, key) == 0) {
            g_free(*fields[i].field);
            *fields[i].field = g_strdup(text);
            return true;
        }
    return false;
}

static bool assign_figure(const struct backend *backend, struct fake_domain *domain,
                          const char *key, const char *text, GError **error)
{
    int index = figure_index(backend->figures, key);
    struct fake_moving moving;
    if (index >= 0) {
        if (!fake_parse_moving(text, backend->figures[index].unit, &moving, error))
            return false;
        fake_domain_figure(domain, (size_t)index, &moving);
        return true;
    }
    g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_URI, "script: %s has no figure \"%s\"",
                backend->name, key);
    return false;
}

static bool assign(const struct backend *backend, struct fake_domain *domain, const char *key,
                   const char *text, GError **error)
{
    static const char *const tunables[] = {"live", "config", "both", "locked", "round", NULL};
    const char *point = strchr(key, '.');
    g_autofree char *prefix = point ? g_strndup(key, (gsize)(point - key)) : g_strdup("");
    if (g_strv_contains(tunables, prefix))
        return assign_tunable(backend, domain, prefix, point + 1, text, error);
    if (strcmp(prefix, "wall") == 0)
        return assign_wall(domain, point + 1, text, error);
    if (assign_text(domain, key, text))
        return true;
    if (strcmp(key, "state") == 0)
        return parse_state(text, &domain->state, error);
    if (strcmp(key, "ended_time") == 0)
        return fake_parse_when(text, &domain->ended_time, error);
    if (strcmp(key, "balloon") == 0) {
        struct fake_moving moving;
        g_autofree char *slope = g_strconcat("0 +", text, NULL);
        bool parsed =
            strcmp(text, "0") == 0 || fake_parse_moving(slope, UNIT_BYTES, &moving, error);
        domain->balloon = strcmp(text, "0") == 0 ? 0 : parsed ? moving.slope : -1;
        return parsed;
    }
    if (strcmp(key, "ended") == 0)
        domain->ended = g_intern_string(text);
    else if (strcmp(key, "id") == 0)
        set_id(domain, text);
    else if (strcmp(key, "pid") == 0)
        domain->pid = g_ascii_strtoll(text, NULL, 10);
    else if (strcmp(key, "instance") == 0)
        domain->instance = g_ascii_strtoull(text, NULL, 10);
    else if (strcmp(key, "transient") == 0)
        domain->transient = strcmp(text, "yes") == 0;
    else if (strcmp(key, "reclaims") == 0)
        domain->reclaims = strcmp(text, "yes") == 0;
    else if (strcmp(key, "gone") == 0) {
        domain->gone = true;
        domain->ended = g_intern_string(text);
    } else
        return assign_figure(backend, domain, key, text, error);
    return true;
}

/* --- the file ------------------------------------------------------------------------------ */

static bool load_domain(struct fake_world *world, const char *group, GError **error)
{
    struct fake_domain *domain = domain_new(world->backend, group + strlen("domain "));
    g_auto(GStrv) keys = g_key_file_get_keys(world->file, group, NULL, NULL);
    g_ptr_array_add(world->domains, domain);
    for (unsigned i = 0; keys[i]; i++) {
        g_autofree char *text = g_key_file_get_string(world->file, group, keys[i], error);
        if (!text || !assign(world->backend, domain, keys[i], text, error)) {
            g_prefix_error(error, "%s: ", domain->name);
            return false;
        }
    }
    return true;
}

static bool load_events(struct fake_world *world, const char *group, GError **error)
{
    g_auto(GStrv) keys = g_key_file_get_keys(world->file, group, NULL, NULL);
    for (unsigned i = 0; keys[i]; i++) {
        char *slash = strrchr(keys[i], '/');
        if (!slash) {
            g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_URI,
                        "script: [%s] %s: write NAME/KEY=VALUE", group, keys[i]);
            return false;
        }
        struct fake_event *event = g_new0(struct fake_event, 1);
        event->trigger = g_strdup(group + strlen("event "));
        event->target = g_strndup(keys[i], (gsize)(slash - keys[i]));
        event->key = g_strdup(slash + 1);
        event->value = g_key_file_get_string(world->file, group, keys[i], NULL);
        g_ptr_array_add(world->events, event);
    }
    return true;
}

static bool load_group(struct fake_world *world, const char *group, GError **error)
{
    if (g_str_has_prefix(group, "domain "))
        return load_domain(world, group, error);
    if (g_str_has_prefix(group, "event "))
        return load_events(world, group, error);
    if (strcmp(group, "fail") == 0)
        return true;
    if (strcmp(group, "host") != 0) {
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_URI, "script: there is no [%s]", group);
        return false;
    }
    g_auto(GStrv) keys = g_key_file_get_keys(world->file, group, NULL, NULL);
    for (unsigned i = 0; keys[i]; i++)
        g_hash_table_insert(world->host, g_strdup(keys[i]),
                            g_key_file_get_string(world->file, group, keys[i], NULL));
    return true;
}

static struct fake_world *load(const struct backend *backend, const char *path, GError **error)
{
    g_autoptr(GKeyFile) file = g_key_file_new();
    g_autoptr(GError) why = NULL;
    if (!g_key_file_load_from_file(file, path, G_KEY_FILE_NONE, &why)) {
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_URI, "%s: %s", path, why->message);
        return NULL;
    }
    /* Never freed: its texts and its state last as long as the process, as a hypervisor does. */
    struct fake_world *world = g_new0(struct fake_world, 1);
    g_mutex_init(&world->lock);
    world->backend = backend;
    world->file = g_steal_pointer(&file);
    world->host = g_hash_table_new(g_str_hash, g_str_equal);
    world->domains = g_ptr_array_new();
    world->events = g_ptr_array_new();
    g_auto(GStrv) groups = g_key_file_get_groups(world->file, NULL);
    for (unsigned i = 0; groups[i]; i++)
        if (!load_group(world, groups[i], error))
            return NULL;
    return world;
}

struct fake_world *fake_world_get(const struct backend *backend, const char *path, GError **error)
{
    static GMutex lock;
    static GHashTable *worlds; /* "backend path" -> struct fake_world */
    g_autofree char *key = g_strconcat(backend->name, " ", path, NULL);
    g_mutex_lock(&lock);
    if (!worlds)
        worlds = g_hash_table_new(g_str_hash, g_str_equal);
    struct fake_world *world = g_hash_table_lookup(worlds, key);
    if (!world && (world = load(backend, path, error)))
        g_hash_table_insert(worlds, g_steal_pointer(&key), world);
    g_mutex_unlock(&lock);
    return world;
}

const char *fake_world_host(const struct fake_world *world, const char *key)
{
    return g_hash_table_lookup(world->host, key);
}

struct fake_domain *fake_world_find(const struct fake_world *world, const uint8_t id[16])
{
    for (guint i = 0; i < world->domains->len; i++) {
        struct fake_domain *domain = world->domains->pdata[i];
        if (memcmp(domain->id, id, 16) == 0 && !domain->gone)
            return domain;
    }
    return NULL;
}

/* --- what happens by itself ------------------------------------------------------------------ */

static bool play(struct fake_world *world, struct fake_event *event, GError **error)
{
    event->done = true;
    if (strcmp(event->target, "host") == 0) {
        g_hash_table_insert(world->host, event->key, event->value);
        return true;
    }
    for (guint i = 0; i < world->domains->len; i++) {
        struct fake_domain *domain = world->domains->pdata[i];
        if (strcmp(domain->name, event->target) == 0)
            return assign(world->backend, domain, event->key, event->value, error);
    }
    g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_URI, "script: an event names no domain \"%s\"",
                event->target);
    return false;
}

bool fake_world_trigger(struct fake_world *world, const char *trigger, GError **error)
{
    for (guint i = 0; i < world->events->len; i++) {
        struct fake_event *event = world->events->pdata[i];
        if (!event->done && strcmp(event->trigger, trigger) == 0 && !play(world, event, error))
            return false;
    }
    return true;
}

bool fake_world_tick(struct fake_world *world, double seconds, GError **error)
{
    for (guint i = 0; i < world->events->len; i++) {
        struct fake_event *event = world->events->pdata[i];
        double at;
        if (!event->done && fake_parse_span(event->trigger, &at, NULL) && seconds >= at &&
            !play(world, event, error))
            return false;
    }
    return true;
}
