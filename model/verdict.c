/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/verdict.h"

#include <string.h>

#define SECOND_NS UINT64_C(1000000000)

void verdict_begin(struct verdict_watch *watch, const struct verdict_sample *before)
{
    memset(watch, 0, sizeof *watch);
    watch->before = *before;
}

void verdict_take(struct verdict_watch *watch, const struct verdict_sample *sample)
{
    const struct verdict_sample *last = watch->n > 0 ? &watch->ring[0] : &watch->before;

    if (sample->taken_ns <= last->taken_ns)
        return;
    memmove(&watch->ring[1], &watch->ring[0], sizeof watch->ring - sizeof watch->ring[0]);
    watch->ring[0] = *sample;
    watch->n = MIN(watch->n + 1, VERDICT_SAMPLES);
}

/* The newest sample that is at least so old against the last one; else the one before the change.
 */
static const struct verdict_sample *ago(const struct verdict_watch *watch, uint64_t ns)
{
    for (unsigned i = 1; i < watch->n; i++) {
        if (watch->ring[0].taken_ns - watch->ring[i].taken_ns >= ns)
            return &watch->ring[i];
    }
    return &watch->before;
}

uint64_t verdict_growth(struct value before, struct value now)
{
    uint64_t a, b;

    return value_get(before, &a) && value_get(now, &b) && b > a ? b - a : 0;
}

static bool yes(struct value flag)
{
    return (flag.kind == VALUE_CHOICE && flag.choice != 0) ||
           (flag.kind == VALUE_NUMBER && flag.number != 0);
}

static bool bad(struct verdict *verdict, const char *text)
{
    verdict->grade = GUARD_GRADE_BAD;
    g_strlcpy(verdict->text, text, sizeof verdict->text);
    return true;
}

static bool state_changed(const struct verdict_watch *watch, struct verdict *verdict)
{
    const struct verdict_sample *before = &watch->before, *now = &watch->ring[0];

    if (now->state != before->state) {
        verdict->grade = GUARD_GRADE_BAD;
        g_snprintf(verdict->text, sizeof verdict->text, "it was %s and is %s",
                   domain_state_name(before->state), domain_state_name(now->state));
        return true;
    }
    return domain_started_anew(before->instance, now->instance) &&
           bad(verdict, "it was started anew");
}

/* Percent of the time between both samples, which are a window apart at least. */
static bool stood_still(struct value before, struct value now, uint64_t ns)
{
    return verdict_growth(before, now) * 1000 * 100 > ns * VERDICT_STALL_PERCENT;
}

static bool short_of_room(const struct verdict_sample *now)
{
    uint64_t left, wall;

    return value_get(now->left, &left) && value_get(now->wall, &wall) && left < wall / 20;
}

static bool thrashes(const struct verdict_watch *watch, struct verdict *verdict)
{
    const struct verdict_sample *now = &watch->ring[0], *then = ago(watch, VERDICT_WINDOW_NS);
    uint64_t ns = now->taken_ns - then->taken_ns;
    uint64_t reached = verdict_growth(then->failcnt, now->failcnt);

    if (ns < VERDICT_WINDOW_NS)
        return false;
    if (stood_still(then->stalled, now->stalled, ns))
        return bad(verdict, "it stood still for memory for more than 20 % of 5 s");
    if (value_known(now->stalled))
        return false;
    if (reached > 0 && stood_still(then->host_stalled, now->host_stalled, ns))
        return bad(verdict, "it reaches its limit, and the host stood still for memory");
    return reached * SECOND_NS >= ns * VERDICT_FAILCNT_RATE && short_of_room(now) &&
           bad(verdict, "it reaches its limit more than 100 times a second");
}

static void judge_well(const struct verdict_watch *watch, struct verdict *verdict)
{
    const struct verdict_sample *now = &watch->ring[0];
    uint64_t age = now->taken_ns - watch->before.taken_ns;

    if (verdict->throttle_rate > 0) {
        verdict->grade = GUARD_GRADE_WORSE;
        g_snprintf(verdict->text, sizeof verdict->text, "it is slowed, %u times a second",
                   verdict->throttle_rate);
    } else if (verdict_growth(watch->before.failcnt, now->failcnt) > 0 && short_of_room(now)) {
        verdict->grade = GUARD_GRADE_WORSE;
        g_strlcpy(verdict->text, "it has reached its limit since", sizeof verdict->text);
    } else if (age < VERDICT_EARLY_NS) {
        g_snprintf(verdict->text, sizeof verdict->text,
                   "too early to tell: pressure needs %u s more",
                   (unsigned)((VERDICT_EARLY_NS - age + SECOND_NS - 1) / SECOND_NS));
    } else {
        verdict->grade = GUARD_GRADE_WELL;
        g_strlcpy(verdict->text, "nothing has become worse", sizeof verdict->text);
    }
}

void verdict_judge(const struct verdict_watch *watch, struct verdict *verdict)
{
    const struct verdict_sample *now = &watch->ring[0], *then;
    uint64_t ns;

    *verdict = (struct verdict){.grade = GUARD_GRADE_EARLY};
    if (watch->n == 0) {
        g_strlcpy(verdict->text, "too early to tell: not read since", sizeof verdict->text);
        return;
    }
    then = ago(watch, VERDICT_WINDOW_NS);
    ns = MAX(now->taken_ns - then->taken_ns, SECOND_NS);
    verdict->throttle_rate =
        (unsigned)(verdict_growth(then->throttled, now->throttled) * SECOND_NS / ns);
    if (verdict_growth(watch->before.oom_kills, now->oom_kills) > 0)
        bad(verdict, "a process of it was killed for lack of memory");
    else if (!state_changed(watch, verdict) &&
             !(yes(now->under_oom) && bad(verdict, "it is out of memory just now")) &&
             !thrashes(watch, verdict))
        judge_well(watch, verdict);
}
