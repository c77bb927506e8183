/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From what was typed to changes that may be written. */
#include "model/shrink.h"
#include "model/size.h"
#include "ui/out.h"
#include "ui/set.h"

#include <string.h>

static unsigned wanted_scopes(const struct options *options)
{
    if (options->live)
        return SCOPE_LIVE;
    return options->config ? SCOPE_CONFIG : SCOPE_BOTH;
}

/* NAME and VALUE of "NAME=VALUE"; the name is newly allocated. */
static char *assignment_split(const char *assignment, const char **value)
{
    const char *equals = strchr(assignment, '=');
    *value = equals + 1;
    return g_strndup(assignment, (size_t)(equals - assignment));
}

static bool parse_one(struct order *order, const struct row *row, const char *assignment,
                      GArray *changes)
{
    const char *value = NULL;
    g_autofree char *name = assignment_split(assignment, &value);
    g_autoptr(GError) error = NULL;
    if (change_parse(row->snapshot, row->domain, name, value, wanted_scopes(order->options),
                     changes, &error))
        return true;
    if (error->domain == SIZE_ERROR)
        order_fail(order, status_of_error(error), "%s: %s", assignment, error->message);
    else
        order_fail(order, status_of_error(error), "%s: %s", row->domain->identity->name,
                   error->message);
    return false;
}

/* --both means both. */
static bool both_there(struct order *order, const struct row *row, const GArray *changes,
                       guint from)
{
    unsigned scopes = 0;
    if (!order->options->both || row->snapshot->backend->flags & BACKEND_ONE_SCOPE)
        return true;
    for (guint i = from; i < changes->len; i++)
        scopes |= g_array_index(changes, struct change, i).scope;
    if (scopes == SCOPE_BOTH)
        return true;
    const struct tunable *tunable = g_array_index(changes, struct change, from).tunable;
    const char *missing = scopes == SCOPE_LIVE ? "in the configuration" : "live";
    order_fail(order, STATUS_UNSUPPORTED, "%s: %s cannot be set %s: leave out --both to set it %s",
               row->domain->identity->name, tunable->name, missing,
               scopes == SCOPE_LIVE ? "live alone" : "in the configuration alone");
    return false;
}

static bool given_twice(struct order *order, const struct change *change)
{
    for (guint i = 0; i < order->items->len; i++) {
        const struct change *other = &g_array_index(order->items, struct item, i).change;
        if (other->tunable != change->tunable || other->scope != change->scope ||
            !domain_key_equal(&other->key, &change->key))
            continue;
        order_fail(order, STATUS_USAGE, "%s is given twice", change->tunable->name);
        return true;
    }
    return false;
}

/* Where this user may write one scope of a value and not the other: half of what was meant is said
 * to be missing. */
static void add_forbidden(struct order *order, const struct row *row, const struct change *change)
{
    const struct setting *setting = snapshot_setting(row->snapshot, row->domain, change->tunable);
    struct value why = value_unsupported(setting->why_not);
    char code[24] = "";
    if (setting->why_not)
        value_reason_code(why, code, sizeof code);
    if (strcmp(code, "permission") != 0 || change->scope != SCOPE_CONFIG ||
        !(wanted_scopes(order->options) & SCOPE_LIVE) || setting->writable & SCOPE_LIVE ||
        !value_known(setting->live))
        return;
    struct item item = {.change = *change,
                        .after = setting->live,
                        .outcome = OUTCOME_FAILED,
                        .error = BACKEND_ERROR_PERMISSION,
                        .text = g_strdup(value_reason_text(why))};
    item.change.scope = SCOPE_LIVE;
    item.change.from = setting->live;
    g_array_append_val(order->items, item);
}

static bool parse_domain(struct order *order, const struct row *row)
{
    g_autoptr(GArray) changes = g_array_new(FALSE, TRUE, sizeof(struct change));
    for (guint a = 0; a < order->assignments->len; a++) {
        guint from = changes->len;
        if (!parse_one(order, row, order->assignments->pdata[a], changes) ||
            !both_there(order, row, changes, from))
            return false;
        for (guint i = from; i < changes->len; i++) {
            const struct change *change = &g_array_index(changes, struct change, i);
            const struct item item = {
                .change = *change, .after = change->from, .outcome = OUTCOME_WOULD_CHANGE};
            if (given_twice(order, change))
                return false;
            add_forbidden(order, row, change);
            g_array_append_val(order->items, item);
        }
    }
    return true;
}

/* Once, whatever the number of domains. */
static void say_one_scope(const struct order *order)
{
    const struct options *options = order->options;
    const char *word = options->live     ? "--live"
                       : options->config ? "--config"
                       : options->both   ? "--both"
                                         : NULL;
    for (guint k = 0; word && k < order->keys->len; k++) {
        struct row row;
        const struct domain_key *key = &g_array_index(order->keys, struct domain_key, k);
        if (!model_find(session_model(order->session), key, &row) ||
            !(row.snapshot->backend->flags & BACKEND_ONE_SCOPE))
            continue;
        out_message("%s has one set of values, live and persistent alike: %s means it",
                    row.snapshot->backend->title, word);
        return;
    }
}

bool order_parse(struct order *order)
{
    say_one_scope(order);
    for (guint k = 0; k < order->keys->len; k++) {
        struct row row;
        if (!order_row(order, &g_array_index(order->keys, struct domain_key, k), &row) ||
            !parse_domain(order, &row))
            return false;
    }
    return true;
}

/* --- what it must be now --------------------------------------------------------------------- */

static bool as_expected(struct order *order, const struct row *row, const struct change *change)
{
    char is[SIZE_TEXT_MAX], expected[SIZE_TEXT_MAX];
    const struct tunable *tunable = change->tunable;
    if (change_is_noop(change))
        return true;
    order_fail(order, STATUS_CONFLICT, "%s: %s %s is %s, not %s as expected: nothing was written",
               row->domain->identity->name, tunable->name,
               change->scope == SCOPE_LIVE ? "live" : "config",
               size_format_value(change->from, tunable->unit, tunable->choices, is),
               size_format_value(change->to, tunable->unit, tunable->choices, expected));
    return false;
}

static bool domain_as_expected(struct order *order, const struct row *row)
{
    g_autoptr(GArray) changes = g_array_new(FALSE, TRUE, sizeof(struct change));
    for (char **expect = order->options->expect; expect && *expect; expect++) {
        if (!strchr(*expect, '=')) {
            order_fail(order, STATUS_USAGE, "--expect %s: write NAME=VALUE", *expect);
            return false;
        }
        if (!parse_one(order, row, *expect, changes))
            return false;
    }
    for (guint i = 0; i < changes->len; i++)
        if (!as_expected(order, row, &g_array_index(changes, struct change, i)))
            return false;
    return true;
}

bool order_expect(struct order *order)
{
    bool ok = true;
    for (guint k = 0; ok && k < order->keys->len; k++) {
        struct row row;
        ok = order_row(order, &g_array_index(order->keys, struct domain_key, k), &row) &&
             domain_as_expected(order, &row);
    }
    for (guint i = 0; !ok && order->status == STATUS_CONFLICT && i < order->items->len; i++)
        g_array_index(order->items, struct item, i).outcome = OUTCOME_CONFLICT;
    return ok;
}

void order_narrow(struct order *order)
{
    const struct options *options = order->options;
    for (guint i = 0; i < order->items->len; i++) {
        struct item *item = &g_array_index(order->items, struct item, i);
        struct value from = item->change.from;
        struct value to = tunable_round(item->change.tunable, item->change.to);
        bool comparable = value_known(from) && from.kind != VALUE_UNSET;
        int direction = comparable ? value_compare(to, from) : 0;
        if (item->outcome != OUTCOME_WOULD_CHANGE)
            continue;
        if (change_is_noop(&item->change)) {
            item->outcome = OUTCOME_UNCHANGED;
        } else if (options->only_raise && direction < 0) {
            item->outcome = OUTCOME_UNCHANGED;
            item->text = g_strdup("is higher already");
        } else if (options->only_lower && direction > 0) {
            item->outcome = OUTCOME_UNCHANGED;
            item->text = g_strdup("is lower already");
        }
    }
}

/* --- checks ----------------------------------------------------------------------------------- */

bool order_allows(const struct order *order, const char *word)
{
    if (!order->options->allow)
        return false;
    g_auto(GStrv) words = g_strsplit_set(order->options->allow, ", ", -1);
    return g_strv_contains((const char *const *)words, word);
}

static bool allowed(const struct order *order, const struct finding *finding)
{
    return finding->severity != SEVERITY_REFUSE &&
           (order_allows(order, severity_name(finding->severity)) ||
            order_allows(order, finding->code));
}

static bool told_already(const struct order *order, const struct domain_key *key,
                         const struct finding *finding)
{
    for (guint i = 0; i < order->found->len; i++) {
        struct found *other = &g_array_index(order->found, struct found, i);
        if (domain_key_equal(&other->key, key) && other->tunable == finding->tunable &&
            strcmp(other->text, finding->text) == 0) {
            other->scope |= finding->scope;
            return true;
        }
    }
    return false;
}

/* True where it stands in the way. */
static bool take_finding(struct order *order, const struct domain_key *key,
                         const struct finding *finding)
{
    struct found found = {.key = *key,
                          .severity = finding->severity,
                          .scope = finding->scope,
                          .tunable = finding->tunable,
                          .safe = finding->safe,
                          .safe_is_most = finding->safe_is_most,
                          .allowed = allowed(order, finding)};
    bool stops = finding->severity >= SEVERITY_DANGER && !found.allowed;
    if (!told_already(order, key, finding)) {
        g_strlcpy(found.code, finding->code, sizeof found.code);
        found.text = g_strdup(finding->text);
        g_array_append_val(order->found, found);
    }
    return stops;
}

/* False where what is lowered cannot go down in steps. */
static bool may_shrink(struct order *order, const struct row *row, const GArray *changes)
{
    struct step_list *steps = step_list_new();
    g_autoptr(GError) error = NULL;
    bool may = !order->options->safe_shrink ||
               shrink_plan(row->snapshot, row->domain, (const struct change *)(void *)changes->data,
                           changes->len, steps, &error);
    if (!may) {
        struct found found = {.key = row->key,
                              .severity = SEVERITY_REFUSE,
                              .scope = SCOPE_LIVE,
                              .code = "no_safe_shrink",
                              .text = g_strdup(error->message)};
        g_array_append_val(order->found, found);
    }
    step_list_free(steps);
    return may;
}

static void mark_refused(struct order *order, const struct domain_key *key)
{
    for (guint i = 0; i < order->items->len; i++) {
        struct item *item = &g_array_index(order->items, struct item, i);
        if (item->outcome == OUTCOME_WOULD_CHANGE && domain_key_equal(&item->change.key, key))
            item->outcome = OUTCOME_REFUSED;
    }
}

static bool judge_domain(struct order *order, const struct row *row)
{
    g_autoptr(GArray) changes = g_array_new(FALSE, TRUE, sizeof(struct change));
    bool stopped = false;
    for (guint i = 0; i < order->items->len; i++) {
        const struct item *item = &g_array_index(order->items, struct item, i);
        if (item->outcome == OUTCOME_WOULD_CHANGE && domain_key_equal(&item->change.key, &row->key))
            g_array_append_val(changes, item->change);
    }
    if (changes->len == 0)
        return true;
    struct findings *findings = findings_new();
    checks_run(row->snapshot, row->domain, (const struct change *)(void *)changes->data,
               changes->len, findings);
    for (size_t i = 0; i < findings_count(findings); i++)
        stopped |= take_finding(order, &row->key, findings_get(findings, i));
    findings_free(findings);
    stopped |= !stopped && !may_shrink(order, row, changes);
    if (stopped)
        mark_refused(order, &row->key);
    return !stopped;
}

bool order_judge(struct order *order)
{
    bool ok = true;
    for (guint k = 0; k < order->keys->len; k++) {
        struct row row;
        ok &= order_row(order, &g_array_index(order->keys, struct domain_key, k), &row) &&
              judge_domain(order, &row);
    }
    if (!ok && order->status == STATUS_DONE)
        order->status = STATUS_UNSAFE;
    return ok;
}
