/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/openvz.h"

#include <string.h>

static const struct carrier guarantee_counters[] = {
    {OVZ_COUNTER, UBC_VMGUARPAGES, UBC_LIMIT},
    {OVZ_COUNTER, UBC_OOMGUARPAGES, UBC_LIMIT},
};

static bool is_ram(enum ubc_counter counter)
{
    return counter == UBC_PHYSPAGES || counter == UBC_SWAPPAGES;
}

uint64_t ovz_raw(enum ubc_counter counter, struct value value)
{
    uint64_t number;

    if (!value_get(value, &number))
        return UBC_MAX64;
    return ubc_counters[counter].unit == UBC_PAGES ? number / OVZ_PAGE : number;
}

uint64_t ovz_fill_half(enum ovz_generation generation, enum ubc_counter counter,
                       enum ubc_half missing, uint64_t other)
{
    if (is_ram(counter) && missing == UBC_BARRIER)
        return generation == OVZ_LEGACY ? 0 : other;
    for (size_t i = 0; i < G_N_ELEMENTS(guarantee_counters); i++)
        if (guarantee_counters[i].counter == counter && guarantee_counters[i].half == missing)
            return UBC_MAX64;
    return other;
}

/* ram and swap are the limits of physpages and swappages under another name. */
static bool stands_for(const struct tunable *row, enum ubc_counter counter, enum ubc_half half)
{
    const struct carrier *carrier = row->carrier;

    return carrier->kind != OVZ_MEMGUARANTEE && carrier->counter == counter &&
           carrier->half == half;
}

static const struct change *change_of(const struct change *changes, size_t n,
                                      enum ubc_counter counter, enum ubc_half half,
                                      enum scope scope)
{
    for (size_t i = n; i > 0; i--)
        if (changes[i - 1].scope == scope && stands_for(changes[i - 1].tunable, counter, half))
            return &changes[i - 1];
    return NULL;
}

struct value ovz_half_after(const struct setting *settings, const struct change *changes, size_t n,
                            enum ubc_counter counter, enum ubc_half half, enum scope scope)
{
    const struct setting *setting = &settings[ovz_row(counter, half)];
    const struct change *change = change_of(changes, n, counter, half, scope);

    if (change)
        return change->to;
    return scope == SCOPE_CONFIG ? setting->config : setting->live;
}

static bool is_limit(struct value value)
{
    return value.kind == VALUE_NUMBER || value.kind == VALUE_UNLIMITED;
}

struct ovz_pair ovz_pair_after(const struct setting *settings, const struct change *changes,
                               size_t n, enum ubc_counter counter, enum scope scope)
{
    enum ovz_generation generation = ovz_generation_of(settings);
    struct ovz_pair pair = {0};
    bool has[UBC_HALVES];

    for (enum ubc_half half = UBC_BARRIER; half < UBC_HALVES; half++) {
        struct value value = ovz_half_after(settings, changes, n, counter, half, scope);

        has[half] = is_limit(value);
        pair.limits[half] = ovz_raw(counter, value);
    }
    /* A new amount of RAM brings its own barrier. */
    if (is_ram(counter) && change_of(changes, n, counter, UBC_LIMIT, scope) &&
        !change_of(changes, n, counter, UBC_BARRIER, scope))
        has[UBC_BARRIER] = false;
    if (!has[UBC_BARRIER])
        pair.limits[UBC_BARRIER] =
            ovz_fill_half(generation, counter, UBC_BARRIER, pair.limits[UBC_LIMIT]);
    if (!has[UBC_LIMIT])
        pair.limits[UBC_LIMIT] =
            ovz_fill_half(generation, counter, UBC_LIMIT, pair.limits[UBC_BARRIER]);
    pair.known = has[UBC_BARRIER] || has[UBC_LIMIT];
    return pair;
}

static bool touches(const struct change *changes, size_t n, enum ubc_counter counter,
                    enum scope scope)
{
    return change_of(changes, n, counter, UBC_BARRIER, scope) ||
           change_of(changes, n, counter, UBC_LIMIT, scope);
}

static bool same_pair(struct ovz_pair a, struct ovz_pair b)
{
    return a.known && b.known && !memcmp(a.limits, b.limits, sizeof a.limits);
}

/* --- calls ------------------------------------------------------------------------------- */

/* Only bare numbers and "unlimited": what every generation takes. */
static char *pair_text(struct ovz_pair pair)
{
    GString *text = g_string_new(NULL);

    for (enum ubc_half half = UBC_BARRIER; half < UBC_HALVES; half++) {
        if (half == UBC_LIMIT)
            g_string_append_c(text, ':');
        if (pair.limits[half] >= UBC_MAX64)
            g_string_append(text, "unlimited");
        else
            g_string_append_printf(text, "%" G_GUINT64_FORMAT, pair.limits[half]);
    }
    return g_string_free(text, FALSE);
}

static GPtrArray *call_new(const char *ctid)
{
    GPtrArray *call = g_ptr_array_new_with_free_func(g_free);

    g_ptr_array_add(call, g_strdup("vzctl"));
    g_ptr_array_add(call, g_strdup("set"));
    g_ptr_array_add(call, g_strdup(ctid));
    return call;
}

static void call_add(GPtrArray *call, enum ubc_counter counter, struct ovz_pair pair)
{
    g_ptr_array_add(call, g_strconcat("--", ubc_counters[counter].name, NULL));
    g_ptr_array_add(call, pair_text(pair));
}

static void call_end(GPtrArray *calls, GPtrArray *call, bool save)
{
    if (save)
        g_ptr_array_add(call, g_strdup("--save"));
    g_ptr_array_add(call, NULL);
    g_ptr_array_add(calls, g_ptr_array_free(call, FALSE));
}

/* RAM and swap of a control group v2 are set together or not at all. */
static bool pulled_along(enum ovz_generation generation, const struct change *changes, size_t n,
                         enum ubc_counter counter, enum scope scope)
{
    return generation == OVZ_8 && is_ram(counter) &&
           (touches(changes, n, UBC_PHYSPAGES, scope) || touches(changes, n, UBC_SWAPPAGES, scope));
}

static unsigned add_counters(GPtrArray *call, const struct setting *settings,
                             const struct change *changes, size_t n, enum scope scope)
{
    enum ovz_generation generation = ovz_generation_of(settings);
    unsigned added = 0;

    for (enum ubc_counter counter = 0; counter < UBC_COUNTERS; counter++) {
        struct ovz_pair pair = ovz_pair_after(settings, changes, n, counter, scope);

        if (!touches(changes, n, counter, scope) &&
            !(pulled_along(generation, changes, n, counter, scope) && pair.known))
            continue;
        call_add(call, counter, pair);
        added++;
    }
    return added;
}

static const struct change *guarantee_change(const struct change *changes, size_t n)
{
    for (size_t i = n; i > 0; i--)
        if (((const struct carrier *)changes[i - 1].tunable->carrier)->kind == OVZ_MEMGUARANTEE)
            return &changes[i - 1];
    return NULL;
}

static void add_guarantee(GPtrArray *call, const struct change *change)
{
    if (!change)
        return;
    g_ptr_array_add(call, g_strdup("--memguarantee"));
    g_ptr_array_add(call, change->to.kind == VALUE_CHOICE
                              ? g_strdup("auto")
                              : g_strdup_printf("%" G_GUINT64_FORMAT, change->to.number));
}

/* vzctl --save writes a running container too: where only the configuration was meant, a second
 * call gives back what was live. NULL where nothing must be given back. */
static GPtrArray *give_back(const char *ctid, const struct setting *settings,
                            const struct change *changes, size_t n)
{
    g_autoptr(GPtrArray) call = call_new(ctid);
    unsigned n_words = call->len;

    for (enum ubc_counter counter = 0; counter < UBC_COUNTERS; counter++) {
        struct ovz_pair saved = ovz_pair_after(settings, changes, n, counter, SCOPE_CONFIG);
        struct ovz_pair live = ovz_pair_after(settings, NULL, 0, counter, SCOPE_LIVE);

        if (touches(changes, n, counter, SCOPE_CONFIG) &&
            !touches(changes, n, counter, SCOPE_LIVE) && live.known && !same_pair(live, saved) &&
            settings[ovz_row(counter, UBC_LIMIT)].writable & SCOPE_LIVE)
            call_add(call, counter, live);
    }
    return call->len > n_words ? g_steal_pointer(&call) : NULL;
}

static void call_free(gpointer call)
{
    g_strfreev(call);
}

GPtrArray *ovz_calls(const char *ctid, const struct setting *settings, const struct change *changes,
                     size_t n, GError **error)
{
    GPtrArray *calls = g_ptr_array_new_with_free_func(call_free);
    GPtrArray *call = call_new(ctid), *back;
    const struct change *guarantee = guarantee_change(changes, n);
    bool save = guarantee != NULL;

    for (size_t i = 0; i < n; i++)
        save = save || changes[i].scope == SCOPE_CONFIG;
    add_counters(call, settings, changes, n, save ? SCOPE_CONFIG : SCOPE_LIVE);
    add_guarantee(call, guarantee);
    call_end(calls, call, save);
    back = save ? give_back(ctid, settings, changes, n) : NULL;
    if (back)
        call_end(calls, back, false);
    return calls;
}

/* --- steps ------------------------------------------------------------------------------- */

static char *command_text(const struct snapshot *snapshot, GPtrArray *calls)
{
    struct ovz_host *host = ovz_host_new(snapshot->uri, NULL);
    GString *text = g_string_new(NULL);

    for (unsigned i = 0; i < calls->len; i++) {
        g_autofree char *line =
            host ? ovz_host_command(host, calls->pdata[i]) : g_strjoinv(" ", calls->pdata[i]);

        g_string_append_printf(text, "%s%s", i ? " && " : "", line);
    }
    ovz_host_free(host);
    return g_string_free(text, FALSE);
}

static bool add_step(const struct snapshot *snapshot, const struct domain *domain, GArray *changes,
                     struct step_list *steps, GError **error)
{
    g_autoptr(GPtrArray) calls = NULL;
    struct step *step;

    if (changes->len == 0)
        return true;
    calls = ovz_calls(domain->identity->native_id, domain->settings,
                      (const struct change *)(void *)changes->data, changes->len, error);
    if (!calls)
        return false;
    step = step_list_add(steps, (const struct change *)(void *)changes->data, changes->len, NULL,
                         command_text(snapshot, calls));
    if (calls->len > 1)
        step->shared = g_strdup("the running container too, for a moment: the second call puts it "
                                "back");
    return true;
}

/* One call saves what is wanted in the configuration, with what is wanted live where that is the
 * same; a second one carries what is wanted live alone or differs. */
bool ovz_plan(const struct snapshot *snapshot, const struct domain *domain,
              const struct change *changes, size_t n, struct step_list *steps, GError **error)
{
    g_autoptr(GArray) saved = g_array_new(FALSE, FALSE, sizeof *changes);
    g_autoptr(GArray) live = g_array_new(FALSE, FALSE, sizeof *changes);

    if (!ubc_ctid_valid(domain->identity->native_id)) {
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_FAILED,
                    "the id of the container could be taken for an option");
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        enum ubc_counter counter = ((const struct carrier *)changes[i].tunable->carrier)->counter;
        bool with_save =
            changes[i].scope == SCOPE_CONFIG ||
            (counter < UBC_COUNTERS && touches(changes, n, counter, SCOPE_CONFIG) &&
             same_pair(ovz_pair_after(domain->settings, changes, n, counter, SCOPE_CONFIG),
                       ovz_pair_after(domain->settings, changes, n, counter, SCOPE_LIVE)));

        g_array_append_val(with_save ? saved : live, changes[i]);
    }
    return add_step(snapshot, domain, saved, steps, error) &&
           add_step(snapshot, domain, live, steps, error);
}

const char *ovz_exit_words(int status)
{
    /* vzctl(8), "EXIT STATUS", and vzerror.h of libvzctl. */
    static const struct {
        int status;
        const char *words;
    } table[] = {
        {1, "the kernel did not take a limit"},
        {3, "a system error, not root, or no VSwap"},
        {5, "this is not an OpenVZ kernel"},
        {6, "not enough system resources"},
        {9, "the container is locked by another vzctl"},
        {10, "vz.conf cannot be read"},
        {14, "the container has no configuration file"},
        {20, "vzctl does not know this command"},
        {21, "vzctl does not take this value or option"},
        {27, "not all needed parameters are set"},
        {28, "not all needed parameters are set"},
        {31, "the container is not running"},
        {32, "the container is running"},
        {35, "the parameters do not fit together"},
        {36, "the node would be overcommitted"},
        {79, "an action script failed"},
        {139, "the configuration could not be saved"},
        {141, "the container is managed by another node or tool"},
        {254, "a control group could not be read or written"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(table); i++)
        if (table[i].status == status)
            return table[i].words;
    return NULL;
}
