/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The floor of one refresh: nothing but libvirt's own calls, made for every domain of the test
 * driver. usage: refresh-floor N [REFRESHES]; prints "CPU-ns-per-refresh peak-bytes".
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

int main(int argc, char **argv)
{
    unsigned n = argc > 1 ? (unsigned)atoi(argv[1]) : 1000;
    unsigned refreshes = argc > 2 ? (unsigned)atoi(argv[2]) : 60;
    g_autofree char *uri = bench_domains(n);
    virConnectPtr connection = virConnectOpen(uri);
    virDomainPtr *domains = NULL;
    int found = virConnectListAllDomains(connection, &domains, 0);

    bench_remove(uri);
    if (found != (int)n) {
        fprintf(stderr, "refresh-floor: %d domains instead of %u\n", found, n);
        return 1;
    }
    refresh(domains, found);
    guint64 begin = bench_cpu_ns();
    for (unsigned i = 0; i < refreshes; i++) {
        refresh(domains, found);
    }
    printf("%" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT "\n", (bench_cpu_ns() - begin) / refreshes,
           bench_peak_bytes());
    for (int i = 0; i < found; i++) {
        virDomainFree(domains[i]);
    }
    free(domains);
    virConnectClose(connection);
    return 0;
}
