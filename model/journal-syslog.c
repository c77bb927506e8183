/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/journal-syslog.h"

#include "model/journal-line.h"
#include "model/text.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#define IDENTIFIER "virt-memtune"

enum field {
    MESSAGE,
    PRIORITY,
    SYSLOG_IDENTIFIER,
    BATCH,
    URI,
    DOMAIN_NAME,
    UUID,
    TUNABLE,
    OUTCOME,
    FIELDS_,
};

struct journal_copy {
    char *fields[FIELDS_];
    int priority;
};

static bool bad(const struct journal_record *record)
{
    return record->kind == JOURNAL_OUTCOME && record->outcome == OUTCOME_FAILED;
}

/* One line each: neither protocol has another end of it. */
static void clean(struct journal_copy *copy)
{
    for (unsigned i = 0; i < FIELDS_; i++) {
        g_autofree char *raw = copy->fields[i];

        copy->fields[i] = raw != NULL ? text_clean(raw) : NULL;
    }
}

struct journal_copy *journal_copy_new(const struct journal_record *record,
                                      const struct journal_author *author)
{
    struct journal_copy *copy;
    const struct identity *identity = record->domain ? record->domain->identity : NULL;

    if (record->kind != JOURNAL_OUTCOME && record->kind != JOURNAL_NOTE)
        return NULL;
    copy = g_new0(struct journal_copy, 1);
    copy->priority = bad(record) ? LOG_WARNING : LOG_NOTICE;
    copy->fields[MESSAGE] = journal_sentence(record, author);
    copy->fields[PRIORITY] = g_strdup_printf("%d", copy->priority);
    copy->fields[SYSLOG_IDENTIFIER] = g_strdup(IDENTIFIER);
    copy->fields[BATCH] = g_strdup(record->batch);
    copy->fields[URI] = g_strdup(record->snapshot ? record->snapshot->uri : NULL);
    copy->fields[DOMAIN_NAME] = g_strdup(identity ? identity->name : NULL);
    copy->fields[UUID] = g_strdup(identity ? identity->native_id : NULL);
    copy->fields[TUNABLE] = g_strdup(record->change ? record->change->tunable->name : NULL);
    if (record->kind == JOURNAL_OUTCOME)
        copy->fields[OUTCOME] = g_strdup(outcome_name(record->outcome));
    clean(copy);
    return copy;
}

void journal_copy_free(gpointer data)
{
    struct journal_copy *copy = data;

    for (unsigned i = 0; copy != NULL && i < FIELDS_; i++)
        g_free(copy->fields[i]);
    g_free(copy);
}

/* --- journald ------------------------------------------------------------------------------- */

/* As systemd's "Native Journal Protocol" has it. */
static GString *journald_bytes(const struct journal_copy *copy)
{
    /* clang-format off */
    static const char *const names[FIELDS_] = {
        [MESSAGE]           = "MESSAGE",
        [PRIORITY]          = "PRIORITY",
        [SYSLOG_IDENTIFIER] = "SYSLOG_IDENTIFIER",
        [BATCH]             = "VIRT_MEMTUNE_BATCH",
        [URI]               = "VIRT_MEMTUNE_URI",
        [DOMAIN_NAME]       = "VIRT_MEMTUNE_DOMAIN",
        [UUID]              = "VIRT_MEMTUNE_UUID",
        [TUNABLE]           = "VIRT_MEMTUNE_TUNABLE",
        [OUTCOME]           = "VIRT_MEMTUNE_OUTCOME",
    };
    /* clang-format on */
    GString *bytes = g_string_new(NULL);

    for (unsigned i = 0; i < FIELDS_; i++) {
        if (copy->fields[i] != NULL)
            g_string_append_printf(bytes, "%s=%s\n", names[i], copy->fields[i]);
    }
    return bytes;
}

/* --- syslog --------------------------------------------------------------------------------- */

/* RFC 3164, section 5.4, without the machine's name, as on every local socket. */
static GString *syslog_bytes(const struct journal_copy *copy)
{
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    GString *bytes = g_string_new(NULL);
    time_t now = time(NULL);
    struct tm at = {0};

    localtime_r(&now, &at);
    g_string_printf(bytes, "<%d>%s %2d %02d:%02d:%02d %s[%d]: %s", LOG_DAEMON | copy->priority,
                    months[at.tm_mon], at.tm_mday, at.tm_hour, at.tm_min, at.tm_sec, IDENTIFIER,
                    (int)getpid(), copy->fields[MESSAGE]);
    return bytes;
}

/* --- a socket that may be read by nobody ---------------------------------------------------- */

enum sent { SENT, NOBODY, FULL };

static enum sent send_connected(int fd, const char *bytes, size_t size)
{
    struct pollfd ready = {.fd = fd, .events = POLLOUT};

    if (poll(&ready, 1, JOURNAL_COPY_MS) == 0)
        return FULL;
    if (send(fd, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0)
        return SENT;
    return errno == EAGAIN ? FULL : NOBODY;
}

static enum sent send_by(int type, const char *path, const char *bytes, size_t size)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    enum sent sent = NOBODY;

    if (fd < 0)
        return NOBODY;
    g_strlcpy(address.sun_path, path, sizeof address.sun_path);
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) == 0)
        sent = send_connected(fd, bytes, size);
    else if (errno == EAGAIN)
        sent = FULL;
    close(fd);
    return sent;
}

bool journal_copy_send(const struct journal_copy *copy, const char *journald, const char *syslog)
{
    g_autoptr(GString) fields = NULL;
    g_autoptr(GString) line = NULL;
    enum sent sent;

    if (copy == NULL)
        return true;
    fields = journald_bytes(copy);
    line = syslog_bytes(copy);
    sent = send_by(SOCK_DGRAM, journald, fields->str, fields->len);
    if (sent == NOBODY)
        sent = send_by(SOCK_DGRAM, syslog, line->str, line->len);
    if (sent == NOBODY) /* an old syslog's stream, where the end is a zero */
        sent = send_by(SOCK_STREAM, syslog, line->str, line->len + 1);
    return sent != FULL;
}
