/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `set`: change, read back, and say what is true now. */
#include "ui/set.h"

#include "ui/commands.h"
#include "ui/out.h"
#include "ui/resolve.h"

#include <string.h>

/* A name, then "=": everything else names a domain. */
static bool is_assignment(const char *word)
{
    size_t name = strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.");
    return name > 0 && word[name] == '=';
}

/* --- domains ------------------------------------------------------------------------------- */

static bool resolve_one(struct order *order, const char *text, bool name_only)
{
    struct domain_key key;
    enum status status = STATUS_DONE;
    g_autofree char *message = NULL;
    if (!resolve_domain(order->session, text, name_only, &key, &status, &message)) {
        order_fail(order, status, "%s", message);
        return false;
    }
    for (guint i = 0; i < order->keys->len; i++)
        if (domain_key_equal(&g_array_index(order->keys, struct domain_key, i), &key))
            return true;
    g_array_append_val(order->keys, key);
    return true;
}

static bool resolve_all(struct order *order)
{
    for (char **word = order->options->words; word && *word; word++)
        if (!is_assignment(*word) && !resolve_one(order, *word, false))
            return false;
    for (char **name = order->options->domains; name && *name; name++)
        if (!resolve_one(order, *name, true))
            return false;
    return true;
}

/* URIs that stand in the words themselves. */
static GPtrArray *uris_in_words(const struct options *options, bool *all)
{
    GPtrArray *uris = g_ptr_array_new_with_free_func(g_free);
    const char *name = NULL;
    *all = !options->domains;
    for (char **word = options->words; word && *word; word++) {
        char *uri = NULL;
        if (is_assignment(*word))
            continue;
        if (resolve_split(*word, &uri, &name))
            g_ptr_array_add(uris, uri);
        else
            *all = false;
    }
    g_ptr_array_add(uris, NULL);
    return uris;
}

/* --- writing -------------------------------------------------------------------------------- */

struct writing {
    struct order *order;
    bool done;
};

static bool writing_done(void *data)
{
    const struct writing *writing = data;
    return writing->done;
}

/* The results are in the order in which the changes were given. */
static void take_results(struct order *order, const struct apply_progress *progress)
{
    size_t r = 0;
    for (guint i = 0; i < order->items->len && r < progress->n_results; i++) {
        struct item *item = &g_array_index(order->items, struct item, i);
        if (item->outcome != OUTCOME_WOULD_CHANGE)
            continue;
        const struct result *result = &progress->results[r++];
        item->change.from = result->before;
        item->after = result->after;
        item->outcome = result->outcome;
        item->error = result->error;
        item->text = g_strdup(result->text);
    }
}

static void on_progress(const struct apply_progress *progress, void *data)
{
    struct writing *writing = data;
    if (progress->phase != APPLY_DONE)
        return;
    take_results(writing->order, progress);
    if (progress->error)
        writing->order->error = g_error_copy(progress->error);
    writing->done = true;
}

static void write_changes(struct order *order, const GArray *changes)
{
    const struct options *options = order->options;
    const struct apply_options apply = {.timeout_ms = (unsigned)options->timeout * 1000,
                                        .wait_ms = (unsigned)options->wait * 1000,
                                        .all_or_nothing = options->all_or_nothing,
                                        .safe_shrink = options->safe_shrink,
                                        .unrecorded = order_allows(order, "no_journal")};
    struct writing writing = {.order = order};
    struct job *job =
        model_apply(session_model(order->session), (const struct change *)(void *)changes->data,
                    changes->len, &apply, on_progress, &writing, &order->error);
    if (!job)
        return;
    g_strlcpy(order->batch, job_batch(job), sizeof order->batch);
    if (!session_run(order->session, writing_done, &writing, 0)) {
        job_cancel(job);
        session_finish(order->session, writing_done, &writing,
                       (unsigned)options->timeout * 1000 + 1000);
    }
    if (!writing.done)
        order_fail(order, STATUS_PARTLY,
                   "the host did not say what became of the last write: look before going on");
}

static void say_unrecorded(const struct order *order)
{
    for (guint i = 0; i < order->items->len; i++) {
        if (g_array_index(order->items, struct item, i).error != BACKEND_ERROR_UNRECORDED)
            continue;
        out_message("nothing is written that cannot be recorded; --allow=no_journal does it");
        return;
    }
}

static void write_all(struct order *order)
{
    g_autoptr(GArray) changes = g_array_new(FALSE, TRUE, sizeof(struct change));
    for (guint i = 0; i < order->items->len; i++) {
        const struct item *item = &g_array_index(order->items, struct item, i);
        if (item->outcome == OUTCOME_WOULD_CHANGE)
            g_array_append_val(changes, item->change);
    }
    if (changes->len && order->options->confirm != -1)
        order_confirm(order);
    else if (changes->len)
        write_changes(order, changes);
    say_unrecorded(order);
    if (!order->error)
        return;
    for (guint i = 0; i < order->items->len; i++) {
        struct item *item = &g_array_index(order->items, struct item, i);
        if (item->outcome == OUTCOME_WOULD_CHANGE)
            item->outcome = OUTCOME_FAILED;
    }
    order_fail(order, status_of_error(order->error), "%s", order->error->message);
}

/* --- the end -------------------------------------------------------------------------------- */

enum status order_status(const struct order *order)
{
    bool changed = false, partly = false, back = false;
    enum status worst = STATUS_DONE;
    for (guint i = 0; i < order->items->len; i++) {
        const struct item *item = &g_array_index(order->items, struct item, i);
        enum outcome outcome = item->outcome;
        bool done =
            outcome == OUTCOME_CHANGED || outcome == OUTCOME_ROUNDED || outcome == OUTCOME_PENDING;
        partly |= done;
        changed |= done || outcome == OUTCOME_WOULD_CHANGE;
        back |= outcome == OUTCOME_GONE_BACK;
        if (worst == STATUS_DONE || outcome == OUTCOME_FAILED)
            worst = status_of_outcome(outcome, item->error);
    }
    if (session_interrupted(order->session))
        return STATUS_INTERRUPTED;
    if (back && !partly)
        return STATUS_GONE_BACK;
    if (worst != STATUS_DONE || order->status != STATUS_DONE) {
        if (partly)
            return STATUS_PARTLY;
        return order->status != STATUS_DONE ? order->status : worst;
    }
    if (order->unanswered)
        return STATUS_CONNECTION;
    return changed && order->options->exit_changed ? STATUS_CHANGED : STATUS_DONE;
}

void order_connect(struct order *order, const char *const *more, bool only_more)
{
    order->session = session_open(order->options, more, only_more, order->options->check, 0);
    order->status = session_status(order->session);
    order->unanswered = order->status == STATUS_CONNECTION;
    if (order->unanswered)
        order->status = STATUS_DONE;
}

void order_skip_the_rest(struct order *order)
{
    for (guint i = 0; i < order->items->len; i++) {
        struct item *item = &g_array_index(order->items, struct item, i);
        if (item->outcome == OUTCOME_WOULD_CHANGE)
            item->outcome = OUTCOME_SKIPPED;
    }
}

void order_carry_out(struct order *order)
{
    bool may = order_judge(order);
    if (!order->options->json)
        order_print_findings(order);
    if (may && !order->options->check)
        write_all(order);
    else if (!may && !order->options->check)
        order_skip_the_rest(order);
}

static void carry_out(struct order *order)
{
    if (!resolve_all(order) || !order_parse(order)) {
        g_array_set_size(order->items, 0); /* half an order is none */
        return;
    }
    if (!order_expect(order)) {
        order_skip_the_rest(order);
        return;
    }
    order_narrow(order);
    order_carry_out(order);
}

static bool understood(struct order *order)
{
    const struct options *options = order->options;
    bool domains = options->domains && *options->domains;
    for (char **word = options->words; word && *word; word++) {
        if (is_assignment(*word))
            g_ptr_array_add(order->assignments, *word);
        else
            domains = true;
    }
    if (!domains)
        order_fail(order, STATUS_USAGE,
                   "set what? Write DOMAIN NAME=VALUE, as in db-prod hard=18G");
    else if (order->assignments->len == 0)
        order_fail(order, STATUS_USAGE, "set it to what? Write NAME=VALUE, as in hard=18G");
    else if (options->settings.read_only && !options->check)
        order_fail(order, STATUS_PERMISSION, "%s: nothing is written; --check says what would be",
                   strcmp(options->program, "virt-memtop") == 0 ? "virt-memtop never writes"
                   : options->settings.read_only_by_site        ? "read_only=true for this site"
                                                                : "read-only");
    return order->status == STATUS_DONE;
}

void order_init(struct order *order, const struct options *options)
{
    *order = (struct order){.options = options,
                            .assignments = g_ptr_array_new(),
                            .keys = g_array_new(FALSE, FALSE, sizeof(struct domain_key)),
                            .items = g_array_new(FALSE, TRUE, sizeof(struct item)),
                            .found = g_array_new(FALSE, TRUE, sizeof(struct found))};
}

void order_clear(struct order *order)
{
    for (guint i = 0; i < order->items->len; i++)
        g_free(g_array_index(order->items, struct item, i).text);
    for (guint i = 0; i < order->found->len; i++)
        g_free(g_array_index(order->found, struct found, i).text);
    g_ptr_array_unref(order->assignments);
    g_array_unref(order->keys);
    g_array_unref(order->items);
    g_array_unref(order->found);
    g_clear_error(&order->error);
    g_free(order->failure);
}

static enum status run_order(struct order *order)
{
    bool only_these = false;
    if (!understood(order)) {
        if (order->options->json)
            order_print(order);
        return order->status;
    }
    g_autoptr(GPtrArray) uris = uris_in_words(order->options, &only_these);
    order_connect(order, (const char *const *)uris->pdata, only_these);
    if (order->status == STATUS_DONE)
        carry_out(order);
    enum status status = order_status(order);
    if (order->items->len || order->options->json)
        order_print(order);
    return status;
}

int set_run(const struct options *options)
{
    struct order order;
    order_init(&order, options);
    enum status status = run_order(&order);
    session_close(order.session);
    order_clear(&order);
    return out_end((int)status);
}
