/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/term-rescue.h"

#include <glib.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* What the handler needs cannot be passed to it. Written only while the terminal is taken. */
static struct {
    volatile sig_atomic_t armed;
    int fd;
    struct termios saved;
    char bytes[256];
    size_t n;
    struct sigaction before[NSIG];
} rescue;

static const int fatal_signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};

static void rescue_run(int signo)
{
    if (rescue.armed) {
        rescue.armed = 0;
        if (write(rescue.fd, rescue.bytes, rescue.n) < 0)
            (void)0; /* nothing is left to be done */
        tcsetattr(rescue.fd, TCSANOW, &rescue.saved);
    }
    sigaction(signo, &rescue.before[signo], NULL);
    raise(signo);
}

void term_rescue_arm(int fd, const struct termios *attributes, const char *bytes, size_t n)
{
    struct sigaction action = {.sa_handler = rescue_run, .sa_flags = SA_NODEFER};

    rescue.fd = fd;
    rescue.saved = *attributes;
    rescue.n = MIN(n, sizeof rescue.bytes);
    memcpy(rescue.bytes, bytes, rescue.n);
    for (size_t i = 0; i < G_N_ELEMENTS(fatal_signals); i++)
        sigaction(fatal_signals[i], &action, &rescue.before[fatal_signals[i]]);
    rescue.armed = 1;
}

void term_rescue_disarm(void)
{
    if (!rescue.armed)
        return;
    rescue.armed = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(fatal_signals); i++)
        sigaction(fatal_signals[i], &rescue.before[fatal_signals[i]], NULL);
}
