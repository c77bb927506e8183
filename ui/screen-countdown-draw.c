/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/size.h"
#include "model/verdict.h"
#include "ui/change-words.h"
#include "ui/screen-countdown-private.h"
#include "ui/width.h"

#include <string.h>
#include <time.h>

#define LABEL 13
#define COLUMN 10
#define RED_PERCENT 5

/* --- what was written ---------------------------------------------------------------------- */

static const char *name_of(const struct countdown *countdown, const struct domain_key *key)
{
    struct row row;

    return model_find(app_model(countdown->screen.app), key, &row) ? row.domain->identity->name
                                                                   : "a domain that is gone";
}

static const struct guard_result *result_of(const struct guard_state *state, size_t change,
                                            bool saved)
{
    for (size_t i = 0; i < state->n_results; i++)
        if (state->results[i].change == change && state->results[i].saved == saved)
            return &state->results[i];
    return NULL;
}

/* How far the write is, as the job says. */
static char *written_text(const struct countdown *countdown, size_t i)
{
    const struct result *result = i < countdown->n_results ? &countdown->results[i] : NULL;
    g_autofree char *after = NULL;

    if (!result || (result->outcome == OUTCOME_SKIPPED && !result->text))
        return g_strdup(countdown->written ? "being written" : "not written yet");
    if (result->text)
        return g_strdup_printf("%s: %s", outcome_name(result->outcome), result->text);
    after = words_value(result->change.tunable, result->after);
    return g_strdup_printf("read back %s", after);
}

static void fill_change(const struct countdown *countdown, size_t i, bool saved)
{
    const struct guard_state *state = guard_state(countdown->guard);
    const struct change *change = saved ? &countdown->saved[i] : &countdown->live[i];
    const struct guard_result *result = result_of(state, i, saved);
    g_autofree char *label = words_label(change->tunable);
    g_autofree char *pair = words_pair(change->tunable, change->from, change->to);
    g_autofree char *how = NULL;
    bool bad = false;

    if (result) {
        how = g_strdup_printf("%s%s%s", outcome_name(result->outcome), result->text ? ": " : "",
                              result->text ? result->text : "");
        bad = result->outcome == OUTCOME_FAILED || result->outcome == OUTCOME_CONFLICT;
    } else if (saved) {
        how = g_strdup(state->phase == GUARD_ENDED ? "not written" : "once it is kept");
    } else {
        how = written_text(countdown, i);
    }
    page_line(countdown->page, bad ? PAINT_KILLED : PAINT_TEXT, "    ", 4, "%-12s %-7s %-16s %s",
              label, words_scope(change->scope), pair, how);
}

static bool first_of_domain(const struct change *changes, size_t i)
{
    for (size_t at = 0; at < i; at++)
        if (domain_key_equal(&changes[at].key, &changes[i].key))
            return false;
    return true;
}

/* Domain by domain: what is live, and what will be saved. */
static void fill_changes(const struct countdown *countdown)
{
    const struct guard_state *state = guard_state(countdown->guard);
    const char *what = state->phase == GUARD_COUNTING ? ": live now, not saved" : "";

    for (size_t i = 0; i < countdown->n_live; i++) {
        const struct domain_key *key = &countdown->live[i].key;

        if (!first_of_domain(countdown->live, i))
            continue;
        page_line(countdown->page, PAINT_STRONG, NULL, 0, "%s%s", name_of(countdown, key), what);
        for (size_t at = i; at < countdown->n_live; at++)
            if (domain_key_equal(&countdown->live[at].key, key))
                fill_change(countdown, at, false);
        for (size_t at = 0; at < countdown->n_saved; at++)
            if (domain_key_equal(&countdown->saved[at].key, key))
                fill_change(countdown, at, true);
    }
    if (countdown->error)
        page_line(countdown->page, PAINT_KILLED, "    ", 4, "%s", countdown->error);
    page_blank(countdown->page);
}

/* --- before and now ------------------------------------------------------------------------ */

static void fill_pair(struct page *page, enum paint paint, const char *label, const char *before,
                      const char *now, const char *since)
{
    page_line(page, paint, label, LABEL, "%-*s %-*s %s", COLUMN, before, COLUMN, now, since);
}

static void fill_needed(struct page *page, const struct guard_domain *domain)
{
    uint64_t before = 0, now = 0;
    char was[SIZE_TEXT_MAX], is[SIZE_TEXT_MAX], by[SIZE_TEXT_MAX];
    g_autofree char *since = NULL;
    bool known = value_get(domain->before.needed, &before) && value_get(domain->now.needed, &now);
    uint64_t far = MAX(before, now) - MIN(before, now);

    if (known && far * 100 < MAX(before, 1))
        since = g_strdup("steady");
    else if (known)
        since = g_strdup_printf("%s%s", now > before ? "+" : "-", size_format(far, by));
    fill_pair(page, PAINT_TEXT, "needs",
              size_format_value(domain->before.needed, UNIT_BYTES, NULL, was),
              size_format_value(domain->now.needed, UNIT_BYTES, NULL, is), since ? since : "");
}

static void fill_left(struct page *page, const struct guard_domain *domain)
{
    uint64_t left = 0, wall = 0;
    char was[SIZE_TEXT_MAX], is[SIZE_TEXT_MAX];
    bool known = value_get(domain->now.left, &left) && value_get(domain->now.wall, &wall) && wall;
    bool red = known && left * 100 < wall * RED_PERCENT;
    g_autofree char *since =
        known ? g_strdup_printf("%s%d %% of the limit", red ? "! " : "", (int)(left * 100 / wall))
              : g_strdup("");

    fill_pair(page, red ? PAINT_KILLED : PAINT_TEXT, "left",
              size_format_value(domain->before.left, UNIT_BYTES, NULL, was),
              size_format_value(domain->now.left, UNIT_BYTES, NULL, is), since);
}

static void fill_counts(struct page *page, const struct guard_domain *domain)
{
    const struct guard_figures *before = &domain->before, *now = &domain->now;
    char was[SIZE_TEXT_MAX], is[SIZE_TEXT_MAX];
    g_autofree char *then = g_strdup_printf("%u/s", before->throttle_rate);
    g_autofree char *rate = g_strdup_printf("%u/s", now->throttle_rate);
    g_autofree char *hits = NULL, *kills = NULL;
    uint64_t grown;

    if (now->pressure.kind == VALUE_NUMBER)
        fill_pair(page, PAINT_TEXT, "pressure",
                  size_format_value(before->pressure, UNIT_CENTI_PERCENT, NULL, was),
                  size_format_value(now->pressure, UNIT_CENTI_PERCENT, NULL, is),
                  "full, average of 10 s");
    if (now->throttled.kind == VALUE_NUMBER)
        fill_pair(page, now->throttle_rate ? PAINT_SLOWED : PAINT_TEXT, "throttles", then, rate,
                  "");
    if (now->failcnt.kind == VALUE_NUMBER) {
        grown = verdict_growth(before->failcnt, now->failcnt);
        hits = g_strdup_printf("%" G_GUINT64_FORMAT " since the change", grown);
        fill_pair(page, PAINT_TEXT, "limit hit",
                  size_format_value(before->failcnt, UNIT_COUNT, NULL, was),
                  size_format_value(now->failcnt, UNIT_COUNT, NULL, is), hits);
    }
    if (now->oom_kills.kind != VALUE_NUMBER)
        return;
    grown = verdict_growth(before->oom_kills, now->oom_kills);
    kills = grown ? g_strdup_printf("! %" G_GUINT64_FORMAT " since the change", grown)
                  : g_strdup("none since the change");
    fill_pair(page, grown ? PAINT_KILLED : PAINT_TEXT, "oom-kills",
              size_format_value(before->oom_kills, UNIT_COUNT, NULL, was),
              size_format_value(now->oom_kills, UNIT_COUNT, NULL, is), kills);
}

static enum paint grade_paint(enum guard_grade grade)
{
    static const enum paint paints[] = {[GUARD_GRADE_EARLY] = PAINT_TEXT,
                                        [GUARD_GRADE_WELL] = PAINT_OK,
                                        [GUARD_GRADE_WORSE] = PAINT_NOTICE,
                                        [GUARD_GRADE_BAD] = PAINT_KILLED};

    return paints[grade];
}

static void fill_domains(const struct countdown *countdown)
{
    const struct guard_state *state = guard_state(countdown->guard);
    struct page *page = countdown->page;

    for (size_t i = 0; i < state->n_domains; i++) {
        const struct guard_domain *domain = &state->domains[i];

        if (state->n_domains > 1)
            page_heading(page, domain->name);
        fill_pair(page, PAINT_STRONG, "", "before", "now", "since the change");
        fill_needed(page, domain);
        fill_left(page, domain);
        fill_counts(page, domain);
        fill_pair(page, PAINT_TEXT, "state", domain_state_name(domain->before.state),
                  domain_state_name(domain->now.state), "");
        if (domain->verdict)
            page_line(page, grade_paint(domain->grade), "verdict", LABEL, "%s", domain->verdict);
        page_blank(page);
    }
}

/* --- what happens next --------------------------------------------------------------------- */

static char *clock_text(int64_t time_us)
{
    g_autoptr(GDateTime) moment = g_date_time_new_from_unix_local(time_us / G_USEC_PER_SEC);

    return moment ? g_date_time_format(moment, "%H:%M:%S") : g_strdup("the deadline");
}

static void fill_way_back(const struct countdown *countdown)
{
    const struct guard_state *state = guard_state(countdown->guard);
    g_autofree char *when = clock_text(state->deadline_time);
    struct page *page = countdown->page;

    for (size_t i = 0; i < countdown->n_live; i++) {
        const struct change *change = &countdown->live[i];
        g_autofree char *label = words_label(change->tunable);
        g_autofree char *value = words_value(change->tunable, change->from);

        page_line(page, PAINT_TEXT, NULL, 0, "Going back = %s %s again%s.", label, value,
                  change_tightens(change) ? " (raises: cannot hurt)" : "");
    }
    page_line(page, PAINT_TEXT, NULL, 0, "It cannot bring back a process that was killed.");
    page_line(page, PAINT_TEXT, NULL, 0,
              "If this screen, this SSH line or this program dies, the guard goes back%s%s, and "
              "writes so into the journal.",
              state->phase == GUARD_COUNTING ? " at once, else at " : "",
              state->phase == GUARD_COUNTING ? when : "");
    if (state->place)
        page_line(page, PAINT_TEXT, NULL, 0, "The guard: pid %" G_GINT64_FORMAT ", %s.", state->pid,
                  state->place);
    if (state->warning)
        page_line(page, PAINT_NOTICE, NULL, 4, "%s", state->warning);
}

/* clang-format off */
static const struct {
    enum paint paint;
    const char *text; /* one sentence; `reason` and `error` follow by themselves */
} endings[] = {
    [GUARD_END_NONE]         = {PAINT_TEXT,   ""},
    [GUARD_END_REFUSED]      = {PAINT_KILLED, "Nothing was written: the guard is not ready."},
    [GUARD_END_KEPT]         = {PAINT_OK,     "Kept."},
    [GUARD_END_KEPT_UNSAVED] = {PAINT_KILLED, "Kept live, but not all of it is saved: what is not stays staged."},
    [GUARD_END_GONE_BACK]    = {PAINT_NOTICE, "Gone back: every value is what it was. The changes stay staged."},
    [GUARD_END_KEPT_KILLS]   = {PAINT_KILLED, "Not all of it went back: going back would kill."},
    [GUARD_END_LEFT]         = {PAINT_KILLED, "Not all of it went back: somebody else changed it meanwhile, and theirs stays."},
    [GUARD_END_DETACHED]     = {PAINT_TEXT,   "The guard goes on by itself."},
    [GUARD_END_LOST]         = {PAINT_KILLED, "The guard died: values stay as they are."},
};
/* clang-format on */

static void fill_ending(const struct countdown *countdown)
{
    const struct guard_state *state = guard_state(countdown->guard);
    struct page *page = countdown->page;

    page_line(page, endings[state->ending].paint, NULL, 4, "%s", endings[state->ending].text);
    if (state->reason)
        page_line(page, PAINT_TEXT, NULL, 4, "Why: %s.", state->reason);
    if (state->error)
        page_line(page, PAINT_NOTICE, NULL, 4, "%s", state->error);
    if (state->ending == GUARD_END_LOST)
        page_line(page, PAINT_NOTICE, NULL, 4, "virt-memtune back %s takes them back.",
                  state->batch);
    page_blank(page);
}

/* --- the picture --------------------------------------------------------------------------- */

static const char *title_of(const struct guard_state *state)
{
    static const char *const titles[] = {
        [GUARD_STARTING] = "starting the guard",
        [GUARD_ARMED] = "the guard is ready",
        [GUARD_COUNTING] = "goes back by itself in",
        [GUARD_SAVING] = "kept, saving",
        [GUARD_RETURNING] = "going back",
        [GUARD_ENDED] = "ended",
    };

    return titles[state->phase];
}

static void draw_title(const struct countdown *countdown, const struct canvas *canvas)
{
    const struct guard_state *state = guard_state(countdown->guard);
    unsigned left = (state->left_ms + 999) / 1000;
    int column = canvas_text(canvas, 0, 0, PAINT_STRONG, "KEEP OR GO BACK"), width, filled;

    /* In a narrow one the time is what counts. */
    if (canvas->columns >= 60 || state->phase != GUARD_COUNTING)
        column = canvas_text(canvas, 0, column + (canvas->columns < 60 ? 1 : 5), PAINT_TEXT,
                             title_of(state));
    if (state->phase != GUARD_COUNTING)
        return;
    column = canvas_printf(canvas, 0, column + (canvas->columns < 60 ? 1 : 2), PAINT_NOTICE,
                           "%u:%02u", left / 60, left % 60);
    width = canvas->columns - column - 5;
    if (width < 8 || canvas->grid->plain || state->total_ms == 0)
        return;
    filled = (int)((uint64_t)width * state->left_ms / state->total_ms);
    canvas_text(canvas, 0, column + 3, PAINT_TEXT, "[");
    canvas_fill(canvas, 0, column + 4, MIN(filled, width), PAINT_NOTICE, '#');
    canvas_fill(canvas, 0, column + 4 + filled, MAX(width - filled, 0), PAINT_TEXT, '-');
    canvas_text(canvas, 0, canvas->columns - 1, PAINT_TEXT, "]");
}

static void draw_word(const struct countdown *countdown, const struct canvas *canvas)
{
    int row = canvas->rows - 1, column;

    column = canvas_printf(canvas, row, 0, PAINT_STRONG, ": %s", countdown->typed);
    canvas_text(canvas, row, column, PAINT_TEXT, "_");
    canvas_cursor(canvas, row, column, true);
    canvas_text(canvas, row, MAX(column + 2, 8),
                strcmp(countdown->typed, COUNTDOWN_WORD) ? PAINT_TEXT : PAINT_NOTICE,
                "type keep and Enter: keeps it, then saves it.  Esc goes back now");
}

void countdown_draw(struct screen *screen, const struct canvas *canvas)
{
    struct countdown *countdown = (struct countdown *)screen;
    const struct guard_state *state = guard_state(countdown->guard);
    bool counting = state->phase == GUARD_COUNTING, ended = state->phase == GUARD_ENDED;
    int head = canvas->rows > 8 ? 2 : 1;
    struct canvas rest = canvas_part(canvas, head, 0, canvas->rows - head - counting, -1);

    page_begin(countdown->page);
    if (ended)
        fill_ending(countdown);
    fill_changes(countdown);
    fill_domains(countdown);
    if (!ended)
        fill_way_back(countdown);
    draw_title(countdown, canvas);
    page_draw(countdown->page, &rest);
    if (counting)
        draw_word(countdown, canvas);
    else
        canvas_cursor(canvas, 0, 0, false);
}
