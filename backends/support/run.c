/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/support/run.h"

#include "model/backend.h"
#include "model/child.h"
#include "model/text.h"

#include <errno.h>
#include <gio/gunixinputstream.h>
#include <glib-unix.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SYSTEM_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#define DEFAULT_TIMEOUT_MS 60000
#define DEFAULT_OUTPUT (16 * 1024 * 1024)
#define GRACE_MS 2000      /* between SIGTERM and SIGKILL */
#define GROUP_GRACE_MS 500 /* the same for what the child leaves behind */

struct pipe_end {
    GByteArray *bytes;
    int fd;
    bool open;
};

struct run {
    GMainContext *context;
    GSubprocess *child;
    pid_t group; /* the child's id */
    struct pipe_end out, err;
    size_t max_output;
    enum backend_error stopped_by; /* valid where `stopped` */
    bool stopped;                  /* we are ending it */
    bool exited;
};

static char *search_path(void)
{
    const char *path = g_getenv("PATH");

    return path ? g_strconcat(path, ":", SYSTEM_PATH, NULL) : g_strdup(SYSTEM_PATH);
}

static char **child_environment(void)
{
    static const char *const kept[] = {"HOME", "USER", "LOGNAME", "SSH_AUTH_SOCK", "TMPDIR", NULL};
    g_autofree char *path = search_path();
    char **environment = g_environ_setenv(NULL, "LC_ALL", "C", TRUE);

    environment = g_environ_setenv(environment, "PATH", path, TRUE);
    for (size_t i = 0; kept[i]; i++)
        if (g_getenv(kept[i]))
            environment = g_environ_setenv(environment, kept[i], g_getenv(kept[i]), TRUE);
    return environment;
}

char *run_find(const char *name, const char *first, GError **error)
{
    g_autofree char *path = search_path();
    g_auto(GStrv) directories = g_strsplit(path, ":", -1);

    if (strchr(name, '/') || !*name) {
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_FAILED, "%s is not the name of a program",
                    name);
        return NULL;
    }
    if (first) {
        char *found = g_build_filename(first, name, NULL);

        if (g_file_test(found, G_FILE_TEST_IS_EXECUTABLE) &&
            !g_file_test(found, G_FILE_TEST_IS_DIR))
            return found;
        g_free(found);
    }
    for (size_t i = 0; directories[i]; i++) {
        char *found = g_build_filename(directories[i], name, NULL);

        if (g_path_is_absolute(found) && g_file_test(found, G_FILE_TEST_IS_EXECUTABLE) &&
            !g_file_test(found, G_FILE_TEST_IS_DIR))
            return found;
        g_free(found);
    }
    g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_UNSUPPORTED,
                "%s: not found in PATH or the system directories", name);
    return NULL;
}

/* False where nobody is left in it. */
static bool signal_group(const struct run *run, int number)
{
    return run->group > 1 && kill(-run->group, number) == 0;
}

static gboolean kill_hard(gpointer data)
{
    signal_group(data, SIGKILL);
    return G_SOURCE_REMOVE;
}

/* The child is gone; what it started may have ignored the first signal. */
static void end_group(const struct run *run)
{
    for (unsigned ms = 0; ms < GROUP_GRACE_MS && signal_group(run, 0); ms += 20)
        g_usleep(20000);
    signal_group(run, SIGKILL);
}

/* 0 where it has ended already. */
static pid_t pid_of(GSubprocess *child)
{
    const char *pid = g_subprocess_get_identifier(child);

    return pid ? (pid_t)g_ascii_strtoll(pid, NULL, 10) : 0;
}

static void stop(struct run *run, enum backend_error why)
{
    GSource *source;

    if (run->stopped || run->exited)
        return;
    run->stopped = true;
    run->stopped_by = why;
    signal_group(run, SIGTERM);
    source = g_timeout_source_new(GRACE_MS);
    g_source_set_callback(source, kill_hard, run, NULL);
    g_source_attach(source, run->context);
    g_source_unref(source);
}

static gboolean timed_out(gpointer data)
{
    stop(data, BACKEND_ERROR_TIMEOUT);
    return G_SOURCE_REMOVE;
}

static gboolean cancelled(gint fd, GIOCondition condition, gpointer data)
{
    stop(data, BACKEND_ERROR_CANCELLED);
    return G_SOURCE_REMOVE;
}

/* Takes what is there now. False once nothing more can come. */
static bool drain(struct run *run, struct pipe_end *end)
{
    guint8 buffer[16384];

    while (end->open) {
        ssize_t n = read(end->fd, buffer, sizeof buffer);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return true;
        if (n <= 0) {
            end->open = false;
            break;
        }
        if (end->bytes->len + (size_t)n > run->max_output) {
            stop(run, BACKEND_ERROR_FAILED);
            return true;
        }
        g_byte_array_append(end->bytes, buffer, (guint)n);
        /* A program that never stops printing must not keep the timeout from firing. */
        if (run->stopped)
            return true;
    }
    return false;
}

static gboolean out_ready(gint fd, GIOCondition condition, gpointer data)
{
    struct run *run = data;

    return drain(run, &run->out) ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static gboolean err_ready(gint fd, GIOCondition condition, gpointer data)
{
    struct run *run = data;

    return drain(run, &run->err) ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static void child_ended(GObject *object, GAsyncResult *result, gpointer data)
{
    struct run *run = data;

    g_subprocess_wait_finish(G_SUBPROCESS(object), result, NULL);
    run->exited = true;
}

static void watch_pipe(struct run *run, struct pipe_end *end, GInputStream *stream,
                       GUnixFDSourceFunc ready)
{
    GSource *source;

    end->bytes = g_byte_array_new();
    end->fd = g_unix_input_stream_get_fd(G_UNIX_INPUT_STREAM(stream));
    end->open = true;
    g_unix_set_fd_nonblocking(end->fd, TRUE, NULL);
    source = g_unix_fd_source_new(end->fd, G_IO_IN | G_IO_HUP | G_IO_ERR);
    g_source_set_callback(source, G_SOURCE_FUNC(ready), run, NULL);
    g_source_attach(source, run->context);
    g_source_unref(source);
}

static void watch(struct run *run, const struct run_options *options)
{
    GSource *source =
        g_timeout_source_new(options->timeout_ms ? options->timeout_ms : DEFAULT_TIMEOUT_MS);

    g_source_set_callback(source, timed_out, run, NULL);
    g_source_attach(source, run->context);
    g_source_unref(source);
    /* By its descriptor: GLib 2.74 leaks a source of g_cancellable_source_new() that goes while
     * the other thread is still in g_cancellable_cancel(). */
    if (options->cancel) {
        source = g_unix_fd_source_new(g_cancellable_get_fd(options->cancel), G_IO_IN);
        g_source_set_callback(source, G_SOURCE_FUNC(cancelled), run, NULL);
        g_source_attach(source, run->context);
        g_source_unref(source);
    }
    watch_pipe(run, &run->out, g_subprocess_get_stdout_pipe(run->child), out_ready);
    watch_pipe(run, &run->err, g_subprocess_get_stderr_pipe(run->child), err_ready);
    g_subprocess_wait_async(run->child, NULL, child_ended, run);
}

static GSubprocess *spawn(const char *const *argv, GError **error)
{
    g_autoptr(GSubprocessLauncher) launcher =
        g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
    g_auto(GStrv) environment = child_environment();
    g_autoptr(GError) why = NULL;
    GSubprocess *child;

    g_subprocess_launcher_set_environ(launcher, environment);
    g_subprocess_launcher_set_cwd(launcher, "/");
    g_subprocess_launcher_set_child_setup(launcher, child_apart, NULL, NULL);
    child = g_subprocess_launcher_spawnv(launcher, argv, &why);
    if (!child)
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_FAILED, "%s cannot be started: %s", argv[0],
                    why->message);
    return child;
}

static char *take_bytes(struct pipe_end *end, size_t *size)
{
    guint8 zero = 0;

    if (size)
        *size = end->bytes->len;
    g_byte_array_append(end->bytes, &zero, 1);
    return (char *)g_byte_array_free(g_steal_pointer(&end->bytes), FALSE);
}

static bool ended_well(struct run *run, const char *program, const struct run_options *options,
                       GError **error)
{
    if (!run->stopped)
        return true;
    if (run->stopped_by == BACKEND_ERROR_TIMEOUT)
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_TIMEOUT, "%s: no end after %u s, stopped",
                    program,
                    (options->timeout_ms ? options->timeout_ms : DEFAULT_TIMEOUT_MS) / 1000);
    else if (run->stopped_by == BACKEND_ERROR_CANCELLED)
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_CANCELLED, "%s: stopped", program);
    else
        g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_FAILED,
                    "%s: printed more than %zu MiB, stopped", program, run->max_output >> 20);
    return false;
}

bool run_program(const char *const *argv, const struct run_options *options,
                 struct run_result *result, GError **error)
{
    static const struct run_options defaults;
    struct run run = {0};
    bool ok;

    if (!options)
        options = &defaults;
    run.max_output = options->max_output ? options->max_output : DEFAULT_OUTPUT;
    run.child = spawn(argv, error);
    if (!run.child)
        return false;
    run.group = pid_of(run.child);
    run.context = g_main_context_new();
    g_main_context_push_thread_default(run.context);
    watch(&run, options);
    while (!run.exited)
        g_main_context_iteration(run.context, TRUE);
    /* A grandchild may hold the pipes open (ssh's shared connection does): the end of the program
     * is the end of its output. */
    drain(&run, &run.out);
    drain(&run, &run.err);
    if (run.stopped)
        end_group(&run);
    g_main_context_pop_thread_default(run.context);
    ok = ended_well(&run, argv[0], options, error);
    if (ok) {
        result->out = take_bytes(&run.out, &result->out_size);
        result->err = take_bytes(&run.err, NULL);
        result->status = g_subprocess_get_if_exited(run.child)
                             ? g_subprocess_get_exit_status(run.child)
                             : 128 + g_subprocess_get_term_sig(run.child);
    }
    g_clear_pointer(&run.out.bytes, g_byte_array_unref);
    g_clear_pointer(&run.err.bytes, g_byte_array_unref);
    g_main_context_unref(run.context);
    if (options->cancel)
        g_cancellable_release_fd(options->cancel);
    g_object_unref(run.child);
    return ok;
}

void run_result_clear(struct run_result *result)
{
    if (!result)
        return;
    g_free(result->out);
    g_free(result->err);
    memset(result, 0, sizeof *result);
}

static char *last_line(const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (size_t i = g_strv_length(lines); i > 0; i--)
        if (*g_strstrip(lines[i - 1]))
            return text_clean_sentence(lines[i - 1]);
    return NULL;
}

char *run_complaint(const struct run_result *result)
{
    char *line = last_line(result->err);

    if (!line)
        line = last_line(result->out);
    return line ? line : g_strdup_printf("exit status %d", result->status);
}
