/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One refresh of ours: sample, snapshot, history, trouble, rows. usage: refresh N [REFRESHES];
 * prints "CPU-ns-per-refresh peak-bytes", as refresh-floor does.
 */
#include "backends/backends.h"
#include "model/model.h"
#include "tests/bench/domains.h"

#include <stdio.h>
#include <stdlib.h>

static void note(void *data, uint16_t connection)
{
    (*(unsigned *)data)++;
}

static void wait_for(struct model *model, GMainContext *context, uint64_t serial)
{
    gint64 deadline = g_get_monotonic_time() + 60 * G_USEC_PER_SEC;

    while (model_snapshot(model, 0)->serial < serial ||
           model_snapshot(model, 0)->state != CONNECTION_CONNECTED) {
        g_main_context_iteration(context, TRUE);
        if (g_get_monotonic_time() > deadline) {
            fprintf(stderr, "refresh: no picture within 60 s\n");
            exit(1);
        }
    }
}

int main(int argc, char **argv)
{
    unsigned n = argc > 1 ? (unsigned)atoi(argv[1]) : 1000;
    unsigned refreshes = argc > 2 ? (unsigned)atoi(argv[2]) : 60, noted = 0;
    g_autofree char *uri = bench_domains(n);
    g_autoptr(GMainContext) context = g_main_context_new();
    struct model_options options = {.backends = all_backends,
                                    .context = context,
                                    .listener = {.snapshot = note, .data = &noted},
                                    .read_only = true};
    struct model *model = model_new(&options);
    size_t rows = 0;

    if (model_connect(model, uri, NULL) < 0) {
        fprintf(stderr, "refresh: no backend for %s\n", uri);
        return 1;
    }
    wait_for(model, context, 1);
    bench_remove(uri);
    model_rows(model, &rows);
    if (rows != n) {
        fprintf(stderr, "refresh: %zu rows instead of %u\n", rows, n);
        return 1;
    }
    guint64 begin = bench_cpu_ns();
    for (unsigned i = 0; i < refreshes; i++) {
        uint64_t serial = model_snapshot(model, 0)->serial;
        model_refresh(model, false);
        wait_for(model, context, serial + 1);
        model_rows(model, &rows);
    }
    printf("%" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT "\n", (bench_cpu_ns() - begin) / refreshes,
           bench_peak_bytes());
    return model_free(model, 2000) ? 0 : 1;
}
