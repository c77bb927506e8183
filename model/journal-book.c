/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/journal-book.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#define OFTEN_US (INT64_C(60) * G_USEC_PER_SEC)
#define HOUR_US (INT64_C(3600) * G_USEC_PER_SEC)

static void entry_free(gpointer entry)
{
    journal_entry_free(entry);
}

void journal_book_init(struct journal_book *book)
{
    book->entries = g_ptr_array_new_with_free_func(entry_free);
    book->calls = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

void journal_book_empty(struct journal_book *book)
{
    g_hash_table_remove_all(book->calls);
    g_ptr_array_set_size(book->entries, 0);
}

void journal_book_clear(struct journal_book *book)
{
    g_hash_table_unref(book->calls);
    g_ptr_array_unref(book->entries);
}

/* What an intent and its outcomes have in common. */
static char *call_key(const struct journal_entry *entry)
{
    return g_strdup_printf("%s\n%s\n%" G_GINT64_FORMAT "\n%" G_GUINT64_FORMAT "\n%s\n%s\n%s\n%s",
                           entry->batch, entry->machine, entry->pid, entry->call, entry->connection,
                           entry->uuid, entry->tunable, entry->scope);
}

static bool same_value(const struct journal_entry *a, const struct journal_entry *b)
{
    return g_strcmp0(a->tunable, b->tunable) == 0 && g_strcmp0(a->scope, b->scope) == 0 &&
           g_strcmp0(a->uuid, b->uuid) == 0 && g_strcmp0(a->connection, b->connection) == 0;
}

static void move_text(char **to, char **from)
{
    g_free(*to);
    *to = g_steal_pointer(from);
}

/* The outcome's record is used up. */
static void join(struct journal_entry *entry, struct journal_entry *outcome)
{
    entry->outcome_us = outcome->time_us;
    entry->back |= outcome->back;
    move_text(&entry->outcome, &outcome->outcome);
    move_text(&entry->text, &outcome->text);
    if (outcome->wanted != NULL) {
        g_clear_pointer(&entry->wanted, json_node_unref);
        entry->wanted = g_steal_pointer(&outcome->wanted);
    }
    g_clear_pointer(&entry->after, json_node_unref);
    entry->after = g_steal_pointer(&outcome->after);
    journal_entry_free(outcome);
}

/* Several watchers see the same change. */
static bool seen_already(const struct journal_book *book, const struct journal_entry *entry)
{
    for (guint i = book->entries->len; i-- > 0;) {
        const struct journal_entry *other = book->entries->pdata[i];

        if (other->time_us < entry->time_us - 5 * G_USEC_PER_SEC)
            return false;
        if (!same_value(other, entry) || other->after == NULL ||
            !json_node_equal(other->after, entry->after))
            continue;
        /* One of ours that another process saw, or the same sight by somebody else. */
        if (other->kind == JOURNAL_INTENT || other->pid != entry->pid)
            return true;
    }
    return false;
}

static void count_times(const struct journal_book *book, struct journal_entry *entry)
{
    entry->times = 1;
    for (guint i = book->entries->len; i-- > 0;) {
        const struct journal_entry *other = book->entries->pdata[i];

        if (other->time_us < entry->time_us - OFTEN_US)
            return;
        entry->times += other->kind == JOURNAL_SEEN && same_value(other, entry);
    }
}

/* By time; equal ones as they came. */
static void insert(struct journal_book *book, struct journal_entry *entry)
{
    guint place = book->entries->len;

    while (place > 0 &&
           ((struct journal_entry *)book->entries->pdata[place - 1])->time_us > entry->time_us)
        place--;
    g_ptr_array_insert(book->entries, (gint)place, entry);
}

void journal_book_take(struct journal_book *book, struct journal_entry *entry)
{
    g_autofree char *key = NULL;

    if (entry->kind == JOURNAL_INTENT || entry->kind == JOURNAL_OUTCOME)
        key = call_key(entry);
    if (entry->kind == JOURNAL_OUTCOME) {
        struct journal_entry *intent = g_hash_table_lookup(book->calls, key);

        if (intent != NULL) {
            join(intent, entry);
            return;
        }
        entry->kind = JOURNAL_INTENT; /* its intent was not recorded, or is in no file any more */
    }
    /* A file that was rotated while it was read tells a call twice. */
    if ((key != NULL && g_hash_table_contains(book->calls, key)) ||
        (entry->kind == JOURNAL_SEEN && seen_already(book, entry))) {
        journal_entry_free(entry);
        return;
    }
    if (entry->kind == JOURNAL_SEEN)
        count_times(book, entry);
    if (key != NULL)
        g_hash_table_insert(book->calls, g_steal_pointer(&key), entry);
    insert(book, entry);
}

bool journal_entry_running(const struct journal_entry *entry)
{
    bool recent = g_get_real_time() - entry->time_us < HOUR_US;

    if (g_strcmp0(entry->machine, g_get_host_name()) == 0 && kill((pid_t)entry->pid, 0) != 0 &&
        errno == ESRCH)
        return false;
    return recent; /* after that a process of the same number is another one */
}

bool journal_book_unfinished(const struct journal_book *book, size_t index)
{
    const struct journal_entry *entry = book->entries->pdata[index];

    if (entry->kind != JOURNAL_INTENT || entry->outcome != NULL || journal_entry_running(entry))
        return false;
    for (size_t i = index + 1; i < book->entries->len; i++) {
        const struct journal_entry *later = book->entries->pdata[i];

        if (same_value(entry, later) && later->after != NULL)
            return false;
    }
    return true;
}
