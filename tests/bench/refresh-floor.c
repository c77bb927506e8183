/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The floor of one refresh: nothing but libvirt's own calls, made for every domain of the test
 * driver. usage: refresh-floor N [REFRESHES]; prints "CPU-ns-per-refresh peak-bytes", and of no
 * refreshes "CPU-ns peak-bytes" of one first reading, from the program's start.
 */
#include "tests/bench/domains.h"

#include <libvirt/libvirt.h>
#include <stdio.h>
#include <stdlib.h>

static void refresh(virDomainPtr *domains, int n)
{
    for (int i = 0; i < n; i++) {
        virTypedParameter parameters[8] = {0};
        virDomainInfo info;
        int count = G_N_ELEMENTS(parameters);
        virDomainGetInfo(domains[i], &info);
        virDomainGetMaxMemory(domains[i]);
        virDomainGetMemoryParameters(domains[i], parameters, &count, 0);
    }
}

/* What is live and what the next start gives is told by the two descriptions alone. */
static void read_first(virDomainPtr *domains, int n)
{
    for (int i = 0; i < n; i++) {
        virDomainMemoryStatStruct stats[VIR_DOMAIN_MEMORY_STAT_NR];
        free(virDomainGetXMLDesc(domains[i], 0));
        free(virDomainGetXMLDesc(domains[i], VIR_DOMAIN_XML_INACTIVE));
        virDomainMemoryStats(domains[i], stats, G_N_ELEMENTS(stats), 0);
    }
    refresh(domains, n);
}

int main(int argc, char **argv)
{
    unsigned n = argc > 1 ? (unsigned)atoi(argv[1]) : 1000;
    unsigned refreshes = argc > 2 ? (unsigned)atoi(argv[2]) : 60;
    guint64 start = bench_cpu_ns();
    g_autofree char *uri = bench_domains(n);
    guint64 made = bench_cpu_ns() - start; /* the file is there already where it matters */
    virConnectPtr connection = virConnectOpen(uri);
    virDomainPtr *domains = NULL;
    int found = virConnectListAllDomains(connection, &domains, 0);

    bench_remove(uri);
    if (found != (int)n) {
        fprintf(stderr, "refresh-floor: %d domains instead of %u\n", found, n);
        return 1;
    }
    read_first(domains, found);
    guint64 begin = refreshes ? bench_cpu_ns() : made;
    for (unsigned i = 0; i < refreshes; i++) {
        refresh(domains, found);
    }
    printf("%" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT "\n",
           (bench_cpu_ns() - begin) / MAX(refreshes, 1), bench_peak_bytes());
    for (int i = 0; i < found; i++) {
        virDomainFree(domains[i]);
    }
    free(domains);
    virConnectClose(connection);
    return 0;
}
