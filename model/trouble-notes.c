/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/trouble-words.h"

#include "model/backend.h"

#include <stdio.h>
#include <string.h>

#define LATE_NS (UINT64_C(300) * 1000000000)
#define ON_ITS_WAY_NS (UINT64_C(10) * 1000000000)

static bool low_left(const struct trouble_case *c, const struct trouble *trouble,
                     struct trouble_words *words)
{
    if (!c->low || trouble->wall.kind == WALL_HOST)
        return false;
    trouble_say_left(c, trouble, words);
    return true;
}

static bool host_low(const struct trouble_case *c, const struct trouble *trouble,
                     struct trouble_words *words)
{
    if (!c->near || trouble->wall.kind != WALL_HOST)
        return false;
    trouble_say_left(c, trouble, words);
    return true;
}

static bool malloc_failed(const struct trouble_case *c, const struct trouble *trouble,
                          struct trouble_words *words)
{
    char name[16], full[48];
    uint64_t fails = history_growth(c->history, HISTORY_MALLOC_FAILS, NULL);
    if (!c->active || !fails)
        return false;
    trouble_counter_name(c, name);
    snprintf(full, sizeof full, "%s fail +%" G_GUINT64_FORMAT, name, fails);
    if (strlen(full) <= 14)
        trouble_shortly(words, "%s", full);
    else
        trouble_shortly(words, "%.6s +%" G_GUINT64_FORMAT, name, MIN(fails, 999999));
    return trouble_say(words, "%s", full);
}

static bool target_late(const struct trouble_case *c, const struct trouble *trouble,
                        struct trouble_words *words)
{
    uint64_t target, since_ns, size, waited_ns;
    char a[SIZE_TEXT_MAX], b[SIZE_TEXT_MAX], time[24];
    if (!c->active || !history_target(c->history, &target, &since_ns))
        return false;
    waited_ns = c->clock->now_ns - MIN(since_ns, c->clock->now_ns);
    if (waited_ns < ON_ITS_WAY_NS)
        return false;
    trouble_span((int64_t)(waited_ns / 1000000000), time);
    size_format_short(target, a);
    if (waited_ns >= LATE_NS)
        return trouble_shortly(words, "target late") &&
               trouble_say(words, "target %s not reached in %s", a, time);
    if (!trouble_figure(c, FIGURE_SIZE, &size) && !trouble_figure(c, FIGURE_HELD, &size))
        return false;
    return trouble_shortly(words, "to %s", a) &&
           trouble_say(words, "balloon to %s: %s now, %s", a, size_format_short(size, b), time);
}

static bool no_statistics(const struct trouble_case *c, const struct trouble *trouble,
                          struct trouble_words *words)
{
    const struct setting *setting = snapshot_role(c->snapshot, c->domain, ROLE_STATS_PERIOD);
    uint64_t period;
    if (!c->active || !setting ||
        value_known(snapshot_figure(c->snapshot, c->domain, FIGURE_GUEST)))
        return false;
    if (setting->live.kind != VALUE_UNSET && (!value_get(setting->live, &period) || period))
        return false;
    return trouble_shortly(words, "stats period 0") &&
           trouble_say(words, "no guest numbers: stats period 0");
}

static bool say_differs(const struct tunable *row, struct value config, struct trouble_words *words)
{
    char text[SIZE_TEXT_MAX], name[32];
    if (config.kind == VALUE_NUMBER && row->unit == UNIT_BYTES)
        size_format_short(config.number, text);
    else if (config.kind == VALUE_UNSET)
        strcpy(text, "none");
    else
        size_format_value(config, row->unit, row->choices, text);
    if (row->role == ROLE_SWAPPINESS)
        return trouble_shortly(words, "swappiness %.3s", text) &&
               trouble_say(words, "swappiness %s not applied", text);
    if (row->wall != WALL_NONE && row->role != ROLE_SOFT)
        return trouble_shortly(words, "config %.7s", text) && trouble_say(words, "config %s", text);
    g_strlcpy(name, row->label ? row->label : row->name, sizeof name);
    name[0] = g_ascii_islower(name[1]) ? g_ascii_tolower(name[0]) : name[0];
    return trouble_shortly(words, "config %.7s", text) &&
           trouble_say(words, "config %s %s", name, text);
}

static bool config_differs(const struct trouble_case *c, const struct trouble *trouble,
                           struct trouble_words *words)
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
                      struct trouble_words *words)
{
    uint64_t bytes;
    char text[SIZE_TEXT_MAX];
    if (!c->active || !trouble_figure(c, FIGURE_HUGEPAGES, &bytes) || !bytes)
        return false;
    trouble_tidy(bytes, text);
    return trouble_shortly(words, "huge %s", text) && trouble_say(words, "hugepages %s", text);
}

static bool cache_throttled(const struct trouble_case *c, const struct trouble *trouble,
                            struct trouble_words *words)
{
    double rate = history_rate(c->history, HISTORY_THROTTLED, 10);
    if (!c->active || rate < 1 || !trouble_only_cache(c, trouble))
        return false;
    return trouble_shortly(words, "cache reclaim") &&
           trouble_say(words, "page cache reclaimed %.0f/s", rate);
}

static bool oom_killed_before(const struct trouble_case *c, const struct trouble *trouble,
                              struct trouble_words *words)
{
    uint64_t kills;
    if (!c->active || !trouble_figure(c, FIGURE_OOM_KILLS, &kills) || !kills)
        return false;
    trouble_shortly(words, "oom-kills %d", (int)MIN(kills, 9999));
    return trouble_say(words, "%" G_GUINT64_FORMAT " oom-kill%s since its start, time not known",
                       kills, kills == 1 ? "" : "s");
}

/* It failed, and nobody knows when: too old for a death of today, and still worth a word. */
static bool failed_before(const struct trouble_case *c, const struct trouble *trouble,
                          struct trouble_words *words)
{
    const struct identity *identity = c->domain->identity;
    bool crashed = identity->state == DOMAIN_CRASHED;
    if (c->active || identity->ended_time || (!identity->ended && !crashed) ||
        (identity->ended && trouble_wanted_end(identity->ended)))
        return false;
    trouble_shortly(words, "failed");
    return trouble_say(words, "%s",
                       identity->ended ? value_reason_text(value_unknown(identity->ended))
                                       : "it crashed");
}

static bool is_template(const struct trouble_case *c, const struct trouble *trouble,
                        struct trouble_words *words)
{
    return c->domain->identity->state == DOMAIN_TEMPLATE && trouble_shortly(words, "template") &&
           trouble_say(words, "template");
}

static bool vanished(const struct trouble_case *c, const struct trouble *trouble,
                     struct trouble_words *words)
{
    const struct identity *identity = c->domain->identity;
    if (identity->state != DOMAIN_GONE)
        return false;
    trouble_shortly(words, "gone");
    if (identity->ended)
        return trouble_say(words, "gone: %s", value_reason_text(value_unknown(identity->ended)));
    return trouble_say(words, "gone");
}

/* clang-format off */
const struct rule trouble_notes[] = {
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
    {0},
};
/* clang-format on */
