/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/ask.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define ANSWER_MAX 1024

static void say(int fd, const char *text)
{
    size_t length = strlen(text);

    while (length > 0) {
        ssize_t written = write(fd, text, length);
        if (written <= 0)
            return;
        text += written;
        length -= (size_t)written;
    }
}

/* In canonical mode: a whole line at once. */
static bool wait_for_line(int fd, int stop_fd)
{
    struct pollfd both[] = {{.fd = fd, .events = POLLIN}, {.fd = stop_fd, .events = POLLIN}};

    while (poll(both, G_N_ELEMENTS(both), -1) >= 0 || errno == EINTR)
        if (both[0].revents || both[1].revents)
            return !both[1].revents;
    return false;
}

static char *read_line(int fd, int stop_fd)
{
    char *answer = g_malloc0(ANSWER_MAX);
    ssize_t length = wait_for_line(fd, stop_fd) ? read(fd, answer, ANSWER_MAX - 1) : 0;

    if (length > 0 && answer[length - 1] == '\n') {
        answer[length - 1] = '\0';
        return answer;
    }
    explicit_bzero(answer, ANSWER_MAX);
    g_free(answer);
    return NULL;
}

static char *ask_on(int fd, const char *prompt, bool secret, int stop_fd)
{
    struct termios before, quiet;
    bool known = tcgetattr(fd, &before) == 0;
    char *answer;

    if (secret && !known)
        return NULL;
    if (known) {
        quiet = before;
        quiet.c_lflag |= ICANON;
        if (secret)
            quiet.c_lflag &= ~(tcflag_t)ECHO;
        /* Stopped by ^Z it would leave the terminal without an echo. */
        quiet.c_cc[VSUSP] = _POSIX_VDISABLE;
        tcsetattr(fd, TCSAFLUSH, &quiet);
    }
    say(fd, prompt);
    answer = read_line(fd, stop_fd);
    if (known)
        tcsetattr(fd, TCSAFLUSH, &before);
    if (secret || !answer)
        say(fd, "\n");
    return answer;
}

char *ask_terminal(const char *prompt, bool secret, int stop_fd)
{
    char *answer;
    int fd;

    if (!isatty(STDIN_FILENO))
        return NULL;
    fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return NULL;
    answer = ask_on(fd, prompt, secret, stop_fd);
    close(fd);
    return answer;
}

void ask_free(char *answer)
{
    if (!answer)
        return;
    explicit_bzero(answer, strlen(answer));
    g_free(answer);
}
