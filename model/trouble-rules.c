/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/trouble-rules.h"

#include "model/backend.h"
#include "model/size.h"
#include "model/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define DAY 86400
#define SHOWN_SECONDS 3600 /* a time to the wall is worth a word below an hour */
#define STALLED 500        /* PSI full, hundredths of a percent */
#define LATE_NS (UINT64_C(300) * 1000000000)
#define ON_ITS_WAY_NS (UINT64_C(10) * 1000000000)

/* What is said: `brief` has room for 14 columns. */
struct words {
    char why[160];
    char brief[16];
};

struct rule {
    enum trouble_rank rank;
    char mark;
    const char *code;
    bool (*holds)(const struct trouble_case *c, const struct trouble *trouble, struct words *words);
};

G_GNUC_PRINTF(2, 3) static bool say(struct words *words, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(words->why, sizeof words->why, format, args);
    va_end(args);
    return true;
}

G_GNUC_PRINTF(2, 3) static bool shortly(struct words *words, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(words->brief, sizeof words->brief, format, args);
    va_end(args);
    return true;
}

static bool figure(const struct trouble_case *c, int role, uint64_t *number)
{
    return value_get(snapshot_figure(c->snapshot, c->domain, role), number);
}

static struct value live_of(const struct trouble_case *c, enum role role)
{
    const struct setting *setting = snapshot_role(c->snapshot, c->domain, role);
    return setting ? setting->live : value_unsupported(NULL);
}

/* "48G" for what is whole, "37.5G" for what is not. */
static const char *tidy(uint64_t bytes, char text[SIZE_TEXT_MAX])
{
    size_format_short(bytes, text);
    char *point = strstr(text, ".0");
    if (point && g_ascii_isalpha(point[2]) && bytes % (UINT64_C(1) << 20) == 0)
        memmove(point, point + 2, strlen(point + 2) + 1);
    return text;
}

static const char *local_time(int64_t when, char text[8])
{
    struct tm tm;
    time_t seconds = (time_t)when;
    if (!localtime_r(&seconds, &tm) || !strftime(text, 8, "%H:%M", &tm))
        strcpy(text, "?");
    return text;
}

static const char *span(int64_t seconds, char text[24])
{
    if (seconds < 30)
        snprintf(text, 24, "%d s", (int)seconds);
    else if (seconds < 5400)
        snprintf(text, 24, "%d min", (int)((seconds + 30) / 60));
    else
        snprintf(text, 24, "%d h", (int)((seconds + 1800) / 3600));
    return text;
}

/* "; kill in ~32 min", or nothing. */
static const char *soon(const struct trouble *trouble, const char *word, char text[48])
{
    char time[24];
    text[0] = '\0';
    if (trouble->wall.kind == WALL_KILLS && trouble->seconds_left >= 0 &&
        trouble->seconds_left <= SHOWN_SECONDS)
        snprintf(text, 48, "; %s ~%s", word, span(trouble->seconds_left, time));
    return text;
}

/* --- killed ------------------------------------------------------------------------------ */

static bool oom_killed(const struct trouble_case *c, const struct trouble *trouble,
                       struct words *words)
{
    int64_t last;
    uint64_t recorded, kills = history_growth(c->history, HISTORY_OOM_KILLS, &last);
    char time[8], more[48];
    if (figure(c, FIGURE_OOM_TIME, &recorded) && (int64_t)recorded > c->clock->now - DAY &&
        (int64_t)recorded >= last) {
        last = (int64_t)recorded;
        figure(c, FIGURE_OOM_KILLS, &kills);
    }
    if (!last || last <= c->clock->now - DAY)
        return false;
    local_time(last, time);
    soon(trouble, "full", more);
    shortly(words, "oom-kill %s", time);
    if (kills > 1)
        return say(words, "%" G_GUINT64_FORMAT " oom-kills, last %s%s", kills, time, more);
    return say(words, "oom-kill %s%s", time, more);
}

/* Ends that somebody wanted: see struct identity. */
static bool is_wanted_end(const char *reason)
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

static bool died(const struct trouble_case *c, const struct trouble *trouble, struct words *words)
{
    const struct identity *identity = c->domain->identity;
    char time[8] = "";
    bool crashed = identity->state == DOMAIN_CRASHED;
    if (c->active || (!crashed && (!identity->ended || is_wanted_end(identity->ended))))
        return false;
    if (identity->ended_time <= c->clock->now - DAY) /* also 0: nobody knows when */
        return false;
    local_time(identity->ended_time, time);
    shortly(words, "died %s", time);
    if (!identity->ended)
        return say(words, "crashed %s", time);
    return say(words, "%s: %s", words->brief, value_reason_text(value_unknown(identity->ended)));
}

/* --- slowed, failing --------------------------------------------------------------------- */

/* Reclaim of file pages raises the same counter and stalls nobody: only what is needed counts. */
static bool only_cache_is_reclaimed(const struct trouble_case *c, const struct trouble *trouble)
{
    uint64_t soft, needed;
    return value_get(live_of(c, ROLE_SOFT), &soft) && value_get(trouble->needed, &needed) &&
           (double)needed < 0.9 * (double)soft;
}

static bool throttled(const struct trouble_case *c, const struct trouble *trouble,
                      struct words *words)
{
    double rate = history_rate(c->history, HISTORY_THROTTLED, 10);
    char more[48];
    if (!c->active || rate < 1 || only_cache_is_reclaimed(c, trouble))
        return false;
    shortly(words, "throttled %.0f/s", MIN(rate, 99));
    return say(words, "throttled %.0f/s%s", rate, soon(trouble, "kill in", more));
}

static bool stalled(const struct trouble_case *c, const struct trouble *trouble,
                    struct words *words)
{
    uint64_t full;
    char more[48];
    if (!c->active || !figure(c, FIGURE_PSI_FULL, &full) || full < STALLED)
        return false;
    shortly(words, "stalled %d %%", (int)MIN(full / 100, 100));
    return say(words, "stalled %d %% of the time%s", (int)(full / 100),
               soon(trouble, "kill in", more));
}

/* "privvm" of privvmpages: which counter it was. */
static void counter_name(const struct trouble_case *c, char name[16])
{
    const struct figure *rows = c->snapshot->backend->figures;
    int index = figure_by_role(rows, FIGURE_MALLOC_FAILS);
    const char *group = index >= 0 && rows[index].group ? rows[index].group : "malloc";
    g_strlcpy(name, group, 16);
    if (g_str_has_suffix(name, "pages"))
        name[strlen(name) - strlen("pages")] = '\0';
}

static bool malloc_fails(const struct trouble_case *c, const struct trouble *trouble,
                         struct words *words)
{
    int64_t last;
    char name[16];
    uint64_t fails = history_growth(c->history, HISTORY_MALLOC_FAILS, &last);
    if (!c->active || !fails || c->clock->now - last > 60)
        return false;
    counter_name(c, name);
    shortly(words, "malloc fails");
    return say(words, "malloc fails: %s fail +%" G_GUINT64_FORMAT, name, fails);
}

/* --- walls ------------------------------------------------------------------------------- */

static void say_left(const struct trouble *trouble, struct words *words)
{
    char time[24], left[SIZE_TEXT_MAX], more[48];
    uint64_t bytes = (uint64_t)MAX(trouble->wall.left, 0);
    if (trouble->percent_left >= 5 && trouble->seconds_left >= 0 &&
        trouble->seconds_left <= SHOWN_SECONDS && trouble->wall.kind == WALL_KILLS) {
        span(trouble->seconds_left, time);
        shortly(words, "kill ~%s", time);
        say(words, "kill in ~%s; %s left of %s", time, size_format_short(bytes, left),
            trouble->wall.owner);
        return;
    }
    shortly(words, "%d %% left", trouble->percent_left);
    say(words, "%d %% left of %s%s", trouble->percent_left, trouble->wall.owner,
        soon(trouble, "kill in", more));
}

static bool near_killing_wall(const struct trouble_case *c, const struct trouble *trouble,
                              struct words *words)
{
    if (!c->near || trouble->wall.kind != WALL_KILLS)
        return false;
    say_left(trouble, words);
    return true;
}

static bool limit_below_size(const struct trouble_case *c, const struct trouble *trouble,
                             struct words *words)
{
    uint64_t limit, size, swapped;
    char a[SIZE_TEXT_MAX], b[SIZE_TEXT_MAX], s[SIZE_TEXT_MAX];
    if (!c->active || !value_get(live_of(c, ROLE_LIMIT_SLOW), &limit))
        return false;
    if (!value_get(live_of(c, ROLE_MAXIMUM), &size) && !figure(c, FIGURE_MAXIMUM, &size) &&
        !figure(c, FIGURE_SIZE, &size))
        return false;
    if (limit >= size)
        return false;
    shortly(words, "limit < size");
    say(words, "limit %s < size %s", tidy(limit, a), tidy(size, b));
    if (figure(c, FIGURE_SWAP, &swapped) && swapped) {
        size_t length = strlen(words->why);
        snprintf(words->why + length, sizeof words->why - length, ": swaps %s",
                 size_format_short(swapped, s));
    }
    return true;
}

static bool near_other_wall(const struct trouble_case *c, const struct trouble *trouble,
                            struct words *words)
{
    enum wall_kind kind = trouble->wall.kind;
    if (!c->near || (kind != WALL_SLOWS && kind != WALL_FAILS))
        return false;
    say_left(trouble, words);
    return true;
}

static bool low_left(const struct trouble_case *c, const struct trouble *trouble,
                     struct words *words)
{
    if (!c->low || trouble->wall.kind == WALL_HOST)
        return false;
    say_left(trouble, words);
    return true;
}

static bool host_low(const struct trouble_case *c, const struct trouble *trouble,
                     struct words *words)
{
    if (!c->near || trouble->wall.kind != WALL_HOST)
        return false;
    say_left(trouble, words);
    return true;
}

/* --- stale ------------------------------------------------------------------------------- */

static bool not_answering(const struct trouble_case *c, const struct trouble *trouble,
                          struct words *words)
{
    if (!trouble->stale)
        return false;
    shortly(words, "not answering");
    say(words, "not answering");
    if (c->near && trouble->wall.kind == WALL_KILLS)
        say(words, "not answering; %d %% left of %s", trouble->percent_left, trouble->wall.owner);
    return true;
}

static bool not_read(const struct trouble_case *c, const struct trouble *trouble,
                     struct words *words)
{
    static const char *const codes[] = {"not_answering", "timeout", "busy"};
    struct value held = snapshot_figure(c->snapshot, c->domain, FIGURE_HELD);
    char code[24];
    if (c->domain->identity->state == DOMAIN_INACCESSIBLE)
        return shortly(words, "inaccessible") && say(words, "inaccessible");
    if (!c->active || held.kind != VALUE_UNKNOWN)
        return false;
    value_reason_code(held, code, sizeof code);
    for (size_t i = 0; i < G_N_ELEMENTS(codes); i++)
        if (strcmp(code, codes[i]) == 0)
            return shortly(words, "not answering") &&
                   say(words, "not answering: %s", value_reason_text(held));
    return false;
}

/* --- notes ------------------------------------------------------------------------------- */

static bool malloc_failed(const struct trouble_case *c, const struct trouble *trouble,
                          struct words *words)
{
    char name[16], full[48];
    uint64_t fails = history_growth(c->history, HISTORY_MALLOC_FAILS, NULL);
    if (!c->active || !fails)
        return false;
    counter_name(c, name);
    snprintf(full, sizeof full, "%s fail +%" G_GUINT64_FORMAT, name, fails);
    if (strlen(full) <= 14)
        shortly(words, "%s", full);
    else
        shortly(words, "%.6s +%" G_GUINT64_FORMAT, name, MIN(fails, 999999));
    return say(words, "%s", full);
}

static bool target_late(const struct trouble_case *c, const struct trouble *trouble,
                        struct words *words)
{
    uint64_t target, since_ns, size, waited_ns;
    char a[SIZE_TEXT_MAX], b[SIZE_TEXT_MAX], time[24];
    if (!c->active || !history_target(c->history, &target, &since_ns))
        return false;
    waited_ns = c->clock->now_ns - MIN(since_ns, c->clock->now_ns);
    if (waited_ns < ON_ITS_WAY_NS)
        return false;
    span((int64_t)(waited_ns / 1000000000), time);
    size_format_short(target, a);
    if (waited_ns >= LATE_NS)
        return shortly(words, "target late") && say(words, "target %s not reached in %s", a, time);
    if (!figure(c, FIGURE_SIZE, &size) && !figure(c, FIGURE_HELD, &size))
        return false;
    return shortly(words, "to %s", a) &&
           say(words, "balloon to %s: %s now, %s", a, size_format_short(size, b), time);
}

static bool no_statistics(const struct trouble_case *c, const struct trouble *trouble,
                          struct words *words)
{
    const struct setting *setting = snapshot_role(c->snapshot, c->domain, ROLE_STATS_PERIOD);
    uint64_t period;
    if (!c->active || !setting ||
        value_known(snapshot_figure(c->snapshot, c->domain, FIGURE_GUEST)))
        return false;
    if (setting->live.kind != VALUE_UNSET && (!value_get(setting->live, &period) || period))
        return false;
    return shortly(words, "stats period 0") && say(words, "no guest numbers: stats period 0");
}

static bool say_differs(const struct tunable *row, struct value config, struct words *words)
{
    char text[SIZE_TEXT_MAX], name[32];
    if (config.kind == VALUE_NUMBER && row->unit == UNIT_BYTES)
        size_format_short(config.number, text);
    else if (config.kind == VALUE_UNSET)
        strcpy(text, "none");
    else
        size_format_value(config, row->unit, row->choices, text);
    if (row->role == ROLE_SWAPPINESS)
        return shortly(words, "swappiness %.3s", text) &&
               say(words, "swappiness %s not applied", text);
    if (row->wall != WALL_NONE && row->role != ROLE_SOFT)
        return shortly(words, "config %.7s", text) && say(words, "config %s", text);
    g_strlcpy(name, row->label ? row->label : row->name, sizeof name);
    name[0] = g_ascii_islower(name[1]) ? g_ascii_tolower(name[0]) : name[0];
    return shortly(words, "config %.7s", text) && say(words, "config %s %s", name, text);
}

static bool config_differs(const struct trouble_case *c, const struct trouble *trouble,
                           struct words *words)
{
    const struct tunable *row = c->snapshot->backend->tunables;
    const struct setting *settings = c->domain->settings;
    if (!c->active)
        return false;
    if (trouble->differs)
        return say_differs(c->limit.tunable, settings[c->limit.tunable - row].config, words);
    for (size_t i = 0; row[i].name; i++)
        if (trouble_differs(&row[i], &settings[i]))
            return say_differs(&row[i], settings[i].config, words);
    return false;
}

static bool hugepages(const struct trouble_case *c, const struct trouble *trouble,
                      struct words *words)
{
    uint64_t bytes;
    char text[SIZE_TEXT_MAX];
    if (!c->active || !figure(c, FIGURE_HUGEPAGES, &bytes) || !bytes)
        return false;
    tidy(bytes, text);
    return shortly(words, "huge %s", text) && say(words, "hugepages %s", text);
}

static bool cache_throttled(const struct trouble_case *c, const struct trouble *trouble,
                            struct words *words)
{
    double rate = history_rate(c->history, HISTORY_THROTTLED, 10);
    if (!c->active || rate < 1 || !only_cache_is_reclaimed(c, trouble))
        return false;
    return shortly(words, "cache reclaim") && say(words, "page cache reclaimed %.0f/s", rate);
}

static bool oom_killed_before(const struct trouble_case *c, const struct trouble *trouble,
                              struct words *words)
{
    uint64_t kills;
    if (!c->active || !figure(c, FIGURE_OOM_KILLS, &kills) || !kills)
        return false;
    shortly(words, "oom-kills %d", (int)MIN(kills, 9999));
    return say(words, "%" G_GUINT64_FORMAT " oom-kill%s since its start, time not known", kills,
               kills == 1 ? "" : "s");
}

/* It failed, and nobody knows when: too old for a death of today, and still worth a word. */
static bool failed_before(const struct trouble_case *c, const struct trouble *trouble,
                          struct words *words)
{
    const struct identity *identity = c->domain->identity;
    bool crashed = identity->state == DOMAIN_CRASHED;
    if (c->active || identity->ended_time || (!identity->ended && !crashed) ||
        (identity->ended && is_wanted_end(identity->ended)))
        return false;
    shortly(words, "failed");
    return say(words, "%s",
               identity->ended ? value_reason_text(value_unknown(identity->ended)) : "it crashed");
}

static bool is_template(const struct trouble_case *c, const struct trouble *trouble,
                        struct words *words)
{
    return c->domain->identity->state == DOMAIN_TEMPLATE && shortly(words, "template") &&
           say(words, "template");
}

static bool vanished(const struct trouble_case *c, const struct trouble *trouble,
                     struct words *words)
{
    const struct identity *identity = c->domain->identity;
    if (identity->state != DOMAIN_GONE)
        return false;
    shortly(words, "gone");
    if (identity->ended)
        return say(words, "gone: %s", value_reason_text(value_unknown(identity->ended)));
    return say(words, "gone");
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
    {TROUBLE_NOTE,      ' ', "low_left",         low_left},
    {TROUBLE_NOTE,      ' ', "malloc_failed",    malloc_failed},
    {TROUBLE_NOTE,      ' ', "target_late",      target_late},
    {TROUBLE_NOTE,      ' ', "host_low",         host_low},
    {TROUBLE_NOTE,      ' ', "config_differs",   config_differs},
    {TROUBLE_NOTE,      ' ', "no_statistics",    no_statistics},
    {TROUBLE_NOTE,      ' ', "oom_kills_before", oom_killed_before},
    {TROUBLE_NOTE,      ' ', "hugepages",        hugepages},
    {TROUBLE_NOTE,      ' ', "cache_reclaimed",  cache_throttled},
    {TROUBLE_NOTE,      ' ', "failed_before",    failed_before},
    {TROUBLE_NOTE,      ' ', "template",         is_template},
    {TROUBLE_NOTE,      ' ', "gone",             vanished},
};
/* clang-format on */

void trouble_judge(const struct trouble_case *c, struct trouble *trouble)
{
    for (size_t i = 0; i < G_N_ELEMENTS(rules); i++) {
        struct words words = {"", ""};
        if (!rules[i].holds(c, trouble, &words))
            continue;
        trouble->rank = rules[i].rank;
        trouble->mark = rules[i].mark;
        g_strlcpy(trouble->code, rules[i].code, sizeof trouble->code);
        g_autofree char *clean = text_clean(words.why);
        g_strlcpy(trouble->why, clean, sizeof trouble->why);
        const char *end; /* not in the middle of a character */
        if (!g_utf8_validate(trouble->why, -1, &end))
            trouble->why[end - trouble->why] = '\0';
        g_strlcpy(trouble->brief, words.brief, sizeof trouble->brief);
        return;
    }
}
