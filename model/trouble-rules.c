/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/trouble-words.h"

#include "model/backend.h"
#include "model/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define DAY 86400
#define STALLED 500 /* PSI full, hundredths of a percent */

/* --- killed ------------------------------------------------------------------------------ */

static bool oom_killed(const struct trouble_case *c, const struct trouble *trouble,
                       struct trouble_words *words)
{
    int64_t last;
    uint64_t recorded, kills = history_growth(c->history, HISTORY_OOM_KILLS, &last);
    char time[8], more[48];
    if (trouble_figure(c, FIGURE_OOM_TIME, &recorded) && (int64_t)recorded > c->clock->now - DAY &&
        (int64_t)recorded >= last) {
        last = (int64_t)recorded;
        trouble_figure(c, FIGURE_OOM_KILLS, &kills);
    }
    if (!last || last <= c->clock->now - DAY)
        return false;
    trouble_time(last, time);
    trouble_soon(trouble, "full", more);
    trouble_shortly(words, "oom-kill %s", time);
    if (kills > 1)
        return trouble_say(words, "%" G_GUINT64_FORMAT " oom-kills, last %s%s", kills, time, more);
    return trouble_say(words, "oom-kill %s%s", time, more);
}

/* Ends that somebody wanted: see struct identity. */
bool trouble_wanted_end(const char *reason)
{
    static const char *const wanted[] = {"shutdown",  "destroyed", "stopped", "migrated", "saved",
                                         "undefined", "suspended", "removed", "snapshot", "daemon"};
    for (size_t i = 0; i < G_N_ELEMENTS(wanted); i++) {
        size_t length = strlen(wanted[i]);
        if (strncmp(reason, wanted[i], length) == 0 && strchr(":", reason[length]))
            return true;
    }
    return false;
}

static bool died(const struct trouble_case *c, const struct trouble *trouble,
                 struct trouble_words *words)
{
    const struct identity *identity = c->domain->identity;
    char time[8] = "";
    bool crashed = identity->state == DOMAIN_CRASHED;
    if (c->active || (!crashed && (!identity->ended || trouble_wanted_end(identity->ended))))
        return false;
    if (identity->ended_time <= c->clock->now - DAY) /* also 0: nobody knows when */
        return false;
    trouble_time(identity->ended_time, time);
    trouble_shortly(words, "died %s", time);
    if (!identity->ended)
        return trouble_say(words, "crashed %s", time);
    return trouble_say(words, "%s: %s", words->brief,
                       value_reason_text(value_unknown(identity->ended)));
}

/* --- slowed, failing --------------------------------------------------------------------- */

/* Reclaim of file pages raises the same counter and stalls nobody: only what is needed counts. */
bool trouble_only_cache(const struct trouble_case *c, const struct trouble *trouble)
{
    uint64_t soft, needed;
    return value_get(trouble_live(c, ROLE_SOFT), &soft) && value_get(trouble->needed, &needed) &&
           (double)needed < 0.9 * (double)soft;
}

static bool throttled(const struct trouble_case *c, const struct trouble *trouble,
                      struct trouble_words *words)
{
    double rate = history_rate(c->history, HISTORY_THROTTLED, 10);
    char more[48];
    if (!c->active || rate < 1 || trouble_only_cache(c, trouble))
        return false;
    trouble_shortly(words, "throttled %.0f/s", MIN(rate, 99));
    return trouble_say(words, "throttled %.0f/s%s", rate, trouble_soon(trouble, "kill in", more));
}

static bool stalled(const struct trouble_case *c, const struct trouble *trouble,
                    struct trouble_words *words)
{
    uint64_t full;
    char more[48];
    if (!c->active || !trouble_figure(c, FIGURE_PSI_FULL, &full) || full < STALLED)
        return false;
    trouble_shortly(words, "stalled %d %%", (int)MIN(full / 100, 100));
    return trouble_say(words, "stalled %d %% of the time%s", (int)(full / 100),
                       trouble_soon(trouble, "kill in", more));
}

/* "privvm" of privvmpages: which counter it was. */
void trouble_counter_name(const struct trouble_case *c, char name[16])
{
    const struct figure *rows = c->snapshot->backend->figures;
    int index = figure_by_role(rows, FIGURE_MALLOC_FAILS);
    const char *group = index >= 0 && rows[index].group ? rows[index].group : "malloc";
    g_strlcpy(name, group, 16);
    if (g_str_has_suffix(name, "pages"))
        name[strlen(name) - strlen("pages")] = '\0';
}

static bool malloc_fails(const struct trouble_case *c, const struct trouble *trouble,
                         struct trouble_words *words)
{
    int64_t last;
    char name[16];
    uint64_t fails = history_growth(c->history, HISTORY_MALLOC_FAILS, &last);
    if (!c->active || !fails || c->clock->now - last > 60)
        return false;
    trouble_counter_name(c, name);
    trouble_shortly(words, "malloc fails");
    return trouble_say(words, "malloc fails: %s fail +%" G_GUINT64_FORMAT, name, fails);
}

/* --- walls ------------------------------------------------------------------------------- */

static bool near_killing_wall(const struct trouble_case *c, const struct trouble *trouble,
                              struct trouble_words *words)
{
    if (!c->near || trouble->wall.kind != WALL_KILLS)
        return false;
    trouble_say_left(c, trouble, words);
    return true;
}

static bool limit_below_size(const struct trouble_case *c, const struct trouble *trouble,
                             struct trouble_words *words)
{
    uint64_t limit, size, swapped;
    char a[SIZE_TEXT_MAX], b[SIZE_TEXT_MAX], s[SIZE_TEXT_MAX];
    if (!c->active || !value_get(trouble_live(c, ROLE_LIMIT_SLOW), &limit))
        return false;
    if (!value_get(trouble_live(c, ROLE_MAXIMUM), &size) &&
        !trouble_figure(c, FIGURE_MAXIMUM, &size) && !trouble_figure(c, FIGURE_SIZE, &size))
        return false;
    if (limit >= size)
        return false;
    trouble_shortly(words, "limit < size");
    trouble_say(words, "limit %s < size %s", trouble_tidy(limit, a), trouble_tidy(size, b));
    if (trouble_figure(c, FIGURE_SWAP, &swapped) && swapped) {
        size_t length = strlen(words->why);
        snprintf(words->why + length, sizeof words->why - length, ": swaps %s",
                 size_format_short(swapped, s));
    }
    return true;
}

static bool near_other_wall(const struct trouble_case *c, const struct trouble *trouble,
                            struct trouble_words *words)
{
    enum wall_kind kind = trouble->wall.kind;
    if (!c->near || (kind != WALL_SLOWS && kind != WALL_FAILS))
        return false;
    trouble_say_left(c, trouble, words);
    return true;
}

/* --- stale ------------------------------------------------------------------------------- */

static bool not_answering(const struct trouble_case *c, const struct trouble *trouble,
                          struct trouble_words *words)
{
    if (!trouble->stale)
        return false;
    trouble_shortly(words, "not answering");
    trouble_say(words, "not answering");
    if (c->near && trouble->wall.kind == WALL_KILLS)
        trouble_say(words, "not answering; %d %% left of %s", trouble->percent_left,
                    wall_owner(c->snapshot, &trouble->wall));
    return true;
}

static bool not_read(const struct trouble_case *c, const struct trouble *trouble,
                     struct trouble_words *words)
{
    static const char *const codes[] = {"not_answering", "timeout", "busy"};
    struct value held = snapshot_figure(c->snapshot, c->domain, FIGURE_HELD);
    char code[24];
    if (c->domain->identity->state == DOMAIN_INACCESSIBLE)
        return trouble_shortly(words, "inaccessible") && trouble_say(words, "inaccessible");
    if (!c->active || held.kind != VALUE_UNKNOWN)
        return false;
    value_reason_code(held, code, sizeof code);
    for (size_t i = 0; i < G_N_ELEMENTS(codes); i++)
        if (strcmp(code, codes[i]) == 0)
            return trouble_shortly(words, "not answering") &&
                   trouble_say(words, "not answering: %s", value_reason_text(held));
    return false;
}

/* An old picture says nothing of what is slow now: not_answering stands before the rest. */
/* clang-format off */
static const struct rule rules[] = {
    {TROUBLE_KILLED,    'X', "oom_kill",         oom_killed},
    {TROUBLE_KILLED,    'X', "died",             died},
    {TROUBLE_STALE,     '?', "stale",            not_answering},
    {TROUBLE_SLOWED,    '~', "throttled",        throttled},
    {TROUBLE_SLOWED,    '~', "stalled",          stalled},
    {TROUBLE_FAILING,   '!', "malloc_fails",     malloc_fails},
    {TROUBLE_NEAR,      '!', "near_limit",       near_killing_wall},
    {TROUBLE_SLOW_WALL, '!', "limit_below_size", limit_below_size},
    {TROUBLE_SLOW_WALL, '!', "near_slow_limit",  near_other_wall},
    {TROUBLE_STALE,     '?', "not_answering",    not_read},
    {0},
};
/* clang-format on */

/* The first of `rules` that holds. */
static bool judge_by(const struct rule *rule, const struct trouble_case *c, struct trouble *trouble)
{
    for (; rule->code; rule++) {
        struct trouble_words words = {"", ""};
        g_autofree char *clean = NULL;
        const char *end; /* not in the middle of a character */

        if (!rule->holds(c, trouble, &words))
            continue;
        trouble->rank = rule->rank;
        trouble->mark = rule->mark;
        g_strlcpy(trouble->code, rule->code, sizeof trouble->code);
        clean = text_clean(words.why);
        g_strlcpy(trouble->why, clean, sizeof trouble->why);
        if (!g_utf8_validate(trouble->why, -1, &end))
            trouble->why[end - trouble->why] = '\0';
        g_strlcpy(trouble->brief, words.brief, sizeof trouble->brief);
        return true;
    }
    return false;
}

void trouble_judge(const struct trouble_case *c, struct trouble *trouble)
{
    if (!judge_by(rules, c, trouble))
        judge_by(trouble_notes, c, trouble);
}
