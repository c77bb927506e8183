/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A stand-in for the screen that counts down, for tests that end it in every way:
 *   guard-hold URI SECONDS DOMAIN NAME=VALUE...
 * Live values are written, persistent ones saved once kept. It does what is said on standard input,
 * a word a line (begin write keep back extend detach), and nothing by itself; the end of standard
 * input means nothing. It prints a line for each thing that is new:
 *   phase armed 4711        the phase, and the guard's process
 *   total 60000             milliseconds of the countdown
 *   wrote changed           what became of each change
 *   ended gone_back REASON  and it ends
 */
#include "backends/backends.h"
#include "model/guard-serve.h"
#include "model/journal-file.h"
#include "model/model.h"

#include <glib-unix.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct hold {
    GMainContext *context;
    struct model *model;
    struct guard *guard;
    GArray *live, *saved; /* struct change */
    enum guard_phase phase;
    unsigned total_ms;
    bool started, over;
};

static bool may_connect(const char *uri, void *data, GError **error)
{
    return true;
}

static int serve(void)
{
    struct journal *journal = journal_of_user();
    const struct guard_serving serving = {
        .backends = all_backends, .may_connect = may_connect, .journal = journal, .stop_fd = -1};

    guard_serve(GUARD_FD, &serving);
    journal_unref(journal);
    return 0;
}

static const char *phase_name(enum guard_phase phase)
{
    static const char *const names[] = {"starting", "armed",     "counting",
                                        "saving",   "returning", "ended"};

    return names[phase];
}

static void changed(struct guard *guard, void *data)
{
    const struct guard_state *state = guard_state(guard);
    struct hold *hold = data;

    if (state->phase != hold->phase || !hold->started)
        printf("phase %s %" G_GINT64_FORMAT "\n", phase_name(state->phase), state->pid);
    if (state->phase == GUARD_COUNTING && state->total_ms != hold->total_ms)
        printf("total %u\n", state->total_ms);
    hold->started = true;
    hold->phase = state->phase;
    hold->total_ms = state->total_ms;
    if (state->phase != GUARD_ENDED)
        return;
    printf("ended %s %s\n", guard_ending_name(state->ending),
           state->error    ? state->error
           : state->reason ? state->reason
                           : "");
    hold->over = true;
}

static void progress(const struct apply_progress *progress, void *data)
{
    struct hold *hold = data;

    guard_report(hold->guard, progress);
    for (size_t i = 0; progress->phase == APPLY_DONE && i < progress->n_results; i++)
        printf("wrote %s %s\n", outcome_name(progress->results[i].outcome),
               progress->results[i].text ? progress->results[i].text : "");
}

static void write_live(struct hold *hold)
{
    struct apply_options options = {.timeout_ms = 20000};

    g_strlcpy(options.batch, guard_batch(hold->guard), sizeof options.batch);
    model_apply(hold->model, (const struct change *)(void *)hold->live->data, hold->live->len,
                &options, progress, hold, NULL);
}

static void obey(struct hold *hold, const char *word)
{
    if (strcmp(word, "begin") == 0)
        guard_begin(hold->guard);
    else if (strcmp(word, "write") == 0)
        write_live(hold);
    else if (strcmp(word, "keep") == 0)
        guard_commit(hold->guard);
    else if (strcmp(word, "back") == 0)
        guard_back(hold->guard);
    else if (strcmp(word, "extend") == 0)
        guard_extend(hold->guard);
    else if (strcmp(word, "detach") == 0)
        guard_detach(hold->guard);
}

static gboolean on_input(int fd, GIOCondition condition, void *data)
{
    char text[256];
    ssize_t n = read(fd, text, sizeof text - 1);
    g_auto(GStrv) words = NULL;

    if (n <= 0)
        return G_SOURCE_REMOVE;
    text[n] = '\0';
    words = g_strsplit(text, "\n", -1);
    for (char **word = words; *word; word++)
        obey(data, *word);
    return G_SOURCE_CONTINUE;
}

static bool known(const struct hold *hold)
{
    const struct snapshot *snapshot = model_snapshot(hold->model, 0);

    return snapshot->taken_ns != 0 || snapshot->state == CONNECTION_FAILED ||
           snapshot->state == CONNECTION_LOST;
}

static bool parse(struct hold *hold, const char *name, char **words)
{
    const struct snapshot *snapshot = model_snapshot(hold->model, 0);
    const struct domain *domain = NULL;
    g_autoptr(GArray) all = g_array_new(FALSE, TRUE, sizeof(struct change));

    for (size_t i = 0; i < snapshot->n_domains; i++)
        if (strcmp(snapshot->domains[i].identity->name, name) == 0)
            domain = &snapshot->domains[i];
    for (; domain && *words; words++) {
        g_auto(GStrv) parts = g_strsplit(*words, "=", 2);
        g_autoptr(GError) error = NULL;

        if (!change_parse(snapshot, domain, parts[0], parts[1], SCOPE_BOTH, all, &error)) {
            fprintf(stderr, "%s\n", error->message);
            return false;
        }
    }
    for (guint i = 0; i < all->len; i++) {
        struct change change = g_array_index(all, struct change, i);

        g_array_append_val(change.scope == SCOPE_LIVE ? hold->live : hold->saved, change);
    }
    return domain != NULL;
}

static bool start(struct hold *hold, unsigned seconds)
{
    const struct guard_listener listener = {.changed = changed, .data = hold};
    const struct guard_plan plan = {
        .live = (const struct change *)(void *)hold->live->data,
        .n_live = hold->live->len,
        .saved = (const struct change *)(void *)hold->saved->data,
        .n_saved = hold->saved->len,
        .seconds = seconds,
        .timeout_ms = 20000,
    };
    g_autoptr(GError) error = NULL;
    GSource *input = g_unix_fd_source_new(0, G_IO_IN | G_IO_HUP);

    hold->guard = guard_start(hold->model, &plan, &listener, &error);
    if (hold->guard == NULL) {
        fprintf(stderr, "%s\n", error->message);
        return false;
    }
    printf("batch %s\n", guard_batch(hold->guard));
    g_source_set_callback(input, G_SOURCE_FUNC(on_input), hold, NULL);
    g_source_attach(input, hold->context);
    return true;
}

int main(int argc, char **argv)
{
    struct hold hold = {.context = g_main_context_new(),
                        .live = g_array_new(FALSE, FALSE, sizeof(struct change)),
                        .saved = g_array_new(FALSE, FALSE, sizeof(struct change))};
    struct journal *journal;

    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc == 2 && strcmp(argv[1], GUARD_COMMAND) == 0)
        return serve();
    if (argc < 5)
        return 2;
    journal = journal_of_user();
    hold.model = model_new(&(struct model_options){
        .backends = all_backends, .context = hold.context, .delay_ms = 1000, .journal = journal});
    if (model_connect(hold.model, argv[1], NULL) < 0)
        return 2;
    while (!known(&hold))
        g_main_context_iteration(hold.context, TRUE);
    if (!parse(&hold, argv[3], argv + 4) || !start(&hold, (unsigned)atoi(argv[2])))
        return 2;
    while (!hold.over)
        g_main_context_iteration(hold.context, TRUE);
    guard_free(hold.guard);
    model_free(hold.model, 200);
    journal_unref(journal);
    return 0;
}
