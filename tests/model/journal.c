/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Journals on a disk that is full, torn, shared and rotated. */
#include "model/batch.h"
#include "model/journal-file.h"
#include "model/journal-reader.h"

#include "tests/model/sample-backend.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define BATCH "20261122T201500-1a2b"

static char *folder_new(void)
{
    char *folder = g_dir_make_tmp("journal-XXXXXX", NULL);

    cr_assert_not_null(folder);
    return folder;
}

static void folder_free(char *folder)
{
    GDir *dir = g_dir_open(folder, 0, NULL);

    for (const char *name; dir && (name = g_dir_read_name(dir)) != NULL;) {
        g_autofree char *path = g_build_filename(folder, name, NULL);

        g_unlink(path);
    }
    g_clear_pointer(&dir, g_dir_close);
    g_rmdir(folder);
    g_free(folder);
}

static char *path_in(const char *folder)
{
    return g_build_filename(folder, JOURNAL_FILE, NULL);
}

static struct journal_author *author(const char *user)
{
    struct journal_author *author = g_new0(struct journal_author, 1);

    author->user = g_strdup(user);
    author->machine = g_strdup(g_get_host_name());
    author->pid = getpid();
    return author;
}

static struct journal *journal_with(const char *folder, uint64_t size_max, unsigned lock_ms)
{
    return journal_file_new(
        &(struct journal_file_options){.folder = folder, .size_max = size_max, .lock_ms = lock_ms},
        author("anna"));
}

static struct journal *journal_in(const char *folder, uint64_t size_max)
{
    return journal_with(folder, size_max, 60000);
}

static const struct snapshot *picture(void)
{
    struct sample sample = sample_new("db");

    sample_set(&sample, "hard_limit", value_number(GIB(16)), value_number(GIB(16)));
    return sample_snapshot(&sample_backend, &sample, 1, NULL);
}

static bool tell_how(struct journal *journal, const struct snapshot *snapshot,
                     enum journal_kind kind, uint64_t call, struct value to, enum journal_how how,
                     GError **error)
{
    struct change change = sample_change(snapshot, "db", "hard_limit", SCOPE_LIVE, to);
    struct journal_record record = {.kind = kind,
                                    .batch = BATCH,
                                    .call = call,
                                    .snapshot = snapshot,
                                    .domain = sample_domain(snapshot, "db"),
                                    .change = &change,
                                    .after = to,
                                    .outcome = OUTCOME_CHANGED,
                                    .text = kind == JOURNAL_NOTE ? "so it is" : NULL};

    return journal_append(journal, &record, 1, how, error);
}

static bool tell(struct journal *journal, const struct snapshot *snapshot, enum journal_kind kind,
                 uint64_t call, struct value to, GError **error)
{
    return tell_how(journal, snapshot, kind, call, to, JOURNAL_DURABLE, error);
}

static struct journal_reader *read_folder(const char *folder)
{
    const char *const folders[] = {folder, NULL};
    struct journal_reader *reader = journal_reader_new(folders, 0);

    journal_reader_update(reader);
    return reader;
}

static guint count(const struct journal_reader *reader)
{
    return journal_reader_book(reader)->entries->len;
}

static const struct journal_entry *entry(const struct journal_reader *reader, guint index)
{
    return journal_reader_book(reader)->entries->pdata[index];
}

Test(journal, an_id_is_of_its_time_and_another_each_time)
{
    char a[BATCH_ID_SIZE], b[BATCH_ID_SIZE];

    batch_id_new(a);
    cr_assert(batch_id_valid(a), "%s", a);
    do
        batch_id_new(b);
    while (strncmp(a, b, 15) == 0 && strcmp(a, b) == 0);
    cr_assert(batch_id_valid(BATCH));
    cr_assert_not(batch_id_valid(NULL));
    cr_assert_not(batch_id_valid("20261122T201500-1A2B"));
    cr_assert_not(batch_id_valid("20261122T201500-1a2"));
    cr_assert_not(batch_id_valid("../../etc/passwd-1a2"));
}

Test(journal, an_intent_and_its_outcome_are_one_entry)
{
    char *folder = folder_new();
    struct journal *journal = journal_in(folder, 0);
    const struct snapshot *snapshot = picture();
    struct journal_reader *reader;
    const struct journal_entry *one;

    cr_assert(tell(journal, snapshot, JOURNAL_INTENT, 1, value_number(GIB(18)), NULL));
    reader = read_folder(folder);
    cr_assert_eq(count(reader), 1);
    cr_assert_null(entry(reader, 0)->outcome);
    cr_assert(tell(journal, snapshot, JOURNAL_OUTCOME, 1, value_number(GIB(18)), NULL));
    cr_assert(journal_reader_update(reader));
    cr_assert_eq(count(reader), 1);
    one = entry(reader, 0);
    cr_assert_str_eq(one->batch, BATCH);
    cr_assert_str_eq(one->user, "anna");
    cr_assert_str_eq(one->domain, "db");
    cr_assert_str_eq(one->tunable, "hard_limit");
    cr_assert_str_eq(one->scope, "live");
    cr_assert_str_eq(one->outcome, "changed");
    cr_assert_str_eq(one->hypervisor, "sample");
    cr_assert_eq(json_node_get_int(one->before), (gint64)GIB(16));
    cr_assert_eq(json_node_get_int(one->wanted), (gint64)GIB(18));
    cr_assert_eq(json_node_get_int(one->after), (gint64)GIB(18));
    cr_assert_eq(one->pid, getpid());
    cr_assert_not(journal_reader_update(reader), "there is nothing new");
    journal_reader_free(reader);
    journal_unref(journal);
    snapshot_unref(snapshot);
    folder_free(folder);
}

/* Five records, the last of them a note. */
static char *written_file(const char *folder, const struct snapshot *snapshot, gsize *size)
{
    struct journal *journal = journal_in(folder, 0);
    g_autofree char *path = path_in(folder);
    char *text = NULL;

    for (uint64_t call = 1; call <= 2; call++) {
        cr_assert(tell(journal, snapshot, JOURNAL_INTENT, call, value_number(GIB(17)), NULL));
        cr_assert(tell(journal, snapshot, JOURNAL_OUTCOME, call, value_number(GIB(17)), NULL));
    }
    cr_assert(tell(journal, snapshot, JOURNAL_NOTE, 0, value_unset(), NULL));
    cr_assert(g_file_get_contents(path, &text, size, NULL));
    journal_unref(journal);
    return text;
}

static unsigned whole_lines(const char *text, gsize size)
{
    unsigned n = 0;

    for (gsize i = 0; i < size; i++)
        n += text[i] == '\n';
    return n;
}

/* Without waiting for the disk, which g_file_set_contents() does. */
static void put(const char *path, const char *text, gsize size)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    cr_assert_eq(write(fd, text, size), (ssize_t)size);
    close(fd);
}

/* How many entries so many whole lines are: intent, outcome, intent, outcome, note. */
static const unsigned entries_of[] = {0, 1, 1, 2, 2, 3};

Test(journal, torn_at_every_byte_it_is_read_and_goes_on, .timeout = 120)
{
    char *folder = folder_new();
    const struct snapshot *snapshot = picture();
    g_autofree char *path = path_in(folder);
    gsize size = 0;
    g_autofree char *text = written_file(folder, snapshot, &size);

    for (gsize cut = 0; cut <= size; cut++) {
        struct journal *journal = journal_in(folder, 0);
        bool end = cut < size && text[cut] == '\n'; /* all of a line but its break */
        unsigned lines = whole_lines(text, cut) + end;
        bool torn = cut > 0 && text[cut - 1] != '\n' && !end;
        struct journal_reader *reader;

        put(path, text, cut);
        reader = read_folder(folder);
        cr_assert_eq(count(reader), entries_of[lines], "cut at %zu: %u", cut, count(reader));
        cr_assert_eq(journal_reader_problems(reader)->len, torn, "cut at %zu", cut);
        cr_assert(tell_how(journal, snapshot, JOURNAL_INTENT, 9, value_number(GIB(18)),
                           JOURNAL_LAZY, NULL));
        journal_reader_update(reader);
        cr_assert_eq(count(reader), entries_of[lines] + 1, "cut at %zu: followed", cut);
        journal_reader_free(reader);
        reader = read_folder(folder);
        cr_assert_eq(count(reader), entries_of[lines] + 1, "cut at %zu: read anew", cut);
        cr_assert_eq(journal_reader_problems(reader)->len, torn, "cut at %zu: told once", cut);
        journal_reader_free(reader);
        journal_unref(journal);
    }
    snapshot_unref(snapshot);
    folder_free(folder);
}

Test(journal, lines_of_others_are_told_and_skipped)
{
    static const char *const lines[] = {
        "hello",
        "{}",
        "[]",
        "{\"schema\":2,\"record\":\"note\"}",
        "{\"schema\":1,\"record\":\"note\",\"time\":\"yesterday\",\"text\":\"x\"}",
        "{\"schema\":1,\"record\":\"intent\",\"time\":\"2026-11-22T20:15:00Z\"}",
        "\xff\xfe",
        "{\"schema\":1,\"record\":\"seen\",\"time\":\"2026-11-22T20:15:00Z\",\"before\":[1]}"};
    char *folder = folder_new();
    g_autofree char *path = path_in(folder);
    const struct snapshot *snapshot = picture();
    struct journal_reader *reader;

    for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
        struct journal *journal = journal_in(folder, 0);
        g_autofree char *text = g_strconcat(lines[i], "\n", NULL);

        cr_assert(g_file_set_contents(path, text, -1, NULL));
        cr_assert(tell(journal, snapshot, JOURNAL_NOTE, 0, value_unset(), NULL));
        reader = read_folder(folder);
        cr_expect_eq(count(reader), 1, "%s", lines[i]);
        cr_expect_eq(journal_reader_problems(reader)->len, 1, "%s", lines[i]);
        journal_reader_free(reader);
        journal_unref(journal);
    }
    snapshot_unref(snapshot);
    folder_free(folder);
}

Test(journal, a_file_without_room_refuses_and_says_so)
{
    char *folder = folder_new();
    struct journal *journal = journal_in(folder, 0);
    const struct snapshot *snapshot = picture();
    unsigned n = 0;
    const struct rlimit small = {4096, RLIM_INFINITY}, any = {RLIM_INFINITY, RLIM_INFINITY};
    g_autoptr(GError) error = NULL;
    struct journal_reader *reader;

    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &small);
    while (n < 20 && tell(journal, snapshot, JOURNAL_INTENT, n + 1, value_number(GIB(18)), &error))
        n++;
    setrlimit(RLIMIT_FSIZE, &any);
    cr_assert(n > 5 && n < 20, "%u records in 4 KiB", n);
    cr_assert_not_null(strstr(error->message, JOURNAL_FILE ": File too large"), "%s",
                       error->message);
    reader = read_folder(folder);
    cr_assert_eq(count(reader), n, "what was not recorded is not there");
    journal_reader_free(reader);
    journal_unref(journal);
    snapshot_unref(snapshot);
    folder_free(folder);
}

static void refused(const char *folder, const char *why)
{
    struct journal *journal = journal_with(folder, 0, 500);
    const struct snapshot *snapshot = picture();
    g_autoptr(GError) error = NULL;

    cr_expect_not(tell(journal, snapshot, JOURNAL_INTENT, 1, value_number(GIB(18)), &error), "%s",
                  why);
    cr_expect(error && strstr(error->message, why), "%s: %s", why, error ? error->message : "-");
    journal_unref(journal);
    snapshot_unref(snapshot);
}

Test(journal, what_is_no_plain_file_is_refused)
{
    char *folder = folder_new();
    g_autofree char *path = path_in(folder), *victim = g_build_filename(folder, "victim", NULL);

    cr_assert(g_file_set_contents(victim, "", 0, NULL));
    cr_assert_eq(symlink(victim, path), 0);
    refused(folder, "no plain file");
    g_unlink(path);
    cr_assert_eq(link(victim, path), 0);
    refused(folder, "no plain file");
    g_unlink(path);
    cr_assert_eq(mkfifo(path, 0600), 0);
    refused(folder, "no plain file");
    g_unlink(path);
    cr_assert_eq(mkdir(path, 0700), 0);
    refused(folder, "Is a directory");
    g_rmdir(path);
    refused("/proc/self", "/proc/self/" JOURNAL_FILE);
    folder_free(folder);
}

Test(journal, a_lock_that_is_kept_is_an_error_after_a_while)
{
    char *folder = folder_new();
    g_autofree char *path = path_in(folder);
    int fd = open(path, O_RDWR | O_CREAT, 0600);

    cr_assert_eq(flock(fd, LOCK_EX), 0);
    refused(folder, "another process keeps it locked");
    close(fd);
    folder_free(folder);
}

Test(journal, the_file_is_as_open_as_its_folder)
{
    static const struct {
        mode_t folder, file;
    } cases[] = {{02770, 0660}, {02750, 0640}, {0700, 0600}, {0755, 0644}};
    const struct snapshot *snapshot = picture();

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        char *folder = folder_new();
        g_autofree char *path = path_in(folder);
        struct journal *journal = journal_in(folder, 0);
        struct stat at;

        cr_assert_eq(chmod(folder, cases[i].folder), 0);
        cr_assert(tell(journal, snapshot, JOURNAL_NOTE, 0, value_unset(), NULL));
        cr_assert_eq(stat(path, &at), 0);
        cr_expect_eq(at.st_mode & 0777, cases[i].file, "folder %o: %o", cases[i].folder,
                     at.st_mode & 0777);
        journal_unref(journal);
        folder_free(folder);
    }
    snapshot_unref(snapshot);
}

#define WRITERS 8
#define RECORDS 25

static void write_many(const char *folder, uint64_t size_max)
{
    struct journal *journal = journal_in(folder, size_max);
    const struct snapshot *snapshot = picture();

    for (uint64_t call = 1; call <= RECORDS; call++) {
        if (!tell(journal, snapshot, JOURNAL_INTENT, call, value_number(GIB(18)), NULL) ||
            !tell(journal, snapshot, JOURNAL_OUTCOME, call, value_number(GIB(18)), NULL))
            _exit(1);
    }
    _exit(0);
}

/* Returns what a reader that follows all the time has at the end. */
static struct journal_reader *follow_writers(const char *folder, uint64_t size_max)
{
    struct journal_reader *reader = read_folder(folder);
    unsigned left = WRITERS;
    int status;

    for (unsigned i = 0; i < WRITERS; i++) {
        pid_t child = fork();

        cr_assert_geq(child, 0);
        if (child == 0)
            write_many(folder, size_max);
    }
    while (left > 0) {
        pid_t child = waitpid(-1, &status, WNOHANG);

        if (child > 0) {
            cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
            left--;
        }
        journal_reader_update(reader);
    }
    journal_reader_update(reader);
    return reader;
}

static void all_there(const struct journal_reader *reader, const char *how)
{
    const GPtrArray *problems = journal_reader_problems(reader);

    cr_assert_eq(count(reader), WRITERS * RECORDS, "%s: %u", how, count(reader));
    for (guint i = 0; i < count(reader); i++)
        cr_assert_str_eq(entry(reader, i)->outcome, "changed");
    cr_assert_eq(problems->len, 0, "%s: %s", how, problems->len ? (char *)problems->pdata[0] : "");
}

Test(journal, several_writers_lose_nothing_and_tear_nothing, .timeout = 120)
{
    char *folder = folder_new();
    struct journal_reader *reader = follow_writers(folder, 0);

    all_there(reader, "one file");
    journal_reader_free(reader);
    folder_free(folder);
}

Test(journal, several_writers_rotate_and_lose_nothing, .timeout = 120)
{
    char *folder = folder_new();
    /* WRITERS * RECORDS * 2 lines of about 400 bytes: four files */
    struct journal_reader *reader = follow_writers(folder, 50000);
    g_autofree char *first = g_build_filename(folder, JOURNAL_FILE ".1", NULL);

    cr_assert(g_file_test(first, G_FILE_TEST_EXISTS), "it was rotated");
    all_there(reader, "followed");
    journal_reader_free(reader);
    reader = read_folder(folder);
    all_there(reader, "read anew");
    journal_reader_free(reader);
    folder_free(folder);
}

/* Somebody may still wait for its lock. */
Test(journal, what_was_torn_off_before_a_rotation_takes_nothing_with_it)
{
    char *folder = folder_new();
    g_autofree char *path = path_in(folder), *old = g_strconcat(path, ".1", NULL);
    struct journal *journal = journal_in(folder, 0);
    const struct snapshot *snapshot = picture();
    struct journal_reader *reader;
    int fd;

    cr_assert(tell(journal, snapshot, JOURNAL_NOTE, 0, value_unset(), NULL));
    cr_assert_eq(g_rename(path, old), 0);
    fd = open(old, O_WRONLY | O_APPEND);
    cr_assert_eq(write(fd, "{\"schema\":1,", 12), 12);
    cr_assert_eq(flock(fd, LOCK_EX), 0);
    cr_assert(tell(journal, snapshot, JOURNAL_NOTE, 0, value_unset(), NULL));
    reader = read_folder(folder);
    cr_expect_eq(count(reader), 2);
    cr_expect_eq(journal_reader_problems(reader)->len, 1);
    journal_reader_free(reader);
    close(fd);
    journal_unref(journal);
    snapshot_unref(snapshot);
    folder_free(folder);
}

Test(journal, the_oldest_of_the_rotated_files_goes)
{
    char *folder = folder_new();
    struct journal *journal = journal_file_new(
        &(struct journal_file_options){.folder = folder, .size_max = 600, .keep = 2},
        author("anna"));
    const struct snapshot *snapshot = picture();
    g_autofree char *second = g_build_filename(folder, JOURNAL_FILE ".2", NULL);
    g_autofree char *third = g_build_filename(folder, JOURNAL_FILE ".3", NULL);

    for (uint64_t call = 1; call <= 10; call++)
        cr_assert(tell(journal, snapshot, JOURNAL_INTENT, call, value_number(GIB(18)), NULL));
    cr_assert(g_file_test(second, G_FILE_TEST_EXISTS));
    cr_assert_not(g_file_test(third, G_FILE_TEST_EXISTS));
    journal_unref(journal);
    snapshot_unref(snapshot);
    folder_free(folder);
}

Test(journal, a_reader_with_a_limit_reads_the_end)
{
    char *folder = folder_new();
    struct journal *journal = journal_in(folder, 0);
    const struct snapshot *snapshot = picture();
    const char *const folders[] = {folder, NULL};
    struct journal_reader *reader = journal_reader_new(folders, 2000);

    for (uint64_t call = 1; call <= 50; call++)
        cr_assert(tell(journal, snapshot, JOURNAL_INTENT, call, value_number(GIB(18)), NULL));
    cr_assert(journal_reader_update(reader));
    cr_assert(count(reader) > 1 && count(reader) < 10, "%u", count(reader));
    cr_assert_eq(entry(reader, count(reader) - 1)->call, 50);
    cr_assert_eq(journal_reader_problems(reader)->len, 0, "a line that was cut is no problem");
    journal_reader_free(reader);
    journal_unref(journal);
    snapshot_unref(snapshot);
    folder_free(folder);
}

Test(journal, another_hand_that_comes_again_is_counted_once_for_all_who_see_it)
{
    char *folder = folder_new();
    const struct snapshot *snapshot = picture();
    struct journal *journal = journal_in(folder, 0);
    struct journal_author *other = author("bert");
    struct journal *second;
    struct journal_reader *reader;

    other->pid = 1;
    second = journal_file_new(&(struct journal_file_options){.folder = folder}, other);
    for (unsigned i = 1; i <= 3; i++) {
        cr_assert(tell(journal, snapshot, JOURNAL_SEEN, 0, value_number(GIB(i)), NULL));
        cr_assert(tell(second, snapshot, JOURNAL_SEEN, 0, value_number(GIB(i)), NULL));
    }
    cr_assert(tell(journal, snapshot, JOURNAL_OUTCOME, 1, value_number(GIB(9)), NULL));
    cr_assert(tell(second, snapshot, JOURNAL_SEEN, 0, value_number(GIB(9)), NULL));
    reader = read_folder(folder);
    cr_assert_eq(count(reader), 4, "%u: what was written by a colleague is nobody else's",
                 count(reader));
    cr_assert_eq(entry(reader, 2)->times, 3);
    journal_reader_free(reader);
    journal_unref(journal);
    journal_unref(second);
    snapshot_unref(snapshot);
    folder_free(folder);
}

Test(journal, an_intent_of_a_process_that_ended_is_unfinished)
{
    char *folder = folder_new();
    const struct snapshot *snapshot = picture();
    struct journal *journal;
    struct journal_reader *reader;
    pid_t child = fork();

    if (child == 0) {
        journal = journal_in(folder, 0);
        _exit(!tell(journal, snapshot, JOURNAL_INTENT, 1, value_number(GIB(18)), NULL));
    }
    cr_assert_eq(waitpid(child, NULL, 0), child);
    journal = journal_in(folder, 0);
    cr_assert(tell(journal, snapshot, JOURNAL_INTENT, 1, value_number(GIB(19)), NULL));
    reader = read_folder(folder);
    cr_assert(journal_book_unfinished(journal_reader_book(reader), 0), "its process is dead");
    cr_assert_not(journal_book_unfinished(journal_reader_book(reader), 1), "it is at work");
    cr_assert(tell(journal, snapshot, JOURNAL_OUTCOME, 1, value_number(GIB(19)), NULL));
    journal_reader_update(reader);
    cr_assert_not(journal_book_unfinished(journal_reader_book(reader), 0),
                  "a newer value is known");
    journal_reader_free(reader);
    journal_unref(journal);
    snapshot_unref(snapshot);
    folder_free(folder);
}
