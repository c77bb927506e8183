/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/loop.h"

#include <glib-unix.h>
#include <pthread.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

struct loop {
    GMainContext *context;
    GMainLoop *main;
    int signals;
    void (*signal)(int signo, void *data);
    void *signal_data;
};

static const int handled[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGWINCH, SIGCONT};

static void handled_set(sigset_t *set)
{
    sigemptyset(set);
    for (size_t i = 0; i < G_N_ELEMENTS(handled); i++)
        sigaddset(set, handled[i]);
}

void loop_block_signals(void)
{
    sigset_t set;

    handled_set(&set);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
}

void loop_unblock_signals(void)
{
    sigset_t set;

    handled_set(&set);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

struct loop *loop_new(void)
{
    struct loop *loop = g_new0(struct loop, 1);

    loop->context = g_main_context_new();
    loop->main = g_main_loop_new(loop->context, FALSE);
    loop->signals = -1;
    return loop;
}

void loop_free(struct loop *loop)
{
    if (!loop)
        return;
    g_main_loop_unref(loop->main);
    g_main_context_unref(loop->context);
    if (loop->signals >= 0)
        close(loop->signals);
    g_free(loop);
}

GMainContext *loop_context(struct loop *loop)
{
    return loop->context;
}

void loop_run(struct loop *loop)
{
    g_main_loop_run(loop->main);
}

void loop_quit(struct loop *loop)
{
    g_main_loop_quit(loop->main);
}

static GSource *attach(struct loop *loop, GSource *source, GSourceFunc function, void *data)
{
    g_source_set_callback(source, function, data, NULL);
    g_source_attach(source, loop->context);
    return source;
}

GSource *loop_fd(struct loop *loop, int fd, GIOCondition condition,
                 gboolean (*ready)(int fd, GIOCondition condition, gpointer data), void *data)
{
    return attach(loop, g_unix_fd_source_new(fd, condition), G_SOURCE_FUNC(ready), data);
}

GSource *loop_timer(struct loop *loop, unsigned ms, gboolean (*tick)(gpointer data), void *data)
{
    return attach(loop, g_timeout_source_new(ms), tick, data);
}

GSource *loop_soon(struct loop *loop, gboolean (*soon)(gpointer data), void *data)
{
    return attach(loop, g_idle_source_new(), soon, data);
}

void loop_remove(GSource **source)
{
    if (!*source)
        return;
    g_source_destroy(*source);
    g_source_unref(*source);
    *source = NULL;
}

static gboolean signals_ready(int fd, GIOCondition condition, gpointer data)
{
    struct loop *loop = data;
    struct signalfd_siginfo info;

    while (read(fd, &info, sizeof info) == sizeof info)
        loop->signal((int)info.ssi_signo, loop->signal_data);
    return G_SOURCE_CONTINUE;
}

bool loop_signals(struct loop *loop, void (*signal)(int signo, void *data), void *data)
{
    sigset_t set;
    GSource *source;

    handled_set(&set);
    loop->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (loop->signals < 0)
        return false;
    loop->signal = signal;
    loop->signal_data = data;
    source = loop_fd(loop, loop->signals, G_IO_IN, signals_ready, loop);
    g_source_unref(source);
    return true;
}
