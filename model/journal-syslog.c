/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/journal-syslog.h"

#include "model/journal-line.h"

#include <syslog.h>

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
    return copy;
}

void journal_copy_free(gpointer data)
{
    struct journal_copy *copy = data;

    for (unsigned i = 0; copy != NULL && i < FIELDS_; i++)
        g_free(copy->fields[i]);
    g_free(copy);
}

void journal_copy_send(const struct journal_copy *copy)
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
    GLogField fields[FIELDS_];
    gsize n = 0;

    if (copy == NULL)
        return;
    for (unsigned i = 0; i < FIELDS_; i++) {
        if (copy->fields[i] != NULL)
            fields[n++] = (GLogField){names[i], copy->fields[i], -1};
    }
    if (g_log_writer_journald(G_LOG_LEVEL_MESSAGE, fields, n, NULL) == G_LOG_WRITER_HANDLED)
        return;
    openlog(IDENTIFIER, LOG_PID, LOG_DAEMON);
    syslog(copy->priority, "%s", copy->fields[MESSAGE]);
}
