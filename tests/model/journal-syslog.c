/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The copy for the system's log: to journald, else to syslog, and held up by neither. */
#include "model/journal-syslog.h"

#include "tests/model/sample-backend.h"

#include <criterion/criterion.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define BATCH "20261122T201500-1a2b"
#define WAIT_MS 10000

struct place {
    char *folder, *journald, *syslog;
};

static struct place place_new(void)
{
    struct place place = {.folder = g_dir_make_tmp("log-XXXXXX", NULL)};

    cr_assert_not_null(place.folder);
    place.journald = g_build_filename(place.folder, "journald", NULL);
    place.syslog = g_build_filename(place.folder, "log", NULL);
    return place;
}

static void place_clear(struct place *place)
{
    g_unlink(place->journald);
    g_unlink(place->syslog);
    g_rmdir(place->folder);
    g_free(place->folder);
    g_free(place->journald);
    g_free(place->syslog);
}

static int bound(const char *path, int type)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

    g_strlcpy(address.sun_path, path, sizeof address.sun_path);
    cr_assert_eq(bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

static struct journal_copy *copy_of(const char *user, enum outcome outcome)
{
    struct sample sample = sample_new("db");
    struct snapshot *snapshot;
    struct journal_author author = {
        .user = (char *)"root", .sudo_user = (char *)user, .machine = (char *)"kvm07", .pid = 1};
    struct change change;
    struct journal_record record = {.kind = JOURNAL_OUTCOME, .batch = BATCH, .outcome = outcome};
    struct journal_copy *copy;

    sample_set(&sample, "hard_limit", value_number(GIB(16)), value_number(GIB(16)));
    snapshot = sample_snapshot(&sample_backend, &sample, 1, NULL);
    change = sample_change(snapshot, "db", "hard_limit", SCOPE_LIVE, value_number(GIB(8)));
    record.snapshot = snapshot;
    record.domain = sample_domain(snapshot, "db");
    record.change = &change;
    record.after = value_number(GIB(8));
    copy = journal_copy_new(&record, &author);
    snapshot_unref(snapshot);
    return copy;
}

static bool sends_of(const struct place *place, const char *user, enum outcome outcome)
{
    struct journal_copy *copy = copy_of(user, outcome);
    bool sent = journal_copy_send(copy, place->journald, place->syslog);

    journal_copy_free(copy);
    return sent;
}

static bool sends(const struct place *place, enum outcome outcome)
{
    return sends_of(place, "anna", outcome);
}

/* Newly allocated, with a zero behind it. */
static char *arrived(int fd, size_t *size)
{
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    char bytes[8192];
    ssize_t n;

    cr_assert_eq(poll(&ready, 1, WAIT_MS), 1, "nothing arrives");
    n = recv(fd, bytes, sizeof bytes - 1, 0);
    cr_assert_geq(n, 0);
    bytes[n] = '\0';
    if (size != NULL)
        *size = (size_t)n;
    return g_memdup2(bytes, (size_t)n + 1);
}

static bool silent(int fd)
{
    struct pollfd ready = {.fd = fd, .events = POLLIN};

    return poll(&ready, 1, 0) == 0;
}

/* <PRI>Mmm dd hh:mm:ss TAG[PID]: SENTENCE, and the moment is now. */
static void is_rfc3164(const char *text, int priority, const char *sentence)
{
    g_autofree char *pattern = g_strdup_printf("^<%d>(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|"
                                               "Dec) [ 123][0-9] [0-9]{2}:[0-9]{2}:[0-9]{2} "
                                               "virt-memtune\\[%d\\]: ",
                                               priority, (int)getpid());
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    g_autoptr(GDateTime) before = g_date_time_add_seconds(now, -WAIT_MS / 1000);
    g_autofree char *clock = g_strndup(strchr(text, '>') + 8, 8);
    g_autofree char *here = g_date_time_format(now, "%H:%M:%S");
    g_autofree char *there = g_date_time_format(before, "%H:%M:%S");
    const char *end = strstr(text, "]: ");

    cr_assert(g_regex_match_simple(pattern, text, 0, 0), "%s", text);
    cr_expect(strcmp(there, here) > 0 || (strcmp(clock, there) >= 0 && strcmp(clock, here) <= 0),
              "%s is not now: %s", clock, here);
    cr_expect_str_eq(end + 3, sentence);
}

#define SENTENCE(user, came)                                                                       \
    "root (sudo: " user "): db on sample:///: hard_limit live 16 GiB -> 8 GiB: " came " [" BATCH "]"

Test(journal_syslog, without_journald_a_line_of_rfc_3164_arrives_at_syslog)
{
    struct place place = place_new();
    int syslog = bound(place.syslog, SOCK_DGRAM);
    g_autofree char *done = NULL, *failed = NULL;

    cr_expect(sends(&place, OUTCOME_CHANGED));
    done = arrived(syslog, NULL);
    is_rfc3164(done, 3 * 8 + 5, SENTENCE("anna", "changed"));
    cr_expect(sends(&place, OUTCOME_FAILED));
    failed = arrived(syslog, NULL);
    is_rfc3164(failed, 3 * 8 + 4, SENTENCE("anna", "failed"));
    close(syslog);
    place_clear(&place);
}

Test(journal_syslog, a_syslog_with_a_stream_gets_it_with_a_zero_behind)
{
    struct place place = place_new();
    int syslog = bound(place.syslog, SOCK_STREAM), one;
    g_autofree char *text = NULL;
    size_t size;

    cr_assert_eq(listen(syslog, 1), 0);
    cr_expect(sends(&place, OUTCOME_CHANGED));
    one = accept(syslog, NULL, NULL);
    text = arrived(one, &size);
    is_rfc3164(text, 3 * 8 + 5, SENTENCE("anna", "changed"));
    cr_expect_eq(size, strlen(text) + 1);
    close(one);
    close(syslog);
    place_clear(&place);
}

Test(journal_syslog, journald_gets_fields_and_syslog_nothing)
{
    struct place place = place_new();
    int journald = bound(place.journald, SOCK_DGRAM), syslog = bound(place.syslog, SOCK_DGRAM);
    g_autofree char *text = NULL;

    cr_expect(sends(&place, OUTCOME_CHANGED));
    text = arrived(journald, NULL);
    cr_expect_not_null(strstr(text, "MESSAGE=" SENTENCE("anna", "changed") "\n"), "%s", text);
    cr_expect_not_null(strstr(text, "\nPRIORITY=5\nSYSLOG_IDENTIFIER=virt-memtune\n"), "%s", text);
    cr_expect_not_null(strstr(text, "\nVIRT_MEMTUNE_DOMAIN=db\n"), "%s", text);
    cr_expect(silent(syslog));
    close(journald);
    close(syslog);
    place_clear(&place);
}

/* Whoever may set SUDO_USER must not write lines of their own. */
Test(journal_syslog, a_line_break_begins_no_entry_and_no_field)
{
    struct place place = place_new();
    int syslog = bound(place.syslog, SOCK_DGRAM), journald;
    g_autofree char *line = NULL, *fields = NULL;

    cr_expect(sends_of(&place, "anna\nPRIORITY=0\033[2J", OUTCOME_CHANGED));
    line = arrived(syslog, NULL);
    is_rfc3164(line, 3 * 8 + 5, SENTENCE("anna\\nPRIORITY=0\\x1b[2J", "changed"));
    journald = bound(place.journald, SOCK_DGRAM);
    cr_expect(sends_of(&place, "anna\nPRIORITY=0\033[2J", OUTCOME_CHANGED));
    fields = arrived(journald, NULL);
    cr_expect_null(strstr(fields, "\nPRIORITY=0"), "%s", fields);
    cr_expect_not_null(strstr(fields, "anna\\nPRIORITY=0\\x1b[2J"), "%s", fields);
    close(journald);
    close(syslog);
    place_clear(&place);
}

static void fill(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    g_strlcpy(address.sun_path, path, sizeof address.sun_path);
    cr_assert_eq(connect(fd, (const struct sockaddr *)&address, sizeof address), 0);
    while (send(fd, "x", 1, MSG_DONTWAIT) == 1)
        continue;
    close(fd);
}

Test(journal_syslog, a_log_that_is_hung_holds_nothing, .timeout = 60)
{
    struct place place = place_new();
    int syslog = bound(place.syslog, SOCK_DGRAM), journald;
    gint64 begin = g_get_monotonic_time();

    fill(place.syslog);
    cr_expect_not(sends(&place, OUTCOME_CHANGED));
    journald = bound(place.journald, SOCK_DGRAM);
    fill(place.journald);
    cr_expect_not(sends(&place, OUTCOME_CHANGED));
    cr_expect_lt(g_get_monotonic_time() - begin, 10 * G_USEC_PER_SEC);
    close(journald);
    close(syslog);
    place_clear(&place);
}

Test(journal_syslog, where_there_is_no_log_nothing_happens)
{
    struct place place = place_new();

    cr_expect(sends(&place, OUTCOME_CHANGED));
    close(bound(place.journald, SOCK_DGRAM)); /* left by one that has died */
    cr_expect(sends(&place, OUTCOME_CHANGED));
    place_clear(&place);
}
