/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/support/ubc-conf.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* Names that older tools wrote. */
static const struct {
    const char *key;
    enum ubc_counter counter;
} old_keys[] = {
    {"DCACHE", UBC_DCACHESIZE},
    {"IPTENTRIES", UBC_NUMIPTENT},
    {"TCPSENDBUF", UBC_TCPSNDBUF},
};

/* The bytes of a suffix, or 0. */
static uint64_t suffix_bytes(char letter, uint64_t page_size)
{
    switch (g_ascii_toupper(letter)) {
    case 'B':
        return 1;
    case 'K':
        return G_GUINT64_CONSTANT(1) << 10;
    case 'M':
        return G_GUINT64_CONSTANT(1) << 20;
    case 'G':
        return G_GUINT64_CONSTANT(1) << 30;
    case 'T':
        return G_GUINT64_CONSTANT(1) << 40;
    case 'P':
        return page_size;
    }
    return 0;
}

/* digits or digits.fraction; *rest is what follows. */
static bool read_digits(const char *text, uint64_t *whole, double *fraction, const char **rest)
{
    const char *p = text;
    double weight = 0.1;

    errno = 0;
    *whole = g_ascii_isdigit(*p) ? g_ascii_strtoull(p, (char **)&p, 10) : 0;
    if (errno == ERANGE || *whole == UINT64_MAX)
        return false;
    *fraction = 0;
    if (*p == '.' && p > text)
        for (p++; g_ascii_isdigit(*p); p++, weight /= 10)
            *fraction += weight * (*p - '0');
    *rest = p;
    return true;
}

enum ubc_number ubc_parse_number(const char *text, enum ubc_unit unit, uint64_t page_size,
                                 uint64_t *number)
{
    uint64_t whole, result, bytes = 0, divisor = unit == UBC_PAGES ? page_size : 1;
    long double exact;
    const char *rest;
    double fraction;

    if (!strcmp(text, "unlimited")) {
        *number = UBC_MAX64;
        return UBC_NUMBER_OK;
    }
    if (!read_digits(text, &whole, &fraction, &rest))
        return UBC_NUMBER_BAD;
    if (*rest) {
        bytes = suffix_bytes(*rest, page_size);
        if (!bytes || rest[1] || unit == UBC_THINGS)
            return UBC_NUMBER_BAD;
    }
    exact = bytes ? ((long double)whole + (long double)fraction) * (long double)bytes /
                        (long double)divisor
                  : (long double)whole;
    if (exact >= (long double)UBC_MAX64) {
        *number = UBC_MAX64;
        return exact > (long double)UBC_MAX64 ? UBC_NUMBER_TOO_LARGE : UBC_NUMBER_OK;
    }
    /* A fraction such as 0.7 is a hair too small in binary: 0.7M must not lose a byte. */
    result = (uint64_t)floorl(exact + 1e-6L);
    *number = result;
    return UBC_NUMBER_OK;
}

enum ubc_number ubc_parse_pair(const char *text, enum ubc_unit unit, uint64_t page_size,
                               uint64_t pair[UBC_HALVES])
{
    const char *colon = strchr(text, ':');
    g_autofree char *first = colon ? g_strndup(text, (size_t)(colon - text)) : g_strdup(text);
    uint64_t barrier, limit;
    enum ubc_number a = ubc_parse_number(first, unit, page_size, &barrier), b = a;

    if (a == UBC_NUMBER_BAD)
        return a;
    limit = barrier;
    if (colon)
        b = ubc_parse_number(colon + 1, unit, page_size, &limit);
    if (b == UBC_NUMBER_BAD)
        return b;
    pair[UBC_BARRIER] = barrier;
    pair[UBC_LIMIT] = limit;
    return MAX(a, b);
}

/* Takes the backslashes out, in place. */
static void unescape(char *text)
{
    char *to = text;

    for (const char *from = text; *from; from++) {
        if (*from == '\\' && !*++from)
            break;
        *to++ = *from;
    }
    *to = '\0';
}

static bool only_comment(const char *text)
{
    while (g_ascii_isspace(*text))
        text++;
    return *text == '\0' || *text == '#';
}

/* The value of a line, in place: what the quotes hold, or the bare words before a comment. */
static char *read_value(char *text)
{
    char quote = *text, *end;

    if (quote != '"' && quote != '\'') {
        end = strstr(text, " #");
        if (end)
            *end = '\0';
        return g_strchomp(text);
    }
    text++;
    end = strchr(text, quote);
    if (end && !only_comment(end + 1))
        end = strrchr(text, quote);
    if (end)
        *end = '\0';
    else
        g_strchomp(text);
    return text;
}

static enum ubc_counter find_key(const char *key)
{
    for (size_t i = 0; i < UBC_COUNTERS; i++) {
        g_autofree char *upper = g_ascii_strup(ubc_counters[i].name, -1);

        if (!strcmp(upper, key))
            return i;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(old_keys); i++)
        if (!strcmp(old_keys[i].key, key))
            return old_keys[i].counter;
    return UBC_COUNTERS;
}

static void read_entry(struct ubc_conf_entry *entry, const char *value, enum ubc_unit unit,
                       uint64_t page_size)
{
    entry->times++;
    entry->bad = ubc_parse_pair(value, unit, page_size, entry->limits) == UBC_NUMBER_BAD;
    if (!entry->bad)
        entry->set = true;
}

static void replace(char **field, const char *value)
{
    g_free(*field);
    *field = *value ? g_strdup(value) : NULL;
}

static void read_line(struct ubc_conf *conf, char *line, uint64_t page_size)
{
    char *equals, *value;
    enum ubc_counter counter;

    unescape(line);
    line = g_strchug(line);
    equals = strchr(line, '=');
    if (*line == '#' || !equals)
        return;
    *equals = '\0';
    value = read_value(equals + 1);
    counter = find_key(line);
    if (counter < UBC_COUNTERS) {
        read_entry(&conf->entries[counter], value, ubc_counters[counter].unit, page_size);
    } else if (!strcmp(line, "AVNUMPROC")) {
        read_entry(&conf->avnumproc, value, UBC_THINGS, page_size);
    } else if (!strcmp(line, "NAME")) {
        replace(&conf->name, value);
    } else if (!strcmp(line, "HOSTNAME")) {
        replace(&conf->hostname, value);
    } else if (!strcmp(line, "MEMGUARANTEE")) {
        replace(&conf->memguarantee, value);
        conf->memguarantee_times++;
    }
}

void ubc_conf_read(struct ubc_conf *conf, const char *text, size_t size, uint64_t page_size)
{
    g_autofree char *copy = g_strndup(text, size);
    g_auto(GStrv) lines = g_strsplit(copy, "\n", -1);

    for (size_t i = 0; i < UBC_COUNTERS; i++)
        conf->entries[i].times = 0;
    conf->avnumproc.times = 0;
    conf->memguarantee_times = 0;
    for (size_t i = 0; lines[i]; i++)
        read_line(conf, lines[i], page_size);
}

void ubc_conf_clear(struct ubc_conf *conf)
{
    if (!conf)
        return;
    g_free(conf->name);
    g_free(conf->hostname);
    g_free(conf->memguarantee);
    memset(conf, 0, sizeof *conf);
}
