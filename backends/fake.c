/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/fake.h"

#include "backends/support/fake-share.h"

#include "model/clock.h"
#include "model/size.h"
#include "model/text.h"

#include <string.h>

#define SECOND_NS 1000000000.0

struct fake_connection {
    struct connection base;
    struct fake_world *world;
    GMutex lock;
    GCond woken;
    bool interrupted;
};

/* --- waiting ---------------------------------------------------------------------------------- */

/* Blocks; false with CANCELLED once interrupted or stopped. Negative: for ever. */
static bool pass(struct fake_connection *connection, double seconds, GError **error)
{
    gint64 end = g_get_monotonic_time() + (gint64)(seconds * G_TIME_SPAN_SECOND);
    struct uplink *uplink = connection->base.uplink;
    bool cancelled = false;
    g_mutex_lock(&connection->lock);
    while (!(cancelled = connection->interrupted || (uplink && uplink->cancelled(uplink))) &&
           (seconds < 0 || g_get_monotonic_time() < end)) {
        gint64 soon = g_get_monotonic_time() + 50 * G_TIME_SPAN_MILLISECOND;
        g_cond_wait_until(&connection->woken, &connection->lock,
                          seconds < 0 ? soon : MIN(soon, end));
    }
    connection->interrupted = false;
    g_mutex_unlock(&connection->lock);
    if (cancelled)
        g_set_error_literal(error, BACKEND_ERROR, BACKEND_ERROR_CANCELLED, "interrupted");
    return !cancelled;
}

static double host_span(const struct fake_world *world, const char *key)
{
    const char *text = fake_world_host(world, key);
    double seconds = 0;
    if (text)
        fake_parse_span(text, &seconds, NULL);
    return seconds;
}

static bool delay(struct fake_connection *connection, const char *key, GError **error)
{
    g_mutex_lock(&connection->world->lock);
    double seconds = host_span(connection->world, key);
    g_mutex_unlock(&connection->world->lock);
    return seconds <= 0 || pass(connection, seconds, error);
}

void fake_interrupt(struct connection *base)
{
    struct fake_connection *connection = (struct fake_connection *)base;
    g_mutex_lock(&connection->lock);
    connection->interrupted = true;
    g_cond_broadcast(&connection->woken);
    g_mutex_unlock(&connection->lock);
}

/* --- open ------------------------------------------------------------------------------------- */

static bool ask(struct fake_connection *connection, const char *prompt, GError **error)
{
    struct uplink *uplink = connection->base.uplink;
    struct question question = {.prompt = prompt, .secret = true};
    char *answer = NULL;
    if (uplink && uplink->ask && uplink->ask(uplink, &question, &answer)) {
        bool right = strcmp(answer, "wrong") != 0;
        memset(answer, 0, strlen(answer));
        g_free(answer);
        if (right)
            return true;
    }
    g_set_error_literal(error, BACKEND_ERROR, BACKEND_ERROR_AUTH, "the password was not accepted");
    return false;
}

static bool fake_admit(struct fake_connection *connection, GError **error)
{
    struct fake_world *world = connection->world;
    const char *text, *prompt;
    bool writing = connection->base.access == ACCESS_WRITE, open = false;
    if (!delay(connection, "open_delay", error))
        return false;
    g_mutex_lock(&world->lock);
    prompt = fake_world_host(world, "ask");
    if ((text = fake_world_host(world, "open_error")) ||
        (writing && (text = fake_world_host(world, "write_error"))))
        fake_fail(text, error);
    else if (fake_world_host(world, "lost") && world->start_ns)
        g_set_error_literal(error, BACKEND_ERROR, BACKEND_ERROR_CONNECTION, "no answer");
    else
        open = !writing || fake_world_trigger(world, "open-write", error);
    g_mutex_unlock(&world->lock);
    return open && (!prompt || ask(connection, prompt, error));
}

void fake_close(struct connection *base)
{
    struct fake_connection *connection = (struct fake_connection *)base;
    if (!connection)
        return;
    g_mutex_clear(&connection->lock);
    g_cond_clear(&connection->woken);
    g_free(connection);
}

bool fake_open(const char *uri, enum access access, struct uplink *uplink, struct connection **ret,
               GError **error)
{
    const struct backend *backend = fake_for(uri);
    const char *path = strstr(uri, "://");
    if (!backend || !path || path[3] != '/') {
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_URI, "%s: write fake:///FILE", uri);
        return false;
    }
    struct fake_world *world = fake_world_get(backend, path + 3, error);
    if (!world)
        return false;
    struct fake_connection *connection = g_new0(struct fake_connection, 1);
    connection->base = (struct connection){.backend = backend, .uplink = uplink, .access = access};
    connection->world = world;
    g_mutex_init(&connection->lock);
    g_cond_init(&connection->woken);
    if (!fake_admit(connection, error)) {
        fake_close(&connection->base);
        return false;
    }
    *ret = &connection->base;
    return true;
}

/* --- sample ----------------------------------------------------------------------------------- */

/* The moment of the next picture, in seconds since the first of the present; those before are the
 * script's past. */
static double moment(struct fake_world *world)
{
    const char *lost = fake_world_host(world, "lost");
    const char *samples = fake_world_host(world, "backlog_samples");
    double past = host_span(world, "backlog");
    unsigned n = samples ? (unsigned)g_ascii_strtoull(samples, NULL, 10) : past > 0 ? 24 : 0;
    double silent = 0;
    if (lost) {
        g_auto(GStrv) parts = g_strsplit(lost, " ", 2);
        fake_parse_span(parts[0], &silent, NULL);
        n = MAX(n, 1);
    }
    if (world->samples <= n)
        return -silent - past * (n - world->samples) / MAX(n, 1);
    uint64_t now_ns = clock_ns();
    if (!world->start_ns)
        world->start_ns = now_ns;
    return (double)(now_ns - world->start_ns) / SECOND_NS;
}

static void fill_host(struct fake_world *world, struct host *host, double seconds)
{
    const struct {
        const char *key;
        struct value *value;
    } values[] = {
        {"total", &host->total},           {"available", &host->available},
        {"swap_total", &host->swap_total}, {"free_for_new", &host->free_for_new},
        {"swap_free", &host->swap_free},   {"reserved", &host->reserved},
    };
    const char *name = fake_world_host(world, "name");
    const char *hypervisor = fake_world_host(world, "hypervisor");
    host_set(&host->name, name ? name : "fake");
    host_set(&host->hypervisor, hypervisor ? hypervisor : world->backend->name);
    host_set(&host->version, fake_world_host(world, "version"));
    host_set(&host->detail, fake_world_host(world, "detail"));
    host->local = fake_world_host(world, "local") != NULL;
    host->unverified = fake_world_host(world, "unverified") != NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(values); i++) {
        struct fake_moving moving;
        const char *text = fake_world_host(world, values[i].key);
        *values[i].value = value_unsupported("not_offered: not offered here");
        if (text && fake_parse_moving(text, UNIT_BYTES, &moving, NULL))
            *values[i].value = fake_at(&moving, seconds);
    }
}

static struct value figure_at(const struct backend *backend, const struct fake_domain *domain,
                              size_t row, double seconds)
{
    struct value value =
        domain->moves[row] ? fake_at(&domain->figures[row], seconds) : domain->still[row];
    if (backend->figures[row].role != FIGURE_SIZE || domain->asked_from == domain->asked_to)
        return value;
    const struct tunable *target = tunable_by_role(backend->tunables, ROLE_TARGET);
    return target ? fake_domain_live(backend, domain, (size_t)(target - backend->tunables), seconds)
                  : value;
}

static void fill_domain(const struct backend *backend, const struct fake_domain *domain,
                        struct snapshot_builder *builder, double seconds)
{
    struct draft *draft = snapshot_builder_domain(builder, domain->id);
    bool active = domain_state_active(domain->state);
    draft->state = domain->state;
    draft->persistent = !domain->transient;
    draft->name = domain->name;
    draft->native_id = domain->native_id;
    draft->title = domain->title;
    draft->kind = domain->kind;
    draft->parents = domain->parents;
    draft->detail = domain->detail;
    draft->ended = domain->ended;
    draft->ended_time = domain->ended_time;
    draft->pid = domain->pid;
    draft->instance = domain->instance;
    for (size_t i = 0; backend->tunables[i].name; i++) {
        draft->settings[i] = domain->settings[i];
        draft->settings[i].live = fake_domain_live(backend, domain, i, seconds);
        if (active || backend->flags & BACKEND_ONE_SCOPE)
            continue;
        draft->settings[i].live = value_unsupported("not_running: it is not running");
        draft->settings[i].writable &= (uint8_t)~SCOPE_LIVE;
    }
    for (size_t i = 0; backend->figures[i].name; i++)
        draft->figures[i] = active ? figure_at(backend, domain, i, seconds)
                                   : value_unsupported("not_running: it is not running");
    for (guint i = 0; i < domain->walls->len; i++)
        snapshot_builder_wall(builder, &g_array_index(domain->walls, struct wall, i));
}

/* One picture; *again: it was one of the past, and the next may follow at once. */
static bool picture(struct fake_world *world, const struct wanted *wanted,
                    struct snapshot_builder *builder, bool *again, GError **error)
{
    g_autofree char *trigger = g_strdup_printf("sample %u", ++world->samples);
    double seconds = moment(world);
    const char *lost = fake_world_host(world, "lost"), *text;
    if (!fake_world_trigger(world, trigger, error) || !fake_world_tick(world, seconds, error))
        return false;
    if (lost && world->start_ns) {
        const char *why = strchr(lost, ' ');
        g_set_error_literal(error, BACKEND_ERROR, BACKEND_ERROR_CONNECTION,
                            why ? why + 1 : "keepalive timeout");
        return false;
    }
    if ((text = fake_world_host(world, "sample_error")) && *text)
        return fake_fail(text, error);
    fake_share_read(world, seconds);
    *again = !world->start_ns;
    fill_host(world, snapshot_builder_host(builder), seconds);
    if (!world->start_ns)
        snapshot_builder_clock(builder, clock_ns() - (uint64_t)(-seconds * SECOND_NS),
                               g_get_real_time() + (int64_t)(seconds * G_TIME_SPAN_SECOND));
    for (guint i = 0; i < world->domains->len; i++) {
        const struct fake_domain *domain = world->domains->pdata[i];
        bool asked = !wanted || !wanted->only;
        for (size_t k = 0; !asked && k < wanted->n_only; k++)
            asked = memcmp(wanted->only[k].id, domain->id, 16) == 0;
        if (domain->gone)
            snapshot_builder_gone(builder, domain->id, domain->ended);
        else if (asked)
            fill_domain(world->backend, domain, builder, seconds);
    }
    snapshot_builder_keep_rest(builder);
    return true;
}

bool fake_sample(struct connection *base, const struct wanted *wanted,
                 const struct snapshot *previous, struct snapshot_builder *builder, GError **error)
{
    struct fake_connection *connection = (struct fake_connection *)base;
    struct fake_world *world = connection->world;
    bool again = false;
    if (!delay(connection, "sample_delay", error))
        return false;
    g_mutex_lock(&world->lock);
    bool hang = fake_world_host(world, "sample_hang") != NULL;
    bool taken = !hang && picture(world, wanted, builder, &again, error);
    g_mutex_unlock(&world->lock);
    if (hang)
        return pass(connection, -1, error);
    if (taken && again && base->uplink && base->uplink->changed)
        base->uplink->changed(base->uplink, NULL);
    return taken;
}

/* --- writing ---------------------------------------------------------------------------------- */

void fake_check(const struct snapshot *snapshot, const struct domain *domain,
                const struct change *changes, size_t n, struct findings *findings)
{
}

/* One call for each row and scope, both halves of a group in one. */
bool fake_plan(const struct snapshot *snapshot, const struct domain *domain,
               const struct change *changes, size_t n, struct step_list *steps, GError **error)
{
    for (size_t i = 0; i < n;) {
        size_t end = i + 1;
        const char *group = changes[i].tunable->group;
        while (end < n && changes[end].scope == changes[i].scope && group &&
               g_strcmp0(changes[end].tunable->group, group) == 0)
            end++;
        char text[SIZE_TEXT_MAX];
        size_format_exact(changes[i].to, changes[i].tunable->unit, changes[i].tunable->choices,
                          text);
        g_autofree char *name = text_shell_quote(domain->identity->raw_name);
        step_list_add(steps, &changes[i], end - i, NULL,
                      g_strdup_printf("fakectl set %s %s=%s --%s", name, changes[i].tunable->name,
                                      text, changes[i].scope == SCOPE_LIVE ? "live" : "config"));
        i = end;
    }
    return true;
}

static char *failure_of(struct fake_world *world, const char *key)
{
    return g_key_file_get_string(world->file, "fail", key, NULL);
}

/* Why this call fails, or NULL. */
static char *planned_failure(struct fake_world *world, const struct step *step)
{
    g_autofree char *number = g_strdup_printf("%u", world->applied);
    char *text = failure_of(world, number);
    for (size_t i = 0; !text && i < step->n_changes; i++)
        text = failure_of(world, step->changes[i].tunable->name);
    return text;
}

static bool carry_out(struct fake_world *world, const struct step *step, GError **error)
{
    g_autofree char *trigger = g_strdup_printf("apply %u", ++world->applied);
    g_autofree char *failure = planned_failure(world, step);
    bool after = g_key_file_get_boolean(world->file, "fail", "after", NULL);
    double seconds = moment(world);
    if (!fake_world_trigger(world, trigger, error))
        return false;
    struct fake_domain *domain = fake_world_find(world, step->key.id);
    if (!domain) {
        g_set_error_literal(error, BACKEND_ERROR, BACKEND_ERROR_GONE, "there is no such domain");
        return false;
    }
    for (size_t i = 0; i < step->n_changes && !(failure && (!after || i)); i++) {
        const struct change *change = &step->changes[i];
        size_t row = (size_t)(change->tunable - world->backend->tunables);
        fake_share_write(world, domain, row, change->scope, change->to, seconds);
        fake_domain_write(world->backend, domain, row, change->scope, change->to, seconds);
    }
    return failure ? fake_fail(failure, error) : true;
}

bool fake_apply(struct connection *base, const struct step *step, GError **error)
{
    struct fake_connection *connection = (struct fake_connection *)base;
    struct fake_world *world = connection->world;
    if (!delay(connection, "apply_delay", error))
        return false;
    g_mutex_lock(&world->lock);
    g_autofree char *hang = failure_of(world, "hang");
    bool hangs = hang && g_ascii_strtoull(hang, NULL, 10) == world->applied + 1;
    bool done = !hangs && carry_out(world, step, error);
    world->applied += hangs;
    g_mutex_unlock(&world->lock);
    return hangs ? pass(connection, -1, error) : done;
}
