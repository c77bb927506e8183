/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing: conflicts, failures half way, values on their way, hung calls, going back. */
#include "stub.h"

#include <string.h>

static struct driver driver;

static struct outcome_seen {
    struct result results[16];
    size_t n;
    bool done;
    unsigned steps, phases;
    char error[256];
} seen;

static void note(const struct apply_progress *progress, void *data)
{
    struct job **cancel_at_step = data;

    seen.steps += progress->phase == APPLY_STEP;
    seen.phases |= 1u << progress->phase;
    if (progress->phase == APPLY_STEP && cancel_at_step != NULL)
        job_cancel(*cancel_at_step);
    if (progress->phase == APPLY_STEP)
        must("the step can be looked at", progress->current->n_changes > 0);
    if (progress->phase != APPLY_DONE)
        return;
    seen.done = true;
    seen.n = progress->n_results;
    for (size_t i = 0; i < seen.n; i++) {
        seen.results[i] = progress->results[i];
        seen.results[i].text = g_strdup(progress->results[i].text);
    }
    if (progress->error != NULL)
        g_strlcpy(seen.error, progress->error->message, sizeof seen.error);
}

static bool is_done(struct driver *d)
{
    return seen.done;
}

static bool connected(struct driver *d)
{
    return model_snapshot(d->model, 0)->state == CONNECTION_CONNECTED;
}

static void forget(void)
{
    for (size_t i = 0; i < seen.n; i++)
        g_free(seen.results[i].text);
    memset(&seen, 0, sizeof seen);
}

static struct change change(size_t domain, enum stub_row row, enum scope scope, uint64_t to)
{
    return (struct change){.key = {.id = {(uint8_t)(domain + 1)}},
                           .tunable = &stub_tunables[row],
                           .scope = scope,
                           .from = value_number(GIB(4)),
                           .to = value_number(to)};
}

static void begin(const struct backend *backend)
{
    forget();
    stub_reset();
    driver_start(&driver, backend, 2, false);
    must("it connects", driver_until(&driver, connected));
}

static void end(void)
{
    must("all threads end", driver_end(&driver, 2000));
    must("every connection was closed", stub_n_open() == 0);
    must("never two calls on one connection", !stub.at_once);
    forget();
}

static struct job *write_them(const struct change *changes, size_t n, struct apply_options options,
                              void *data)
{
    return model_apply(driver.model, changes, n, &options, note, data, NULL);
}

static void write_and_wait(const struct change *changes, size_t n, struct apply_options options)
{
    write_them(changes, n, options, NULL);
    must("it is done", driver_until(&driver, is_done));
    must("with a result per change", seen.n == n);
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

static void changes_and_reads_back(const struct backend *backend)
{
    struct change changes[] = {
        change(0, STUB_HARD, SCOPE_LIVE, GIB(5)),
        change(0, STUB_HARD, SCOPE_CONFIG, GIB(4) + 1),
        change(1, STUB_MEMSW, SCOPE_LIVE, GIB(6) + 1),
        change(1, STUB_HINT, SCOPE_LIVE, GIB(1)),
        change(2, STUB_TARGET, SCOPE_CONFIG, GIB(3)),
    };

    begin(backend);
    write_and_wait(changes, G_N_ELEMENTS(changes), (struct apply_options){0});
    must_be(0, CHANGED, NULL);
    must_be(1, UNCHANGED, NULL);
    must_be(2, ROUNDED, "rounded to");
    must_be(3, PENDING, "cannot be read back");
    must_be(4, CHANGED, NULL);
    must("the result holds what was and what is",
         seen.results[0].before.number == GIB(4) && seen.results[0].after.number == GIB(5));
    must("what is unchanged is not sent", stub_calls(STUB_APPLY) == 4 && seen.steps == 4);
    must("it may write now", model_may_write(driver.model, 0));
    must("one connection or two",
         stub_calls(STUB_OPEN) == (backend->flags & BACKEND_ONE_CONNECTION ? 1u : 2u));
    end();
}

static void meets_a_conflict(bool overwrite)
{
    struct change changes[] = {
        change(0, STUB_HARD, SCOPE_LIVE, GIB(5)),
        change(0, STUB_MEMSW, SCOPE_LIVE, GIB(6)),
        change(1, STUB_HARD, SCOPE_LIVE, GIB(5)),
    };

    begin(&stub_backend);
    pthread_mutex_lock(&stub.lock);
    stub.live[0][STUB_HARD] = GIB(7);
    pthread_mutex_unlock(&stub.lock);
    write_and_wait(changes, 3, (struct apply_options){.overwrite = overwrite});
    if (overwrite) {
        must_be(0, CHANGED, NULL);
        must("what was there is told", seen.results[0].before.number == GIB(7));
    } else {
        must_be(0, CONFLICT, "reads 7 GiB now, was 4 GiB");
        must_be(1, SKIPPED, "hard_limit was changed by somebody else");
        must("nothing of that domain was sent", stub_calls(STUB_APPLY) == 1);
    }
    must_be(2, CHANGED, NULL);
    end();
}

static void meets_somebody_between_domains(void)
{
    struct change changes[] = {
        change(0, STUB_HARD, SCOPE_LIVE, GIB(5)),
        change(1, STUB_HARD, SCOPE_LIVE, GIB(5)),
    };

    begin(&stub_backend);
    stub.meddle_domain = 1;
    stub.meddle_value = GIB(9);
    write_and_wait(changes, 2, (struct apply_options){0});
    must_be(0, CHANGED, NULL);
    must_be(1, CONFLICT, "reads 9 GiB now");
    must("somebody's value stays", stub.live[1][STUB_HARD] == GIB(9));
    end();
}

static void is_lied_to(void)
{
    struct change changes[] = {change(0, STUB_HARD, SCOPE_LIVE, GIB(5))};

    begin(&stub_backend);
    stub.lies = true;
    write_and_wait(changes, 1, (struct apply_options){0});
    must_be(0, FAILED, "accepted, but reads back 4 GiB");
    end();
}

static void fails_half_way(void)
{
    struct change changes[] = {
        change(0, STUB_HARD, SCOPE_LIVE, GIB(3)),
        change(0, STUB_MEMSW, SCOPE_LIVE, GIB(3)),
        change(0, STUB_HARD, SCOPE_CONFIG, GIB(3)),
        change(1, STUB_HARD, SCOPE_LIVE, GIB(3)),
    };

    begin(&stub_backend);
    stub.fail_at_apply = 1;
    stub.half = 1;
    write_and_wait(changes, 4, (struct apply_options){0});
    must_be(0, CHANGED, "although the call failed half way: device or resource busy");
    must_be(1, FAILED, "device or resource busy");
    must("what is true now is told",
         seen.results[1].after.number == GIB(4) && seen.results[0].after.number == GIB(3));
    must_be(2, SKIPPED, "a step before it failed");
    must_be(3, CHANGED, NULL);
    end();
}

static void converges(unsigned wait_ms)
{
    struct change changes[] = {
        change(0, STUB_TARGET, SCOPE_LIVE, GIB(2)),
        change(1, STUB_HARD, SCOPE_LIVE, GIB(3)),
    };

    begin(&stub_backend);
    /* The reader's samples move it too. */
    stub.speed = wait_ms == 0 ? MIB(1) : MIB(256);
    write_and_wait(changes, 2, (struct apply_options){.wait_ms = wait_ms});
    if (wait_ms == 0)
        must_be(0, PENDING, "of 2 GiB so far");
    else
        must_be(0, CHANGED, NULL);
    must("it was waited for", !(seen.phases & 1u << APPLY_WAITING) == (wait_ms == 0));
    must_be(1, CHANGED, NULL);
    end();
}

static void goes_down_in_stops(bool follows)
{
    struct change changes[] = {
        change(0, STUB_TARGET, SCOPE_LIVE, GIB(2)),
        change(0, STUB_HINT, SCOPE_LIVE, GIB(3)),
        change(1, STUB_HARD, SCOPE_LIVE, GIB(3)),
    };

    begin(&stub_backend);
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
    must("every stop is a step", seen.steps == (follows ? 5 : 3));
    must("it was waited for", seen.phases & 1u << APPLY_WAITING);
    end();
}

static void goes_back(bool kills)
{
    struct change changes[] = {
        change(0, STUB_HARD, SCOPE_LIVE, GIB(6)),
        change(0, STUB_TARGET, SCOPE_CONFIG, GIB(5)),
        change(1, STUB_HARD, SCOPE_LIVE, GIB(3)),
        change(2, STUB_HARD, SCOPE_LIVE, GIB(3)),
    };

    begin(&stub_backend);
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
    end();
}

/* A job that takes back what another process wrote: hard of two domains was raised, of the first
 * one by somebody else since, and the second one has grown. */
static void takes_back(void)
{
    struct change changes[] = {
        change(0, STUB_HARD, SCOPE_LIVE, GIB(3)), change(0, STUB_MEMSW, SCOPE_LIVE, GIB(6)),
        change(1, STUB_HARD, SCOPE_LIVE, GIB(3)), change(2, STUB_HARD, SCOPE_LIVE, GIB(3)),
        change(3, STUB_HARD, SCOPE_LIVE, GIB(4)),
    };

    begin(&stub_backend);
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
    end();
}

static void is_cancelled(void)
{
    struct change changes[] = {
        change(0, STUB_HARD, SCOPE_LIVE, GIB(6)),
        change(1, STUB_HARD, SCOPE_LIVE, GIB(3)),
        change(2, STUB_HARD, SCOPE_LIVE, GIB(3)),
    };
    struct job *job = NULL;

    begin(&stub_backend);
    stub.delay_us = 20000;
    job = write_them(changes, 3, (struct apply_options){0}, &job);
    must("it is done", driver_until(&driver, is_done));
    must_be(0, CHANGED, NULL);
    must_be(2, SKIPPED, "cancelled");
    end();
}

static void hangs(bool interruptible, bool done_nevertheless)
{
    struct change changes[] = {
        change(0, STUB_HARD, SCOPE_LIVE, GIB(3)),
        change(0, STUB_HARD, SCOPE_CONFIG, GIB(3)),
        change(1, STUB_HARD, SCOPE_LIVE, GIB(3)),
    };

    begin(&stub_backend);
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
    must("what is true now was read", value_known(seen.results[0].after));
    must_be(1, SKIPPED, "a step before it failed");
    must_be(2, CHANGED, NULL);
    must("the watch went on", connected(&driver));
    stub_release();
    end();
}

static void is_refused(void)
{
    struct change changes[] = {change(0, STUB_HARD, SCOPE_LIVE, GIB(3))};

    begin(&stub_backend);
    stub.code[STUB_OPEN] = BACKEND_ERROR_PERMISSION;
    stub.fail[STUB_OPEN] = 1;
    write_and_wait(changes, 1, (struct apply_options){0});
    must_be(0, SKIPPED, "scripted");
    must("and says why", strstr(seen.error, "scripted") != NULL);
    must("the watch went on", connected(&driver) && !model_may_write(driver.model, 0));
    end();
}

static void refuses_on_a_read_only_model(void)
{
    struct change changes[] = {change(0, STUB_HARD, SCOPE_LIVE, GIB(3))};
    g_autoptr(GError) error = NULL;

    forget();
    stub_reset();
    driver_start(&driver, &stub_one_backend, 2, true);
    must("no job", model_apply(driver.model, changes, 1, &(struct apply_options){0}, note, NULL,
                               &error) == NULL);
    must("but why", g_error_matches(error, BACKEND_ERROR, BACKEND_ERROR_PERMISSION));
    end();
}

static void survives_any_schedule(unsigned seed)
{
    g_autoptr(GRand) random = g_rand_new_with_seed(seed);
    struct change changes[STUB_DOMAINS * 2];
    struct apply_options options = {.timeout_ms = 30, .wait_ms = 20};

    begin(g_rand_boolean(random) ? &stub_backend : &stub_one_backend);
    for (size_t i = 0; i < G_N_ELEMENTS(changes); i++)
        changes[i] =
            change(i / 2, (enum stub_row)g_rand_int_range(random, 0, STUB_ROWS),
                   i % 2 == 0 ? SCOPE_LIVE : SCOPE_CONFIG, GIB(g_rand_int_range(random, 1, 9)));
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
    for (size_t i = 0; i < seen.n; i++)
        must("every outcome that is not plain has its sentence",
             seen.results[i].outcome == OUTCOME_CHANGED ||
                 seen.results[i].outcome == OUTCOME_UNCHANGED ||
                 seen.results[i].outcome == OUTCOME_GONE_BACK || seen.results[i].text != NULL);
    stub_release();
    end();
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
