/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "story.h"

#include <string.h>

static struct story *of(struct driver *driver)
{
    return (struct story *)driver; /* its first member */
}

static bool is_done(struct driver *driver)
{
    return of(driver)->done;
}

static void forget(struct story *story)
{
    for (size_t i = 0; i < story->n; i++)
        g_free(story->results[i].text);
    memset(story, 0, sizeof *story);
}

void story_begin(struct story *story, const struct backend *backend)
{
    forget(story);
    stub_reset();
    driver_start(&story->driver, backend, 2, false);
    must("it connects", driver_until(&story->driver, driver_connected));
}

void story_end(struct story *story)
{
    must("all threads end", driver_end(&story->driver, 2000));
    must("every connection was closed", stub_n_open() == 0);
    must("never two calls on one connection", !stub.at_once);
    forget(story);
}

void story_take(struct story *story, const struct apply_progress *progress)
{
    story->steps += progress->phase == APPLY_STEP;
    story->phases |= 1u << progress->phase;
    if (progress->phase == APPLY_STEP)
        must("the step can be looked at", progress->current->n_changes > 0);
    if (progress->phase != APPLY_DONE)
        return;
    story->done = true;
    story->n = progress->n_results;
    for (size_t i = 0; i < story->n; i++) {
        story->results[i] = progress->results[i];
        story->results[i].text = g_strdup(progress->results[i].text);
    }
    if (progress->error != NULL)
        g_strlcpy(story->error, progress->error->message, sizeof story->error);
}

void story_wait(struct story *story)
{
    must("it is done", driver_until(&story->driver, is_done));
}

struct change story_change(size_t domain, enum stub_row row, enum scope scope, uint64_t to)
{
    return (struct change){.key = {.id = {(uint8_t)(domain + 1)}},
                           .tunable = &stub_tunables[row],
                           .scope = scope,
                           .from = value_number(GIB(4)),
                           .to = value_number(to)};
}

void story_must_be_at(const char *file, int line, const struct result *result, enum outcome outcome,
                      const char *words)
{
    bool fits = result->outcome == outcome &&
                (words == NULL || (result->text != NULL && strstr(result->text, words) != NULL));

    if (!fits)
        fprintf(stderr, "%s (%s), wanted %s (%s)\n", outcome_name(result->outcome), result->text,
                outcome_name(outcome), words);
    must_hold(file, line, "the outcome is as wanted", fits);
}
