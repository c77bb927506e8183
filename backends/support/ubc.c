/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/support/ubc.h"

#include "model/backend.h"
#include "model/text.h"

#include <errno.h>
#include <string.h>

/* clang-format off */
const struct ubc_counter_info ubc_counters[UBC_COUNTERS] = {
    [UBC_KMEMSIZE]     = {"kmemsize",     UBC_BYTES},
    [UBC_LOCKEDPAGES]  = {"lockedpages",  UBC_PAGES},
    [UBC_PRIVVMPAGES]  = {"privvmpages",  UBC_PAGES},
    [UBC_SHMPAGES]     = {"shmpages",     UBC_PAGES},
    [UBC_NUMPROC]      = {"numproc",      UBC_THINGS},
    [UBC_PHYSPAGES]    = {"physpages",    UBC_PAGES},
    [UBC_VMGUARPAGES]  = {"vmguarpages",  UBC_PAGES},
    [UBC_OOMGUARPAGES] = {"oomguarpages", UBC_PAGES},
    [UBC_NUMTCPSOCK]   = {"numtcpsock",   UBC_THINGS},
    [UBC_NUMFLOCK]     = {"numflock",     UBC_THINGS},
    [UBC_NUMPTY]       = {"numpty",       UBC_THINGS},
    [UBC_NUMSIGINFO]   = {"numsiginfo",   UBC_THINGS},
    [UBC_TCPSNDBUF]    = {"tcpsndbuf",    UBC_BYTES},
    [UBC_TCPRCVBUF]    = {"tcprcvbuf",    UBC_BYTES},
    [UBC_OTHERSOCKBUF] = {"othersockbuf", UBC_BYTES},
    [UBC_DGRAMRCVBUF]  = {"dgramrcvbuf",  UBC_BYTES},
    [UBC_NUMOTHERSOCK] = {"numothersock", UBC_THINGS},
    [UBC_DCACHESIZE]   = {"dcachesize",   UBC_BYTES},
    [UBC_NUMFILE]      = {"numfile",      UBC_THINGS},
    [UBC_NUMIPTENT]    = {"numiptent",    UBC_THINGS},
    [UBC_SWAPPAGES]    = {"swappages",    UBC_PAGES},
};
/* clang-format on */

enum ubc_counter ubc_counter_find(const char *name)
{
    enum ubc_counter counter = 0;

    while (counter < UBC_COUNTERS && strcmp(ubc_counters[counter].name, name))
        counter++;
    return counter;
}

static void ubc_free(gpointer data)
{
    struct ubc *ubc = data;

    if (!ubc)
        return;
    g_free(ubc->id);
    g_free(ubc);
}

struct reader {
    struct ubc_dump dump;
    GHashTable *by_id; /* borrowed id -> borrowed struct ubc */
    struct ubc *current;
    unsigned line;
    bool heading; /* the version or the heading was there */
};

static void begin_block(struct reader *reader, const char *id)
{
    reader->current = g_hash_table_lookup(reader->by_id, id);
    if (reader->current)
        return;
    reader->current = g_new0(struct ubc, 1);
    reader->current->id = g_strdup(id);
    g_ptr_array_add(reader->dump.blocks, reader->current);
    g_hash_table_insert(reader->by_id, reader->current->id, reader->current);
}

static bool bad_line(const struct reader *reader, const char *what, const char *text,
                     GError **error)
{
    g_autofree char *clean = text_clean(text);

    g_set_error(error, BACKEND_ERROR, BACKEND_ERROR_FAILED, "beancounters, line %u: %s: %.60s",
                reader->line, what, clean);
    return false;
}

/* The kernel prints unsigned longs; anything larger than 64 bits is no limit either. */
static bool parse_number(const char *word, uint64_t *number)
{
    char *end;

    if (!g_ascii_isdigit(*word))
        return false;
    errno = 0;
    *number = g_ascii_strtoull(word, &end, 10);
    return *end == '\0';
}

/* held maxheld barrier limit failcnt; later kernels may add columns at the end. */
static struct ubc_row parse_row(char **words)
{
    struct ubc_row row = {.present = true};
    uint64_t *const numbers[] = {&row.held, &row.maxheld, &row.limits[UBC_BARRIER],
                                 &row.limits[UBC_LIMIT], &row.failcnt};

    for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++)
        if (!words[i] || !parse_number(words[i], numbers[i]))
            return (struct ubc_row){.bad = true};
    return row;
}

static void take_row(struct ubc_row *row, const struct ubc_row *from)
{
    if (!row->present && (from->present || from->bad))
        *row = *from;
}

static bool read_row(struct reader *reader, char **words, const char *line, GError **error)
{
    enum ubc_counter counter = ubc_counter_find(words[0]);
    struct ubc_row row;

    if (counter == UBC_COUNTERS)
        return true;
    if (!reader->current)
        return bad_line(reader, "a counter of no container", line, error);
    row = parse_row(words + 1);
    take_row(&reader->current->rows[counter], &row);
    return true;
}

/* The words between blanks; empty ones left out. */
static char **split_words(const char *line)
{
    GPtrArray *words = g_ptr_array_new();
    g_auto(GStrv) pieces = g_strsplit_set(line, " \t\r\v\f", -1);

    for (size_t i = 0; pieces[i]; i++)
        if (*pieces[i])
            g_ptr_array_add(words, g_strdup(pieces[i]));
    g_ptr_array_add(words, NULL);
    return (char **)g_ptr_array_free(words, FALSE);
}

/* A 32-bit kernel right-aligns its numbers, and their headings, in 10 columns; a 64-bit one in 20.
 */
static void read_heading(struct reader *reader, const char *line)
{
    const char *held = strstr(line, " held"), *maxheld = strstr(line, " maxheld");

    if (held && maxheld && maxheld > held)
        reader->dump.narrow = maxheld + strlen(" maxheld") - (held + strlen(" held")) <= 12;
}

static bool read_line(struct reader *reader, const char *line, GError **error)
{
    g_autoptr(GString) id = g_string_new(NULL);
    const char *colon = strchr(line, ':');
    g_auto(GStrv) words = NULL;

    if (g_str_has_prefix(line, "Version:")) {
        reader->heading = true;
        return true;
    }
    /* An id may stick to the resource, and a group below a container prints as "ID:SUB:". */
    while (colon) {
        g_autofree char *part = g_strstrip(g_strndup(line, (size_t)(colon - line)));

        g_string_append_printf(id, "%s%s", id->len ? ":" : "", part);
        line = colon + 1;
        colon = strchr(line, ':');
    }
    if (id->len)
        begin_block(reader, id->str);
    words = split_words(line);
    if (!words[0])
        return true;
    if (!strcmp(words[0], "uid") && words[1] && !strcmp(words[1], "resource")) {
        read_heading(reader, line);
        reader->heading = true;
        return true;
    }
    return read_row(reader, words, line, error);
}

bool ubc_parse(const char *text, size_t size, const char *id, struct ubc_dump *dump, GError **error)
{
    g_autofree char *copy = g_strndup(text, size);
    g_auto(GStrv) lines = g_strsplit(copy, "\n", -1);
    struct reader reader = {.by_id = g_hash_table_new(g_str_hash, g_str_equal)};
    bool ok = true;

    reader.dump.blocks = g_ptr_array_new_with_free_func(ubc_free);
    if (id)
        begin_block(&reader, id);
    for (size_t i = 0; ok && lines[i]; i++) {
        reader.line = (unsigned)i + 1;
        ok = read_line(&reader, lines[i], error);
    }
    if (ok && !reader.heading && reader.dump.blocks->len == 0 && *g_strstrip(copy)) {
        reader.line = 1;
        ok = bad_line(&reader, "not the beancounters of anything", copy, error);
    }
    g_hash_table_unref(reader.by_id);
    if (ok)
        *dump = reader.dump;
    else
        ubc_dump_clear(&reader.dump);
    return ok;
}

void ubc_dump_clear(struct ubc_dump *dump)
{
    if (!dump)
        return;
    g_clear_pointer(&dump->blocks, g_ptr_array_unref);
    dump->narrow = false;
}

const struct ubc *ubc_dump_find(const struct ubc_dump *dump, const char *id)
{
    for (unsigned i = 0; dump->blocks && i < dump->blocks->len; i++) {
        const struct ubc *ubc = dump->blocks->pdata[i];

        if (!strcmp(ubc->id, id))
            return ubc;
    }
    return NULL;
}

void ubc_merge(struct ubc *ubc, const struct ubc *more)
{
    for (size_t i = 0; more && i < UBC_COUNTERS; i++)
        take_row(&ubc->rows[i], &more->rows[i]);
}

struct value ubc_value(enum ubc_counter counter, enum ubc_half half, uint64_t number,
                       uint64_t page_size, bool narrow)
{
    bool pages = ubc_counters[counter].unit == UBC_PAGES;
    bool bytes = ubc_counters[counter].unit == UBC_BYTES;
    uint64_t scale = pages ? page_size : 1;

    if (number == UBC_MAX32 && (narrow || half == UBC_LIMIT || !bytes))
        return value_unlimited();
    /* Memory control groups round "no limit" down to a whole page. */
    if (number >= (UBC_MAX64 - (pages || bytes ? page_size - 1 : 0)) / scale)
        return value_unlimited();
    return value_number(number * scale);
}

struct value ubc_amount(enum ubc_counter counter, uint64_t number, uint64_t page_size)
{
    uint64_t scale = ubc_counters[counter].unit == UBC_PAGES ? page_size : 1;

    if (number >= UBC_MAX64)
        return value_unknown("below_zero: the kernel counted below zero");
    return value_number(number > UBC_MAX64 / scale ? (uint64_t)UBC_MAX64 : number * scale);
}
