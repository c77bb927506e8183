/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/part-state.h"

#include "model/size.h"
#include "model/text.h"

#include <string.h>

#define SIZE_SLACK (UINT64_C(1) << 20)

void item_decide(struct item *item, enum outcome outcome, const char *format, ...)
{
    va_list arguments;
    g_autofree char *raw = NULL;

    if (format != NULL) {
        va_start(arguments, format);
        raw = g_strdup_vprintf(format, arguments);
        va_end(arguments);
    }
    g_free(item->result.text);
    item->result.text = raw == NULL ? NULL : text_clean(raw);
    item->result.outcome = outcome;
    item->result.error =
        outcome == OUTCOME_CONFLICT ? BACKEND_ERROR_CONFLICT : BACKEND_ERROR_FAILED;
    item->decided = true;
    item->told = false;
}

void item_blame(struct item *item, const GError *error)
{
    item->result.error = backend_error_code(error);
}

struct value value_in(const struct snapshot *snapshot, const struct change *change)
{
    const struct domain *domain = snapshot_find(snapshot, &change->key);
    const struct setting *setting;

    if (domain == NULL || domain->identity->state == DOMAIN_GONE)
        return value_unknown("gone: the domain does not exist any more");
    setting = snapshot_setting(snapshot, domain, change->tunable);
    return change->scope == SCOPE_CONFIG ? setting->config : setting->live;
}

bool item_failed(const struct item *item)
{
    enum outcome outcome = item->result.outcome;

    return item->decided && (outcome == OUTCOME_FAILED || outcome == OUTCOME_CONFLICT ||
                             outcome == OUTCOME_SKIPPED || outcome == OUTCOME_REFUSED);
}

bool item_written(const struct item *item)
{
    enum outcome outcome = item->result.outcome;

    if (!item->sent || !item->decided)
        return false;
    if (outcome == OUTCOME_FAILED)
        return value_known(item->result.after) &&
               !value_equal(item->result.after, item->result.before);
    return outcome == OUTCOME_CHANGED || outcome == OUTCOME_ROUNDED || outcome == OUTCOME_PENDING;
}

/* A persistent value is text in a file, whatever the live one does. */
static enum readback how(const struct change *change)
{
    if (change->tunable->readback == READBACK_CONVERGES && change->scope == SCOPE_CONFIG)
        return READBACK_EXACT;
    return change->tunable->readback;
}

bool item_converging(const struct item *item)
{
    return item->sent && item->decided && item->result.outcome == OUTCOME_PENDING && !item->half &&
           !item->halted && how(&item->result.change) == READBACK_CONVERGES;
}

static const char *shown(const struct tunable *tunable, struct value value,
                         char text[SIZE_TEXT_MAX])
{
    return size_format_value(value, tunable->unit, tunable->choices, text);
}

static bool reached(const struct tunable *tunable, struct value is, struct value wanted)
{
    return value_equal(is, wanted) ||
           value_equal(tunable_round(tunable, is), tunable_round(tunable, wanted));
}

static uint64_t distance(uint64_t a, uint64_t b)
{
    return a > b ? a - b : b - a;
}

struct value size_in(const struct snapshot *snapshot, const struct change *change)
{
    const struct domain *domain = snapshot ? snapshot_find(snapshot, &change->key) : NULL;
    struct value size;

    if (domain == NULL || domain->identity->state == DOMAIN_GONE || change->scope != SCOPE_LIVE ||
        how(change) != READBACK_CONVERGES)
        return value_unknown(NULL);
    size = snapshot_figure(snapshot, domain, FIGURE_SIZE);
    return size.kind == VALUE_NUMBER ? size : value_in(snapshot, change);
}

/* Some guests keep a little more or less than they were asked to. */
bool size_reached(uint64_t size, uint64_t wanted)
{
    return distance(size, wanted) <= MAX(wanted / 200, SIZE_SLACK);
}

static void decide_on_its_way(struct item *item, struct value size)
{
    const struct change *change = &item->result.change;
    uint64_t before, now, to;
    char moved[SIZE_TEXT_MAX], whole[SIZE_TEXT_MAX];

    if (!value_get(item->size, &before) || !value_get(size, &now) || !value_get(change->to, &to)) {
        item_decide(item, OUTCOME_PENDING, "accepted, on its way");
        return;
    }
    /* Away from where it shall go is no progress. */
    if (distance(now, to) >= distance(before, to))
        now = before;
    shown(change->tunable, value_number(distance(before, now)), moved);
    shown(change->tunable, value_number(distance(before, to)), whole);
    item_decide(item, OUTCOME_PENDING, "%s of %s so far", moved, whole);
}

/* What was asked for is what reads, but the guest has not done it yet. */
static bool on_its_way(const struct item *item, struct value size)
{
    uint64_t now, to;

    return value_get(size, &now) && value_get(item->result.change.to, &to) &&
           !reached(item->result.change.tunable, size, item->result.change.to) &&
           !size_reached(now, to);
}

static void decide_accepted(struct item *item, struct value size)
{
    const struct tunable *tunable = item->result.change.tunable;
    struct value after = item->result.after, to = item->result.change.to;
    char text[SIZE_TEXT_MAX];

    if (on_its_way(item, size))
        decide_on_its_way(item, size);
    else if (value_equal(after, to))
        item_decide(item, OUTCOME_CHANGED, NULL);
    else if (reached(tunable, after, to))
        item_decide(item, OUTCOME_ROUNDED, "rounded to %s", shown(tunable, after, text));
    else if (how(&item->result.change) == READBACK_CONVERGES)
        decide_on_its_way(item, size);
    else
        item_decide(item, OUTCOME_FAILED, "accepted, but reads back %s",
                    shown(tunable, after, text));
}

/* The call failed: what it did nevertheless is told of each change by itself. */
static void decide_half(struct item *item)
{
    const struct result *result = &item->result;
    enum outcome outcome =
        item->call_code == BACKEND_ERROR_CONFLICT ? OUTCOME_CONFLICT : OUTCOME_FAILED;
    char text[SIZE_TEXT_MAX];

    if (how(&result->change) != READBACK_NONE &&
        reached(result->change.tunable, result->after, result->change.to))
        item_decide(item, OUTCOME_CHANGED, "changed, although the call failed half way: %s",
                    item->call_error);
    else if (value_known(result->after) && !value_equal(result->after, result->before))
        item_decide(item, outcome, "%s; reads %s now", item->call_error,
                    shown(result->change.tunable, result->after, text));
    else
        item_decide(item, outcome, "%s", item->call_error);
    if (result->outcome == outcome)
        item->result.error = item->call_code;
}

/* A count: what reads after it is what was counted since. */
static bool sets_back(const struct item *item)
{
    return item->result.change.to.kind == VALUE_CHOICE && item->result.before.kind == VALUE_NUMBER;
}

static struct value read_value(const struct item *item, const struct snapshot *snapshot)
{
    if (item->result.change.tunable->readback == READBACK_NONE && !sets_back(item))
        return value_unknown("no_readback: cannot be read back");
    if (snapshot == NULL)
        return value_unknown("not_read_back: could not be read back");
    return value_in(snapshot, &item->result.change);
}

/* Accepted, and what it is now cannot be told; but what the guest has can. */
static void decide_unread(struct item *item, struct value size)
{
    const char *why = value_reason_text(item->result.after);
    char code[24];

    value_reason_code(item->result.after, code, sizeof code);
    if (size.kind == VALUE_NUMBER && !on_its_way(item, size))
        item_decide(item, OUTCOME_CHANGED, "by what the guest has: %s", why);
    else if (size.kind == VALUE_NUMBER)
        decide_on_its_way(item, size);
    else if (strcmp(code, "no_readback") == 0)
        item_decide(item, OUTCOME_PENDING, "accepted, cannot be read back: %s", why);
    else
        item_decide(item, OUTCOME_FAILED, "accepted, but reads back as unknown: %s", why);
}

void item_read_back(struct item *item, const struct snapshot *snapshot, const char *unread)
{
    struct value size = size_in(snapshot, &item->result.change);

    item->result.after = read_value(item, snapshot);
    if (item->half)
        decide_half(item);
    else if (item->result.change.tunable->readback == READBACK_NONE &&
             value_known(item->result.after))
        item_decide(item, OUTCOME_CHANGED, NULL);
    else if (item->result.change.tunable->readback == READBACK_NONE)
        item_decide(item, OUTCOME_PENDING, "accepted, cannot be read back");
    else if (snapshot == NULL)
        item_decide(item, OUTCOME_PENDING, "accepted, but could not be read back: %s", unread);
    else if (!value_known(item->result.after))
        decide_unread(item, size);
    else
        decide_accepted(item, size);
}

static void decide_gone_back(struct item *item)
{
    g_autofree char *why = g_strdup(item->result.text);
    int code = item->result.error;

    if (item->result.outcome != OUTCOME_FAILED) {
        item_decide(item, OUTCOME_GONE_BACK, NULL);
        return;
    }
    item_decide(item, OUTCOME_FAILED, "%s; gone back", why);
    item->result.error = code;
}

void item_went_back(struct item *item, const struct snapshot *snapshot, const char *unread)
{
    struct result *result = &item->result;
    enum readback readback = how(&result->change);
    char text[SIZE_TEXT_MAX];

    if (snapshot != NULL)
        result->after = read_value(item, snapshot);
    if (readback != READBACK_NONE && snapshot != NULL &&
        reached(result->change.tunable, result->after, result->before))
        decide_gone_back(item);
    else if (item->half)
        item_decide(item, OUTCOME_CHANGED, "did not go back: %s", item->call_error);
    else if (readback == READBACK_NONE)
        item_decide(item, OUTCOME_GONE_BACK, "accepted, cannot be read back");
    else if (snapshot == NULL)
        item_decide(item, OUTCOME_CHANGED, "sent back, but could not be read back: %s", unread);
    else if (readback == READBACK_CONVERGES)
        item_decide(item, OUTCOME_GONE_BACK, "on its way back, reads %s now",
                    shown(result->change.tunable, result->after, text));
    else
        item_decide(item, OUTCOME_CHANGED, "sent back, but reads %s now",
                    shown(result->change.tunable, result->after, text));
}
