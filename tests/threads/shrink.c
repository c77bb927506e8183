/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Safe shrink: every end of it leaves what was asked for, what was there, or a word of it. */
#include "stub.h"

#include <string.h>

#define OLD GIB(4)
#define NEW GIB(1)
#define HELD GIB(2)

static struct driver driver;

/* What the owner was told. */
static struct story {
    struct result results[4];
    size_t n;
    bool done, cancels, kills_in_watch;
    unsigned steps, phases;
} seen;

static void note(const struct apply_progress *progress, void *data)
{
    struct job **job = data;

    seen.steps += progress->phase == APPLY_STEP;
    seen.phases |= 1u << progress->phase;
    must("a sentence of how far it is, or why, and only then",
         (progress->phase == APPLY_SQUEEZING || progress->phase == APPLY_WATCHING ||
          progress->phase == APPLY_RESTORING) == (progress->detail != NULL));
    if (seen.cancels && progress->phase == APPLY_SQUEEZING)
        job_cancel(*job);
    if (seen.kills_in_watch && progress->phase == APPLY_WATCHING) {
        pthread_mutex_lock(&stub.lock);
        stub.kills = 1;
        pthread_mutex_unlock(&stub.lock);
    }
    if (progress->phase != APPLY_DONE)
        return;
    seen.done = true;
    seen.n = progress->n_results;
    for (size_t i = 0; i < seen.n; i++) {
        seen.results[i] = progress->results[i];
        seen.results[i].text = g_strdup(progress->results[i].text);
    }
}

static bool is_done(struct driver *d)
{
    return seen.done;
}

static bool connected(struct driver *d)
{
    return model_snapshot(d->model, 0)->state == CONNECTION_CONNECTED;
}

static struct change change(enum scope scope, uint64_t to)
{
    return (struct change){.key = {.id = {1}},
                           .tunable = &stub_tunables[STUB_HARD],
                           .scope = scope,
                           .from = value_number(OLD),
                           .to = value_number(to)};
}

static void begin(void)
{
    for (size_t i = 0; i < seen.n; i++)
        g_free(seen.results[i].text);
    memset(&seen, 0, sizeof seen);
    stub_reset();
    stub.held[0] = HELD;
    stub.cache = GIB(2);
    stub.yields = MIB(128);
    driver_start(&driver, &stub_backend, 2, false);
    must("it connects", driver_until(&driver, connected));
}

static void shrink_to(uint64_t to)
{
    const struct change changes[] = {change(SCOPE_LIVE, to), change(SCOPE_CONFIG, to)};
    static struct job *job;

    job = model_apply(driver.model, changes, 2, &(struct apply_options){.safe_shrink = true}, note,
                      &job, NULL);
    must("it is done", driver_until(&driver, is_done));
}

static void end(void)
{
    must("all threads end", driver_end(&driver, 2000));
    must("every connection was closed", stub_n_open() == 0);
}

#define must_be(place, wanted, words)                                                              \
    must_be_at(__LINE__, &seen.results[place], OUTCOME_##wanted, words)

static void must_be_at(int line, const struct result *result, enum outcome outcome,
                       const char *words)
{
    bool fits = result->outcome == outcome &&
                (words == NULL || (result->text != NULL && strstr(result->text, words) != NULL));

    if (!fits)
        fprintf(stderr, "%d: %s (%s), wanted %s (%s)\n", line, outcome_name(result->outcome),
                result->text, outcome_name(outcome), words);
    must("the outcome is as wanted", fits);
}

static void must_be_as_it_was(void)
{
    must("all is as it was", stub.live[0][STUB_HARD] == OLD && stub.live[0][STUB_SOFT] == GIB(4) &&
                                 stub.config[0][STUB_HARD] == OLD);
    must("and said so", seen.results[0].after.number == OLD);
    must_be(1, SKIPPED, "went back");
}

static void gets_there(void)
{
    begin();
    shrink_to(NEW);
    must_be(0, CHANGED, "shrunk in");
    must_be(1, CHANGED, NULL);
    must("it is there", stub.live[0][STUB_HARD] == NEW && stub.config[0][STUB_HARD] == NEW);
    must("it holds less", stub.held[0] <= NEW);
    must("what was set meanwhile is what it was", stub.live[0][STUB_SOFT] == GIB(4));
    must("it was waited for, and watched", seen.phases & 1u << APPLY_SQUEEZING &&
                                               seen.phases & 1u << APPLY_WATCHING &&
                                               !(seen.phases & 1u << APPLY_RESTORING));
    must("every write is a step", seen.steps == 6);
    end();
}

static void is_refused_where_it_does_not_fit(void)
{
    begin();
    stub.cache = MIB(512);
    shrink_to(NEW);
    must_be(0, REFUSED, "lowest that would do now");
    must("nothing was sent", stub_calls(STUB_APPLY) == 0);
    must("the caller can tell", seen.results[0].error == BACKEND_ERROR_UNSAFE);
    end();
}

static void does_not_follow(void)
{
    begin();
    stub.needs = GIB(1) + MIB(300);
    shrink_to(NEW);
    must_be(0, GONE_BACK, "does not come to");
    must_be_as_it_was();
    end();
}

static void is_cancelled(void)
{
    begin();
    stub.yields = MIB(1);
    seen.cancels = true;
    shrink_to(NEW);
    must_be(0, GONE_BACK, "cancelled");
    must_be_as_it_was();
    end();
}

static void suffers(unsigned at, bool killed)
{
    begin();
    if (killed)
        stub.kill_at_apply = at;
    else
        stub.stall_at_apply = at;
    shrink_to(NEW);
    must_be(0, GONE_BACK, killed ? "was killed" : "stalled for 2.0 of 5 s");
    must_be_as_it_was();
    end();
}

static void suffers_while_it_is_watched(void)
{
    begin();
    seen.kills_in_watch = true;
    shrink_to(NEW);
    must_be(0, GONE_BACK, "was killed");
    must_be_as_it_was();
    end();
}

static void fails_on_the_way(unsigned at)
{
    begin();
    stub.fail_at_apply = at;
    shrink_to(NEW);
    must_be(0, GONE_BACK, "busy");
    must_be_as_it_was();
    end();
}

static void fails_at_once(void)
{
    begin();
    stub.fail_at_apply = 1;
    shrink_to(NEW);
    must_be(0, FAILED, "busy");
    must("with the reason's code", seen.results[0].error == BACKEND_ERROR_BUSY);
    must_be_as_it_was();
    end();
}

/* Raising does not fail often; where it does, nobody is told otherwise. */
static void cannot_go_back(void)
{
    begin();
    stub.fail_from_apply = 3;
    shrink_to(NEW);
    must_be(0, FAILED, "not all went back: soft_limit reads");
    must("the limit is the old one", stub.live[0][STUB_HARD] == OLD);
    must("the persistent one too", stub.config[0][STUB_HARD] == OLD);
    must_be(1, SKIPPED, NULL);
    end();
}

static void goes_back_at_the_second_try(void)
{
    begin();
    stub.kill_at_apply = 3;
    stub.fail_at_apply = 4;
    shrink_to(NEW);
    must_be(0, GONE_BACK, "was killed");
    must_be_as_it_was();
    end();
}

static void meets_somebody_else(void)
{
    begin();
    stub.kill_at_apply = 5; /* after the hard limit was lowered */
    stub.meddle_at_apply = 5;
    stub.meddle_value = GIB(9);
    shrink_to(NEW);
    must("somebody's value stays", stub.live[0][STUB_HARD] == GIB(9));
    must_be(0, FAILED, "hard_limit reads 9 GiB now, was 4 GiB: somebody else");
    end();
}

static void hangs(void)
{
    begin();
    stub.hang[STUB_APPLY] = 1;
    stub.interruptible = true;
    {
        const struct change changes[] = {change(SCOPE_LIVE, NEW), change(SCOPE_CONFIG, NEW)};

        model_apply(driver.model, changes, 2,
                    &(struct apply_options){.safe_shrink = true, .timeout_ms = 60}, note, NULL,
                    NULL);
        must("it is done", driver_until(&driver, is_done));
    }
    must("nothing is left on the way",
         stub.live[0][STUB_SOFT] == GIB(4) && stub.live[0][STUB_HARD] == OLD);
    must_be(1, SKIPPED, NULL);
    stub_release();
    end();
}

int main(void)
{
    gets_there();
    is_refused_where_it_does_not_fit();
    does_not_follow();
    is_cancelled();
    suffers(1, true);
    suffers(3, true);
    suffers(4, true);
    suffers(1, false);
    suffers(5, false);
    suffers_while_it_is_watched();
    fails_at_once();
    fails_on_the_way(2);
    fails_on_the_way(4); /* the limit itself */
    fails_on_the_way(5); /* setting the other one free */
    cannot_go_back();
    goes_back_at_the_second_try();
    meets_somebody_else();
    hangs();
    return must_result();
}
