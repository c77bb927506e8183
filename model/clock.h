/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The clock of every *_ns time in this program: CLOCK_MONOTONIC, counted from a day before the
 * machine started, so that times before the start of a young machine are numbers too and 0 stays
 * free for "never". Any thread.
 */
#ifndef MODEL_CLOCK_H
#define MODEL_CLOCK_H

#include <glib.h>
#include <stdint.h>

#define CLOCK_BEFORE_NS (86400 * (uint64_t)1000000000)

static inline uint64_t clock_ns(void)
{
    return (uint64_t)g_get_monotonic_time() * 1000 + CLOCK_BEFORE_NS;
}

/* The same moment on g_get_monotonic_time() and the sources of GLib, in microseconds. */
static inline gint64 clock_monotonic_us(uint64_t ns)
{
    return ((gint64)ns - (gint64)CLOCK_BEFORE_NS) / 1000;
}

#endif
