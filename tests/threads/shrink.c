/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Safe shrink: every end of it leaves what was asked for, what was there, or a word of it. */
#include "story.h"

#define OLD GIB(4)
#define NEW GIB(1)
#define HELD GIB(2)

static struct story story;
static bool cancels, kills_in_watch;

static void note(const struct apply_progress *progress, void *data)
{
    struct job **job = data;

    story_take(&story, progress);
    must("a sentence of how far it is, or why, and only then",
         (progress->phase == APPLY_SQUEEZING || progress->phase == APPLY_WATCHING ||
          progress->phase == APPLY_RESTORING) == (progress->detail != NULL));
    if (cancels && progress->phase == APPLY_SQUEEZING)
        job_cancel(*job);
    if (kills_in_watch && progress->phase == APPLY_WATCHING) {
        pthread_mutex_lock(&stub.lock);
        stub.kills = 1;
        pthread_mutex_unlock(&stub.lock);
    }
}

static void begin(void)
{
    cancels = kills_in_watch = false;
    story_begin(&story, &stub_backend);
    stub.held[0] = HELD;
    stub.cache = GIB(2);
    stub.yields = MIB(128);
}

static void shrink(uint64_t to, unsigned timeout_ms)
{
    const struct change changes[] = {story_change(0, STUB_HARD, SCOPE_LIVE, to),
                                     story_change(0, STUB_HARD, SCOPE_CONFIG, to)};
    const struct apply_options options = {.safe_shrink = true, .timeout_ms = timeout_ms};
    static struct job *job;

    job = model_apply(story.driver.model, changes, 2, &options, note, &job, NULL);
    story_wait(&story);
}

static void shrink_to(uint64_t to)
{
    shrink(to, 0);
}

#define must_be(place, wanted, words) story_must_be(&story, place, wanted, words)

static void must_be_as_it_was(void)
{
    must("all is as it was", stub.live[0][STUB_HARD] == OLD && stub.live[0][STUB_SOFT] == GIB(4) &&
                                 stub.config[0][STUB_HARD] == OLD);
    must("and said so", story.results[0].after.number == OLD);
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
    must("it was waited for, and watched", story.phases & 1u << APPLY_SQUEEZING &&
                                               story.phases & 1u << APPLY_WATCHING &&
                                               !(story.phases & 1u << APPLY_RESTORING));
    must("every write is a step", story.steps == 6);
    story_end(&story);
}

static void is_refused_where_it_does_not_fit(void)
{
    begin();
    stub.cache = MIB(512);
    shrink_to(NEW);
    must_be(0, REFUSED, "lowest that would do now");
    must("nothing was sent", stub_calls(STUB_APPLY) == 0);
    must("the caller can tell", story.results[0].error == BACKEND_ERROR_UNSAFE);
    story_end(&story);
}

static void does_not_follow(void)
{
    begin();
    stub.needs = GIB(1) + MIB(300);
    shrink_to(NEW);
    must_be(0, GONE_BACK, "does not come to");
    must_be_as_it_was();
    story_end(&story);
}

static void is_cancelled(void)
{
    begin();
    stub.yields = MIB(1);
    cancels = true;
    shrink_to(NEW);
    must_be(0, GONE_BACK, "cancelled");
    must_be_as_it_was();
    story_end(&story);
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
    story_end(&story);
}

static void suffers_while_it_is_watched(void)
{
    begin();
    kills_in_watch = true;
    shrink_to(NEW);
    must_be(0, GONE_BACK, "was killed");
    must_be_as_it_was();
    story_end(&story);
}

static void fails_on_the_way(unsigned at)
{
    begin();
    stub.fail_at_apply = at;
    shrink_to(NEW);
    must_be(0, GONE_BACK, "busy");
    must_be_as_it_was();
    story_end(&story);
}

static void fails_at_once(void)
{
    begin();
    stub.fail_at_apply = 1;
    shrink_to(NEW);
    must_be(0, FAILED, "busy");
    must("with the reason's code", story.results[0].error == BACKEND_ERROR_BUSY);
    must_be_as_it_was();
    story_end(&story);
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
    story_end(&story);
}

static void goes_back_at_the_second_try(void)
{
    begin();
    stub.kill_at_apply = 3;
    stub.fail_at_apply = 4;
    shrink_to(NEW);
    must_be(0, GONE_BACK, "was killed");
    must_be_as_it_was();
    story_end(&story);
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
    story_end(&story);
}

/* What is written last was compared first, and that may be long ago. */
static void meets_somebody_on_the_way(void)
{
    begin();
    stub.meddle_at_apply = 2;
    stub.meddle_value = GIB(9);
    shrink_to(NEW);
    must("somebody's value stays", stub.live[0][STUB_HARD] == GIB(9));
    must("ours goes back", stub.live[0][STUB_SOFT] == GIB(4));
    must_be(0, GONE_BACK, "hard_limit was changed by somebody else: reads 9 GiB now, was 4 GiB");
    must_be(1, SKIPPED, "went back");
    story_end(&story);
}

static void hangs(void)
{
    begin();
    stub.hang[STUB_APPLY] = 1;
    stub.interruptible = true;
    shrink(NEW, 60);
    must("nothing is left on the way",
         stub.live[0][STUB_SOFT] == GIB(4) && stub.live[0][STUB_HARD] == OLD);
    must_be(1, SKIPPED, NULL);
    stub_release();
    story_end(&story);
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
    meets_somebody_on_the_way();
    hangs();
    return must_result();
}
