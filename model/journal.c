/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/journal.h"

const char *journal_kind_name(enum journal_kind kind)
{
    /* clang-format off */
    static const char *const names[] = {
        [JOURNAL_INTENT]  = "intent",
        [JOURNAL_OUTCOME] = "outcome",
        [JOURNAL_NOTE]    = "note",
        [JOURNAL_SEEN]    = "seen",
    };
    /* clang-format on */

    return names[kind];
}

struct journal *journal_ref(struct journal *journal)
{
    if (journal != NULL)
        g_atomic_int_inc(&journal->refs);
    return journal;
}

void journal_unref(struct journal *journal)
{
    if (journal != NULL && g_atomic_int_dec_and_test(&journal->refs))
        journal->free(journal);
}

bool journal_append(struct journal *journal, const struct journal_record *records, size_t n,
                    enum journal_how how, GError **error)
{
    return journal == NULL || n == 0 || journal->append(journal, records, n, how, error);
}

uint64_t journal_next_call(struct journal *journal)
{
    return journal == NULL ? 0 : __atomic_add_fetch(&journal->calls, 1, __ATOMIC_RELAXED);
}

bool journal_note(struct journal *journal, const char *batch, const struct snapshot *snapshot,
                  const struct domain *domain, const char *code, GError **error, const char *format,
                  ...)
{
    va_list arguments;
    g_autofree char *text = NULL;

    va_start(arguments, format);
    text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    return journal_append(journal,
                          &(struct journal_record){.kind = JOURNAL_NOTE,
                                                   .batch = batch,
                                                   .snapshot = snapshot,
                                                   .domain = domain,
                                                   .code = code,
                                                   .text = text},
                          1, JOURNAL_DURABLE, error);
}
