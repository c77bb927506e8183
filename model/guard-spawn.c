/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/guard-spawn.h"

#include "model/backend.h"
#include "model/guard-serve.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROGRAM "/proc/self/exe"

/* From here to execv() nothing may be called but what is safe in a signal handler: the other
 * threads, and the locks that they held, are gone. */

static void reset_signals(void)
{
    const struct sigaction plain = {.sa_handler = SIG_DFL};
    sigset_t none;

    for (int number = 1; number < NSIG; number++)
        sigaction(number, &plain, NULL); /* some cannot be: no matter */
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static void close_from(int first, long most)
{
    if (syscall(SYS_close_range, (unsigned)first, ~0u, 0) == 0)
        return;
    for (int fd = first; fd < most; fd++)
        close(fd);
}

static void arrange(int socket, int null, long most)
{
    int kept = socket;

    if (kept <= GUARD_FD)
        kept = fcntl(socket, F_DUPFD, GUARD_FD + 1);
    dup2(null, STDIN_FILENO);
    dup2(null, STDOUT_FILENO);
    dup2(null, STDERR_FILENO);
    dup2(kept, GUARD_FD); /* without FD_CLOEXEC */
    close_from(GUARD_FD + 1, most);
}

static _Noreturn void become(int socket, int null, long most)
{
    static char program[] = "virt-memtune", command[] = GUARD_COMMAND;
    char *const argv[] = {program, command, NULL};

    setsid();
    if (chdir("/") != 0)
        _exit(127);
    reset_signals();
    arrange(socket, null, most);
    execv(PROGRAM, argv);
    _exit(127);
}

/* Twice: the second child is nobody's that could forget to bury it. */
static _Noreturn void fork_again(int socket, int null, long most)
{
    pid_t pid = fork();

    if (pid == 0)
        become(socket, null, most);
    _exit(pid < 0 ? 1 : 0);
}

/* --- */

static bool fail(GError **error, int code)
{
    g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_FAILED, "a guard cannot be started: %s",
                g_strerror(code));
    return false;
}

static bool fork_guard(int socket, int null, GError **error)
{
    struct rlimit limit = {.rlim_cur = 65536};
    int status = 0;
    pid_t pid;

    getrlimit(RLIMIT_NOFILE, &limit);
    pid = fork();
    if (pid == 0)
        fork_again(socket, null, (long)limit.rlim_cur);
    if (pid < 0)
        return fail(error, errno);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return status == 0 || fail(error, EAGAIN);
}

bool guard_spawn(int *fd, GError **error)
{
    int ends[2], null = open("/dev/null", O_RDWR | O_CLOEXEC);
    bool done;

    if (null < 0)
        return fail(error, errno);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
        close(null);
        return fail(error, errno);
    }
    done = fork_guard(ends[1], null, error);
    close(null);
    close(ends[1]);
    if (done)
        *fd = ends[0];
    else
        close(ends[0]);
    return done;
}
