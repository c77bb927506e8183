/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The review as lines of a screen. */
#include "ui/review.h"

#include "model/backend.h"
#include "ui/change-words.h"
#include "ui/review-shrink.h"
#include "ui/theme.h"
#include "ui/width.h"

#include <string.h>

#define INDENT 4
#define HANG 6

struct page {
    GPtrArray *lines;
    int width;
    size_t group;
};

static void line_free(gpointer data)
{
    struct review_line *line = data;

    g_free(line->text);
    g_free(line->right);
    g_free(line);
}

static struct review_line *add(struct page *page, enum paint paint, char *text)
{
    struct review_line *line = g_new0(struct review_line, 1);

    line->text = text;
    line->paint = paint;
    line->group = page->group;
    g_ptr_array_add(page->lines, line);
    return line;
}

/* Where `text` is to be broken so that at most `room` columns stay: after the last blank that is
 * outside of quotes (or any blank), or at the end of what fits. */
static size_t break_at(const char *text, int room, bool quotes)
{
    size_t fits = width_fit(text, MAX(room, 8)), best = 0;
    char quote = '\0';

    if (!text[fits])
        return fits;
    for (size_t i = 0; i <= fits; i++) {
        if (quotes && quote)
            quote = text[i] == quote ? '\0' : quote;
        else if (quotes && (text[i] == '\'' || text[i] == '"'))
            quote = text[i];
        else if (text[i] == ' ')
            best = i;
    }
    return best ? best : quotes ? strlen(text) : fits;
}

static void add_wrapped(struct page *page, enum paint paint, const char *text)
{
    int indent = INDENT;

    while (*text) {
        size_t n = break_at(text, page->width - indent, false);

        add(page, paint, g_strdup_printf("%*s%.*s", indent, "", (int)n, text));
        for (text += n; *text == ' '; text++)
            ;
        indent = HANG;
    }
}

/* A command that still works when it is copied: broken lines end with a backslash. */
static void add_command(struct page *page, const char *command)
{
    int indent = INDENT;

    while (*command) {
        size_t n = break_at(command, page->width - indent - 2, true);
        bool last = !command[n];

        add(page, PAINT_GUEST,
            g_strdup_printf("%*s%.*s%s", indent, "", (int)n, command, last ? "" : " \\"));
        for (command += n; *command == ' '; command++)
            ;
        indent = HANG;
    }
}

static const struct change *other_scope(const struct review_group *group,
                                        const struct change *change)
{
    for (size_t i = 0; i < group->n; i++)
        if (group->changes[i].tunable == change->tunable &&
            group->changes[i].scope != change->scope)
            return &group->changes[i];
    return NULL;
}

static bool same_values(const struct change *a, const struct change *b)
{
    return value_equal(a->from, b->from) && value_equal(a->to, b->to);
}

/* In columns where there is room. `scope` may be NULL. */
static char *value_text(const struct page *page, const struct tunable *tunable, const char *scope,
                        const char *value)
{
    g_autofree char *label = words_label(tunable);

    if (page->width < 60)
        return g_strdup_printf("  %s%s%s  %s", label, scope ? " " : "", scope ? scope : "", value);
    if (!scope)
        return g_strdup_printf("%*s%-16s  %-20s", INDENT, "", label, value);
    return g_strdup_printf("%*s%-12s  %-11s  %-18s", INDENT, "", label, scope, value);
}

static char *change_text(const struct page *page, const struct change *change, unsigned scopes,
                         bool one_scope)
{
    g_autofree char *pair = words_pair(change->tunable, change->from, change->to);

    return value_text(page, change->tunable, one_scope ? NULL : words_scope(scopes), pair);
}

/* The other scope, where only one of them changes: it stays what it is. */
static void add_unchanged(struct page *page, const struct review_group *group,
                          const struct change *change)
{
    enum scope other = change->scope == SCOPE_LIVE ? SCOPE_CONFIG : SCOPE_LIVE;
    const struct setting *setting;
    struct value value;
    g_autofree char *text = NULL, *line = NULL;
    const char *words;

    if (!group->row.domain || !(change->tunable->scopes & other))
        return;
    setting = snapshot_setting(group->row.snapshot, group->row.domain, change->tunable);
    value = other == SCOPE_CONFIG ? setting->config : setting->live;
    if (!value_known(value))
        return;
    words = value_equal(tunable_round(change->tunable, value),
                        tunable_round(change->tunable, change->to))
                ? "unchanged, not sent"
            : other == SCOPE_CONFIG ? "stays: acts again at the next start"
                                    : "stays until the next start";
    text = words_value(change->tunable, value);
    line = value_text(page, change->tunable, words_scope(other), text);
    add(page, PAINT_TEXT, g_strdup_printf("%s  %s", line, words));
}

/* Somebody else moved it after it was staged. */
static void add_moved(struct page *page, const struct review_group *group,
                      const struct change *change)
{
    const struct setting *setting;
    struct value now;
    g_autofree char *seen = NULL, *reads = NULL, *text = NULL;

    if (!group->row.domain)
        return;
    setting = snapshot_setting(group->row.snapshot, group->row.domain, change->tunable);
    now = change->scope == SCOPE_CONFIG ? setting->config : setting->live;
    if (!value_known(now) || !value_known(change->from) ||
        value_equal(tunable_round(change->tunable, now),
                    tunable_round(change->tunable, change->from)))
        return;
    seen = words_value(change->tunable, change->from);
    reads = words_value(change->tunable, now);
    text = g_strdup_printf("changed by somebody else since: was %s, reads %s now; apply asks what "
                           "to do",
                           seen, reads);
    add_wrapped(page, PAINT_NOTICE, text);
}

/* What is left is said once: where the first live change stands. */
static bool first_live(const struct review_group *group, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (group->changes[i].scope == SCOPE_LIVE)
            return false;
    return group->changes[index].scope == SCOPE_LIVE;
}

static void add_change(struct page *page, const struct review_group *group, size_t index)
{
    const struct change *change = &group->changes[index];
    const struct change *other = other_scope(group, change);
    bool merged = other && same_values(change, other);
    bool one_scope = group->row.domain && (group->row.snapshot->backend->flags & BACKEND_ONE_SCOPE);
    struct review_line *line;

    /* The second of two equal ones was shown with the first. */
    if (merged && other < change)
        return;
    line = add(page, PAINT_TEXT,
               change_text(page, change, merged ? SCOPE_BOTH : change->scope, one_scope));
    if (!other || other > change)
        line->tunable = change->tunable;
    if (first_live(group, index) && group->row.domain) {
        g_autofree char *left =
            words_left_text(group->row.snapshot, group->row.domain, group->changes, group->n);

        if (left && strstr(left, "->")) {
            char *text = g_strdup_printf("%s  %s", line->text, left);

            g_free(line->text);
            line->text = text;
        }
    }
    if (!other)
        add_unchanged(page, group, change);
    add_moved(page, group, change);
}

static void add_kills(struct page *page, const struct review_group *group)
{
    g_autofree char *shrink = review_shrink_line(group), *text = NULL;

    text = g_strdup_printf("No countdown helps here: a kill takes milliseconds.%s%s",
                           shrink ? " " : "", shrink ? shrink : "");
    add_wrapped(page, PAINT_TEXT, text);
}

static void add_findings(struct page *page, const struct review_group *group)
{
    for (int severity = SEVERITY_REFUSE; severity >= SEVERITY_NOTE; severity--) {
        for (size_t i = 0; i < findings_count(group->findings); i++) {
            const struct finding *finding = findings_get(group->findings, i);
            g_autofree char *text = NULL;

            if ((int)finding->severity != severity)
                continue;
            text = words_finding(finding);
            add_wrapped(page, words_finding_paint(finding->severity), text);
            if (finding->severity == SEVERITY_KILLS)
                add_kills(page, group);
        }
    }
}

static void add_steps(struct page *page, const struct review_group *group)
{
    for (size_t i = 0; i < step_list_count(group->steps); i++) {
        const struct step *step = step_list_get(group->steps, i);

        if (step->shared) {
            g_autofree char *text = g_strdup_printf("writes too: %s", step->shared);

            add_wrapped(page, PAINT_NOTICE, text);
        }
        if (step->command)
            add_command(page, step->command);
        else
            add_wrapped(page, PAINT_STALE, "no command does the same");
    }
}

static const char *direction(const struct review_group *group)
{
    if (group->verdict == REVIEW_BLOCKED)
        return "blocked";
    return group->tightens ? "tightens" : group->loosens ? "loosens" : "";
}

/* What blocks it is one of its findings, which are shown anyway. */
static bool found_is(const struct review_group *group, const char *text)
{
    for (size_t i = 0; i < findings_count(group->findings); i++)
        if (!strcmp(findings_get(group->findings, i)->text, text))
            return true;
    return false;
}

static void add_group(struct page *page, const struct review *review, size_t index)
{
    const struct review_group *group = review_get(review, index);
    const char *right = direction(group);
    int room = page->width - width_of(right) - 8;
    g_autofree char *name = width_cut_middle(review_name(group), MAX(room, 8));
    struct review_line *line;

    page->group = index;
    line = add(page, PAINT_STRONG, g_strdup_printf("%zu %s", index + 1, name));
    line->right = g_strdup(right);
    for (size_t i = 0; i < group->n; i++)
        add_change(page, group, i);
    if (group->verdict == REVIEW_BLOCKED && !found_is(group, group->blocked)) {
        g_autofree char *text = g_strdup_printf("BLOCKED: %s", group->blocked);

        add_wrapped(page, PAINT_KILLED, text);
    }
    add_findings(page, group);
    add_steps(page, group);
}

GPtrArray *review_lines(const struct review *review, int width)
{
    struct page page = {g_ptr_array_new_with_free_func(line_free), width, 0};

    for (size_t i = 0; i < review_count(review); i++)
        add_group(&page, review, i);
    return page.lines;
}
