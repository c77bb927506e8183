/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Input and clocks that the benchmarks share. */
#ifndef TESTS_BENCH_DOMAINS_H
#define TESTS_BENCH_DOMAINS_H

#include <glib.h>

/* A node description for libvirt's test driver with `n` domains, in a temporary file. The URI
 * "test:///path", newly allocated; bench_remove() deletes the file. */
char *bench_domains(unsigned n);
void bench_remove(const char *uri);

/* CPU of this process, all threads, in nanoseconds; its peak memory in bytes. */
guint64 bench_cpu_ns(void);
guint64 bench_peak_bytes(void);

#endif
