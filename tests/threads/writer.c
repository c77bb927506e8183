/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing: conflicts, failures half way, values on their way, hung calls, going back. */
#include "story.h"

#include <string.h>

static struct story story;

static void note(const struct apply_progress *progress, void *data)
{
    struct job **cancel_at_step = data;

    story_take(&story, progress);
    if (progress->phase == APPLY_STEP && cancel_at_step != NULL)
        job_cancel(*cancel_at_step);
}

static struct job *write_them(const struct change *changes, size_t n, struct apply_options options,
                              void *data)
{
    return model_apply(story.driver.model, changes, n, &options, note, data, NULL);
}

static void write_and_wait(const struct change *changes, size_t n, struct apply_options options)
{
    write_them(changes, n, options, NULL);
    story_wait(&story);
    must("with a result per change", story.n == n);
}

#define must_be(place, wanted, words) story_must_be(&story, place, wanted, words)

static void changes_and_reads_back(const struct backend *backend)
{
    struct change changes[] = {
        story_change(0, STUB_HARD, SCOPE_LIVE, GIB(5)),
        story_change(0, STUB_HARD, SCOPE_CONFIG, GIB(4) + 1),
        story_change(1, STUB_MEMSW, SCOPE_LIVE, GIB(6) + 1),
        story_change(1, STUB_HINT, SCOPE_LIVE, GIB(1)),
        story_change(2, STUB_TARGET, SCOPE_CONFIG, GIB(3)),
    };

    story_begin(&story, backend);
    write_and_wait(changes, G_N_ELEMENTS(changes), (struct apply_options){0});
    must_be(0, CHANGED, NULL);
    must_be(1, UNCHANGED, NULL);
    must_be(2, ROUNDED, "rounded to");
    must_be(3, PENDING, "cannot be read back");
    must_be(4, CHANGED, NULL);
    must("the result holds what was and what is",
         story.results[0].before.number == GIB(4) && story.results[0].after.number == GIB(5));
    must("what is unchanged is not sent", stub_calls(STUB_APPLY) == 4 && story.steps == 4);
    must("it may write now", model_may_write(story.driver.model, 0));
    must("one connection or two",
         stub_calls(STUB_OPEN) == (backend->flags & BACKEND_ONE_CONNECTION ? 1u : 2u));
    story_end(&story);
}

static void meets_a_conflict(bool overwrite)
{
    struct change changes[] = {
        story_change(0, STUB_HARD, SCOPE_LIVE, GIB(5)),
        story_change(0, STUB_MEMSW, SCOPE_LIVE, GIB(6)),
        story_change(1, STUB_HARD, SCOPE_LIVE, GIB(5)),
    };

    story_begin(&story, &stub_backend);
    pthread_mutex_lock(&stub.lock);
    stub.live[0][STUB_HARD] = GIB(7);
    pthread_mutex_unlock(&stub.lock);
    write_and_wait(changes, 3, (struct apply_options){.overwrite = overwrite});
    if (overwrite) {
        must_be(0, CHANGED, NULL);
        must("what was there is told", story.results[0].before.number == GIB(7));
    } else {
        must_be(0, CONFLICT, "reads 7 GiB now, was 4 GiB");
        must_be(1, SKIPPED, "hard_limit was changed by somebody else");
        must("nothing of that domain was sent", stub_calls(STUB_APPLY) == 1);
    }
    must_be(2, CHANGED, NULL);
    story_end(&story);
}

static void meets_somebody_between_domains(void)
{
    struct change changes[] = {
        story_change(0, STUB_HARD, SCOPE_LIVE, GIB(5)),
        story_change(1, STUB_HARD, SCOPE_LIVE, GIB(5)),
    };

    story_begin(&story, &stub_backend);
    stub.meddle_domain = 1;
    stub.meddle_value = GIB(9);
    write_and_wait(changes, 2, (struct apply_options){0});
    must_be(0, CHANGED, NULL);
    must_be(1, CONFLICT, "reads 9 GiB now");
    must("somebody's value stays", stub.live[1][STUB_HARD] == GIB(9));
    story_end(&story);
}

static void is_lied_to(void)
{
    struct change changes[] = {story_change(0, STUB_HARD, SCOPE_LIVE, GIB(5))};

    story_begin(&story, &stub_backend);
    stub.lies = true;
    write_and_wait(changes, 1, (struct apply_options){0});
    must_be(0, FAILED, "accepted, but reads back 4 GiB");
    story_end(&story);
}

static void fails_half_way(void)
{
    struct change changes[] = {
        story_change(0, STUB_HARD, SCOPE_LIVE, GIB(3)),
        story_change(0, STUB_MEMSW, SCOPE_LIVE, GIB(3)),
        story_change(0, STUB_HARD, SCOPE_CONFIG, GIB(3)),
        story_change(1, STUB_HARD, SCOPE_LIVE, GIB(3)),
    };

    story_begin(&story, &stub_backend);
    stub.fail_at_apply = 1;
    stub.half = 1;
    write_and_wait(changes, 4, (struct apply_options){0});
    must_be(0, CHANGED, "although the call failed half way: device or resource busy");
    must_be(1, FAILED, "device or resource busy");
    must("what is true now is told",
         story.results[1].after.number == GIB(4) && story.results[0].after.number == GIB(3));
    must_be(2, SKIPPED, "a step before it failed");
    must_be(3, CHANGED, NULL);
    story_end(&story);
}

static void converges(unsigned wait_ms)
{
    struct change changes[] = {
        story_change(0, STUB_TARGET, SCOPE_LIVE, GIB(2)),
        story_change(1, STUB_HARD, SCOPE_LIVE, GIB(3)),
    };

    story_begin(&story, &stub_backend);
    /* The reader's samples move it too. */
    stub.speed = wait_ms == 0 ? MIB(1) : MIB(256);
    write_and_wait(changes, 2, (struct apply_options){.wait_ms = wait_ms});
    if (wait_ms == 0)
        must_be(0, PENDING, "of 2 GiB so far");
    else
        must_be(0, CHANGED, NULL);
    must("it was waited for", !(story.phases & 1u << APPLY_WAITING) == (wait_ms == 0));
    must_be(1, CHANGED, NULL);
    story_end(&story);
}

static void goes_down_in_stops(bool follows)
{
    struct change changes[] = {
        story_change(0, STUB_TARGET, SCOPE_LIVE, GIB(2)),
        story_change(0, STUB_HINT, SCOPE_LIVE, GIB(3)),
        story_change(1, STUB_HARD, SCOPE_LIVE, GIB(3)),
    };

    story_begin(&story, &stub_backend);
    stub.stops = true;
    stub.speed = MIB(64);
    stub.stays = follows ? 0 : MIB(3328);
    write_and_wait(changes, 3, (struct apply_options){.wait_ms = 5000});
    if (follows) {
        must_be(0, CHANGED, NULL);
        must_be(1, PENDING, "cannot be read back");
    } else {
        must_be(0, PENDING, "asked for 3 GiB, the guest stays at 3.3 GiB");
        must_be(1, SKIPPED, "does not follow");
        must("it is asked for no less", stub.wanted_target[0] == GIB(3));
    }
    must_be(2, CHANGED, NULL);
    must("every stop is a step", story.steps == (follows ? 5 : 3));
    must("it was waited for", story.phases & 1u << APPLY_WAITING);
    story_end(&story);
}

static void goes_back(bool kills)
{
    struct change changes[] = {
        story_change(0, STUB_HARD, SCOPE_LIVE, GIB(6)),
        story_change(0, STUB_TARGET, SCOPE_CONFIG, GIB(5)),
        story_change(1, STUB_HARD, SCOPE_LIVE, GIB(3)),
        story_change(2, STUB_HARD, SCOPE_LIVE, GIB(3)),
    };

    story_begin(&story, &stub_backend);
    stub.fail_at_apply = 3;
    if (kills)
        stub.held[0] = GIB(5);
    write_and_wait(changes, 4, (struct apply_options){.all_or_nothing = true});
    if (kills)
        must_be(0, CHANGED, "not gone back (");
    else
        must_be(0, GONE_BACK, NULL);
    must_be(1, GONE_BACK, NULL);
    must_be(2, FAILED, "busy");
    must_be(3, SKIPPED, "all or nothing");
    must("it is as it was", stub.live[0][STUB_HARD] == (kills ? GIB(6) : GIB(4)) &&
                                stub.config[0][STUB_TARGET] == GIB(4) &&
                                stub.live[2][STUB_HARD] == GIB(4));
    story_end(&story);
}

/* A job that takes back what another process wrote: hard of two domains was raised, of the first
 * one by somebody else since, and the second one has grown. */
static void takes_back(void)
{
    struct change changes[] = {
        story_change(0, STUB_HARD, SCOPE_LIVE, GIB(3)),
        story_change(0, STUB_MEMSW, SCOPE_LIVE, GIB(6)),
        story_change(1, STUB_HARD, SCOPE_LIVE, GIB(3)),
        story_change(2, STUB_HARD, SCOPE_LIVE, GIB(3)),
        story_change(3, STUB_HARD, SCOPE_LIVE, GIB(4)),
    };

    story_begin(&story, &stub_backend);
    pthread_mutex_lock(&stub.lock);
    stub.live[0][STUB_HARD] = GIB(9);
    stub.held[1] = GIB(3) + MIB(512);
    pthread_mutex_unlock(&stub.lock);
    write_and_wait(changes, 5, (struct apply_options){.back = true});
    must_be(0, CONFLICT, "reads 9 GiB now, was 4 GiB");
    must_be(1, GONE_BACK, NULL);
    must_be(2, KEPT, "going back would kill: ");
    must_be(3, GONE_BACK, NULL);
    must_be(4, UNCHANGED, NULL);
    must("what is nobody's to write stays",
         stub.live[0][STUB_HARD] == GIB(9) && stub.live[1][STUB_HARD] == GIB(4));
    must("the rest is back",
         stub.live[0][STUB_MEMSW] == GIB(6) && stub.live[2][STUB_HARD] == GIB(3));
    story_end(&story);
}

static void is_cancelled(void)
{
    struct change changes[] = {
        story_change(0, STUB_HARD, SCOPE_LIVE, GIB(6)),
        story_change(1, STUB_HARD, SCOPE_LIVE, GIB(3)),
        story_change(2, STUB_HARD, SCOPE_LIVE, GIB(3)),
    };
    struct job *job = NULL;

    story_begin(&story, &stub_backend);
    stub.delay_us = 20000;
    job = write_them(changes, 3, (struct apply_options){0}, &job);
    story_wait(&story);
    must_be(0, CHANGED, NULL);
    must_be(2, SKIPPED, "cancelled");
    story_end(&story);
}

static void hangs(bool interruptible, bool done_nevertheless)
{
    struct change changes[] = {
        story_change(0, STUB_HARD, SCOPE_LIVE, GIB(3)),
        story_change(0, STUB_HARD, SCOPE_CONFIG, GIB(3)),
        story_change(1, STUB_HARD, SCOPE_LIVE, GIB(3)),
    };

    story_begin(&story, &stub_backend);
    stub.hang[STUB_APPLY] = 1;
    stub.interruptible = interruptible;
    if (done_nevertheless) {
        stub.meddle_domain = 0;
        stub.meddle_value = GIB(3);
        stub.meddle_early = true;
    }
    write_and_wait(changes, 3, (struct apply_options){.timeout_ms = 100});
    if (done_nevertheless)
        must_be(0, CHANGED, "not answered within 0.1 s");
    else
        must_be(0, FAILED, "not answered within 0.1 s: unknown whether it was done");
    must("what is true now was read", value_known(story.results[0].after));
    must_be(1, SKIPPED, "a step before it failed");
    must_be(2, CHANGED, NULL);
    must("the watch went on", driver_connected(&story.driver));
    stub_release();
    story_end(&story);
}

static void is_refused(void)
{
    struct change changes[] = {story_change(0, STUB_HARD, SCOPE_LIVE, GIB(3))};

    story_begin(&story, &stub_backend);
    stub.code[STUB_OPEN] = BACKEND_ERROR_PERMISSION;
    stub.fail[STUB_OPEN] = 1;
    write_and_wait(changes, 1, (struct apply_options){0});
    must_be(0, SKIPPED, "scripted");
    must("and says why", strstr(story.error, "scripted") != NULL);
    must("the watch went on",
         driver_connected(&story.driver) && !model_may_write(story.driver.model, 0));
    story_end(&story);
}

static void refuses_on_a_read_only_model(void)
{
    struct change changes[] = {story_change(0, STUB_HARD, SCOPE_LIVE, GIB(3))};
    g_autoptr(GError) error = NULL;

    stub_reset();
    driver_start(&story.driver, &stub_one_backend, 2, true);
    must("no job", model_apply(story.driver.model, changes, 1, &(struct apply_options){0}, note,
                               NULL, &error) == NULL);
    must("but why", g_error_matches(error, BACKEND_ERROR, BACKEND_ERROR_PERMISSION));
    story_end(&story);
}

static void survives_any_schedule(unsigned seed)
{
    g_autoptr(GRand) random = g_rand_new_with_seed(seed);
    struct change changes[STUB_DOMAINS * 2];
    struct apply_options options = {.timeout_ms = 30, .wait_ms = 20};

    story_begin(&story, g_rand_boolean(random) ? &stub_backend : &stub_one_backend);
    for (size_t i = 0; i < G_N_ELEMENTS(changes); i++)
        changes[i] = story_change(i / 2, (enum stub_row)g_rand_int_range(random, 0, STUB_ROWS),
                                  i % 2 == 0 ? SCOPE_LIVE : SCOPE_CONFIG,
                                  GIB(g_rand_int_range(random, 1, 9)));
    pthread_mutex_lock(&stub.lock);
    stub.speed = MIB(64);
    stub.interruptible = g_rand_boolean(random);
    stub.fail_at_apply = stub.calls[STUB_APPLY] + (unsigned)g_rand_int_range(random, 0, 6);
    stub.half = (unsigned)g_rand_int_range(random, 0, 2);
    stub.hang[g_rand_int_range(random, STUB_SAMPLE, STUB_CALLS)] = (unsigned)seed % 2;
    stub.fail[STUB_SAMPLE] = (unsigned)g_rand_int_range(random, 0, 2);
    stub.code[STUB_SAMPLE] = BACKEND_ERROR_CONNECTION;
    pthread_mutex_unlock(&stub.lock);
    options.all_or_nothing = g_rand_boolean(random);
    write_and_wait(changes, G_N_ELEMENTS(changes), options);
    for (size_t i = 0; i < story.n; i++)
        must("every outcome that is not plain has its sentence",
             story.results[i].outcome == OUTCOME_CHANGED ||
                 story.results[i].outcome == OUTCOME_UNCHANGED ||
                 story.results[i].outcome == OUTCOME_GONE_BACK || story.results[i].text != NULL);
    stub_release();
    story_end(&story);
}

int main(void)
{
    changes_and_reads_back(&stub_backend);
    changes_and_reads_back(&stub_one_backend);
    meets_a_conflict(false);
    meets_a_conflict(true);
    meets_somebody_between_domains();
    is_lied_to();
    fails_half_way();
    converges(0);
    converges(5000);
    goes_down_in_stops(true);
    goes_down_in_stops(false);
    goes_back(false);
    goes_back(true);
    takes_back();
    is_cancelled();
    hangs(true, false);
    hangs(false, false);
    hangs(false, true);
    is_refused();
    refuses_on_a_read_only_model();
    for (unsigned seed = 0; seed < 100; seed++)
        survives_any_schedule(seed);
    return must_result();
}
