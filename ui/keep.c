/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `keep` and `back`: the answer to what `set --confirm` asked, from any login. */
#include "model/guard.h"
#include "model/journal-file.h"
#include "model/journal-reader.h"
#include "ui/ask.h"
#include "ui/commands.h"
#include "ui/journal-words.h"
#include "ui/json.h"
#include "ui/out.h"
#include "ui/session.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>

struct answering {
    const struct options *options;
    struct guard *guard;
    bool keep, said;
    enum status status;
};

static void on_changed(struct guard *guard, void *data)
{
    struct answering *answering = data;
    if (answering->said || guard_state(guard)->phase != GUARD_COUNTING)
        return;
    answering->said = true;
    if (answering->keep)
        guard_commit(guard);
    else
        guard_back(guard);
}

static void on_question(struct guard *guard, const char *uri, const struct question *question,
                        void *data)
{
    g_autofree char *prompt = g_strconcat(question->prompt, ": ", NULL);
    char *answer = ask_terminal(prompt, question->secret, -1);
    guard_answer(guard, answer);
    ask_free(answer);
}

/* --- what came of it --- */

static enum status status_of_ending(const struct answering *answering, enum guard_ending ending)
{
    switch (ending) {
    case GUARD_END_KEPT:
        return answering->keep ? STATUS_DONE : STATUS_FAILURE;
    case GUARD_END_GONE_BACK:
        return answering->keep ? STATUS_GONE_BACK : STATUS_DONE;
    case GUARD_END_KEPT_UNSAVED:
    case GUARD_END_KEPT_KILLS:
    case GUARD_END_LEFT:
        return STATUS_PARTLY;
    case GUARD_END_NONE:
    case GUARD_END_REFUSED:
    case GUARD_END_DETACHED:
    case GUARD_END_LOST:
        return STATUS_FAILURE;
    }
    return STATUS_FAILURE;
}

static const char *sentence_of(enum guard_ending ending)
{
    static const char *const sentences[] = {
        [GUARD_END_NONE] = "not done yet; the guard goes on trying",
        [GUARD_END_REFUSED] = "nothing was done",
        [GUARD_END_KEPT] = "kept",
        [GUARD_END_KEPT_UNSAVED] = "kept live, but not all of it is saved",
        [GUARD_END_GONE_BACK] = "gone back",
        [GUARD_END_KEPT_KILLS] = "kept: going back would kill",
        [GUARD_END_LEFT] = "gone back, but what somebody else changed meanwhile stays",
        [GUARD_END_DETACHED] = "left as it is",
        [GUARD_END_LOST] = "the guard has died: say it again",
    };
    return sentences[ending];
}

static void print_json(const char *batch, const struct guard_state *state)
{
    g_autoptr(JsonBuilder) builder = json_builder_new();
    json_builder_begin_object(builder);
    json_builder_set_member_name(builder, "schema");
    json_builder_add_int_value(builder, JSON_SCHEMA);
    json_member(builder, "id", batch);
    json_member(builder, "ending", guard_ending_name(state->ending));
    json_member(builder, "reason", state->reason);
    json_member(builder, "error", state->error);
    json_builder_set_member_name(builder, "results");
    json_builder_begin_array(builder);
    for (size_t i = 0; i < state->n_results; i++) {
        json_builder_begin_object(builder);
        json_member(builder, "what", state->results[i].what);
        json_member(builder, "outcome", outcome_name(state->results[i].outcome));
        json_member(builder, "text", state->results[i].text);
        json_builder_end_object(builder);
    }
    json_builder_end_array(builder);
    json_builder_end_object(builder);
    json_print(builder);
}

static void print_text(const char *batch, const struct guard_state *state)
{
    for (size_t i = 0; i < state->n_results; i++) {
        const struct guard_result *result = &state->results[i];
        out_line("%s  %s%s%s", result->what ? result->what : "?", outcome_name(result->outcome),
                 result->text ? ": " : "", result->text ? result->text : "");
    }
    out_flush();
    if (state->error)
        out_message("%s: %s", batch, state->error);
    out_message("%s: %s%s%s%s", batch, sentence_of(state->ending), state->reason ? " (" : "",
                state->reason ? state->reason : "", state->reason ? ")" : "");
}

/* --- one that has ended already --- */

static bool ending_in(const struct journal_entry *entry, enum guard_ending *ending)
{
    for (int i = GUARD_END_KEPT; i <= GUARD_END_LEFT; i++)
        if (entry->kind == JOURNAL_NOTE && !entry->domain &&
            g_strcmp0(entry->code, guard_ending_name((enum guard_ending)i)) == 0) {
            *ending = (enum guard_ending)i;
            return true;
        }
    return false;
}

static void say_from_journal(struct answering *answering, const char *batch)
{
    g_auto(GStrv) folders = journal_folders();
    struct journal_reader *reader = journal_reader_new((const char *const *)folders, 0);
    const struct journal_book *book = journal_reader_book(reader);
    struct guard_state state = {.phase = GUARD_ENDED};
    const struct journal_entry *found = NULL;
    journal_reader_update(reader);
    for (guint i = 0; i < book->entries->len; i++) {
        const struct journal_entry *entry = book->entries->pdata[i];
        if (g_strcmp0(entry->batch, batch) == 0 && ending_in(entry, &state.ending))
            found = entry;
    }
    if (found) {
        g_autofree char *time = journal_words_time(found);
        g_autofree char *clean = out_clean(found->text ? found->text : "");
        state.reason = time;
        answering->status = status_of_ending(answering, state.ending);
        if (answering->options->json)
            print_json(batch, &state);
        else
            out_message("%s: ended at %s: %s", batch, time, clean);
    } else {
        out_message("%s: no guard runs or was left with this ID; virt-memtune journal lists what "
                    "was written",
                    batch);
        answering->status = STATUS_USAGE;
    }
    journal_reader_free(reader);
}

/* --- */

static gboolean on_timeout(void *data)
{
    return G_SOURCE_CONTINUE; /* it only wakes the loop */
}

static void wait_for_end(GMainContext *context, const struct answering *answering)
{
    gint64 until = g_get_monotonic_time() + (gint64)answering->options->timeout * G_USEC_PER_SEC;
    GSource *timeout = g_timeout_source_new(100);
    g_source_set_callback(timeout, on_timeout, NULL, NULL);
    g_source_attach(timeout, context);
    while (guard_state(answering->guard)->phase != GUARD_ENDED && g_get_monotonic_time() < until)
        g_main_context_iteration(context, TRUE);
    g_source_destroy(timeout);
    g_source_unref(timeout);
}

/* One that runs; else what one has left. NULL: neither, or the error. */
static struct guard *find(GMainContext *context, struct answering *answering, const char *batch,
                          GError **error)
{
    const struct guard_listener listener = {on_changed, on_question, answering};
    struct guard *guard = guard_join(context, batch, &listener, error);
    if (guard || !g_error_matches(*error, BACKEND_ERROR, BACKEND_ERROR_GONE))
        return guard;
    g_clear_error(error);
    return guard_adopt(context, batch, &listener, error);
}

static void answer(struct answering *answering, const char *batch)
{
    GMainContext *context = g_main_context_new();
    g_autoptr(GError) error = NULL;
    answering->guard = find(context, answering, batch, &error);
    if (answering->guard) {
        wait_for_end(context, answering);
        const struct guard_state *state = guard_state(answering->guard);
        answering->status = status_of_ending(answering, state->ending);
        if (answering->options->json)
            print_json(batch, state);
        else
            print_text(batch, state);
    } else if (g_error_matches(error, BACKEND_ERROR, BACKEND_ERROR_GONE)) {
        say_from_journal(answering, batch);
    } else {
        out_message("%s", error->message);
        answering->status = status_of_error(error);
    }
    guard_free(answering->guard);
    g_main_context_unref(context);
}

/* ^C ends the waiting and nothing else: it is the guard that does it. */
static void let_interrupt(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

static int run(const struct options *options, bool keep)
{
    struct answering answering = {.options = options, .keep = keep, .status = STATUS_USAGE};
    if (!options->words || !options->words[0] || options->words[1] ||
        !batch_id_valid(options->words[0])) {
        out_message("%s: say one ID, as set --confirm said it", options->command->name);
    } else if (options->settings.read_only) {
        out_message("read-only: nothing is written");
        answering.status = STATUS_PERMISSION;
    } else {
        let_interrupt();
        answer(&answering, options->words[0]);
    }
    return out_end((int)answering.status);
}

int keep_run(const struct options *options)
{
    return run(options, true);
}

int back_run(const struct options *options)
{
    return run(options, false);
}
