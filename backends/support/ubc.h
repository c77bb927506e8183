/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Beancounters: their names and units, and what the kernel prints of them.
 *
 * Numbers are kept as the kernel has them: pages, bytes or things (ubc_counters[].unit). No limit
 * is LONG_MAX of the kernel that wrote it; ubc_value() alone turns a number into a value.
 *
 * Formats: /proc/user_beancounters, /proc/bc/resources, /proc/bc/ID/resources and the output of
 * user_beancounters.py (Documentation/beancounter of the OpenVZ kernels; kernel/bc/proc.c). Columns
 * differ in width between kernels: everything is read by words.
 */
#ifndef BACKENDS_SUPPORT_UBC_H
#define BACKENDS_SUPPORT_UBC_H

#include "model/value.h"

#include <stddef.h>

enum ubc_counter {
    UBC_KMEMSIZE,
    UBC_LOCKEDPAGES,
    UBC_PRIVVMPAGES,
    UBC_SHMPAGES,
    UBC_NUMPROC,
    UBC_PHYSPAGES,
    UBC_VMGUARPAGES,
    UBC_OOMGUARPAGES,
    UBC_NUMTCPSOCK,
    UBC_NUMFLOCK,
    UBC_NUMPTY,
    UBC_NUMSIGINFO,
    UBC_TCPSNDBUF,
    UBC_TCPRCVBUF,
    UBC_OTHERSOCKBUF,
    UBC_DGRAMRCVBUF,
    UBC_NUMOTHERSOCK,
    UBC_DCACHESIZE,
    UBC_NUMFILE,
    UBC_NUMIPTENT,
    UBC_SWAPPAGES,
    UBC_COUNTERS,
};

/* What a bare number counts. */
enum ubc_unit {
    UBC_PAGES,
    UBC_BYTES,
    UBC_THINGS,
};

struct ubc_counter_info {
    const char *name; /* in /proc, in vzlist, and as an option of vzctl */
    enum ubc_unit unit;
};
extern const struct ubc_counter_info ubc_counters[UBC_COUNTERS];

/* UBC_COUNTERS where there is none of that name. */
enum ubc_counter ubc_counter_find(const char *name);

enum ubc_half {
    UBC_BARRIER,
    UBC_LIMIT,
    UBC_HALVES,
};

/* One row. */
struct ubc_row {
    bool present; /* else the numbers are 0 and mean nothing */
    bool bad;     /* not present, since its line did not hold five numbers */
    uint64_t held, maxheld, failcnt;
    uint64_t limits[UBC_HALVES];
};

/* The rows of one container. */
struct ubc {
    char *id; /* CTID as printed: digits, a UUID, or another group's name; "0" is the host */
    struct ubc_row rows[UBC_COUNTERS];
};

struct ubc_dump {
    GPtrArray *blocks; /* struct ubc, in the order read, each id once */
    bool narrow;       /* columns of a 32-bit kernel: LONG_MAX is 2147483647 */
};

/* Reads a whole file. Rows of counters that are not known here, "dummy" rows among them, are left
 * out, and one that makes no sense is `bad`: it must not hide the other containers. Rows that no
 * "ID:" comes before belong to `id`; where that is NULL they are an error, and so is a text without
 * anything of such a file. An empty text is an empty dump. Errors (BACKEND_ERROR_FAILED) say which
 * line. */
bool ubc_parse(const char *text, size_t size, const char *id, struct ubc_dump *dump,
               GError **error);
void ubc_dump_clear(struct ubc_dump *dump);
/* The block of `id`, or NULL. */
const struct ubc *ubc_dump_find(const struct ubc_dump *dump, const char *id);

/* Adds to `ubc` the rows of `more` that it does not have. */
void ubc_merge(struct ubc *ubc, const struct ubc *more);

#define UBC_MAX64 INT64_MAX
#define UBC_MAX32 INT32_MAX

/* A number of the kernel, a file or vzlist as a value: bytes for pages and bytes, else a count.
 * Unlimited is LONG_MAX of a 64-bit kernel (in bytes rounded to pages too), and that of a 32-bit
 * kernel or caller: for limits, pages and things always (8 TiB; nobody's choice), for a barrier in
 * bytes only on a `narrow` kernel, since 2 GiB there is a wall. */
struct value ubc_value(enum ubc_counter counter, enum ubc_half half, uint64_t number,
                       uint64_t page_size, bool narrow);
/* held or maxheld: never unlimited; unknown where the kernel counted below zero (from LONG_MAX up).
 */
struct value ubc_amount(enum ubc_counter counter, uint64_t number, uint64_t page_size);

#endif
