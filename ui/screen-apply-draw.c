/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/screen-apply-private.h"

#include "ui/change-words.h"

const char *apply_name(struct apply *apply, const struct domain_key *key, struct row *row)
{
    return model_find(app_model(apply->screen.app), key, row) ? row->domain->identity->name
                                                              : "a domain that is gone";
}

static void fill_calls(struct apply *apply)
{
    bool newest_first = apply->job && apply->options.safe_shrink;

    for (guint at = 0; at < apply->calls->len; at++) {
        guint i = newest_first ? apply->calls->len - 1 - at : at;
        const struct call *call = &g_array_index(apply->calls, struct call, i);

        page_line(apply->page, PAINT_TEXT, NULL, 4, "%u/%zu %s: %s", i + 1,
                  MAX(apply->n_steps, (size_t)i + 1), call->state, call->command);
    }
}

static enum paint outcome_paint(enum outcome outcome)
{
    switch (outcome) {
    case OUTCOME_CHANGED:
    case OUTCOME_KEPT:
        return PAINT_OK;
    case OUTCOME_FAILED:
    case OUTCOME_REFUSED:
    case OUTCOME_CONFLICT:
        return PAINT_KILLED;
    case OUTCOME_SKIPPED:
    case OUTCOME_GONE_BACK:
    case OUTCOME_PENDING:
    case OUTCOME_ROUNDED:
        return PAINT_NOTICE;
    case OUTCOME_UNCHANGED:
    case OUTCOME_WOULD_CHANGE:
        return PAINT_TEXT;
    }
    return PAINT_TEXT;
}

static void fill_result(struct apply *apply, const struct result *result)
{
    const struct change *change = &result->change;
    bool waiting = apply->job && result->outcome == OUTCOME_SKIPPED && !result->text;
    g_autofree char *label = words_label(change->tunable);
    g_autofree char *pair = words_pair(change->tunable, change->from, change->to);

    page_line(apply->page, waiting ? PAINT_TEXT : outcome_paint(result->outcome), NULL, 4,
              "%s %s  %s  %s%s%s", label, words_scope(change->scope), pair,
              waiting ? "waiting" : outcome_name(result->outcome), result->text ? ": " : "",
              result->text ? result->text : "");
}

static void fill_results(struct apply *apply)
{
    const struct domain_key *last = NULL;
    struct row row;

    for (size_t i = 0; i < apply->n_results; i++) {
        const struct domain_key *key = &apply->results[i].change.key;

        if (!last || !domain_key_equal(last, key))
            page_heading(apply->page, apply_name(apply, key, &row));
        last = key;
        fill_result(apply, &apply->results[i]);
    }
}

static void fill_summary(struct apply *apply)
{
    static const struct {
        enum outcome outcome;
        const char *word;
    } words[] = {
        {OUTCOME_CHANGED, "changed"},     {OUTCOME_ROUNDED, "rounded"},
        {OUTCOME_PENDING, "on its way"},  {OUTCOME_UNCHANGED, "already so"},
        {OUTCOME_REFUSED, "refused"},     {OUTCOME_CONFLICT, "changed by somebody else"},
        {OUTCOME_FAILED, "failed"},       {OUTCOME_SKIPPED, "not sent"},
        {OUTCOME_GONE_BACK, "gone back"},
    };
    g_autoptr(GString) text = g_string_new(NULL);
    bool all = true;

    for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
        size_t n = 0;

        for (size_t at = 0; at < apply->n_results; at++)
            n += apply->results[at].outcome == words[i].outcome;
        if (n)
            g_string_append_printf(text, "%s%zu %s", text->len ? ", " : "", n, words[i].word);
        all &= !n || apply_written(words[i].outcome);
    }
    page_line(apply->page, all ? PAINT_OK : PAINT_NOTICE, NULL, 0, "%s.%s", text->str,
              all ? "" : " What was not written stays staged.");
    if (apply->error)
        page_line(apply->page, PAINT_KILLED, NULL, 0, "%s", apply->error);
}

static void fill_detail(struct apply *apply)
{
    bool back = apply->phase == APPLY_RESTORING || apply->restoring;

    page_line(apply->page, back ? PAINT_NOTICE : PAINT_STRONG, NULL, 0, "Safe shrink%s: %s",
              back ? " goes back" : "", apply->detail);
    page_blank(apply->page);
}

void apply_draw(struct screen *screen, const struct canvas *canvas)
{
    struct apply *apply = (struct apply *)screen;
    struct canvas rest = canvas_part(canvas, canvas->rows > 6 ? 2 : 1, 0, -1, -1);

    page_begin(apply->page);
    apply_draw_conflict(apply);
    if (!apply->job)
        fill_summary(apply);
    if (!apply->job)
        page_blank(apply->page);
    if (apply->job && apply->detail)
        fill_detail(apply);
    fill_results(apply);
    page_blank(apply->page);
    fill_calls(apply);
    canvas_text(canvas, 0, 0, PAINT_STRONG, apply->job ? "Applying" : "Results");
    page_draw(apply->page, &rest);
    canvas_cursor(canvas, 0, 0, false);
}
