/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/child.h"

#include <signal.h>
#include <unistd.h>

void child_apart(gpointer unused)
{
    sigset_t none;

    setpgid(0, 0);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    signal(SIGHUP, SIG_DFL);
}
