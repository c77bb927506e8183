/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/support/run.h"

#include "model/backend.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static bool run(const char *script, const struct run_options *options, struct run_result *result,
                GError **error)
{
    const char *const argv[] = {"/bin/sh", "-c", script, NULL};

    return run_program(argv, options, result, error);
}

Test(run, output_error_text_and_status_are_kept)
{
    struct run_result result;

    cr_assert(run("echo out; echo err >&2; exit 21", NULL, &result, NULL));
    cr_expect_str_eq(result.out, "out\n");
    cr_expect_str_eq(result.err, "err\n");
    cr_expect_eq(result.status, 21);
    run_result_clear(&result);
}

Test(run, arguments_never_meet_a_shell)
{
    const char *const argv[] = {"/bin/echo", "$(touch x)", ";", "'", "--", NULL};
    struct run_result result;

    cr_assert(run_program(argv, NULL, &result, NULL));
    cr_expect_str_eq(result.out, "$(touch x) ; ' --\n");
    run_result_clear(&result);
}

Test(run, the_environment_is_small_and_speaks_english)
{
    struct run_result result;

    g_setenv("VIRT_MEMTUNE_SECRET", "1", TRUE);
    g_setenv("LD_PRELOAD_TEST", "1", TRUE);
    cr_assert(run("env", NULL, &result, NULL));
    cr_expect_not_null(strstr(result.out, "LC_ALL=C\n"));
    cr_expect_not_null(strstr(result.out, "/usr/sbin"));
    cr_expect_null(strstr(result.out, "SECRET"));
    cr_expect_null(strstr(result.out, "LD_PRELOAD"));
    run_result_clear(&result);
}

Test(run, a_child_has_its_own_group_and_no_blocked_signals)
{
    struct run_result result;
    sigset_t all;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, NULL);
    cr_assert(run("read a b c d pgrp rest < /proc/self/stat; echo $$ $pgrp; grep SigBlk "
                  "/proc/self/status",
                  NULL, &result, NULL));
    sigemptyset(&all);
    pthread_sigmask(SIG_SETMASK, &all, NULL);
    cr_expect(strstr(result.out, "SigBlk:\t0000000000000000") != NULL, "%s", result.out);
    cr_expect_neq(atoi(strchr(result.out, ' ')), (int)getpgrp());
    run_result_clear(&result);
}

Test(run, what_never_ends_is_ended_with_its_children, .timeout = 30)
{
    struct run_options options = {.timeout_ms = 300};
    struct run_result result;
    g_autoptr(GError) error = NULL;
    gint64 start = g_get_monotonic_time();

    cr_expect(!run("sleep 1000 & sleep 1000; wait", &options, &result, &error));
    cr_expect(g_error_matches(error, BACKEND_ERROR, BACKEND_ERROR_TIMEOUT));
    cr_expect_lt(g_get_monotonic_time() - start, 10 * G_USEC_PER_SEC);
}

Test(run, what_ignores_the_first_signal_is_killed, .timeout = 30)
{
    struct run_options options = {.timeout_ms = 300};
    struct run_result result;
    g_autoptr(GError) error = NULL;

    cr_expect(!run("trap '' TERM; while :; do sleep 1000; done", &options, &result, &error));
    cr_expect(g_error_matches(error, BACKEND_ERROR, BACKEND_ERROR_TIMEOUT));
}

Test(run, output_has_a_bound, .timeout = 30)
{
    struct run_options options = {.max_output = 100000};
    struct run_result result;
    g_autoptr(GError) error = NULL;

    cr_expect(!run("while :; do echo 0123456789012345678901234567890123456789; done", &options,
                   &result, &error));
    cr_expect(g_error_matches(error, BACKEND_ERROR, BACKEND_ERROR_FAILED));
    cr_expect_not_null(strstr(error->message, "printed more"));
}

/* Where nobody buries it, it stays as a zombie. */
static bool lives(const char *pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%s/stat", pid);
    g_autofree char *text = NULL;

    return g_file_get_contents(path, &text, NULL, NULL) && !strstr(text, ") Z ");
}

Test(run, what_the_child_leaves_behind_is_killed_too, .timeout = 30)
{
    g_autofree char *directory = g_dir_make_tmp("run-XXXXXX", NULL);
    g_autofree char *file = g_build_filename(directory, "pid", NULL), *pid = NULL;
    g_autofree char *script = g_strdup_printf(
        "(trap '' TERM; exec sleep 1000) & echo -n $! > %s; sleep 1000; wait", file);
    struct run_options options = {.timeout_ms = 500};
    struct run_result result;

    cr_expect(!run(script, &options, &result, NULL));
    cr_assert(g_file_get_contents(file, &pid, NULL, NULL));
    for (int i = 0; i < 500 && lives(pid); i++)
        g_usleep(10000);
    cr_expect(!lives(pid), "%s goes on", pid);
    unlink(file);
    rmdir(directory);
}

static gpointer cancel_soon(gpointer data)
{
    g_usleep(200000);
    g_cancellable_cancel(data);
    return NULL;
}

Test(run, another_thread_can_stop_it, .timeout = 30)
{
    g_autoptr(GCancellable) cancel = g_cancellable_new();
    struct run_options options = {.cancel = cancel};
    struct run_result result;
    g_autoptr(GError) error = NULL;
    GThread *thread = g_thread_new("cancel", cancel_soon, cancel);

    cr_expect(!run("sleep 1000", &options, &result, &error));
    cr_expect(g_error_matches(error, BACKEND_ERROR, BACKEND_ERROR_CANCELLED));
    g_thread_join(thread);
}

static void linger(GCancellable *cancel, gpointer data)
{
    g_usleep(300000);
}

static gpointer cancel_slowly(gpointer data)
{
    g_usleep(200000);
    g_signal_connect(data, "cancelled", G_CALLBACK(linger), NULL);
    g_cancellable_cancel(data);
    return NULL;
}

/* Whether something is left over is for the leak checker to say. */
Test(run, what_ends_while_the_other_thread_is_still_stopping_it_leaves_nothing, .timeout = 30)
{
    g_autoptr(GCancellable) cancel = g_cancellable_new();
    struct run_options options = {.cancel = cancel};
    struct run_result result;
    g_autoptr(GError) error = NULL;
    GThread *thread = g_thread_new("cancel", cancel_slowly, cancel);

    cr_expect(!run("exec sleep 1000", &options, &result, &error));
    cr_expect(g_error_matches(error, BACKEND_ERROR, BACKEND_ERROR_CANCELLED));
    g_thread_join(thread);
}

Test(run, what_was_stopped_before_it_began_is_not_waited_for, .timeout = 30)
{
    g_autoptr(GCancellable) cancel = g_cancellable_new();
    struct run_options options = {.cancel = cancel};
    struct run_result result;
    g_autoptr(GError) error = NULL;

    g_cancellable_cancel(cancel);
    cr_expect(!run("exec sleep 1000", &options, &result, &error));
    cr_expect(g_error_matches(error, BACKEND_ERROR, BACKEND_ERROR_CANCELLED));
}

Test(run, a_grandchild_that_keeps_the_pipes_open_is_not_waited_for, .timeout = 30)
{
    struct run_result result;

    cr_assert(run("(sleep 3 &) ; echo done", NULL, &result, NULL));
    cr_expect_str_eq(result.out, "done\n");
    run_result_clear(&result);
}

Test(run, programs_are_found_beyond_PATH_and_never_by_a_path)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *shell = NULL, *none = NULL, *path = NULL;

    g_setenv("PATH", "relative:.:/nonexistent", TRUE);
    shell = run_find("sh", NULL, NULL);
    cr_expect(shell && g_path_is_absolute(shell));
    none = run_find("no-such-program-here", NULL, &error);
    cr_expect_null(none);
    cr_expect(g_error_matches(error, BACKEND_ERROR, BACKEND_ERROR_UNSUPPORTED));
    path = run_find("../bin/sh", NULL, NULL);
    cr_expect_null(path);
}

Test(run, the_complaint_is_the_last_line_that_says_something)
{
    struct run_result result;
    g_autofree char *text = NULL;

    cr_assert(
        run("echo first >&2; printf 'bad \\033[1mvalue\\n\\n' >&2; exit 1", NULL, &result, NULL));
    text = run_complaint(&result);
    cr_expect_str_eq(text, "bad \\x1b[1mvalue");
    run_result_clear(&result);
}
