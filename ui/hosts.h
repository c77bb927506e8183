/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hosts as the screens show them: connections of one machine (qemu and lxc) are one host. Summed
 * once for each set of rows.
 */
#ifndef UI_HOSTS_H
#define UI_HOSTS_H

#include "ui/app.h"
#include "ui/bar.h"
#include "ui/view.h"

struct host_sum {
    char *name;
    char *kinds;                 /* "kvm lxc" */
    uint64_t total;              /* bytes, 0 unknown */
    int percent_free;            /* -1 unknown */
    int promised_percent;        /* sum of what domains may grow to, of total; -1 unknown */
    uint64_t promised, reserved; /* bytes */
    struct bar bar;              /* bar.needed: bytes in use that cannot be dropped */
    unsigned n_domains, n_active;
    bool answers;
    bool unverified;     /* its certificate or key was not looked at */
    char *problem;       /* "47 s old: keepalive timeout", or NULL */
    uint16_t connection; /* the first of its connections */
};

struct hosts;
struct hosts *hosts_new(struct app *app);
void hosts_free(struct hosts *hosts);
/* Sums anew over all rows (not only those shown). */
void hosts_sum(struct hosts *hosts, const struct row *rows, size_t n);

/* Worst first. */
const struct host_sum *hosts_sorted(struct app *app, size_t *n);
size_t hosts_count(struct app *app);
unsigned hosts_silent(struct app *app);
/* "103" and "126G": used in the unit of total where that is short. Buffers of SIZE_TEXT_MAX. */
void host_sizes(uint64_t used, uint64_t total, char *used_text, char *total_text);

#endif
