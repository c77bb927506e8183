/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A container's configuration, /etc/vz/conf/CTID.conf, as vzctl of all generations reads it, and
 * the grammar of its numbers (parse_ul_sfx() and parse_twoul_sfx() of vzctl's src/lib/config.c).
 *
 *   number  unlimited | digits[.fraction][suffix]; no digits are 0
 *   suffix  one letter, either case: B K M G T (powers of 1024), P (pages). Pages are rounded
 *           down; things take none. Above LONG_MAX it is LONG_MAX; above 2^64 it is bad.
 *   pair    number[:number]; one number is both halves
 *   line    blanks KEY=VALUE; VALUE bare, in " or in '; a backslash takes the next character as it
 *           is; a line that starts with # is a comment, and so is the rest after " #"
 * A value that is bad is skipped, as vzctl does: an earlier one of that key stays. Of several lines
 * with one key the last counts; but vzctl --save rewrites the first.
 */
#ifndef BACKENDS_SUPPORT_UBC_CONF_H
#define BACKENDS_SUPPORT_UBC_CONF_H

#include "backends/support/ubc.h"

enum ubc_number {
    UBC_NUMBER_OK,
    UBC_NUMBER_TOO_LARGE, /* LONG_MAX was stored */
    UBC_NUMBER_BAD,       /* nothing was stored */
};

/* Reads the whole of `text`. */
enum ubc_number ubc_parse_number(const char *text, enum ubc_unit unit, uint64_t page_size,
                                 uint64_t *number);
enum ubc_number ubc_parse_pair(const char *text, enum ubc_unit unit, uint64_t page_size,
                               uint64_t pair[UBC_HALVES]);

struct ubc_conf_entry {
    unsigned times; /* how many lines name it, bad ones too */
    bool set;       /* limits holds what the container will start with */
    bool bad;       /* the last line that names it was bad */
    uint64_t limits[UBC_HALVES];
};

struct ubc_conf {
    struct ubc_conf_entry entries[UBC_COUNTERS];
    struct ubc_conf_entry avnumproc;
    char *name, *hostname; /* or NULL */
    char *memguarantee;    /* "auto", digits, or NULL */
    unsigned memguarantee_times;
};

/* Adds the lines of `text` to what is there: first the global file, then the container's, which
 * counts its own lines (`times` starts anew). Never fails: what makes no sense is skipped. */
void ubc_conf_read(struct ubc_conf *conf, const char *text, size_t size, uint64_t page_size);
void ubc_conf_clear(struct ubc_conf *conf);

#endif
