/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `set --confirm`: what acts now is written under a guard, which takes it back unless it is kept.
 */
#include "model/guard.h"
#include "ui/ask.h"
#include "ui/out.h"
#include "ui/set.h"

#include <string.h>

#define GUARD_WAIT_MS 70000 /* until it is ready: it gives up before */

struct confirming {
    struct order *order;
    struct guard *guard;
    GArray *live, *saved; /* struct change */
    GArray *places;       /* guint: items of the live ones */
    struct job *job;      /* that writes, or NULL */
    bool written;
};

static bool left_starting(void *data)
{
    const struct confirming *confirming = data;
    return guard_state(confirming->guard)->phase != GUARD_STARTING;
}

static bool left_armed(void *data)
{
    const struct confirming *confirming = data;
    return guard_state(confirming->guard)->phase != GUARD_ARMED;
}

static bool ended(void *data)
{
    const struct confirming *confirming = data;
    return guard_state(confirming->guard)->phase == GUARD_ENDED;
}

static bool written(void *data)
{
    const struct confirming *confirming = data;
    return confirming->written;
}

/* What goes back is not written on. */
static void on_changed(struct guard *guard, void *data)
{
    const struct confirming *confirming = data;
    enum guard_phase phase = guard_state(guard)->phase;
    if (phase == GUARD_RETURNING || phase == GUARD_ENDED)
        job_cancel(confirming->job);
}

static void on_question(struct guard *guard, const char *uri, const struct question *question,
                        void *data)
{
    g_autofree char *prompt = g_strdup_printf("%s (guard): ", question->prompt);
    char *answer = ask_terminal(prompt, question->secret, -1);
    guard_answer(guard, answer);
    ask_free(answer);
}

/* --- may it --- */

/* What is written now, and what once it is kept. True where something of the first tightens. */
static bool sort_changes(struct confirming *confirming)
{
    const struct order *order = confirming->order;
    bool tightens = false;
    for (guint i = 0; i < order->items->len; i++) {
        const struct item *item = &g_array_index(order->items, struct item, i);
        bool live = item->change.scope == SCOPE_LIVE;
        if (item->outcome != OUTCOME_WOULD_CHANGE)
            continue;
        g_array_append_val(live ? confirming->live : confirming->saved, item->change);
        if (live)
            g_array_append_val(confirming->places, i);
        tightens |= live && change_tightens(&item->change);
    }
    return tightens;
}

static const struct found *killer(const struct order *order)
{
    for (guint i = 0; i < order->found->len; i++)
        if (g_array_index(order->found, struct found, i).severity == SEVERITY_KILLS)
            return &g_array_index(order->found, struct found, i);
    return NULL;
}

static bool may_count(struct confirming *confirming)
{
    struct order *order = confirming->order;
    const struct found *found = killer(order);
    bool tightens = sort_changes(confirming);
    if (found)
        order_fail(
            order, STATUS_UNSAFE,
            "%s: no countdown helps: a kill takes milliseconds. Ask for no less than what is "
            "safe now",
            order_name(order, &found->key));
    else if (confirming->live->len == 0)
        order_fail(order, STATUS_UNSUPPORTED,
                   "nothing of this acts now, so there is nothing to go back from: leave out "
                   "--confirm");
    else if (!tightens)
        order_fail(order, STATUS_USAGE,
                   "this takes no room away, and going back would: leave out --confirm");
    return order->status == STATUS_DONE;
}

/* --- the guard --- */

static bool start_guard(struct confirming *confirming)
{
    struct order *order = confirming->order;
    const struct options *options = order->options;
    const struct guard_listener listener = {on_changed, on_question, confirming};
    const struct guard_plan plan = {
        .live = (const struct change *)(void *)confirming->live->data,
        .n_live = confirming->live->len,
        .saved = (const struct change *)(void *)confirming->saved->data,
        .n_saved = confirming->saved->len,
        .seconds = (unsigned)options->confirm,
        .timeout_ms = (unsigned)options->timeout * 1000,
        .keep_if = options->keep_if,
        .unrecorded = order_allows(order, "no_journal"),
    };
    g_autoptr(GError) error = NULL;
    confirming->guard = guard_start(session_model(order->session), &plan, &listener, &error);
    if (!confirming->guard) {
        order_fail(order, status_of_error(error), "%s", error->message);
        return false;
    }
    session_run(order->session, left_starting, confirming, GUARD_WAIT_MS);
    const struct guard_state *state = guard_state(confirming->guard);
    if (guard_begin(confirming->guard))
        session_run(order->session, left_armed, confirming, GUARD_WAIT_MS);
    if (state->phase == GUARD_COUNTING) {
        if (state->warning)
            out_message("the guard: %s", state->warning);
        return true;
    }
    order_fail(order, STATUS_FAILURE, "no guard, so nothing was written: %s",
               state->error ? state->error : "it is not ready");
    return false;
}

static void take_results(struct confirming *confirming, const struct apply_progress *progress)
{
    for (size_t r = 0; r < progress->n_results; r++) {
        guint place = g_array_index(confirming->places, guint, r);
        struct item *item = &g_array_index(confirming->order->items, struct item, place);
        const struct result *result = &progress->results[r];
        item->change.from = result->before;
        item->after = result->after;
        item->outcome = result->outcome;
        item->error = result->error;
        g_free(item->text);
        item->text = g_strdup(result->text);
    }
}

static void on_progress(const struct apply_progress *progress, void *data)
{
    struct confirming *confirming = data;
    guard_report(confirming->guard, progress);
    if (progress->phase != APPLY_DONE)
        return;
    take_results(confirming, progress);
    if (progress->error)
        order_fail(confirming->order, status_of_error(progress->error), "%s",
                   progress->error->message);
    confirming->written = true;
    confirming->job = NULL;
}

static bool all_written(const struct confirming *confirming)
{
    bool all = confirming->written && !session_interrupted(confirming->order->session);
    for (guint r = 0; r < confirming->places->len; r++) {
        guint place = g_array_index(confirming->places, guint, r);
        enum outcome outcome = g_array_index(confirming->order->items, struct item, place).outcome;
        all &= outcome == OUTCOME_CHANGED || outcome == OUTCOME_UNCHANGED ||
               outcome == OUTCOME_PENDING || outcome == OUTCOME_ROUNDED;
    }
    return all;
}

/* False where not all of it was written. */
static bool write_live(struct confirming *confirming)
{
    struct order *order = confirming->order;
    const struct options *options = order->options;
    struct apply_options apply = {.timeout_ms = (unsigned)options->timeout * 1000,
                                  .wait_ms = (unsigned)options->wait * 1000,
                                  .all_or_nothing = options->all_or_nothing,
                                  .unrecorded = order_allows(order, "no_journal")};
    g_autoptr(GError) error = NULL;
    g_strlcpy(apply.batch, guard_batch(confirming->guard), sizeof apply.batch);
    g_strlcpy(order->batch, apply.batch, sizeof order->batch);
    confirming->job = model_apply(session_model(order->session),
                                  (const struct change *)(void *)confirming->live->data,
                                  confirming->live->len, &apply, on_progress, confirming, &error);
    if (!confirming->job) {
        order_fail(order, status_of_error(error), "%s", error->message);
        return false;
    }
    if (!session_run(order->session, written, confirming, 0)) {
        job_cancel(confirming->job);
        session_finish(order->session, written, confirming,
                       (unsigned)options->timeout * 1000 + 1000);
    }
    return all_written(confirming);
}

/* What the guard made of what was written. */
static void take_back(struct confirming *confirming)
{
    const struct guard_state *state = guard_state(confirming->guard);
    for (size_t r = 0; r < state->n_results && r < confirming->places->len; r++) {
        const struct guard_result *result = &state->results[r];
        guint place = g_array_index(confirming->places, guint, r);
        struct item *item = &g_array_index(confirming->order->items, struct item, place);
        if (item->outcome != OUTCOME_CHANGED && item->outcome != OUTCOME_ROUNDED &&
            item->outcome != OUTCOME_PENDING)
            continue;
        item->outcome = result->outcome;
        g_free(item->text);
        item->text = g_strdup(result->text);
    }
    if (state->ending == GUARD_END_LOST)
        order_fail(confirming->order, STATUS_PARTLY,
                   "the guard has died: what was written stays, and virt-memtune back %s takes it "
                   "back",
                   confirming->order->batch);
    else if (state->reason)
        out_message("gone back: %s", state->reason);
}

/* Half of it does not stand: what was written goes back at once. */
static void go_back(struct confirming *confirming)
{
    struct order *order = confirming->order;
    guard_back(confirming->guard);
    if (session_finish(order->session, ended, confirming,
                       (unsigned)order->options->timeout * 1000 + 5000))
        take_back(confirming);
    else
        order_fail(order, STATUS_PARTLY, "the guard still goes back: see virt-memtune journal %s",
                   order->batch);
}

static void mark_saved(struct order *order, bool waits)
{
    for (guint i = 0; i < order->items->len; i++) {
        struct item *item = &g_array_index(order->items, struct item, i);
        if (item->outcome != OUTCOME_WOULD_CHANGE)
            continue;
        if (waits)
            item->text = g_strdup("once it is kept");
        else
            item->outcome = OUTCOME_SKIPPED;
    }
}

/* It stands: the guard goes on without us. False where it had other reasons meanwhile. */
static bool leave_alone(struct confirming *confirming)
{
    struct order *order = confirming->order;
    const struct guard_state *state = guard_state(confirming->guard);
    guard_detach(confirming->guard);
    bool answered = session_finish(order->session, ended, confirming, 5000);
    order->counting = state->ending == GUARD_END_DETACHED;
    if (answered && !order->counting)
        take_back(confirming);
    else if (!answered && state->phase == GUARD_RETURNING)
        go_back(confirming);
    else if (!answered)
        order_fail(order, STATUS_FAILURE, "the guard does not answer: see virt-memtune journal %s",
                   order->batch);
    return order->counting;
}

void order_confirm(struct order *order)
{
    struct confirming confirming = {
        .order = order,
        .live = g_array_new(FALSE, TRUE, sizeof(struct change)),
        .saved = g_array_new(FALSE, TRUE, sizeof(struct change)),
        .places = g_array_new(FALSE, FALSE, sizeof(guint)),
    };
    bool stands = may_count(&confirming) && start_guard(&confirming) && write_live(&confirming);
    if (stands)
        stands = leave_alone(&confirming);
    else if (*order->batch)
        go_back(&confirming);
    mark_saved(order, stands);
    guard_free(confirming.guard);
    g_array_unref(confirming.live);
    g_array_unref(confirming.saved);
    g_array_unref(confirming.places);
}
