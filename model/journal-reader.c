/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/journal-reader.h"

#include "model/journal-file.h"
#include "model/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK (256u << 10)
#define OWN_MAX 1000

/* One folder: its rotated files are read once, the newest one is followed. */
struct source {
    char *folder;
    int file; /* the newest one, or -1 */
    struct stat at;
    off_t offset;  /* read up to here */
    GString *rest; /* the beginning of a line that is not all there yet */
    bool failed;   /* told */
};

/* Records that are in no file. */
struct own {
    struct journal journal;
    struct journal_reader *reader; /* NULL: freed */
    struct journal_author *author;
    GQueue lines; /* of char * */
};

struct journal_reader {
    struct own *own; /* or NULL */
    GPtrArray *sources;
    uint64_t limit;
    struct journal_book book;
    GPtrArray *problems;
    bool changed;
};

static void source_close(struct source *source)
{
    if (source->file >= 0)
        close(source->file);
    source->file = -1;
    source->offset = 0;
    source->failed = false;
    g_string_truncate(source->rest, 0);
}

static void source_free(gpointer data)
{
    struct source *source = data;

    source_close(source);
    g_string_free(source->rest, TRUE);
    g_free(source->folder);
    g_free(source);
}

struct journal_reader *journal_reader_new(const char *const *folders, uint64_t limit)
{
    struct journal_reader *reader = g_new0(struct journal_reader, 1);

    reader->limit = limit;
    reader->problems = g_ptr_array_new_with_free_func(g_free);
    journal_book_init(&reader->book);
    reader->sources = g_ptr_array_new_with_free_func(source_free);
    for (; *folders != NULL; folders++) {
        struct source *source = g_new0(struct source, 1);

        source->folder = g_strdup(*folders);
        source->file = -1;
        source->rest = g_string_new(NULL);
        g_ptr_array_add(reader->sources, source);
    }
    return reader;
}

void journal_reader_free(struct journal_reader *reader)
{
    if (reader == NULL)
        return;
    if (reader->own != NULL) {
        reader->own->reader = NULL;
        journal_unref(&reader->own->journal);
    }
    g_ptr_array_unref(reader->sources);
    journal_book_clear(&reader->book);
    g_ptr_array_unref(reader->problems);
    g_free(reader);
}

const struct journal_book *journal_reader_book(const struct journal_reader *reader)
{
    return &reader->book;
}

const GPtrArray *journal_reader_problems(const struct journal_reader *reader)
{
    return reader->problems;
}

static void problem(struct journal_reader *reader, const struct source *source, const char *file,
                    const char *what)
{
    g_autofree char *line = g_strdup_printf("%s/%s: %s", source->folder, file, what);

    g_ptr_array_add(reader->problems, text_clean(line));
    reader->changed = true;
}

/* --- lines --------------------------------------------------------------------------------- */

static bool take_line(struct journal_reader *reader, const char *line, size_t length)
{
    struct journal_entry *entry = journal_line_read(line, length);

    if (entry == NULL)
        return length == 0;
    journal_book_take(&reader->book, entry);
    reader->changed = true;
    return true;
}

static void take_lines(struct journal_reader *reader, struct source *source, const char *file)
{
    const char *start = source->rest->str, *end;

    while ((end = strchr(start, '\n')) != NULL) {
        if (!take_line(reader, start, (size_t)(end - start)))
            problem(reader, source, file, "a line that is no record was skipped");
        start = end + 1;
    }
    g_string_erase(source->rest, 0, start - source->rest->str);
    if (source->rest->len <= JOURNAL_LINE_MAX)
        return;
    problem(reader, source, file, "a line that is too long was skipped");
    g_string_truncate(source->rest, 0);
}

static void read_on(struct journal_reader *reader, struct source *source, const char *file, int fd,
                    off_t *offset)
{
    g_autofree char *chunk = g_malloc(CHUNK);
    ssize_t n;

    while ((n = pread(fd, chunk, CHUNK, *offset)) > 0) {
        *offset += n;
        for (ssize_t i = 0; i < n; i++)
            chunk[i] = chunk[i] == '\0' ? '\x01' : chunk[i]; /* the line shall not end early */
        g_string_append_len(source->rest, chunk, n);
        take_lines(reader, source, file);
    }
}

/* --- what is in no file -------------------------------------------------------------------- */

static bool own_append(struct journal *journal, const struct journal_record *records, size_t n,
                       enum journal_how how, GError **error)
{
    struct own *own = (struct own *)journal;

    for (size_t i = 0; own->reader != NULL && i < n; i++) {
        char *line = journal_line(&records[i], own->author, g_get_real_time());

        take_line(own->reader, line, strlen(line));
        g_queue_push_tail(&own->lines, line);
        if (own->lines.length > OWN_MAX)
            g_free(g_queue_pop_head(&own->lines));
    }
    return true;
}

static void own_free(struct journal *journal)
{
    struct own *own = (struct own *)journal;

    g_queue_clear_full(&own->lines, g_free);
    journal_author_free(own->author);
    g_free(own);
}

struct journal *journal_reader_journal(struct journal_reader *reader)
{
    if (reader->own == NULL) {
        reader->own = g_new0(struct own, 1);
        reader->own->journal = (struct journal){1, 0, own_append, own_free};
        reader->own->reader = reader;
        reader->own->author = journal_author_new();
    }
    return journal_ref(&reader->own->journal);
}

static void take_own(struct journal_reader *reader)
{
    for (GList *each = reader->own != NULL ? reader->own->lines.head : NULL; each != NULL;
         each = each->next)
        take_line(reader, each->data, strlen(each->data));
}

/* --- the end of a file --------------------------------------------------------------------- */

/* A last line without its end, of a file that nobody writes to: a whole record all the same, or
 * torn off. */
static void judge_rest(struct journal_reader *reader, struct source *source, const char *file)
{
    if (!take_line(reader, source->rest->str, source->rest->len))
        problem(reader, source, file, "its last line is torn off and was skipped");
    g_string_truncate(source->rest, 0);
}

/* Whoever writes holds a lock: without one, what is there now is all of it. */
static void read_end(struct journal_reader *reader, struct source *source)
{
    if (source->rest->len == 0 || flock(source->file, LOCK_SH | LOCK_NB) != 0)
        return;
    read_on(reader, source, JOURNAL_FILE, source->file, &source->offset);
    judge_rest(reader, source, JOURNAL_FILE);
    flock(source->file, LOCK_UN);
}

/* --- files --------------------------------------------------------------------------------- */

/* -1 with errno. */
static int open_file(const struct source *source, const char *file, struct stat *at)
{
    g_autofree char *path = g_build_filename(source->folder, file, NULL);
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);

    if (fd >= 0 && (fstat(fd, at) != 0 || !S_ISREG(at->st_mode))) {
        close(fd);
        errno = ELOOP;
        return -1;
    }
    return fd;
}

/* Where to begin so that no more than `left` is read, after a whole line; less is left then. */
static off_t start_of(int fd, off_t size, uint64_t *left)
{
    off_t start;
    char c = '\0';

    if ((uint64_t)size <= *left) {
        *left -= (uint64_t)size;
        return 0;
    }
    start = size - (off_t)*left;
    *left = 0;
    while (start < size && pread(fd, &c, 1, start) == 1 && c != '\n')
        start++;
    return start;
}

/* The oldest first; each is older than the one of the next smaller number. */
static void read_rotated(struct journal_reader *reader, struct source *source, unsigned number,
                         uint64_t left)
{
    g_autofree char *name = g_strdup_printf(JOURNAL_FILE ".%u", number);
    struct stat at;
    int fd = left > 0 ? open_file(source, name, &at) : -1;
    off_t offset;

    if (fd < 0)
        return;
    offset = start_of(fd, at.st_size, &left);
    read_rotated(reader, source, number + 1, left);
    read_on(reader, source, name, fd, &offset);
    judge_rest(reader, source, name);
    close(fd);
}

static void begin(struct journal_reader *reader, struct source *source)
{
    uint64_t left = reader->limit != 0 ? reader->limit : UINT64_MAX;

    source->file = open_file(source, JOURNAL_FILE, &source->at);
    if (source->file < 0 && errno != ENOENT && !source->failed) {
        problem(reader, source, JOURNAL_FILE,
                errno == ELOOP ? "it is no plain file" : g_strerror(errno));
        source->failed = true;
    }
    if (source->file < 0)
        return;
    source->offset = start_of(source->file, source->at.st_size, &left);
    read_rotated(reader, source, 1, left);
}

/* Another file has the name now, or it was cut. */
static bool replaced(const struct source *source)
{
    g_autofree char *path = g_build_filename(source->folder, JOURNAL_FILE, NULL);
    struct stat named;

    return source->file >= 0 && stat(path, &named) == 0 &&
           (named.st_ino != source->at.st_ino || named.st_dev != source->at.st_dev ||
            named.st_size < source->offset);
}

static void begin_anew(struct journal_reader *reader)
{
    journal_book_empty(&reader->book);
    g_ptr_array_set_size(reader->problems, 0);
    for (guint i = 0; i < reader->sources->len; i++)
        source_close(reader->sources->pdata[i]);
    take_own(reader);
    reader->changed = true;
}

bool journal_reader_update(struct journal_reader *reader)
{
    bool anew = false, changed;

    for (guint i = 0; i < reader->sources->len; i++)
        anew |= replaced(reader->sources->pdata[i]);
    if (anew)
        begin_anew(reader);
    for (guint i = 0; i < reader->sources->len; i++) {
        struct source *source = reader->sources->pdata[i];

        if (source->file < 0)
            begin(reader, source);
        if (source->file < 0)
            continue;
        read_on(reader, source, JOURNAL_FILE, source->file, &source->offset);
        read_end(reader, source);
    }
    changed = reader->changed; /* by what was appended since, too */
    reader->changed = false;
    return changed;
}
