/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * GLib's locks as ThreadSanitizer must see them: GLib itself is not built with it, and its mutexes
 * are futexes of its own, so that everything they guard would look like a race. Linked into a
 * program, these stand before GLib's.
 */
#include <dlfcn.h>
#include <glib.h>
#include <stdatomic.h>

void __tsan_acquire(void *address);
void __tsan_release(void *address);
const char *__tsan_default_suppressions(void);

/* GLib's own: made by whoever is first, and published by an atomic exchange. */
const char *__tsan_default_suppressions(void)
{
    return "race:g_rw_lock_reader_lock\nrace:g_rw_lock_writer_lock\n";
}

/* The function of that name in the next library. */
#define NEXT(function)                                                                             \
    static _Atomic(__typeof__(&function)) next;                                                    \
    __typeof__(&function) real = atomic_load(&next);                                               \
    if (!real) {                                                                                   \
        real = (__typeof__(&function))dlsym(RTLD_NEXT, #function);                                 \
        atomic_store(&next, real);                                                                 \
    }

void(g_mutex_lock)(GMutex *mutex)
{
    NEXT(g_mutex_lock)
    real(mutex);
    __tsan_acquire(mutex);
}

gboolean(g_mutex_trylock)(GMutex *mutex)
{
    NEXT(g_mutex_trylock)
    gboolean locked = real(mutex);
    if (locked)
        __tsan_acquire(mutex);
    return locked;
}

void(g_mutex_unlock)(GMutex *mutex)
{
    NEXT(g_mutex_unlock)
    __tsan_release(mutex);
    real(mutex);
}

void(g_cond_wait)(GCond *cond, GMutex *mutex)
{
    NEXT(g_cond_wait)
    __tsan_release(mutex);
    real(cond, mutex);
    __tsan_acquire(mutex);
}

gboolean(g_cond_wait_until)(GCond *cond, GMutex *mutex, gint64 end)
{
    NEXT(g_cond_wait_until)
    __tsan_release(mutex);
    gboolean signalled = real(cond, mutex, end);
    __tsan_acquire(mutex);
    return signalled;
}

void(g_async_queue_push)(GAsyncQueue *queue, gpointer item)
{
    NEXT(g_async_queue_push)
    __tsan_release(queue);
    real(queue, item);
}

gpointer(g_async_queue_pop)(GAsyncQueue *queue)
{
    NEXT(g_async_queue_pop)
    gpointer item = real(queue);
    __tsan_acquire(queue);
    return item;
}

gpointer(g_async_queue_try_pop)(GAsyncQueue *queue)
{
    NEXT(g_async_queue_try_pop)
    gpointer item = real(queue);
    __tsan_acquire(queue);
    return item;
}

gpointer(g_async_queue_timeout_pop)(GAsyncQueue *queue, guint64 timeout)
{
    NEXT(g_async_queue_timeout_pop)
    gpointer item = real(queue, timeout);
    __tsan_acquire(queue);
    return item;
}

/* What was done before a source was attached is seen by the thread that it runs in: that comes out
 * of poll(), by a wakeup that ThreadSanitizer knows, or holds the context. */
guint(g_source_attach)(GSource *source, GMainContext *context)
{
    NEXT(g_source_attach)
    __tsan_release(context);
    return real(source, context);
}
