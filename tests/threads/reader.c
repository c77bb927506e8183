/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connecting, reading, losing and hanging, seen by the model's owner. */
#include "stub.h"

#include <string.h>

static struct driver driver;

static const struct snapshot *now(void)
{
    return model_snapshot(driver.model, 0);
}

static bool lost(struct driver *d)
{
    return now()->state == CONNECTION_LOST;
}

static bool failed(struct driver *d)
{
    return now()->state == CONNECTION_FAILED;
}

static bool one_hangs(struct driver *d)
{
    return stub_hanging() == 1;
}

static void reads_everything_first(void)
{
    size_t n;

    stub_reset();
    driver_start(&driver, &stub_backend, 0, false);
    must("it starts as connecting, and empty",
         now()->state == CONNECTION_CONNECTING && now()->n_domains == 0);
    must("it connects", driver_until(&driver, driver_connected));
    must("the first sample read everything", stub.everything == 1);
    must("no password is in the picture", strcmp(now()->uri, "stub://user@host/") == 0);
    must("every domain is a row", model_rows(driver.model, &n) != NULL && n == STUB_DOMAINS);
    must("a delay of 0 reads once", stub_calls(STUB_SAMPLE) == 1);
    must("reading opens nothing for writing", !model_may_write(driver.model, 0));
    must("all threads end", driver_end(&driver, 2000));
    must("every connection was closed", stub.n_open == 0);
}

static uint64_t wanted_serial;

static bool serial_reached(struct driver *d)
{
    return now()->serial >= wanted_serial;
}

static bool owner_is_late(struct driver *d)
{
    return stub_calls(STUB_SAMPLE) >= 10;
}

static void latest_wins(void)
{
    gint64 end = g_get_monotonic_time() + 5 * G_USEC_PER_SEC;

    stub_reset();
    driver_start(&driver, &stub_backend, 1, false);
    driver_until(&driver, driver_connected);
    driver.snapshots = 0;
    while (!owner_is_late(&driver) && g_get_monotonic_time() < end)
        g_usleep(1000);
    g_main_context_iteration(driver.context, TRUE);
    must("ten pictures wake a late owner once", driver.snapshots == 1);
    must("and it sees the latest", now()->serial >= 9);
    wanted_serial = now()->serial + 2;
    must("the next ones follow", driver_until(&driver, serial_reached));
    must("all threads end", driver_end(&driver, 2000));
}

static uint64_t retries[8];
static size_t n_retries;

static bool seven_tries(struct driver *d)
{
    if (now()->retry_ns != 0 && (n_retries == 0 || retries[n_retries - 1] != now()->retry_ns) &&
        n_retries < 8)
        retries[n_retries++] = now()->retry_ns;
    return stub_calls(STUB_OPEN) >= 7;
}

static void backs_off(void)
{
    static const unsigned seconds[] = {1, 2, 4, 8, 15};

    for (size_t i = 0; i < TIMING_BACKOFF; i++)
        must("the waits are 1 2 4 8 15 s", timing_default.backoff_ms[i] == seconds[i] * 1000);
    stub_reset();
    stub.fail[STUB_OPEN] = 6;
    stub.code[STUB_OPEN] = BACKEND_ERROR_CONNECTION;
    n_retries = 0;
    driver_start(&driver, &stub_backend, 0, false);
    must("seven tries", driver_until(&driver, seven_tries));
    must("it connects at last", driver_until(&driver, driver_connected));
    must("each wait was announced", n_retries == 6);
    for (size_t i = 1; i < n_retries; i++) {
        unsigned wait = stub_timing.backoff_ms[MIN(i, TIMING_BACKOFF - 1)];

        must("each wait is as long as the table says",
             retries[i] - retries[i - 1] >= (uint64_t)wait * 1000000);
    }
    must("an error is not in the picture any more", now()->error == NULL);
    must("all threads end", driver_end(&driver, 2000));
}

static void gives_up(int code)
{
    stub_reset();
    stub.fail[STUB_OPEN] = 1;
    stub.code[STUB_OPEN] = code;
    driver_start(&driver, &stub_backend, 1, false);
    must("what trying again cannot mend fails", driver_until(&driver, failed));
    must("with a clean sentence", strcmp(now()->error, "scripted\\x9b failure") == 0);
    must("and no next try", now()->retry_ns == 0 && stub_calls(STUB_OPEN) == 1);
    model_reconnect(driver.model, 0);
    must("until it is told to", driver_until(&driver, driver_connected));
    must("all threads end", driver_end(&driver, 2000));
}

static void loses_and_keeps_its_picture(void)
{
    stub_reset();
    driver_start(&driver, &stub_backend, 1, false);
    driver_until(&driver, driver_connected);
    pthread_mutex_lock(&stub.lock);
    stub.fail[STUB_SAMPLE] = 1;
    stub.fail[STUB_OPEN] = 1;
    stub.code[STUB_SAMPLE] = stub.code[STUB_OPEN] = BACKEND_ERROR_CONNECTION;
    pthread_mutex_unlock(&stub.lock);
    must("a failed sample loses it", driver_until(&driver, lost));
    must("the domains stay", now()->n_domains == STUB_DOMAINS && now()->taken_ns != 0);
    must("with the reason and the next try", now()->error != NULL && now()->retry_ns != 0);
    must("it comes back", driver_until(&driver, driver_connected));
    must("reading everything", stub.everything == 2);
    must("all threads end", driver_end(&driver, 2000));
}

static bool reopened(struct driver *d)
{
    return stub_calls(STUB_OPEN) == 2 && driver_connected(d) && stub_calls(STUB_SAMPLE) >= 2;
}

static void is_told_of_a_loss(void)
{
    stub_reset();
    driver_start(&driver, &stub_backend, 0, false);
    driver_until(&driver, driver_connected);
    pthread_mutex_lock(&stub.lock);
    stub.uplink->lost(stub.uplink, "the daemon went away");
    pthread_mutex_unlock(&stub.lock);
    must("a reported loss reconnects, without any sample due", driver_until(&driver, reopened));
    must("all threads end", driver_end(&driver, 2000));
}

static bool read_again(struct driver *d)
{
    return stub_calls(STUB_SAMPLE) >= 2;
}

static void reads_what_changed(void)
{
    const struct domain_key key = {.id = {3}};

    stub_reset();
    driver_start(&driver, &stub_backend, 60000, false);
    driver_until(&driver, driver_connected);
    pthread_mutex_lock(&stub.lock);
    stub.live[2][STUB_HARD] = GIB(9);
    stub.uplink->changed(stub.uplink, (uint8_t[16]){3});
    pthread_mutex_unlock(&stub.lock);
    wanted_serial = now()->serial + 1;
    must("an event reads long before the delay", driver_until(&driver, serial_reached));
    must("and the change is there",
         snapshot_find(now(), &key)->settings[STUB_HARD].live.number == GIB(9));
    model_refresh(driver.model, true);
    wanted_serial = now()->serial + 1;
    must("so does a refresh", driver_until(&driver, serial_reached) && read_again(&driver));
    must("all threads end", driver_end(&driver, 2000));
}

static void hangs(enum stub_call call, bool interruptible)
{
    uint64_t serial;

    stub_reset();
    stub.interruptible = interruptible;
    driver_start(&driver, &stub_backend, 1, false);
    driver_until(&driver, driver_connected);
    pthread_mutex_lock(&stub.lock);
    stub.hang[call] = 1;
    if (call != STUB_SAMPLE) {
        stub.fail[STUB_SAMPLE] = 1;
        stub.code[STUB_SAMPLE] = BACKEND_ERROR_CONNECTION;
    }
    /* So that it is lost for long enough to be seen. */
    if (call != STUB_OPEN)
        stub.fail[STUB_OPEN] = UINT_MAX;
    stub.code[STUB_OPEN] = BACKEND_ERROR_CONNECTION;
    pthread_mutex_unlock(&stub.lock);
    must("a hung call is seen", driver_until(&driver, one_hangs));
    must("the picture is lost but there", driver_until(&driver, lost) && now()->n_domains == 4);
    pthread_mutex_lock(&stub.lock);
    stub.fail[STUB_OPEN] = 0;
    pthread_mutex_unlock(&stub.lock);
    must("another thread connects", driver_until(&driver, driver_connected));
    serial = now()->serial;
    must("the hung thread is still there, or came back by being interrupted",
         stub_hanging() == (interruptible ? 0 : 1));
    stub_release();
    wanted_serial = serial + 3;
    must("and whatever it brings, pictures go on", driver_until(&driver, serial_reached));
    must("all threads end", driver_end(&driver, 2000));
    must("every connection was closed", stub.n_open == 0);
    must("never two calls on one connection", !stub.at_once);
}

static void leaves_three_behind_at_most(void)
{
    stub_reset();
    stub.hang[STUB_OPEN] = 9;
    driver_start(&driver, &stub_backend, 1, false);
    must("it gives up", driver_until(&driver, failed));
    must("with three threads left behind", stub_hanging() == 3);
    must("and says so", strstr(now()->error, "3 calls hang") != NULL);
    model_reconnect(driver.model, 0);
    g_main_context_iteration(driver.context, FALSE);
    must("told to reconnect it starts no fourth", failed(&driver) && stub_hanging() == 3);
    stub_release();
    must("once they came back", driver_until(&driver, failed));
    while (!driver_connected(&driver)) {
        model_reconnect(driver.model, 0);
        g_main_context_iteration(driver.context, TRUE);
    }
    must("it connects", driver_connected(&driver));
    must("all threads end", driver_end(&driver, 2000));
}

static void is_freed_while_hung(enum stub_call call)
{
    gint64 start;

    stub_reset();
    driver_start(&driver, &stub_backend, 1, false);
    driver_until(&driver, driver_connected);
    pthread_mutex_lock(&stub.lock);
    stub.hang[call] = 1;
    if (call == STUB_OPEN) {
        stub.fail[STUB_SAMPLE] = 1;
        stub.code[STUB_SAMPLE] = BACKEND_ERROR_CONNECTION;
    }
    pthread_mutex_unlock(&stub.lock);
    if (call != STUB_CLOSE)
        must("it hangs", driver_until(&driver, one_hangs));
    start = g_get_monotonic_time();
    must("threads are left", !driver_end(&driver, 50));
    must("within the wait", g_get_monotonic_time() - start < 500 * 1000);
    stub_release();
    while (stub_n_open() > 0)
        g_usleep(1000);
}

static bool asked(struct driver *d)
{
    return d->questions > 0;
}

static void asks(void)
{
    stub_reset();
    stub.ask = true;
    driver.answer = "sesame";
    driver_start(&driver, &stub_backend, 0, false);
    must("it connects with the answer", driver_until(&driver, driver_connected));
    must("which is what was given", strcmp(stub.asked, "sesame") == 0);
    must("all threads end", driver_end(&driver, 2000));
    driver.answer = NULL;
    driver_start(&driver, &stub_backend, 0, false);
    must("it asks", driver_until(&driver, asked));
    must("an unanswered question does not hold up the end", driver_end(&driver, 2000));
    driver_start(&driver, &stub_backend, 0, false);
    driver_until(&driver, asked);
    model_answer(driver.model, 0, NULL);
    must("a refusal fails", driver_until(&driver, failed));
    must("all threads end", driver_end(&driver, 2000));
}

static bool answered, allowed;

static void answer(uint16_t connection, const GError *error, void *data)
{
    answered = true;
    allowed = error == NULL;
}

static bool was_answered(struct driver *d)
{
    return answered;
}

static bool asked_twice(struct driver *d)
{
    return d->questions > 1;
}

static void fail_next(enum stub_call call, int code)
{
    pthread_mutex_lock(&stub.lock);
    stub.fail[call] = 1;
    stub.code[call] = code;
    pthread_mutex_unlock(&stub.lock);
}

static void asks_once_while_it_works(void)
{
    stub_reset();
    stub.ask = true;
    driver.answer = "sesame";
    driver_start(&driver, &stub_backend, 0, false);
    must("it connects", driver_until(&driver, driver_connected));
    fail_next(STUB_SAMPLE, BACKEND_ERROR_CONNECTION);
    model_refresh(driver.model, false);
    must("it is lost", driver_until(&driver, lost));
    must("it connects again", driver_until(&driver, driver_connected));
    must("without asking again", driver.questions == 1);
    answered = false;
    model_open_for_writing(driver.model, 0, answer, NULL);
    must("it opens for writing", driver_until(&driver, was_answered) && allowed);
    must("without asking for that either", driver.questions == 1);
    fail_next(STUB_SAMPLE, BACKEND_ERROR_CONNECTION);
    fail_next(STUB_OPEN, BACKEND_ERROR_AUTH);
    model_refresh(driver.model, false);
    must("the answer is refused", driver_until(&driver, failed));
    must("which asks nobody yet", driver.questions == 1);
    model_reconnect(driver.model, 0);
    must("then it asks again", driver_until(&driver, asked_twice));
    must("and connects", driver_until(&driver, driver_connected));
    must("all threads end", driver_end(&driver, 2000));
}

static void opens_for_writing(const struct backend *backend)
{
    stub_reset();
    driver_start(&driver, backend, 2, false);
    answered = false;
    model_open_for_writing(driver.model, 0, answer, NULL);
    must("it is answered", driver_until(&driver, was_answered));
    must("it may be written", allowed && model_may_write(driver.model, 0));
    must("all threads end", driver_end(&driver, 2000));
}

int main(void)
{
    static const int hopeless[] = {BACKEND_ERROR_URI, BACKEND_ERROR_AUTH, BACKEND_ERROR_PERMISSION,
                                   BACKEND_ERROR_UNSUPPORTED};

    reads_everything_first();
    latest_wins();
    backs_off();
    for (size_t i = 0; i < G_N_ELEMENTS(hopeless); i++)
        gives_up(hopeless[i]);
    loses_and_keeps_its_picture();
    is_told_of_a_loss();
    reads_what_changed();
    for (int i = 0; i < 2; i++)
        hangs(STUB_SAMPLE, i == 0);
    hangs(STUB_OPEN, false);
    hangs(STUB_CLOSE, false);
    leaves_three_behind_at_most();
    is_freed_while_hung(STUB_SAMPLE);
    is_freed_while_hung(STUB_OPEN);
    is_freed_while_hung(STUB_CLOSE);
    asks();
    asks_once_while_it_works();
    opens_for_writing(&stub_backend);
    opens_for_writing(&stub_one_backend);
    return must_result();
}
