/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/bench/domains.h"

#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

char *bench_domains(unsigned n)
{
    GString *xml = g_string_new("<node>\n");
    char *name = NULL;
    int fd = g_file_open_tmp("virt-memtune-bench-XXXXXX.xml", &name, NULL);

    g_assert(fd >= 0);
    for (unsigned i = 0; i < n; i++) {
        g_string_append_printf(
            xml,
            "<domain type='test'><name>bench-%04u</name><memory unit='MiB'>%u</memory>"
            "<currentMemory unit='MiB'>%u</currentMemory><vcpu>1</vcpu><os><type>hvm</type></os>"
            "<memtune><hard_limit unit='MiB'>%u</hard_limit><soft_limit unit='MiB'>%u</soft_limit>"
            "</memtune><devices><memballoon model='virtio'/></devices></domain>\n",
            i, 1024 + i, 512 + i, 1200 + i, 1000 + i);
    }
    g_string_append(xml, "</node>\n");
    g_assert(g_file_set_contents(name, xml->str, (gssize)xml->len, NULL));
    g_string_free(xml, TRUE);
    close(fd);
    char *uri = g_strconcat("test://", name, NULL);
    g_free(name);
    return uri;
}

void bench_remove(const char *uri)
{
    unlink(uri + strlen("test://"));
}

guint64 bench_cpu_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (guint64)now.tv_sec * G_GUINT64_CONSTANT(1000000000) + (guint64)now.tv_nsec;
}

guint64 bench_peak_bytes(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return (guint64)usage.ru_maxrss * 1024;
}
