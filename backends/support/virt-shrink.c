/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/support/virt-shrink.h"

#include "backends/support/virt-group-carriers.h"
#include "backends/support/virt-group.h"
#include "backends/support/virt-limits.h"
#include "model/shrink.h"
#include "model/text.h"

#define MIB (UINT64_C(1) << 20)
#define PAGE UINT64_C(4096)
#define PART 20 /* a step is at most this part of what is left */

/* One call's changes, and where its steps go. */
struct way {
    const struct snapshot *snapshot;
    const struct domain *domain;
    const struct change *changes;
    size_t n;
    struct step_list *steps;
};

bool virt_shrinks(const struct change *changes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (shrink_takes(&changes[i]))
            return true;
    }
    return false;
}

static const struct change *find(const struct way *way, enum role role)
{
    for (size_t i = 0; i < way->n; i++) {
        if (way->changes[i].tunable->role == role && way->changes[i].scope == SCOPE_LIVE)
            return &way->changes[i];
    }
    return NULL;
}

static const struct change *find_lower(const struct way *way, enum role role)
{
    const struct change *change = find(way, role);

    return change && shrink_takes(change) ? change : NULL;
}

static uint64_t figure(const struct way *way, enum figure_role role)
{
    uint64_t now = UINT64_MAX;

    value_get(snapshot_figure(way->snapshot, way->domain, role), &now);
    return now;
}

/* --- control files ------------------------------------------------------------------------- */

static bool write_item(struct virt_connection *connection, virDomainPtr domain,
                       const struct step *step, enum cgroup_item item, GError **error)
{
    struct cgroup *group;
    bool done;

    if (!virt_group_open(connection, domain, &group, error))
        return false;
    done = cgroup_write(group, item, tunable_round(step->changes[0].tunable, step->changes[0].to),
                        error);
    cgroup_close(group);
    return done;
}

static bool soft_apply(struct virt_connection *connection, virDomainPtr domain,
                       const struct step *step, GError **error)
{
    return write_item(connection, domain, step, CGROUP_SOFT, error);
}

static bool limit_apply(struct virt_connection *connection, virDomainPtr domain,
                        const struct step *step, GError **error)
{
    return write_item(connection, domain, step, CGROUP_LIMIT, error);
}

static bool memsw_apply(struct virt_connection *connection, virDomainPtr domain,
                        const struct step *step, GError **error)
{
    return write_item(connection, domain, step, CGROUP_MEMSW_LIMIT, error);
}

static const struct carrier soft_file = {.name = "control file", .apply = soft_apply};
static const struct carrier limit_file = {.name = "control file", .apply = limit_apply};
static const struct carrier memsw_file = {.name = "control file", .apply = memsw_apply};

static struct step *add_write(const struct way *way, const struct change *change,
                              enum cgroup_item item, const struct carrier *carrier)
{
    return step_list_add(
        way->steps, change, 1, carrier,
        virt_group_echo(way->domain, item, tunable_round(change->tunable, change->to)));
}

/* A little more than the stop: what is held is counted in batches. */
static uint64_t about(uint64_t stop)
{
    return stop + MAX(stop / 200, MIB);
}

/* Lowers one control file from what is held now to `last`, in steps. What is held has to come to
 * `there` at the last one. */
static void add_stops(const struct way *way, struct change change, enum cgroup_item item,
                      const struct carrier *carrier, enum figure_role role, uint64_t last,
                      uint64_t there)
{
    uint64_t now = figure(way, role), at = UINT64_MAX;

    value_get(change.from, &at);
    at = MIN(at, now);
    do {
        uint64_t next = at - at / PART;
        struct step *step;

        next = MAX(next - next % PAGE, last);
        change.to = value_number(next);
        step = add_write(way, &change, item, carrier);
        step->shrink = SHRINK_DOWN;
        step->figure = role;
        step->below = next == last ? there : MIN(about(next), at);
        change.from = change.to;
        at = next;
    } while (at > last);
}

/* --- what each version takes ---------------------------------------------------------------- */

static const struct tunable *soft_row(const struct way *way)
{
    return tunable_by_role(way->snapshot->backend->tunables, ROLE_SOFT);
}

static struct value soft_now(const struct way *way)
{
    return snapshot_setting(way->snapshot, way->domain, soft_row(way))->live;
}

/* So far below the new limit that what is held stays under it. */
static uint64_t squeeze_to(const struct way *way, uint64_t limit)
{
    uint64_t room = MAX(limit / 100, MIB), soft = UINT64_MAX, to;

    value_get(soft_now(way), &soft);
    to = limit > 2 * room ? limit - room : limit;
    to = MIN(to, soft);
    return to - to % PAGE;
}

static bool squeeze_v2(const struct way *way, const struct change *hard, GError **error)
{
    uint64_t limit = tunable_round(hard->tunable, hard->to).number;
    struct change change = {
        .key = hard->key, .tunable = soft_row(way), .scope = SCOPE_LIVE, .from = soft_now(way)};

    if (change.from.kind != VALUE_NUMBER && change.from.kind != VALUE_UNLIMITED) {
        g_set_error_literal(error, BACKEND_ERROR, BACKEND_ERROR_UNSUPPORTED,
                            "no safe shrink: what memory.high is now is not known");
        return false;
    }
    add_stops(way, change, CGROUP_SOFT, &soft_file, FIGURE_HELD, squeeze_to(way, limit), limit);
    return true;
}

static void lower_v1(const struct way *way, const struct change *change, enum cgroup_item item,
                     const struct carrier *carrier, enum figure_role role)
{
    uint64_t limit;

    if (!change)
        return;
    limit = tunable_round(change->tunable, change->to).number;
    add_stops(way, *change, item, carrier, role, limit, about(limit));
}

/* --- balloons ------------------------------------------------------------------------------- */

static enum figure_role size_role(const struct way *way)
{
    return snapshot_figure(way->snapshot, way->domain, FIGURE_SIZE).kind == VALUE_NUMBER
               ? FIGURE_SIZE
               : FIGURE_HELD;
}

static bool deflate(const struct way *way, const struct change *target,
                    const struct carrier *carrier, GError **error)
{
    g_autofree char *uri = text_shell_quote(way->snapshot->uri);
    uint64_t to = tunable_round(target->tunable, target->to).number;
    uint64_t at = figure(way, size_role(way)), part;
    struct change change = *target;

    if (at == UINT64_MAX) {
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_UNSUPPORTED,
                    "%s: no safe shrink: how far its guest has come cannot be seen",
                    target->tunable->name);
        return false;
    }
    for (part = MAX(at / PART, MIB); at > part && at - part > to; part = MAX(at / PART, MIB)) {
        GString *command = g_string_new(NULL);
        struct step *step;

        at -= part;
        at += (MIB - at % MIB) % MIB;
        change.to = value_number(at);
        g_string_append_printf(command, "virsh -c %s ", uri);
        carrier->words(command, way->domain->identity->native_id, &change, 1);
        g_string_append(command, " --live");
        step = step_list_add(way->steps, &change, 1, carrier, g_string_free(command, FALSE));
        step->scope = SCOPE_LIVE;
        step->shrink = SHRINK_DOWN;
        step->figure = size_role(way);
        step->below = about(at);
        change.from = change.to;
        if (at - to <= MIB)
            break;
    }
    return true;
}

/* --- the whole ------------------------------------------------------------------------------ */

static bool by_group(const struct way *way, GError **error)
{
    const struct change *hard = find_lower(way, ROLE_HARD), *memsw = find_lower(way, ROLE_MEMSW);
    unsigned version = virt_limits_version(way->snapshot, way->domain);

    if (!hard && !memsw)
        return true;
    if (!way->snapshot->host.local || !version) {
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_UNSUPPORTED,
                    "%s: no safe shrink: it works on the domain's control group, and that can be "
                    "written only on the host itself: run this there",
                    (hard ? hard : memsw)->tunable->name);
        return false;
    }
    if (version == 2)
        return !hard || squeeze_v2(way, hard, error);
    lower_v1(way, hard, CGROUP_LIMIT, &limit_file, FIGURE_HELD);
    lower_v1(way, memsw, CGROUP_MEMSW_LIMIT, &memsw_file, FIGURE_MEMSW);
    return true;
}

bool virt_shrink_down(const struct snapshot *snapshot, const struct domain *domain,
                      const struct change *changes, size_t n, const struct carrier *carrier,
                      struct step_list *steps, GError **error)
{
    const struct way way = {snapshot, domain, changes, n, steps};
    const struct change *target = find_lower(&way, ROLE_TARGET);

    return (!target || deflate(&way, target, carrier, error)) && by_group(&way, error);
}

void virt_shrink_there(const struct snapshot *snapshot, const struct domain *domain,
                       struct step *step)
{
    const struct way way = {snapshot, domain, step->changes, step->n_changes, NULL};
    const struct change *target = find_lower(&way, ROLE_TARGET);

    step->shrink = SHRINK_THERE;
    step->watch = find_lower(&way, ROLE_HARD) || find_lower(&way, ROLE_MEMSW);
    if (!target)
        return;
    step->figure = size_role(&way);
    step->below = about(tunable_round(target->tunable, target->to).number);
}

void virt_shrink_after(const struct snapshot *snapshot, const struct domain *domain,
                       const struct change *changes, size_t n, struct step *there,
                       struct step_list *steps)
{
    const struct way way = {snapshot, domain, changes, n, steps};
    const struct change *hard = find_lower(&way, ROLE_HARD);
    struct change change;
    struct step *step;

    /* What somebody wants of the soft limit itself is in the call. */
    if (!hard || virt_limits_version(snapshot, domain) != 2 || find(&way, ROLE_SOFT))
        return;
    change = (struct change){
        .key = hard->key, .tunable = soft_row(&way), .scope = SCOPE_LIVE, .to = soft_now(&way)};
    change.from = value_number(squeeze_to(&way, tunable_round(hard->tunable, hard->to).number));
    step = add_write(&way, &change, CGROUP_SOFT, &soft_file);
    step->shrink = SHRINK_UNDO;
    step->watch = there->watch;
    there->watch = false;
}
