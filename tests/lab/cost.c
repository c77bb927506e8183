/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a refresh of a libvirt connection costs this process, beside the calls that libvirt needs
 * for the same figures: cost URI REFRESHES ours|floor; prints the CPU of one refresh in
 * microseconds.
 */
#include "../backends/bench.h"

#include <libvirt/libvirt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double cpu_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static double ours(const char *uri, int refreshes)
{
    GError *error = NULL;
    struct bench *bench = bench_open(uri, ACCESS_READ, &error);
    double begin;

    if (!bench || !bench_sample(bench, true, &error)) {
        fprintf(stderr, "%s\n", error->message);
        exit(1);
    }
    begin = cpu_us();
    for (int i = 0; i < refreshes; i++)
        bench_sample(bench, false, NULL);
    begin = cpu_us() - begin;
    bench_close(bench);
    return begin;
}

/* State and use, and the live limits: what is on the screen, by the driver's calls for one domain.
 */
static double floor_of(const char *uri, int refreshes)
{
    virConnectPtr connection = virConnectOpenReadOnly(uri);
    virDomainPtr *domains = NULL;
    int n = connection
                ? virConnectListAllDomains(connection, &domains, VIR_CONNECT_LIST_DOMAINS_ACTIVE)
                : -1;
    double begin = cpu_us();

    for (int k = 0; k < refreshes; k++) {
        for (int i = 0; i < n; i++) {
            virTypedParameter parameters[8] = {0};
            virDomainInfo info;
            int count = G_N_ELEMENTS(parameters);

            virDomainGetInfo(domains[i], &info);
            virDomainGetMemoryParameters(domains[i], parameters, &count, VIR_DOMAIN_AFFECT_LIVE);
        }
    }
    return cpu_us() - begin;
}

int main(int argc, char **argv)
{
    int refreshes = argc == 4 ? atoi(argv[2]) : 0;

    if (refreshes < 1)
        return 2;
    printf("%.0f\n",
           (strcmp(argv[3], "ours") == 0 ? ours : floor_of)(argv[1], refreshes) / refreshes);
    return 0;
}
