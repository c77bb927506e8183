/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/support/cgroup-files.h"

#include <string.h>

enum shape {
    SHAPE_NUMBER, /* one number */
    SHAPE_LIMIT,  /* one number; "max" and a page below LONG_MAX are unlimited */
    SHAPE_KEY,    /* "key number" lines */
    SHAPE_PSI,    /* "some avg10=0.00 avg60=… total=0" lines; the key is "some avg10" */
};

struct item_row {
    enum cgroup_item item;
    const char *file, *key;
    enum shape shape;
};

/* clang-format off */
const struct cgroup_file cgroup_files[2][CGROUP_FILES] = {
    [CGROUP_V1] = {
        {"memory.usage_in_bytes", true}, {"memory.limit_in_bytes", true},
        {"memory.memsw.limit_in_bytes", true}, {"memory.failcnt", true},
        {"memory.oom_control", true}, {"memory.stat", true},
        {"memory.soft_limit_in_bytes", false}, {"memory.memsw.usage_in_bytes", false},
        {"memory.max_usage_in_bytes", false}, {"memory.memsw.max_usage_in_bytes", false},
        {"memory.memsw.failcnt", false}, {"memory.swappiness", false},
    },
    [CGROUP_V2] = {
        {"memory.current", true}, {"memory.max", true}, {"memory.high", true},
        {"memory.swap.current", true}, {"memory.swap.max", true}, {"memory.events", true},
        {"memory.stat", true}, {"memory.pressure", true},
        {"memory.peak", false}, {"memory.low", false}, {"memory.min", false},
        {"memory.swap.high", false}, {"memory.zswap.max", false},
    },
};

static const struct item_row rows_v1[] = {
    {CGROUP_USAGE,         "memory.usage_in_bytes",           NULL,                  SHAPE_NUMBER},
    {CGROUP_LIMIT,         "memory.limit_in_bytes",           NULL,                  SHAPE_LIMIT},
    {CGROUP_SOFT,          "memory.soft_limit_in_bytes",      NULL,                  SHAPE_LIMIT},
    {CGROUP_MEMSW_LIMIT,   "memory.memsw.limit_in_bytes",     NULL,                  SHAPE_LIMIT},
    {CGROUP_OOM_KILLS,     "memory.oom_control",              "oom_kill",            SHAPE_KEY},
    {CGROUP_UNDER_OOM,     "memory.oom_control",              "under_oom",           SHAPE_KEY},
    {CGROUP_FAILCNT,       "memory.failcnt",                  NULL,                  SHAPE_NUMBER},
    {CGROUP_ANON,          "memory.stat",                     "total_rss",           SHAPE_KEY},
    {CGROUP_CACHE,         "memory.stat",                     "total_cache",         SHAPE_KEY},
    {CGROUP_SHMEM,         "memory.stat",                     "total_shmem",         SHAPE_KEY},
    {CGROUP_MAPPED,        "memory.stat",                     "total_mapped_file",   SHAPE_KEY},
    {CGROUP_DIRTY,         "memory.stat",                     "total_dirty",         SHAPE_KEY},
    {CGROUP_WRITEBACK,     "memory.stat",                     "total_writeback",     SHAPE_KEY},
    {CGROUP_INACTIVE_FILE, "memory.stat",                     "total_inactive_file", SHAPE_KEY},
    {CGROUP_ACTIVE_FILE,   "memory.stat",                     "total_active_file",   SHAPE_KEY},
    {CGROUP_SWAP,          "memory.stat",                     "total_swap",          SHAPE_KEY},
    {CGROUP_MEMSW_USAGE,   "memory.memsw.usage_in_bytes",     NULL,                  SHAPE_NUMBER},
    {CGROUP_MEMSW_FAILCNT, "memory.memsw.failcnt",            NULL,                  SHAPE_NUMBER},
    {CGROUP_PEAK,          "memory.max_usage_in_bytes",       NULL,                  SHAPE_NUMBER},
    {CGROUP_MEMSW_PEAK,    "memory.memsw.max_usage_in_bytes", NULL,                  SHAPE_NUMBER},
    {CGROUP_SWAPPINESS,    "memory.swappiness",               NULL,                  SHAPE_NUMBER},
    {CGROUP_ITEMS_, NULL, NULL, SHAPE_NUMBER},
};

static const struct item_row rows_v2[] = {
    {CGROUP_USAGE,         "memory.current",      NULL,             SHAPE_NUMBER},
    {CGROUP_LIMIT,         "memory.max",          NULL,             SHAPE_LIMIT},
    {CGROUP_SOFT,          "memory.high",         NULL,             SHAPE_LIMIT},
    {CGROUP_SWAP_MAX,      "memory.swap.max",     NULL,             SHAPE_LIMIT},
    {CGROUP_OOM_KILLS,     "memory.events",       "oom_kill",       SHAPE_KEY},
    {CGROUP_FAILCNT,       "memory.events",       "max",            SHAPE_KEY},
    {CGROUP_EVENTS_HIGH,   "memory.events",       "high",           SHAPE_KEY},
    {CGROUP_EVENTS_OOM,    "memory.events",       "oom",            SHAPE_KEY},
    {CGROUP_ANON,          "memory.stat",         "anon",           SHAPE_KEY},
    {CGROUP_CACHE,         "memory.stat",         "file",           SHAPE_KEY},
    {CGROUP_SHMEM,         "memory.stat",         "shmem",          SHAPE_KEY},
    {CGROUP_MAPPED,        "memory.stat",         "file_mapped",    SHAPE_KEY},
    {CGROUP_DIRTY,         "memory.stat",         "file_dirty",     SHAPE_KEY},
    {CGROUP_WRITEBACK,     "memory.stat",         "file_writeback", SHAPE_KEY},
    {CGROUP_INACTIVE_FILE, "memory.stat",         "inactive_file",  SHAPE_KEY},
    {CGROUP_ACTIVE_FILE,   "memory.stat",         "active_file",    SHAPE_KEY},
    {CGROUP_SWAP,          "memory.swap.current", NULL,             SHAPE_NUMBER},
    {CGROUP_PSI_SOME,      "memory.pressure",     "some avg10",     SHAPE_PSI},
    {CGROUP_PSI_FULL,      "memory.pressure",     "full avg10",     SHAPE_PSI},
    {CGROUP_PSI_TOTAL,     "memory.pressure",     "full total",     SHAPE_PSI},
    {CGROUP_PEAK,          "memory.peak",         NULL,             SHAPE_NUMBER},
    {CGROUP_LOW,           "memory.low",          NULL,             SHAPE_LIMIT},
    {CGROUP_MIN,           "memory.min",          NULL,             SHAPE_LIMIT},
    {CGROUP_SWAP_HIGH,     "memory.swap.high",    NULL,             SHAPE_LIMIT},
    {CGROUP_ZSWAP_MAX,     "memory.zswap.max",    NULL,             SHAPE_LIMIT},
    {CGROUP_ITEMS_, NULL, NULL, SHAPE_NUMBER},
};
/* clang-format on */

static const struct item_row *const rows[2] = {[CGROUP_V1] = rows_v1, [CGROUP_V2] = rows_v2};

static const char *const absent_reason[2] = {
    [CGROUP_V1] = "cgroup_v1: no counterpart on cgroup v1",
    [CGROUP_V2] = "cgroup_v2: no counterpart on cgroup v2",
};

#define REASON_TEXT "control_file: unexpected text in a control file"
#define REASON_KEY "kernel: this kernel does not report it"

/* v1 says unlimited as LONG_MAX rounded down to a page, whatever the page size. */
static bool is_unlimited(uint64_t number)
{
    return number >= (uint64_t)INT64_MAX - (1u << 20);
}

static struct value parse_number(const char *text, bool limit)
{
    char *end;

    if (limit && !strncmp(text, "max", 3) && (text[3] == '\n' || text[3] == '\0')) {
        return value_unlimited();
    }
    if (!g_ascii_isdigit(*text)) {
        return value_unknown(REASON_TEXT);
    }
    uint64_t number = g_ascii_strtoull(text, &end, 10);
    if (*end != '\n' && *end != '\0') {
        return value_unknown(REASON_TEXT);
    }
    return limit && is_unlimited(number) ? value_unlimited() : value_number(number);
}

/* The text after "key " at the start of a line, or NULL. */
static const char *find_key(const char *text, const char *key, size_t length)
{
    const char *line = text;

    while (line && (strncmp(line, key, length) != 0 || line[length] != ' ')) {
        line = strchr(line, '\n');
        line = line ? line + 1 : NULL;
    }
    return line ? line + length + 1 : NULL;
}

static struct value parse_key(const char *text, const char *key)
{
    const char *found = find_key(text, key, strlen(key));

    return found ? parse_number(found, false) : value_unsupported(REASON_KEY);
}

/* "full avg10=0.12 avg60=… total=123": averages become hundredths of a percent. */
static struct value parse_psi(const char *text, const char *key)
{
    const char *field = strchr(key, ' ') + 1;
    size_t length = strlen(field);
    const char *word = find_key(text, key, (size_t)(field - 1 - key));

    while (word && *word && *word != '\n' &&
           (strncmp(word, field, length) != 0 || word[length] != '=')) {
        word += strcspn(word, " \n");
        word += *word == ' ';
    }
    if (!word || !*word || *word == '\n') {
        return value_unsupported(REASON_KEY);
    }
    const char *number = word + length + 1;
    if (!g_ascii_isdigit(*number)) {
        return value_unknown(REASON_TEXT);
    }
    return value_number(g_str_has_prefix(field, "avg")
                            ? (uint64_t)(g_ascii_strtod(number, NULL) * 100 + 0.5)
                            : g_ascii_strtoull(number, NULL, 10));
}

static struct value parse_row(const struct item_row *row, const char *text)
{
    switch (row->shape) {
    case SHAPE_NUMBER:
        return parse_number(text, false);
    case SHAPE_LIMIT:
        return parse_number(text, true);
    case SHAPE_KEY:
        return parse_key(text, row->key);
    case SHAPE_PSI:
        return parse_psi(text, row->key);
    }
    g_assert_not_reached();
}

void cgroup_parse(enum cgroup_version version, unsigned file, const char *text,
                  struct cgroup_reading *reading)
{
    const char *name = cgroup_files[version][file].name;

    for (const struct item_row *row = rows[version]; row->file; row++) {
        if (!strcmp(row->file, name)) {
            reading->items[row->item] = parse_row(row, text);
        }
    }
}

void cgroup_parse_missing(enum cgroup_version version, unsigned file, struct value reason,
                          struct cgroup_reading *reading)
{
    const char *name = cgroup_files[version][file].name;

    for (const struct item_row *row = rows[version]; row->file; row++) {
        if (!strcmp(row->file, name)) {
            reading->items[row->item] = reason;
        }
    }
}

void cgroup_parse_absent(enum cgroup_version version, struct cgroup_reading *reading)
{
    for (unsigned i = 0; i < CGROUP_ITEMS_; i++) {
        if (!cgroup_file(version, i)) {
            reading->items[i] = value_unsupported(absent_reason[version]);
        }
    }
}

const char *cgroup_file(enum cgroup_version version, enum cgroup_item item)
{
    for (const struct item_row *row = rows[version]; row->file; row++) {
        if (row->item == item) {
            return row->file;
        }
    }
    return NULL;
}
