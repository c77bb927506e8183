/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/support/virt-library.h"
#include "backends/support/virt-private.h"
#include "backends/support/virt-shrink.h"
#include "backends/support/virt-stamp.h"
#include "model/text.h"

#include <string.h>

/* One call to be: changes of one carrier in one scope, or the same ones in both. */
struct call {
    const struct carrier *carrier;
    unsigned scope;
    GArray *changes; /* struct change */
    int rank;        /* place among the calls */
};

/* Room is made before it is taken: a maximum goes up first and down last, a balloon shrinks before
 * the limit does, and limits are raised before the balloon grows. */
static int rank_of(const struct call *call)
{
    const struct change *changes = (const struct change *)(void *)call->changes->data;
    bool tightens = false;

    for (guint i = 0; i < call->changes->len; i++)
        tightens |= change_tightens(&changes[i]);
    if (changes[0].tunable->role == ROLE_MAXIMUM)
        return tightens ? 4 : 0;
    if (changes[0].tunable->role == ROLE_TARGET)
        return 2;
    return tightens ? 3 : 1;
}

static struct call *call_for(GPtrArray *calls, const struct carrier *carrier,
                             const struct change *change)
{
    struct call *call;

    for (guint i = 0; carrier->whole && i < calls->len; i++) {
        call = calls->pdata[i];
        if (call->carrier == carrier && call->scope == change->scope)
            return call;
    }
    call = g_new0(struct call, 1);
    call->carrier = carrier;
    call->scope = change->scope;
    call->changes = g_array_new(FALSE, FALSE, sizeof(struct change));
    g_ptr_array_add(calls, call);
    return call;
}

static void call_free(gpointer data)
{
    struct call *call = data;

    g_array_unref(call->changes);
    g_free(call);
}

/* The same rows to the same values: one call can carry both scopes. */
static bool same_changes(const struct call *a, const struct call *b)
{
    if (a->changes->len != b->changes->len)
        return false;
    for (guint i = 0; i < a->changes->len; i++) {
        const struct change *mine = &g_array_index(a->changes, struct change, i);
        bool found = false;

        for (guint k = 0; k < b->changes->len && !found; k++) {
            const struct change *theirs = &g_array_index(b->changes, struct change, k);

            found = mine->tunable == theirs->tunable && value_equal(mine->to, theirs->to);
        }
        if (!found)
            return false;
    }
    return true;
}

static void merge_scopes(GPtrArray *calls)
{
    for (guint i = 0; i < calls->len; i++) {
        struct call *call = calls->pdata[i];

        for (guint k = i + 1; call->carrier->both && k < calls->len; k++) {
            struct call *other = calls->pdata[k];

            if (other->carrier != call->carrier || other->scope == call->scope ||
                !same_changes(call, other))
                continue;
            g_array_append_vals(call->changes, other->changes->data, other->changes->len);
            call->scope = SCOPE_BOTH;
            g_ptr_array_remove_index(calls, k);
            break;
        }
    }
}

static gint compare_calls(gconstpointer a, gconstpointer b)
{
    const struct call *left = *(struct call *const *)a, *right = *(struct call *const *)b;

    if (left->rank != right->rank)
        return left->rank - right->rank;
    return (int)(left->scope == SCOPE_CONFIG) - (int)(right->scope == SCOPE_CONFIG);
}

static const struct change *live_change(const struct call *call)
{
    for (guint i = 0; i < call->changes->len; i++) {
        const struct change *change = &g_array_index(call->changes, struct change, i);

        if (change->scope == SCOPE_LIVE)
            return change;
    }
    return NULL;
}

static char *call_command(const struct snapshot *snapshot, const struct domain *domain,
                          const struct call *call)
{
    g_autofree char *uri = text_shell_quote(snapshot->uri);
    size_t n = call->changes->len / (call->scope == SCOPE_BOTH ? 2 : 1);
    const struct change *live = live_change(call);
    GString *command;

    if (call->carrier->command)
        return call->carrier->command(snapshot, domain,
                                      (const struct change *)(void *)call->changes->data, n);
    if (!call->carrier->words)
        return NULL;
    command = g_string_new(NULL);
    g_string_append_printf(command, "virsh -c %s ", uri);
    call->carrier->words(command, domain->identity->native_id,
                         (const struct change *)(void *)call->changes->data, n);
    if (call->scope & SCOPE_LIVE)
        g_string_append(command, " --live");
    if (call->scope & SCOPE_CONFIG)
        g_string_append(command, " --config");
    if (live && call->carrier->native) {
        g_string_append(command, " # or: ");
        call->carrier->native(command, domain, live);
    }
    return g_string_free(command, FALSE);
}

static struct step *add_step(const struct snapshot *snapshot, const struct domain *domain,
                             const struct call *call, struct step_list *steps)
{
    struct step *step =
        step_list_add(steps, (const struct change *)(void *)call->changes->data, call->changes->len,
                      call->carrier, call_command(snapshot, domain, call));

    step->scope = call->scope;
    if (call->carrier->shared)
        step->shared = call->carrier->shared(domain, step->changes, step->n_changes);
    return step;
}

/* The stops on the way, of the live value alone. */
static void add_stops(const struct snapshot *snapshot, const struct domain *domain,
                      const struct call *call, struct step_list *steps)
{
    const struct change *live = live_change(call);
    uint64_t at = UINT64_MAX, next;

    if (!live || !call->carrier->stop)
        return;
    value_get(live->from, &at);
    while (call->carrier->stop(snapshot, domain, live, at, &next)) {
        struct change change = *live;
        struct call stop = {call->carrier, SCOPE_LIVE, NULL, 0};

        change.to = value_number(next);
        stop.changes = g_array_new(FALSE, FALSE, sizeof(struct change));
        g_array_append_val(stop.changes, change);
        add_step(snapshot, domain, &stop, steps)->settle = true;
        g_array_unref(stop.changes);
        at = next;
    }
}

static GPtrArray *calls_of(const struct snapshot *snapshot, const struct domain *domain,
                           const struct change *changes, size_t n, GError **error)
{
    g_autoptr(GPtrArray) calls = g_ptr_array_new_with_free_func(call_free);

    for (size_t i = 0; i < n; i++) {
        if (!(changes[i].tunable->scopes & changes[i].scope)) {
            g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_UNSUPPORTED, "%s: not offered %s",
                        changes[i].tunable->name,
                        changes[i].scope == SCOPE_LIVE ? "while it runs" : "for its next start");
            return NULL;
        }
        const struct carrier *carrier = changes[i].tunable->carrier;

        if (carrier->choose)
            carrier = carrier->choose(snapshot, domain, changes, n, &changes[i]);
        g_array_append_val(call_for(calls, carrier, &changes[i])->changes, changes[i]);
    }
    return g_steal_pointer(&calls);
}

static void sort_calls(GPtrArray *calls)
{
    for (guint i = 0; i < calls->len; i++) {
        struct call *call = calls->pdata[i];

        call->rank = rank_of(call);
    }
    g_ptr_array_sort(calls, compare_calls);
}

bool virt_plan(const struct snapshot *snapshot, const struct domain *domain,
               const struct change *changes, size_t n, struct step_list *steps, GError **error)
{
    g_autoptr(GPtrArray) calls = calls_of(snapshot, domain, changes, n, error);

    if (!calls)
        return false;
    merge_scopes(calls);
    sort_calls(calls);
    for (guint i = 0; i < calls->len; i++) {
        add_stops(snapshot, domain, calls->pdata[i], steps);
        add_step(snapshot, domain, calls->pdata[i], steps);
    }
    return true;
}

/* The calls of one scope. */
static bool add_shrinking(const struct snapshot *snapshot, const struct domain *domain,
                          const GPtrArray *calls, enum scope scope, struct step_list *steps,
                          GError **error)
{
    for (guint i = 0; i < calls->len; i++) {
        const struct call *call = calls->pdata[i];
        const struct change *changes = (const struct change *)(void *)call->changes->data;
        struct step *step;

        if (call->scope != scope)
            continue;
        if (!virt_shrinks(changes, call->changes->len)) {
            add_step(snapshot, domain, call, steps);
            continue;
        }
        if (!virt_shrink_down(snapshot, domain, changes, call->changes->len, call->carrier, steps,
                              error))
            return false;
        step = add_step(snapshot, domain, call, steps);
        virt_shrink_there(snapshot, domain, step);
        virt_shrink_after(snapshot, domain, changes, call->changes->len, step, steps);
    }
    return true;
}

bool virt_plan_shrink(const struct snapshot *snapshot, const struct domain *domain,
                      const struct change *changes, size_t n, struct step_list *steps,
                      GError **error)
{
    g_autoptr(GPtrArray) calls = calls_of(snapshot, domain, changes, n, error);

    if (!calls)
        return false;
    sort_calls(calls);
    return add_shrinking(snapshot, domain, calls, SCOPE_LIVE, steps, error) &&
           add_shrinking(snapshot, domain, calls, SCOPE_CONFIG, steps, error);
}

bool virt_apply(struct connection *base, const struct step *step, GError **error)
{
    struct virt_connection *connection = (struct virt_connection *)base;
    virDomainPtr domain = virDomainLookupByUUID(connection->libvirt, step->key.id);
    bool fine;

    if (!domain) {
        virt_error_take(error, "cannot find the domain");
        return false;
    }
    fine = step->carrier->apply(connection, domain, step, error);
    if (fine)
        virt_stamp(base, domain, step->scope);
    virDomainFree(domain);
    return fine;
}
