/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stub.h"

#include <string.h>

struct stub stub = {.lock = PTHREAD_MUTEX_INITIALIZER, .cond = PTHREAD_COND_INITIALIZER};

struct stub_connection {
    struct connection base;
    bool interrupted, busy;
};

/* clang-format off */
const struct tunable stub_tunables[] = {
    [STUB_HARD]   = {.name = "hard_limit", .label = "Hard limit", .role = ROLE_HARD, .unit = UNIT_BYTES,
                     .scopes = SCOPE_BOTH, .wall = WALL_KILLS, .granule = 4096, .unlimited = true, .readback = READBACK_EXACT},
    [STUB_MEMSW]  = {.name = "swap_hard_limit", .label = "Memory+swap", .role = ROLE_MEMSW, .unit = UNIT_BYTES,
                     .scopes = SCOPE_BOTH, .granule = 4096, .unlimited = true, .readback = READBACK_EXACT},
    [STUB_TARGET] = {.name = "memory", .label = "Memory", .role = ROLE_TARGET, .unit = UNIT_BYTES,
                     .scopes = SCOPE_BOTH, .readback = READBACK_CONVERGES},
    [STUB_HINT]   = {.name = "hint", .label = "Hint", .unit = UNIT_BYTES, .scopes = SCOPE_BOTH,
                     .readback = READBACK_NONE},
    [STUB_SOFT]   = {.name = "soft_limit", .label = "Soft limit", .unit = UNIT_BYTES,
                     .scopes = SCOPE_BOTH, .granule = 4096, .unlimited = true, .readback = READBACK_EXACT},
    [STUB_ROWS]   = {.name = NULL},
};
static const struct figure stub_figures[] = {
    {.name = "held", .label = "Held", .role = FIGURE_HELD, .unit = UNIT_BYTES},
    {.name = "droppable", .label = "Droppable", .role = FIGURE_DROPPABLE, .unit = UNIT_BYTES},
    {.name = "oom_kills", .label = "Kills", .role = FIGURE_OOM_KILLS, .unit = UNIT_COUNT, .counter = true},
    {.name = "psi_total", .label = "Stalled", .role = FIGURE_PSI_TOTAL, .unit = UNIT_COUNT, .counter = true},
    {.name = NULL},
};
const struct timing stub_timing = {
    .backoff_ms = {20, 40, 80, 160, 300},
    .call_ms = {[CALL_OPEN] = 150, [CALL_SAMPLE] = 150, [CALL_CLOSE] = 100},
    .grace_ms = 50,
    .gap_ms = 2,
    .poll_ms = 5,
    .settle_ms = 150,
    .watch_ms = 60,
    .rows_ms = 500,
};
/* clang-format on */

void stub_reset(void)
{
    pthread_mutex_lock(&stub.lock);
    memset((char *)&stub + G_STRUCT_OFFSET(struct stub, live), 0,
           sizeof stub - G_STRUCT_OFFSET(struct stub, live));
    for (size_t i = 0; i < STUB_DOMAINS; i++) {
        for (size_t j = 0; j < STUB_ROWS; j++)
            stub.live[i][j] = stub.config[i][j] = GIB(4);
        stub.wanted_target[i] = GIB(4);
    }
    stub.meddle_domain = -1;
    pthread_mutex_unlock(&stub.lock);
}

void stub_release(void)
{
    pthread_mutex_lock(&stub.lock);
    stub.released = true;
    memset(stub.hang, 0, sizeof stub.hang);
    pthread_cond_broadcast(&stub.cond);
    while (stub.hanging > 0)
        pthread_cond_wait(&stub.cond, &stub.lock);
    stub.released = false;
    pthread_mutex_unlock(&stub.lock);
}

unsigned stub_hanging(void)
{
    unsigned hanging;

    pthread_mutex_lock(&stub.lock);
    hanging = stub.hanging;
    pthread_mutex_unlock(&stub.lock);
    return hanging;
}

unsigned stub_calls(enum stub_call call)
{
    unsigned calls;

    pthread_mutex_lock(&stub.lock);
    calls = stub.calls[call];
    pthread_mutex_unlock(&stub.lock);
    return calls;
}

unsigned stub_n_open(void)
{
    unsigned n;

    pthread_mutex_lock(&stub.lock);
    n = stub.n_open;
    pthread_mutex_unlock(&stub.lock);
    return n;
}

/* With the lock held: counts, dawdles, hangs, fails as the script says. */
static bool scripted(enum stub_call call, struct stub_connection *connection, GError **error)
{
    stub.calls[call]++;
    if (stub.delay_us != 0) {
        pthread_mutex_unlock(&stub.lock);
        g_usleep(stub.delay_us);
        pthread_mutex_lock(&stub.lock);
    }
    if (stub.hang[call] > 0) {
        stub.hang[call]--;
        stub.hanging++;
        while (!stub.released && !(stub.interruptible && connection && connection->interrupted))
            pthread_cond_wait(&stub.cond, &stub.lock);
        stub.hanging--;
        pthread_cond_broadcast(&stub.cond);
        if (connection != NULL && connection->interrupted && stub.interruptible) {
            connection->interrupted = false;
            g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_CANCELLED, "interrupted");
            return false;
        }
    }
    if (stub.fail[call] == 0)
        return true;
    stub.fail[call]--;
    g_set_error(error, BACKEND_ERROR, stub.code[call], "scripted\x9b failure");
    return false;
}

static void enter(struct stub_connection *connection)
{
    stub.at_once |= connection->busy;
    connection->busy = true;
}

static bool stub_open(const char *uri, enum access access, struct uplink *uplink,
                      struct connection **ret, GError **error)
{
    struct stub_connection *connection;
    char *answer = NULL;
    bool ask, fine;

    pthread_mutex_lock(&stub.lock);
    ask = stub.ask;
    pthread_mutex_unlock(&stub.lock);
    if (ask && !uplink->ask(uplink, &(struct question){"Password?", true}, &answer)) {
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_AUTH, "no password");
        return false;
    }
    pthread_mutex_lock(&stub.lock);
    if (answer != NULL)
        g_strlcpy(stub.asked, answer, sizeof stub.asked);
    fine = scripted(STUB_OPEN, NULL, error);
    if (fine) {
        connection = g_new0(struct stub_connection, 1);
        stub.n_open++;
        if (access == ACCESS_READ)
            stub.uplink = uplink;
        *ret = &connection->base;
    }
    pthread_mutex_unlock(&stub.lock);
    g_free(answer);
    return fine;
}

static void stub_close(struct connection *connection)
{
    GError *error = NULL;

    if (connection == NULL)
        return;
    pthread_mutex_lock(&stub.lock);
    enter((struct stub_connection *)connection);
    if (stub.uplink == connection->uplink)
        stub.uplink = NULL;
    scripted(STUB_CLOSE, NULL, &error);
    g_clear_error(&error);
    stub.n_open--;
    pthread_mutex_unlock(&stub.lock);
    g_free(connection);
}

static void draft_domain(struct snapshot_builder *builder, size_t i)
{
    struct draft *draft = snapshot_builder_domain(builder, (uint8_t[16]){(uint8_t)(i + 1)});
    g_autofree char *name = g_strdup_printf("vm%zu", i);

    draft->state = DOMAIN_RUNNING;
    draft->persistent = true;
    draft->name = name;
    draft->native_id = name;
    if (stub.live[i][STUB_TARGET] != stub.wanted_target[i]) {
        uint64_t *now = &stub.live[i][STUB_TARGET], aim = stub.wanted_target[i];
        uint64_t far = *now > aim ? *now - aim : aim - *now;
        uint64_t move = stub.speed == 0 ? far : MIN(stub.speed, far);

        if (*now > aim && *now - move < stub.stays)
            move = *now > stub.stays ? *now - stub.stays : 0;

        *now = *now > aim ? *now - move : *now + move;
    }
    for (size_t j = 0; j < STUB_ROWS; j++)
        draft->settings[j] = (struct setting){.live = value_number(stub.live[i][j]),
                                              .config = value_number(stub.config[i][j]),
                                              .writable = SCOPE_BOTH};
    if (stub.yields != 0 && stub.held[i] > stub.live[i][STUB_SOFT]) {
        uint64_t aim = MAX(stub.live[i][STUB_SOFT], stub.needs);

        stub.held[i] = stub.held[i] - MIN(stub.yields, stub.held[i] - MIN(aim, stub.held[i]));
    }
    draft->figures[0] =
        value_number(stub.held[i] ? stub.held[i] : MIB(512) + stub.calls[STUB_SAMPLE]);
    draft->figures[1] = value_number(MIN(stub.cache, draft->figures[0].number));
    draft->figures[2] = value_number(stub.kills);
    draft->figures[3] = value_number(stub.stalled_us);
    snapshot_builder_add(builder);
}

static bool is_wanted(const struct wanted *wanted, size_t i)
{
    for (size_t j = 0; j < wanted->n_only; j++) {
        if (wanted->only[j].id[0] == i + 1)
            return true;
    }
    return wanted->only == NULL;
}

static bool stub_sample(struct connection *connection, const struct wanted *wanted,
                        const struct snapshot *previous, struct snapshot_builder *builder,
                        GError **error)
{
    struct stub_connection *self = (struct stub_connection *)connection;
    bool fine;

    pthread_mutex_lock(&stub.lock);
    enter(self);
    fine = scripted(STUB_SAMPLE, self, error);
    if (fine) {
        stub.everything += wanted->everything;
        for (size_t i = 0; i < STUB_DOMAINS; i++) {
            if (is_wanted(wanted, i))
                draft_domain(builder, i);
        }
        if (wanted->only != NULL)
            snapshot_builder_keep_rest(builder);
    }
    self->busy = false;
    pthread_mutex_unlock(&stub.lock);
    return fine;
}

static void plan_stops(const struct change *change, struct step_list *steps)
{
    struct change stop = *change;
    uint64_t quarter = (change->from.number - change->to.number) / 4;

    if (!stub.stops || change->tunable != &stub_tunables[STUB_TARGET] ||
        change->scope != SCOPE_LIVE || change->to.number >= change->from.number)
        return;
    for (unsigned i = 1; i <= 2; i++) {
        stop.to = value_number(change->from.number - i * quarter);
        step_list_add(steps, &stop, 1, NULL, g_strdup("stub stop"))->settle = true;
    }
}

/* As control groups v2: the soft limit goes down to the new hard one, which follows, and is then
 * what it was. */
static bool stub_plan_shrink(const struct snapshot *snapshot, const struct domain *domain,
                             const struct change *changes, size_t n, struct step_list *steps,
                             GError **error)
{
    struct change soft = {.key = changes[0].key,
                          .tunable = &stub_tunables[STUB_SOFT],
                          .scope = SCOPE_LIVE,
                          .from = domain->settings[STUB_SOFT].live};
    uint64_t at = domain->figures[0].number, to = changes[0].to.number;
    struct step *step;

    while (at > to) {
        at = MAX(at - at / 4, to);
        soft.to = value_number(at);
        step = step_list_add(steps, &soft, 1, NULL, g_strdup("stub press"));
        step->shrink = SHRINK_DOWN;
        step->figure = FIGURE_HELD;
        step->below = at;
        soft.from = soft.to;
    }
    step_list_add(steps, &changes[0], 1, NULL, g_strdup("stub set"))->shrink = SHRINK_THERE;
    soft.to = domain->settings[STUB_SOFT].live;
    step = step_list_add(steps, &soft, 1, NULL, g_strdup("stub release"));
    step->shrink = SHRINK_UNDO;
    step->watch = true;
    for (size_t i = 1; i < n; i++)
        step_list_add(steps, &changes[i], 1, NULL, g_strdup("stub set"));
    return true;
}

/* One step a tunable and scope, in the order given; LIVE hard and memsw in one step, as libvirt. */
static bool stub_plan(const struct snapshot *snapshot, const struct domain *domain,
                      const struct change *changes, size_t n, struct step_list *steps,
                      GError **error)
{
    for (size_t i = 0; i < n; i++) {
        size_t together = 1;

        while (i + together < n && changes[i].scope == changes[i + together].scope &&
               changes[i].tunable - stub_tunables <= STUB_MEMSW &&
               changes[i + together].tunable - stub_tunables <= STUB_MEMSW)
            together++;
        plan_stops(&changes[i], steps);
        step_list_add(steps, &changes[i], together, NULL, g_strdup("stub set"));
        i += together - 1;
    }
    return true;
}

static void write_change(const struct change *change)
{
    size_t domain = change->key.id[0] - 1u, row = (size_t)(change->tunable - stub_tunables);
    uint64_t number = change->to.number;
    uint64_t granule = MAX(change->tunable->granule, 1);

    if (stub.lies)
        return;
    number -= number % granule;
    if (change->scope == SCOPE_CONFIG)
        stub.config[domain][row] = number;
    else if (row == STUB_TARGET)
        stub.wanted_target[domain] = number;
    else
        stub.live[domain][row] = number;
}

static void meddle(void)
{
    if (stub.meddle_domain >= 0)
        stub.live[stub.meddle_domain][STUB_HARD] = stub.meddle_value;
    stub.meddle_domain = -1;
}

static bool stub_apply(struct connection *connection, const struct step *step, GError **error)
{
    struct stub_connection *self = (struct stub_connection *)connection;
    size_t n = step->n_changes;
    bool fine;

    pthread_mutex_lock(&stub.lock);
    enter(self);
    if (stub.meddle_at_apply != 0 && stub.calls[STUB_APPLY] + 1 == stub.meddle_at_apply)
        stub.meddle_domain = 0;
    if (stub.meddle_early)
        meddle();
    fine = scripted(STUB_APPLY, self, error);
    if (stub.kill_at_apply != 0 && stub.calls[STUB_APPLY] == stub.kill_at_apply)
        stub.kills++;
    if (stub.stall_at_apply != 0 && stub.calls[STUB_APPLY] == stub.stall_at_apply)
        stub.stalled_us += 2000000;
    if (fine && (stub.fail_at_apply == stub.calls[STUB_APPLY] ||
                 (stub.fail_from_apply != 0 && stub.calls[STUB_APPLY] >= stub.fail_from_apply))) {
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_BUSY, "device or resource busy");
        fine = false;
    }
    if (!fine)
        n = MIN(n, stub.half);
    for (size_t i = 0; i < n; i++)
        write_change(&step->changes[i]);
    if (!stub.meddle_early)
        meddle();
    self->busy = false;
    pthread_mutex_unlock(&stub.lock);
    return fine;
}

static void stub_interrupt(struct connection *connection)
{
    pthread_mutex_lock(&stub.lock);
    ((struct stub_connection *)connection)->interrupted = true;
    stub.interrupts++;
    pthread_cond_broadcast(&stub.cond);
    pthread_mutex_unlock(&stub.lock);
}

static void stub_check(const struct snapshot *snapshot, const struct domain *domain,
                       const struct change *changes, size_t n, struct findings *findings)
{
}

#define STUB_BACKEND(word, flag)                                                                   \
    {                                                                                              \
        .name = word, .title = "Stub", .schemes = (const char *const[]){word, NULL},               \
        .tunables = stub_tunables, .figures = stub_figures, .flags = flag, .open = stub_open,      \
        .close = stub_close, .sample = stub_sample, .check = stub_check, .plan = stub_plan,        \
        .plan_shrink = stub_plan_shrink, .apply = stub_apply, .interrupt = stub_interrupt,         \
    }

const struct backend stub_backend = STUB_BACKEND("stub", 0);
const struct backend stub_one_backend = STUB_BACKEND("one", BACKEND_ONE_CONNECTION);
