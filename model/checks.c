/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/checks-parts.h"
#include "model/size.h"

#include <string.h>

/* clang-format off */
static const char *const words[ROLE_COUNT_] = {
    [ROLE_HARD]       = "hard limit",
    [ROLE_SOFT]       = "soft limit",
    [ROLE_MEMSW]      = "memory+swap limit",
    [ROLE_SWAP]       = "swap limit",
    [ROLE_GUARANTEE]  = "guarantee",
    [ROLE_TARGET]     = "target",
    [ROLE_MAXIMUM]    = "maximum",
    [ROLE_LIMIT_SLOW] = "limit",
};

/* The first may not be above the second. */
static const struct pair {
    enum role low, high;
    bool unlimited_counts; /* a first without limit is above any number */
    bool follows; /* a lowered second takes the first along at the next start: its backend says so */
    const char *code;
} pairs[] = {
    {ROLE_SOFT,      ROLE_HARD,       false, false, "soft_above_hard"},
    {ROLE_HARD,      ROLE_MEMSW,      true,  false, "hard_above_memsw"},
    {ROLE_GUARANTEE, ROLE_HARD,       false, false, "guarantee_above_hard"},
    {ROLE_GUARANTEE, ROLE_LIMIT_SLOW, false, false, "guarantee_above_limit"},
    {ROLE_GUARANTEE, ROLE_MAXIMUM,    false, false, "guarantee_above_maximum"},
    {ROLE_TARGET,    ROLE_MAXIMUM,    false, true,  "target_above_maximum"},
};

static const struct {
    enum role role;
    const char *code, *text;
} zeros[] = {
    {ROLE_HARD,   "hard_zero",   "a hard limit of 0 kills it at once"},
    {ROLE_SOFT,   "soft_zero",   "a soft limit of 0 pushes all of it out to swap"},
    {ROLE_TARGET, "target_zero", "a target of 0 takes everything from the guest"},
};
/* clang-format on */

const char *role_words(enum role role)
{
    return words[role] ? words[role] : "value";
}

static struct value value_in(const struct setting *setting, enum scope scope)
{
    return scope == SCOPE_CONFIG ? setting->config : setting->live;
}

static const struct change *change_of(const struct change *changes, size_t n,
                                      const struct tunable *tunable, enum scope scope)
{
    for (size_t i = n; tunable && i-- > 0;) {
        if (changes[i].tunable == tunable && changes[i].scope == scope)
            return &changes[i];
    }
    return NULL;
}

struct value checks_after(const struct snapshot *snapshot, const struct domain *domain,
                          const struct change *changes, size_t n, const struct tunable *tunable,
                          enum scope scope)
{
    const struct change *change = change_of(changes, n, tunable, scope);

    if (change)
        return tunable_round(tunable, change->to);
    return value_in(snapshot_setting(snapshot, domain, tunable), scope);
}

struct value trial_role(const struct trial *trial, enum role role, enum scope scope)
{
    const struct tunable *row = tunable_by_role(trial->snapshot->backend->tunables, role);

    return checks_after(trial->snapshot, trial->domain, trial->changes, trial->n, row, scope);
}

static void check_writable(const struct trial *trial, const struct change *change)
{
    const struct tunable *row = change->tunable;
    const struct setting *setting = snapshot_setting(trial->snapshot, trial->domain, row);
    const char *reason = "it cannot be written now";

    if (row->scopes & setting->writable & change->scope)
        return;
    if (setting->why_not)
        reason = value_reason_text(value_unsupported(setting->why_not));
    else if (!value_known(value_in(setting, change->scope)))
        reason = value_reason_text(value_in(setting, change->scope));
    findings_add(trial->findings, SEVERITY_REFUSE, change, "not_writable", "%s", reason);
}

/* Changes can come from a file: their values have not all been through the parser. */
static const char *bad_value(const struct tunable *row, struct value value)
{
    size_t n_choices =
        row->choices ? g_strv_length((char **)row->choices) : (row->unit == UNIT_FLAG ? 2 : 0);

    switch ((enum value_kind)value.kind) {
    case VALUE_UNKNOWN:
    case VALUE_UNSUPPORTED:
        return "this is no value that could be written";
    case VALUE_UNSET:
        return row->unset ? NULL : "it cannot be taken away, only set";
    case VALUE_UNLIMITED:
        return row->unlimited ? NULL : "it cannot be unlimited";
    case VALUE_CHOICE:
        return value.choice < n_choices ? NULL : "this is none of its choices";
    case VALUE_NUMBER:
        if (value.number < row->min)
            return "this is below the least it can be";
        if (row->max && value.number > row->max)
            return "this is above the most it can be";
        if (row->step > 1 && value.number % row->step)
            return "this is not a multiple of its step";
        return NULL;
    }
    return NULL;
}

static void check_value(const struct trial *trial, const struct change *change)
{
    struct value rounded = tunable_round(change->tunable, change->to);
    const char *bad = bad_value(change->tunable, change->to);
    uint64_t number;

    if (bad)
        findings_add(trial->findings, SEVERITY_REFUSE, change, "bad_value", "%s", bad);
    for (size_t i = 0; i < G_N_ELEMENTS(zeros); i++) {
        if (change->tunable->role == zeros[i].role && value_get(rounded, &number) && !number)
            findings_add(trial->findings, SEVERITY_REFUSE, change, zeros[i].code, "%s",
                         zeros[i].text);
    }
}

/* By how much the first is above the second; 0 where it is not, or where one is not known. */
static uint64_t excess(const struct pair *pair, struct value low, struct value high)
{
    uint64_t below, above;

    if (!value_get(high, &above))
        return 0;
    if (low.kind == VALUE_UNLIMITED && pair->unlimited_counts)
        return UINT64_MAX;
    return value_get(low, &below) && below > above ? below - above : 0;
}

static void check_soft_room(const struct trial *trial, const struct change *change,
                            struct value low, struct value high)
{
    uint64_t soft, hard;
    char text[SIZE_TEXT_MAX];

    if (!value_get(low, &soft) || !value_get(high, &hard) || !soft)
        return;
    if (soft == hard)
        findings_add(trial->findings, SEVERITY_WARN, change, "soft_never_reached",
                     "soft limit and hard limit are both %s: the soft limit is never reached",
                     size_format(soft, text));
    else if (soft < hard && hard - soft < hard / 100 * 3)
        findings_add(trial->findings, SEVERITY_NOTE, change, "soft_near_hard",
                     "leaves only %s between soft and hard limit to slow down in",
                     size_format(hard - soft, text));
}

/* A guarantee of one thing and a limit of another: allocations against RAM. */
static bool apart(const struct tunable *low, const struct tunable *high)
{
    return low->role == ROLE_GUARANTEE && low->wall_figure && high->wall_figure &&
           strcmp(low->wall_figure, high->wall_figure);
}

static void check_pair(const struct trial *trial, const struct pair *pair, enum scope scope)
{
    const struct tunable *table = trial->snapshot->backend->tunables;
    const struct tunable *low_row = tunable_by_role(table, pair->low);
    const struct tunable *high_row = tunable_by_role(table, pair->high);
    const struct change *change = change_of(trial->changes, trial->n, low_row, scope);
    char low_text[SIZE_TEXT_MAX], high_text[SIZE_TEXT_MAX];
    struct value low, high;
    uint64_t before, after;

    if (!change)
        change = change_of(trial->changes, trial->n, high_row, scope);
    if (!low_row || !high_row || !change || apart(low_row, high_row))
        return;
    if (pair->follows && scope == SCOPE_CONFIG && change->tunable == high_row)
        return;
    low = trial_role(trial, pair->low, scope);
    high = trial_role(trial, pair->high, scope);
    after = excess(pair, low, high);
    before =
        excess(pair, value_in(snapshot_setting(trial->snapshot, trial->domain, low_row), scope),
               value_in(snapshot_setting(trial->snapshot, trial->domain, high_row), scope));
    /* What makes a bad pair better must not be stopped for not being perfect. */
    if (after)
        findings_add(trial->findings, after < before ? SEVERITY_WARN : SEVERITY_REFUSE, change,
                     pair->code, "%s %s is above the %s %s", role_words(pair->low),
                     size_format_value(low, low_row->unit, low_row->choices, low_text),
                     role_words(pair->high),
                     size_format_value(high, high_row->unit, high_row->choices, high_text));
    else if (pair->low == ROLE_SOFT)
        check_soft_room(trial, change, low, high);
}

void checks_run(const struct snapshot *snapshot, const struct domain *domain,
                const struct change *changes, size_t n, struct findings *findings)
{
    const struct trial trial = {snapshot, domain, changes, n, findings};

    for (size_t i = 0; i < n; i++) {
        check_writable(&trial, &changes[i]);
        check_value(&trial, &changes[i]);
        if (!change_is_noop(&changes[i]))
            check_use(&trial, &changes[i]);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(pairs); i++) {
        check_pair(&trial, &pairs[i], SCOPE_LIVE);
        check_pair(&trial, &pairs[i], SCOPE_CONFIG);
    }
    if (snapshot->backend->check)
        snapshot->backend->check(snapshot, domain, changes, n, findings);
}
